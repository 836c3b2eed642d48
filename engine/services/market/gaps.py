"""Sessions on which nobody recorded, amid a past that is known: found with the calendar, asked of the feed once, and remembered."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from engine.domain.calendar import previous_session, session, sessions
from engine.domain.columns import Longs, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, from_nanos, new_york, utc_instant
from engine.domain.instruments import Security, SessionName
from engine.kernel.clock import Clock
from engine.services.market.aggregation import by_date
from engine.services.market.feed_past import FeedPast
from engine.state.bars import BarColumns
from engine.state.history import VolatilityColumns

DAY_SECONDS = 86_400
NEAR_SESSIONS = 20
"""Gaps with no more known sessions than these between them are asked for in one question."""
MOST_QUESTIONS = 8
"""For one answer, the newest gaps first; the last of them spans all that are older."""
AGAIN_SECONDS = 600.0
"""A feed that could not answer is asked again after so long; one that had nothing is not."""


Columns = TypeVar("Columns", BarColumns, VolatilityColumns)
"""By day: the first column is its start."""
_NONE: Longs = np.empty(0, dtype=np.int64)


class Filled(NamedTuple):
    """Daily bars without the gaps that the feed could fill."""

    columns: BarColumns
    days: Longs
    """Starts of the sessions that the feed was asked for."""


class Gaps:
    """Fills daily bars and daily volatility; each session of a name is asked for once in the life of the engine."""

    def __init__(self, *, feed: FeedPast, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._bars = _Answers(BarColumns.empty())
        self._levels = _Answers(VolatilityColumns.empty())

    async def filled(self, security: Security, columns: BarColumns, limit: int, until: UtcNanos | None = None) -> Filled:
        """Daily bars by date, with what the feed knows of sessions missing among the newest ``limit`` that start before an instant."""
        missing = missing_sessions(security.session, columns.start[-limit:], self._clock.now())
        missing = (missing if until is None else missing[missing < until])[-limit:]

        async def ask(until: UtcNanos, span: int) -> BarColumns | None:
            found = await self._feed.told_before(security.symbol, DAY_SECONDS, until, span)
            if found is None:
                return None
            found = by_date(found, security.session)
            return found.take(np.flatnonzero(np.isfinite(found.close)))

        chosen = await self._told(self._bars, security, missing, ask)
        return Filled(chosen.merged(columns), chosen.start)

    async def levels(self, security: Security, told: VolatilityColumns, limit: int) -> VolatilityColumns:
        """Daily 30-day volatility, with what the feed knows of sessions missing among the newest ``limit``."""
        known = told.day // DAY_NS * DAY_NS
        missing = missing_sessions(security.session, known[-limit:], self._clock.now())[-limit:]

        async def ask(until: UtcNanos, span: int) -> VolatilityColumns | None:
            found = await self._feed.volatility_told_before(security.symbol, until, span)
            return None if found is None else found._replace(day=found.day // DAY_NS * DAY_NS)

        return (await self._told(self._levels, security, missing, ask)).merged(told)

    async def _told(
        self, answers: "_Answers[Columns]", security: Security, missing: Longs, ask: Callable[[UtcNanos, int], Awaitable[Columns | None]]
    ) -> Columns:
        """What the feed has of these sessions, asked for where they were not yet; one question about a name at a time."""
        if missing.size and self._feed.is_there:
            async with answers.turns.setdefault(security.symbol, asyncio.Lock()):
                await self._ask(answers, security, missing, ask)
        return answers.of(security.symbol, missing)

    async def _ask(
        self, answers: "_Answers[Columns]", security: Security, missing: Longs, ask: Callable[[UtcNanos, int], Awaitable[Columns | None]]
    ) -> None:
        asked = answers.asked.setdefault(security.symbol, set())
        wanted = np.array([day for day in missing.tolist() if day not in asked], dtype=np.int64)
        if not wanted.size or self._clock.monotonic() - answers.failed_at.get(security.symbol, float("-inf")) < AGAIN_SECONDS:
            return
        for first, last in questions(security.session, wanted):
            span = len(sessions(security.session, from_nanos(first).date(), from_nanos(last).date()))
            found = await ask(UtcNanos(last + DAY_NS), span)
            if found is None:
                answers.failed_at[security.symbol] = self._clock.monotonic()
                return
            answers.keep(security.symbol, found, wanted)
            asked.update(wanted[(wanted >= first) & (wanted <= last)].tolist())


class _Answers(Generic[Columns]):
    """What was asked of each name, and what came of it."""

    def __init__(self, nothing: Columns) -> None:
        self._nothing: Columns = nothing
        self._told: dict[Symbol, Columns] = {}
        self.asked: dict[Symbol, set[int]] = {}
        self.failed_at: dict[Symbol, float] = {}
        self.turns: dict[Symbol, asyncio.Lock] = {}

    def of(self, symbol: Symbol, days: Longs) -> Columns:
        """What was told of these days."""
        told: Columns = self._told.get(symbol, self._nothing)
        return told.take(np.flatnonzero(np.isin(told[0], days)))

    def keep(self, symbol: Symbol, found: Columns, days: Longs) -> None:
        """Remembers what of it is of these days."""
        before: Columns = self._told.get(symbol, self._nothing)
        self._told[symbol] = before.merged(found.take(np.flatnonzero(np.isin(found[0], days))))


def missing_sessions(name: SessionName, known: Longs, now: UtcNanos) -> Longs:
    """Starts of the calendar's sessions that are over and not among the known ones, from the first known one on, oldest first."""
    if not known.size:
        return _NONE
    last = from_nanos(now).date() if name is SessionName.CRYPTO else new_york(now).date()
    running = session(name, last)
    if running is None or running.close_at > now:
        last = previous_session(name, last)
    every = _starts(name, from_nanos(int(known[0])).date(), last)
    return every[~np.isin(every, known)]


@lru_cache(maxsize=64)
def _starts(name: SessionName, first: date, last: date) -> Longs:
    """A walk over years of days: the same ones are asked for again and again."""
    return longs([utc_instant(day) for day in sessions(name, first, last)])


def questions(name: SessionName, wanted: Longs) -> list[tuple[int, int]]:
    """First and last session of each question, the newest first."""
    spans: list[tuple[int, int]] = []
    for day in wanted[::-1].tolist():
        if spans and (len(spans) == MOST_QUESTIONS or _between(name, day, spans[-1][0]) <= NEAR_SESSIONS):
            spans[-1] = (day, spans[-1][1])
        else:
            spans.append((day, day))
    return spans


def _between(name: SessionName, first: int, last: int) -> int:
    return len(sessions(name, from_nanos(first).date(), from_nanos(last).date())) - 2
