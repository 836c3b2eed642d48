"""Opening or closing: what the next session's open interest says of a day's prints, and what it does not."""

from datetime import time
from types import SimpleNamespace

import numpy as np
import pytest

from engine.domain.calendar import session_date
from engine.domain.errors import StoreUnavailable
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS, new_york_instant, utc_instant
from engine.domain.instruments import SessionName
from engine.domain.marks import Opening, Openings
from engine.services.market.flow.openings import ended_day, verdicts_of
from engine.state.flow import EndedDay
from tests.kit.flow_room import FlowRoom
from tests.kit.market import NOON, TODAY, listing, quotes, series_of, summaries, trades

NAN = float("nan")
WEEKEND = 3 * DAY_NS


@pytest.mark.parametrize(
    ("volume", "before", "after", "verdict"),
    [
        (100.0, 500.0, 600.0, Opening.OPENING),
        (100.0, 500.0, 551.0, Opening.OPENING),
        (100.0, 500.0, 550.0, Opening.UNKNOWN),
        (100.0, 500.0, 500.0, Opening.UNKNOWN),
        (100.0, 500.0, 450.0, Opening.UNKNOWN),
        (100.0, 500.0, 449.0, Opening.CLOSING),
        (100.0, 500.0, 400.0, Opening.CLOSING),
        (100.0, 0.0, 80.0, Opening.OPENING),
        (100.0, NAN, 600.0, Opening.UNKNOWN),
        (100.0, 500.0, NAN, Opening.UNKNOWN),
        (100.0, 500.0, 700.0, Opening.UNKNOWN),
        (100.0, 500.0, 300.0, Opening.UNKNOWN),
        (0.0, 500.0, 500.0, Opening.UNKNOWN),
    ],
)
def test_only_more_than_half_of_the_volume_tells_and_never_more_than_all_of_it(volume, before, after, verdict):
    ended = EndedDay(UtcNanos(0), np.array([7]), np.array([volume]), np.array([before]))
    assert verdicts_of(ended, np.array([after])).verdict.tolist() == [verdict]


def traded_room(*, root="AAPL", size=100.0, interest=500.0):
    room = FlowRoom()
    room.emit(listing(series_of(root)), quotes(0, 99.9, 100.1), quotes([1, 2], 2.0, 2.2), summaries([1, 2], open_interest=interest))
    room.emit(trades([1, 2], 2.2, size=size))
    room.settle()
    return room


