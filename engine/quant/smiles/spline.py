"""The smile where no model fits: a natural cubic smoothing spline of total variance in k, as smooth as it takes to be free of butterflies.

P. J. Green and B. W. Silverman, "Nonparametric Regression and Generalized Linear Models" (1994), section 2.3 (Reinsch's algorithm): of all
curves the one that minimises Σ weight (w - y)² + λ∫w''². λ grows from nothing, which is interpolation, until g >= 0 wherever the smile is
looked at (:mod:`engine.quant.smiles.arbitrage` says what g is); at its end it is a straight line. Beyond the last strikes total variance
goes on straight, never falling outwards and never steeper than Lee's bound of 2. Two strikes give a line, one a flat smile.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.chain.segments import Segments, of_sizes
from engine.quant.codes import FitStatus
from engine.quant.formulas.smile import build_durrleman
from engine.quant.formulas.spline import TERMS, build_cubic
from engine.quant.numpy_tier import PRIMITIVES
from engine.quant.smiles.jobs import ROOM
from engine.quant.smiles.samples import FARTHEST, Samples, samples
from engine.quant.smiles.splicing import exchanged, positions_of, splice
from engine.quant.smiles.svi import STATUS_OF_STRIKES, Smile

_APART = 4.0 * FARTHEST
"""Between the knots of one slice and the next, where many are searched as one."""
_durrleman = build_durrleman(PRIMITIVES)
_cubic = build_cubic(PRIMITIVES)


class Splines(NamedTuple):
    """The smiles of many slices; one that has none has no knots, and NaN in the columns."""

    knots: Floats
    """Rising k of every slice, one slice after the other."""
    variances: Floats
    """w at the knots."""
    curvatures: Floats
    """w'' at the knots; 0 at both ends of a slice."""
    segments: Segments
    slopes_left: Floats
    """dw/dk left of a slice's first knot: that at the knot, as far as it may go on."""
    slopes_right: Floats
    smoothings: Floats
    """λ, in units of the knots' own scale; 0: every quote is met."""
    arbitrage: Bools
    """No λ made it free of butterfly arbitrage everywhere; then it is the least smoothed one that is free between the quotes."""
    statuses: Bytes
    """:class:`engine.quant.codes.FitStatus`, by the count of strikes alone."""
    errors: Floats
    """Weighted root mean square of the residuals, in volatility."""

    @property
    def present(self) -> Bools:
        """Which slices have one."""
        found: Bools = self.segments.sizes > 0
        return found

    def only(self, chosen: Bools) -> "Splines":
        """Of these slices, the others having none."""
        own = chosen[self.segments.owner]
        cut = of_sizes(np.where(chosen, self.segments.sizes, 0))
        columns = (np.where(chosen, column, np.nan) for column in (self.slopes_left, self.slopes_right, self.smoothings, self.errors))
        left, right, smoothings, errors = columns
        statuses = np.where(chosen, self.statuses, FitStatus.NO_QUOTES).astype(np.int8)
        flat = (self.knots[own], self.variances[own], self.curvatures[own])
        return Splines(*flat, cut, left, right, smoothings, self.arbitrage & chosen, statuses, errors)

    def of(self, slices: Indices) -> "Splines":
        """Of these slices alone, in rising order, so that they are counted anew."""
        own, cut = positions_of(self.segments, slices)
        flat = (self.knots[own], self.variances[own], self.curvatures[own])
        left, right = self.slopes_left[slices], self.slopes_right[slices]
        smoothings, arbitrage = self.smoothings[slices], self.arbitrage[slices]
        return Splines(*flat, cut, left, right, smoothings, arbitrage, self.statuses[slices], self.errors[slices])

    def with_slices(self, slices: Indices, fresh: "Splines") -> "Splines":
        """With those of these slices exchanged for fresh ones."""
        join = splice(self.segments, fresh.segments, slices)
        return Splines(
            knots=join.flat(self.knots, fresh.knots),
            variances=join.flat(self.variances, fresh.variances),
            curvatures=join.flat(self.curvatures, fresh.curvatures),
            segments=join.segments,
            slopes_left=exchanged(self.slopes_left, fresh.slopes_left, slices),
            slopes_right=exchanged(self.slopes_right, fresh.slopes_right, slices),
            smoothings=exchanged(self.smoothings, fresh.smoothings, slices),
            arbitrage=exchanged(self.arbitrage, fresh.arbitrage, slices),
            statuses=exchanged(self.statuses, fresh.statuses, slices),
            errors=exchanged(self.errors, fresh.errors, slices),
        )


def no_splines(count: int) -> Splines:
    """None of so many slices has one."""
    nothing, unknown = np.empty(0), np.full(count, np.nan)
    statuses = np.full(count, FitStatus.NO_QUOTES, dtype=np.int8)
    cut = of_sizes(np.zeros(count, dtype=np.intp))
    return Splines(nothing, nothing, nothing, cut, unknown, unknown, unknown, np.zeros(count, dtype=bool), statuses, unknown)


