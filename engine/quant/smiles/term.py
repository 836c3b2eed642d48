"""Volatility between expiries: total variance, linear in time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

THIRTY_DAYS = 30.0 / 365.0


class ConstantMaturity(NamedTuple):
    """A volatility at a maturity nobody trades, and how it was come by."""

    vol: float
    """A fraction a year; NaN without any expiry."""
    extrapolated: bool
    """The maturity is before the first or after the last expiry: the nearest expiry's volatility, held flat."""


def constant_maturity(*, years: ArrayLike, vols: ArrayLike, target: float = THIRTY_DAYS) -> ConstantMaturity:
    """The volatility at ``target`` years, σ²T linear between the neighbouring expiries (as in the Cboe VIX method, 2019, p. 10).

    Expiries without time or volatility are left out; of two at one instant the first counts.

    >>> round(constant_maturity(years=[20 / 365, 40 / 365], vols=[0.20, 0.22]).vol, 6)
    0.213542
    """
    times, volatilities = np.asarray(years, dtype=np.float64), np.asarray(vols, dtype=np.float64)
    with np.errstate(all="ignore"):
        usable = (times > 0.0) & (volatilities > 0.0) & np.isfinite(volatilities**2 * times)
    if not usable.any() or not target > 0.0:
        return ConstantMaturity(float("nan"), extrapolated=False)
    times, order = np.unique(times[usable], return_index=True)
    volatilities = volatilities[usable][order]
    if target <= times[0] or target >= times[-1]:
        nearest = 0 if target <= times[0] else -1
        return ConstantMaturity(float(volatilities[nearest]), extrapolated=bool(target != times[nearest]))
    variance = np.interp(target, times, volatilities**2 * times)
    return ConstantMaturity(float(np.sqrt(variance / target)), extrapolated=False)
