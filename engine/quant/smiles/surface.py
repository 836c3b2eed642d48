"""A volatility surface: fitted slices side by side, what lies between them, and how far to believe it.

Between expiries total variance is linear in time at fixed k = ln(K/F_T), which cannot make a calendar arbitrage where the slices have none
(J. Gatheral, "The Volatility Surface" (2006), p. 100 ff.). Before the first expiry it falls to nothing in proportion to time, after the
last it grows as the last volatility at the money has it: both keep the nearest smile's own volatility at the money. Beyond the quoted
strikes the slices' own wings go on, within Lee's bound. ln F is linear in time between expiries; beyond them it goes on as between the
nearest two, or from the spot where one is known. Every number says by a flag whether it stands on quotes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Flags, Floats, Indices, read_only
from engine.quant.codes import SurfaceFlag
from engine.quant.meant import require_fractions
from engine.quant.smiles.curves import curves, curves_of
from engine.quant.smiles.spline import Splines, no_splines
from engine.quant.smiles.svi import RawSvi, Smile

UNIT = 1e-12
"""Times closer than this part are one expiry."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Slices in order of expiry; every array is closed to writing, so a surface may be kept and shared. Made by :func:`surface_of`."""

    years: Floats
    forwards: Floats
    slices: RawSvi
    """The model's; where a spline stands in for one, that counts."""
    lows: Floats
    """Least k that was quoted, and greatest."""
    highs: Floats
    splines: Splines
    spot: float
    """NaN: unknown."""


class SurfaceSmile(NamedTuple):
    """Total variance at points of a surface, with what it takes for densities and local volatility; NaN where there is no surface."""

    variances: Floats
    slopes: Floats
    """dw/dk."""
    curvatures: Floats
    """d²w/dk²."""
    growths: Floats
    """∂w/∂T at fixed k, a year; at an expiry that of the time after it."""
    flags: Flags
    """:class:`engine.quant.codes.SurfaceFlag` bits."""

    @property
    def smile(self) -> Smile:
        """As the densities take it."""
        return Smile(self.variances, self.slopes, self.curvatures)


class SurfaceVols(NamedTuple):
    """Volatilities a year, and how they were come by."""

    vols: Floats
    flags: Flags


def surface_of(
    *,
    years: ArrayLike,
    forwards: ArrayLike,
    slices: RawSvi,
    lows: ArrayLike,
    highs: ArrayLike,
    splines: Splines | None = None,
    spot: float = float("nan"),
) -> Surface:
    """A surface of fitted slices; those without numbers are left out. ValueError where expiries do not rise or columns differ in length."""
    T, F, low, high = (np.asarray(value, dtype=np.float64) for value in (years, forwards, lows, highs))
    matrix = slices.matrix()
    bent = no_splines(T.size) if splines is None else splines
    if not T.shape == F.shape == low.shape == high.shape == (matrix.shape[0],) == (bent.segments.pieces,):
        message = f"years, forwards, lows, highs and splines must be one for each of {matrix.shape[0]} slices"
        raise ValueError(message)
    require_fractions(years=T)
    known = np.isfinite(matrix).all(axis=1) | bent.present
    known &= (T > 0.0) & (F > 0.0) & np.isfinite(T + F)
    T = T[known]
    if (np.diff(T) <= 0.0).any():
        message = "years must rise from slice to slice: sort the expiries, and leave one of two that end together"
        raise ValueError(message)
    raw = RawSvi(*(read_only(np.array(part)) for part in matrix[known].T))
    kept = bent.of(np.flatnonzero(known))
    for column in (kept.knots, kept.variances, kept.curvatures):
        read_only(column)
    return Surface(read_only(T), read_only(F[known]), raw, read_only(low[known]), read_only(high[known]), kept, spot)


def smile_at(*, surface: Surface, log_moneyness: ArrayLike, years: ArrayLike) -> SurfaceSmile:
    """Total variance and its derivatives at every (k, T); the arguments are broadcast against one another."""
    k, T = np.broadcast_arrays(np.asarray(log_moneyness, dtype=np.float64), np.asarray(years, dtype=np.float64))
    require_fractions(years=T)
    count = surface.years.size
    if not count:
        nothing = np.full(k.shape, np.nan)
        return SurfaceSmile(nothing, nothing, nothing, nothing, np.full(k.shape, SurfaceFlag.NOT_DEFINED, dtype=np.uint8))
    after = np.clip(np.searchsorted(surface.years, T * (1.0 + UNIT), side="right"), 0, count)  # the first expiry later than T
    left, right = np.clip(after - 1, 0, count - 1), np.clip(after, 0, count - 1)
    with np.errstate(all="ignore"):
        at_left, at_right = (
            curves(log_moneyness=k, slices=surface.slices, splines=surface.splines, which=which) for which in (left, right)
        )
        before, beyond = after == 0, after == count
        t0, t1 = surface.years[left], surface.years[right]
        share = np.where(before, T / t0, np.where(beyond, 0.0, (T - t0) / np.where(t1 > t0, t1 - t0, 1.0)))
        level = curves(log_moneyness=np.zeros(count), slices=surface.slices, splines=surface.splines, which=np.arange(count)).variances
        level = level[left] / t0
        mixed = [np.where(before, share * a, a + share * (b - a)) for a, b in zip(at_left, at_right, strict=True)]
        w = mixed[0] + np.where(beyond, level * (T - t0), 0.0)
        between = (at_right.variances - at_left.variances) / np.where(t1 > t0, t1 - t0, 1.0)
        growth = np.where(before, at_left.variances / t0, np.where(beyond, level, between))
        good = (T > 0.0) & np.isfinite(k) & np.isfinite(T) & np.isfinite(w)
        flags = _flags(surface, k, T, left, right, before, good)
    w, slope, curvature, growth = (np.where(good, part, np.nan) for part in (w, mixed[1], mixed[2], growth))
    return SurfaceSmile(w, slope, curvature, growth, flags)


