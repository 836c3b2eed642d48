"""Implied volatilities of columns of options: a number and what it is worth for every row, and never an exception."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bytes, Floats, columns
from engine.quant.tiers import core


class ImpliedVols(NamedTuple):
    """Volatilities a year as fractions, and their :class:`engine.quant.codes.IvStatus`; NaN unless the status is 0 or 4."""

    vols: Floats
    statuses: Bytes


class ImpliedRange(NamedTuple):
    """What the bid and the ask say: an interval, not a number. A side without a volatility is NaN and its status says why."""

    lows: Floats
    highs: Floats
    low_statuses: Bytes
    high_statuses: Bytes


def implied_vols(
    *, prices: ArrayLike, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, rights: ArrayLike, discounts: ArrayLike = 1.0
) -> ImpliedVols:
    """The volatilities at which Black-76 gives these prices; ``rights`` +1 call, -1 put.

    Status 1 at or below the discounted intrinsic value, 2 at or above the bound (the discounted forward for a call, strike for a put),
    3 where an input is missing, negative or infinite, 4 where one rounding of the price moves the answer by more than 1e-4. Two
    Householder steps from a closed guess: :mod:`engine.quant.formulas.implied`.

    >>> found = implied_vols(prices=1.7011, forwards=19, strikes=19, years=0.75, rights=-1, discounts=np.exp(-0.075))
    >>> round(float(found.vols), 4), int(found.statuses)
    (0.28, 0)
    """
    with np.errstate(all="ignore"):
        undiscounted = np.asarray(prices, dtype=np.float64) / np.asarray(discounts, dtype=np.float64)
    rows, shape = columns(undiscounted, forwards, strikes, years, rights)
    vols, statuses = np.empty(rows.shape[1]), np.empty(rows.shape[1], dtype=np.int8)
    core().implied_vols(rows, vols, statuses)
    return ImpliedVols(vols.reshape(shape), statuses.reshape(shape))


def implied_range(
    *,
    bids: ArrayLike,
    asks: ArrayLike,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    discounts: ArrayLike = 1.0,
) -> ImpliedRange:
    """IV(bid) to IV(ask), both in one pass."""
    both = np.stack(np.broadcast_arrays(np.asarray(bids, dtype=np.float64), np.asarray(asks, dtype=np.float64)))
    vols, statuses = implied_vols(prices=both, forwards=forwards, strikes=strikes, years=years, rights=rights, discounts=discounts)
    return ImpliedRange(vols[0], vols[1], statuses[0], statuses[1])
