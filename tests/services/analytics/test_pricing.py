import asyncio
from datetime import date

import numpy as np
import pytest
from msgspec import Struct

from engine.domain.chain import ChainModel, ForwardMethod, IvStatus, RateSource
from engine.domain.ids import Symbol
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedCondition, FeedState, Pulse, Verdict
from engine.messages import wire
from engine.messages.base import topic
from engine.messages.events import ChainChanged, ExpirationsChanged
from engine.messages.queries import GetChain
from engine.services.analytics import pricing as pricing_module
from engine.services.analytics.pricing import SHORTEST_PAUSE_SECONDS, pause
from tests.kit.market import DECEMBER, MONDAY, NOON, quotes, series_of, summaries
from tests.kit.priced_market import IV, LATER, RATE, SPOT, SPX, STRIKES, PricedRoom, book_of, forward_of, smile

DECEMBER_SERIES = series_of("SPX", DECEMBER)
MANY = tuple(
    series_of("SPXW", day)
    for day in (MONDAY, date(2026, 11, 30), date(2027, 1, 15), date(2027, 3, 31), date(2027, 6, 30), date(2027, 12, 17))
)
"""A short expiry, one of ten days, and some that say a rate surely."""


def bits(numbers: Struct) -> bytes:
    """All of it, to the last bit."""
    return wire.encode(numbers)


async def test_the_numbers_find_the_volatility_the_quotes_were_made_of() -> None:
    room = PricedRoom()
    room.quote()
    (found,) = (await room.chains.chain(GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,)))).slices
    summary = found.summary
    forward = forward_of(DECEMBER_SERIES)
    assert summary.forward == pytest.approx(forward, rel=2e-5)
    assert summary.rate == pytest.approx(RATE, abs=2e-3)
    assert summary.atm_iv == pytest.approx(IV, abs=2e-4)
    assert summary.forward_method is ForwardMethod.PARITY
    assert summary.model is ChainModel.BLACK_76
    assert summary.expected_move == pytest.approx(SPOT * IV * summary.years**0.5, rel=2e-3)
    truth = np.array([smile(strike, forward) for strike in STRIKES])
    out = np.where(np.array(STRIKES) >= forward, found.iv[0], found.iv[1])
    good = np.isfinite(out)
    assert good.mean() > 0.9
    assert np.abs(out - truth)[good].max() < 2e-3
    assert np.median(np.abs(out - truth)[good]) < 1e-4
    assert summary.risk_reversal_25 < -0.005


async def test_a_slice_holds_the_market_as_it_is_beside_its_numbers() -> None:
    room = PricedRoom()
    room.quote()
    handle = 1 + 2 * STRIKES.index(6_000.0)
    handle += 2 * len(STRIKES)  # the second series
    room.emit(summaries([handle], volume=7.0, open_interest=90.0, last=100.0, vendor_iv=0.21, vendor_delta=0.5))
    (found,) = (await room.chains.chain(GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,)))).slices
    at = STRIKES.index(6_000.0)
    assert (found.volume[0, at], found.open_interest[0, at], found.last[0, at]) == (7.0, 90.0, 100.0)
    assert (found.vendor_iv[0, at], found.vendor_delta[0, at]) == (0.21, 0.5)
    assert np.isnan(found.volume[1, at])
    assert found.summary.call_volume == 7.0
    assert np.isnan(found.summary.put_volume)
    assert found.contract[at] == "SPX   261218C06000000"
    assert found.quoted_at[0, at] == NOON
    assert not found.bid.flags.writeable


async def test_faulty_quotes_are_named_and_have_no_number() -> None:
    room = PricedRoom()
    room.quote()
    first = 1 + 2 * len(STRIKES)
    room.emit(quotes(first + np.array([0, 2, 4, 6]), [900.0, 5.0, 0.0, -1.0], [800.0, 5.0, 700.0, float("inf")]))
    (found,) = (await room.chains.chain(GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,)))).slices
    assert found.verdict[0, 0] & Verdict.CROSSED
    assert found.verdict[0, 1] & Verdict.LOCKED
    assert found.verdict[0, 1] & Verdict.BELOW_INTRINSIC
    assert found.verdict[0, 2] & Verdict.NO_BID
    assert found.verdict[0, 3] & Verdict.MALFORMED
    assert np.isnan(found.mid[0, [0, 2, 3]]).all()
    assert (found.iv_status[0, :4] != IvStatus.OK).all()
    assert found.bid[0, 2] == 0.0
    assert room.state.priced.below_intrinsic[DECEMBER_SERIES.id] >= 1


