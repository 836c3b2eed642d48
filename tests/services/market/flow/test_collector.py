"""Prints on their way into the flow: waited for, told apart, counted."""

import numpy as np
import pytest

from engine.domain.flow import Place
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.domain.market import PrintFlag, Side
from engine.domain.marks import FlowFlag, Opening
from engine.services.market.flow import collector as collector_module
from tests.kit.flow_room import FlowRoom
from tests.kit.market import NOON, listing, quotes, series_of, summaries, trades

MS = 1_000_000
C90, P90, C100, P100, C110, P110 = range(1, 7)
"""Handles of AAPL's December calls and puts."""


@pytest.fixture
def room():
    made = FlowRoom()
    made.emit(listing(series_of("AAPL")))
    made.emit(quotes(0, 99.9, 100.1), quotes([C90, P90, C100, P100, C110, P110], 2.0, 2.2))
    made.emit(summaries([C90, P90, C100, P100, C110, P110], open_interest=[100.0, 0.0, 1_000.0, np.nan, 50.0, 50.0]))
    return made


def flags_of(tape):
    return tape.flags.tolist()


def test_a_print_is_told_newest_first_with_the_quote_that_stood_before_it(room):
    room.emit(trades(C100, 2.2, size=3.0))
    room.emit(quotes(C100, 2.3, 2.5, at=NOON + MS))
    room.emit(trades(C100, 2.4, size=5.0, at=NOON + 500 * MS))
    room.settle()
    tape = room.tape("AAPL")
    assert tape.place.tolist() == [Place.MID, Place.ASK]
    assert (tape.bid.tolist(), tape.ask.tolist()) == ([2.3, 2.0], [2.5, 2.2])
    assert tape.side.tolist() == [Side.UNKNOWN, Side.BUY]
    assert tape.inferred.tolist() == [1, 1]
    assert tape.premium.tolist() == pytest.approx([1_200.0, 660.0])
    assert tape.volume.tolist() == [8.0, 3.0]
    assert tape.sequence.tolist() == [2, 1]


def test_the_venues_word_on_the_aggressor_stands_and_is_no_inference(room):
    room.emit(trades(C100, 2.0, side=Side.BUY))
    room.settle()
    tape = room.tape("AAPL")
    assert (tape.place.tolist(), tape.side.tolist(), tape.inferred.tolist()) == ([Place.BID], [Side.BUY], [0])


def test_a_print_waits_for_what_may_belong_with_it_and_a_still_market_tells_it_all_the_same(room):
    room.emit(trades(C100, 2.2, at=NOON))
    for _ in room.collector.step():
        pass
    assert room.tape("AAPL").seen == 0
    room.clock.pass_time(collector_module.PATIENCE_SECONDS)
    for _ in room.collector.step():
        pass
    assert room.tape("AAPL").seen == 1


def test_prints_through_price_levels_are_a_sweep_even_where_they_come_in_two_steps(room):
    room.emit(trades(C100, 2.2, size=10.0, at=NOON))
    room.emit(trades(C100, 2.3, size=10.0, at=NOON + 60 * MS))
    room.settle()
    assert flags_of(room.tape("AAPL")) == [FlowFlag.SWEEP, FlowFlag.SWEEP]
    room.emit(trades(C100, 2.2, size=10.0, at=NOON + 5 * SECOND_NS))
    room.settle(10.0)
    assert flags_of(room.tape("AAPL"))[0] == 0


def test_a_block_is_so_by_its_size_or_its_dollars(room):
    room.emit(trades([C100, P90], [2.1, 50.0], size=[500.0, 100.0]))
    room.emit(trades(C110, 2.1, size=499.0, at=NOON + 20 * MS))
    room.settle()
    found = dict(zip(room.tape("AAPL").name, flags_of(room.tape("AAPL")), strict=True))
    blocks = [bool(flag & FlowFlag.BLOCK) for _, flag in sorted(found.items())]
    assert blocks == [True, False, True], "call of 100, call of 110, put of 90"


def test_legs_of_one_size_at_once_are_guessed_and_named_by_their_sides(room):
    room.emit(trades([C100, C110], [2.2, 2.0], size=20.0))
    room.settle()
    tape = room.tape("AAPL")
    assert all(flag & FlowFlag.MULTI_LEG for flag in flags_of(tape))
    assert not any(flag & FlowFlag.SAID_BY_VENUE for flag in flags_of(tape))
    assert set(tape.structure) == {"bull call spread"}
    assert len(set(tape.package.tolist())) == 1
    room.emit(trades([C100, C110], [2.1, 2.1], size=20.0, at=NOON + 2 * SECOND_NS))
    room.settle(3.0)
    newest = room.tape("AAPL", limit=2)
    assert set(newest.structure) == {"2 legs"}, "between bid and ask no side is known, and so no name"
    assert newest.package[0] != tape.package[0]


def test_what_the_venue_calls_a_sweep_or_a_leg_is_marked_as_said(room):
    room.emit(trades(C100, 2.1, size=1.0, flag=PrintFlag.SWEEP))
    room.settle()
    assert flags_of(room.tape("AAPL")) == [FlowFlag.SWEEP | FlowFlag.SAID_BY_VENUE]


