import numpy as np

from engine.domain.ids import Symbol
from engine.domain.instants import MINUTE_NS
from engine.state.bars import MOST_MINUTES, Bars, GrowingBars, columns_of
from tests.kit.market import OPEN, bars


def test_a_minute_grows_and_the_next_one_closes_it() -> None:
    growing = GrowingBars(60)
    assert growing.grow(OPEN, 100.0, 10.0) is False
    assert growing.grow(OPEN + 20, 103.0, 30.0) is False
    assert growing.grow(OPEN + 30, 99.0, 0.0) is False
    assert growing.grow(OPEN + MINUTE_NS, 101.0, 0.0) is True
    columns = growing.columns()
    assert [float(column[0]) for column in columns[1:]] == [100.0, 103.0, 99.0, 99.0, 40.0, 102.25]
    assert columns.close[1] == 101.0
    assert np.isnan(columns.vwap[1])


def test_a_volume_that_is_unknown_stays_unknown_until_something_is_told():
    growing = GrowingBars(60)
    growing.grow(OPEN, 100.0, np.nan)
    growing.grow(OPEN + 1, 101.0, np.nan)
    assert np.isnan(growing.columns().volume[0])
    growing.grow(OPEN + 2, 102.0, 0.0)
    assert growing.columns().volume[0] == 0.0
    assert np.isnan(growing.columns().vwap[0])
    growing.grow(OPEN + 3, 104.0, 5.0)
    assert (growing.columns().volume[0], growing.columns().vwap[0]) == (5.0, 104.0)


def test_a_price_older_than_the_last_bar_is_left_out() -> None:
    growing = GrowingBars(60)
    growing.grow(OPEN + MINUTE_NS, 100.0, 1.0)
    growing.grow(OPEN, 50.0, 1.0)
    assert growing.columns().low.tolist() == [100.0]


def test_the_feeds_word_on_a_minute_wins_over_ours() -> None:
    growing = GrowingBars(60)
    growing.grow(OPEN, 100.0, 1.0)
    growing.grow(OPEN + MINUTE_NS, 101.0, 1.0)
    growing.merge(columns_of(bars("SPY", [OPEN - MINUTE_NS, OPEN], [98.0, 99.0])))
    assert growing.columns().close.tolist() == [98.0, 99.0, 101.0]


def test_the_oldest_minutes_fall_off() -> None:
    growing = GrowingBars(60)
    for minute in range(2 * MOST_MINUTES + 10):
        growing.grow(OPEN + minute * MINUTE_NS, float(minute), 1.0)
    columns = growing.columns()
    assert MOST_MINUTES <= columns.start.shape[0] <= 2 * MOST_MINUTES
    assert columns.close[-1] == 2 * MOST_MINUTES + 9
    assert (np.diff(columns.start) == MINUTE_NS).all()


def test_history_is_kept_by_name_and_length_and_odd_lengths_are_not_taken() -> None:
    kept = Bars()
    assert kept.merge(bars("SPY", [OPEN], [100.0]))
    assert kept.merge(bars("SPY", [OPEN], [100.0], seconds=86_400))
    assert not kept.merge(bars("SPY", [OPEN], [100.0], seconds=300))
    assert kept.minutes(Symbol("SPY")).size == 1
    assert kept.minutes(Symbol("QQQ")).size == 0


def test_columns_handed_out_stand_still() -> None:
    growing = GrowingBars(60)
    growing.grow(OPEN, 100.0, 1.0)
    before = growing.columns()
    growing.grow(OPEN, 105.0, 1.0)
    assert before.high.tolist() == [100.0]
    assert not before.high.flags.writeable
