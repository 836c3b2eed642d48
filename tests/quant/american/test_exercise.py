"""The exercise boundary and the early-exercise premium."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.american import prices
from engine.quant.american.exercise import boundary, premiums
from tests.quant.american.tables import chain


def test_the_boundary_is_where_the_price_meets_the_intrinsic_value(tier: tiers.Tier):
    terms = {"strikes": 100.0, "years": [0.05, 0.5, 2.0], "vols": 0.3, "rates": 0.05, "yields": 0.03}
    for right in (-1.0, 1.0):
        at = boundary(**terms, rights=right)
        inside = prices(spots=at * (1.0 + 0.001 * right), **terms, rights=right, setting="fine")
        np.testing.assert_allclose(inside, right * (at * (1.0 + 0.001 * right) - 100.0), rtol=1e-12)
        outside = prices(spots=at * (1.0 - 0.02 * right), **terms, rights=right, setting="fine")
        assert (outside > right * (at * (1.0 - 0.02 * right) - 100.0)).all()


@given(vol=st.floats(0.02, 2.0), rate=st.floats(0.001, 0.3), dividend=st.floats(-0.05, 0.3))
@settings(max_examples=60, deadline=None)
def test_a_puts_boundary_falls_with_the_time_left_from_its_limit_to_the_perpetual_one(vol: float, rate: float, dividend: float):
    times = np.geomspace(1e-3, 5.0, 12)
    found = boundary(strikes=100.0, years=times, vols=vol, rights=-1, rates=rate, yields=dividend)
    half = 0.5 - (rate - dividend) / vol**2
    beta = half - math.sqrt(half * half + 2.0 * rate / vol**2)
    assert (np.diff(found) <= 2e-3 * found[1:]).all()
    assert found[0] <= 100.0 * min(1.0, rate / dividend if dividend > 0.0 else 1.0) + 1e-9
    assert found[-1] >= 100.0 * beta / (beta - 1.0) * (1.0 - 2e-3)


def test_a_calls_boundary_is_the_swapped_puts(tier: tiers.Tier):
    call = boundary(strikes=100.0, years=[0.1, 1.0], vols=0.25, rights=1, rates=0.02, yields=0.06)
    put = boundary(strikes=100.0, years=[0.1, 1.0], vols=0.25, rights=-1, rates=0.06, yields=0.02)
    np.testing.assert_allclose(call * put, 1e4, rtol=1e-12)


def test_at_the_end_and_where_exercise_never_pays_the_limits_are_given(tier: tiers.Tier):
    usual = {"strikes": 100.0, "vols": 0.2}
    assert float(boundary(**usual, years=0.0, rights=-1, rates=0.03, yields=0.06)) == pytest.approx(50.0)
    assert float(boundary(**usual, years=0.0, rights=1, rates=0.06, yields=0.03)) == pytest.approx(200.0)
    assert float(boundary(**usual, years=0.0, rights=-1, rates=0.06)) == 100.0
    assert float(boundary(**usual, years=1.0, rights=-1, rates=-0.01, yields=0.0)) == 0.0
    assert float(boundary(**usual, years=1.0, rights=1, rates=0.05, yields=0.0)) == math.inf
    assert float(boundary(**usual, years=0.0, rights=-1, rates=-0.01, yields=-0.05)) == 100.0
    assert math.isnan(float(boundary(**{**usual, "vols": math.nan}, years=1.0, rights=-1, rates=0.05)))


def test_premiums_are_never_negative_and_grow_with_the_rate(tier: tiers.Tier):
    terms = {**chain(100), "rights": -1.0}
    assert (premiums(**terms) >= -1e-3).all()
    more = {**terms, "rates": terms["rates"] + 0.02}
    assert (premiums(**more) >= premiums(**terms) - 1e-3).all()
