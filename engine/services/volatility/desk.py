"""Sessions of names, read by the questions everybody asks and kept until a session is new."""

import asyncio
from typing import NamedTuple

import numpy as np

from engine.domain.errors import OptixError
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.volatility import VolatilitySurface
from engine.kernel.clock import Clock
from engine.kernel.dispatch import Dispatch
from engine.kernel.offload import Offload
from engine.messages.queries import GetBars, GetSecurity, GetVolatilityHistory, VolatilityTable
from engine.messages.surface import GetSurface
from engine.services.volatility.intraday import BAR_SECONDS, MOST_BARS, IntradayVariances, intraday_variances, nothing_of, whole_from
from engine.services.volatility.sessions import DailySessions, sessions_of

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
    days: DailySessions
    """The longest past that was asked for."""
    found: IntradayVariances

    def reaches(self, days: DailySessions) -> bool:
        """Those sessions are the newest of its own."""
        return self.days.day.size >= days.day.size and self.days.newest(days.day.size).stamp == days.stamp

    def continues(self, days: DailySessions) -> bool:
        """Its sessions are the newest of those."""
        return 0 < self.days.day.size < days.day.size and days.newest(self.days.day.size).stamp == self.days.stamp


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
        """Five-minute variances beside these sessions; read once a session where all have one, else again after a while.

        A longer past than was read before reads what is older; a shorter one nothing.
        """
        async with self._turns.setdefault(days.symbol, asyncio.Lock()):
            kept = self._intraday.get(days.symbol)
            lasting = kept is not None and self._lasts(kept)
            if kept is None or not lasting or not kept.reaches(days):
                known = kept if kept is not None and lasting and kept.continues(days) else None
                read_at = self._clock.monotonic() if known is None else known.read_at
                kept = _KeptIntraday(read_at, days, await self._read_intraday(days, known))
                self._intraday[days.symbol] = kept
        return kept.found.newest(days.day.size)

    def _lasts(self, kept: _KeptIntraday) -> bool:
        whole = bool(np.isfinite(kept.found.variances[1:]).all())
        return whole or self._clock.monotonic() - kept.read_at < KEPT_SECONDS

    async def _read_intraday(self, days: DailySessions, known: _KeptIntraday | None = None) -> IntradayVariances:
        """From the newest bars back to the first session, a reading at a time, so that none is held for all the years.

        Of a past whose newest sessions are known, what came before them, and their first, whose night was not known yet.
        """
        found = nothing_of(days) if known is None else known.found.before(days.day.size)
        until = None if known is None else UtcNanos(int(known.days.day[0]) + DAY_NS)
        while True:
            bars = await self._dispatch.ask(GetBars(symbol=days.symbol, seconds=BAR_SECONDS, limit=MOST_BARS, until=until))
            begun = whole_from(days, bars) if bars.start.size == MOST_BARS else None
            found = found.filled(await self._offload.run(intraday_variances, days, bars, begun))
            if begun is None or begun < days.day[0] + DAY_NS:
                return found
            until = UtcNanos(begun)

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
