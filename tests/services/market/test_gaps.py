"""Days on which nobody recorded are asked of the feed once, and what it has not stays missing."""

import asyncio
from datetime import date

import numpy as np

from engine.domain.calendar import sessions
from engine.domain.columns import longs
from engine.domain.errors import UpstreamFailed
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, utc_instant
from engine.domain.instruments import SessionName
from engine.domain.market import BarBatch, VolatilityHistory
from engine.domain.roots import make_security
from engine.messages.measures import GetMeasures
from engine.messages.queries import GetBars, GetVolatilityHistory
from engine.services.market import bar_tables, measures
from engine.services.market import history as market_history
from engine.services.market.bar_tables import BarTables
from engine.services.market.feed_past import FeedPast
from engine.services.market.gaps import AGAIN_SECONDS, MOST_QUESTIONS, Gaps, missing_sessions, questions
from engine.services.market.history import StoreDesk
from engine.services.market.measures import Measures
from engine.services.market.recall import Recall
from engine.services.volatility.sessions import sessions_of
from engine.state.bars import BarColumns, columns_of
from engine.state.history import VolatilityColumns
from tests.kit.market import OPEN, TODAY, bars, listing, series_of
from tests.kit.market_room import MarketRoom

SPY = Symbol("SPY")
DAYS = np.array([utc_instant(day) for day in sessions(SessionName.NYSE, date(2026, 1, 2), date(2026, 11, 19))], dtype=np.int64)
"""Every session of the year up to yesterday."""


def history(days: np.ndarray, level: float) -> VolatilityHistory:
    """The same 30-day volatility of each day."""
    values = np.full(days.size, level)
    return VolatilityHistory(at=OPEN, symbol=SPY, day=longs(days), atm_iv=values, risk_reversal_25=values, butterfly_25=values)


class Vendor:
    """A feed with a daily past, closing at 1,000 and the day's number, but for what it lacks; dated by the session's open."""

    def __init__(self, *lacks: int, trouble: bool = False) -> None:
        self.lacks = set(lacks)
        self.trouble = trouble
        self.asked: list[tuple[int, int]] = []
        self.asked_levels: list[tuple[int, int]] = []

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos, limit: int) -> BarBatch:
        self.asked.append((before, limit))
        await asyncio.sleep(0)
        if self.trouble:
            raise UpstreamFailed("the archive does not answer")
        chosen = np.array([place for place in np.flatnonzero(before > DAYS)[-limit:] if place not in self.lacks], dtype=np.int64)
        return bars(str(symbol), DAYS[chosen] + 15 * 3_600_000_000_000, 1_000.0 + chosen, seconds=seconds)

    async def volatility_before(self, symbol: Symbol, before: UtcNanos, limit: int) -> VolatilityHistory | None:
        self.asked_levels.append((before, limit))
        chosen = np.array([place for place in np.flatnonzero(before > DAYS)[-limit:] if place not in self.lacks], dtype=np.int64)
        return history(DAYS[chosen], 1.0) if chosen.size else None

    async def measures_before(self, symbol: Symbol, measures: tuple[str, ...], before: UtcNanos, limit: int) -> tuple[()]:
        return ()


def known_but(*places: int) -> BarColumns:
    """All sessions of the year, each closing at 1, but for some."""
    return columns_of(bars("SPY", np.delete(DAYS, places), 1.0, seconds=86_400))


def filler(vendor: object) -> tuple[MarketRoom, Gaps]:
    room = MarketRoom(at=OPEN)
    return room, Gaps(feed=FeedPast(lambda: vendor), clock=room.clock)


async def test_missing_sessions_are_filled_from_the_feed_and_recorded_ones_stay_as_they_are() -> None:
    vendor = Vendor()
    _, gaps = filler(vendor)
    found = await gaps.filled(make_security("SPY"), known_but(100, 101, 150), 252)
    assert found.columns.start.tolist() == DAYS.tolist()
    assert found.days.tolist() == DAYS[[100, 101, 150]].tolist()
    assert found.columns.close[[99, 100, 101, 150]].tolist() == [1.0, 1100.0, 1101.0, 1150.0]
    assert vendor.asked == [(DAYS[150] + DAY_NS, 1), (DAYS[101] + DAY_NS, 2)], "a question a gap, the newest first"


