"""Measures of a name through time, and how the newest of each stands against its past."""

import logging
from typing import NamedTuple, Protocol

import numpy as np

from engine.domain.calendar import session_date
from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.errors import BadInput, OptixError, StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.instruments import SessionName
from engine.domain.market import BarBatch
from engine.domain.marks import MeasureSeries
from engine.domain.measures import Measure, MeasureKind, parse_measure
from engine.messages.measures import GetMeasures, MeasureHistory, MeasureTable
from engine.quant.volatility.realized import close_to_close
from engine.quant.volatility.standing import standing
from engine.services.market.aggregation import by_date
from engine.services.market.feed_past import FeedPast
from engine.services.market.gaps import Gaps
from engine.services.market.lookup import spelled
from engine.services.market.names import Names
from engine.state.bars import BarColumns, columns_of
from engine.state.history import VolatilityColumns
from engine.state.patience import first_word
from engine.state.whole import State

FIRST_HISTORY_SECONDS = 1.0
MOST_VALUES = 100_000
FOREVER = UtcNanos(2**62)
SESSIONS_A_YEAR = {SessionName.CRYPTO: 365.0}
TRADING_SESSIONS = 252.0
DAYS_A_YEAR = 365.0
_log = logging.getLogger(__name__)


class MeasurePast(Protocol):
    """What of a store is used here."""

    async def measure_series(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> MeasureSeries: ...

    async def daily_tables(
        self, symbol: Symbol, measures: tuple[str, ...], until: UtcNanos | None = None, limit: int = 252
    ) -> tuple[MeasureSeries, ...]: ...

    async def measures_of(self, symbol: Symbol) -> tuple[str, ...]: ...

    async def bars(self, symbol: Symbol, seconds: int, until: UtcNanos | None = None, limit: int = 390) -> BarBatch: ...


class Days(NamedTuple):
    """A daily series, oldest first."""

    day: Longs
    value: Floats
    origin: tuple[str, ...]

    def before(self, older: "Days") -> "Days":
        """Both, by day; where both know one this one's word counts."""
        day = np.concatenate([self.day, older.day])
        value = np.concatenate([self.value, older.value])
        origin = (*self.origin, *older.origin)
        known = np.isfinite(value)
        places = np.flatnonzero(known)
        _, first = np.unique(day[places], return_index=True)
        chosen = places[first]
        return Days(longs(day[chosen]), floats(value[chosen]), tuple(origin[place] for place in chosen.tolist()))


class Past(NamedTuple):
    """What a question is answered from."""

    symbol: Symbol
    until: UtcNanos | None
    newest: int
    """So many sessions."""
    told: VolatilityColumns
    """By the feed, unasked and asked."""
    stored: dict[str, Days]
    """What was recorded, and before that what the feed tells when it is asked."""
    bars: BarColumns


NONE_TOLD = VolatilityColumns.empty()
NOTHING = Days(longs([]), floats([]), ())
REALISED = frozenset({MeasureKind.REALISED, MeasureKind.PREMIUM})
TOLD = {"atm:30": "atm_iv", "rr25:30": "risk_reversal_25", "bf25:30": "butterfly_25"}
"""What feeds tell of the past, and is known of the present."""


class Measures:
    """Answers with the series of measures."""

    def __init__(
        self, *, state: State, names: Names, store: MeasurePast | None, past: FeedPast | None = None, gaps: Gaps | None = None
    ) -> None:
        self._past_of_feed = past
        self._gaps = gaps
        self._state = state
        self._names = names
        self._store = store

    async def table(self, query: GetMeasures) -> MeasureTable:
        """The measures asked for, or all that have a daily past."""
        if query.limit < 1 or query.window < 1:
            raise BadInput("ask for 1 or more values, and look back on 1 or more sessions")
        wanted = [parse_measure(text) for text in query.measures]
        symbol, kept = await self._named(query.symbol)
        if not wanted:
            told = TOLD if self._told(symbol).day.size else ()
            wanted = sorted((parse_measure(text) for text in {*kept, *told}), key=_in_order)
        past = await self._past(symbol, wanted, query)
        histories = tuple([await self._history(measure, past, query) for measure in wanted])
        return MeasureTable(symbol=symbol, source=self._state.health.traits.source, daily=query.daily, histories=histories)

    async def _past(self, symbol: Symbol, wanted: list[Measure], query: GetMeasures) -> Past:
        """What is stored of all of them, in one look."""
        count = min(max(query.limit, query.window + 1), MOST_VALUES)
        implied = [_implied(measure) for measure in wanted if measure.kind is MeasureKind.PREMIUM]
        stored = await self._stored(symbol, tuple({measure.text for measure in (*wanted, *implied)}), query.until, count)
        stored = await self._with_the_feeds(symbol, wanted, stored, query.until, count)
        told = await self._told_with_older(symbol, count) if any(measure.text in TOLD for measure in (*wanted, *implied)) else NONE_TOLD
        windows = [self._window(symbol, measure) for measure in wanted if measure.kind in REALISED]
        bars = await self._closes(symbol, query.until, count + max(windows)) if windows else BarColumns.empty()
        return Past(symbol, query.until, count, told, stored, bars)

    async def _named(self, text: str) -> tuple[Symbol, tuple[str, ...]]:
        """The name and what the store keeps of it; one that the feed does not list is known by what was imported of it."""
        kept = await self._kept(spelled(text))
        try:
            security = await self._names.security(text)
        except OptixError:
            if not kept:
                raise
            return spelled(text), kept
        self._state.wanted.ask(security.symbol)
        history, symbol = self._state.history, security.symbol
        await first_word(lambda: history.volatility(symbol).day.size > 0, health=self._state.health, seconds=FIRST_HISTORY_SECONDS)
        return symbol, kept

    async def _kept(self, symbol: Symbol) -> tuple[str, ...]:
        if self._store is None or not symbol:
            return ()
        try:
            return await self._store.measures_of(symbol)
        except OptixError as error:
            _log.info("no measures of %s: %s", symbol, error)
            return ()

    async def _history(self, measure: Measure, past: Past, query: GetMeasures) -> MeasureHistory:
        days = self._days(measure, past)
        newest = days.value.shape[0] - 1
        found = standing(past=days.value[:-1], now=float(days.value[-1]) if days.day.size else float("nan"), window=query.window)
        if query.daily:
            chosen = np.flatnonzero(days.day >= (query.since or 0))[-query.limit :]
            at, value, origins = days.day[chosen], days.value[chosen], tuple(days.origin[place] for place in chosen.tolist())
        else:
            at, value, origins = *await self._instants(past.symbol, measure, query), ()
        return MeasureHistory(
            measure=measure.text,
            words=measure.words,
            unit=measure.unit,
            in_percent=measure.in_percent,
            at=longs(at),
            value=floats(value),
            origins=origins,
            now=float(days.value[newest]) if days.day.size else float("nan"),
            now_at=UtcNanos(int(days.day[newest]) if days.day.size else 0),
            rank=found.rank,
            percentile=found.percentile,
            sessions=found.sessions,
            window=query.window,
            low=found.low,
            high=found.high,
            mean=found.mean,
            deviation=found.deviation,
            refusal=found.refusal,
        )

    async def _instants(self, symbol: Symbol, measure: Measure, query: GetMeasures) -> tuple[Longs, Floats]:
        if self._store is None:
            raise StoreUnavailable("this engine keeps no history (store.record is off): ask for the daily series")
        found = await self._store.measure_series(symbol, measure.text, query.since, query.until, min(query.limit, MOST_VALUES))
        return found.at, found.value

    def _days(self, measure: Measure, past: Past) -> Days:
        """The newest sessions that start before the bound that was asked for."""
        if measure.kind is MeasureKind.PREMIUM:
            days = self._premium(measure, past)
        elif measure.kind is MeasureKind.REALISED:
            days = self._realised(measure, past).before(past.stored.get(measure.text, NOTHING))
        else:
            days = self._present(past, measure).before(past.stored.get(measure.text, NOTHING))
        inside = np.flatnonzero(days.day < past.until) if past.until is not None else np.arange(days.day.shape[0])
        chosen = inside[-past.newest :]
        return Days(days.day[chosen], days.value[chosen], tuple(days.origin[place] for place in chosen.tolist()))

    async def _stored(self, symbol: Symbol, measures: tuple[str, ...], until: UtcNanos | None, limit: int) -> dict[str, Days]:
        if self._store is None or not measures:
            return {}
        try:
            found = await self._store.daily_tables(symbol, measures, until, limit)
        except OptixError as error:
            _log.info("no past of %s: %s", symbol, error)
            return {}
        return {series.measure: Days(series.at, series.value, series.origin) for series in found}

    def _present(self, past: Past, measure: Measure) -> Days:
        """What the feed told of the past, and what is known of the present session."""
        column = TOLD.get(measure.text)
        if column is None:
            return NOTHING
        told, symbol = past.told, past.symbol
        value = getattr(told, column)
        source = str(self._state.health.traits.source)
        days = Days(longs(told.day // DAY_NS * DAY_NS), floats(value), (source,) * told.day.shape[0])
        thirty = self._state.priced.thirty.get(symbol)
        if thirty is None:
            return days.before(NOTHING)
        now = {"atm_iv": thirty.iv, "risk_reversal_25": thirty.risk_reversal_25, "butterfly_25": thirty.butterfly_25}[column]
        today = Days(longs([session_date(self._calendar(symbol), thirty.as_of)]), floats([now]), (source,))
        return days.before(today)

    def _told(self, symbol: Symbol) -> VolatilityColumns:
        return self._state.history.volatility(symbol)

    async def _with_the_feeds(
        self, symbol: Symbol, wanted: list[Measure], stored: dict[str, Days], until: UtcNanos | None, count: int
    ) -> dict[str, Days]:
        """The stored series, the sessions before them told by the feed where it knows them."""
        if self._past_of_feed is None:
            return stored
        short = tuple(
            measure.text
            for measure in wanted
            if measure.text not in TOLD and measure.kind not in REALISED and stored.get(measure.text, NOTHING).day.size < count
        )
        found = dict(stored)
        source = str(self._state.health.traits.source)
        for series in await self._past_of_feed.measures(symbol, short, until if until is not None else FOREVER, count):
            older = Days(series.at, series.value, (source,) * series.at.size)
            found[series.measure] = found.get(series.measure, NOTHING).before(older)
        return found

    async def _told_with_older(self, symbol: Symbol, sessions: int) -> VolatilityColumns:
        told, security = self._told(symbol), self._state.instruments.security(symbol)
        if self._past_of_feed is not None:
            told = await self._past_of_feed.volatility_before(symbol, told, sessions)
        return told if self._gaps is None or security is None else await self._gaps.levels(security, told, sessions)

    async def _closes(self, symbol: Symbol, until: UtcNanos | None, count: int) -> BarColumns:
        """Daily bars: what the feed told, what is stored beyond it, and what the feed tells when it is asked."""
        bars = self._state.bars.days(symbol).columns()
        if bars.start.shape[0] < count and self._store is not None:
            try:
                bars = columns_of(await self._store.bars(symbol, 86_400, until, count)).merged(bars)
            except OptixError as error:
                _log.info("no closes of %s: %s", symbol, error)
        missing = count - bars.start.shape[0]
        if missing > 0 and bars.start.size and self._past_of_feed is not None:
            bars = (await self._past_of_feed.bars_before(symbol, 86_400, UtcNanos(int(bars.start[0])), missing)).merged(bars)
        security = self._state.instruments.security(symbol)
        if self._gaps is None or security is None:
            return bars
        return (await self._gaps.filled(security, by_date(bars, security.session), count, until)).columns

    def _realised(self, measure: Measure, past: Past) -> Days:
        """Close-to-close over the sessions that fall in so many calendar days."""
        calendar = self._calendar(past.symbol)
        starts = longs([session_date(calendar, at) if at % DAY_NS else at for at in past.bars.start.tolist()])
        window = self._window(past.symbol, measure)
        values = close_to_close(closes=past.bars.close, window=window, sessions_a_year=_sessions_a_year(calendar))
        return Days(starts, floats(values), ("closes",) * starts.shape[0])

    def _premium(self, measure: Measure, past: Past) -> Days:
        """Implied less realised, of the sessions that know both."""
        implied = self._days(_implied(measure), past)
        realised = self._realised(measure, past).before(NOTHING)
        both, left, right = np.intersect1d(implied.day, realised.day, return_indices=True)
        origin = tuple(implied.origin[place] for place in left.tolist())
        computed = Days(longs(both), floats(implied.value[left] - realised.value[right]), origin)
        return computed.before(past.stored.get(measure.text, NOTHING))

    def _window(self, symbol: Symbol, measure: Measure) -> int:
        return max(2, round(measure.days[0] * _sessions_a_year(self._calendar(symbol)) / DAYS_A_YEAR))

    def _calendar(self, symbol: Symbol) -> SessionName:
        security = self._state.instruments.security(symbol)
        return security.session if security is not None else SessionName.NYSE


def _sessions_a_year(calendar: SessionName) -> float:
    return SESSIONS_A_YEAR.get(calendar, TRADING_SESSIONS)


def _implied(measure: Measure) -> Measure:
    return Measure(kind=MeasureKind.ATM, days=measure.days)


def _in_order(measure: Measure) -> tuple[int, tuple[int, ...], str]:
    return list(MeasureKind).index(measure.kind), measure.days, measure.choice
