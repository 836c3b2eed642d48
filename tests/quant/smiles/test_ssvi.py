"""SSVI: the surface that made the quotes comes out, and any other is free of arbitrage."""

import numpy as np
import pytest
from hypothesis import given, settings

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.smiles.arbitrage import butterflies, calendars
from engine.quant.smiles.ssvi import fit_surfaces, raw_slices
from engine.quant.smiles.svi import smile
from tests.kit.smiles import noisy_markets, ssvi_market


def test_a_known_surface_is_recovered(tier: tiers.Tier):
    market, truth = ssvi_market(rho=-0.55, eta=1.1, gamma=0.42)
    found = fit_surfaces(**market._asdict())
    assert (found.rhos[0], found.etas[0], found.gammas[0]) == pytest.approx((-0.55, 1.1, 0.42), abs=1e-4)
    assert found.errors[0] < 1e-6
    assert np.allclose(smile(log_moneyness=0.1, slices=found.slices).variances, smile(log_moneyness=0.1, slices=truth).variances, rtol=1e-4)


@given(market=noisy_markets)
@settings(max_examples=40, deadline=None)
def test_no_quotes_however_noisy_lead_to_arbitrage(market: dict[str, object]):
    quoted, _ = ssvi_market(**market)
    found = fit_surfaces(**quoted._asdict())
    assert not butterflies(slices=found.slices).arbitrage.any()
    assert not calendars(slices=found.slices).arbitrage.any()
    assert (np.diff(found.thetas) >= 0).all()
    assert found.etas[0] * (1 + abs(found.rhos[0])) <= 2.0


def test_both_tiers_agree(warm_kernels: None):
    market, _ = ssvi_market(noise=0.005, slices=6)
    fits = []
    for name in ("numpy", "numba"):
        with tiers.using(name):
            fits.append(fit_surfaces(**market._asdict()))
    assert fits[0].errors[0] == pytest.approx(fits[1].errors[0], rel=1e-7)


def test_several_surfaces_in_one_call_are_those_of_each_alone(tier: tiers.Tier):
    first, _ = ssvi_market(slices=3, noise=0.003)
    second, _ = ssvi_market(slices=2, noise=0.003, rho=0.2)
    together = fit_surfaces(
        log_moneyness=np.concatenate([first.log_moneyness, second.log_moneyness]),
        vols=np.concatenate([first.vols, second.vols]),
        segments=of_sizes(np.full(5, 41)),
        years=np.concatenate([first.years, second.years]),
        slices_of_surfaces=of_sizes(np.array([3, 2])),
    )
    for i, market in enumerate((first, second)):
        alone = fit_surfaces(**market._asdict())
        assert together.rhos[i] == alone.rhos[0]
        assert together.errors[i] == alone.errors[0]


def test_an_empty_slice_has_no_theta_and_an_empty_surface_no_numbers(tier: tiers.Tier):
    market, _ = ssvi_market(slices=2)
    found = fit_surfaces(
        log_moneyness=market.log_moneyness,
        vols=market.vols,
        segments=of_sizes(np.array([41, 0, 41, 0])),
        years=np.array([market.years[0], 0.1, market.years[1], 0.1]),
        slices_of_surfaces=of_sizes(np.array([3, 1])),
    )
    assert np.isnan(found.thetas).tolist() == [False, True, False, True]
    assert np.isnan(found.rhos).tolist() == [False, True]


def test_quotes_whose_total_variance_falls_get_one_theta(tier: tiers.Tier):
    k = np.tile(np.linspace(-0.2, 0.2, 9), 3)
    found = fit_surfaces(
        log_moneyness=k, vols=np.repeat([0.4, 0.25, 0.18], 9) - 0.1 * k, segments=of_sizes(np.full(3, 9)), years=np.array([0.1, 0.2, 0.3])
    )
    assert (np.diff(found.thetas) >= 0).all()
    assert not calendars(slices=found.slices).arbitrage.any()


def test_cuts_that_do_not_fit_are_the_callers_mistake():
    market, _ = ssvi_market(slices=2)
    with pytest.raises(ValueError, match="must cut 2 slices"):
        fit_surfaces(**market._asdict(), slices_of_surfaces=of_sizes(np.array([3])))


def test_the_raw_form_has_theta_at_the_money():
    slices = raw_slices(thetas=[0.01, 0.04], rhos=-0.5, etas=1.0, gammas=0.4)
    assert np.allclose(smile(log_moneyness=0.0, slices=slices).variances, [0.01, 0.04], rtol=1e-14)