async def test_a_session_is_asked_for_once_whether_the_feed_has_it_or_not() -> None:
    vendor = Vendor(150)
    _, gaps = filler(vendor)
    for _ in range(3):
        found = await gaps.filled(make_security("SPY"), known_but(100, 150), 252)
        assert found.days.tolist() == [DAYS[100]]
        assert DAYS[150] not in found.columns.start
    assert len(vendor.asked) == 2
    await gaps.filled(make_security("SPY"), known_but(100, 140, 150), 252)
    assert len(vendor.asked) == 3, "a gap that is new is asked for"
    await gaps.filled(make_security("QQQ"), known_but(100), 252)
    assert len(vendor.asked) == 4, "so is that of another name"


async def test_two_questions_at_once_ask_the_feed_once() -> None:
    vendor = Vendor()
    _, gaps = filler(vendor)
    await asyncio.gather(*(gaps.filled(make_security("SPY"), known_but(100), 252) for _ in range(3)))
    assert len(vendor.asked) == 1


async def test_a_feed_that_fails_is_asked_again_after_a_while() -> None:
    vendor = Vendor(trouble=True)
    room, gaps = filler(vendor)
    for _ in range(2):
        assert not (await gaps.filled(make_security("SPY"), known_but(100), 252)).days.size
    assert len(vendor.asked) == 1
    vendor.trouble = False
    room.clock.pass_time(AGAIN_SECONDS + 1.0)
    assert (await gaps.filled(make_security("SPY"), known_but(100), 252)).days.size == 1


async def test_a_feed_without_a_past_leaves_the_gaps() -> None:
    for feed in (None, object()):
        _, gaps = filler(feed)
        found = await gaps.filled(make_security("SPY"), known_but(100), 252)
        assert found.columns.start.size == DAYS.size - 1
        assert not found.days.size


