"""Losses and the test of their difference."""

import math

import numpy as np
import pytest

from engine.quant.volatility.scores import diebold_mariano, score


def market(count: int = 800) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(8)
    truth = np.exp(np.cumsum(chance.normal(0, 0.1, count))) * 1e-4
    return truth, truth * chance.chisquare(1, count)


def test_the_true_variance_beats_a_constant_and_chance_is_ruled_out():
    truth, came = market()
    found = score(forecasts=truth, benchmarks=np.full(800, came.mean()), outcomes=came)
    assert found.observations == 800
    assert found.qlike.loss < found.qlike.benchmark
    assert found.qlike.statistic < -3
    assert found.qlike.p_value < 0.01


def test_losses_are_their_definitions():
    truth, came = market()
    found = score(forecasts=truth, benchmarks=2 * truth, outcomes=came)
    assert found.rmse.loss == pytest.approx(math.sqrt(np.mean((came - truth) ** 2)))
    assert found.qlike.loss == pytest.approx(np.mean(came / truth + np.log(truth / came.mean())))
    units = score(forecasts=1e4 * truth, benchmarks=2e4 * truth, outcomes=1e4 * came)
    assert units.qlike == pytest.approx(found.qlike)


def test_the_statistic_is_the_t_of_a_mean_for_one_step():
    chance = np.random.default_rng(1)
    a, b = chance.normal(0.1, 1, 200), chance.normal(0, 1, 200)
    d = a - b
    statistic, p_value = diebold_mariano(losses=a, benchmark_losses=b)
    assert statistic == pytest.approx(d.mean() / (d.std(ddof=1) / math.sqrt(200)))
    assert 0.0 < p_value < 1.0


def test_equal_forecasts_of_overlapping_horizons_are_rarely_called_different():
    chance = np.random.default_rng(2)
    called = 0
    for _ in range(300):
        noise = chance.normal(size=260)
        overlapping = np.convolve(noise, np.ones(5), "valid")
        called += diebold_mariano(losses=overlapping, benchmark_losses=np.zeros_like(overlapping), horizon=5)[1] < 0.05
    assert 0.01 < called / 300 < 0.12


def test_the_same_forecast_twice_has_no_test_and_too_few_have_no_score():
    truth, came = market()
    assert math.isnan(score(forecasts=truth, benchmarks=truth, outcomes=came).qlike.p_value)
    few = score(forecasts=truth[:19], benchmarks=truth[:19], outcomes=came[:19])
    assert few.observations == 19
    assert math.isnan(few.qlike.loss)
    assert all(math.isnan(value) for value in diebold_mariano(losses=[1.0], benchmark_losses=[2.0]))


def test_rows_that_cannot_be_scored_are_left_out_and_counted_out():
    truth, came = market(100)
    truth[:10], came[10:20] = np.nan, np.nan
    truth[20], came[21] = 0.0, 0.0
    found = score(forecasts=truth, benchmarks=np.full(100, 1e-4), outcomes=came)
    assert found.observations == 79  # a variance of zero that came counts, a forecast of zero does not
    assert math.isfinite(found.qlike.loss)
    with pytest.raises(ValueError, match="of one length"):
        score(forecasts=truth, benchmarks=truth, outcomes=came[:-1])
