import asyncio

import numpy as np
import pytest

from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS, SECOND_NS
from engine.messages.base import topic
from engine.messages.events import BarsChanged
from engine.messages.queries import BarTable, GetBars
from engine.services.market import bar_tables
from engine.services.market.bar_tables import BarHistory, BarTables
from engine.state.bars import BarColumns, columns_of
from tests.kit.market import OPEN, bars, listing, quotes, series_of, summaries
from tests.kit.market_room import MarketRoom, turn_to

SPY = Symbol("SPY")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar_tables, "FIRST_BARS_SECONDS", 0.0)


MIDNIGHT = OPEN - OPEN % DAY_NS


class Remembered:
    """A store that holds these bars."""

    def __init__(self, minutes: BarColumns, days: BarColumns) -> None:
        self.kept = {60: minutes, 86_400: days}
        self.asked: list[tuple[int, UtcNanos | None, int]] = []

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarColumns:
        self.asked.append((seconds, before, limit))
        columns = self.kept[seconds]
        return columns.take(np.flatnonzero(columns.start < (before or 2**62))).take(slice(-limit, None))


def room_of_bars(history: BarHistory | None = None) -> tuple[MarketRoom, BarTables]:
    room = MarketRoom(at=OPEN)
    room.emit(listing(series_of("SPY")))
    return room, BarTables(state=room.state, names=room.names(), history=history, bus=room.bus, clock=room.clock)


def tick(room: MarketRoom, seconds: float, price: float) -> None:
    at = OPEN + int(seconds * SECOND_NS)
    turn_to(room.clock, at)
    room.emit(quotes([0], price - 0.01, price + 0.01, at=at))


async def ask(service: BarTables, **what: int) -> BarTable:
    return await service.bars(GetBars(symbol=SPY, **what))


async def test_two_minute_bars_are_made_of_the_minutes_the_feed_told_and_the_one_that_grows() -> None:
    room, service = room_of_bars()
    room.emit(bars("SPY", OPEN + MINUTE_NS * np.arange(3), [100.0, 101.0, 102.0], volume=[100.0, 300.0, 200.0]))
    tick(room, 185, 110.0)
    table = await ask(service, seconds=120)
    assert table.start.tolist() == [OPEN, OPEN + 2 * MINUTE_NS]
    assert table.close.tolist() == pytest.approx([101.0, 110.0])
    assert table.vwap[0] == pytest.approx(100.75)
    assert table.high.tolist() == pytest.approx([102.0, 110.0])
    assert table.session_open == OPEN
    assert not table.complete


async def test_the_last_bar_is_complete_once_its_time_is_over() -> None:
    room, service = room_of_bars()
    tick(room, 10, 100.0)
    turn_to(room.clock, OPEN + 2 * MINUTE_NS)
    assert (await ask(service, seconds=120)).complete


async def test_older_minutes_come_from_the_store_and_the_feeds_word_wins() -> None:
    history = Remembered(
        columns_of(bars("SPY", OPEN + MINUTE_NS * np.arange(4), 50.0)), columns_of(bars("SPY", [MIDNIGHT], 1.0, seconds=86_400))
    )
    room, service = room_of_bars(history)
    room.emit(bars("SPY", OPEN + MINUTE_NS * np.arange(2, 5), 100.0))
    table = await ask(service, seconds=60, limit=10)
    assert table.close.tolist() == [50.0, 50.0, 100.0, 100.0, 100.0]
    assert history.asked[0][1] == OPEN + 2 * MINUTE_NS


async def test_the_store_is_not_asked_for_what_memory_holds() -> None:
    history = Remembered(BarColumns.empty(), BarColumns.empty())
    room, service = room_of_bars(history)
    room.emit(bars("SPY", OPEN + MINUTE_NS * np.arange(60), 100.0))
    await ask(service, seconds=120, limit=20)
    assert history.asked == []


async def test_only_bars_before_an_instant_and_only_the_newest_of_them() -> None:
    room, service = room_of_bars()
    room.emit(bars("SPY", OPEN + MINUTE_NS * np.arange(60), 100.0 + np.arange(60)))
    table = await ask(service, seconds=300, limit=2, until=OPEN + 30 * MINUTE_NS)
    assert table.start.tolist() == [OPEN + 20 * MINUTE_NS, OPEN + 25 * MINUTE_NS]


