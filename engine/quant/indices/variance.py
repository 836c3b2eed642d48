r"""The variance that a strip of out-of-the-money quotes pays for, as the VIX counts it, for any name.

Cboe, "White Paper: Cboe Volatility Index" (2019), pp. 5-10. Of one expiry with T years left:

    σ² = (2/T) Σ ΔK/K² e^(rT) Q(K) - (1/T) (F/K₀ - 1)²

over out-of-the-money mids with a bid, puts below K₀ and calls above, both averaged at K₀, the highest strike not above F. F is read off the
strike where call and put are closest. Walking out from K₀, two strikes in a row without a bid end the strip. Two expiries around the target
are joined linearly in total variance.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Floats
from engine.quant.meant import GREATEST_RATE, GREATEST_YEARS
from engine.quant.smiles.term import constant_maturity

FEWEST_QUOTES = 3


class StripStatus(IntEnum):
    """What came of one expiry's strip."""

    OK = 0
    NO_FORWARD = 1
    """No strike has both sides of call and put."""
    TOO_FEW = 2
    """Fewer than three quotes with a bid."""
    BAD_INPUT = 3
    """No time left, a time or a rate that cannot be meant, or strikes that do not rise from above zero."""


class StripVariance(NamedTuple):
    """Of one expiry; NaN where the status is not OK."""

    variance: float
    """σ², a year."""
    forward: float
    pivot: float
    """K₀."""
    quotes: int
    """Strikes that the sum went over."""
    lowest: float
    highest: float
    """The strikes at the strip's ends: beyond them nothing is counted, which makes the number a little low."""
    status: StripStatus


def _failed(status: StripStatus, forward: float = math.nan) -> StripVariance:
    return StripVariance(math.nan, forward, math.nan, 0, math.nan, math.nan, status)


def strip_variance(
    *, strikes: Floats, call_bids: Floats, call_asks: Floats, put_bids: Floats, put_asks: Floats, years: float, rate: float
) -> StripVariance:
    """The variance of one expiry's quotes: rising strikes, prices in the underlying's currency, NaN or 0 for no quote."""
    if not (0.0 < years < GREATEST_YEARS and abs(rate) < GREATEST_RATE and _rising(strikes)):
        return _failed(StripStatus.BAD_INPUT)
    calls, puts = _mids(call_bids, call_asks), _mids(put_bids, put_asks)
    growth = math.exp(rate * years)
    apart = np.abs(calls - puts)
    if np.isnan(apart).all():
        return _failed(StripStatus.NO_FORWARD)
    at = int(np.nanargmin(apart))
    forward = float(strikes[at] + growth * (calls[at] - puts[at]))
    below = np.flatnonzero(strikes <= forward)
    if not below.size:
        return _failed(StripStatus.NO_FORWARD, forward)
    pivot = int(below[-1])
    used = _reached(call_bids > 0.0, np.arange(pivot + 1, strikes.size)) | _reached(put_bids > 0.0, np.arange(pivot - 1, -1, -1))
    values = np.where(np.arange(strikes.size) > pivot, calls, puts)
    values[pivot] = 0.5 * (calls[pivot] + puts[pivot])
    used[pivot] = True
    used &= ~np.isnan(values)
    if used.sum() < FEWEST_QUOTES:
        return _failed(StripStatus.TOO_FEW, forward)
    K, Q, K0 = strikes[used], values[used], float(strikes[pivot])
    total = 2.0 * growth * float(np.sum(_widths(K) / (K * K) * Q)) - (forward / K0 - 1.0) ** 2
    return StripVariance(total / years, forward, K0, int(used.sum()), float(K[0]), float(K[-1]), StripStatus.OK)


def _mids(bids: Floats, asks: Floats) -> Floats:
    """NaN without a bid, or where the ask is none or below it."""
    return np.where((bids > 0.0) & (asks >= bids) & np.isfinite(asks), 0.5 * (bids + asks), np.nan)


def _rising(strikes: Floats) -> bool:
    """Above zero, finite, each above the one before."""
    return bool(strikes.size) and bool(strikes[0] > 0.0) and bool(np.isfinite(strikes).all()) and bool((np.diff(strikes) > 0.0).all())


def _reached(has_bid: Bools, outward: np.ndarray) -> Bools:
    """Strikes with a bid on the way out, up to two in a row without one."""
    reached = np.zeros(has_bid.size, dtype=bool)
    without = 0
    for place in outward:
        without = 0 if has_bid[place] else without + 1
        if without == 2:
            break
        reached[place] = has_bid[place]
    return reached


def _widths(strikes: Floats) -> Floats:
    """Half the distance between a strike's neighbours; at the ends the whole distance to the one there is."""
    widths = np.empty_like(strikes)
    widths[1:-1] = 0.5 * (strikes[2:] - strikes[:-2])
    widths[0], widths[-1] = strikes[1] - strikes[0], strikes[-1] - strikes[-2]
    return widths


def volatility_index(*, years: tuple[float, float], variances: tuple[float, float], target: float) -> float:
    """The index for ``target`` years, in vol points, from the variances of two expiries: total variance, linear in time.

    A target that the expiries do not span has the nearer one's: :func:`engine.quant.smiles.term.constant_maturity`.

    The Cboe's worked example (2019, p. 10), minutes over a year of 525,600:

    >>> near, after = 35924 / 525600, 46394 / 525600
    >>> round(volatility_index(years=(near, after), variances=(0.01846292, 0.01882101), target=43200 / 525600), 2)
    13.69
    """
    if not (0.0 < years[0] < years[1] and min(variances) > 0.0):
        return math.nan
    return 100.0 * constant_maturity(years=years, vols=np.sqrt(variances), target=target).vol
