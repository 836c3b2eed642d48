"""What each contract adds to the exposure of a name."""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.exposure.convention import Convention, Count, Greek, Signs, Unit
from engine.quant.trader_units import FACTORS


@np.errstate(all="ignore")
def contributions(
    *,
    convention: Convention,
    greek: Greek,
    greeks: ArrayLike,
    spots: ArrayLike,
    rights: ArrayLike,
    open_interest: ArrayLike,
    volumes: ArrayLike,
    multipliers: ArrayLike,
) -> Floats:
    """Exposure of each contract in the convention's unit. ``greeks`` are in model units (a year, 1.00 of volatility), ``rights`` +1 and -1.

    A contract without a greek or without a count is NaN, left out of every sum and told of: missing open interest is not zero.
    """
    counts = np.asarray(open_interest if convention.counted is Count.OPEN_INTEREST else volumes, dtype=np.float64)
    values = np.asarray(greeks, dtype=np.float64) * FACTORS[greek] * counts * np.asarray(multipliers) * _scale(convention, greek, spots)
    signed: Floats = values * _signs(convention.signs, np.asarray(rights, dtype=np.float64))
    return signed


def _scale(convention: Convention, greek: Greek, spots: ArrayLike) -> Floats:
    spot = np.asarray(spots, dtype=np.float64)
    half = 0.5 if convention.half else 1.0
    if convention.unit is Unit.SHARES_PER_POINT:
        return np.full_like(spot, half)
    a_percent = greek is Greek.GAMMA and convention.unit is Unit.DOLLARS_PER_PERCENT
    scale: Floats = half * spot * (0.01 * spot if a_percent else 1.0)
    return scale


def _signs(signs: Signs, rights: Floats) -> Floats:
    if signs is Signs.UNSIGNED:
        return np.ones_like(rights)
    return rights if signs is Signs.CALLS_LONG_PUTS_SHORT else -rights
