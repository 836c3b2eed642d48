"""Forecasts: what each model is given, when it refuses, and what its score says beside the naive walk."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.messages.realized import ForecastModel, ForecastVerdict
from engine.quant.volatility.rolling import BENCHMARK_DAYS
from engine.services.volatility.forecasts import ForecastInputs, forecast, ranked, unscored
from engine.services.volatility.intraday import IntradayVariances
from engine.services.volatility.volatilities import forecast_inputs
from tests.kit import realized_facts

HORIZONS = (1, 5, 21)
QUICK = (ForecastModel.LAST, ForecastModel.EWMA, ForecastModel.AR, ForecastModel.HAR)


def inputs(count=320, *, implied=np.nan, level=0.01, seed=3):
    """Returns in slow waves of volatility, which a model that looks at weeks and months can follow."""
    dice = np.random.default_rng(seed)
    spread = level * np.exp(0.7 * np.sin(np.arange(count) / 40.0))
    returns = dice.normal(0, spread)
    return ForecastInputs(
        returns=returns,
        variances=spread**2 * dice.gamma(20, 1 / 20, count),
        quarticities=np.full(count, np.nan),
        implied=np.full(count, implied),
        a_year=252.0,
        outcome="of waves",
        intraday_sessions=0,
    )


def test_the_walk_says_that_the_mean_of_the_last_22_sessions_goes_on_and_is_the_benchmark():
    given = inputs()
    found = forecast(given, ForecastModel.LAST, 21, HORIZONS)
    expected = np.sqrt(given.variances[-BENCHMARK_DAYS:].mean() * 252)
    np.testing.assert_allclose(found.term, expected)
    assert found.volatility == pytest.approx(expected)
    assert found.verdict is ForecastVerdict.BENCHMARK
    assert found.qlike == pytest.approx(found.qlike_naive)
    assert np.isnan(found.p_value)


def test_every_model_is_scored_on_days_it_was_not_fitted_on_and_beside_the_same_walk():
    given = inputs()
    found = [forecast(given, model, 5, HORIZONS) for model in QUICK]
    assert all(0 < one.scored <= given.observations - given.learning for one in found)
    assert len({round(one.qlike_naive, 9) for one in found if one.scored == found[0].scored}) == 1
    for one in found[1:]:
        assert (one.verdict is ForecastVerdict.LOSES) == (one.qlike >= one.qlike_naive)


def test_nine_of_ten_past_outcomes_lie_between_low_and_high():
    found = forecast(inputs(), ForecastModel.HAR, 5, HORIZONS)
    assert found.low < found.volatility < found.high
    assert (found.term_low < found.term).all()
    assert (found.term < found.term_high).all()


def test_a_forecast_worse_than_the_walk_loses_and_has_no_rank():
    given = inputs(implied=3.0)
    table = ranked(tuple(forecast(given, model, 21, HORIZONS) for model in (*QUICK, ForecastModel.IMPLIED)))
    implied = table[-1]
    assert implied.volatility == pytest.approx(3.0)
    assert implied.verdict is ForecastVerdict.LOSES
    assert implied.rank == 0
    assert table[0].rank == 0


def test_ranks_count_from_the_lowest_qlike_of_those_that_do_not_lose():
    made = [unscored(model, "", 3) for model in (ForecastModel.EWMA, ForecastModel.AR, ForecastModel.HAR, ForecastModel.LAST)]
    verdicts = (ForecastVerdict.AHEAD, ForecastVerdict.LOSES, ForecastVerdict.BEATS, ForecastVerdict.BENCHMARK)
    told = ranked(
        tuple(replace(one, verdict=verdict, qlike=q) for one, verdict, q in zip(made, verdicts, (1.03, 1.5, 1.01, 1.05), strict=True))
    )
    assert [one.rank for one in told] == [2, 0, 1, 0]


def test_the_implied_speaks_of_a_month_and_of_no_other_horizon():
    found = forecast(inputs(implied=0.2), ForecastModel.IMPLIED, 21, HORIZONS)
    assert np.isnan(found.term[:2]).all()
    assert found.term[2] == pytest.approx(0.2)


def test_without_a_stored_implied_the_model_says_so():
    found = forecast(inputs(), ForecastModel.IMPLIED, 21, HORIZONS)
    assert found.refusal == "no implied volatility is stored of the newest session"
    assert found.verdict is ForecastVerdict.UNSCORED
    assert np.isnan(found.volatility)


@pytest.mark.parametrize("model", list(ForecastModel))
@pytest.mark.parametrize("count", [0, 1, 10])
def test_a_short_past_is_refused_by_every_model_in_words(model, count):
    found = forecast(inputs(count), model, 21, HORIZONS)
    assert found.refusal
    assert found.verdict is ForecastVerdict.UNSCORED
    assert np.isnan(found.term).all()
    assert found.scored == 0


def test_a_past_long_enough_to_forecast_and_too_short_to_be_scored_has_a_number_and_the_reason():
    found = forecast(inputs(140), ForecastModel.EWMA, 21, HORIZONS)
    assert found.volatility > 0
    assert found.verdict is ForecastVerdict.UNSCORED
    assert found.refusal


def test_harq_is_refused_without_minute_bars_on_each_session():
    assert "minute bars" in forecast(inputs(), ForecastModel.HARQ, 5, HORIZONS).refusal


def test_models_are_given_the_newest_sessions_in_a_row_and_no_return_over_a_gap():
    days = realized_facts.days("SPX")
    nothing = IntradayVariances(np.full(days.day.size, np.nan), np.full(days.day.size, np.nan))
    given = forecast_inputs(days, nothing, np.full(days.day.size, 0.15))
    assert given.observations == days.day.size - realized_facts.MISSING[-1] - 2
    assert np.isfinite(given.returns).all()
    assert (given.variances > 0).all()
    assert "Garman-Klass and overnight" in given.outcome
    learned = max(given.observations // 2, 126)
    assert np.mean(given.variances[:learned]) == pytest.approx(np.mean(given.returns[:learned] ** 2), rel=0.05)


def test_five_minute_variances_are_taken_where_every_session_has_them():
    days = realized_facts.days("SPX", missing=False)
    own = IntradayVariances(np.full(days.day.size, 1e-4), np.full(days.day.size, 1e-8))
    given = forecast_inputs(days, own, np.full(days.day.size, np.nan))
    assert given.outcome == "five-minute returns and overnight"
    assert set(given.variances.tolist()) == {1e-4}
    assert np.isfinite(given.quarticities).all()
