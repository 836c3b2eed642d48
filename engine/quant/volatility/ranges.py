"""Volatility that has happened, from open, high, low and close: the same precision from a fraction of the days.

Conventions. All are rolling, as long as the bars, and annualised as σ = √(sessions a year x mean variance a session), 252 for stocks and
365 for a coin unless another number is given. Parkinson, Garman-Klass and Rogers-Satchell see the session alone, from its open to its
close: what happens overnight is not in them, and beside an implied volatility they are too low by that part. Yang-Zhang has both.

A bar is left out, as if missing, where a price is missing, not positive, or outside high and low. ``lengths`` are parts of a full session
(a half day of 3.5 hours is 0.538): a short session's variance then counts as the part of a session that it is. Discrete quotes miss the
true extremes, so all range estimators are biased low when a bar has few trades (Garman and Klass (1980)).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats
from engine.quant.volatility.realized import SESSIONS_A_YEAR
from engine.quant.volatility.windows import window_means

FOUR_LN_2 = 2.772588722239781
TWO_LN_2_LESS_1 = 0.3862943611198906


class _LogBars(NamedTuple):
    """Logarithms of a bar's prices over its open; NaN where the bar is not one."""

    high: Floats
    low: Floats
    close: Floats
    overnight: Floats
    """Of the open over the close before it."""


def parkinson(
    *,
    highs: ArrayLike,
    lows: ArrayLike,
    window: int,
    sessions_a_year: float = SESSIONS_A_YEAR,
    lengths: ArrayLike = 1.0,
    least: int | None = None,
) -> Floats:
    """σ² = mean of ln²(H/L) / (4 ln 2) a session: five times as efficient as closes, for a price without drift.

    M. Parkinson, "The Extreme Value Method for Estimating the Variance of the Rate of Return", Journal of Business 53 (1980), p. 61.

    >>> parkinson(highs=[102.0, 103.0], lows=[100.0, 100.0], window=2).round(4)
    array([   nan, 0.2398])
    """
    high, low = np.asarray(highs, dtype=np.float64), np.asarray(lows, dtype=np.float64)
    with np.errstate(all="ignore"):
        variance = np.where((low > 0.0) & (high >= low), np.log(high / low) ** 2 / FOUR_LN_2, np.nan)
    return _annual(variance, lengths, window, least, sessions_a_year)


def garman_klass(
    *,
    opens: ArrayLike,
    highs: ArrayLike,
    lows: ArrayLike,
    closes: ArrayLike,
    window: int,
    sessions_a_year: float = SESSIONS_A_YEAR,
    lengths: ArrayLike = 1.0,
    least: int | None = None,
) -> Floats:
    """σ² = mean of ½ ln²(H/L) - (2 ln 2 - 1) ln²(C/O) a session: 7.4 times as efficient as closes, for a price without drift.

    M. B. Garman and M. J. Klass, "On the Estimation of Security Price Volatilities from Historical Data", Journal of Business 53 (1980),
    p. 67, their practical estimator.
    """
    bars = _log_bars(opens, highs, lows, closes)
    variance = 0.5 * (bars.high - bars.low) ** 2 - TWO_LN_2_LESS_1 * bars.close**2
    return _annual(variance, lengths, window, least, sessions_a_year)


def rogers_satchell(
    *,
    opens: ArrayLike,
    highs: ArrayLike,
    lows: ArrayLike,
    closes: ArrayLike,
    window: int,
    sessions_a_year: float = SESSIONS_A_YEAR,
    lengths: ArrayLike = 1.0,
    least: int | None = None,
) -> Floats:
    """σ² = mean of ln(H/C) ln(H/O) + ln(L/C) ln(L/O) a session: right whatever the drift.

    L. C. G. Rogers and S. E. Satchell, "Estimating Variance from High, Low and Closing Prices", Annals of Applied Probability 1 (1991), p.
    504.
    """
    bars = _log_bars(opens, highs, lows, closes)
    return _annual(_rogers_satchell(bars), lengths, window, least, sessions_a_year)


