"""What a feed tells of the past only when it is asked, and the store's own word on it: older bars and older 30-day volatility."""

import logging
from collections.abc import Callable
from typing import Protocol

from engine.contracts.feed import PastFeed
from engine.domain.errors import OptixError
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.marks import MeasureSeries
from engine.state.bars import BarColumns, columns_of
from engine.state.history import VolatilityColumns

_log = logging.getLogger(__name__)


class StoredBars(Protocol):
    """Bars that a store holds."""

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarColumns: ...


class FeedPast:
    """Asks the feed that runs; one that has no past, or cannot tell it just now, tells nothing.

    Without a bound nothing is asked: what the feed tells unasked comes first, and this is what was before it.
    """

    def __init__(self, feed: Callable[[], object]) -> None:
        self._feed = feed

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarColumns:
        """The newest ``limit`` bars that start before an instant, oldest first."""
        found = await self.told_before(symbol, seconds, before, limit) if before is not None else None
        return BarColumns.empty() if found is None else found

    @property
    def is_there(self) -> bool:
        """The feed that runs can be asked for what was before."""
        return isinstance(self._feed(), PastFeed)

    async def told_before(self, symbol: Symbol, seconds: int, before: UtcNanos, limit: int) -> BarColumns | None:
        """The same; None where the feed cannot tell just now, which is another thing than having nothing."""
        feed = self._feed()
        if limit < 1 or not isinstance(feed, PastFeed):
            return None
        try:
            return columns_of(await feed.bars_before(symbol, seconds, before, limit))
        except OptixError as error:
            _log.info("no older bars of %s: %s", symbol, error)
            return None

    async def volatility_before(self, symbol: Symbol, told: VolatilityColumns, sessions: int) -> VolatilityColumns:
        """What was told, with older sessions before it up to so many in all."""
        missing = sessions - told.day.shape[0]
        if missing < 1 or not told.day.size:
            return told
        found = await self.volatility_told_before(symbol, UtcNanos(int(told.day[0])), missing)
        return told if found is None else found.merged(told)

    async def volatility_told_before(self, symbol: Symbol, before: UtcNanos, sessions: int) -> VolatilityColumns | None:
        """So many sessions that start before an instant; None where the feed cannot tell just now."""
        feed = self._feed()
        if not isinstance(feed, PastFeed):
            return None
        try:
            found = await feed.volatility_before(symbol, before, sessions)
        except OptixError as error:
            _log.info("no older volatility of %s: %s", symbol, error)
            return None
        if found is None:
            return VolatilityColumns.empty()
        return VolatilityColumns(found.day, found.atm_iv, found.risk_reversal_25, found.butterfly_25)

    async def measures(self, symbol: Symbol, measures: tuple[str, ...], before: UtcNanos, limit: int) -> tuple[MeasureSeries, ...]:
        """Daily series of other measures; those that the feed cannot tell are left out."""
        feed = self._feed()
        if not measures or limit < 1 or not isinstance(feed, PastFeed):
            return ()
        try:
            return await feed.measures_before(symbol, measures, before, limit)
        except OptixError as error:
            _log.info("no older measures of %s: %s", symbol, error)
            return ()


class OlderBars:
    """Bars before those in memory: the feed's, and where the store has a bar too, the one that was recorded."""

    def __init__(self, store: StoredBars | None, feed: FeedPast) -> None:
        self._store = store
        self._feed = feed

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarColumns:
        """The newest ``limit`` bars that start before an instant, oldest first."""
        recorded = await self._store.bars_before(symbol, seconds, before, limit) if self._store is not None else BarColumns.empty()
        if recorded.start.shape[0] >= limit:
            return recorded
        told = await self._feed.bars_before(symbol, seconds, before, limit)
        return told.merged(recorded).take(slice(-limit, None))
