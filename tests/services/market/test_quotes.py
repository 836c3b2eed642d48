import asyncio
from collections.abc import Iterable

import numpy as np
import pytest

from engine.domain.ids import Symbol
from engine.domain.instants import MINUTE_NS, SECOND_NS
from engine.domain.market import FeedCondition, FeedState, Verdict
from engine.messages.base import topic
from engine.messages.events import QuoteChanged
from engine.messages.queries import GetQuotes, Quote
from engine.services.market import quotes as quotes_module
from engine.services.market.names import Names
from engine.services.market.quotes import Quotes
from engine.state.priced import ThirtyDays
from tests.kit import facts
from tests.kit.market import NOON, OPEN, bars, listing, quotes, series_of, summaries, volatility
from tests.kit.market_room import MarketRoom, ScriptedFeed

DAY = 86_400 * SECOND_NS


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes_module, "FIRST_FIGURES_SECONDS", 0.0)
    monkeypatch.setattr(quotes_module, "PAST_SECONDS", 0.0)


def room_of_spy(*events: object) -> tuple[MarketRoom, Quotes]:
    room = MarketRoom()
    room.emit(listing(series_of("SPY"), symbols=("QQQ",)), FeedCondition(at=NOON, state=FeedState.LIVE))
    return room, Quotes(state=room.state, names=room.names(), bus=room.bus, clock=room.clock)


NO_THIRTY = ThirtyDays(as_of=NOON, iv=float("nan"), risk_reversal_25=float("nan"), butterfly_25=float("nan"))


def price_every_series(room: MarketRoom) -> None:
    for ladder in room.state.instruments.chain(Symbol("SPY")):
        room.state.priced.summaries[ladder.series.id] = facts.summary("SPY")


async def spy(service: Quotes) -> Quote:
    return (await service.board(GetQuotes(symbols=(Symbol("SPY"),)))).quotes[0]


async def test_a_name_never_quoted_is_unknown_everywhere_and_zero_nowhere() -> None:
    _, service = room_of_spy()
    quote = await spy(service)
    numbers = (quote.bid, quote.ask, quote.last, quote.change, quote.iv30, quote.iv_rank, quote.realized_30, quote.put_call_volume)
    assert all(np.isnan(number) for number in numbers)
    assert quote.as_of == 0
    assert quote.verdict == Verdict.NO_BID | Verdict.NO_ASK


async def test_change_is_measured_from_the_previous_close() -> None:
    room, service = room_of_spy()
    room.emit(summaries([0], last=102.0, previous_close=100.0, open=101.0, high=103.0, low=99.0, volume=5.0, last_at=NOON))
    quote = await spy(service)
    assert (quote.last, quote.change, quote.change_fraction) == (102.0, 2.0, 0.02)
    assert (quote.open, quote.high, quote.low) == (101.0, 103.0, 99.0)


async def test_a_name_without_prints_has_the_middle_of_its_quote_for_a_price() -> None:
    room, service = room_of_spy()
    room.emit(quotes([0], 99.9, 100.1))
    quote = await spy(service)
    assert quote.last == 100.0
    assert quote.as_of == NOON


async def test_rank_needs_120_sessions_and_counts_them() -> None:
    room, service = room_of_spy()
    room.state.priced.thirty[Symbol("SPY")] = ThirtyDays(as_of=NOON, iv=0.25, risk_reversal_25=-0.03, butterfly_25=0.01)
    room.emit(volatility("SPY", [0.2] * 60 + [0.3] * 59))
    early = await spy(service)
    assert np.isnan(early.iv_rank)
    assert early.iv_sessions == 119
    room.emit(volatility("SPY", [0.2] * 60 + [0.3] * 60))
    room.clock.pass_time(quotes_module.SLOW_SECONDS + 0.1)
    late = await spy(service)
    assert late.iv_rank == pytest.approx(0.5)
    assert late.iv_percentile == 0.5
    assert late.iv_sessions == 120
    assert late.expected_move_day == pytest.approx(late.last * 0.25 / 365**0.5, nan_ok=True)


async def test_todays_session_does_not_count_as_history() -> None:
    room, service = room_of_spy()
    midnight = OPEN - OPEN % DAY
    room.emit(volatility("SPY", [0.2] * 3, last_day=midnight + DAY))
    assert (await spy(service)).iv_sessions == 2


