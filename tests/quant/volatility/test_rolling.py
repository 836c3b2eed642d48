"""Rolling origins: no forecast knows what came after it, and every model is told its score."""

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.volatility.ewma import ewma_variances
from engine.quant.volatility.garch import fit_garch, term_structure
from engine.quant.volatility.har import fit_har, forecast_variances
from engine.quant.volatility.rolling import benchmark_variances, realized_ahead, rolling_har, rolling_returns_model
from tests.quant.volatility.test_garch import simulated

SERIES = simulated(700)
VARIANCES = SERIES**2 + 1e-5
MODELS = ["ewma", "ar", "garch", "gjr"]


@pytest.mark.parametrize("model", MODELS)
def test_no_forecast_of_returns_looks_ahead(tier: tiers.Tier, model: str):
    changed = SERIES.copy()
    changed[600:] = 0.2 * np.cos(np.arange(100))
    before, after = (rolling_returns_model(model=model, returns=series, learning=500).forecasts for series in (SERIES, changed))
    assert before[499:600].tolist() == after[499:600].tolist()
    assert np.isfinite(before[499:600]).all()
    assert np.isnan(before[:499]).all()
    assert before[601] != after[601]


@pytest.mark.parametrize("quarticities", [None, VARIANCES**2])
@pytest.mark.parametrize("horizon", [1, 10])
def test_no_forecast_of_realised_variance_looks_ahead(quarticities: np.ndarray | None, horizon: int):
    changed = VARIANCES.copy()
    changed[600:] *= 50.0
    before, after = (
        rolling_har(variances=series, quarticities=quarticities, horizon=horizon, learning=400, refit=7).forecasts
        for series in (VARIANCES, changed)
    )
    assert before[399:600].tolist() == after[399:600].tolist()
    assert np.isfinite(before[399:]).all()


def test_a_rolling_forecast_is_the_one_that_a_fit_on_the_past_gives(tier: tiers.Tier):
    found = rolling_returns_model(model="garch", returns=SERIES, learning=500, horizon=5).forecasts
    fit = fit_garch(returns=SERIES[:500])
    assert found[499] == pytest.approx(float(term_structure(fit, horizons=5, periods_a_year=1.0)) ** 2, rel=1e-12)
    har = rolling_har(variances=VARIANCES, learning=500).forecasts
    assert har[499] == forecast_variances(fit_har(variances=VARIANCES[:500]), variances=VARIANCES[:500])[-1]
    ewma = rolling_returns_model(model="ewma", returns=SERIES, learning=500).forecasts
    assert ewma[499:].tolist() == ewma_variances(returns=SERIES)[499:].tolist()


def test_outcomes_and_benchmark_stand_where_they_are_known():
    ahead = realized_ahead(variances=np.arange(6.0), horizon=2)
    assert ahead[:4].tolist() == [1.5, 2.5, 3.5, 4.5]
    assert np.isnan(ahead[4:]).all()
    naive = benchmark_variances(variances=np.arange(30.0))
    assert naive[21] == np.mean(np.arange(22))
    assert np.isnan(naive[:21]).all()
    assert np.isnan(realized_ahead(variances=[1.0], horizon=3)).all()


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_told_its_score(tier: tiers.Tier, model: str):
    found = rolling_returns_model(model=model, returns=SERIES, learning=500)
    assert found.score.observations == 200
    assert np.isfinite(found.score.qlike).all()
    assert np.isfinite(found.score.rmse).all()


def test_given_outcomes_are_what_is_scored():
    against_squares = rolling_returns_model(model="ewma", returns=SERIES)
    against_others = rolling_returns_model(model="ewma", returns=SERIES, outcomes=VARIANCES)
    assert against_squares.forecasts[-1] == against_others.forecasts[-1]
    assert against_squares.score.rmse.loss != against_others.score.rmse.loss


def test_what_cannot_be_rolled_is_refused_with_the_count():
    with pytest.raises(ValueError, match="500 days are too few"):
        rolling_returns_model(model="garch", returns=SERIES[:500])
    with pytest.raises(ValueError, match="choose ewma, ar, garch or gjr"):
        rolling_returns_model(model="egarch", returns=SERIES)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="give one a day"):
        rolling_returns_model(model="ewma", returns=SERIES, outcomes=SERIES[:-1] ** 2)
    with pytest.raises(ValueError, match="1 day or more"):
        rolling_har(variances=VARIANCES, refit=0)
