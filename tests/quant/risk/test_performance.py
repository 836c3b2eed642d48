"""Records of results: ratios with their errors, luck taken out, falls, wins and bets."""

import numpy as np
import pytest

from engine.quant.risk.performance import deepest_drawdown, deflated_sharpe, kelly, sharpe, sortino, win_rate

CHANCE = np.random.default_rng(9)


def test_a_sharpe_ratio_is_mean_over_deviation_with_the_error_that_resampling_shows():
    records = CHANCE.normal(0.001, 0.01, (600, 252))
    found = [sharpe(row) for row in records]
    assert found[0].value == pytest.approx(records[0].mean() / records[0].std(ddof=1) * np.sqrt(252))
    assert np.mean([one.error for one in found]) == pytest.approx(np.std([one.value for one in found]), rel=0.1)


def test_sortino_counts_falls_alone():
    returns = np.array([0.02, -0.01, 0.03, -0.02])
    assert sortino(returns, periods=1).value == pytest.approx(0.005 / np.sqrt((0.0001 + 0.0004) / 4))
    assert np.isnan(sortino(np.array([0.01, 0.02])).value)


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, 0.01, 0.01], [np.nan] * 5])
def test_too_little_or_nothing_moving_has_no_ratio(returns: list[float]):
    assert np.isnan(sharpe(np.array(returns)).value)
    assert np.isnan(deflated_sharpe(np.array(returns), trials=1, trial_variance=0.0))


def test_the_example_of_the_deflated_sharpe_ratio_is_met():
    """D. Bailey, M. López de Prado (2014), p. 100: 2.5 a year over 1,250 days, 100 trials of variance 1/2, skew -3, kurtosis 10: 0.9004."""
    from engine.quant.risk import performance

    ratio, count = 2.5 / np.sqrt(250), 1250
    original = performance._moments
    performance._moments = lambda _: (ratio, -3.0, 10.0, count)
    try:
        assert deflated_sharpe(np.zeros(3), trials=100, trial_variance=0.5 / 250) == pytest.approx(0.9004, abs=5e-4)
    finally:
        performance._moments = original


def test_the_best_of_many_lucky_trials_is_not_taken_for_skill():
    trials = CHANCE.normal(0.0, 0.01, (200, 252))
    ratios = trials.mean(axis=1) / trials.std(axis=1, ddof=1)
    best = trials[np.argmax(ratios)]
    assert deflated_sharpe(best, trials=1, trial_variance=0.0) > 0.95
    assert deflated_sharpe(best, trials=200, trial_variance=float(ratios.var())) < 0.8


def test_the_deepest_drawdown_names_its_peak_trough_and_recovery():
    found = deepest_drawdown(np.array([100.0, 120.0, 90.0, 110.0, 120.0, 100.0]))
    assert found == (0.25, 1, 2, 4)
    assert deepest_drawdown(np.array([100.0, 80.0])).recovery is None
    assert deepest_drawdown(np.array([1.0, 2.0, 3.0])).depth == 0.0
    for bad in ([], [100.0, 0.0], [100.0, np.nan]):
        with pytest.raises(ValueError, match="positive, known levels"):
            deepest_drawdown(np.array(bad))


def test_an_endless_equity_is_refused():
    with pytest.raises(ValueError, match="positive, known levels"):
        deepest_drawdown(np.array([1.0, np.inf, 2.0]))


def test_a_win_rate_without_results_is_unknown():
    assert np.isnan(win_rate(np.array([np.nan])).value)
    found = win_rate(np.array([5.0, 0.0, -1.0, np.nan]))
    assert (found.wins, found.results) == (1, 3)
    assert found.low < 1 / 3 < found.high


@pytest.mark.parametrize(
    ("p", "win", "loss", "cap", "part"),
    [(0.6, 1.0, 1.0, 0.25, 0.2), (0.9, 1.0, 1.0, 0.25, 0.25), (0.4, 1.0, 1.0, 0.25, 0.0), (0.5, 2.0, 1.0, 1.0, 0.25)],
)
def test_kelly_is_capped_and_never_negative(p: float, win: float, loss: float, cap: float, part: float):
    assert kelly(win_probability=p, win=win, loss=loss, cap=cap) == pytest.approx(part)


@pytest.mark.parametrize(
    "wrong", [{"win_probability": 60.0}, {"win": 0.0}, {"loss": -1.0}, {"cap": 2.0}, {"win_probability": float("nan")}]
)
def test_a_bet_that_cannot_be_is_refused(wrong: dict[str, float]):
    with pytest.raises(ValueError, match="a bet has a probability"):
        kelly(**{"win_probability": 0.6, "win": 1.0, "loss": 1.0, "cap": 0.25, **wrong})