async def test_realized_volatility_stands_on_past_sessions_alone() -> None:
    room, service = room_of_spy()
    midnight = OPEN - OPEN % DAY
    closes = 100.0 * np.exp(np.cumsum(np.tile([0.01, -0.01], 16)))[:31]
    past = bars("SPY", midnight - DAY * np.arange(31, 0, -1), closes, seconds=86_400)
    room.emit(past, bars("SPY", [midnight], [500.0], seconds=86_400))
    assert (await spy(service)).realized_30 == pytest.approx(0.01 * np.sqrt(252), rel=1e-6)


async def test_the_day_line_begins_with_todays_session_and_ends_with_the_newest_price() -> None:
    room, service = room_of_spy()
    yesterday = OPEN - DAY + MINUTE_NS * np.arange(5)
    room.emit(bars("SPY", yesterday, 1.0), bars("SPY", OPEN + MINUTE_NS * np.arange(150), 100.0 + np.arange(150)))
    room.emit(quotes([0], 299.0, 301.0))
    quote = await spy(service)
    assert quote.day_line[0] == 100.0
    assert quote.day_line[-1] == 300.0
    assert quote.day_line.shape == (80,)
    assert (quote.high, quote.low) == (300.0, 99.0)


async def test_put_call_is_by_volume_over_all_open_contracts_with_known_volume_priced_or_not() -> None:
    room, service = room_of_spy()
    assert np.isnan((await spy(service)).put_call_volume)
    handles = {right: [row for row, found in enumerate(room.state.instruments.right) if found == right] for right in (1, -1)}
    calls, puts = handles[1], handles[-1]
    room.emit(summaries([calls[0], calls[1], puts[0]], volume=np.array([10.0, 20.0, 40.0])))
    room.clock.pass_time(quotes_module.SLOW_SECONDS + 0.1)
    assert (await spy(service)).put_call_volume == pytest.approx(40.0 / 30.0)
    assert room.state.priced.summaries == {}
    settled = room.state.instruments.ladders[0].series.settles_at
    room.emit(quotes([0], 99.9, 100.1, at=settled + SECOND_NS))
    room.clock.pass_time(quotes_module.SLOW_SECONDS + 0.1)
    assert np.isnan((await spy(service)).put_call_volume)


async def test_a_market_that_stands_still_is_waited_for_until_its_volatility_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes_module, "FIRST_FIGURES_SECONDS", 60.0)
    room, service = room_of_spy()
    room.emit(quotes(np.arange(5), 99.9, 100.1), FeedCondition(at=NOON, state=FeedState.FROZEN))

    async def compute_soon() -> None:
        await asyncio.sleep(0.03)
        room.state.priced.thirty[Symbol("SPY")] = ThirtyDays(as_of=NOON, iv=0.2, risk_reversal_25=-0.03, butterfly_25=0.01)

    soon = asyncio.ensure_future(compute_soon())
    assert (await spy(service)).iv30 == 0.2
    await soon


async def test_a_name_without_expiries_near_thirty_days_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes_module, "FIRST_FIGURES_SECONDS", 3_600.0)
    room, service = room_of_spy()
    room.emit(quotes(np.arange(5), 99.9, 100.1), FeedCondition(at=NOON, state=FeedState.FROZEN))
    price_every_series(room)
    room.state.priced.thirty[Symbol("SPY")] = NO_THIRTY
    assert np.isnan((await spy(service)).iv30)


@pytest.mark.parametrize("state", [FeedState.LIVE, FeedState.FROZEN])
async def test_a_name_whose_expiries_are_priced_in_turns_is_waited_for(state: FeedState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes_module, "FIRST_FIGURES_SECONDS", 60.0)
    room, service = room_of_spy()
    room.emit(quotes(np.arange(5), 99.9, 100.1), FeedCondition(at=NOON, state=state))
    room.state.priced.thirty[Symbol("SPY")] = NO_THIRTY  # the first turn priced no expiry near thirty days

    async def price_the_rest() -> None:
        await asyncio.sleep(0.03)
        price_every_series(room)
        room.state.priced.thirty[Symbol("SPY")] = ThirtyDays(as_of=NOON, iv=0.2, risk_reversal_25=-0.03, butterfly_25=0.01)

    soon = asyncio.ensure_future(price_the_rest())
    assert (await spy(service)).iv30 == 0.2
    await soon


