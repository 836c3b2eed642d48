"""The tape of classified prints: bounded, newest first, amended when the open interest tells."""

import numpy as np

from engine.domain.marks import Opening
from engine.state.flow import MOST_STRUCTURES, Flow, FlowDay, FlowPrints, FlowRing


def prints(count: int, *, first: int = 0, symbol: int = 0, row: int = 5, day: int = 100) -> FlowPrints:
    numbers = np.arange(first, first + count)
    columns = dict.fromkeys(FlowPrints._fields, np.zeros(count))
    columns |= {"sequence": numbers, "row": np.full(count, row), "symbol": np.full(count, symbol, np.int32), "day": np.full(count, day)}
    return FlowPrints(**columns)


def newest(ring: FlowRing) -> list[int]:
    return ring.columns.sequence[ring.places()].tolist()


def test_a_ring_grows_to_its_capacity_and_keeps_the_newest_from_there_on() -> None:
    ring = FlowRing(200)
    for start in range(0, 500, 50):
        ring.add(prints(50, first=start))
        assert newest(ring)[0] == start + 49
    assert newest(ring) == list(range(499, 299, -1))
    ring.add(prints(1_000, first=500))
    assert newest(ring) == list(range(1_499, 1_299, -1))
    assert ring.total == 1_500


def test_a_busy_name_does_not_wash_a_quiet_one_away() -> None:
    flow = Flow()
    flow.add(prints(1, first=7, symbol=1))
    for start in range(0, 20_000, 5_000):
        flow.add(prints(5_000, first=100 + start))
    assert newest(flow.names[1]) == [7]
    assert 7 not in newest(flow.market)


def test_what_the_open_interest_says_is_written_to_the_prints_of_that_contract_and_day_alone() -> None:
    flow = Flow()
    flow.add(prints(2, row=5, day=100))
    flow.add(prints(1, first=2, row=5, day=200))
    flow.add(prints(1, first=3, row=6, day=100))
    flow.confirm(0, np.array([9, 5]), 100, np.array([Opening.CLOSING, Opening.OPENING], dtype=np.int8))
    for ring in (flow.market, flow.names[0]):
        assert ring.columns.opening[ring.places()].tolist() == [0, 0, 1, 1]
        assert ring.confirmed == 1
    flow.confirm(0, np.empty(0, dtype=np.int64), 100, np.empty(0, dtype=np.int8))
    assert flow.market.confirmed == 1


def test_a_day_that_ends_leaves_what_was_traded_and_begins_anew() -> None:
    day = FlowDay()
    day.fit(200, 20)
    day.volume[[3, 4]] = [10.0, 0.0]
    day.traded[3] = 25.0  # the venue tells of more than was seen
    day.before[3] = 50.0
    day.sums[2, 1] = 99.0
    day.since[2] = 1
    ended = day.end(2, np.array([3, 4]), 77, np.array([np.nan, 60.0]))
    assert (ended.day, ended.rows.tolist(), ended.volume.tolist(), ended.before.tolist()) == (77, [3], [25.0], [50.0])
    assert day.volume[3] == day.traded[3] == day.sums[2, 1] == day.since[2] == 0
    assert np.isnan(day.before[3])


def test_words_for_legs_are_kept_once_and_are_bounded() -> None:
    flow = Flow()
    assert flow.structure("") == 0
    assert flow.structure("iron condor") == flow.structure("iron condor") == 1
    for number in range(2 * MOST_STRUCTURES):
        flow.structure(f"word {number}")
    assert len(flow.structures) == MOST_STRUCTURES
