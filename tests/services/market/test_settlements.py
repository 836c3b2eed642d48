"""Series leave at their settlement instant, by whatever clock the market lives on."""

import numpy as np
import pytest

from engine.domain.ids import Symbol
from engine.domain.instants import SECOND_NS
from engine.domain.instruments import Right
from engine.domain.market import FeedState
from engine.messages.base import topic
from engine.messages.events import ChainChanged
from engine.messages.queries import GetContract
from engine.services.market.contracts import Contracts
from engine.services.market.demand import DemandKeeper
from engine.services.market.flow.terms import Terms
from engine.services.market.recording import known_so_far
from engine.services.market.settlements import RELEASE_SECONDS, REST_SECONDS, Settlements
from tests.kit.market import DECEMBER, MONDAY, TODAY, listing, quotes, series_of, trades
from tests.kit.market_room import MarketRoom, turn_to

FRIDAY_SERIES = series_of("SPXW", TODAY)
SPX = Symbol("SPX")


def opened(state: FeedState = FeedState.LIVE) -> tuple[MarketRoom, Settlements, list[str]]:
    room, told = MarketRoom(), []
    room.emit(listing(FRIDAY_SERIES, series_of("SPXW", MONDAY), series_of("SPXW", DECEMBER)))
    room.state.health.state = state
    settlements = Settlements(state=room.state, ingest=room.ingest, clock=room.clock, on_retired=told.extend)
    return room, settlements, told


def listed(room: MarketRoom) -> list[str]:
    return [ladder.series.id for ladder in room.state.instruments.chain(SPX)]


def test_a_live_series_leaves_as_its_instant_comes_and_its_name_is_told_of_once() -> None:
    room, settlements, told = opened()
    turn_to(room.clock, FRIDAY_SERIES.settles_at - 1)
    settlements.look()
    assert told == []
    turn_to(room.clock, FRIDAY_SERIES.settles_at)
    settlements.look()
    settlements.look()
    assert told == ["SPX"]
    assert listed(room) == ["SPXW/2026-11-23/PM", "SPXW/2026-12-18/PM"]


@pytest.mark.parametrize("state", [FeedState.FROZEN, FeedState.DISCONNECTED, FeedState.CONNECTING])
def test_a_market_that_stands_still_keeps_what_it_lists(state: FeedState) -> None:
    room, settlements, told = opened(state)
    turn_to(room.clock, FRIDAY_SERIES.settles_at + 90_000 * SECOND_NS)
    settlements.look()
    assert told == []
    assert len(listed(room)) == 3


def test_a_delayed_feed_goes_by_its_quotes_and_for_no_longer_than_an_hour() -> None:
    room, settlements, told = opened(FeedState.DELAYED)
    room.emit(quotes(1, 1.0, 1.2, at=FRIDAY_SERIES.settles_at - 600 * SECOND_NS))
    turn_to(room.clock, FRIDAY_SERIES.settles_at + 300 * SECOND_NS)
    settlements.look()
    assert told == []
    turn_to(room.clock, FRIDAY_SERIES.settles_at + 3_600 * SECOND_NS)
    settlements.look()
    assert told == ["SPX"]


def test_rows_are_freed_after_a_rest_and_prints_in_memory_keep_their_names() -> None:
    room, settlements, _ = opened()
    market = room.state.market
    room.emit(quotes([1, 2, 3], 1.0, 1.2), trades(2, 1.1))
    printed = room.state.instruments.row("SPXW  261120P00090000")
    turn_to(room.clock, FRIDAY_SERIES.settles_at)
    settlements.look()
    count = room.state.instruments.count
    room.clock._monotonic += REST_SECONDS / 2
    settlements.look()
    assert room.state.instruments.count == count
    room.clock._monotonic += REST_SECONDS / 2 + RELEASE_SECONDS
    settlements.look()
    assert room.state.instruments.count == count - 5, "all but the one that printed"
    assert room.state.instruments.names[printed] == "SPXW  261120P00090000"
    assert np.isnan(market.bid[1])
    assert market.bid[printed] == 1.0
    room.emit(quotes([1, 3], 1.0, 1.2, at=FRIDAY_SERIES.settles_at))
    assert room.state.health.unknown_rows == 0, "a feed may go on to speak of what has settled"


def test_terms_by_number_follow_a_series_listed_where_another_was() -> None:
    room, settlements, _ = opened()
    terms = Terms(room.state.instruments)
    assert terms.read(0.0).settles_at[0] == FRIDAY_SERIES.settles_at
    turn_to(room.clock, FRIDAY_SERIES.settles_at)
    settlements.look()
    room.clock._monotonic += REST_SECONDS + RELEASE_SECONDS
    settlements.look()
    later = series_of("SPX", DECEMBER)
    room.emit(listing(later, first=60))
    assert room.state.instruments.ladder(later.id).index == 0
    assert terms.read(0.0).settles_at[0] == later.settles_at


async def test_a_settled_contract_is_found_by_its_id_and_by_its_date_and_not_as_the_nearest() -> None:
    room, settlements, _ = opened()
    contracts = Contracts(state=room.state, names=room.names(), clock=room.clock)
    turn_to(room.clock, FRIDAY_SERIES.settles_at)
    settlements.look()
    room.clock._monotonic += REST_SECONDS + RELEASE_SECONDS
    settlements.look()
    for text in ("SPXW  261120C00100000", "SPX 2026-11-20 100C"):
        found = (await contracts.detail(GetContract(text=text))).contract
        assert (found.id, found.right, found.series) == ("SPXW  261120C00100000", Right.CALL, FRIDAY_SERIES)
    nearest = (await contracts.detail(GetContract(text="SPX 100C"))).contract
    assert nearest.series.expiry == MONDAY


def test_a_series_that_has_settled_is_no_more_demanded_of_the_feed() -> None:
    room, settlements, _ = opened()
    room.bus.subscribe(topic(ChainChanged, FRIDAY_SERIES.id))
    demand = DemandKeeper(bus=room.bus, state=room.state)
    demand.follow()
    assert room.state.wanted.series == {FRIDAY_SERIES.id}
    turn_to(room.clock, FRIDAY_SERIES.settles_at)
    settlements.look()
    demand.follow()
    assert room.state.wanted.series == frozenset()


def test_a_tape_begun_later_starts_with_what_still_lives() -> None:
    room, settlements, _ = opened()
    turn_to(room.clock, FRIDAY_SERIES.settles_at)
    settlements.look()
    told = next(iter(known_so_far(room.state, room.clock.now())))
    assert [one.id for one in told.series] == ["SPXW/2026-11-23/PM", "SPXW/2026-12-18/PM"]
    assert not any(name.startswith("SPXW  261120") for name in told.name)
    second = MarketRoom()
    second.emit(told)
    assert second.state.instruments.chain(SPX)[1].names == room.state.instruments.chain(SPX)[1].names
