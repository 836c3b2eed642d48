"""Trades sent again after a reconnection are heard once; equal trades that are new are all heard."""

import numpy as np
import pytest

from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedCondition, FeedEvent, FeedState, TradeBatch
from engine.services.market import repeats as repeats_module
from tests.kit.market import NOON, listing, series_of, trades
from tests.kit.market_room import MarketRoom

FIRST = trades([3, 4, 0], [2.0, 3.0, 100.0], size=[5.0, 1.0, 10.0], side=[1, -1, 0])
LATER = NOON + SECOND_NS


class Tape:
    """A recorder that counts prints."""

    def __init__(self) -> None:
        self.prints: list[tuple[int, float]] = []

    def record(self, event: FeedEvent) -> None:
        if isinstance(event, TradeBatch):
            self.prints += zip(event.handle.tolist(), event.price.tolist(), strict=True)


def live_room() -> tuple[MarketRoom, Tape]:
    """SPY at handle 0; calls and puts at handles 1 to 6; three prints are told."""
    room, tape = MarketRoom(), Tape()
    room.ingest.tap(tape)
    room.emit(listing(series_of("SPY")), FeedCondition(at=NOON, state=FeedState.LIVE), FIRST)
    return room, tape


def reconnect(room: MarketRoom) -> None:
    room.emit(FeedCondition(at=LATER, state=FeedState.DISCONNECTED), FeedCondition(at=LATER, state=FeedState.LIVE))


def total(room: MarketRoom) -> int:
    return room.state.trades.total(0, options_only=False)


def test_after_a_reconnection_what_is_sent_again_is_neither_shown_nor_recorded_twice() -> None:
    room, tape = live_room()
    reconnect(room)
    room.emit(FIRST, trades([3], 2.5, at=LATER))
    assert total(room) == 4
    assert tape.prints == [(3, 2.0), (4, 3.0), (0, 100.0), (3, 2.5)]
    assert room.state.health.repeated_rows == 3


def test_a_feed_that_was_started_anew_and_lists_anew_is_recognised_too() -> None:
    room, tape = live_room()
    room.ingest.begin(room.traits)
    room.emit(listing(series_of("SPY")), FeedCondition(at=NOON, state=FeedState.LIVE), FIRST)
    assert total(room) == 3
    assert len(tape.prints) == 3


def test_after_a_silence_too() -> None:
    room, _ = live_room()
    room.clock.pass_time(60.0)
    room.watchdog()
    assert room.state.health.silent
    room.emit(FIRST)
    assert total(room) == 3


def test_equal_prints_are_all_heard_while_nothing_was_interrupted() -> None:
    room, tape = live_room()
    room.emit(FIRST, FIRST)
    assert total(room) == 9
    assert len(tape.prints) == 9


def test_each_known_print_stands_for_one_that_is_sent_again_and_a_further_equal_one_is_new() -> None:
    room, _ = live_room()
    twice = trades([3, 3], 2.0, size=5.0, side=1)
    reconnect(room)
    room.emit(twice)
    assert total(room) == 4


@pytest.mark.parametrize("change", [{"price": [2.01]}, {"size": [6.0]}, {"side": [-1]}, {"at": LATER}, {"handle": [4]}])
def test_a_print_that_differs_in_anything_is_a_new_one(change: dict[str, object]) -> None:
    room, _ = live_room()
    reconnect(room)
    room.emit(trades(**({"handle": [3], "price": [2.0], "size": [5.0], "side": [1]} | change)))
    assert total(room) == 4


def test_a_print_of_unknown_size_is_recognised_and_one_without_a_time_of_the_venue_never() -> None:
    room, _ = live_room()
    unsized = trades([5], 1.0, size=np.nan)
    untimed = trades([5], 1.5, at=0)
    room.emit(unsized, untimed)
    reconnect(room)
    room.emit(unsized, untimed)
    assert total(room) == 3 + 1 + 2


def test_what_is_sent_long_after_the_reconnection_is_new() -> None:
    room, _ = live_room()
    reconnect(room)
    room.clock.pass_time(repeats_module.WINDOW_SECONDS + 1.0)
    room.emit(FIRST)
    assert total(room) == 6


def test_unknown_handles_are_counted_as_such_and_not_as_repeats() -> None:
    room, _ = live_room()
    reconnect(room)
    room.emit(trades([77], 2.0, size=5.0, side=1))
    assert (room.state.health.unknown_rows, room.state.health.repeated_rows) == (1, 0)
