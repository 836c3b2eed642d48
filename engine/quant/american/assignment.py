"""Who may be assigned early: short options whose holder gains by exercising now rather than waiting.

A call's holder takes the stock before an ex-date if the dividend is more than the time value given up (J. Hull, "Options, Futures, and
Other Derivatives", 10th ed. (2018), section 15.12); a put's holder takes the strike now if the interest on it until the end, less the
next dividend, is more than the time value given up.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bytes, Floats, columns


class AssignmentRisk(IntEnum):
    """Why a short option may be assigned early."""

    NONE = 0
    DIVIDEND = 1
    """A call in the money whose time value is below the dividend that its holder misses."""
    INTEREST = 2
    """A put in the money whose time value is below the interest that its holder misses."""
    UNKNOWN = 3
    """An input is missing."""


class Assignments(NamedTuple):
    """A column each."""

    risks: Bytes
    """:class:`AssignmentRisk`."""
    time_values: Floats
    """Price less intrinsic value, at least 0."""
    gains: Floats
    """What exercising now brings the holder: dividend or interest, less the time value; negative where waiting is better."""


def assignment_risks(
    *,
    prices: ArrayLike,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    next_dividends: ArrayLike = 0.0,
    dividend_years: ArrayLike = np.inf,
) -> Assignments:
    """Of options at these prices (mid, or the model's); ``next_dividends`` amounts, ``dividend_years`` to the next ex-date.

    A dividend on or after the option's end, or of the past, does not count.

    >>> found = assignment_risks(prices=10.2, spots=110, strikes=100, years=0.1, rights=1, next_dividends=0.8, dividend_years=0.01)
    >>> AssignmentRisk(int(found.risks)).name, round(float(found.time_values), 2), round(float(found.gains), 2)
    ('DIVIDEND', 0.2, 0.6)
    """
    rows, shape = columns(prices, spots, strikes, years, rights, rates, next_dividends, dividend_years)
    price, spot, strike, time, sign, rate, amount, ex = rows
    with np.errstate(all="ignore"):
        intrinsic = sign * (spot - strike)
        time_value = np.maximum(price - np.maximum(intrinsic, 0.0), 0.0)
        counts = (ex > 0.0) & (ex < time) & (amount > 0.0)
        dividend = np.where(counts, amount * np.exp(-rate * np.where(counts, ex, 0.0)), 0.0)
        interest = strike * -np.expm1(-rate * time)
        call = sign > 0.0
        gain = np.where(call, dividend, interest - dividend) - time_value
        known = np.isfinite(price + spot + strike + time + rate) & (sign * sign == 1.0) & (price >= 0.0) & (spot > 0.0) & (strike > 0.0)
        known &= ~np.isnan(amount) & ~np.isnan(ex)
        reason = np.where(call, AssignmentRisk.DIVIDEND, AssignmentRisk.INTEREST)
        possible = (intrinsic > 0.0) & (time > 0.0) & np.where(call, counts, interest > dividend)
        risks = np.where(known, np.where(possible & (gain > 0.0), reason, AssignmentRisk.NONE), AssignmentRisk.UNKNOWN)
    return Assignments(
        risks.astype(np.int8).reshape(shape),
        np.where(known, time_value, np.nan).reshape(shape),
        np.where(known, gain, np.nan).reshape(shape),
    )