def yang_zhang(
    *,
    opens: ArrayLike,
    highs: ArrayLike,
    lows: ArrayLike,
    closes: ArrayLike,
    window: int,
    sessions_a_year: float = SESSIONS_A_YEAR,
    least: int | None = None,
) -> Floats:
    """σ² = σ²(overnight) + k σ²(open to close) + (1-k) σ²(Rogers-Satchell), k = 0.34 / (1.34 + (n+1)/(n-1)): right for drift and gaps.

    The first two are sample variances, so a window of n bars needs n >= 2 and the close before the first. A bar after a missing one has no
    overnight return (the gap would be two nights); it is left out. D. Yang and Q. Zhang, "Drift-Independent Volatility Estimation Based on
    High, Low, Open, and Close Prices", Journal of Business 73 (2000), p. 477.
    """
    if window < 2:
        message = f"Yang-Zhang takes sample variances: a window of {window} has none, give 2 or more"
        raise ValueError(message)
    bars = _log_bars(opens, highs, lows, closes)
    whole: Bools = np.isfinite(bars.overnight)
    overnight, close = bars.overnight, np.where(whole, bars.close, np.nan)
    session = np.where(whole, _rogers_satchell(bars), np.nan)
    needed = window if least is None else max(least, 2)
    mean_session, n = window_means(session, window=window, least=needed)
    with np.errstate(all="ignore"):
        k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0))
        variance = _sample_variance(overnight, window, needed) + k * _sample_variance(close, window, needed) + (1.0 - k) * mean_session
        result: Floats = np.sqrt(variance * sessions_a_year)
    return result


def _rogers_satchell(bars: _LogBars) -> Floats:
    variance: Floats = bars.high * (bars.high - bars.close) + bars.low * (bars.low - bars.close)
    return variance


def _sample_variance(values: Floats, window: int, least: int) -> Floats:
    """Of the known values in each window, about their own mean, over n - 1; deviations from a fixed middle keep the digits."""
    middle = np.nanmean(values) if np.isfinite(values).any() else 0.0
    centred = values - middle
    mean, n = window_means(centred, window=window, least=least)
    square, _ = window_means(centred**2, window=window, least=least)
    result: Floats = np.maximum(square - mean**2, 0.0) * n / (n - 1.0)
    return result


def _annual(variance: Floats, lengths: ArrayLike, window: int, least: int | None, sessions_a_year: float) -> Floats:
    """√ of the variance a full session, times the sessions of a year: Σ variances / Σ lengths."""
    length = np.broadcast_to(np.asarray(lengths, dtype=np.float64), variance.shape)
    if not (length > 0.0).all():
        message = "a session without length has no volatility: give its part of a full session, above 0 (a full one is 1)"
        raise ValueError(message)
    mean, _ = window_means(variance / length, window=window, least=least, weights=np.ascontiguousarray(length))
    with np.errstate(all="ignore"):
        result: Floats = np.sqrt(mean * sessions_a_year)
    return result


def _log_bars(opens: ArrayLike, highs: ArrayLike, lows: ArrayLike, closes: ArrayLike) -> _LogBars:
    o, h, l, c = (np.asarray(values, dtype=np.float64) for values in (opens, highs, lows, closes))
    if not o.shape == h.shape == l.shape == c.shape or o.ndim != 1:
        message = f"open, high, low and close must be series of one length, not {o.shape}, {h.shape}, {l.shape} and {c.shape}"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        sound = (l > 0.0) & (h >= np.maximum(o, c)) & (l <= np.minimum(o, c)) & np.isfinite(h)
        o, h, l, c = (np.where(sound, values, np.nan) for values in (o, h, l, c))
        before = np.concatenate(([np.nan], c))[:-1]
        return _LogBars(np.log(h / o), np.log(l / o), np.log(c / o), np.log(o / before))
