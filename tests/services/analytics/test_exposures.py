"""Exposures that live: who is watched, how often, what is answered, refused and remembered."""

import asyncio
from math import isnan

import numpy as np
import pytest

from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import Symbol
from engine.domain.market import FeedState
from engine.domain.marks import ExposureMark
from engine.kernel.clock import FrozenClock
from engine.kernel.offload import Offload
from engine.messages.base import topic
from engine.messages.events import NoticePosted
from engine.messages.exposure import ExposureChanged, ExposureConvention, ExposureCount, ExposureGreek, GetExposure
from engine.services.analytics import exposures
from engine.services.analytics.exposures import FRESH_SECONDS, Exposures
from engine.services.market.demand import DemandKeeper
from tests.kit.engine import until
from tests.kit.market import DECEMBER, MONDAY, NOON, listing, quotes, series_of, summaries
from tests.kit.priced_market import SPOT, SPX, STRIKES, PricedRoom, book_of


class Memory:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.marks: list[ExposureMark] = []

    def record(self, event: ExposureMark) -> None:
        self.marks.append(event)


class ExposedRoom(PricedRoom):
    """SPX with three expiries, quoted and with open interest."""

    def __init__(self, *series, state: FeedState = FeedState.LIVE, counted: bool = True) -> None:
        super().__init__(*series, state=state)
        self.memory = Memory()
        self.exposures = Exposures(
            state=self.state,
            bus=self.bus,
            clock=self.clock,
            offload=Offload(1),
            pricing=self.pricing,
            chains=self.chains,
            history=self.memory,
        )
        self.quote()
        if counted:
            self.count()

    def count(self, **changes: float) -> None:
        options = self.listed.handle[self.listed.series_index >= 0]
        near = np.exp(-(((self.listed.strike[self.listed.series_index >= 0] - SPOT) / 300.0) ** 2))
        self.emit(summaries(options, open_interest=changes.get("open_interest", 1.0) * (100.0 + 5_000.0 * near), volume=10.0))


async def test_an_exposure_counts_every_listed_contract_of_every_open_expiry() -> None:
    room = ExposedRoom()
    told = await room.exposures.exposure(GetExposure(symbol=Symbol(" spx ")))
    assert told.symbol == SPX
    assert told.contracts == 2 * 3 * len(STRIKES)
    assert told.left_out == 0
    assert told.expiries == tuple(series.id for series in room.series)
    assert told.by_strike.rungs.tolist() == list(STRIKES)
    assert told.by_strike.calls.min() >= 0.0 >= told.by_strike.puts.max()
    assert told.spot == pytest.approx(SPOT)
    assert told.as_of == NOON
    assert "open interest of the last session" in told.in_words


async def test_unknown_open_interest_is_left_out_and_counted_never_zero() -> None:
    room = ExposedRoom(counted=False)
    options = room.listed.handle[room.listed.series_index >= 0]
    room.emit(summaries(options[:10], open_interest=500.0))
    told = await room.exposures.exposure(GetExposure(symbol=SPX))
    assert (told.contracts, told.left_out) == (10, 2 * 3 * len(STRIKES) - 10)
    assert not told.trouble


async def test_a_feed_that_tells_no_open_interest_at_all_is_said_to() -> None:
    room = ExposedRoom(counted=False, state=FeedState.FROZEN)
    told = await room.exposures.exposure(GetExposure(symbol=SPX))
    assert "tells no open interest" in told.trouble
    assert isnan(told.net)


async def test_another_convention_and_one_expiry_are_answered_from_the_same_positions() -> None:
    room = ExposedRoom()
    whole = await room.exposures.exposure(GetExposure(symbol=SPX))
    convention = ExposureConvention(greek=ExposureGreek.VANNA, counted=ExposureCount.VOLUME)
    part = await room.exposures.exposure(GetExposure(symbol=SPX, convention=convention, series=(room.series[1].id,)))
    assert part.expiries == (room.series[1].id,)
    assert part.convention == convention
    assert part.as_of == whole.as_of


async def test_an_expiry_that_is_not_there_is_refused_with_the_way_to_the_others() -> None:
    room = ExposedRoom()
    with pytest.raises(BadInput, match="optix expirations SPX"):
        await room.exposures.exposure(GetExposure(symbol=SPX, series=("SPX/2020-01-17/AM",)))
    with pytest.raises(UnknownSymbol):
        await room.exposures.exposure(GetExposure(symbol=Symbol("NOSUCH")))


async def test_an_index_that_nobody_holds_has_no_exposure_and_says_why() -> None:
    room = ExposedRoom(series_of("VIX", DECEMBER))
    told = await room.exposures.exposure(GetExposure(symbol=Symbol("VIX")))
    assert "nobody can hold VIX" in told.trouble
    room.bus.subscribe(topic(ExposureChanged, "VIX"))
    assert room.exposures.due() == ["VIX"]
    await room.exposures.refresh(Symbol("VIX"))
    room.clock.advance(10.0)
    assert room.exposures.due() == []
    assert room.memory.marks == []


async def test_adjusted_series_are_named_as_left_out() -> None:
    plain, adjusted = series_of("AAPL", DECEMBER), series_of("AAPL1", DECEMBER)
    room = PricedRoom(plain)
    room.emit(listing(plain, adjusted, strikes=STRIKES, first=1_000))
    room.listed = listing(plain, adjusted, strikes=STRIKES, first=1_000)
    room.quote()
    options = room.listed.handle[room.listed.series_index >= 0]
    room.emit(summaries(options, open_interest=100.0))
    exposures = Exposures(
        state=room.state, bus=room.bus, clock=room.clock, offload=Offload(1), pricing=room.pricing, chains=room.chains, history=None
    )
    told = await exposures.exposure(GetExposure(symbol=Symbol("AAPL")))
    assert told.left_out_expiries == (adjusted.id,)
    assert told.expiries == (plain.id,)
    assert "early exercise left out" in told.in_words


