"""Local volatility: flat from flat, right in time, and flagged where it cannot be."""

import math

import numpy as np
import pytest

from engine.quant.codes import SurfaceFlag
from engine.quant.smiles.local_vol import local_vols
from engine.quant.smiles.surface import surface_of, vols_at
from engine.quant.smiles.svi import RawSvi
from tests.kit.smiles import VOGT, ssvi_market


def flat_slices(levels: list[float]) -> RawSvi:
    count = len(levels)
    return RawSvi(np.array(levels), np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count))


def test_a_flat_surface_has_that_local_volatility_everywhere():
    years = np.array([0.25, 1.0])
    surface = surface_of(years=years, forwards=[100.0, 100.0], slices=flat_slices([0.01, 0.04]), lows=[-1, -1], highs=[1, 1])
    found = local_vols(surface=surface, log_moneyness=np.linspace(-1, 1, 5)[:, np.newaxis], years=np.array([0.1, 0.25, 0.5, 1.0, 2.0]))
    assert np.allclose(found.vols, 0.2, rtol=1e-12)


def test_a_term_structure_alone_gives_the_forward_volatility():
    surface = surface_of(years=[0.5, 1.0], forwards=[100, 100], slices=flat_slices([0.02, 0.065]), lows=[-1, -1], highs=[1, 1])
    assert float(local_vols(surface=surface, log_moneyness=0.1, years=0.7).vols) == pytest.approx(math.sqrt(0.045 / 0.5))


def test_near_the_money_the_skew_of_local_volatility_is_about_twice_the_implied():
    market, slices = ssvi_market(slices=8)
    surface = surface_of(years=market.years, forwards=np.full(8, 100.0), slices=slices, lows=np.full(8, -1.0), highs=np.full(8, 1.0))
    k, years = np.array([-0.01, 0.01]), 0.3
    implied = np.diff(vols_at(surface=surface, log_moneyness=k, years=years).vols)[0]
    local = np.diff(local_vols(surface=surface, log_moneyness=k, years=years).vols)[0]
    assert 1.3 < local / implied < 2.7


def test_it_prices_the_surface_it_came_from():
    """A walk of many paths under the local volatility gives the implied volatility back."""
    years = np.array([0.25, 0.5])
    _, slices = ssvi_market(slices=2)
    scaled = RawSvi(slices.a * 0 + np.array([0.004, 0.008]), np.array([0.02, 0.04]), np.full(2, -0.4), np.zeros(2), np.full(2, 0.2))
    surface = surface_of(years=years, forwards=[1.0, 1.0], slices=scaled, lows=[-1, -1], highs=[1, 1])
    rng = np.random.default_rng(7)
    steps, paths = 100, 20_000
    x, dt = np.zeros(paths), 0.5 / steps
    for i in range(steps):
        sigma = local_vols(surface=surface, log_moneyness=np.clip(x, -1.5, 1.5), years=(i + 0.5) * dt).vols
        half = rng.standard_normal(paths // 2)
        x += -0.5 * sigma**2 * dt + sigma * math.sqrt(dt) * np.concatenate([half, -half])
    for k in (-0.1, 0.0, 0.1):
        from engine.quant.european.implied import implied_vols

        right = 1.0 if k >= 0 else -1.0
        price = np.maximum(right * (np.exp(x) - math.exp(k)), 0.0).mean()
        found = float(implied_vols(prices=price, forwards=1.0, strikes=math.exp(k), years=0.5, rights=right).vols)
        assert found == pytest.approx(float(vols_at(surface=surface, log_moneyness=k, years=0.5).vols), abs=0.004)


def test_a_butterfly_and_a_falling_variance_leave_it_undefined_and_flagged():
    vogt = surface_of(years=[1.0], forwards=[100.0], slices=VOGT, lows=[-1.5], highs=[1.5])
    found = local_vols(surface=vogt, log_moneyness=[0.0, 0.9], years=1.0)
    assert np.isnan(found.vols).tolist() == [False, True]
    assert found.flags[1] & SurfaceFlag.NOT_DEFINED
    falling = surface_of(years=[0.5, 1.0], forwards=[100, 100], slices=flat_slices([0.04, 0.03]), lows=[-1, -1], highs=[1, 1])
    lost = local_vols(surface=falling, log_moneyness=0.0, years=[0.3, 0.7])
    assert np.isnan(lost.vols).tolist() == [False, True]
    assert lost.flags[1] & SurfaceFlag.NOT_DEFINED
