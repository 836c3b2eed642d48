"""The volatility cone: how volatility has been spread over windows of each length, and where it is now.

G. Burghardt and M. Lane, "How to Tell if Options Are Cheap", Journal of Portfolio Management 16 (1990), p. 72. Windows overlap, so their
values are not independent: beside the number of windows stands how many fit end to end, which is what the quantiles rest on. Overlapping
windows also lie closer to one another than independent ones: the variance of their variances is too small by the factor
1 - h/n + (h² - 1)/(3n²), h the window and n = returns - h + 1 the windows (S. Hodges and R. Tompkins, "Volatility Cones and Their
Sampling Properties", Journal of Derivatives 10 (2002)). Where asked for, the cone's variances are spread about their mean by the root of
its inverse; the mean itself needs no correction.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.volatility.realized import SESSIONS_A_YEAR, close_to_close

WINDOWS = (5, 10, 21, 42, 63, 126, 252)
"""Sessions: a week, two, a month, two months, a quarter, half a year, a year."""
PROBABILITIES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


class Cone(NamedTuple):
    """A row a window."""

    windows: Floats
    probabilities: Floats
    quantiles: Floats
    """Windows down, probabilities across; volatilities a year. NaN without a single window."""
    latest: Floats
    """The last window's volatility; NaN if something in it is missing."""
    ranks: Floats
    """Share of the windows whose volatility is below the latest."""
    counts: Floats
    """Windows, overlapping."""
    independent: Floats
    """Windows that fit end to end into the known ones: below ten of them the outer quantiles say little."""


def cone(
    *,
    closes: ArrayLike,
    windows: Sequence[int] = WINDOWS,
    probabilities: Sequence[float] = PROBABILITIES,
    sessions_a_year: float = SESSIONS_A_YEAR,
    corrected: bool = False,
) -> Cone:
    """The cone of close-to-close volatilities; ``corrected`` spreads it by what the overlap of its windows hides."""

    def estimator(window: int) -> Floats:
        return close_to_close(closes=closes, window=window, sessions_a_year=sessions_a_year)

    return cone_of(estimator=estimator, windows=windows, probabilities=probabilities, corrected=corrected)


def cone_of(
    *,
    estimator: Callable[[int], Floats],
    windows: Sequence[int] = WINDOWS,
    probabilities: Sequence[float] = PROBABILITIES,
    corrected: bool = False,
) -> Cone:
    """The cone of any rolling estimator, called once a window, such as ``lambda n: yang_zhang(..., window=n)``."""
    chances = np.asarray(probabilities, dtype=np.float64)
    if not ((chances >= 0.0) & (chances <= 1.0)).all() or min(windows, default=0) < 1:
        message = "a cone needs windows of 1 session or more and probabilities from 0 to 1"
        raise ValueError(message)
    quantiles = np.full((len(windows), chances.size), np.nan)
    latest, ranks, counts = np.full((3, len(windows)), np.nan)
    for i, window in enumerate(windows):
        series = estimator(window)
        known = series[np.isfinite(series)]
        counts[i] = known.size
        if not known.size:
            continue
        quantiles[i] = np.quantile(_spread(known, window) if corrected else known, chances)
        latest[i] = series[-1]
        ranks[i] = np.mean(known < series[-1]) if np.isfinite(series[-1]) else np.nan
    sizes = np.asarray(windows, dtype=np.float64)
    independent = np.where(counts > 0.0, np.floor((counts - 1.0) / sizes) + 1.0, 0.0)
    return Cone(sizes, chances, quantiles, latest, ranks, counts, independent)


def _spread(vols: Floats, window: int) -> Floats:
    """The same volatilities with their variances as far apart as independent windows' are, none below zero; as they are where n < 2h."""
    count = vols.size
    if count < 2 * window:
        return vols
    wider = (1.0 - window / count + (window * window - 1.0) / (3.0 * count * count)) ** -0.5
    variances = vols * vols
    mean = variances.mean()
    result: Floats = np.sqrt(np.maximum(mean + wider * (variances - mean), 0.0))
    return result
