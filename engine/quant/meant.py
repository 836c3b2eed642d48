"""Units that cannot be meant: a whole column of volatilities, rates or times that only makes sense in another unit.

One odd row in a batch is that row's own matter (it gets a number, NaN or a status); a column in which every known number is out of bounds
was written in percent or in days, and an answer to it would be wrong without a word.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

GREATEST_VOL: Final = 10.0
"""1000 % a year, but for the last hours of an option, in which the market itself quotes more ..."""
GREATEST_DEVIATION: Final = 0.5
"""... while volatility times the root of time stays below this: 22 hours at 1000 %."""
GREATEST_RATE: Final = 2.0
"""200 % a year, continuous, either sign."""
GREATEST_YEARS: Final = 40.0
"""No option is listed that far; of days, 40 are the fewest that can be told from years."""


def require_fractions(*, vols: ArrayLike = (), rates: ArrayLike = (), yields: ArrayLike = (), years: ArrayLike = ()) -> None:
    """Nothing, or a ValueError that names the unit.

    >>> require_fractions(vols=[20.0, 22.5])
    Traceback (most recent call last):
    ...
    ValueError: vols from 20 up are more than 1000 % a year: write 20 % as 0.2
    """
    least = _least_beyond(vols, GREATEST_VOL)
    if least is not None and _greatest_deviation(vols, years) > GREATEST_DEVIATION:
        message = f"vols from {least:g} up are more than 1000 % a year: write {least:g} % as {least / 100:g}"
        raise ValueError(message)
    for name, values in (("rates", rates), ("yields", yields)):
        least = _least_beyond(np.abs(np.asarray(values, dtype=np.float64)), GREATEST_RATE)
        if least is not None:
            message = f"{name} from {least:g} up are more than 200 % a year: write {least:g} % as {least / 100:g}, continuously compounded"
            raise ValueError(message)
    least = _least_beyond(years, GREATEST_YEARS)
    if least is not None:
        message = f"years from {least:g} up are longer than any option lives: write {least:g} days as {least / 365:.6g} (ACT/365)"
        raise ValueError(message)


def _greatest_deviation(vols: ArrayLike, years: ArrayLike) -> float:
    """The greatest known σ√T; infinite where no time is known."""
    times = np.asarray(years, dtype=np.float64)
    with np.errstate(all="ignore"):
        deviations = np.asarray(vols, dtype=np.float64) * np.sqrt(times) if times.size else np.asarray(np.inf)
        known = deviations[np.isfinite(deviations)]
    return float(known.max()) if known.size else np.inf


def _least_beyond(values: ArrayLike, limit: float) -> float | None:
    """The least known number if it, and so every one, is beyond the limit."""
    column = np.asarray(values, dtype=np.float64)
    if not column.size or column.flat[0] <= limit:
        return None
    least = float(np.fmin.reduce(column, axis=None))
    return least if limit < least < np.inf else None
