"""The Volatility Filter's estimator, against statsmodels as that program used it."""

import numpy as np
import pytest
from statsmodels.tsa.ar_model import AutoReg

from engine.quant.volatility.autoregressive import innovation_vols


def returns(count: int = 300) -> np.ndarray:
    return 0.01 * np.random.default_rng(1).standard_t(4, count)


@pytest.mark.parametrize("lags", [1, 3])
def test_it_is_the_deviation_of_the_last_ten_residuals_of_statsmodels(lags: int):
    series = returns(160)
    found = innovation_vols(returns=series, lags=lags)
    for t in (19, 20, 60, 99, 100, 159):
        window = series[max(0, t - 99) : t + 1]
        theirs = np.std(AutoReg(window, lags=lags, trend="c").fit().resid[-10:])
        assert found[t] == pytest.approx(theirs, rel=1e-12), t
    assert np.isnan(found[:19]).all()


def test_what_comes_later_changes_nothing_before():
    series = returns()
    other = series.copy()
    other[200:] = 1.0
    assert innovation_vols(returns=series)[:200].tolist()[19:] == innovation_vols(returns=other)[:200].tolist()[19:]


def test_a_market_that_stands_still_has_none_and_one_jump_shows_for_ten_returns():
    assert innovation_vols(returns=np.zeros(50))[-1] == 0.0
    jumped = np.zeros(300)
    jumped[150] = 0.05
    found = innovation_vols(returns=jumped)
    assert found[150] > 0.01
    assert found[170] < 1e-3


def test_a_missing_return_makes_its_windows_unknown():
    series = returns()
    series[150] = np.nan
    assert np.isnan(innovation_vols(returns=series)[150:250]).all()
    assert np.isfinite(innovation_vols(returns=series)[[149, 250]]).all()


def test_it_scales_with_the_returns_and_with_the_year():
    series = returns()
    assert innovation_vols(returns=1e-9 * series)[-1] == pytest.approx(1e-9 * innovation_vols(returns=series)[-1])
    assert innovation_vols(returns=series, periods_a_year=252)[-1] == pytest.approx(252**0.5 * innovation_vols(returns=series)[-1])


def test_too_few_returns_say_nothing_and_settings_without_sense_are_refused():
    assert np.isnan(innovation_vols(returns=returns(19))).all()
    assert innovation_vols(returns=[]).size == 0
    for wrong in ({"lags": 0}, {"recent": 1}, {"window": 10}, {"least": 5}):
        with pytest.raises(ValueError, match="cannot be fitted"):
            innovation_vols(returns=returns(), **wrong)