async def test_sessions_are_the_feeds_and_today_grows_on_them() -> None:
    room, service = room_of_bars()
    room.emit(bars("SPY", MIDNIGHT - DAY_NS * np.array([3, 2, 1]), [97.0, 98.0, 99.0], seconds=86_400))
    tick(room, 0, 100.0)
    tick(room, 600, 104.0)
    tick(room, 1_200, 102.0)
    room.emit(summaries([0], open=99.5, high=105.0, volume=5_000.0))
    table = await ask(service, seconds=86_400, limit=3)
    assert table.start.tolist() == [MIDNIGHT - 2 * DAY_NS, MIDNIGHT - DAY_NS, MIDNIGHT]
    assert [float(column[-1]) for column in (table.open, table.high, table.low, table.close, table.volume)] == pytest.approx(
        [99.5, 105.0, 100.0, 102.0, 5_000.0]
    )
    assert not table.complete


async def test_a_new_day_begins_a_new_session_bar() -> None:
    room, service = room_of_bars()
    tick(room, 0, 100.0)
    room.emit(bars("SPY", [MIDNIGHT], [101.0], seconds=86_400))
    monday = 3 * 86_400
    tick(room, monday, 105.0)
    table = await ask(service, seconds=86_400)
    assert table.start.tolist() == [MIDNIGHT, MIDNIGHT + 3 * DAY_NS]
    assert table.close.tolist() == pytest.approx([101.0, 105.0])
    assert table.session_open == OPEN + 3 * DAY_NS


async def test_sessions_dated_by_their_opening_are_the_same_days() -> None:
    history = Remembered(BarColumns.empty(), columns_of(bars("SPY", OPEN - DAY_NS * np.array([2, 1]), 99.0, seconds=86_400)))
    room, service = room_of_bars(history)
    room.emit(bars("SPY", [MIDNIGHT - DAY_NS], [98.0], seconds=86_400))
    table = await ask(service, seconds=86_400)
    assert table.start.tolist() == [MIDNIGHT - 2 * DAY_NS, MIDNIGHT - DAY_NS]
    assert table.close.tolist() == [99.0, 98.0]


async def test_a_name_without_bars_has_an_empty_table() -> None:
    _, service = room_of_bars()
    table = await ask(service)
    assert table.start.size == 0
    assert table.session_open == 0
    assert not table.complete


async def test_odd_lengths_and_unknown_names_are_refused() -> None:
    _, service = room_of_bars()
    with pytest.raises(BadInput, match="60, 120, 300"):
        await ask(service, seconds=77)
    with pytest.raises(UnknownSymbol):
        await service.bars(GetBars(symbol=Symbol("ZZZ")))


def test_watchers_get_the_two_newest_bars_when_they_change() -> None:
    room, service = room_of_bars()
    mailbox = room.bus.subscribe(topic(BarsChanged, "SPY/120"), topic(BarsChanged, "SPY/86400"), topic(BarsChanged, "SPY/x"))
    room.emit(bars("SPY", OPEN + MINUTE_NS * np.arange(6), 100.0 + np.arange(6)))
    service.publish()
    service.publish()
    events = {event.key: event for event in mailbox.drain()}
    assert set(events) == {"SPY/120", "SPY/86400"}
    newest = events["SPY/120"]
    assert isinstance(newest, BarsChanged)
    assert newest.bars.start.tolist() == [OPEN + 2 * MINUTE_NS, OPEN + 4 * MINUTE_NS]
    assert newest.bars.close.tolist() == [103.0, 105.0]


@pytest.mark.parametrize("seconds", [300, 1_800, 3_600])
def test_the_bar_before_the_newest_is_whole(seconds: int) -> None:
    room, service = room_of_bars()
    mailbox = room.bus.subscribe(topic(BarsChanged, f"SPY/{seconds}"))
    room.emit(bars("SPY", OPEN + MINUTE_NS * np.arange(150), 100.0))
    service.publish()
    event = mailbox.drain()[0]
    assert isinstance(event, BarsChanged)
    assert event.bars.volume[0] == 100.0 * seconds / 60


async def test_the_first_question_gives_the_feed_time_to_tell_the_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar_tables, "FIRST_BARS_SECONDS", 60.0)
    room, service = room_of_bars()
    tick(room, 3_600, 100.0)

    async def tell_soon() -> None:
        await asyncio.sleep(0.03)
        room.emit(bars("SPY", OPEN - DAY_NS + MINUTE_NS * np.arange(60), 80.0))
        await asyncio.sleep(0.03)
        room.emit(bars("SPY", OPEN + MINUTE_NS * np.arange(60), 90.0))

    soon = asyncio.ensure_future(tell_soon())
    assert (await ask(service, seconds=60, limit=61)).close[:2].tolist() == [90.0, 90.0]
    await soon
