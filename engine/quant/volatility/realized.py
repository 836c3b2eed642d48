"""Volatility that has happened, from closing prices."""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.volatility.windows import window_means

SESSIONS_A_YEAR = 252.0
"""Stocks and indices; a coin that trades every day has 365."""


def close_to_close(*, closes: ArrayLike, window: int, sessions_a_year: float = SESSIONS_A_YEAR) -> Floats:
    """Rolling σ = √(252/n Σ ln²(C_i/C_{i-1})) over the last n = ``window`` returns, without taking off a mean (its estimate is noise).

    As long as ``closes``; NaN until the window is full, and while a close in it is no price. J. C. Hull, "Options,
    Futures, and Other Derivatives", 10th ed., section 15.4, with the mean set to zero.

    >>> close_to_close(closes=[100.0, 101.0, 100.0, 102.0], window=3).round(4)
    array([   nan,    nan,    nan, 0.2227])
    """
    if window < 1:
        message = f"a window of {window} returns is none: give 1 or more"
        raise ValueError(message)
    prices = np.asarray(closes, dtype=np.float64)
    if prices.ndim != 1:
        message = f"closes are one series, not an array of shape {prices.shape}"
        raise ValueError(message)
    result = np.full(prices.shape, np.nan)
    if prices.size <= window:
        return result
    with np.errstate(all="ignore"):
        logs = np.log(np.where((prices > 0.0) & np.isfinite(prices), prices, np.nan))
    result[1:] = np.sqrt(window_means(np.diff(logs) ** 2, window=window).means * sessions_a_year)
    return result