def forwards_at(*, surface: Surface, years: ArrayLike) -> Floats:
    """Forwards, ln F linear in time."""
    T = np.asarray(years, dtype=np.float64)
    times, logs = surface.years, np.log(surface.forwards)
    if surface.spot > 0.0:
        times, logs = np.concatenate(([0.0], times)), np.concatenate(([np.log(surface.spot)], logs))
    if not times.size:
        return np.full(T.shape, np.nan)
    if times.size == 1:
        return np.where(np.isfinite(T), np.exp(logs[0]), np.nan)
    i = np.clip(np.searchsorted(times, T, side="right") - 1, 0, times.size - 2)
    result: Floats = np.exp(logs[i] + (logs[i + 1] - logs[i]) * (T - times[i]) / (times[i + 1] - times[i]))
    return result


def vols_at(*, surface: Surface, years: ArrayLike, log_moneyness: ArrayLike | None = None, strikes: ArrayLike | None = None) -> SurfaceVols:
    """Implied volatilities by log-moneyness or by strike, of any time; NaN, flagged, outside the domain."""
    if (log_moneyness is None) == (strikes is None):
        message = "give either log_moneyness or strikes"
        raise ValueError(message)
    T = np.asarray(years, dtype=np.float64)
    with np.errstate(all="ignore"):
        if strikes is not None:
            log_moneyness = np.log(np.asarray(strikes, dtype=np.float64) / forwards_at(surface=surface, years=T))
        found = smile_at(surface=surface, log_moneyness=np.asarray(log_moneyness, dtype=np.float64), years=T)
        vols = np.sqrt(np.where(found.variances >= 0.0, found.variances / T, np.nan))
    lost = np.where(np.isnan(vols), SurfaceFlag.NOT_DEFINED, 0).astype(np.uint8)
    return SurfaceVols(vols, found.flags | lost)


def smiles_at(*, surface: Surface, years: ArrayLike) -> Callable[[Floats], Floats]:
    """Smiles of these times, the volatilities of :func:`vols_at` without how they were come by, one time a column of log-moneyness.

    What integrates a smile asks it often: between which expiries each time lies is looked up once.
    """
    T = np.asarray(years, dtype=np.float64)
    require_fractions(years=T)
    count = surface.years.size
    if not count:
        return lambda k: np.full(np.broadcast_shapes(k.shape, T.shape), np.nan)
    after = np.clip(np.searchsorted(surface.years, T * (1.0 + UNIT), side="right"), 0, count)
    left, right = np.clip(after - 1, 0, count - 1), np.clip(after, 0, count - 1)
    at_left, at_right = (curves_of(slices=surface.slices, splines=surface.splines, which=which) for which in (left, right))
    with np.errstate(all="ignore"):
        t0, t1 = surface.years[left], surface.years[right]
        share = np.where(after == count, 0.0, (T - t0) / np.where(t1 > t0, t1 - t0, 1.0)) * (after > 0)
        scale = np.where(after == 0, T / t0, 1.0)
        added = np.where(after == count, at_left(np.zeros(left.shape)) / t0 * (T - t0), 0.0)

    def smiles(k: Floats) -> Floats:
        with np.errstate(all="ignore"):
            begun = at_left(k)
            w = scale * begun + share * (at_right(k) - begun) + added
            found: Floats = np.sqrt(np.where((w >= 0.0) & (w < np.inf) & (T > 0.0), w / T, np.nan))
        return found

    return smiles


def _flags(surface: Surface, k: Floats, T: Floats, left: Indices, right: Indices, before: Bools, good: Bools) -> Flags:
    """How each point was come by; quoted strikes are taken to spread with the root of time before the first expiry, linearly between."""
    t0, t1 = surface.years[left], surface.years[right]
    fitted = np.abs(T - t0) <= 2.0 * UNIT * t0
    share = np.where(t1 > t0, np.clip((T - t0) / np.where(t1 > t0, t1 - t0, 1.0), 0.0, 1.0), 0.0)
    shrunk = np.where(before, np.sqrt(np.clip(T / t0, 0.0, 1.0)), 1.0)
    low = (surface.lows[left] + share * (surface.lows[right] - surface.lows[left])) * shrunk
    high = (surface.highs[left] + share * (surface.highs[right] - surface.highs[left])) * shrunk
    flags = np.where(fitted, 0, SurfaceFlag.BETWEEN_EXPIRIES)
    flags = np.where(before & ~fitted, SurfaceFlag.BEFORE_FIRST, flags)
    flags = np.where((left == right) & ~before & ~fitted, SurfaceFlag.AFTER_LAST, flags)
    flags = flags | np.where((k >= low) & (k <= high), 0, SurfaceFlag.BEYOND_STRIKES)
    result: Flags = np.where(good, flags, SurfaceFlag.NOT_DEFINED).astype(np.uint8)
    return result
