"""What a variance forecast is worth: its losses against what came, beside a naive benchmark's, and whether the difference is chance.

Both losses keep the ranking of forecasts when the true variance is only seen through a noisy proxy, such as a squared return or a realised
variance (A. J. Patton, "Volatility forecast comparison using imperfect volatility proxies", Journal of Econometrics 160 (2011), p. 246):

* QLIKE: x/f + ln(f/m), x the proxy, f the forecast, m the mean of the proxies: free of units, defined for a proxy of zero, lower is better;
* squared error; shown is its root, in units of variance.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats

LEAST = 20
"""Forecasts that can be scored; with fewer no score is given."""


class Comparison(NamedTuple):
    """One loss, ours beside the benchmark's."""

    loss: float
    benchmark: float
    statistic: float
    """Diebold-Mariano t, negative where ours is better."""
    p_value: float
    """Two-sided: how often chance alone would part two equal forecasts by as much."""


class Score(NamedTuple):
    """Out of sample; NaN where fewer than twenty forecasts can be scored."""

    observations: int
    """Days on which forecast, benchmark and outcome are all known and the forecasts positive."""
    qlike: Comparison
    rmse: Comparison


def score(*, forecasts: ArrayLike, benchmarks: ArrayLike, outcomes: ArrayLike, horizon: int = 1) -> Score:
    """Forecasts of variance made before, what came, and a benchmark; of one length, each in the same unit. NaN rows are left out."""
    ours, naive, came = (np.asarray(values, dtype=np.float64) for values in (forecasts, benchmarks, outcomes))
    if not ours.shape == naive.shape == came.shape or ours.ndim != 1:
        message = f"forecasts, benchmarks and outcomes must be series of one length, not {ours.shape}, {naive.shape} and {came.shape}"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        usable = (ours > 0.0) & (naive > 0.0) & (came >= 0.0)
        usable &= np.isfinite((ours + naive + came) ** 2 * came.size) & np.isfinite(came / ours + came / naive)
    ours, naive, came = ours[usable], naive[usable], came[usable]
    if ours.size < LEAST or not came.max() > 0.0:
        nothing = Comparison(np.nan, np.nan, np.nan, np.nan)
        return Score(int(ours.size), nothing, nothing)
    middle = float(came.mean())
    likelihoods = came / ours + np.log(ours / middle), came / naive + np.log(naive / middle)
    squares = (came - ours) ** 2, (came - naive) ** 2
    return Score(int(ours.size), _compared(*likelihoods, horizon, rooted=False), _compared(*squares, horizon, rooted=True))


def diebold_mariano(*, losses: ArrayLike, benchmark_losses: ArrayLike, horizon: int = 1) -> tuple[float, float]:
    """(t, two-sided p) of equal expected loss, with h - 1 autocovariances and the small-sample factor.

    F. X. Diebold and R. S. Mariano, "Comparing Predictive Accuracy", Journal of Business & Economic Statistics 13 (1995), p. 253; D.
    Harvey, S. Leybourne and P. Newbold, International Journal of Forecasting 13 (1997), p. 281, eq. 9: √((n + 1 - 2h + h(h-1)/n)/n), and
    Student's t of n - 1. Autocovariances beyond the overlap are weighted by Bartlett where the plain sum is not positive. (NaN, NaN) where
    the losses never differ or one is unknown.
    """
    from scipy.special import stdtr

    with np.errstate(all="ignore"):
        d = np.asarray(losses, dtype=np.float64) - np.asarray(benchmark_losses, dtype=np.float64)
        known = bool(np.isfinite(d @ d))
    n, h = d.size, horizon
    if n < max(2, h + 1) or not known:
        return np.nan, np.nan
    mean = float(d.mean())
    centred = d - mean
    covariances = np.array([float(centred[lag:] @ centred[: n - lag]) / n for lag in range(h)])
    variance = float(covariances[0] + 2.0 * covariances[1:].sum())
    if variance <= 0.0:
        variance = float(covariances[0] + 2.0 * ((1.0 - np.arange(1, h) / h) * covariances[1:]).sum())
    if not variance > 0.0:
        return np.nan, np.nan
    factor = np.sqrt(max(n + 1.0 - 2.0 * h + h * (h - 1.0) / n, 0.0) / n)
    statistic = float(factor * mean / np.sqrt(variance / n))
    return statistic, float(2.0 * stdtr(n - 1.0, -abs(statistic)))


def _compared(ours: Floats, naive: Floats, horizon: int, *, rooted: bool) -> Comparison:
    statistic, p_value = diebold_mariano(losses=ours, benchmark_losses=naive, horizon=horizon)
    loss, benchmark = float(ours.mean()), float(naive.mean())
    if rooted:
        loss, benchmark = float(np.sqrt(loss)), float(np.sqrt(benchmark))
    return Comparison(loss, benchmark, statistic, p_value)
