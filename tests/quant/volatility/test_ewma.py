"""The exponentially weighted variance against its one line."""

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.volatility.ewma import ewma_variances


def returns(count: int = 500) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 0.01, count)


def test_it_is_its_recursion(tier: tiers.Tier):
    series = returns()
    found = ewma_variances(returns=series, decay=0.9, warm_up=10)
    expected = np.mean(series[:10] ** 2)
    assert np.isnan(found[:9]).all()
    assert found[9] == pytest.approx(expected)
    for t in range(10, 500):
        expected = 0.9 * expected + 0.1 * series[t] ** 2
        assert found[t] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_missing_return_changes_nothing(tier: tiers.Tier, missing: float):
    series = returns()
    with_gap = np.insert(series, 200, missing)
    found = ewma_variances(returns=with_gap)
    assert found[200] == found[199]
    assert np.delete(found, 200) == pytest.approx(ewma_variances(returns=series), nan_ok=True)


def test_a_missing_return_in_the_warm_up_makes_it_longer(tier: tiers.Tier):
    series = returns()
    found = ewma_variances(returns=np.insert(series, 3, np.nan))
    assert np.isnan(found[:20]).all()
    assert found[20:] == pytest.approx(ewma_variances(returns=series)[19:])


def test_one_jump_fades_by_the_decay(tier: tiers.Tier):
    series = np.full(300, 1e-3)
    series[100] = 0.1
    found = ewma_variances(returns=series)
    assert (found[150] - 1e-6) / (found[100] - 1e-6) == pytest.approx(0.94**50)


def test_too_few_returns_say_nothing(tier: tiers.Tier):
    assert np.isnan(ewma_variances(returns=returns(19))).all()
    assert ewma_variances(returns=[]).size == 0
    assert ewma_variances(returns=returns(20))[-1] > 0.0


@pytest.mark.parametrize("wrong", [{"decay": 1.0}, {"decay": 0.0}, {"decay": float("nan")}, {"warm_up": 0}])
def test_settings_without_sense_are_refused(wrong: dict[str, float]):
    with pytest.raises(ValueError, match="give"):
        ewma_variances(returns=returns(), **wrong)
