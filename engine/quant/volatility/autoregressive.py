"""The Volatility Filter's estimator: how much the last trades moved beyond what an autoregression of their own returns expects.

It is a fast alarm rather than an average: an AR(p) with a constant is fitted to the last ``window`` log returns anew at every return, and
the answer is the standard deviation of its last ten residuals. Volatility Filter, architecture, section "Volatility Engine" ("AR model for
volatility estimation", statsmodels); window 100, one lag, ten residuals and at least 20 returns are that program's settings. The fit is
``statsmodels.tsa.ar_model.AutoReg(returns, lags, trend="c")``: ordinary least squares on the window's own lags (J. D. Hamilton, "Time
Series Analysis" (1994), p. 122, the conditional likelihood).
"""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats

WINDOW = 100
RECENT = 10
LEAST = 20


def innovation_vols(
    *, returns: ArrayLike, window: int = WINDOW, lags: int = 1, recent: int = RECENT, least: int = LEAST, periods_a_year: float = 1.0
) -> Floats:
    """σ_t = √(mean (e - ē)²) of the last ``recent`` residuals of the AR fit on the returns up to and with t, and none after.

    As long as ``returns`` (fractions, one a trade or a session); NaN until ``least`` of them are there, and while one in the window is
    missing. Until the window is full it is what there is. By default a return's own volatility, as the Volatility Filter compares it with
    its threshold; ``periods_a_year`` annualises (252 for daily returns). A window in which nothing moves has volatility zero.
    """
    if lags < 1 or recent < 2 or least < max(2 * lags + 2, lags + recent) or window < least:
        message = (
            f"an AR({lags}) with {recent} residuals cannot be fitted to {least}..{window} returns: give lags + residuals <= least <= window"
        )
        raise ValueError(message)
    series = np.asarray(returns, dtype=np.float64)
    result = np.full(series.shape, np.nan)
    for size in range(least, min(window, series.size + 1)):
        result[size - 1] = _recent_deviation(series[None, :size], lags, recent)[0]
    if series.size >= window:
        windows = np.lib.stride_tricks.sliding_window_view(series, window)
        block = 4096
        for start in range(0, windows.shape[0], block):
            part = windows[start : start + block]
            result[window - 1 + start : window - 1 + start + part.shape[0]] = _recent_deviation(part, lags, recent)
    annual: Floats = result * np.sqrt(periods_a_year)
    return annual


def _recent_deviation(windows: Floats, lags: int, recent: int) -> Floats:
    """A row a window; NaN for a row with a value missing."""
    size = windows.shape[1]
    whole: Bools = np.asarray(np.isfinite(windows).all(axis=1))
    values = np.where(whole[:, None], windows, 0.0)
    scale = np.abs(values).max(axis=1, keepdims=True)
    values = values / np.where(scale > 0.0, scale, 1.0)
    target = values[:, lags:]
    lagged = np.stack([values[:, lags - k : size - k] for k in range(1, lags + 1)], axis=1)
    target = target - target.mean(axis=1, keepdims=True)
    lagged = lagged - lagged.mean(axis=2, keepdims=True)  # the constant, by Frisch-Waugh
    moments = lagged @ lagged.transpose(0, 2, 1)
    cross = np.einsum("nkt,nt->nk", lagged, target)
    coefficients = np.einsum("nkl,nl->nk", np.linalg.pinv(moments, hermitian=True, rcond=1e-13), cross)
    residuals = target[:, -recent:] - np.einsum("nk,nkt->nt", coefficients, lagged[:, :, -recent:])
    deviation: Floats = np.where(whole, residuals.std(axis=1) * scale[:, 0], np.nan)
    return deviation
