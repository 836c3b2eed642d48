"""The most active by the change of open interest: all names are compared with one session, or not at all."""

import numpy as np

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.messages.flow import ActiveBy, GetMostActive
from tests.kit.flow_room import FlowRoom
from tests.kit.market import NOON, listing, quotes, series_of, summaries

AAPL, SPY = Symbol("AAPL"), Symbol("SPY")


def room_with_a_past() -> FlowRoom:
    """AAPL was stored the day before, SPY a month ago."""
    room = FlowRoom()
    room.emit(listing(series_of("AAPL"), series_of("SPY")), quotes([0, 1], 99.9, 100.1))
    room.emit(summaries(np.arange(2, 14), open_interest=1_000.0))
    room.collector.turn_days()
    flow = room.state.flow
    flow.previous = np.full(room.state.instruments.size, 400.0)
    flow.previous_at = {AAPL: UtcNanos(NOON - DAY_NS), SPY: UtcNanos(NOON - 30 * DAY_NS)}
    return room


def test_of_all_names_those_stored_in_an_older_session_have_no_change():
    told = room_with_a_past().active.ranked(Symbol(""), GetMostActive(by=ActiveBy.OI_CHANGE))
    assert set(told.symbols) == {AAPL}
    assert (told.compared_with, told.change.tolist()) == (NOON - DAY_NS, [600.0] * 6)


def test_one_name_is_compared_with_what_is_stored_of_it_and_says_of_when():
    told = room_with_a_past().active.ranked(SPY, GetMostActive(symbol=SPY, by=ActiveBy.OI_CHANGE))
    assert (told.compared_with, told.change.tolist()) == (NOON - 30 * DAY_NS, [600.0] * 6)
