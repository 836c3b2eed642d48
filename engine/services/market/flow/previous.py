"""The open interest of the session before, from the history: what a change is measured against."""

from collections.abc import Iterable

import numpy as np

from engine.domain.errors import OptixError
from engine.domain.ids import Symbol, UtcNanos
from engine.kernel.clock import Clock
from engine.services.market.flow.history import FlowHistory
from engine.state.growing import grown
from engine.state.whole import State

PATIENCE_SECONDS = 3.0
"""A question about all names waits so long for the history; names it does not come to stay unknown until the next question."""
AGAIN_SECONDS = 60.0
"""A history that could not be read is tried again after so long."""


class PreviousInterest:
    """Reads a name's stored chain of before today, once a day."""

    def __init__(self, *, state: State, clock: Clock, history: FlowHistory | None) -> None:
        self._state = state
        self._clock = clock
        self._history = history
        self._read: dict[Symbol, int] = {}
        """The date for which it was read."""
        self._failed: dict[Symbol, float] = {}

    async def ensure(self, symbols: Iterable[Symbol]) -> None:
        """Reads what is not read yet; a history that cannot be read just now leaves it unknown."""
        end = self._clock.monotonic() + PATIENCE_SECONDS
        for symbol in symbols:
            if self._clock.monotonic() > end:
                return
            await self._one(symbol)

    def of(self, rows: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        """By row; NaN where nothing is stored."""
        flow = self._state.flow
        flow.previous = grown(flow.previous, self._state.instruments.size, np.nan)
        return flow.previous[rows]

    async def _one(self, symbol: Symbol) -> None:
        flow, instruments = self._state.flow, self._state.instruments
        number = instruments.number(symbol)
        date = int(flow.day.date[number]) if number >= 0 else 0
        now = self._clock.monotonic()
        if self._history is None or not date or self._read.get(symbol) == date or now - self._failed.get(symbol, -1e9) < AGAIN_SECONDS:
            return
        try:
            found = await self._history.chain_at(symbol, UtcNanos(date))
        except OptixError:
            self._failed[symbol] = now
            return
        self._read[symbol] = date
        flow.previous = grown(flow.previous, instruments.size, np.nan)
        mine = (instruments.symbol_of[: instruments.size] == number) & (instruments.series_of[: instruments.size] >= 0)
        flow.previous[: instruments.size][mine] = np.nan
        flow.previous_at[symbol] = UtcNanos(0)
        if found is None:
            return
        rows = np.array([instruments.row(name) for name in found.contract], dtype=np.int64)
        listed = rows >= 0
        flow.previous[rows[listed]] = found.open_interest[listed]
        flow.previous_at[symbol] = found.at
