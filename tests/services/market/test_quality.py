import numpy as np

from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedCondition, FeedState
from engine.messages.base import topic
from engine.messages.events import FeedQualityChanged
from engine.messages.queries import SymbolQuality
from engine.services.market.quality import Quality
from tests.kit.market import NOON, listing, quotes, series_of
from tests.kit.market_room import MarketRoom


def room_of_quality() -> tuple[MarketRoom, Quality]:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")), FeedCondition(at=NOON, state=FeedState.LIVE))
    return room, Quality(state=room.state, bus=room.bus, clock=room.clock)


def spy(service: Quality) -> SymbolQuality:
    return service.quality().symbols[0]


def test_each_fault_is_counted_by_name() -> None:
    room, service = room_of_quality()
    room.emit(quotes([1, 2, 3, 4, 5, 6], [1.0, 0.0, 2.0, 3.1, 1.0, -1.0], [1.1, 0.1, 2.0, 3.0, 9.0, 2.0]))
    found = spy(service)
    counts = (found.contracts, found.two_sided, found.no_bid, found.no_ask, found.locked, found.crossed, found.wide, found.malformed)
    assert counts == (6, 4, 2, 0, 1, 1, 1, 1)
    assert found.updates == 6


def test_ages_are_market_time_and_unknown_before_the_first_quote() -> None:
    room, service = room_of_quality()
    assert np.isnan(spy(service).median_age)
    room.emit(quotes([1, 2, 3], 1.0, 1.1, event_at=NOON - np.array([2, 4, 60]) * SECOND_NS))
    found = spy(service)
    assert (found.median_age, found.oldest_age) == (4.0, 60.0)


def test_a_contract_silent_where_its_neighbours_speak_is_stale() -> None:
    room, service = room_of_quality()
    room.emit(quotes([1, 2], 1.0, 1.1, at=NOON))
    room.emit(quotes([1], 1.0, 1.1, at=NOON + 61 * SECOND_NS))
    assert spy(service).stale == 1


def test_all_quotes_of_a_silent_feed_are_stale_and_those_of_a_closed_market_are_not() -> None:
    room, service = room_of_quality()
    room.emit(quotes([1, 2], 1.0, 1.1))
    room.clock.pass_time(6.0)
    room.watchdog()
    assert spy(service).stale == 2
    room.emit(FeedCondition(at=NOON, state=FeedState.CLOSED))
    assert spy(service).stale == 0


def test_a_faster_clock_allows_longer_market_time_between_quotes() -> None:
    room, service = room_of_quality()
    room.state.health.speed = 100.0
    room.emit(quotes([1, 2], 1.0, 1.1, at=NOON))
    room.emit(quotes([1], 1.0, 1.1, at=NOON + 61 * SECOND_NS))
    assert spy(service).stale == 0


def test_an_expired_series_does_not_count() -> None:
    room, service = room_of_quality()
    room.clock.pass_time(40 * 86_400.0)
    assert spy(service).contracts == 0


def test_drops_and_lag_are_told() -> None:
    room, service = room_of_quality()
    room.emit(quotes([1, 99], 1.0, 1.1, event_at=NOON - 3_000_000))
    quality = service.quality()
    assert (quality.rows, quality.dropped_rows) == (2, 1)
    assert quality.lag_counts.sum() == 1
    assert quality.lag_edges_ms.shape[0] == quality.lag_counts.shape[0] + 1


def test_it_is_counted_only_while_somebody_watches() -> None:
    room, service = room_of_quality()
    service.publish()
    mailbox = room.bus.subscribe(topic(FeedQualityChanged))
    assert mailbox.drain() == []
    service.publish()
    assert len(mailbox.drain()) == 1