async def test_am_and_pm_of_one_date_are_two_entries_with_their_own_time() -> None:
    room = PricedRoom(series_of("SPX", DECEMBER), series_of("SPXW", DECEMBER))
    room.quote()
    await room.pricing.look(SPX)
    expiries = room.pricing.table(SPX).expiries
    assert [entry.series.id for entry in expiries] == ["SPX/2026-12-18/AM", "SPXW/2026-12-18/PM"]
    assert expiries[1].years - expiries[0].years == pytest.approx(6.5 / 24 / 365)


@pytest.mark.parametrize("state", [FeedState.DELAYED, FeedState.FROZEN, FeedState.CLOSED])
async def test_the_state_of_the_feed_is_the_state_of_its_numbers(state: FeedState) -> None:
    room = PricedRoom(state=state)
    room.quote()
    chain = await room.chains.chain(GetChain(symbol=SPX))
    assert chain.state is state
    assert chain.slices[0].summary.state is state


@pytest.mark.bar("F-F-01")
async def test_numbers_of_a_feed_that_fell_silent_are_made_again_as_stale() -> None:
    room = PricedRoom()
    mailbox = room.bus.subscribe(topic(ChainChanged, DECEMBER_SERIES.id))
    room.quote()
    await room.pricing.tick()
    room.clock.pass_time(6.0)
    room.watchdog()
    await room.pricing.tick()
    event = mailbox.drain()[-1]
    assert isinstance(event, ChainChanged)
    assert event.slice.summary.state is FeedState.DEGRADED
    assert (event.slice.verdict & Verdict.STALE).all()
    room.emit(Pulse(at=NOON))
    await room.pricing.tick()
    (again,) = mailbox.drain()
    assert isinstance(again, ChainChanged)
    assert again.slice.summary.state is FeedState.LIVE


async def test_a_watched_series_is_priced_when_it_changes_and_only_then() -> None:
    room = PricedRoom()
    mailbox = room.bus.subscribe(topic(ChainChanged, DECEMBER_SERIES.id))
    room.quote()
    await room.pricing.tick()
    assert [event.key for event in mailbox.drain()] == [DECEMBER_SERIES.id]
    await room.pricing.tick()
    assert mailbox.drain() == []
    room.emit(quotes([3], 1.0, 1.1, at=NOON + SECOND_NS))
    await room.pricing.tick()
    assert mailbox.drain() == []
    room.emit(quotes([1 + 2 * len(STRIKES)], 1.0, 1.1, at=NOON + SECOND_NS))
    await room.pricing.tick()
    assert len(mailbox.drain()) == 1


async def test_a_move_of_the_underlying_is_a_change_of_every_watched_series() -> None:
    room = PricedRoom()
    mailbox = room.bus.subscribe(topic(ChainChanged, DECEMBER_SERIES.id))
    room.quote()
    await room.pricing.tick()
    mailbox.drain()
    room.emit(quotes([0], 6_010.0, 6_010.2))
    await room.pricing.tick()
    (event,) = mailbox.drain()
    assert isinstance(event, ChainChanged)
    assert event.slice.summary.spot == pytest.approx(6_010.1)


async def test_quotes_of_a_watched_series_that_grew_old_while_others_spoke_are_told_as_stale() -> None:
    room = PricedRoom()
    monday = room.series[0]
    room.bus.subscribe(topic(ChainChanged, monday.id))
    room.quote()
    await room.pricing.tick()
    assert not (room.state.priced.slices[monday.id].verdict & Verdict.STALE).any()
    room.clock.pass_time(400.0)
    book = book_of(room.listed)
    others = room.listed.series_index > 0
    room.emit(quotes(book.handle[others], book.bid[others], book.ask[others], at=NOON + 400 * SECOND_NS))
    await room.pricing.tick()
    assert (room.state.priced.slices[monday.id].verdict & Verdict.STALE).all()


async def test_all_watched_series_of_a_tick_are_priced_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    original = pricing_module.priced

    def counted(taken: object, whole: frozenset[str], *rates: object) -> object:
        calls.append(len(whole))
        return original(taken, whole, *rates)  # type: ignore[arg-type]

    monkeypatch.setattr(pricing_module, "priced", counted)
    room = PricedRoom()
    room.bus.subscribe(*(topic(ChainChanged, series.id) for series in room.series))
    room.quote()
    await room.pricing.tick()
    assert calls == [3]


async def test_unwatched_names_have_their_thirty_day_volatility_too() -> None:
    room = PricedRoom()
    room.quote()
    await room.pricing.tick()
    thirty = room.state.priced.thirty[SPX]
    assert thirty.iv == pytest.approx(IV, abs=5e-4)
    assert thirty.risk_reversal_25 < 0.0
    assert room.state.priced.slices == {}