def test_a_cancelled_print_never_shows(room):
    room.emit(trades(C100, 2.1, flag=PrintFlag.CANCELLED))
    room.settle()
    assert room.tape("AAPL").seen == 0


def test_volume_is_the_venues_where_that_is_more_and_flagged_only_against_known_open_interest(room):
    room.emit(summaries(C90, volume=99.0))
    room.emit(trades([C90, P90, P100], 2.1, size=[1.0, 1.0, 9_000.0]))
    room.settle()
    tape = room.tape("AAPL")
    columns = zip(tape.strike.tolist(), tape.right.tolist(), tape.volume.tolist(), flags_of(tape), strict=True)
    told = {(strike, right): (volume, bool(flag & FlowFlag.ABOVE_OPEN_INTEREST)) for strike, right, volume, flag in columns}
    assert told == {(90.0, 1): (99.0, False), (90.0, -1): (1.0, True), (100.0, -1): (9_000.0, False)}
    room.emit(summaries(C90, volume=101.0), trades(C90, 2.1, at=NOON + SECOND_NS))
    room.settle(2.0)
    assert flags_of(room.tape("AAPL"))[0] == FlowFlag.ABOVE_OPEN_INTEREST


def test_before_the_first_print_no_premium_is_told_rather_than_none(room):
    totals = room.tape("AAPL").totals
    assert totals.prints == 0
    for value in (totals.call_premium, totals.put_premium, totals.call_bought, totals.put_sold, totals.put_call_premium, totals.net_calls):
        assert np.isnan(value)
    room.emit(trades(C100, 2.2, size=1.0))
    room.settle()
    totals = room.tape("AAPL").totals
    assert (totals.call_premium, totals.call_bought, totals.call_sold, totals.put_premium) == pytest.approx((220.0, 220.0, 0.0, 0.0))


def test_a_flood_drops_the_oldest_and_says_how_many(room, monkeypatch):
    monkeypatch.setattr(collector_module, "MOST_WAITING", 3)
    for i in range(5):
        room.emit(trades(C100, 2.1, at=NOON + i))
    room.settle()
    tape = room.tape("AAPL")
    assert (tape.seen, tape.dropped) == (3, 2)


def test_what_a_venue_says_of_opening_is_taken_over(room):
    room.emit(trades([C90, P90], 2.1, size=[1.0, 2.0], flag=[PrintFlag.OPENING, PrintFlag.CLOSING]))
    room.settle()
    tape = room.tape("AAPL")
    assert dict(zip(tape.right.tolist(), tape.opening.tolist(), strict=True)) == {1: Opening.OPENING, -1: Opening.CLOSING}


def test_a_day_that_ends_begins_the_next_at_nothing(room):
    room.emit(trades(C100, 2.2, size=7.0))
    room.settle()
    room.clock._wall += DAY_NS * 3
    room.collector.turn_days()
    totals = room.tape("AAPL").totals
    assert (totals.prints, totals.since) == (0, 0)
    (ended,) = room.state.flow.ended.values()
    assert (ended.volume.tolist(), ended.before.tolist()) == ([7.0], [1_000.0])


def test_the_venues_volume_of_yesterday_is_not_counted_for_today(room):
    room.emit(summaries([C90, C110], volume=[5_000.0, 40.0]))
    room.settle()
    room.clock._wall += DAY_NS * 3
    room.collector.turn_days()
    at = room.clock.now()
    room.emit(trades([C90, C110], 2.1, size=2.0, at=at))
    room.settle()
    assert room.tape("AAPL").volume.tolist() == [2.0, 2.0]
    assert not any(flags_of(room.tape("AAPL")))
    room.emit(summaries(C90, volume=7.0), trades(C90, 2.1, size=1.0, at=at + 2 * SECOND_NS))
    room.settle(3.0)
    assert room.tape("AAPL").volume[0] == 7.0
    room.emit(summaries(C90, volume=5_000.0), trades(C90, 2.1, size=1.0, at=at + 4 * SECOND_NS))
    room.settle(3.0)
    assert room.tape("AAPL").volume[0] == 5_000.0, "a number that comes back is today's"


def test_a_print_that_the_venue_calls_something_else_is_not_guessed_to_be_a_sweep_under_its_word(room):
    room.emit(trades([C100, C100], [2.2, 2.3], size=10.0, flag=[PrintFlag.MULTI_LEG, PrintFlag.PLAIN]))
    room.settle()
    told = dict(zip(room.tape("AAPL").price.tolist(), flags_of(room.tape("AAPL")), strict=True))
    assert told == {2.2: FlowFlag.MULTI_LEG | FlowFlag.SAID_BY_VENUE, 2.3: FlowFlag.SWEEP}


def test_where_no_size_is_told_the_volume_beside_a_print_is_unknown_and_not_nought(room):
    room.emit(trades(C100, 2.2, size=np.nan))
    room.settle()
    assert np.isnan(room.tape("AAPL").volume).all()
    room.emit(trades(C100, 2.2, size=4.0, at=NOON + SECOND_NS))
    room.settle()
    assert room.tape("AAPL").volume[0] == 4.0
