"""What of the flow goes to the history."""

import pytest

from engine.domain.market import Side
from engine.domain.marks import FlowFlag, FlowMarks, FlowSums
from engine.services.market.flow.recording import SUMS_SECONDS, FlowRecording
from engine.services.market.flow.settings import FlowSettings
from tests.kit.flow_room import FlowRoom
from tests.kit.market import NOON, listing, quotes, series_of, trades

C100, P100 = 3, 4
"""Handles of the middle strike of AAPL's December."""


class RecordedRoom(FlowRoom):
    """The flow of AAPL, with what is kept of it."""

    def __init__(self) -> None:
        super().__init__()
        settings = FlowSettings()
        terms = self.collector.terms
        self.recording = FlowRecording(
            state=self.state, clock=self.clock, settings=settings, terms=terms, totals=self.totals, record=self.recorded.append
        )
        self.collector.on_prints = self.recording.take
        self.emit(listing(series_of("AAPL")), quotes(0, 99.9, 100.1), quotes([C100, P100], 2.0, 2.2))

    def sums(self) -> list[FlowSums]:
        """Those handed over at one more turn."""
        before = len(self.recorded)
        for _ in self.recording.tell_sums():
            pass
        return [mark for mark in self.recorded[before:] if isinstance(mark, FlowSums)]


def test_the_sums_of_a_day_are_told_each_few_seconds_and_only_where_something_printed():
    room = RecordedRoom()
    assert room.sums() == []
    room.clock.pass_time(SUMS_SECONDS)
    room.emit(trades([C100, P100], [2.2, 2.0], size=[3.0, 5.0]))
    room.settle()
    (first,) = room.sums()
    assert (first.symbol, first.call_prints, first.put_prints) == ("AAPL", 1, 1)
    assert (first.call_premium, first.put_premium) == (pytest.approx(660.0), pytest.approx(1_000.0))
    room.emit(trades(C100, 2.2, size=3.0, at=NOON + 10_000_000_000))
    room.settle()
    assert room.sums() == [], "so soon after the last word"
    room.clock.pass_time(SUMS_SECONDS)
    (second,) = room.sums()
    assert (second.call_prints, second.call_premium) == (2, pytest.approx(1_320.0))
    room.clock.pass_time(SUMS_SECONDS)
    assert room.sums() == [], "nothing has printed since"


def test_prints_that_stand_out_are_kept_and_small_ones_are_not():
    room = RecordedRoom()
    room.emit(trades([C100, P100], [2.2, 2.0], size=[2_000.0, 1.0]))
    room.settle()
    (kept,) = [mark for mark in room.recorded if isinstance(mark, FlowMarks)]
    assert (kept.handle.tolist(), kept.size.tolist()) == ([C100], [2_000.0])
    assert kept.premium.tolist() == pytest.approx([440_000.0])


def test_whether_the_venue_said_the_side_is_kept_with_the_print():
    room = RecordedRoom()
    room.emit(trades([C100, P100], [2.2, 2.2], size=2_000.0, side=[Side.BUY, Side.UNKNOWN]))
    room.settle()
    (kept,) = [mark for mark in room.recorded if isinstance(mark, FlowMarks)]
    assert kept.side.tolist() == [Side.BUY, Side.BUY]
    assert [bool(flag & FlowFlag.SIDE_SAID) for flag in kept.flags.tolist()] == [True, False]
