"""What a series of returns or variances must be before a model is fitted to it; what it is not is refused with the count."""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats


def whole_series(values: ArrayLike, *, least: int, model: str, noun: str = "returns") -> Floats:
    """The series as a contiguous column: at least ``least`` numbers, none missing, not all the same. ValueError says which it is not."""
    series = np.ascontiguousarray(values, dtype=np.float64)
    if series.ndim != 1:
        message = f"{model} takes one series, not an array of shape {series.shape}"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        total = series.sum()
    if not np.isfinite(total):  # one pass where all is well; a sum of finite numbers that overflows is refused as well
        missing = int(np.count_nonzero(~np.isfinite(series)))
        message = f"{missing} of {series.size} {noun} are missing: {model} needs them in a row, leave the gap's side out or fill it"
        raise ValueError(message)
    if series.size < least:
        message = f"{series.size} {noun} are too few for {model}: it takes {least} or more"
        raise ValueError(message)
    if series.min() == series.max():
        message = f"all {series.size} {noun} are {series[0]:g}: there is no volatility for {model} to fit"
        raise ValueError(message)
    return series
