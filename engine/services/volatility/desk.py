"""Sessions of names, read by the questions everybody asks and kept until a session is new."""

import asyncio
from typing import NamedTuple

from engine.domain.errors import OptixError
from engine.domain.ids import Symbol
from engine.domain.volatility import VolatilitySurface
from engine.kernel.clock import Clock
from engine.kernel.dispatch import Dispatch
from engine.kernel.offload import Offload
from engine.messages.queries import GetBars, GetSecurity, GetVolatilityHistory, VolatilityTable
from engine.messages.surface import GetSurface
from engine.services.volatility.intraday import BAR_SECONDS, MOST_BARS, IntradayVariances, intraday_variances
from engine.services.volatility.sessions import DailySessions, Stamp, sessions_of

KEPT_SECONDS = 60.0
"""Bars of the past are read again after so long: more of them may have been imported or told."""
MOST_KEPT = 64
DAY_SECONDS = 86_400


class _Kept(NamedTuple):
    read_at: float
    sessions: int
    days: DailySessions


class _KeptIntraday(NamedTuple):
    read_at: float
    stamp: Stamp
    found: IntradayVariances


class SessionDesk:
    """Reads and keeps the past of names; one reading of a name at a time."""

    def __init__(self, *, dispatch: Dispatch, clock: Clock, offload: Offload) -> None:
        self._dispatch = dispatch
        self._clock = clock
        self._offload = offload
        self._kept: dict[Symbol, _Kept] = {}
        self._intraday: dict[Symbol, _KeptIntraday] = {}
        self._turns: dict[Symbol, asyncio.Lock] = {}

    async def days(self, text: str, count: int) -> DailySessions:
        """The newest ``count`` finished sessions of a name; raises what asking for the name or its bars raises."""
        security = await self._dispatch.ask(GetSecurity(symbol=Symbol(text)))
        async with self._turns.setdefault(security.symbol, asyncio.Lock()):
            kept, now = self._kept.get(security.symbol), self._clock.now()
            fresh = kept is not None and self._clock.monotonic() - kept.read_at < KEPT_SECONDS and kept.sessions >= count
            if kept is None or not fresh or not kept.days.known:
                bars = await self._dispatch.ask(GetBars(symbol=security.symbol, seconds=DAY_SECONDS, limit=count + 1))
                kept = _Kept(self._clock.monotonic(), count, sessions_of(security, bars, now))
                self._forget_the_oldest()
                self._kept[security.symbol] = kept
        return kept.days.newest(count)

    async def intraday(self, days: DailySessions) -> IntradayVariances:
        """Five-minute variances beside these sessions; computed once a session."""
        kept = self._intraday.get(days.symbol)
        if kept is not None and kept.stamp == days.stamp and self._clock.monotonic() - kept.read_at < KEPT_SECONDS:
            return kept.found
        bars = await self._dispatch.ask(GetBars(symbol=days.symbol, seconds=BAR_SECONDS, limit=MOST_BARS))
        found = await self._offload.run(intraday_variances, days, bars)
        self._intraday[days.symbol] = _KeptIntraday(self._clock.monotonic(), days.stamp, found)
        return found

    async def volatility(self, days: DailySessions) -> VolatilityTable | None:
        """Stored 30-day volatility beside these sessions; None where it cannot be had."""
        try:
            return await self._dispatch.ask(GetVolatilityHistory(symbol=days.symbol, sessions=max(days.day.size, 1)))
        except OptixError:
            return None

    async def surface(self, symbol: Symbol) -> VolatilitySurface | str:
        """The name's surface now, or why there is none."""
        try:
            return await self._dispatch.ask(GetSurface(symbol=symbol))
        except OptixError as error:
            return str(error)

    def _forget_the_oldest(self) -> None:
        while len(self._kept) >= MOST_KEPT:
            oldest = min(self._kept, key=lambda symbol: self._kept[symbol].read_at)
            del self._kept[oldest]
            self._intraday.pop(oldest, None)
            self._turns.pop(oldest, None)
