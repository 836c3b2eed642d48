"""Sessions on which nobody recorded, amid a past that is known: found with the calendar, asked of the feed once, and remembered."""

import asyncio
from datetime import date
from functools import lru_cache
from typing import NamedTuple

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

DAY_SECONDS = 86_400
NEAR_SESSIONS = 20
"""Gaps with no more known sessions than these between them are asked for in one question."""
MOST_QUESTIONS = 8
"""For one answer, the newest gaps first; the last of them spans all that are older."""
AGAIN_SECONDS = 600.0
"""A feed that could not answer is asked again after so long; one that had nothing is not."""


_NONE: Longs = np.empty(0, dtype=np.int64)


class Filled(NamedTuple):
    """Daily bars without the gaps that the feed could fill."""

    columns: BarColumns
    days: Longs
    """Starts of the sessions that the feed was asked for."""


class Gaps:
    """Fills daily bars; each session of a name is asked for once in the life of the engine."""

    def __init__(self, *, feed: FeedPast, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._asked: dict[Symbol, set[int]] = {}
        self._told: dict[Symbol, BarColumns] = {}
        self._failed_at: dict[Symbol, float] = {}
        self._turns: dict[Symbol, asyncio.Lock] = {}

    async def filled(self, security: Security, columns: BarColumns, limit: int, until: UtcNanos | None = None) -> Filled:
        """Daily bars by date, with what the feed knows of sessions missing among the newest ``limit`` that start before an instant."""
        missing = missing_sessions(security.session, columns.start[-limit:], self._clock.now())
        missing = (missing if until is None else missing[missing < until])[-limit:]
        if not missing.size:
            return Filled(columns, missing)
        async with self._turns.setdefault(security.symbol, asyncio.Lock()):
            await self._ask(security, missing)
        told = self._told.get(security.symbol, BarColumns.empty())
        chosen = told.take(np.flatnonzero(np.isin(told.start, missing)))
        return Filled(chosen.merged(columns), chosen.start)

    async def _ask(self, security: Security, missing: Longs) -> None:
        asked = self._asked.setdefault(security.symbol, set())
        wanted = np.array([day for day in missing.tolist() if day not in asked], dtype=np.int64)
        resting = self._clock.monotonic() - self._failed_at.get(security.symbol, float("-inf")) < AGAIN_SECONDS
        if not wanted.size or resting or not self._feed.is_there:
            return
        for first, last in questions(security.session, wanted):
            span = len(sessions(security.session, from_nanos(first).date(), from_nanos(last).date()))
            found = await self._feed.told_before(security.symbol, DAY_SECONDS, UtcNanos(last + DAY_NS), span)
            if found is None:
                self._failed_at[security.symbol] = self._clock.monotonic()
                return
            found = by_date(found, security.session)
            found = found.take(np.flatnonzero(np.isin(found.start, wanted) & np.isfinite(found.close)))
            self._told[security.symbol] = self._told.get(security.symbol, BarColumns.empty()).merged(found)
            asked.update(wanted[(wanted >= first) & (wanted <= last)].tolist())


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