@np.errstate(all="ignore")
def fit_splines(*, log_moneyness: ArrayLike, vols: ArrayLike, segments: Segments, years: ArrayLike, weights: ArrayLike = 1.0) -> Splines:
    """The splines of many slices at once; quotes of one strike are taken together. A slice without a usable quote has none.

    Arguments as in :func:`engine.quant.smiles.svi.fit_slices`.
    """
    points = samples(log_moneyness=log_moneyness, vols=vols, weights=weights, segments=segments, years=years)
    knots, level, weight, cut, place = _knots(points)
    begins = np.concatenate(([0], np.cumsum(cut.sizes))).astype(np.int64)
    out, told = np.empty((2, knots.size)), np.empty((points.slices, 4))
    ROOM.jobs().fit_splines(knots, level, _terms(knots, level, weight), begins, out, told)
    smoothing, arbitrage, left, right = np.ascontiguousarray(told.T)
    unknown = np.full(points.slices, np.nan)
    statuses = STATUS_OF_STRIKES[np.minimum(cut.sizes, STATUS_OF_STRIKES.size - 1)]
    found = Splines(knots, out[0], out[1], cut, left, right, smoothing, arbitrage > 0.0, statuses, unknown)
    missed = points.w - out[0][place]
    errors = np.sqrt(points.sums(points.weights * missed**2) / points.sums(points.weights * points.scale))
    return found._replace(errors=errors)


def fit_spline(*, log_moneyness: ArrayLike, vols: ArrayLike, years: float, weights: ArrayLike = 1.0) -> Splines:
    """The spline of one slice."""
    cut = of_sizes(np.array([np.size(log_moneyness)], dtype=np.intp))
    return fit_splines(log_moneyness=log_moneyness, vols=vols, segments=cut, years=np.array([years]), weights=weights)


def smiles(*, log_moneyness: ArrayLike, splines: Splines, slices: ArrayLike = 0) -> Smile:
    """w, w' and w'' at every point of the slice it belongs to; straight beyond the knots, NaN where the slice has no spline."""
    k, which = np.broadcast_arrays(np.asarray(log_moneyness, dtype=np.float64), np.asarray(slices, dtype=np.intp))
    if not splines.knots.size:
        nothing = np.full(k.shape, np.nan)
        return Smile(nothing, nothing, nothing)
    sizes, starts = splines.segments.sizes, splines.segments.starts
    with np.errstate(all="ignore"):
        near = np.clip(np.where(np.isnan(k), 0.0, k), -FARTHEST, FARTHEST)
        last = np.minimum(starts + np.maximum(sizes - 1, 0), splines.knots.size - 1)
        begin, end = np.minimum(starts, splines.knots.size - 1)[which], last[which]
        in_one_row = splines.knots + _APART * splines.segments.owner
        i = np.clip(np.searchsorted(in_one_row, near + _APART * which, side="right") - 1, begin, np.maximum(end - 1, begin))
        j = np.minimum(i + 1, end)
        knots, w, bend = splines.knots, splines.variances, splines.curvatures
        step = np.where(j > i, knots[j] - knots[i], 1.0)
        beyond = (np.maximum(knots[begin] - k, 0.0), np.maximum(k - knots[end], 0.0))
        found = _cubic(k - knots[i], step, w[i], w[j], bend[i], bend[j], *beyond, splines.slopes_left[which], splines.slopes_right[which])
        known = (sizes > 0)[which] & ~np.isnan(k)
        return Smile(*(np.where(known, part, np.nan) for part in found))


def durrleman(*, log_moneyness: ArrayLike, splines: Splines, slices: ArrayLike = 0) -> Floats:
    """g(k) of splines; NaN where total variance is not positive."""
    k = np.asarray(log_moneyness, dtype=np.float64)
    w, slope, curvature = smiles(log_moneyness=k, splines=splines, slices=slices)
    with np.errstate(all="ignore"):
        result: Floats = np.where(w > 0.0, _durrleman(k, np.where(w > 0.0, w, 1.0), slope, curvature), np.nan)
    return result


def _knots(points: Samples) -> tuple[Floats, Floats, Floats, Segments, Indices]:
    """The different k of every slice, rising, with the mean of w and the sum of the weights there; and which of them each point is at."""
    k, w, weight, owner = points.k, points.w, points.weights, points.owner
    order = np.lexsort((k, owner))
    k, owner = k[order], owner[order]
    new = np.ones(k.size, dtype=bool)
    new[1:] = (k[1:] != k[:-1]) | (owner[1:] != owner[:-1])
    at = np.cumsum(new) - 1
    total = np.bincount(at, weights=weight[order]).astype(np.float64)
    level: Floats = np.bincount(at, weights=(weight * w)[order]).astype(np.float64) / total
    place = np.empty(order.size, dtype=np.intp)
    place[order] = at
    return k[new], level, total, of_sizes(np.bincount(owner[new], minlength=points.slices)), place


def _terms(knots: Floats, level: Floats, weight: Floats) -> Floats:
    """What the solver takes of every knot, as if all were of one slice: it takes of each slice only what its own knots make."""
    terms = np.zeros((TERMS, knots.size))
    terms[0] = 1.0 / weight
    if knots.size < 3:
        return terms
    step = np.diff(knots)
    inverse = 1.0 / step
    first, last = inverse[:-1], inverse[1:]
    middle, spread = -first - last, terms[0]
    terms[1, :-2], terms[2, :-2] = first, last
    terms[3, :-2], terms[4, :-2] = (step[:-1] + step[1:]) / 3.0, step[1:] / 6.0
    terms[5, :-2] = first**2 * spread[:-2] + middle**2 * spread[1:-1] + last**2 * spread[2:]
    terms[6, :-3] = middle[:-1] * first[1:] * spread[1:-2] + last[:-1] * middle[1:] * spread[2:-1]
    terms[7, :-4] = last[:-2] * first[2:] * spread[2:-2]
    terms[8, :-2] = np.diff(np.diff(level) * inverse)
    return terms
