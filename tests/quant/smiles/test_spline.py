"""The smoothing spline: meets clean quotes, smooths noisy ones, and makes something of one, two or three."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitStatus
from engine.quant.smiles.spline import Splines, durrleman, fit_spline, fit_splines, no_splines, smiles

K = np.linspace(-0.2, 0.2, 17)
VOLS = 0.2 - 0.1 * K + 0.3 * K * K


def test_clean_quotes_are_met_by_the_natural_cubic_spline():
    found = fit_spline(log_moneyness=K, vols=VOLS, years=0.5)
    assert found.smoothings[0] == 0.0
    assert found.errors[0] < 1e-12
    reference = CubicSpline(K, VOLS**2 * 0.5, bc_type="natural")
    x = np.linspace(-0.2, 0.2, 101)
    for order, ours in enumerate(smiles(log_moneyness=x, splines=found)):
        assert np.allclose(ours, reference(x, order), atol=1e-10)


@pytest.mark.usefixtures("warm_kernels")
@pytest.mark.parametrize("seed", range(3))
def test_the_tiers_draw_the_same_spline(seed: int):
    noisy = VOLS + 0.01 * np.random.default_rng(seed).standard_normal(K.size)
    found = []
    for name in ("numpy", "numba"):
        with tiers.using(name):
            found.append(fit_spline(log_moneyness=K, vols=noisy, years=0.5))
    assert found[0].smoothings == found[1].smoothings
    assert np.allclose(found[0].variances, found[1].variances, rtol=1e-12)
    assert np.allclose(found[0].curvatures, found[1].curvatures, rtol=1e-9, atol=1e-9)


def test_noise_is_smoothed_until_no_butterfly_is_left():
    noisy = VOLS + 0.01 * np.random.default_rng(3).standard_normal(K.size)
    found = fit_spline(log_moneyness=K, vols=noisy, years=0.5)
    assert found.smoothings[0] > 0.0
    assert not found.arbitrage[0]
    assert found.errors[0] < 0.015
    assert (durrleman(log_moneyness=np.linspace(-1, 1, 401), splines=found) >= -1e-9).all()


@pytest.mark.parametrize(
    ("count", "status"), [(1, FitStatus.ONE_STRIKE), (2, FitStatus.TWO_STRIKES), (3, FitStatus.FEW_STRIKES), (5, FitStatus.OK)]
)
def test_few_strikes_are_met_and_the_status_says_how_few(count: int, status: FitStatus):
    found = fit_spline(log_moneyness=K[:: 16 // count][:count], vols=VOLS[:: 16 // count][:count], years=0.5)
    assert found.statuses[0] == status
    assert np.allclose(np.sqrt(found.variances / 0.5), VOLS[:: 16 // count][:count], atol=2e-3)
    assert np.isfinite(smiles(log_moneyness=[-3.0, 0.0, 3.0], splines=found).variances).all()


def test_without_a_quote_there_is_no_spline():
    found = fit_spline(log_moneyness=[0.0], vols=[math.nan], years=0.5)
    assert found.statuses[0] == FitStatus.NO_QUOTES
    assert np.isnan(smiles(log_moneyness=0.0, splines=found).variances)


def test_quotes_of_one_strike_are_taken_together_by_weight():
    found = fit_spline(log_moneyness=[0.0, 0.0], vols=[0.2, 0.3], years=1.0, weights=[3.0, 0.0])
    assert found.variances.tolist() == pytest.approx([0.04])


@given(quoted=st.lists(st.floats(0.02, 2.0), min_size=3, max_size=12), years=st.floats(0.003, 3))
@settings(max_examples=60, deadline=None)
def test_what_is_called_free_of_butterflies_is(quoted: list[float], years: float):
    k = np.linspace(-0.3, 0.3, len(quoted))
    found = fit_spline(log_moneyness=k, vols=quoted, years=years)
    x = np.linspace(-2, 2, 333)
    w, slope, _ = smiles(log_moneyness=x, splines=found)
    assert (slope[x > 0.3] >= 0.0).all()
    assert (np.abs(slope[np.abs(x) > 0.3]) <= 2.0).all()
    assert np.isfinite(w).all()
    if not found.arbitrage[0]:
        assert (w > 0.0).all()
        reach = 9 * math.sqrt(found.variances.max())
        assert (durrleman(log_moneyness=x[np.abs(x) < reach], splines=found) >= -1e-4).all()


def several() -> tuple[Splines, dict[str, np.ndarray], np.ndarray]:
    """Slices of 17, none, 1 and 9 strikes."""
    sizes = np.array([17, 0, 1, 9])
    k = np.concatenate([K, [0.05], K[::2]])
    quoted = np.concatenate([VOLS, [0.3], VOLS[::2] + 0.01])
    terms = {"log_moneyness": k, "vols": quoted, "years": np.array([0.5, 0.6, 0.7, 0.8])}
    return fit_splines(**terms, segments=of_sizes(sizes)), terms, sizes


def test_many_slices_at_once_are_what_each_is_alone(tier: tiers.Tier):
    together, terms, sizes = several()
    x = np.linspace(-0.5, 0.5, 41)
    assert together.present.tolist() == [True, False, True, True]
    for i, begin in enumerate(np.cumsum(sizes) - sizes):
        own = slice(begin, begin + sizes[i])
        alone = fit_spline(log_moneyness=terms["log_moneyness"][own], vols=terms["vols"][own], years=float(terms["years"][i]))
        for ours, theirs in zip(smiles(log_moneyness=x, splines=together, slices=i), smiles(log_moneyness=x, splines=alone), strict=True):
            assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12, equal_nan=True)
        assert np.array_equal(together.errors[i : i + 1], alone.errors, equal_nan=True)


def test_slices_taken_out_and_put_back_are_the_same(tier: tiers.Tier):
    together, _, _ = several()
    x = np.linspace(-0.5, 0.5, 11)
    some = np.array([2, 3])
    taken = together.of(some)
    assert taken.segments.pieces == 2
    for i in range(2):
        assert np.array_equal(
            smiles(log_moneyness=x, splines=taken, slices=i).variances, smiles(log_moneyness=x, splines=together, slices=i + 2).variances
        )
    kept = together.only(np.array([True, True, False, False]))
    assert kept.present.tolist() == [True, False, False, False]
    back = kept.with_slices(some, taken)
    for ours, theirs in zip(back[:3], together[:3], strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(back.slopes_left, together.slopes_left, equal_nan=True)
    assert not no_splines(3).present.any()
    assert np.isnan(smiles(log_moneyness=x, splines=no_splines(3), slices=1).variances).all()
