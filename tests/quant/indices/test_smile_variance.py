"""The variance of a whole smile: flat, sloping, and against the strip of quotes."""

import numpy as np
import pytest

from engine.quant.european.black import prices
from engine.quant.indices.smile_variance import smile_variance, smile_variances
from engine.quant.indices.variance import strip_variance


@pytest.mark.parametrize(("vol", "years"), [(0.05, 1 / 365), (0.2, 0.25), (0.8, 1.0), (1.5, 2.0)])
def test_a_flat_smile_pays_its_own_square(vol: float, years: float):
    assert smile_variance(vols_at=lambda k: np.full_like(k, vol), years=years) == pytest.approx(vol * vol, rel=1e-8)


def test_a_sloping_smile_pays_what_its_quotes_pay():
    years, smile = 0.25, lambda k: np.sqrt(0.02 + 0.1 * (-0.5 * k + np.sqrt(k * k + 0.04)))
    strikes = np.arange(20.0, 400.0, 0.25)
    calls, puts = (
        prices(forwards=100.0, strikes=strikes, years=years, vols=smile(np.log(strikes / 100.0)), rights=right) for right in (1, -1)
    )
    strip = strip_variance(strikes=strikes, call_bids=calls, call_asks=calls, put_bids=puts, put_asks=puts, years=years, rate=0.0)
    assert smile_variance(vols_at=smile, years=years) == pytest.approx(strip.variance, rel=1e-4)


def test_the_steep_puts_of_an_index_have_a_variance_to_a_thousandth_of_a_point():
    years = 31 / 365

    def vols_at(k):
        return np.sqrt(0.0111 + 0.7 * np.maximum(-np.asarray(k), 0.0))

    k = np.linspace(-12.0, 4.0, 800_001)
    paid = prices(forwards=1.0, strikes=np.exp(k), years=years, vols=vols_at(k), rights=np.where(k < 0.0, -1.0, 1.0)) * np.exp(-k)
    whole = np.sqrt(2.0 / years * np.trapezoid(paid, k))
    assert np.sqrt(smile_variance(vols_at=vols_at, years=years)) == pytest.approx(whole, abs=1e-5)


def test_a_wing_that_never_ends_has_no_variance():
    assert np.isnan(smile_variance(vols_at=lambda k: 0.2 + 0.5 * k * k, years=0.25))


def test_a_smile_unknown_at_the_money_pays_nothing_known():
    assert np.isnan(smile_variance(vols_at=lambda k: np.full_like(k, np.nan), years=0.25))
    assert np.isnan(smile_variance(vols_at=lambda k: np.full_like(k, 0.2), years=0.0))


def test_many_smiles_in_one_pass_are_worth_what_each_is_alone():
    years, slopes = np.array([0.02, 0.25, 1.5]), np.array([-0.4, -0.1, 0.05])
    together = smile_variances(vols_at=lambda k: np.maximum(0.2 + slopes * k, 0.05), years=years)
    alone = [
        smile_variance(vols_at=lambda k, slope=slope: np.maximum(0.2 + slope * k, 0.05), years=T)
        for T, slope in zip(years.tolist(), slopes.tolist(), strict=True)
    ]
    assert together == pytest.approx(np.array(alone), rel=1e-12)


def test_a_coarser_strip_says_the_same_to_a_hundredth_of_a_basis_point():
    def said(steps):
        return np.sqrt(
            smile_variances(vols_at=lambda k: np.sqrt(0.02 + 0.12 * (np.hypot(k, 0.2) - 0.6 * k)), years=[0.02, 0.1], steps=steps)
        )

    assert said(200) == pytest.approx(said(1_000), abs=1e-6)
