"""Implied volatilities of American prices, and the European prices they stand for."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american.regimes import as_puts, certain_values, methods
from engine.quant.american.search import MET, Search, search
from engine.quant.american.values import american_prices, checked, european_prices
from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.european.implied import ImpliedVols

FINE_MET = 1e-9
FREEZE = 2
"""The round from which a row keeps its method: a change between two would be a step in the price that no volatility meets."""


class DeAmericanised(NamedTuple):
    """What is left of an American price without its early exercise."""

    vols: Floats
    """The volatility at which the American price is met: the European formula gives ``prices`` with it."""
    statuses: Bytes
    prices: Floats
    """The European option's value."""
    premiums: Floats
    """The early-exercise premium in the price."""


def implied_vols(
    *,
    prices: ArrayLike,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> ImpliedVols:
    """The volatilities at which the American option has these prices; ``rights`` +1 call, -1 put.

    Status 1 at or below what it is worth without volatility (its intrinsic value at least), 2 at or above the spot for a call and the
    strike for a put, 3 where an input is missing or impossible, 4 where one rounding of the price moves the answer by more than 1e-4.

    >>> found = implied_vols(prices=9.5694, spots=100, strikes=100, years=1, rights=-1, rates=0.05, yields=0.05)
    >>> round(float(found.vols), 4), int(found.statuses)
    (0.25, 0)
    """
    paid = np.asarray(prices, dtype=np.float64)
    rows, shape = checked(spots, strikes, years, np.broadcast_to(0.3, paid.shape), rates, yields, rights, setting)
    vols, statuses = american_vols(rows, np.broadcast_to(paid, shape).ravel(), setting)
    return ImpliedVols(vols.reshape(shape), statuses.reshape(shape))


def de_americanised(
    *,
    prices: ArrayLike,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> DeAmericanised:
    """The European price and volatility that an American price stands for, and the premium between the two."""
    found = implied_vols(
        prices=prices, spots=spots, strikes=strikes, years=years, rights=rights, rates=rates, yields=yields, setting=setting
    )
    rows, shape = checked(spots, strikes, years, found.vols, rates, yields, rights, setting)
    european = european_prices(rows).reshape(shape)
    return DeAmericanised(found.vols, found.statuses, european, np.asarray(prices, dtype=np.float64) - european)


def american_vols(rows: Floats, prices: Floats, setting: str) -> tuple[Floats, Bytes]:
    """Volatilities and statuses of (spots, strikes, years, -, rates, yields, signs)."""
    spots, strikes, years, _, rates, yields, signs = rows
    kept = np.zeros(prices.size, dtype=np.int8)

    def american(chosen: Indices, vols: Floats, turn: int) -> Floats:
        part = rows[:, chosen]
        part[3] = vols
        if turn <= FREEZE:
            kept[chosen] = methods(part, as_puts(part), setting)
        return american_prices(part, kept[chosen])

    with np.errstate(all="ignore"):
        bound = np.where(signs > 0.0, spots * np.exp(np.maximum(-yields * years, 0.0)), strikes * np.exp(np.maximum(-rates * years, 0.0)))
        wanted = Search(
            prices=prices,
            spots=spots,
            forwards=spots * np.exp((rates - yields) * years),
            strikes=strikes,
            years=years,
            discounts=np.exp(-rates * years),
            signs=signs,
            least=certain_values(rows),
            greatest=bound,
        )
    return search(wanted, american, FINE_MET if setting == "fine" else MET)