async def test_the_table_of_expiries_is_told_to_its_watchers_once_a_second() -> None:
    room = PricedRoom()
    mailbox = room.bus.subscribe(topic(ExpirationsChanged, "SPX"))
    room.quote()
    await room.pricing.tick()
    (event,) = mailbox.drain()
    assert isinstance(event, ExpirationsChanged)
    assert len(event.table.expiries) == 3
    await room.pricing.tick()
    assert mailbox.drain() == []
    room.clock.pass_time(1.0)
    await room.pricing.tick()
    assert mailbox.drain() == []
    room.quote(at=NOON + SECOND_NS)
    await room.pricing.tick()
    assert len(mailbox.drain()) == 1


async def test_a_settled_series_leaves_the_table_and_its_numbers_are_forgotten() -> None:
    room = PricedRoom()
    room.quote()
    await room.pricing.look(SPX)
    monday = series_of("SPXW", MONDAY)
    assert monday.id in room.state.priced.summaries
    room.clock.pass_time((monday.settles_at - NOON) / SECOND_NS + 1.0)
    room.emit(quotes([0], 6_000.0, 6_000.1, at=int(room.clock.now())))
    await room.pricing.look(SPX)
    assert monday.id not in room.state.priced.summaries
    assert [entry.series.id for entry in room.pricing.table(SPX).expiries] == ["SPX/2026-12-18/AM", "SPXW/2027-01-15/PM"]


async def test_a_settled_series_is_kept_nowhere_though_it_was_watched() -> None:
    room = PricedRoom()
    monday = series_of("SPXW", MONDAY)
    mailbox = room.bus.subscribe(topic(ChainChanged, monday.id), topic(ChainChanged, DECEMBER_SERIES.id))
    room.quote()
    await room.pricing.tick()
    assert room.bus.retained(ChainChanged) == {monday.id, DECEMBER_SERIES.id}
    mailbox.close()
    room.clock.pass_time((monday.settles_at - NOON) / SECOND_NS + 1.0)
    room.emit(quotes([0], 6_000.0, 6_000.1, at=int(room.clock.now())))
    await room.pricing.look(SPX)
    assert room.bus.retained(ChainChanged) == {DECEMBER_SERIES.id}
    assert room.state.priced.slices.keys() == {DECEMBER_SERIES.id}
    assert room.pricing._standing.keys() == {DECEMBER_SERIES.id}


async def test_a_question_and_a_tick_make_the_same_numbers_of_the_same_quotes_to_the_last_bit() -> None:
    watched, asked = PricedRoom(*MANY), PricedRoom(*MANY)
    watched.bus.subscribe(topic(ChainChanged, MANY[0].id))
    for second in range(4):
        for room in (watched, asked):
            room.quote(at=NOON + second * SECOND_NS, spread=0.1 + 0.1 * second)
        await watched.pricing.tick()  # at first with the whole name, then the watched series by itself
        for series in MANY[::-1] if second % 2 else MANY:
            await asked.chains.chain(GetChain(symbol=SPX, series=(series.id,)))
        (answer,) = (await asked.chains.chain(GetChain(symbol=SPX, series=(MANY[0].id,)))).slices
        assert bits(watched.state.priced.slices[MANY[0].id]) == bits(answer)
    everything = await asked.chains.chain(GetChain(symbol=SPX, everything=True))
    await watched.pricing.look(SPX)
    table = watched.pricing.table(SPX)
    assert [bits(entry) for entry in table.expiries] == [bits(found.summary) for found in everything.slices]


async def test_a_question_beside_a_watched_chain_answers_with_the_very_slice_that_was_told() -> None:
    room = PricedRoom(*MANY)
    mailbox = room.bus.subscribe(topic(ChainChanged, MANY[1].id))
    for second in range(3):
        room.quote(at=NOON + second * SECOND_NS)
        await room.pricing.tick()
        await room.pricing.tick()
        told = mailbox.drain()[-1]
        assert isinstance(told, ChainChanged)
        answer = await room.chains.chain(GetChain(symbol=SPX, everything=True))
        assert answer.slices[1] is told.slice