async def test_a_question_asked_but_once_waits_for_the_volatilities_of_many_names_and_looks_into_the_store() -> None:
    room = MarketRoom()
    names = tuple(Symbol(f"NAM{letter}") for letter in "ABCDEFGH")
    for number, name in enumerate(names):
        room.emit(listing(series_of(name), first=100 * number), quotes(100 * number + np.arange(5), 99.9, 100.1))
    room.emit(FeedCondition(at=NOON, state=FeedState.FROZEN))
    asked: list[Symbol] = []

    async def recall(symbols: Iterable[Symbol]) -> None:
        asked.extend(symbols)
        for symbol in names:
            room.emit(volatility(symbol, [0.2] * 60 + [0.3] * 60))

    service = Quotes(state=room.state, names=room.names(), bus=room.bus, clock=room.clock, recall=recall)

    async def compute_soon() -> None:
        for name in names:
            await asyncio.sleep(0.005)
            room.state.priced.thirty[name] = ThirtyDays(as_of=NOON, iv=0.25, risk_reversal_25=-0.03, butterfly_25=0.01)

    early = await service.board(GetQuotes(symbols=names))
    assert all(np.isnan(quote.iv30) for quote in early.quotes)
    soon = asyncio.ensure_future(compute_soon())
    board = await service.board(GetQuotes(symbols=names, complete=True))
    await soon
    assert [quote.iv30 for quote in board.quotes] == [0.25] * 8
    assert asked == list(names)
    assert [quote.iv_rank for quote in board.quotes] == pytest.approx([0.5] * 8)


async def test_a_store_that_does_not_answer_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes_module, "RECALL_SECONDS", 0.01)
    room, _ = room_of_spy()

    async def recall(_: Iterable[Symbol]) -> None:
        await asyncio.Event().wait()

    service = Quotes(state=room.state, names=room.names(), bus=room.bus, clock=room.clock, recall=recall)
    assert np.isnan((await spy(service)).iv_rank)


async def test_a_silent_feed_makes_the_quote_stale() -> None:
    room, service = room_of_spy()
    room.emit(quotes([0], 99.9, 100.1))
    room.clock.pass_time(10.0)
    room.watchdog()
    quote = await spy(service)
    assert quote.state is FeedState.DEGRADED
    assert quote.verdict & Verdict.STALE


async def test_unknown_names_are_left_out_and_named_and_none_means_all() -> None:
    _, service = room_of_spy()
    board = await service.board(GetQuotes(symbols=(Symbol("qqq"), Symbol("ZZZ"))))
    assert [quote.security.symbol for quote in board.quotes] == ["QQQ"]
    assert board.unknown == ("ZZZ",)
    assert [quote.security.symbol for quote in (await service.board(GetQuotes())).quotes] == ["SPY", "QQQ"]


def test_only_watched_names_that_changed_are_published() -> None:
    room, service = room_of_spy()
    mailbox = room.bus.subscribe(topic(QuoteChanged, "SPY"))
    room.emit(quotes([0, 1], 99.9, 100.1))
    service.publish()
    service.publish()
    assert [event.key for event in mailbox.drain()] == ["SPY"]
    room.emit(quotes([1], 99.8, 100.1))
    service.publish()
    assert mailbox.drain() == []
    room.emit(quotes([0], 99.8, 100.1))
    service.publish()
    assert len(mailbox.drain()) == 1


def test_a_watcher_of_all_names_hears_all_and_a_change_of_state_is_a_change() -> None:
    room, service = room_of_spy()
    mailbox = room.bus.subscribe(topic(QuoteChanged))
    service.publish()
    assert {event.key for event in mailbox.drain()} == {"SPY", "QQQ"}
    room.emit(FeedCondition(at=NOON, state=FeedState.CLOSED))
    service.publish()
    assert len(mailbox.drain()) == 2


async def test_the_first_question_about_a_name_waits_for_its_price_and_volatility(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes_module, "FIRST_FIGURES_SECONDS", 60.0)
    room, service = room_of_spy()

    async def price_soon() -> None:
        await asyncio.sleep(0.03)
        room.emit(quotes([0], 99.9, 100.1))
        await asyncio.sleep(0.03)
        room.state.priced.thirty[Symbol("SPY")] = ThirtyDays(as_of=NOON, iv=0.2, risk_reversal_25=-0.03, butterfly_25=0.01)

    soon = asyncio.ensure_future(price_soon())
    quote = await spy(service)
    await soon
    assert (quote.last, quote.iv30) == (100.0, 0.2)


async def test_a_name_the_feed_can_fetch_is_fetched_for_a_quote() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    feed = ScriptedFeed(fetches={"QQQ": listing(series_of("QQQ"), first=100)})
    feed.sink = room.ingest
    runner = room.runner(feed)
    runner.feed = feed
    names = Names(state=room.state, runner=runner, clock=room.clock)
    board = await Quotes(state=room.state, names=names, bus=room.bus, clock=room.clock).board(GetQuotes(symbols=(Symbol("QQQ"),)))
    assert [found.security.symbol for found in board.quotes] == ["QQQ"]
