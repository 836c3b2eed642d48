"""What an autoregression of a series expects of its next value, and how sure it is: the yardstick of the Volatility Filter's breaches.

An AR(p) with a constant is fitted by ordinary least squares to the last ``window`` values (J. D. Hamilton, "Time Series Analysis" (1994),
p. 122, the conditional likelihood); the forecast is its own line one step on, the standard error that of its residuals with the degrees of
freedom taken off. The lag coefficients are shrunk into the stationary region where the fit leaves it, so that a jump is not extrapolated.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

WINDOW = 100
LEAST = 20
MOST_PERSISTENT = 0.995
"""Largest sum of the sizes of the lag coefficients."""


class Expected(NamedTuple):
    """The next value as it is expected; NaN where too little is known."""

    value: float
    error: float
    """Standard, of one step."""
    samples: int
    """Values it stands on."""


def expected_next(*, series: ArrayLike, window: int = WINDOW, lags: int = 1, least: int = LEAST) -> Expected:
    """Forecast and standard error one step beyond the end of ``series`` (evenly spaced, oldest first); unknown values are left out.

    >>> expected_next(series=[0.2] * 30).value
    0.2
    >>> expected_next(series=[0.2] * 5).samples
    5
    """
    if lags < 1 or least < 2 * lags + 2 or window < least:
        message = f"an AR({lags}) needs {2 * lags + 2} or more values and a window as long as the least: not {least} and {window}"
        raise ValueError(message)
    told = np.asarray(series, dtype=np.float64)
    if told.ndim != 1:
        message = f"an autoregression is of one series, not of an array of shape {told.shape}"
        raise ValueError(message)
    known = told[np.isfinite(told)][-window:]
    size = int(known.shape[0])
    if size < least:
        return Expected(float("nan"), float("nan"), size)
    center = float(known.mean())
    values = known - center
    target = values[lags:]
    lagged = np.stack([values[lags - k : size - k] for k in range(1, lags + 1)], axis=1)
    design = np.column_stack([np.ones(target.shape[0]), lagged])
    solution = np.linalg.lstsq(design, target, rcond=1e-12)[0]
    reach = float(np.abs(solution[1:]).sum())
    if reach > MOST_PERSISTENT:
        solution[1:] *= MOST_PERSISTENT / reach
        solution[0] = float((target - lagged @ solution[1:]).mean())
    residuals = target - design @ solution
    freedom = max(target.shape[0] - lags - 1, 1)
    error = float(np.sqrt(residuals @ residuals / freedom))
    newest = np.concatenate([[1.0], values[::-1][:lags]])
    return Expected(center + float(newest @ solution), error, size)
