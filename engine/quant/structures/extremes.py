"""Where a structure breaks even at its first expiry, and the most it can win and lose there, unbounded where it is.

With one expiry the payoff is a chain of straight lines between the strikes, and the answers are exact. With later legs still alive it is
searched on a fine grid and refined, and says so.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.structures.legs import Kind, Legs
from engine.quant.structures.payoff import Pricer, Shift, Smile, european, profits

REACH_DEVIATIONS = 8.0
GRID = 2001
BISECTIONS = 60
TINY = 1e-9
"""A part of the money at stake below which a profit is none."""


class Extremes(NamedTuple):
    """At the first expiry, in currency."""

    breakevens: Floats
    """Rising; where the profit is nothing over a whole stretch, its two ends."""
    most: float
    """The largest profit; infinite where it grows with the spot without end."""
    least: float
    """The largest loss, as a negative number; minus infinite where it has no end."""
    exact: bool
    """Of straight lines; otherwise searched for, with the legs still alive priced by the model."""

    @property
    def bounded_loss(self) -> bool:
        """The loss has a bottom."""
        return math.isfinite(self.least)


def extremes(*, legs: Legs, spot: float, smile: Smile | None = None, pricer: Pricer = european) -> Extremes:
    """Breakevens, largest profit and largest loss at the first expiry; where nothing expires, those of the price paid.

    Without end is what more calls and shares on one side make; what the yields between two expiries make of a calendar far beyond the
    last strike is within the search and not called endless.
    """
    elapsed = legs.first_expiry if math.isfinite(legs.first_expiry) else 0.0

    def profit(spots: Floats) -> Floats:
        return profits(legs=legs, spots=spots, spot=spot, shift=Shift(elapsed=elapsed), smile=smile, pricer=pricer)

    slope = float(np.sum(legs.units[(legs.kinds != Kind.PUT)]))
    strikes = np.unique(legs.strikes[legs.options])
    if legs.one_expiry:
        last = max(float(strikes[-1]) if strikes.size else 0.0, spot)
        nodes = np.concatenate([[0.0], strikes, [2.0 * last]])
    else:
        nodes = _grid(legs, spot, strikes)
    found = profit(nodes)
    tolerance = TINY * max(float(np.abs(found).max()), 1.0)
    found = np.where(np.abs(found) <= tolerance, 0.0, found)
    crossings = _crossings(nodes, found) if legs.one_expiry else _refined(nodes, found, profit)
    rising, falling = slope > TINY, slope < -TINY
    if legs.one_expiry and (rising or falling) and slope * found[-1] <= 0.0:
        crossings = np.append(crossings, nodes[-1] - found[-1] / slope)
    return Extremes(
        breakevens=crossings,
        most=float("inf") if rising else float(found.max()),
        least=float("-inf") if falling else float(found.min()),
        exact=legs.one_expiry,
    )


def _grid(legs: Legs, spot: float, strikes: Floats) -> Floats:
    """Nothing, the strikes, and spots many deviations to either side."""
    expiring = np.isfinite(legs.years)
    widest = float(np.nanmax(np.where(expiring & (legs.vols > 0.0), legs.vols * np.sqrt(legs.years), np.nan), initial=0.05))
    reach = np.exp(np.linspace(-1.0, 1.0, GRID) * REACH_DEVIATIONS * widest)
    return np.unique(np.concatenate([[0.01 * min(spot, float(strikes[0]) if strikes.size else spot)], strikes, spot * reach]))


def _crossings(nodes: Floats, found: Floats) -> Floats:
    """Zeros of the straight lines between the nodes, and the ends of stretches that are zero."""
    product = found[:-1] * found[1:]
    at = np.flatnonzero(product < 0.0)
    between = nodes[at] - found[at] * (nodes[at + 1] - nodes[at]) / (found[at + 1] - found[at])
    return np.unique(np.concatenate([between, _touched(nodes, found)]))


def _touched(nodes: Floats, found: Floats) -> Floats:
    """Nodes that are zero alone, or where a stretch of zeros begins or ends; beyond the outermost ones nobody looked."""
    zero = found == 0.0
    inner = zero[1:-1] & ~(zero[:-2] & zero[2:])
    result: Floats = nodes[1:-1][inner]
    return result


def _refined(nodes: Floats, found: Floats, profit: Callable[[Floats], Floats]) -> Floats:
    """The changes of sign on a grid, each bisected."""
    at = np.flatnonzero(found[:-1] * found[1:] < 0.0)
    low, high, sign = nodes[at], nodes[at + 1], np.sign(found[at])
    for _ in range(BISECTIONS):
        if not at.size:
            break
        middle = 0.5 * (low + high)
        same = np.sign(profit(middle)) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.unique(np.concatenate([0.5 * (low + high), _touched(nodes, found)]))
