"""Delta as markets quote it: conventions, what "at the money" means, and the strike of a delta on a smile.

Symbols: F forward, K strike, k = ln(K/F), σ volatility, s = σ√T, d1 = -k/s + s/2, d2 = d1 - s, ε = +1 call and -1 put, Q = e^(-qT) the
discount of the yield (or foreign rate). D. Reiswich and U. Wystup, "FX volatility smile construction", CPQF Working Paper 20, Frankfurt
School (2010), section 1; I. J. Clark, "Foreign Exchange Option Pricing" (2011), chapter 3. A smile is any function from an array of k to
volatilities,
element by element, such as ``lambda k: vols(log_moneyness=k, slices=..., years=T)``; where the arguments are columns (one expiry each) the
arrays it gets have them as their last axis.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats
from engine.quant.special import normal_cdf

VolOfMoneyness: TypeAlias = Callable[[Floats], Floats]
GRID = 401
REACH = 12.0
"""Deviations to each side of the money in which a strike is looked for."""
HALVINGS = 20
ROUNDS = 100
SETTLED = 1e-15


class DeltaConvention(IntEnum):
    """What is called delta. Premium-adjusted: the premium is paid in what is bought, as for most currency pairs with the dollar first."""

    SPOT = 0
    """Q ε N(ε d1): units of the spot that hedge."""
    FORWARD = 1
    """ε N(ε d1): units of the forward."""
    SPOT_PREMIUM_ADJUSTED = 2
    """Q ε (K/F) N(ε d2)."""
    FORWARD_PREMIUM_ADJUSTED = 3
    """ε (K/F) N(ε d2)."""


class AtmType(IntEnum):
    """Which strike is at the money."""

    FORWARD = 0
    """K = F."""
    SPOT = 1
    """K = S."""
    DELTA_NEUTRAL = 2
    """Where a straddle has no delta: K = F e^(s²/2), premium-adjusted K = F e^(-s²/2)."""


class SmileStrike(NamedTuple):
    """A place on a smile; NaN where there is none."""

    log_moneyness: Floats
    vols: Floats


def is_adjusted(convention: DeltaConvention) -> bool:
    """Whether the premium is part of the delta."""
    return convention in {DeltaConvention.SPOT_PREMIUM_ADJUSTED, DeltaConvention.FORWARD_PREMIUM_ADJUSTED}


def deltas(
    *, log_moneyness: ArrayLike, deviations: ArrayLike, rights: ArrayLike, convention: DeltaConvention, carries: ArrayLike = 1.0
) -> Floats:
    """Deltas of options with s = ``deviations``; ``carries`` is Q, and counts for the spot conventions alone. NaN without s > 0.

    A call a year out, struck at 1.5 on a forward of 1.4, 20 %: N((ln(1.4/1.5) + 0.02)/0.2) = N(-0.245):

    >>> k = np.log(1.5 / 1.4)
    >>> round(float(deltas(log_moneyness=k, deviations=0.2, rights=1, convention=DeltaConvention.SPOT)), 4)
    0.4032
    """
    k, s = np.asarray(log_moneyness, dtype=np.float64), np.asarray(deviations, dtype=np.float64)
    sign, carry = np.asarray(rights, dtype=np.float64), np.asarray(carries, dtype=np.float64)
    with np.errstate(all="ignore"):
        s = np.where(s > 0.0, s, np.nan)
        d1 = -k / s + 0.5 * s
        value = np.exp(k) * normal_cdf(sign * (d1 - s)) if is_adjusted(convention) else normal_cdf(sign * d1)
        if convention in {DeltaConvention.SPOT, DeltaConvention.SPOT_PREMIUM_ADJUSTED}:
            value = value * carry
        result: Floats = sign * value
    return result


def strikes_at_delta(
    *,
    targets: ArrayLike,
    rights: ArrayLike,
    smile: VolOfMoneyness,
    years: ArrayLike,
    convention: DeltaConvention = DeltaConvention.FORWARD,
    carries: ArrayLike = 1.0,
) -> SmileStrike:
    """Where on the smile an option has this delta (its size: 0.25 for call and put alike); NaN where none has.

    Of several such strikes (a premium-adjusted call has two) the one furthest out of the money, as the market means it.
    """
    target, sign, T, carry = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (targets, rights, years, carries)))
    with np.errstate(all="ignore"):
        root = np.sqrt(np.where(T > 0.0, T, np.nan))
        spread = REACH * root * np.asarray(smile(np.zeros(target.shape)), dtype=np.float64)
        steps = np.linspace(-1.0, 1.0, GRID).reshape((GRID,) + (1,) * target.ndim)
        k = steps * spread * sign  # outwards: from deep in the money to far out of it

        def size(at: Floats) -> Floats:
            s = np.asarray(smile(at), dtype=np.float64) * root
            return np.abs(deltas(log_moneyness=at, deviations=s, rights=sign, convention=convention, carries=carry))

        grid = size(k)
        crossing = (grid[:-1] >= target) & (grid[1:] < target)
        found = _root(lambda at: size(at) - target, *_last_cell(k, crossing))
        found = np.where(crossing.any(axis=0) & (target > 0.0), found, np.nan)
        return SmileStrike(found, np.where(np.isnan(found), np.nan, smile(found)))


def strikes_at_the_money(
    *,
    atm: AtmType,
    smile: VolOfMoneyness,
    years: ArrayLike,
    convention: DeltaConvention = DeltaConvention.FORWARD,
    spot_moneyness: ArrayLike = 0.0,
) -> SmileStrike:
    """The strike at the money and its volatility; ``spot_moneyness`` is ln(S/F), for K = S alone."""
    T, spot = np.broadcast_arrays(np.asarray(years, dtype=np.float64), np.asarray(spot_moneyness, dtype=np.float64))
    with np.errstate(all="ignore"):
        T = np.where(T > 0.0, T, np.nan)
        if atm is AtmType.FORWARD:
            k = np.zeros(T.shape)
        elif atm is AtmType.SPOT:
            k = spot.copy()
        else:
            side = -0.5 if is_adjusted(convention) else 0.5
            k = np.zeros(T.shape)
            for _ in range(ROUNDS):
                k = 0.5 * (k + side * np.asarray(smile(k), dtype=np.float64) ** 2 * T)
        vols = np.where(np.isnan(T), np.nan, smile(k))
        return SmileStrike(np.where(np.isnan(vols), np.nan, k), vols)


def _root(function: VolOfMoneyness, low: Floats, high: Floats) -> Floats:
    """Where the function changes its sign between, by false position in the Illinois form."""
    at_low, at_high = function(low), function(high)
    for _ in range(HALVINGS):
        middle = low + (high - low) * at_low / np.where(at_low == at_high, 1.0, at_low - at_high)
        at_middle = function(middle)
        inside = at_middle >= 0.0
        again = np.where(inside, at_high, at_low) * 0.5
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        at_low, at_high = np.where(inside, at_middle, again), np.where(inside, again, at_middle)
        if not (np.abs(high - low) > SETTLED).any() or not (np.abs(at_middle) > SETTLED).any():
            break
    return np.where(np.abs(at_low) < np.abs(at_high), low, high)


def _last_cell(k: Floats, crossing: Bools) -> tuple[Floats, Floats]:
    """Ends of the outermost cell of the grid that crosses; of the first cell where none does."""
    last = crossing.shape[0] - 1 - np.argmax(crossing[::-1], axis=0)
    last = np.where(crossing.any(axis=0), last, 0)[np.newaxis]
    return np.take_along_axis(k[:-1], last, axis=0)[0], np.take_along_axis(k[1:], last, axis=0)[0]
