from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optix_tui.screens.axis import Scale, round_step, strike_step, tick_digits, ticks


def test_ticks_are_round_and_inside():
    assert ticks(599.6, 606.9, 5) == (600, 602, 604, 606)
    assert ticks(0.131, 0.182, 4) == pytest.approx((0.14, 0.16, 0.18))
    assert tick_digits((0.14, 0.16)) == 2
    assert tick_digits((600.0, 602.0), least=2) == 2


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), count=st.integers(1, 20))
def test_ticks_are_never_many_more_than_asked_for(low, span, count):
    found = ticks(low, low + span, count)
    assert len(found) <= count + 2
    assert all(low - span * 1e-6 <= mark <= low + span * (1 + 1e-6) for mark in found)


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-2, 1e6), count=st.integers(2, 20))
def test_a_scale_never_has_one_tick_alone(low, span, count):
    assert len(ticks(low, low + span, count)) >= 2


@pytest.mark.parametrize(("low", "high"), [(nan, 1), (1, nan), (1, 1), (2, 1), (0, inf)])
def test_no_ticks_where_there_is_no_range(low, high):
    assert ticks(low, high, 5) == ()
    assert round_step(nan, 4) == 1.0


def test_rows_of_strikes_step_by_quarters_where_strikes_allow_it_and_never_finer_than_they_are():
    assert [strike_step(raw, 5.0) for raw in (1.0, 5.0, 6.0, 12.0, 26.0, 60.0)] == [5.0, 5.0, 10.0, 25.0, 50.0, 100.0]
    assert [strike_step(raw, 1.0) for raw in (0.2, 1.2, 2.2, 6.0, 11.0, 26.0)] == [1.0, 2.0, 5.0, 10.0, 25.0, 50.0]
    assert [strike_step(raw, 2.5) for raw in (2.0, 2.6, 7.0)] == [2.5, 5.0, 10.0]
    assert strike_step(nan, 2.5) == 2.5


def test_a_scale_ignores_what_is_unknown_and_opens_up_a_flat_line():
    scale = Scale.around([nan, 10.0, 20.0])
    assert scale is not None
    assert scale.low < 10 < 20 < scale.high
    flat = Scale.around([5.0, 5.0])
    assert flat is not None
    assert flat.low < 5 < flat.high
    assert Scale.around([nan]) is None


def test_a_logarithmic_scale_puts_equal_ratios_at_equal_distances():
    scale = Scale.around([10.0, 1000.0], logarithmic=True, margin=0)
    assert scale is not None
    assert scale.share([10.0, 100.0, 1000.0]).tolist() == pytest.approx([1, 0.5, 0])
    assert np.isnan(scale.share([nan]))[0]
    assert Scale.around([-1.0, 0.0], logarithmic=True) is None
