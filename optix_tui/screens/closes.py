"""Yesterday's volatility of a name, to say how far today's has moved from it."""

from math import isfinite, nan

from engine.domain.ids import UtcNanos
from engine.domain.instants import from_nanos, new_york
from engine.messages.queries import VolatilityTable


def volatility_before(table: VolatilityTable, at: UtcNanos) -> float:
    """The at-the-money volatility of the last stored session before the one of ``at``; NaN where there is none."""
    today = new_york(at).date()
    for day, level in zip(reversed(table.day.tolist()), reversed(table.atm_iv.tolist()), strict=True):
        if from_nanos(day).date() < today and isfinite(level):
            return float(level)
    return nan
