"""Implied volatilities of columns of options: a number and what it is worth for every row, and never an exception."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Bytes, Floats, columns
from engine.quant.codes import IvStatus
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.meant import require_fractions
from engine.quant.special import log_ratio
from engine.quant.tiers import core

WORST_HALF_TICK: Final = 0.01
"""What half a price step may move the volatility: one vol point. With cents it is a vega of 0.005 a vol point below which no bare number
is to be shown; rounding to cents then costs 15 vol points in the median, and above it a hundredth to a tenth of one."""


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
    *,
    prices: ArrayLike,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    discounts: ArrayLike = 1.0,
    ticks: ArrayLike = 0.0,
) -> ImpliedVols:
    """The volatilities at which Black-76 gives these prices; ``rights`` +1 call, -1 put, ``ticks`` the price step of the quotes.

    Status 1 at or below the discounted intrinsic value, 2 at or above the bound (the discounted forward for a call, strike for a put),
    3 where an input is missing, negative or infinite, 4 where one rounding of the price moves the answer by more than 1e-4, or half a tick
    by more than a vol point (:func:`below_vega_floor`): then the number is there but not to be shown bare. Two Householder steps from a
    closed guess: :mod:`engine.quant.formulas.implied`.

    >>> found = implied_vols(prices=1.7011, forwards=19, strikes=19, years=0.75, rights=-1, discounts=np.exp(-0.075))
    >>> round(float(found.vols), 4), int(found.statuses)
    (0.28, 0)
    """
    require_fractions(years=years)
    with np.errstate(all="ignore"):
        undiscounted = np.asarray(prices, dtype=np.float64) / np.asarray(discounts, dtype=np.float64)
    rows, shape = columns(undiscounted, forwards, strikes, years, rights)
    vols, statuses = np.empty(rows.shape[1]), np.empty(rows.shape[1], dtype=np.int8)
    core().implied_vols(rows, vols, statuses)
    found = ImpliedVols(vols.reshape(shape), statuses.reshape(shape))
    if not np.any(ticks):
        return found
    unsure = below_vega_floor(vols=found.vols, forwards=forwards, strikes=strikes, years=years, discounts=discounts, ticks=ticks)
    found.statuses[unsure & (found.statuses == IvStatus.OK)] = IvStatus.ILL_CONDITIONED
    return found


def below_vega_floor(
    *, vols: ArrayLike, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, ticks: ArrayLike, discounts: ArrayLike = 1.0
) -> Bools:
    """Where half a tick moves the volatility by more than a vol point: D √(FK) e^(-(h²+s²/4)/2) √T/√2π * 0.01 < tick/2, h = ln(F/K)/s.

    A year at 20 % a wing three standard deviations out still has the vega; two days to the end it has none:

    >>> below_vega_floor(vols=0.2, forwards=100, strikes=[182, 104.5], years=[1, 2 / 365], ticks=0.01).tolist()
    [False, True]
    """
    with np.errstate(all="ignore"):
        F, K, T, sigma = (np.asarray(value, dtype=np.float64) for value in (forwards, strikes, years, vols))
        s = sigma * np.sqrt(T)
        h = log_ratio(F, K) / s
        vega = np.sqrt(F * K) * np.exp(-0.5 * (h * h + 0.25 * s * s)) * INVERSE_SQRT_2_PI * np.sqrt(T) * np.asarray(discounts)
        result: Bools = vega * WORST_HALF_TICK < 0.5 * np.asarray(ticks)
    return result


def implied_range(
    *,
    bids: ArrayLike,
    asks: ArrayLike,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    discounts: ArrayLike = 1.0,
    ticks: ArrayLike = 0.0,
) -> ImpliedRange:
    """IV(bid) to IV(ask), both in one pass; ``ticks`` as in :func:`implied_vols`."""
    both = np.stack(np.broadcast_arrays(np.asarray(bids, dtype=np.float64), np.asarray(asks, dtype=np.float64)))
    vols, statuses = implied_vols(
        prices=both, forwards=forwards, strikes=strikes, years=years, rights=rights, discounts=discounts, ticks=ticks
    )
    return ImpliedRange(vols[0], vols[1], statuses[0], statuses[1])
