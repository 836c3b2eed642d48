"""What a smile is fitted to: the usable quotes of many slices, clean, in flat arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats, Indices
from engine.quant.chain.segments import Segments
from engine.quant.meant import GREATEST_YEARS, require_fractions

LEAST_VOL, GREATEST_VOL = 1e-4, 50.0
"""A volatility outside is no quote's."""
FARTHEST = 50.0
"""|ln K/F| beyond which nothing is quoted."""
SHORTEST = 1e-9
"""Years: a thirtieth of a second; squares of less total variance have no digits left."""


class Samples(NamedTuple):
    """Points of every slice, one slice after the other; weights are for squares of total variance."""

    k: Floats
    vols: Floats
    w: Floats
    weights: Floats
    """Of Δw²: the given weight over (2σT)², so that the squares are those of the volatility."""
    scale: Floats
    """(2σT)² of each point."""
    owner: Indices
    begins: Indices
    """Where each slice begins, and where the last one ends."""
    counts: Indices
    strikes: Indices
    """Different k of each slice."""
    lows: Floats
    highs: Floats
    years: Floats

    @property
    def slices(self) -> int:
        """How many."""
        return self.counts.size

    def sums(self, values: Floats) -> Floats:
        """Sums a slice."""
        result: Floats = np.bincount(self.owner, weights=values, minlength=self.slices).astype(np.float64)
        return result

    def only(self, chosen: Bools) -> "Samples":
        """Of these slices the points, of the others none."""
        if chosen.all():
            return self
        return _cut(self.k, self.vols, self.weights * self.scale, self.owner, chosen[self.owner], self.years)


@np.errstate(all="ignore")
def samples(*, log_moneyness: ArrayLike, vols: ArrayLike, weights: ArrayLike, segments: Segments, years: ArrayLike) -> Samples:
    """The usable ones of flat quotes cut by ``segments``; ValueError where shapes or units cannot be meant."""
    k, sigma = np.asarray(log_moneyness, dtype=np.float64), np.asarray(vols, dtype=np.float64)
    T = np.array(years, dtype=np.float64)
    require_fractions(vols=sigma, years=T)
    if k.shape != segments.owner.shape or sigma.shape != k.shape:
        message = (
            f"log_moneyness and vols must be flat arrays of {segments.owner.size} quotes, as segments say, not {k.shape} and {sigma.shape}"
        )
        raise ValueError(message)
    if T.shape != (segments.pieces,):
        message = f"years must be one number for each of {segments.pieces} slices, not of shape {T.shape}"
        raise ValueError(message)
    given = np.broadcast_to(np.asarray(weights, dtype=np.float64), k.shape)
    with np.errstate(all="ignore"):
        usable = (np.abs(k) < FARTHEST) & (sigma > LEAST_VOL) & (sigma < GREATEST_VOL) & (given > 0.0) & np.isfinite(given)
        usable &= ((T > SHORTEST) & (T < GREATEST_YEARS))[segments.owner]
    return _cut(k, sigma, given, segments.owner, usable, T)


def _cut(k: Floats, vols: Floats, weights: Floats, owner: Indices, usable: Bools, years: Floats) -> Samples:
    k, vols, weights, owner = k[usable], vols[usable], weights[usable], owner[usable]
    count = years.size
    counts = np.bincount(owner, minlength=count).astype(np.intp)
    begins = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    joined = owner[1:] == owner[:-1]
    ordered, strikes = k, counts
    if (joined & ~(k[1:] > k[:-1])).any():  # not rising: sort, and count what is there twice once
        order = np.lexsort((k, owner))
        ordered = k[order]
        again = np.flatnonzero((ordered[1:] == ordered[:-1]) & joined) + 1  # owners are in order already
        strikes = counts - np.bincount(owner[again], minlength=count)
    lows, highs = np.full(count, np.nan), np.full(count, np.nan)
    filled = counts > 0
    if filled.any():
        lows[filled] = ordered[begins[:-1][filled]]
        highs[filled] = ordered[begins[1:][filled] - 1]
    T = years[owner]
    scale = (2.0 * vols * T) ** 2
    return Samples(k, vols, vols * vols * T, weights / scale, scale, owner, begins, counts, strikes, lows, highs, years)
