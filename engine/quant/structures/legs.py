"""The legs of one structure as columns: options of any expiry, the underlying, futures on it."""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, Indices
from engine.quant.meant import require_fractions


class Kind(IntEnum):
    """What a leg is; an option's number is its right."""

    PUT = -1
    UNDERLYING = 0
    CALL = 1
    FUTURE = 2


class Legs(NamedTuple):
    """One row a leg; make them with :func:`legs`, which checks them."""

    kinds: Indices
    """:class:`Kind`."""
    quantities: Floats
    """Contracts or shares, negative for a short leg."""
    multipliers: Floats
    """Units of the underlying a contract."""
    strikes: Floats
    """NaN where a leg has none."""
    years: Floats
    """To the leg's expiry, from today; infinite for the underlying."""
    prices: Floats
    """Paid or received a unit when the leg was opened."""
    vols: Floats
    """The leg's own implied volatility today, a fraction a year; NaN where a leg has none."""
    rates: Floats
    yields: Floats

    @property
    def options(self) -> Indices:
        """Rows that are options."""
        return np.flatnonzero(np.abs(self.kinds) == 1)

    @property
    def first_expiry(self) -> float:
        """Years to the first expiry; infinite where nothing expires."""
        return float(self.years.min()) if self.years.size else float("inf")

    @property
    def one_expiry(self) -> bool:
        """All that expires does so at one instant, so the payoff there is a matter of arithmetic alone."""
        return np.unique(self.years[np.isfinite(self.years)]).size <= 1

    @property
    def units(self) -> Floats:
        """Units of the underlying that each leg stands for, with its sign."""
        return self.quantities * self.multipliers

    @property
    def cost(self) -> float:
        """What the structure cost: positive for a debit, negative for a credit."""
        return float(np.sum(self.units * self.prices))


def legs(
    *,
    kinds: Iterable[Kind],
    quantities: ArrayLike,
    strikes: ArrayLike = np.nan,
    years: ArrayLike = np.inf,
    prices: ArrayLike = 0.0,
    vols: ArrayLike = np.nan,
    multipliers: ArrayLike = 100.0,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
) -> Legs:
    """Legs of these columns; a number stands for every leg.

    ValueError for an option without strike or expiry, a leg of no quantity or no multiplier, and for units that cannot be meant.
    """
    kind = np.array([int(one) for one in kinds], dtype=np.intp)
    columns = [
        np.array(np.broadcast_to(np.asarray(given, dtype=np.float64), kind.shape))
        for given in (quantities, multipliers, strikes, years, prices, vols, rates, yields)
    ]
    made = Legs(kind, *columns)
    if not kind.size:
        raise ValueError("a structure has at least one leg")
    if not (np.isfinite(made.quantities) & (made.quantities != 0.0)).all():
        raise ValueError("every leg has a quantity: positive is long, negative is short, zero is no leg")
    if not (np.isfinite(made.multipliers) & (made.multipliers > 0.0)).all():
        raise ValueError("every leg has a multiplier above zero: 100 of an option on a share, 1 of a share")
    if not (made.strikes[made.options] > 0.0).all():
        raise ValueError("every option has a strike above zero")
    expires = np.flatnonzero(kind != Kind.UNDERLYING)
    if not (np.isfinite(made.years[expires]) & (made.years[expires] >= 0.0)).all():
        raise ValueError("every option and future has its years to expiry, zero or more")
    if not np.isinf(made.years[kind == Kind.UNDERLYING]).all():
        raise ValueError("the underlying does not expire: leave its years out")
    options = made.options
    require_fractions(vols=made.vols[options], years=made.years[options], rates=made.rates, yields=made.yields)
    return made