async def test_a_watched_name_is_told_at_most_once_a_second_and_only_where_it_moved() -> None:
    room = ExposedRoom()
    assert room.exposures.due() == []
    watcher = room.bus.subscribe(topic(ExposureChanged, SPX))
    assert room.exposures.due() == [SPX]
    await room.exposures.refresh(SPX)
    (event,) = [event for event in watcher.drain() if isinstance(event, ExposureChanged)]
    assert event.exposure.convention == ExposureConvention()
    room.clock.pass_time(FRESH_SECONDS + 0.1)
    assert room.exposures.due() == [SPX], "the first pass has learned a rate"
    await room.exposures.refresh(SPX)
    watcher.drain()
    room.clock.pass_time(FRESH_SECONDS + 0.1)
    assert room.exposures.due() == []
    room.emit(book_of(room.listed, at=NOON + 10**9, spot=SPOT + 5.0))
    assert room.exposures.due() == [SPX]
    await room.exposures.refresh(SPX)
    assert room.exposures.due() == []
    (event,) = [event for event in watcher.drain() if isinstance(event, ExposureChanged)]
    assert event.exposure.spot == pytest.approx(SPOT + 5.0)


async def test_every_told_exposure_is_handed_to_the_history() -> None:
    room = ExposedRoom()
    await room.exposures.refresh(SPX)
    (mark,) = room.memory.marks
    told = await room.exposures.exposure(GetExposure(symbol=SPX))
    assert (mark.symbol, mark.at, mark.spot) == (SPX, NOON, told.spot)
    assert (mark.net, mark.low, mark.high, mark.contracts) == (told.net, told.low, told.high, told.contracts)


async def test_a_name_that_nobody_watches_follows_its_turn_and_not_more_often() -> None:
    room = ExposedRoom()
    await room.pricing.look_at_smiles(SPX)
    smiles = room.exposures._seen.pop(SPX)
    await room.exposures.visit(SPX, smiles)
    assert len(room.memory.marks) == 1
    await room.pricing.look_at_smiles(SPX)
    assert SPX not in room.exposures._seen
    room.clock.pass_time(60.0)
    await room.pricing.look_at_smiles(SPX)
    assert SPX in room.exposures._seen
    room.bus.subscribe(topic(ExposureChanged, SPX))
    room.exposures._seen.clear()
    await room.pricing.look_at_smiles(SPX)
    assert SPX not in room.exposures._seen


async def test_a_watcher_of_all_names_costs_nothing() -> None:
    room = ExposedRoom()
    room.bus.subscribe(topic(ExposureChanged))
    assert room.exposures.due() == []


async def test_watching_an_exposure_asks_the_feed_for_all_expiries_of_the_name() -> None:
    room = ExposedRoom()
    room.bus.subscribe(topic(ExposureChanged, SPX))
    DemandKeeper(bus=room.bus, state=room.state).follow()
    assert room.state.wanted.watched_series == {series.id for series in room.series}
    assert room.state.wanted.symbols == {SPX}


async def test_a_name_without_a_price_is_refused_and_told_once_it_has_one() -> None:
    room = PricedRoom(series_of("SPXW", MONDAY), state=FeedState.FROZEN)
    exposures = Exposures(
        state=room.state, bus=room.bus, clock=room.clock, offload=Offload(1), pricing=room.pricing, chains=room.chains, history=None
    )
    options = room.listed.handle[room.listed.series_index >= 0]
    room.emit(summaries(options, open_interest=10.0), quotes(options, 1.0, 2.0))
    told = await exposures.exposure(GetExposure(symbol=SPX))
    assert "not known yet" in told.trouble
    room.quote()
    room.clock.pass_time(FRESH_SECONDS + 0.1)
    assert not (await exposures.exposure(GetExposure(symbol=SPX))).trouble


async def test_a_failure_is_told_and_does_not_end_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    room = ExposedRoom()
    notices = room.bus.subscribe(topic(NoticePosted))

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(room.exposures, "refresh", broken)
    rest = await room.exposures._tried(SPX)
    await room.exposures._tried(SPX)
    assert rest > 0
    assert [event.title for event in notices.drain() if isinstance(event, NoticePosted)] == ["An exposure failed"]


async def test_a_name_that_fails_rests_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Symbol("XSP")
    room = ExposedRoom(series_of("SPX", DECEMBER), series_of("XSP", DECEMBER))
    for symbol in (SPX, other):
        room.bus.subscribe(topic(ExposureChanged, symbol))
    refresh, tried = room.exposures.refresh, list[Symbol]()

    async def odd(symbol: Symbol) -> None:
        tried.append(symbol)
        if symbol == SPX:
            raise ZeroDivisionError("odd")
        await refresh(symbol)

    monkeypatch.setattr(room.exposures, "refresh", odd)
    monkeypatch.setattr(exposures, "REST_SECONDS", 3_600.0)
    running = asyncio.ensure_future(room.exposures.run_watched(1.0))
    await until(lambda: SPX in tried and bool(room.memory.marks))
    assert tried.count(SPX) == 1
    room.clock.pass_time(3_600.0)
    await until(lambda: tried.count(SPX) == 2)
    running.cancel()


def test_the_clock_of_these_tests_stands_still() -> None:
    assert isinstance(PricedRoom().clock, FrozenClock)
