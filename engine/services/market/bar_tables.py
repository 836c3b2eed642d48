"""Bars of any length: what feed and store remember, and the minute that grows, as one table."""

from math import isnan
from typing import Protocol

import numpy as np
from msgspec.structs import replace

from engine.domain.calendar import previous_session, session_at
from engine.domain.columns import Longs, floats, longs
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS, SECOND_NS, from_nanos, new_york, utc_instant
from engine.domain.instruments import Security, SessionName
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.messages.events import BarsChanged
from engine.messages.queries import BarTable, GetBars
from engine.services.market.aggregation import LENGTHS, aggregate, by_date, day_start, days_of, session_open
from engine.services.market.gaps import Gaps
from engine.services.market.names import Names
from engine.state.bars import BarColumns
from engine.state.patience import first_word
from engine.state.whole import State

MOST_BARS = 20_000
DAY_SECONDS = 86_400
FIRST_BARS_SECONDS = 1.0
_NONE: Longs = np.empty(0, dtype=np.int64)


class BarHistory(Protocol):
    """Who remembers bars of the past."""

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarColumns:
        """The newest ``limit`` bars that start before an instant, oldest first."""
        ...


class BarTables:
    """Answers and publishes bars."""

    def __init__(self, *, state: State, names: Names, history: BarHistory | None, bus: Bus, clock: Clock, gaps: Gaps | None = None) -> None:
        self._state = state
        self._names = names
        self._history = history
        self._gaps = gaps
        self._bus = bus
        self._clock = clock
        self._sent: dict[str, int] = {}
        self._met: set[tuple[Symbol, int]] = set()

    async def bars(self, query: GetBars) -> BarTable:
        """The newest bars of a length, up to an instant if one is named."""
        if query.seconds not in LENGTHS:
            known = ", ".join(str(seconds) for seconds in LENGTHS)
            raise BadInput(f"bars come in lengths of {known} seconds, not {query.seconds}")
        limit, filled = min(max(1, query.limit), MOST_BARS), _NONE
        security = await self._names.security(query.symbol)
        self._state.wanted.ask(security.symbol)
        await self._first_bars(security, query.seconds)
        if query.seconds == DAY_SECONDS:
            columns = await self._days(security, query.until, limit)
            if self._gaps is not None:
                columns, filled = await self._gaps.filled(security, columns, limit, query.until)
        else:
            per_bar = query.seconds // 60
            minutes = await self._minutes(security.symbol, query.until, limit * per_bar + per_bar)
            columns = aggregate(minutes, query.seconds, security.session)
        columns = columns.take(slice(-limit, None))
        table = self._table(security, query.seconds, columns)
        return replace(table, filled=tuple(filled[np.isin(filled, columns.start)].tolist())) if filled.size else table

    async def _first_bars(self, security: Security, seconds: int) -> None:
        """The first question about a name gives the feed time to tell its past, which comes oldest first."""
        if (security.symbol, seconds) in self._met:
            return
        self._met.add((security.symbol, seconds))
        daily = seconds == DAY_SECONDS
        bars = self._state.bars.days(security.symbol) if daily else self._state.bars.minutes(security.symbol)
        since = self._newest_past(security, daily=daily)

        def told() -> bool:
            return bars.last_start() >= since if daily else bars.closed_since(since)

        await first_word(told, health=self._state.health, seconds=FIRST_BARS_SECONDS)

    def _newest_past(self, security: Security, *, daily: bool) -> UtcNanos:
        """From when on a bar is that was over a moment ago: in the session that runs, or in the one before it."""
        now = self._clock.now()
        running = session_at(security.session, now)
        if running is not None and now - running.open_at > 2 * MINUTE_NS and not daily:
            return running.open_at
        today = new_york(now).date() if security.session is not SessionName.CRYPTO else from_nanos(now).date()
        return utc_instant(previous_session(security.session, today))

    def publish(self) -> None:
        """Tells watchers of the two newest bars where they changed."""
        for key in self._bus.interest(BarsChanged):
            symbol, _, length = key.partition("/")
            security = self._state.instruments.security(Symbol(symbol))
            if security is None or not length.isdecimal() or int(length) not in LENGTHS:
                continue
            version = self._state.bars.minutes(security.symbol).version
            if version and self._sent.get(key) != version:
                self._sent[key] = version
                self._bus.publish(BarsChanged(bars=self._newest(security, int(length))))

    def _newest(self, security: Security, seconds: int) -> BarTable:
        minutes = self._state.bars.minutes(security.symbol)
        if seconds == DAY_SECONDS:
            columns = self._told_days(security)
        else:
            since = minutes.last_start() - minutes.last_start() % (seconds * SECOND_NS) - 2 * seconds * SECOND_NS
            columns = aggregate(minutes.since(since), seconds, security.session)
        return self._table(security, seconds, columns.take(slice(-2, None)))

    async def _minutes(self, symbol: Symbol, until: UtcNanos | None, wanted: int) -> BarColumns:
        columns = self._state.bars.minutes(symbol).columns()
        if until is not None:
            columns = columns.take(np.flatnonzero(columns.start < until))
        missing = wanted - columns.start.shape[0]
        if missing > 0 and self._history is not None:
            before = UtcNanos(int(columns.start[0])) if columns.start.size else until
            older = await self._history.bars_before(symbol, 60, before, missing)
            columns = older.merged(columns)
        return columns

    async def _days(self, security: Security, until: UtcNanos | None, limit: int) -> BarColumns:
        columns = self._told_days(security)
        if until is not None:
            columns = columns.take(np.flatnonzero(columns.start < until))
        if columns.start.shape[0] < limit and self._history is not None:
            before = UtcNanos(int(columns.start[0])) if columns.start.size else until
            older = by_date(await self._history.bars_before(security.symbol, DAY_SECONDS, before, limit), security.session)
            columns = older.merged(columns)
        return columns

    def _told_days(self, security: Security) -> BarColumns:
        """Sessions the feed told of, and today's as it grows."""
        told = by_date(self._state.bars.days(security.symbol).columns(), security.session)
        minutes = self._state.bars.minutes(security.symbol)
        if not minutes.size:
            return told
        since = day_start(minutes.last_start(), security.session)
        today = days_of(minutes.since(since), security.session).take(slice(-1, None))
        return told.merged(self._corrected(security, today))

    def _corrected(self, security: Security, today: BarColumns) -> BarColumns:
        """The feed's own word on the day wins over what our minutes saw of it."""
        market = self._state.market
        row = int(self._state.instruments.security_row[self._state.instruments.number(security.symbol)])
        if row < 0 or not today.start.size:
            return today
        told_open, high, low, volume = (float(column[row]) for column in (market.open, market.high, market.low, market.volume))
        return today._replace(
            open=today.open if isnan(told_open) else np.array([told_open]),
            high=np.fmax(today.high, high),
            low=np.fmin(today.low, low),
            volume=today.volume if isnan(volume) else np.array([volume]),
        )

    def _table(self, security: Security, seconds: int, columns: BarColumns) -> BarTable:
        last = int(columns.start[-1]) if columns.start.size else 0
        return BarTable(
            symbol=security.symbol,
            source=self._state.health.traits.source,
            seconds=seconds,
            start=longs(columns.start),
            open=floats(columns.open),
            high=floats(columns.high),
            low=floats(columns.low),
            close=floats(columns.close),
            volume=floats(columns.volume),
            vwap=floats(columns.vwap),
            complete=bool(last) and last + seconds * SECOND_NS <= self._clock.now(),
            session_open=session_open(last, security.session) if last else UtcNanos(0),
        )
