"""Value at risk and shortfall against known distributions, with what cannot be told refused."""

import numpy as np
import pytest

from engine.quant.risk.losses import Method, Sensitivities, estimated_profits, losses
from engine.quant.risk.scenarios import drawn, historical


def test_a_hundred_losses_from_one_to_a_hundred():
    found = losses(-np.random.default_rng(0).permutation(np.arange(1.0, 101.0)), level=0.95, method=Method.FULL)
    assert found.value_at_risk == 96.0
    assert found.expected_shortfall == pytest.approx(98.0)
    assert found.worst == 100.0
    assert found.low < found.value_at_risk < found.high


def test_a_tail_of_part_of_a_scenario_counts_that_part():
    found = losses(-np.arange(1.0, 151.0), level=0.99, method=Method.FULL)
    assert found.expected_shortfall == pytest.approx((150.0 + 0.5 * 149.0) / 1.5)


def test_a_normal_book_loses_what_the_textbook_says():
    profits = drawn(covariance=[[100.0**2]], count=200_000, seed=7)[:, 0]
    found = losses(profits, level=0.99, method=Method.FULL)
    assert found.value_at_risk == pytest.approx(232.6, rel=0.01)
    assert found.expected_shortfall == pytest.approx(266.5, rel=0.01)
    assert found.low < 232.6 < found.high


def test_the_interval_covers_as_often_as_it_says():
    covered = [
        (found := losses(drawn(covariance=[[1.0]], count=2000, seed=seed, antithetic=False)[:, 0], level=0.95, method=Method.FULL)).low
        < 1.6449
        < found.high
        for seed in range(200)
    ]
    assert 0.88 <= np.mean(covered) <= 1.0


def test_too_few_scenarios_give_no_number():
    assert np.isnan(losses(np.arange(99.0), level=0.95, method=Method.FULL).value_at_risk)
    assert np.isnan(losses(np.arange(150.0), level=0.995, method=Method.FULL).value_at_risk)


def test_an_unknown_profit_or_a_level_of_nonsense_is_refused():
    with pytest.raises(ValueError, match="one column of profits"):
        losses(np.zeros((200, 2)), method=Method.FULL)
    with pytest.raises(ValueError, match="1 of 200 scenarios have no known profit"):
        losses(np.where(np.arange(200) == 9, np.nan, 1.0), method=Method.FULL)
    with pytest.raises(ValueError, match=r"between 0\.5 and 1, such as 0\.99; 99 was given"):
        losses(np.arange(200.0), level=99, method=Method.FULL)


def test_draws_have_the_covariance_they_were_asked_for_and_repeat_with_their_seed():
    covariance = np.array([[0.04, 0.018], [0.018, 0.09]])
    for degrees in (np.inf, 5.0):
        found = drawn(covariance=covariance, count=400_000, seed=11, degrees=degrees)
        np.testing.assert_allclose(np.cov(found.T), covariance, rtol=0.03)
        np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-12)
    assert (drawn(covariance=covariance, count=100, seed=1) == drawn(covariance=covariance, count=100, seed=1)).all()
    assert drawn(covariance=covariance, count=7, seed=1).shape == (7, 2)


def test_a_covariance_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="not positive semidefinite"):
        drawn(covariance=[[1.0, 2.0], [2.0, 1.0]], count=10, seed=1)
    with pytest.raises(ValueError, match="square, symmetric"):
        drawn(covariance=[[1.0, 2.0]], count=10, seed=1)
    with pytest.raises(ValueError, match="more than 2 degrees"):
        drawn(covariance=[[1.0]], count=10, seed=1, degrees=2.0)


def test_history_gives_overlapping_returns_and_leaves_gaps_out():
    levels = np.array([[100.0, 50.0], [101.0, 51.0], [np.nan, 52.0], [103.0, 0.0], [104.0, 53.0], [105.0, 54.0]])
    found = historical(levels, horizon=1)
    np.testing.assert_allclose(found, np.log([[101 / 100, 51 / 50], [105 / 104, 54 / 53]]))
    with pytest.raises(ValueError, match="longer than the horizon of 6"):
        historical(levels, horizon=6)


def test_the_estimate_is_the_taylor_series():
    of = Sensitivities(delta=100.0, gamma=5.0, vega=200.0, theta=-1000.0, vanna=30.0, volga=400.0)
    found = estimated_profits(of=of, spot=100.0, log_returns=np.log([1.02]), vol_moves=np.array([0.03]), elapsed=1 / 365)
    assert found[0] == pytest.approx(100 * 2 + 0.5 * 5 * 4 + 200 * 0.03 + 30 * 2 * 0.03 + 0.5 * 400 * 0.0009 - 1000 / 365)
