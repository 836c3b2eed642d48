"""Static arbitrage in fitted slices: butterflies (g < 0) and calendars (total variance that falls), found on a fine grid.

J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59: lemma 2.2 (a slice is free of
butterfly arbitrage if g >= 0 everywhere and d1 goes to minus infinity, which Lee's bound grants) and lemma 2.1 (no calendar arbitrage if
total variance never falls with time at fixed k). The grid: :mod:`engine.quant.formulas.smile_checks`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats
from engine.quant.formulas.svi_fit import REACH
from engine.quant.smiles.jobs import ROOM
from engine.quant.smiles.svi import RawSvi, smile

LEE = 2.0
"""Bound of b(1 + |ρ|)."""
ROUNDING = 1e-9
"""g less far below zero than this is a rounding; a fall of total variance less than this part of it likewise."""


class Butterflies(NamedTuple):
    """A number a slice."""

    arbitrage: Bools
    """g < 0 somewhere, total variance not positive somewhere, or a slope beyond Lee's bound; False of a slice that is NaN."""
    least: Floats
    """Least g found."""
    places: Floats
    """k where."""


class Calendars(NamedTuple):
    """A number a slice, about it and the one before it; NaN and False where none is."""

    arbitrage: Bools
    falls: Floats
    """By how much total variance falls at most; below zero where it rises everywhere."""
    places: Floats


def butterflies(*, slices: RawSvi, lows: ArrayLike = np.nan, highs: ArrayLike = np.nan) -> Butterflies:
    """Whether slices have butterfly arbitrage, from ``lows`` to ``highs`` in k and at least ten deviations to each side of the money.

    A. Vogt's slice (Gatheral and Jacquier (2014), section 5.1) has it, right of the money:

    >>> found = butterflies(slices=RawSvi(*map(np.float64, (-0.0410, 0.1331, 0.3060, 0.3586, 0.4153))))
    >>> bool(found.arbitrage[0]), round(float(found.least[0]), 3), round(float(found.places[0]), 1)
    (True, -0.033, 0.9)
    """
    matrix = slices.matrix()
    count = matrix.shape[0]
    low, high = ranges(slices=slices, lows=lows, highs=highs)
    least, places = np.empty(count), np.empty(count)
    ROOM.jobs().check_butterflies(matrix, low, high, least, places)
    with np.errstate(all="ignore"):
        steep = matrix[:, 1] * (1.0 + np.abs(matrix[:, 2])) > LEE
        return Butterflies((least < -ROUNDING) | steep, least, places)


def calendars(*, slices: RawSvi, firsts: ArrayLike | None = None, lows: ArrayLike = np.nan, highs: ArrayLike = np.nan) -> Calendars:
    """Whether slices in order of expiry have calendar arbitrage, each with the one before it, from ``lows`` to ``highs``.

    ``firsts`` is true where another underlying begins. Without bounds the range is that of :func:`butterflies`.
    """
    matrix = slices.matrix()
    count = matrix.shape[0]
    fresh = np.zeros(count, dtype=np.int8) if firsts is None else np.ascontiguousarray(firsts, dtype=np.int8).copy()
    if fresh.shape != (count,):
        message = f"firsts must be one flag for each of {count} slices, not of shape {fresh.shape}"
        raise ValueError(message)
    fresh[:1] = 1
    given = np.isfinite(np.broadcast_to(np.asarray(lows, dtype=np.float64) + np.asarray(highs, dtype=np.float64), (count,)))
    low, high = ranges(slices=slices, lows=np.nan, highs=np.nan)
    low, high = np.where(given, lows, low), np.where(given, highs, high)
    falls, places = np.empty(count), np.empty(count)
    with np.errstate(all="ignore"):
        inside = np.ascontiguousarray(matrix)
        ROOM.jobs().check_calendars(inside, np.ascontiguousarray(low), np.ascontiguousarray(high), fresh, falls, places)
        level = smile(log_moneyness=places, slices=slices).variances
        return Calendars(falls > ROUNDING * np.abs(level), falls, np.where(np.isnan(falls), np.nan, places))


def ranges(*, slices: RawSvi, lows: ArrayLike, highs: ArrayLike) -> tuple[Floats, Floats]:
    """The given ranges of k, widened to ten deviations to each side of the money."""
    with np.errstate(all="ignore"):
        level = np.atleast_1d(smile(log_moneyness=0.0, slices=slices).variances)
        reach = REACH * np.sqrt(np.where(level > 0.0, level, 0.01))
        return np.fmin(-reach, lows), np.fmax(reach, highs)