async def test_the_rate_of_an_expiry_of_today_is_that_of_the_curve_and_stays_while_rates_do() -> None:
    room = PricedRoom(*MANY)
    room.bus.subscribe(topic(ChainChanged, MANY[0].id))
    rng = np.random.default_rng(3)
    seen: set[float] = set()
    for second in range(40):
        noise = rng.choice((-0.05, 0.0, 0.05), size=len(room.listed.name))
        book = book_of(room.listed, at=NOON + second * SECOND_NS, spread=0.2)
        room.emit(quotes(book.handle, np.maximum(book.bid + noise, 0.0), book.ask + noise, at=NOON + second * SECOND_NS))
        room.clock.pass_time(1.0)
        await room.pricing.tick()
        summary = room.state.priced.slices[MANY[0].id].summary
        if second:
            seen.add(round(summary.rate, 4))
        assert summary.rate == pytest.approx(RATE, abs=5e-3)
    assert summary.rate_source is RateSource.CURVE
    assert room.state.priced.summaries[MANY[-1].id].rate_source is RateSource.PARITY
    assert len(seen) <= 2, seen


async def test_numbers_made_before_the_curve_was_known_are_made_again_in_a_market_that_stands_still() -> None:
    room = PricedRoom(*MANY, state=FeedState.FROZEN)
    room.bus.subscribe(topic(ChainChanged, MANY[0].id))
    book = book_of(room.listed)
    of_first = np.arange(len(room.listed.name)) <= 2 * len(STRIKES)
    room.emit(quotes(book.handle[of_first], book.bid[of_first], book.ask[of_first]))
    await room.pricing.tick()
    assert room.state.priced.slices[MANY[0].id].summary.rate_source is RateSource.ASSUMED
    room.emit(book)
    await room.pricing.tick()
    await room.pricing.tick()
    assert room.state.priced.slices[MANY[0].id].summary.rate_source is RateSource.CURVE


async def test_a_rate_that_was_taught_while_another_name_was_priced_is_a_reason_to_price_that_again() -> None:
    spy = Symbol("SPY")
    room = PricedRoom(series_of("SPX", DECEMBER), series_of("SPXW", LATER), series_of("SPY", DECEMBER), state=FeedState.FROZEN)
    room.quote()
    await asyncio.gather(room.pricing.look(SPX), room.pricing.look(spy))
    room.clock.pass_time(60.0)
    await room.pricing.tick()
    (found,) = room.pricing.table(spy).expiries
    assert found.rate_source is RateSource.CURVE


async def test_an_american_name_takes_its_rate_from_the_european_curve_and_says_what_its_number_is() -> None:
    from engine.domain.market import Listing
    from tests.kit.market import listing
    from tests.kit.priced_market import book_of

    room = PricedRoom()
    room.quote()
    await room.pricing.look(SPX)
    spy: Listing = listing(series_of("SPY", DECEMBER), strikes=STRIKES, first=1_000)
    room.emit(spy, book_of(spy))
    (found,) = (await room.chains.chain(GetChain(symbol=Symbol("SPY")))).slices
    assert found.summary.model is ChainModel.AMERICAN
    assert found.summary.rate == pytest.approx(RATE, abs=2e-3)


async def test_a_failure_is_told_once_and_pricing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing_module, "REST_SECONDS", 0.0)
    room = PricedRoom()
    failures = 0
    enough = asyncio.Event()

    async def fail() -> None:
        nonlocal failures
        failures += 1
        if failures == 3:
            enough.set()
        raise ZeroDivisionError("odd series")

    monkeypatch.setattr(room.pricing, "tick", fail)
    running = asyncio.ensure_future(room.pricing.run(1_000.0, 1.0))
    await enough.wait()
    running.cancel()
    assert [getattr(event, "text", "") for event in room.notices.drain()] == ["ZeroDivisionError: odd series"]


async def test_a_delayed_market_saved_on_a_saturday_counts_as_the_last_close() -> None:
    from engine.services.analytics.gather import instant
    from tests.kit.market import OPEN

    room = PricedRoom(state=FeedState.FROZEN)
    saturday = NOON + 86_400 * SECOND_NS
    room.emit(FeedCondition(at=saturday, state=FeedState.FROZEN), quotes([0], 6_000.0, 6_000.1, at=saturday))
    close = OPEN + int(6.75 * 3_600) * SECOND_NS
    assert instant(room.state, 0, saturday) == close


@pytest.mark.parametrize(
    ("took", "seconds"),
    [(0.0, 0.1), (0.02, 0.48), (0.002, 0.098), (2.0, 3.0)],
)
def test_the_pause_keeps_to_the_share_and_is_never_a_silence(took, seconds):
    assert pause(took, hertz=10.0, share=0.04) == pytest.approx(seconds)
    assert pause(5.0, hertz=10.0, share=1.0) == SHORTEST_PAUSE_SECONDS
