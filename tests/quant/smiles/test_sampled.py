"""A surface as it is sent, read between its points."""

import numpy as np
import pytest

from engine.quant.smiles.delta import strikes_at_delta
from engine.quant.smiles.sampled import has_fit, moneyness_at_delta, sampled_surface, slice_vols, slopes_at_the_money, vols_between
from engine.quant.smiles.svi import RawSvi, vols
from engine.quant.special import normal_cdf

NAN = np.full(5, np.nan)
SHAPES = np.array([[0.004, 0.02, -0.5, 0.01, 0.08], [0.012, 0.04, -0.4, 0.02, 0.15]])
NOTHING = np.empty(0)


def two_expiries():
    return sampled_surface(years=[0.1, 0.5], parameters=SHAPES, log_moneyness=(NOTHING, NOTHING), vols=(NOTHING, NOTHING))


def test_a_slice_with_parameters_is_evaluated_exactly():
    k = np.linspace(-0.3, 0.3, 7)
    found = slice_vols(surface=two_expiries(), log_moneyness=k)
    for row, shape, years in zip(found, SHAPES, (0.1, 0.5), strict=True):
        assert row == pytest.approx(vols(log_moneyness=k, slices=RawSvi(*shape), years=years), abs=1e-15)


def test_a_spline_is_read_between_its_samples_and_ends_where_they_end():
    k = np.array([0.1, -0.1, 0.0])
    one = sampled_surface(years=[0.25], parameters=[NAN], log_moneyness=(k,), vols=(np.array([0.22, 0.26, 0.2]),))
    found = slice_vols(surface=one, log_moneyness=[-0.2, -0.1, -0.05, 0.0, 0.1, 0.2])[0]
    assert np.isnan(found[[0, 5]]).all()
    assert found[[1, 3, 4]] == pytest.approx([0.26, 0.2, 0.22])
    assert found[2] ** 2 == pytest.approx((0.26**2 + 0.2**2) / 2)


def test_between_expiries_total_variance_is_linear_in_time_at_fixed_moneyness():
    k = [-0.1, 0.0, 0.1]
    surface = two_expiries()
    ends = slice_vols(surface=surface, log_moneyness=k) ** 2 * np.array([[0.1], [0.5]])
    middle = vols_between(surface=surface, years=[0.3], log_moneyness=k)
    assert middle[0] ** 2 * 0.3 == pytest.approx(ends.mean(axis=0))
    at_ends = vols_between(surface=surface, years=[0.05, 0.1, 0.5, 2.0], log_moneyness=k)
    own = slice_vols(surface=surface, log_moneyness=k)
    assert at_ends == pytest.approx(own[[0, 0, 1, 1]])


def test_an_expiry_without_a_fit_is_nan_and_is_passed_over_between_the_others():
    shapes = np.array([SHAPES[0], NAN, SHAPES[1]])
    surface = sampled_surface(years=[0.1, 0.2, 0.5], parameters=shapes, log_moneyness=(NOTHING,) * 3, vols=(NOTHING,) * 3)
    assert has_fit(surface).tolist() == [True, False, True]
    assert np.isnan(slice_vols(surface=surface, log_moneyness=[0.0])[1]).all()
    assert vols_between(surface=surface, years=[0.2], log_moneyness=[0.0]) == pytest.approx(
        vols_between(surface=two_expiries(), years=[0.2], log_moneyness=[0.0])
    )
    assert np.isnan(moneyness_at_delta(surface=surface, targets=[0.25], rights=[1]).vols[1]).all()


def test_a_strike_at_a_delta_has_that_delta_at_its_own_volatility():
    surface = two_expiries()
    targets, rights = np.array([0.1, 0.25, 0.25, 0.1]), np.array([-1, -1, 1, 1])
    found = moneyness_at_delta(surface=surface, targets=targets, rights=rights)
    s = found.vols * np.sqrt(surface.years)[:, None]
    delta = normal_cdf(rights * (-found.log_moneyness / s + s / 2))
    assert delta == pytest.approx(np.broadcast_to(targets, delta.shape), abs=1e-9)


def test_it_is_the_strike_that_the_delta_conventions_find():
    one = two_expiries().rows(np.array([1]))
    exact = strikes_at_delta(
        targets=[0.1, 0.4, 0.25],
        rights=[-1, -1, 1],
        smile=lambda k: slice_vols(surface=one, log_moneyness=np.reshape(k, (1, -1))).reshape(np.shape(k)),
        years=0.5,
    )
    assert moneyness_at_delta(surface=one, targets=[0.1, 0.4, 0.25], rights=[-1, -1, 1]).log_moneyness[0] == pytest.approx(
        exact.log_moneyness, abs=1e-7
    )


def test_a_delta_beyond_the_samples_of_a_spline_has_no_strike():
    k = np.linspace(-0.05, 0.05, 11)
    one = sampled_surface(years=[0.25], parameters=[NAN], log_moneyness=(k,), vols=(np.full(11, 0.2),))
    found = moneyness_at_delta(surface=one, targets=[0.05, 0.45], rights=[-1, 1]).log_moneyness[0]
    assert np.isnan(found[0])
    assert np.isfinite(found[1])


def test_the_slope_at_the_money_is_that_of_the_formula():
    a, b, rho, m, sigma = SHAPES[0]
    w = a + b * (rho * -m + np.hypot(m, sigma))
    slope = b * (rho - m / np.hypot(m, sigma)) / (2 * np.sqrt(w * 0.1))
    assert slopes_at_the_money(surface=two_expiries())[0] == pytest.approx(slope, rel=1e-4)


def test_without_expiries_there_is_nothing_and_no_error():
    empty = sampled_surface(years=[], parameters=np.empty((0, 5)), log_moneyness=(), vols=())
    assert slice_vols(surface=empty, log_moneyness=[0.0]).shape == (0, 1)
    assert np.isnan(vols_between(surface=empty, years=[0.1], log_moneyness=[0.0])).all()
    assert moneyness_at_delta(surface=empty, targets=[0.25], rights=[1]).vols.shape == (0, 1)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one for each of 2"):
        sampled_surface(years=[0.1, 0.2], parameters=[NAN], log_moneyness=(), vols=())
