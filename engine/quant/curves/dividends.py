"""Forwards of shares that pay: cash amounts on their ex-dates, a yield, and the fee for borrowing them; and what a forward says of them.

With the growth G(t) = e^(-(q+b)t)/D(t) of a share that pays a yield q and costs a borrow fee b, cash amounts c on ex-dates t make

    F(T) = G(T) (S - Σ c/G(t)),  over 0 < t <= T

(H. Buehler, "Volatility and Dividends", working paper (2010); without cash it is F = S e^((r-q-b)T), Haug (2007), p. 2). An amount
that falls on the day of the end counts: the share opens without it. All rates are continuous, times ACT/365.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, read_only
from engine.quant.curves.discount import DiscountCurve
from engine.quant.meant import require_fractions

STEPS: Final = 30
WORST_BORROW: Final = 5.0
"""A fee of more than 500 % a year is a wrong forward."""


class CashDividends(NamedTuple):
    """A schedule of one share: ex-dates in years, rising, and amounts a share."""

    years: Floats
    amounts: Floats


def cash_dividends(*, years: ArrayLike, amounts: ArrayLike) -> CashDividends:
    """A schedule in the order of time; past ex-dates drop out, and a ValueError for an amount that is unknown or below zero."""
    times, paid = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (years, amounts))
    if times.shape != paid.shape or times.ndim != 1:
        message = f"a schedule needs an amount for each ex-date: {times.shape} dates and {paid.shape} amounts were given"
        raise ValueError(message)
    if not (np.isfinite(times).all() and np.isfinite(paid).all() and (paid >= 0.0).all()):
        message = "a schedule's dates and amounts must be known, and no amount below zero"
        raise ValueError(message)
    require_fractions(years=times)
    order = np.argsort(times, kind="stable")
    order = order[times[order] > 0.0]
    return CashDividends(read_only(times[order]), read_only(paid[order]))


NO_DIVIDENDS: Final = CashDividends(np.empty(0), np.empty(0))


def present_values(*, schedule: CashDividends, curve: DiscountCurve, years: ArrayLike) -> Floats:
    """Σ c D(t) over the ex-dates up to each time."""
    worth = schedule.amounts * curve.discounts(schedule.years)
    sums = np.append(0.0, np.cumsum(worth))
    result: Floats = sums[np.searchsorted(schedule.years, np.asarray(years, dtype=np.float64), side="right")]
    return result


def forwards(
    *,
    spot: float,
    years: ArrayLike,
    curve: DiscountCurve,
    schedule: CashDividends = NO_DIVIDENDS,
    dividend_yield: float = 0.0,
    borrow: float = 0.0,
) -> Floats:
    """The forward to each time; NaN where the dividends are worth the share.

    Hull (2015), section 5.5: a forward of ten months on a share at 50 that pays 0.75 after three, six and nine months, at 8 %:

    >>> from engine.quant.curves.discount import from_zero_rates
    >>> flat = from_zero_rates(years=1.0, zero_rates=0.08, source="Hull")
    >>> paid = cash_dividends(years=[0.25, 0.5, 0.75], amounts=[0.75, 0.75, 0.75])
    >>> round(float(forwards(spot=50, years=10 / 12, curve=flat, schedule=paid)), 2)
    51.14
    """
    require_fractions(yields=dividend_yield, rates=borrow, years=years)
    times = np.asarray(years, dtype=np.float64)
    left = spot - _worth(schedule, curve, times, np.asarray(dividend_yield + borrow))
    growth = np.exp(-(dividend_yield + borrow) * times) / curve.discounts(times)
    result: Floats = np.where(left > 0.0, left, np.nan) * growth
    return result


def implied_yields(*, spots: ArrayLike, forwards: ArrayLike, discounts: ArrayLike, years: ArrayLike) -> Floats:
    """The sum q + b as one continuous yield: -ln(D F/S)/T, what a forward says of dividends and borrow together.

    >>> round(float(implied_yields(spots=100, forwards=101, discounts=0.97, years=0.5)), 6)
    0.041018
    """
    require_fractions(years=years)
    with np.errstate(all="ignore"):
        result: Floats = -np.log(np.asarray(discounts) * np.asarray(forwards) / np.asarray(spots)) / np.asarray(years)
    return result


def implied_cash(*, spots: ArrayLike, forwards: ArrayLike, discounts: ArrayLike) -> Floats:
    """S - D F: the dividends and borrow until each expiry as one amount of money now."""
    with np.errstate(all="ignore"):
        return np.asarray(spots, dtype=np.float64) - np.asarray(discounts, dtype=np.float64) * np.asarray(forwards, dtype=np.float64)


def implied_borrows(
    *,
    spot: float,
    forwards: ArrayLike,
    years: ArrayLike,
    curve: DiscountCurve,
    schedule: CashDividends = NO_DIVIDENDS,
    dividend_yield: float = 0.0,
) -> Floats:
    """The borrow fee that each expiry's forward implies beside known dividends, by Newton; NaN where no fee does."""
    require_fractions(yields=dividend_yield, years=years)
    given, times = np.broadcast_arrays(np.asarray(forwards, dtype=np.float64), np.asarray(years, dtype=np.float64))
    with np.errstate(all="ignore"):
        wanted = given * curve.discounts(times)  # e^(-(q+b)T) (S - Σ c D(t) e^((q+b)t))
        carry = implied_yields(spots=spot - present_values(schedule=schedule, curve=curve, years=times), forwards=given,
                               discounts=curve.discounts(times), years=times)  # fmt: skip
        for _ in range(STEPS):
            shrunk = np.exp(-carry * times)
            worth, weighted = (_worth(schedule, curve, times, carry, power) for power in (0, 1))
            off = shrunk * (spot - worth) - wanted
            slope = -shrunk * (times * (spot - worth) + weighted)
            carry = carry - off / slope
        result: Floats = np.where((times > 0.0) & (given > 0.0) & (np.abs(carry) < WORST_BORROW), carry - dividend_yield, np.nan)
    return result


def _worth(schedule: CashDividends, curve: DiscountCurve, times: Floats, carry: Floats, power: int = 0) -> Floats:
    """Σ c D(t) e^(carry t) t^power over the ex-dates up to each time."""
    t = schedule.years
    carries = np.broadcast_to(carry, times.shape)[..., None]
    flows = schedule.amounts * curve.discounts(t) * t**power * np.exp(carries * t)
    result: Floats = np.where(t <= times[..., None], flows, 0.0).sum(axis=-1)
    return result
