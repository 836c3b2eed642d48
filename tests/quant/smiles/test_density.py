"""Densities and probabilities: they add up, agree with one another, and with prices and a walk on the way."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.european.black import prices
from engine.quant.smiles.density import densities, digital_prices, probabilities_above, probabilities_itm, probabilities_touch
from engine.quant.smiles.svi import Smile, smile, vols
from tests.kit.smiles import VOGT, ssvi_market

K = np.linspace(-6.0, 6.0, 60_001)


@given(rho=st.floats(-0.8, 0.8), eta=st.floats(0.2, 1.0), which=st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_the_density_is_positive_has_mass_one_and_the_forward_as_its_mean(rho: float, eta: float, which: int):
    _, surface = ssvi_market(slices=6, rho=rho, eta=eta)
    own = surface.of(np.array([which]))
    root = math.sqrt(float(smile(log_moneyness=0.0, slices=own).variances[0]))
    k = K * max(root, 0.02) * 3
    found = densities(log_moneyness=k, smile=smile(log_moneyness=k, slices=own))
    assert (found >= 0.0).all()
    assert np.trapezoid(found, k) == pytest.approx(1.0, abs=2e-4)
    assert np.trapezoid(found * np.exp(k), k) == pytest.approx(1.0, abs=2e-4)


def test_the_distribution_is_the_integral_of_the_density():
    _, surface = ssvi_market(slices=3)
    own = surface.of(np.array([2]))
    k = np.linspace(-3, 3, 20_001)
    curve = smile(log_moneyness=k, slices=own)
    above = probabilities_above(log_moneyness=k, smile=curve)
    assert np.allclose(-np.gradient(above, k)[1:-1], densities(log_moneyness=k, smile=curve)[1:-1], atol=1e-5)
    assert (np.diff(above) <= 1e-12).all()


def test_vogts_density_is_negative_where_g_is():
    k = np.array([0.5, 0.9])
    found = densities(log_moneyness=k, smile=smile(log_moneyness=k, slices=VOGT))
    assert found[0] > 0.0 > found[1]


def test_a_digital_is_the_limit_of_a_tight_spread_on_the_smile():
    _, surface = ssvi_market(slices=3)
    own, years, h = surface.of(np.array([2])), 2.0, 1e-5
    strikes = np.array([90.0, 100.0, 115.0])
    ends = [strikes * (1 - h), strikes * (1 + h)]
    calls = [
        prices(forwards=100.0, strikes=K, years=years, vols=vols(log_moneyness=np.log(K / 100), slices=own, years=years), rights=1.0)
        for K in ends
    ]
    spread = 0.9 * (calls[0] - calls[1]) / (ends[1] - ends[0])
    k = np.log(strikes / 100)
    found = digital_prices(log_moneyness=k, smile=smile(log_moneyness=k, slices=own), rights=1.0, discounts=0.9)
    assert np.allclose(found, spread, atol=1e-7)
    put = digital_prices(log_moneyness=k, smile=smile(log_moneyness=k, slices=own), rights=-1.0, discounts=0.9)
    assert np.allclose(found + put, 0.9)


def test_skew_moves_the_chance_of_a_call_above_blacks():
    _, surface = ssvi_market(slices=3, rho=-0.7)
    curve = smile(log_moneyness=0.0, slices=surface)
    flat = Smile(curve.variances, 0.0 * curve.slopes, 0.0 * curve.curvatures)
    assert (probabilities_itm(log_moneyness=0.0, smile=curve, rights=1) > probabilities_itm(log_moneyness=0.0, smile=flat, rights=1)).all()


def test_without_variance_there_is_no_number():
    nothing = Smile(np.array([0.0, -0.1, np.nan]), np.zeros(3), np.zeros(3))
    assert np.isnan(densities(log_moneyness=0.0, smile=nothing)).all()
    assert np.isnan(probabilities_itm(log_moneyness=0.0, smile=nothing, rights=1.0)).all()


@pytest.mark.parametrize("barrier", [85.0, 97.0, 104.0, 120.0])
def test_a_level_is_touched_as_often_as_on_many_walks(barrier: float):
    spot, years, vol, rate, carry = 100.0, 0.5, 0.25, 0.05, 0.01
    rng = np.random.default_rng(4)
    steps, walks = 250, 20_000
    drift, spread = (rate - carry - vol * vol / 2) * years / steps, vol * math.sqrt(years / steps)
    paths = np.cumsum(drift + spread * rng.standard_normal((walks, steps)), axis=1)
    level = math.log(barrier / spot) - math.copysign(0.5826 * spread, barrier - spot)  # Broadie, Glasserman and Kou: watched at steps
    touched = (paths.max(axis=1) >= level) if barrier > spot else (paths.min(axis=1) <= level)
    found = float(probabilities_touch(spots=spot, barriers=barrier, years=years, vols=vol, rates=rate, yields=carry))
    assert found == pytest.approx(touched.mean(), abs=0.012)


def test_touching_is_about_twice_ending_beyond_and_sure_where_one_stands():
    found = float(probabilities_touch(spots=100, barriers=103, years=0.05, vols=0.2))
    beyond = float(probabilities_above(log_moneyness=math.log(1.03), smile=Smile(np.float64(0.002), np.float64(0.0), np.float64(0.0))))
    assert found == pytest.approx(2 * beyond, rel=0.05)
    assert float(probabilities_touch(spots=100, barriers=100, years=0.05, vols=0.2)) == 1.0


@pytest.mark.parametrize("wrong", [{"spots": 0.0}, {"barriers": -1.0}, {"years": 0.0}, {"vols": math.nan}])
def test_a_touch_outside_the_domain_is_no_number(wrong: dict[str, float]):
    assert math.isnan(float(probabilities_touch(**{"spots": 100.0, "barriers": 110.0, "years": 1.0, "vols": 0.2, **wrong})))
