import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant.volatility.standing import standing


def test_rank_is_the_place_between_the_extremes_and_percentile_the_share_of_sessions_below():
    found = standing(past=np.r_[np.full(90, 0.10), np.full(60, 0.30)], now=0.15)
    assert (found.rank, found.percentile) == (pytest.approx(0.25), 0.6)
    assert (found.sessions, found.low, found.high, found.refusal) == (150, 0.10, 0.30, "")
    assert found.mean == pytest.approx(0.18)


def test_under_120_sessions_both_are_refused_with_the_reason():
    found = standing(past=np.linspace(0.1, 0.3, 119), now=0.2)
    assert math.isnan(found.rank)
    assert math.isnan(found.percentile)
    assert found.refusal == "119 sessions are known in the window, and rank and percentile need 120"
    assert standing(past=np.linspace(0.1, 0.3, 120), now=0.2).refusal == ""


def test_unknown_days_do_not_count_and_only_the_window_does():
    past = np.r_[np.full(300, 9.0), np.full(100, np.nan), np.linspace(0.1, 0.3, 252)]
    assert standing(past=past, now=0.3).rank == 1.0
    assert standing(past=past, now=0.3, window=552).sessions == 552
    assert standing(past=past, now=0.3, window=552).high == 9.0


def test_without_a_figure_now_or_a_past_there_is_neither():
    assert standing(past=np.linspace(0.1, 0.3, 150), now=math.nan).refusal == "its value now is not known yet"
    empty = standing(past=[], now=0.2)
    assert (empty.sessions, empty.low, empty.high) == (0, 0.2, 0.2)
    assert math.isnan(standing(past=[math.nan], now=math.nan).low)


def test_a_past_that_never_moved_has_a_percentile_and_no_rank():
    found = standing(past=np.full(150, 0.2), now=0.2)
    assert math.isnan(found.rank)
    assert found.percentile == 0.0
    assert "the same" in found.refusal


def test_a_window_of_nothing_and_a_table_are_refused():
    with pytest.raises(ValueError, match="window"):
        standing(past=[0.1], now=0.1, window=0)
    with pytest.raises(ValueError, match="one series"):
        standing(past=[[0.1], [0.2]], now=0.1)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=40), st.floats(-1e6, 1e6))
def test_both_lie_between_zero_and_one_whatever_the_past(past, now):
    found = standing(past=past, now=now, least=3)
    assert math.isnan(found.rank) or 0.0 <= found.rank <= 1.0
    assert 0.0 <= found.percentile <= 1.0
