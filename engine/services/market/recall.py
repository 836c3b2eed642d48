"""What the store remembers of a name whose feed tells no history: ranks and realised volatility stand on it."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable

import numpy as np

from engine.domain.errors import OptixError
from engine.domain.ids import Symbol
from engine.kernel.clock import Clock
from engine.quant.volatility.standing import SESSIONS
from engine.services.market.aggregation import by_date
from engine.services.market.gaps import Gaps
from engine.services.market.history import KeptHistory, StoredBarHistory
from engine.services.market.ranks import REALIZED_SESSIONS
from engine.state.history import history_of
from engine.state.whole import State

PAUSE_SECONDS = 1.0
"""A feed that tells history itself has told it by then."""
_log = logging.getLogger(__name__)


class Recall:
    """Loads the past of names as they are listed."""

    def __init__(self, *, state: State, store: KeptHistory, clock: Clock, gaps: Gaps | None = None) -> None:
        self._state = state
        self._store = store
        self._bars = StoredBarHistory(store)
        self._clock = clock
        self._gaps = gaps
        self._waiting: deque[Symbol] = deque()
        self._known: set[Symbol] = set()
        self._recalled: set[Symbol] = set()
        self._filled: set[Symbol] = set()

    def listed(self, symbols: Iterable[Symbol]) -> None:
        """Names to be remembered, each once."""
        new = [symbol for symbol in symbols if symbol not in self._known]
        self._known.update(new)
        self._waiting.extend(new)

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            while self._waiting:
                await self._once(self._waiting.popleft())

    async def ahead(self, symbols: Iterable[Symbol]) -> None:
        """Recalls these names now: somebody asks about them, and the feed is asked for sessions on which nobody recorded."""
        for symbol in symbols:
            await self._once(symbol)
            if symbol not in self._filled:
                await self._fill(symbol)
                self._filled.add(symbol)

    async def _once(self, symbol: Symbol) -> None:
        if symbol not in self._recalled:
            await self.recall(symbol)

    async def _fill(self, symbol: Symbol) -> None:
        security = self._state.instruments.security(symbol)
        if self._gaps is None or security is None:
            return
        days = self._state.bars.days(symbol)
        found = await self._gaps.filled(security, by_date(days.columns(), security.session), SESSIONS)
        days.merge(found.columns.take(np.flatnonzero(np.isin(found.columns.start, found.days))))
        told = self._state.history.volatility(symbol)
        filled = await self._gaps.levels(security, told, SESSIONS)
        if filled.day.size > told.day.size:
            self._state.history.merge(history_of(symbol, filled, self._clock.now()))

    async def recall(self, symbol: Symbol) -> None:
        """Fills in what the feed did not tell; a store that cannot be read just now leaves it unknown."""
        self._recalled.add(symbol)
        if self._state.history.volatility(symbol).day.shape[0] < SESSIONS:
            await self._volatility(symbol)
        if self._state.bars.days(symbol).size <= REALIZED_SESSIONS:
            days = await self._bars.bars_before(symbol, 86_400, None, SESSIONS)
            told = self._state.bars.days(symbol).columns()
            self._state.bars.days(symbol).merge(days.merged(told))

    async def _volatility(self, symbol: Symbol) -> None:
        try:
            found = await self._store.volatility_history(symbol, SESSIONS)
        except OptixError as error:
            _log.info("no history of %s: %s", symbol, error)
            return
        told = self._state.history.volatility(symbol)
        self._state.history.merge(found)
        self._state.history.merge(history_of(symbol, told, self._clock.now()))  # where both know a day, the feed's own word counts
