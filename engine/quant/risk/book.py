"""Options of one underlying in many states of its market: value and Greeks of the whole, without a row for each contract and state."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats, Indices
from engine.quant.formulas.black import LEAST_VOL
from engine.quant.meant import require_fractions
from engine.quant.risk import american
from engine.quant.risk.jobs import ROOM


class Book(NamedTuple):
    """Options, one row each."""

    strikes: Floats
    years: Floats
    vols: Floats
    """Today's, a fraction a year."""
    rights: Floats
    """+1 call, -1 put."""
    units: Floats
    """Contracts times multiplier, negative for short."""
    rates: Floats
    yields: Floats
    american: Bools
    """Exercised early where that pays: priced by their boundary, one for each different state of volatility."""


class States(NamedTuple):
    """States of one underlying's market, all at one later instant."""

    spots: Floats
    vol_adds: Floats
    """Added to every volatility: 0.01 is a vol point ..."""
    vol_factors: Floats
    """... and every volatility times this."""
    elapsed: float = 0.0
    """Years from today. A contract that has ended by then is worth what the state's spot makes of it."""


class Totals(NamedTuple):
    """Of the whole book in each state, in model units and in units of the underlying's currency."""

    values: Floats
    deltas: Floats
    gammas: Floats
    vegas: Floats
    thetas: Floats
    rhos: Floats
    vannas: Floats
    volgas: Floats
    charms: Floats


def book(
    *,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    units: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    american: ArrayLike = False,
) -> Book:
    """Columns broadcast against one another, one row a contract; ValueError for units that cannot be meant."""
    require_fractions(vols=vols, rates=rates, yields=yields, years=years)
    numbers = (np.asarray(part, dtype=np.float64) for part in (strikes, years, vols, rights, units, rates, yields, american))
    *columns, early = (np.atleast_1d(column) for column in np.broadcast_arrays(*numbers))
    return Book._make([*(column.astype(np.float64) for column in columns), early != 0.0])


def states(*, spots: ArrayLike, vol_adds: ArrayLike = 0.0, vol_factors: ArrayLike = 1.0, elapsed: float = 0.0) -> States:
    """Columns broadcast against one another, flat; ValueError for time running backwards."""
    if not elapsed >= 0.0:
        message = f"a state of the market lies in the future, not {elapsed:g} years from now"
        raise ValueError(message)
    columns = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (spots, vol_adds, vol_factors)))
    spot, add, factor = (np.ascontiguousarray(column.ravel()) for column in columns)
    return States(spot, add, factor, elapsed)


def values(*, book: Book, states: States) -> Floats:
    """What the whole book is worth in each state; NaN where a contract's numbers are unknown."""
    out = np.zeros(states.spots.size)
    european, early = _parted(book)
    ROOM.jobs().revalue(european, states.elapsed, states.spots, states.vol_adds, states.vol_factors, out)
    if early.strikes.size:
        out += american.values(*_american_terms(early, states))
    return out


def totals(*, book: Book, states: States) -> Totals:
    """Value and Greeks of the whole book in each state."""
    out = np.zeros((len(Totals._fields), states.spots.size))
    european, early = _parted(book)
    ROOM.jobs().revalue_greeks(european, states.elapsed, states.spots, states.vol_adds, states.vol_factors, out)
    if early.strikes.size:
        out += american.totals(*_american_terms(early, states))
    return Totals(*out)


def _parted(of: Book) -> tuple[Floats, Book]:
    """The European contracts as the rows of the loops, and the American ones."""
    european = ~of.american
    return np.stack([column[european] for column in of[:7]]), Book._make(column[of.american] for column in of)


def _american_terms(of: Book, at: States) -> tuple[Floats, Floats, float, Floats, Floats, Indices]:
    """The arguments of :mod:`engine.quant.risk.american`, each different state of volatility once."""
    kinds, which = np.unique(np.stack([at.vol_adds, at.vol_factors]), axis=1, return_inverse=True)
    vols = (of.vols[:, None] + kinds[0]) * kinds[1]
    contracts = np.stack([of.strikes, of.years, of.rates, of.yields, of.rights])
    return contracts, of.units, at.elapsed, at.spots, np.where(vols < LEAST_VOL, LEAST_VOL, vols), which.reshape(-1)
