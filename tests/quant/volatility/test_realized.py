"""Close-to-close volatility against its definition, and against what is missing."""

import math

import numpy as np
import pytest

from engine.quant.volatility.realized import close_to_close


def test_it_is_the_root_of_the_mean_square_return_a_year():
    closes = 100.0 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 60)))
    found = close_to_close(closes=closes, window=20)
    returns = np.diff(np.log(closes))
    assert found.shape == closes.shape
    assert np.isnan(found[:20]).all()
    assert found[20] == pytest.approx(math.sqrt(252 * np.mean(returns[:20] ** 2)))
    assert found[-1] == pytest.approx(math.sqrt(252 * np.mean(returns[-20:] ** 2)))


def test_a_coin_has_more_sessions():
    closes = [100.0, 110.0, 100.0]
    ratio = close_to_close(closes=closes, window=2, sessions_a_year=365)[-1] / close_to_close(closes=closes, window=2)[-1]
    assert ratio == pytest.approx(math.sqrt(365 / 252))


@pytest.mark.parametrize("missing", [float("nan"), 0.0, -5.0])
def test_a_missing_close_makes_its_windows_unknown_and_no_others(missing: float):
    closes = np.linspace(100, 110, 12)
    closes[5] = missing
    known = ~np.isnan(close_to_close(closes=closes, window=2))
    assert known.tolist() == [False, False, True, True, True, False, False, False, True, True, True, True]


def test_too_few_closes_say_nothing_and_no_window_is_a_mistake():
    assert np.isnan(close_to_close(closes=[1.0, 2.0], window=2)).all()
    assert close_to_close(closes=[], window=5).size == 0
    with pytest.raises(ValueError, match="give 1 or more"):
        close_to_close(closes=[1.0, 2.0], window=0)
