"""How closely two series move together, and whether so many observations can tell it from chance."""

import math
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.special import TWO_SIDED_95, normal_cdf

FEWEST = 4
"""Fisher's interval needs n - 3 above zero."""
STILL = 1e-14
"""A part of its greatest value by which a series may move and still stand: rounding."""


class Correlation(NamedTuple):
    """Pearson's r with Fisher's interval; NaN where too few pairs are known or a series does not move."""

    value: float
    low: float
    high: float
    """Between which it lies with 95 %."""
    p_value: float
    """Probability of an r at least as far from zero if there were none; two-sided, by Fisher's z."""
    pairs: int

    @property
    def significant(self) -> bool:
        """At 5 %."""
        return self.p_value < 0.05


def correlation(one: Floats, other: Floats, *, lag: int = 0) -> Correlation:
    """Of the pairs in which both are known; a positive ``lag`` compares ``one`` with ``other`` so many steps later.

    z = artanh r is normal with variance 1/(n-3) (R. A. Fisher, "On the probable error of a coefficient of correlation", Metron 1 (1921),
    p. 3). It assumes independent pairs: overlapping returns make every interval too narrow.
    """
    if one.shape != other.shape or one.ndim != 1:
        message = f"two series of one length are compared; these are of shapes {one.shape} and {other.shape}"
        raise ValueError(message)
    if abs(lag) >= one.size:
        return Correlation(math.nan, math.nan, math.nan, math.nan, 0)
    first, second = (one[: one.size - lag], other[lag:]) if lag >= 0 else (one[-lag:], other[: other.size + lag])
    known = np.isfinite(first) & np.isfinite(second)
    x, y, pairs = first[known], second[known], int(known.sum())
    if pairs < FEWEST:
        return Correlation(math.nan, math.nan, math.nan, math.nan, pairs)
    r = float(_pearson(x[None], y[None])[0])
    if math.isnan(r):
        return Correlation(math.nan, math.nan, math.nan, math.nan, pairs)
    z, error = math.atanh(min(max(r, -1.0 + 1e-15), 1.0 - 1e-15)), 1.0 / math.sqrt(pairs - 3)
    p = 2.0 * float(normal_cdf(np.array([-abs(z) / error]))[0])
    return Correlation(r, math.tanh(z - TWO_SIDED_95 * error), math.tanh(z + TWO_SIDED_95 * error), p, pairs)


def rolling_correlation(one: Floats, other: Floats, *, window: int) -> Floats:
    """Pearson's r over the last ``window`` steps at each step; NaN before, where a value is missing inside, or where nothing moves."""
    if one.shape != other.shape or one.ndim != 1:
        message = f"two series of one length are compared; these are of shapes {one.shape} and {other.shape}"
        raise ValueError(message)
    if window < FEWEST:
        message = f"a window holds at least {FEWEST} steps; {window} were asked for"
        raise ValueError(message)
    result = np.full(one.size, np.nan)
    if one.size < window:
        return result
    x, y = (np.lib.stride_tricks.sliding_window_view(np.where(np.isfinite(series), series, np.nan), window) for series in (one, other))
    result[window - 1 :] = _pearson(x, y)
    return result


def _pearson(x: Floats, y: Floats) -> Floats:
    """R of each row; NaN where one of the two moves by no more than the rounding of its own level."""
    with np.errstate(all="ignore"):
        away = []
        for series in (x, y):
            level = np.abs(series).max(axis=1, keepdims=True)
            scaled = series / level
            centered = scaled - scaled.mean(axis=1, keepdims=True)
            away.append(np.where(np.abs(centered).max(axis=1, keepdims=True) > STILL, centered, np.nan))
        first, second = away
        r = (first * second).sum(axis=1) / np.sqrt((first * first).sum(axis=1) * (second * second).sum(axis=1))
    result: Floats = np.clip(r, -1.0, 1.0)
    return result


def shrunk_covariance(returns: Floats) -> tuple[Floats, float]:
    """The covariance of sessions × factors, drawn towards a multiple of the identity, and by how much (0 none, 1 wholly).

    O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal of Multivariate Analysis 88
    (2004), p. 365, lemmas 3.2 to 3.4: with few sessions the sample covariance alone is far too sure of itself.
    """
    if returns.ndim != 2 or not returns.size or not np.isfinite(returns).all():
        message = (
            f"a covariance is estimated from known returns, sessions × factors; these are of shape {returns.shape}, or some are missing"
        )
        raise ValueError(message)
    sessions, factors = returns.shape
    centered = returns - returns.mean(axis=0)
    sample = centered.T @ centered / sessions
    mean = float(np.trace(sample)) / factors
    away = float(np.sum((sample - mean * np.eye(factors)) ** 2)) / factors
    spread = float(np.mean([np.sum((np.outer(row, row) - sample) ** 2) for row in centered])) / (factors * sessions)
    part = min(spread / away, 1.0) if away > 0.0 else 1.0
    result: Floats = part * mean * np.eye(factors) + (1.0 - part) * sample
    return result, part
