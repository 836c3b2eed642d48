"""Yesterday's volatility of a name, to say how far today's has moved from it."""

from collections.abc import Iterable, Mapping
from datetime import date
from math import isfinite, nan

from msgspec import Struct

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import from_nanos, new_york
from engine.messages.queries import VolatilityTable


class Closes(Struct, frozen=True, kw_only=True):
    """Volatility at the last stored close by name, as of one day: on the next day all of it is asked for anew."""

    day: date | None = None
    known: Mapping[Symbol, float] = {}

    def missing(self, symbols: Iterable[Symbol], at: UtcNanos) -> tuple[Symbol, ...]:
        """The names whose close is not known (yet) on the day of ``at``."""
        known = self.known if self.day == new_york(at).date() else {}
        return tuple(symbol for symbol in symbols if symbol not in known)

    def with_table(self, table: VolatilityTable, at: UtcNanos) -> "Closes":
        """The same with one name more, where its table says anything."""
        day = new_york(at).date()
        known = self.known if self.day == day else {}
        before = volatility_before(table, at)
        return Closes(day=day, known={**known, table.symbol: before} if isfinite(before) else known)


def volatility_before(table: VolatilityTable, at: UtcNanos) -> float:
    """The at-the-money volatility of the last stored session before the one of ``at``; NaN where there is none."""
    today = new_york(at).date()
    for day, level in zip(reversed(table.day.tolist()), reversed(table.atm_iv.tolist()), strict=True):
        if from_nanos(day).date() < today and isfinite(level):
            return float(level)
    return nan
