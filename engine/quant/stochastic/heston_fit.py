"""Heston's parameters from a surface of volatilities."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.stochastic.calibration import Fitted, Quotes, fitted, quotes_of
from engine.quant.stochastic.heston import HestonParameters, undiscounted

LEAST = 5
LOWER = (1e-6, 1e-3, 1e-6, 1e-3, -0.999)
UPPER = (9.0, 50.0, 9.0, 20.0, 0.999)
"""Of v0, κ, θ, σ, ρ."""
SHAPES = ((1.5, 0.5, -0.6), (5.0, 1.5, -0.4), (0.5, 0.3, 0.0))
"""κ, σ and ρ of the starts; v0 and θ come from the quotes."""


class HestonFit(NamedTuple):
    """The parameters, as numbers, and what they are worth."""

    parameters: HestonParameters
    feller: bool
    """2κθ >= σ²; smiles steep at short maturities ask for less than that, and are not wrong for it."""
    fit: Fitted


def fit_heston(
    *,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    weights: ArrayLike = 1.0,
    starts: Sequence[HestonParameters] | None = None,
) -> HestonFit:
    """The least sum of squared volatility errors; quotes that are missing or not positive are left out, ``weights`` multiply the errors.

    Without ``starts`` it takes three: v0 from the volatilities nearest the money of the first expiry, θ from those of the last, and
    :data:`SHAPES`. A. Sepp's DAX surface of 5 July 2002 ends at a sum of 177.2 squared points from each.
    """
    quotes, usable, shape = quotes_of(forwards=forwards, strikes=strikes, years=years, vols=vols, weights=weights, least=LEAST)
    begun = [np.array(start, dtype=np.float64) for start in starts or _starts(quotes)]
    found = fitted(_calls, quotes, usable, shape, starts=begun, lower=LOWER, upper=UPPER)
    parameters = HestonParameters(*(float(value) for value in found.values))
    return HestonFit(parameters, parameters.feller, found)


def _calls(values: Floats, quotes: Quotes) -> tuple[Floats, Floats]:
    size = quotes.strikes.size
    rows = np.empty((8, size))
    rows[0], rows[1], rows[2] = quotes.forwards, quotes.strikes, quotes.years
    rows[3:] = values[:, None]
    found = undiscounted(rows)
    return found.calls, found.parameters


def _starts(quotes: Quotes) -> list[HestonParameters]:
    first, last = (_near_the_money(quotes, when) for when in (quotes.years.min(), quotes.years.max()))
    return [HestonParameters(first, kappa, last, sigma, rho) for kappa, sigma, rho in SHAPES]


def _near_the_money(quotes: Quotes, when: float) -> float:
    """The variance of the quote of this expiry nearest the forward."""
    here = quotes.years == when
    distance = np.abs(np.log(quotes.strikes[here] / quotes.forwards[here]))
    return float(quotes.vols[here][np.argmin(distance)] ** 2)
