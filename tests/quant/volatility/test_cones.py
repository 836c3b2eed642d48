"""The cone: quantiles of what the estimators say, with what they rest on."""

import numpy as np
import pytest

from engine.quant.volatility.cones import cone, cone_of
from engine.quant.volatility.realized import close_to_close


def closes(days: int = 800) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, days)))


def test_a_row_is_the_quantiles_of_the_rolling_volatility():
    prices = closes()
    found = cone(closes=prices, windows=(21, 63))
    series = close_to_close(closes=prices, window=21)
    assert np.allclose(found.quantiles[0], np.nanquantile(series, found.probabilities))
    assert found.latest[0] == series[-1]
    assert found.counts.tolist() == [779, 737]
    assert found.independent.tolist() == [38, 12]
    assert found.ranks[0] == pytest.approx(np.mean(series[21:] < series[-1]))


def test_long_windows_spread_less_than_short_ones():
    found = cone(closes=closes(2000), windows=(5, 21, 126))
    spread = found.quantiles[:, -1] - found.quantiles[:, 0]
    assert spread[0] > spread[1] > spread[2]


def test_the_correction_for_overlap_spreads_long_windows_about_their_mean_and_leaves_the_latest():
    plain, corrected = (cone(closes=closes(), windows=(5, 126, 500), corrected=flag) for flag in (False, True))
    n = 800 - 126
    factor = (1 - 126 / n + (126**2 - 1) / (3 * n**2)) ** -0.5
    reach, narrow = (one.quantiles[1, -1] ** 2 - one.quantiles[1, 0] ** 2 for one in (corrected, plain))
    assert reach / narrow == pytest.approx(factor)
    assert corrected.quantiles[0] == pytest.approx(plain.quantiles[0], abs=0.002)
    assert corrected.quantiles[2].tolist() == plain.quantiles[2].tolist()  # too short for the formula
    assert corrected.latest.tolist() == plain.latest.tolist()
    assert corrected.ranks.tolist() == plain.ranks.tolist()


def test_overlapping_windows_hide_as_much_of_the_spread_as_the_correction_gives_back():
    """The mean of the variance of 63-day variances over many short histories, beside that of windows which never met."""
    days, window, histories = 252, 63, 4000
    squares = np.random.default_rng(3).normal(size=(histories, days)) ** 2
    windows = np.lib.stride_tricks.sliding_window_view(squares, window, axis=1).mean(axis=-1)
    n = windows.shape[1]
    true = 2.0 / window  # of a mean of so many squares of normal returns
    seen = float(windows.var(axis=1).mean())
    assert seen < 0.75 * true
    assert seen / (1 - window / n + (window**2 - 1) / (3 * n**2)) == pytest.approx(true, rel=0.05)


def test_a_window_longer_than_the_history_is_unknown_with_a_count_of_none():
    found = cone(closes=closes(30), windows=(5, 60))
    assert np.isnan(found.quantiles[1]).all()
    assert found.counts.tolist() == [25, 0]
    assert found.independent.tolist() == [5, 0]


def test_a_missing_last_close_leaves_the_quantiles_and_no_latest():
    prices = closes()
    prices[-1] = np.nan
    found = cone(closes=prices, windows=(21,))
    assert np.isfinite(found.quantiles).all()
    assert np.isnan(found.latest[0])
    assert np.isnan(found.ranks[0])


def test_any_estimator_makes_a_cone_and_nonsense_is_refused():
    found = cone_of(estimator=lambda window: np.full(10, float(window)), windows=(3,), probabilities=(0.5,))
    assert found.quantiles.tolist() == [[3.0]]
    with pytest.raises(ValueError, match="probabilities from 0 to 1"):
        cone(closes=closes(), probabilities=(1.5,))
    with pytest.raises(ValueError, match="windows of 1 session or more"):
        cone(closes=closes(), windows=(0,))
