"""Correlations with their intervals; nothing is claimed from too little."""

import numpy as np
import pytest

from engine.quant.risk.correlation import correlation, rolling_correlation, shrunk_covariance

CHANCE = np.random.default_rng(4)


def pair(rho: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = CHANCE.standard_normal((2, count))
    return x, rho * x + np.sqrt(1.0 - rho * rho) * y


def test_numpy_and_scipy_agree():
    from scipy.stats import pearsonr

    x, y = pair(0.6, 80)
    found, peer = correlation(x, y), pearsonr(x, y)
    assert found.value == pytest.approx(np.corrcoef(x, y)[0, 1])
    interval = peer.confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(interval.low, abs=1e-6), pytest.approx(interval.high, abs=1e-6))
    assert found.significant == (peer.pvalue < 0.05)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    held = [(found := correlation(*pair(0.4, 60))).low < 0.4 < found.high for _ in range(400)]
    assert 0.92 <= np.mean(held) <= 0.98


def test_a_lag_finds_what_comes_later():
    x = CHANCE.standard_normal(300)
    y = np.concatenate([np.zeros(3), x[:-3]])
    assert correlation(x, y, lag=3).value == pytest.approx(1.0, abs=1e-9)
    assert correlation(y, x, lag=-3).value == pytest.approx(1.0, abs=1e-9)
    assert abs(correlation(x, y).value) < 0.2


def test_missing_pairs_are_left_out_and_counted():
    x, y = pair(0.5, 50)
    x[3], y[7] = np.nan, np.inf
    assert correlation(x, y).pairs == 48


@pytest.mark.parametrize(("x", "y"), [([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), ([1.0] * 9, list(range(9))), ([np.nan] * 9, list(range(9)))])
def test_too_little_says_nothing(x: list[float], y: list[float]):
    found = correlation(np.array(x, dtype=float), np.array(y, dtype=float))
    assert np.isnan([found.value, found.low, found.p_value]).all()
    assert not found.significant


@pytest.mark.parametrize("level", [0.1, 0.3, 1e-3, 7.7, 0.0])
def test_a_series_that_stands_still_correlates_with_nothing_however_its_mean_is_rounded(level: float):
    moving = np.random.default_rng(0).standard_normal(11)
    assert np.isnan(correlation(np.full(11, level), moving).value)
    assert np.isnan(rolling_correlation(np.full(11, level), moving, window=7)).all()
    assert np.isnan(rolling_correlation(moving, np.full(11, level), window=5)).all()


def test_numbers_beyond_all_bounds_leave_no_warning():
    wild = np.array([1e308, -1e308, 1.0, np.inf, -np.inf, 3.0, 2.0, 1.0])
    calm = np.arange(8.0)
    assert -1.0 <= correlation(wild, calm).value <= 1.0
    assert np.isnan(rolling_correlation(wild, calm, window=4)[3:7]).all()
    with pytest.raises(ValueError, match="sessions × factors"):
        shrunk_covariance(np.array([[1.0, np.nan], [2.0, 3.0]]))
    with pytest.raises(ValueError, match="sessions × factors"):
        shrunk_covariance(calm)


def test_series_of_different_length_are_refused():
    with pytest.raises(ValueError, match="two series of one length"):
        correlation(np.zeros(3), np.zeros(4))


def test_a_rolling_window_is_the_correlation_of_its_steps():
    x, y = pair(0.3, 60)
    found = rolling_correlation(x, y, window=20)
    assert np.isnan(found[:19]).all()
    assert found[40] == pytest.approx(correlation(x[21:41], y[21:41]).value)
    assert np.isnan(rolling_correlation(x[:5], y[:5], window=20)).all()
    with pytest.raises(ValueError, match="at least 4"):
        rolling_correlation(x, y, window=3)


def test_shrinking_draws_a_poor_covariance_towards_the_middle_and_leaves_a_good_one():
    few, part = shrunk_covariance(CHANCE.standard_normal((20, 15)))
    assert 0.3 < part <= 1.0
    assert np.linalg.cond(few) < np.linalg.cond(np.cov(CHANCE.standard_normal((20, 15)).T))
    many = CHANCE.multivariate_normal([0, 0], [[1.0, 0.5], [0.5, 2.0]], 20_000)
    close, little = shrunk_covariance(many)
    assert little < 0.01
    np.testing.assert_allclose(close, np.cov(many.T), rtol=0.05)