def over_night(room, span=WEEKEND):
    """Time passes, and each date is begun as it comes."""
    for _ in range(span // DAY_NS):
        room.clock._wall = UtcNanos(room.clock._wall + DAY_NS)
        room.collector.turn_days()


def test_it_stays_unknown_until_the_next_open_interest_and_is_then_written_back_and_recorded():
    room = traded_room()
    room.openings.look()
    assert set(room.tape("AAPL").opening.tolist()) == {Opening.UNKNOWN}
    over_night(room)
    room.openings.look()
    assert set(room.tape("AAPL").opening.tolist()) == {Opening.UNKNOWN}
    room.emit(summaries([1, 2], open_interest=[590.0, 410.0]))
    room.openings.look()
    assert dict(zip(room.tape("AAPL").right.tolist(), room.tape("AAPL").opening.tolist(), strict=True)) == {
        1: Opening.OPENING, -1: Opening.CLOSING,
    }  # fmt: skip
    (told,) = room.recorded
    assert isinstance(told, Openings)
    assert (told.before.tolist(), told.after.tolist()) == ([500.0, 500.0], [590.0, 410.0])
    assert told.day == session_date(SessionName.NYSE, NOON) == utc_instant(TODAY)
    room.openings.look()
    assert len(room.recorded) == 1


def test_open_interest_that_moves_before_the_day_is_over_says_nothing():
    room = traded_room()
    room.emit(summaries([1, 2], open_interest=600.0))
    room.openings.look()
    assert set(room.tape("AAPL").opening.tolist()) == {Opening.UNKNOWN}


def test_a_few_seen_prints_of_a_busy_day_are_judged_against_all_of_its_volume():
    room = traded_room(size=10.0)
    room.emit(summaries(1, volume=5_000.0), trades(1, 2.2, size=1.0, at=NOON + SECOND_NS))
    room.settle(2.0)
    over_night(room)
    room.emit(summaries([1, 2], open_interest=[600.0, 508.0]))
    room.openings.look()
    tape = room.tape("AAPL")
    assert dict(zip(tape.right.tolist(), tape.opening.tolist(), strict=True)) == {
        1: Opening.UNKNOWN, -1: Opening.OPENING,
    }  # fmt: skip


def test_what_was_traded_after_the_last_print_seen_here_counts_to_the_days_volume():
    room = traded_room(size=10.0)
    room.emit(summaries([1, 2], volume=[5_000.0, 10.0]))
    over_night(room)
    room.emit(summaries([1, 2], open_interest=508.0))
    room.openings.look()
    tape = room.tape("AAPL")
    assert dict(zip(tape.right.tolist(), tape.opening.tolist(), strict=True)) == {
        1: Opening.UNKNOWN, -1: Opening.OPENING,
    }  # fmt: skip


@pytest.mark.parametrize("root", ["AAPL", "BTC"])
def test_a_machine_that_slept_over_a_session_confirms_nothing_of_the_day_before_it(root):
    room = traded_room(root=root)
    room.clock._wall = UtcNanos(room.clock._wall + WEEKEND + DAY_NS)
    room.collector.turn_days()
    room.emit(summaries([1, 2], open_interest=590.0))
    room.openings.look()
    assert set(room.tape(root).opening.tolist()) == {Opening.UNKNOWN}


def test_the_open_interest_of_a_later_session_says_nothing_of_the_day():
    room = traded_room()
    over_night(room)
    over_night(room, DAY_NS)
    room.emit(summaries([1, 2], open_interest=590.0))
    room.openings.look()
    assert set(room.tape("AAPL").opening.tolist()) == {Opening.UNKNOWN}


def test_where_open_interest_is_told_all_day_it_is_compared_once_as_the_day_ends():
    room = traded_room(root="BTC")
    over_night(room, DAY_NS)
    room.openings.look()
    room.emit(summaries([1, 2], open_interest=590.0))
    room.openings.look()
    assert set(room.tape("BTC").opening.tolist()) == {Opening.UNKNOWN}
    room = traded_room(root="BTC")
    room.emit(summaries([1, 2], open_interest=590.0))
    over_night(room, DAY_NS)
    room.openings.look()
    assert set(room.tape("BTC").opening.tolist()) == {Opening.OPENING}


class History:
    """Marks and a chain of the day before."""

    def __init__(self, marks, chain=None, error=None):
        self.marks, self.chain, self.error = marks, chain, error
        self.asked = 0

    async def flow_marks(self, *_arguments):
        self.asked += 1
        if self.error:
            raise self.error
        return self.marks

    async def chain_at(self, *_arguments):
        return self.chain


async def test_a_history_that_cannot_be_read_leaves_it_unknown_and_is_asked_once_a_day():
    room = traded_room()
    room.collector.turn_days()
    history = History(None, error=StoreUnavailable("locked"))
    await room.openings.recall(history, 0)
    await room.openings.recall(history, 0)
    assert history.asked == 1
    assert not room.state.flow.ended


async def test_coins_recall_no_day():
    room = traded_room(root="BTC")
    room.collector.turn_days()
    history = History(None)
    await room.openings.recall(history, 0)
    assert history.asked == 0


def test_recorded_prints_take_the_days_volume_from_its_last_chain():
    room = traded_room()
    names = [room.state.instruments.names[row] for row in (1, 2)]
    table = SimpleNamespace(
        name=(names[0], names[0], names[1], "GONE  261218C00001000"),
        volume=np.array([60.0, 20.0, NAN, 5.0]),
        open_interest=np.array([500.0, 500.0, 500.0, 5.0]),
        opening=np.zeros(4, dtype=np.int8),
    )
    alone = ended_day(table, UtcNanos(5), room.state.instruments)
    assert (alone.rows.tolist(), alone.volume.tolist(), alone.before.tolist()) == ([1], [60.0], [500.0])
    chain = SimpleNamespace(contract=(names[1], names[0], "GONE  261218C00001000"), volume=np.array([7.0, 4_000.0, 1.0]))
    assert ended_day(table, UtcNanos(5), room.state.instruments, chain).volume.tolist() == [4_000.0]
    chain.volume[1] = NAN
    assert ended_day(table, UtcNanos(5), room.state.instruments, chain).volume.tolist() == [60.0]


@pytest.mark.parametrize(("hour", "volume"), [(8, 60.0), (15, 4_000.0)])
async def test_a_chain_stored_before_the_open_says_nothing_of_that_days_volume(hour, volume):
    room = traded_room()
    over_night(room)
    room.state.flow.ended.clear()
    name = room.state.instruments.names[1]
    marks = SimpleNamespace(name=(name,), volume=np.array([60.0]), open_interest=np.array([500.0]), opening=np.zeros(1, dtype=np.int8))
    at = new_york_instant(TODAY, time(hour))
    await room.openings.recall(History(marks, SimpleNamespace(at=at, contract=(name,), volume=np.array([4_000.0]))), 0)
    assert room.state.flow.ended[0].volume.tolist() == [volume]
