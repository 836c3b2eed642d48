"""Volume and open interest of a name by strike and expiry."""

import numpy as np

from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import new_york, utc_instant
from engine.kernel.clock import Clock
from engine.messages.flow import InterestMap
from engine.services.market.flow.previous import PreviousInterest
from engine.services.market.flow.terms import days_to
from engine.services.market.flow.totals import Totals
from engine.services.market.flow.venue import volumes_of
from engine.state.whole import State


class InterestMaps:
    """Makes the matrices: strikes rise, the first expiry to settle comes first."""

    def __init__(self, *, state: State, clock: Clock, totals: Totals, previous: PreviousInterest) -> None:
        self._state = state
        self._clock = clock
        self._totals = totals
        self._previous = previous

    def map_of(self, symbol: Symbol) -> InterestMap:
        """As it stands; what is not listed or not told is NaN."""
        state = self._state
        now = self._clock.now()
        ladders = [ladder for ladder in state.instruments.chain(symbol) if ladder.strikes.size and ladder.series.settles_at > now]
        strikes = np.unique(np.concatenate([ladder.strikes for ladder in ladders])) if ladders else np.empty(0)
        rows: Longs = np.full((2, strikes.size, len(ladders)), -1, dtype=np.int64)
        for column, ladder in enumerate(ladders):
            rows[:, np.searchsorted(strikes, ladder.strikes), column] = ladder.rows
        number = state.instruments.number(symbol)
        volume, interest = self._volume(rows, number), _gathered(state.market.open_interest, rows)
        change = interest - np.where(rows >= 0, self._previous.of(np.maximum(rows, 0)), np.nan) if rows.size else interest
        today = utc_instant(new_york(now).date())
        expiry = np.array([utc_instant(ladder.series.expiry) for ladder in ladders], dtype=np.int64)
        return InterestMap(
            symbol=symbol,
            source=state.health.traits.source,
            state=state.health.state,
            as_of=UtcNanos(int(state.market.symbol_quoted_at[number])),
            spot=float(state.market.spot[number]),
            strikes=floats(strikes),
            series=tuple(ladder.series for ladder in ladders),
            days=longs(days_to(expiry, today)),
            call_volume=floats(volume[0]),
            put_volume=floats(volume[1]),
            call_open_interest=floats(interest[0]),
            put_open_interest=floats(interest[1]),
            call_change=floats(change[0]),
            put_change=floats(change[1]),
            compared_with=state.flow.previous_at.get(symbol, UtcNanos(0)),
            totals=self._totals.of(number),
        )

    def _volume(self, rows: Longs, number: int) -> Floats:
        """Of the newest day of which any of the name's is known."""
        volume, of = volumes_of(self._state, np.maximum(rows, 0).ravel())
        newest = self._totals.volume_day(number)
        return np.where((rows >= 0) & (of.reshape(rows.shape) == newest), volume.reshape(rows.shape), np.nan)


def _gathered(column: Floats, rows: Longs) -> Floats:
    if not column.size:
        return np.full(rows.shape, np.nan)
    return np.where(rows >= 0, column[np.maximum(rows, 0)], np.nan)
