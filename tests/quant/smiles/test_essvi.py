"""eSSVI: whatever the quotes, no butterfly and no calendar arbitrage."""

import numpy as np
import pytest
from hypothesis import assume, given, settings

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.smiles.arbitrage import butterflies, calendars
from engine.quant.smiles.density import densities
from engine.quant.smiles.essvi import EssviFits, fit_surface
from engine.quant.smiles.surface import smile_at, surface_of
from engine.quant.smiles.svi import durrleman, smile
from tests.kit.smiles import Quoted, noisy_markets, ssvi_market


def assert_free(found: EssviFits) -> None:
    slices = found.slices
    fitted = np.flatnonzero(np.isfinite(found.thetas))
    shown = slices.of(fitted)
    flags = butterflies(slices=shown)
    assert not flags.arbitrage.any(), flags
    crossing = calendars(slices=shown)
    assert not crossing.arbitrage.any(), crossing
    psi, rho, theta = found.psis[fitted], found.rhos[fitted], found.thetas[fitted]
    assert (psi * (1 + np.abs(rho)) <= 4.0).all()
    assert (psi * psi * (1 + np.abs(rho)) <= 4.0 * theta).all()
    far = np.concatenate([-np.geomspace(1e-3, 100, 60), np.geomspace(1e-3, 100, 60)])
    levels = np.array([smile(log_moneyness=far, slices=slices.of(np.array([i]))).variances for i in fitted])
    assert (np.diff(levels, axis=0) >= -1e-9 * levels[1:]).all()


@pytest.mark.parametrize("name", ["numpy", "numba"])
@given(market=noisy_markets)
@settings(max_examples=60, deadline=None)
def test_no_quotes_however_noisy_lead_to_arbitrage(warm_kernels: None, name: tiers.Tier, market: dict[str, object]):
    quoted, _ = ssvi_market(**market)
    with tiers.using(name):
        assert_free(fit_surface(**quoted._asdict()))


@given(market=noisy_markets)
@settings(max_examples=60, deadline=None)
def test_nor_is_there_any_between_before_and_after_the_expiries(market: dict[str, object]):
    quoted, _ = ssvi_market(**market)
    found = fit_surface(**quoted._asdict())
    assume(np.isfinite(found.thetas).any())  # noise may leave no slice three strikes of positive volatility
    forwards = np.full(quoted.years.size, 100.0)
    surface = surface_of(years=quoted.years, forwards=forwards, slices=found.slices, lows=found.lows, highs=found.highs)
    far = np.geomspace(1e-3, 5.0, 60)
    k = np.concatenate([-far[::-1], [0.0], far])[:, np.newaxis]
    years = np.sort(np.concatenate([[quoted.years[0] / 3, quoted.years[-1] * 2], np.linspace(quoted.years[0], quoted.years[-1], 15)]))
    w = smile_at(surface=surface, log_moneyness=k, years=years)
    assert (densities(log_moneyness=k, smile=w.smile) >= 0.0).all()
    assert (np.diff(w.variances, axis=1) >= -1e-12 * w.variances[:, 1:]).all()


@pytest.mark.parametrize("seed", range(4))
def test_both_tiers_are_free_of_it_and_agree(warm_kernels: None, seed: int):
    quoted, _ = ssvi_market(noise=0.02, seed=seed, slices=6)
    fits = []
    for name in ("numpy", "numba"):
        with tiers.using(name):
            fits.append(fit_surface(**quoted._asdict()))
        assert_free(fits[-1])
    assert np.allclose(fits[0].errors, fits[1].errors, rtol=1e-4)


def test_a_surface_of_the_family_is_recovered(tier: tiers.Tier):
    quoted, truth = ssvi_market(slices=8)
    found = fit_surface(**quoted._asdict())
    assert found.errors.max() < 1e-5
    k = np.linspace(-0.2, 0.2, 9)
    for i in range(8):
        own = np.array([i])
        ours, theirs = (smile(log_moneyness=k, slices=slices.of(own)).variances for slices in (found.slices, truth))
        assert np.allclose(ours, theirs, rtol=2e-3)


def test_quotes_whose_total_variance_falls_are_fitted_without_a_crossing(tier: tiers.Tier):
    k = np.tile(np.linspace(-0.2, 0.2, 9), 3)
    years = np.array([0.1, 0.2, 0.3])
    quoted = np.repeat([0.4, 0.25, 0.18], 9) - 0.1 * k
    market = Quoted(k, quoted, of_sizes(np.full(3, 9)), years)
    assert_free(fit_surface(**market._asdict()))


def test_slices_of_fewer_than_three_strikes_are_left_out_and_bind_nobody(tier: tiers.Tier):
    quoted, _ = ssvi_market(slices=3)
    alone = fit_surface(**quoted._asdict())
    k = np.concatenate([[-0.3, 0.3], quoted.log_moneyness])
    found = fit_surface(
        log_moneyness=k,
        vols=np.concatenate([[3.0, 0.1], quoted.vols]),
        segments=of_sizes(np.array([2, 41, 41, 41])),
        years=np.concatenate([[1 / 365], quoted.years]),
    )
    assert np.isnan(found.thetas[0])
    assert np.array_equal(found.thetas[1:], alone.thetas)


def test_another_underlying_begins_anew(tier: tiers.Tier):
    quoted, _ = ssvi_market(slices=2)
    twice = fit_surface(
        log_moneyness=np.tile(quoted.log_moneyness, 2),
        vols=np.tile(quoted.vols, 2),
        segments=of_sizes(np.full(4, 41)),
        years=np.tile(quoted.years, 2),
        firsts=[True, False, True, False],
    )
    assert np.array_equal(twice.thetas[:2], twice.thetas[2:])


def test_expiries_out_of_order_are_the_callers_mistake():
    quoted, _ = ssvi_market(slices=2)
    with pytest.raises(ValueError, match="sort the expiries"):
        fit_surface(**quoted._replace(years=quoted.years[::-1])._asdict())


def test_between_the_money_and_the_wings_the_density_is_positive():
    quoted, _ = ssvi_market(slices=4, noise=0.02)
    found = fit_surface(**quoted._asdict())
    for i in range(4):
        assert (durrleman(log_moneyness=np.linspace(-3, 3, 601), slices=found.slices.of(np.array([i]))) >= 0).all()
