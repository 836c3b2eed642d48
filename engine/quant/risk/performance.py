"""How good a record of results is, and how far luck explains it."""

import math
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.special import TWO_SIDED_95, normal_cdf
from engine.quant.volatility.realized import SESSIONS_A_YEAR

EULER = 0.5772156649015329


class Ratio(NamedTuple):
    """A ratio a year with its standard error; NaN where there are too few results or they do not vary."""

    value: float
    error: float
    results: int


def sharpe(returns: Floats, *, periods: float = SESSIONS_A_YEAR) -> Ratio:
    """Mean over deviation of returns beyond the riskless rate, a year.

    The error holds for returns that are not normal: √((1 + SR²/2 - skew·SR + (kurtosis - 3)/4·SR²)/(n - 1)) a period (E. Mertens (2002), in
    D. Bailey, M. López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15 (2012), p. 3).
    """
    moments = _moments(returns)
    if moments is None:
        return Ratio(math.nan, math.nan, int(np.isfinite(returns).sum()))
    ratio, skew, kurtosis, count = moments
    error = math.sqrt(max(1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio, 0.0) / (count - 1))
    return Ratio(ratio * math.sqrt(periods), error * math.sqrt(periods), count)


def sortino(returns: Floats, *, target: float = 0.0, periods: float = SESSIONS_A_YEAR) -> Ratio:
    """Mean beyond the target over the deviation below it, a year (F. Sortino, R. van der Meer, "Downside risk", Journal of Portfolio
    Management 17 (1991), p. 27). Its error is not known in closed form and is left unknown.
    """
    known = returns[np.isfinite(returns)]
    with np.errstate(all="ignore"):
        below = np.minimum(known - target, 0.0)
        downside = math.sqrt(float(np.mean(below * below))) if known.size else 0.0
    if known.size < 2 or not 0.0 < downside < math.inf:
        return Ratio(math.nan, math.nan, known.size)
    return Ratio((float(known.mean()) - target) / downside * math.sqrt(periods), math.nan, known.size)


def deflated_sharpe(returns: Floats, *, trials: int, trial_variance: float) -> float:
    """Probability that the true Sharpe ratio is above zero, given that this record is the best of so many trials.

    D. Bailey, M. López de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40 (2014), p. 94;
    ``trial_variance`` is that of the trials' ratios a period. With one trial it is the probabilistic Sharpe ratio against zero.
    """
    moments = _moments(returns)
    if moments is None or trials < 1 or not trial_variance >= 0.0:
        return math.nan
    ratio, skew, kurtosis, count = moments
    expected = 0.0
    if trials > 1:
        highest = (1.0 - EULER) * _normal_quantile(1.0 - 1.0 / trials) + EULER * _normal_quantile(1.0 - 1.0 / (trials * math.e))
        expected = math.sqrt(trial_variance) * highest
    spread = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio
    if not spread > 0.0:
        return math.nan
    return float(normal_cdf(np.array([(ratio - expected) * math.sqrt(count - 1) / math.sqrt(spread)]))[0])


class Drawdown(NamedTuple):
    """The deepest fall of an equity curve from its highest point so far."""

    depth: float
    """A part of the peak, positive; 0 for a curve that never fell."""
    peak: int
    trough: int
    recovery: int | None
    """Positions in the curve; None where the peak was not reached again."""


def deepest_drawdown(equity: Floats) -> Drawdown:
    """Of a curve of positive levels. ValueError for an empty one or one that touches zero, since a part of nothing has no meaning."""
    if not equity.size or not ((equity > 0.0) & np.isfinite(equity)).all():
        raise ValueError("an equity curve has positive, known levels; start it with the capital and add the profits")
    peaks = np.maximum.accumulate(equity)
    falls = 1.0 - equity / peaks
    trough = int(np.argmax(falls))
    peak = int(np.argmax(equity[: trough + 1]))
    again = np.flatnonzero(equity[trough:] >= equity[peak])
    return Drawdown(float(falls[trough]), peak, trough, trough + int(again[0]) if again.size else None)


class WinRate(NamedTuple):
    """The part of closed results that won, with Wilson's 95 % interval."""

    value: float
    low: float
    high: float
    wins: int
    results: int


def win_rate(profits: Floats) -> WinRate:
    """Of whole trades, not of legs; nothing won or lost counts as not won.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), p. 209.

    >>> found = win_rate(np.array([1.0] * 8 + [-1.0] * 2))
    >>> round(found.low, 3), round(found.high, 3)
    (0.49, 0.943)
    """
    known = profits[np.isfinite(profits)]
    count, wins = known.size, int((known > 0.0).sum())
    if not count:
        return WinRate(math.nan, math.nan, math.nan, 0, 0)
    z, share = TWO_SIDED_95, wins / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return WinRate(share, max(middle - half, 0.0), min(middle + half, 1.0), wins, count)


def kelly(*, win_probability: float, win: float, loss: float, cap: float = 0.25) -> float:
    """The part of the capital to risk on one bet, at most ``cap``, never below nothing.

    J. L. Kelly, "A new interpretation of information rate", Bell System Technical Journal 35 (1956), p. 917: p - (1 - p) loss/win.
    Full Kelly on a probability that is only estimated ruins; a quarter is the usual ceiling.

    >>> kelly(win_probability=0.6, win=1.0, loss=1.0, cap=1.0)
    0.2
    """
    if not (0.0 <= win_probability <= 1.0 and win > 0.0 and loss > 0.0 and 0.0 < cap <= 1.0):
        message = "a bet has a probability from 0 to 1, a win and a loss above zero, and a cap above 0 and at most 1"
        raise ValueError(message)
    return min(max(round(win_probability - (1.0 - win_probability) * loss / win, 15), 0.0), cap)


def _moments(returns: Floats) -> tuple[float, float, float, int] | None:
    """Mean over deviation, skewness, kurtosis (3 for a normal) and count; None where they are not defined."""
    known = returns[np.isfinite(returns)]
    if known.size < 3:
        return None
    with np.errstate(all="ignore"):
        mean, deviation = float(known.mean()), float(known.std(ddof=1))
        if not 1e-12 * max(abs(mean), 1e-300) < deviation < math.inf:
            return None
        z = (known - mean) / float(known.std())
        return mean / deviation, float(np.mean(z**3)), float(np.mean(z**4)), int(known.size)


def _normal_quantile(probability: float) -> float:
    """N⁻¹, by bisection of N: asked for a few times only."""
    low, high = -40.0, 40.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if float(normal_cdf(np.array([middle]))[0]) < probability else (low, middle)
    return 0.5 * (low + high)