def test_weekends_holidays_and_the_session_that_runs_are_no_gaps() -> None:
    noon = UtcNanos(utc_instant(TODAY) + 17 * 3_600_000_000_000)
    assert not missing_sessions(SessionName.NYSE, DAYS, noon).size
    assert missing_sessions(SessionName.NYSE, DAYS[:-1], noon).tolist() == [DAYS[-1]], "the newest too"
    assert missing_sessions(SessionName.NYSE, DAYS, UtcNanos(noon + DAY_NS)).tolist() == [utc_instant(TODAY)]
    assert not missing_sessions(SessionName.NYSE, DAYS[:0], noon).size
    coin = missing_sessions(SessionName.CRYPTO, DAYS[-5:], noon)
    assert {(day - utc_instant(date(2026, 11, 13))) // DAY_NS for day in coin.tolist()} == {1, 2}, "Saturday and Sunday"


def test_gaps_that_lie_near_are_one_question_and_there_is_a_most_of_them() -> None:
    near = questions(SessionName.NYSE, DAYS[[100, 105, 120]])
    assert near == [(DAYS[100], DAYS[120])]
    many = questions(SessionName.NYSE, DAYS[::1][np.arange(0, 220, 22)])
    assert len(many) == MOST_QUESTIONS
    assert many[0] == (DAYS[198], DAYS[198])
    assert many[-1] == (DAYS[0], DAYS[44])


async def test_a_table_of_days_says_which_were_asked_of_the_feed_and_realised_volatility_counts_them(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(bar_tables, "FIRST_BARS_SECONDS", 0.0)
    vendor = Vendor(150)
    room, gaps = filler(vendor)
    room.emit(listing(series_of("SPY"), at=OPEN), bars("SPY", np.delete(DAYS, [100, 150]), 1.0, seconds=86_400))
    tables = BarTables(state=room.state, names=room.names(), history=None, bus=room.bus, clock=room.clock, gaps=gaps)
    table = await tables.bars(GetBars(symbol=SPY, seconds=86_400, limit=252))
    assert table.filled == (DAYS[100],)
    days = sessions_of(make_security("SPY"), table, room.clock.now())
    assert (days.known, days.day.size, len(days.filled)) == (DAYS.size - 1, DAYS.size, 1)
    assert len(days.newest(50).filled) == 0
    past = await tables.bars(GetBars(symbol=SPY, seconds=86_400, limit=252, until=UtcNanos(DAYS[120])))
    assert past.start[-1] == DAYS[119]
    assert len(vendor.asked) == 2, "nothing after it was asked for"
    newest = await tables.bars(GetBars(symbol=SPY, seconds=86_400, limit=10))
    assert newest.filled == ()
    assert newest.start.tolist() == DAYS[-10:].tolist()


def told_but(*places: int) -> VolatilityColumns:
    found = history(np.delete(DAYS, places), 0.2)
    return VolatilityColumns(found.day, found.atm_iv, found.risk_reversal_25, found.butterfly_25)


async def test_days_without_a_volatility_are_filled_in_the_same_way() -> None:
    vendor = Vendor(150)
    _, gaps = filler(vendor)
    for _ in range(2):
        found = await gaps.levels(make_security("SPY"), told_but(100, 150), 252)
        assert found.day.tolist() == np.delete(DAYS, 150).tolist()
        assert found.atm_iv[[99, 100, 101]].tolist() == [0.2, 1.0, 0.2]
    assert vendor.asked_levels == [(DAYS[150] + DAY_NS, 1), (DAYS[100] + DAY_NS, 1)]
    assert vendor.asked == []


async def test_the_history_of_volatility_and_its_ranks_stand_on_filled_days(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(market_history, "FIRST_HISTORY_SECONDS", 0.0)
    monkeypatch.setattr(measures, "FIRST_HISTORY_SECONDS", 0.0)
    vendor = Vendor()
    room, gaps = filler(vendor)
    room.emit(listing(series_of("SPY"), at=OPEN), history(np.delete(DAYS, 100), 0.2))
    desk = StoreDesk(store=None, state=room.state, names=room.names(), past=None, gaps=gaps)
    table = await desk.volatility(GetVolatilityHistory(symbol=SPY, sessions=400))
    assert table.atm_iv[100] == 1.0
    known = Measures(state=room.state, names=room.names(), store=None, past=None, gaps=gaps)
    (found,) = (await known.table(GetMeasures(symbol=SPY, measures=("atm:30",), daily=True, limit=400))).histories
    assert found.at.size == DAYS.size
    assert len(vendor.asked_levels) == 1


class Store:
    """A store of daily bars alone."""

    async def bars(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarBatch:
        return bars(str(symbol), np.delete(DAYS, 200), 1.0, seconds=seconds)

    async def volatility_history(self, symbol: Symbol, sessions: int) -> None:
        raise UpstreamFailed("nothing")


async def test_ranks_stand_on_filled_sessions_of_a_name_somebody_asks_about() -> None:
    vendor = Vendor()
    room, gaps = filler(vendor)
    room.emit(listing(series_of("SPY"), at=OPEN))
    recall = Recall(state=room.state, store=Store(), clock=room.clock, gaps=gaps)  # type: ignore[arg-type]
    await recall.recall(SPY)
    assert room.state.bars.days(SPY).size == DAYS.size - 1
    assert vendor.asked == []
    await recall.ahead((SPY,))
    await recall.ahead((SPY,))
    assert room.state.bars.days(SPY).columns().close[200] == 1200.0
    assert len(vendor.asked) == 1
    assert room.state.history.volatility(SPY).day.size == 0, "of a past of which nothing is known nothing is a gap"


async def test_ranks_of_implied_volatility_do_as_well() -> None:
    vendor = Vendor()
    room, gaps = filler(vendor)
    room.emit(listing(series_of("SPY"), at=OPEN), history(np.delete(DAYS, 100), 0.2))
    recall = Recall(state=room.state, store=Store(), clock=room.clock, gaps=gaps)  # type: ignore[arg-type]
    await recall.ahead((SPY,))
    assert room.state.history.volatility(SPY).atm_iv[100] == 1.0
    assert room.state.history.volatility(SPY).day.size == DAYS.size
