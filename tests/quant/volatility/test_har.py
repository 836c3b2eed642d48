"""HAR and HARQ: the published regression to seven digits, statsmodels beside it, and forecasts that stay sane."""

import csv
from pathlib import Path

import numpy as np
import pytest
from statsmodels.api import OLS

from engine.quant.volatility.har import fit_har, fit_harq, forecast_variances, har_term_structure
from tests.kit.numbers import record


@pytest.fixture(scope="module")
def measures(fixtures: Path) -> dict[str, np.ndarray]:
    with (fixtures / "model_tables" / "har_sp500_realized_measures_1997-2013.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("RV", "RQ")}


def regressors(rv: np.ndarray) -> np.ndarray:
    mean = lambda n: np.convolve(rv, np.ones(n) / n, "valid")[22 - n :]  # noqa: E731
    return np.column_stack((np.ones(rv.size - 21), rv[21:], mean(5), mean(22)))[:-1]


def test_the_published_regression_is_met_to_seven_digits(measures: dict[str, np.ndarray]):
    fit = fit_har(variances=measures["RV"])
    table = "har_sp500_realized_measures_1997-2013.csv"
    for name, ours, theirs in zip(
        ("day 0", "day", "week", "month"), fit.coefficients, (0.1123142, 0.2273436, 0.4903494, 0.1863766), strict=True
    ):
        record(table=table, quantity=f"HAR coefficient: {name}", error=abs(ours - theirs), tolerance=5.1e-8)
    record(table=table, quantity="HAR R squared", error=abs(fit.r_squared - 0.52243), tolerance=5e-6)
    assert fit.observations == 4074


def test_statsmodels_finds_the_same_and_the_same_standard_errors(measures: dict[str, np.ndarray]):
    rv, rq = measures["RV"], measures["RQ"]
    design = regressors(rv)
    for fit, x in (
        (fit_har(variances=rv), design),
        (fit_harq(variances=rv, quarticities=rq), np.column_stack((design, (rv * np.sqrt(rq))[21:-1]))),
    ):
        theirs = OLS(rv[22:], x).fit(cov_type="HAC", cov_kwds={"maxlags": 5})
        assert fit.coefficients == pytest.approx(theirs.params, rel=1e-9)
        assert fit.standard_errors == pytest.approx(theirs.bse, rel=1e-8)
        assert fit.r_squared == pytest.approx(theirs.rsquared, rel=1e-10)


def test_a_noisy_day_counts_less_in_harq(measures: dict[str, np.ndarray]):
    fit = fit_harq(variances=measures["RV"], quarticities=measures["RQ"])
    assert fit.coefficients[4] < 0.0
    assert fit.r_squared > fit_har(variances=measures["RV"]).r_squared


def test_a_horizon_regresses_the_mean_of_the_days_ahead(measures: dict[str, np.ndarray]):
    rv = measures["RV"]
    fit = fit_har(variances=rv, horizon=5)
    ahead = np.convolve(rv, np.ones(5) / 5, "valid")[22:]
    expected = np.linalg.lstsq(regressors(rv)[: ahead.size], ahead, rcond=None)[0]
    assert fit.coefficients == pytest.approx(expected, rel=1e-9)
    assert fit.observations == ahead.size


def test_forecasts_are_the_regression_where_it_is_sane(measures: dict[str, np.ndarray]):
    rv = measures["RV"]
    fit = fit_har(variances=rv)
    found = forecast_variances(fit, variances=rv)
    assert np.isnan(found[:21]).all()
    assert found[21:-1] == pytest.approx(np.clip(regressors(rv) @ fit.coefficients, 0, rv.max()))


def test_an_impossible_forecast_becomes_a_possible_one(measures: dict[str, np.ndarray]):
    rv, rq = measures["RV"], measures["RQ"]
    fit = fit_harq(variances=rv, quarticities=rq)
    wild = rq.copy()
    wild[-1] = 1e9
    assert forecast_variances(fit, variances=rv, quarticities=wild)[-1] == fit.average
    high = np.append(rv, 1000 * rv.max())
    assert forecast_variances(fit_har(variances=rv), variances=high)[-1] == pytest.approx(
        min(np.append(1, [high[-1], high[-5:].mean(), high[-22:].mean()]) @ fit_har(variances=rv).coefficients, high.max())
    )


def test_the_term_structure_returns_towards_the_mean(measures: dict[str, np.ndarray]):
    calm = measures["RV"] / 1e4
    vols = har_term_structure(variances=calm, horizons=(1, 5, 22, 66))
    assert np.isfinite(vols).all()
    mean = np.sqrt(252 * calm.mean())
    assert abs(vols[-1] - mean) < abs(vols[0] - mean)
    assert har_term_structure(variances=calm, quarticities=measures["RQ"] / 1e8, horizons=(1,)).shape == (1,)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        (np.ones(40), "40 realised variances are too few for HAR"),
        (np.ones(100), "all 100 realised variances are 1"),
        (np.append(np.arange(100.0), np.nan), "1 of 101 realised variances are missing"),
        (np.append(np.arange(100.0), -1.0), "1 realised variances are negative"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_count(series: np.ndarray, said: str):
    with pytest.raises(ValueError, match=said):
        fit_har(variances=series)


def test_one_jump_in_a_flat_series_is_fitted_and_its_conditioning_is_told():
    series = np.ones(300)
    series[150] = 100.0
    fit = fit_har(variances=series)
    assert np.isfinite(fit.coefficients).all()
    assert np.isfinite(forecast_variances(fit, variances=series)[-1])
    alternating = fit_har(variances=np.tile([1.0, 2.0], 100))  # week and month follow from the day
    assert alternating.conditioning > 1e8
    assert np.isfinite(alternating.coefficients).all()


def test_quarticities_must_fit_the_variances_and_the_fit(measures: dict[str, np.ndarray]):
    rv, rq = measures["RV"], measures["RQ"]
    with pytest.raises(ValueError, match="4096 quarticities"):
        fit_harq(variances=rv, quarticities=rq[:-1])
    with pytest.raises(ValueError, match="4096 quarticities"):
        fit_harq(variances=rv, quarticities=np.where(np.arange(rv.size) == 3, np.nan, rq))
    with pytest.raises(ValueError, match="needs the quarticities"):
        forecast_variances(fit_harq(variances=rv, quarticities=rq), variances=rv)
    with pytest.raises(ValueError, match="1 or more"):
        fit_har(variances=rv, horizon=0)
