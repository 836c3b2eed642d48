"""Raw SVI slices: what they say, and their fit to the quotes of many expiries in one call.

Symbols: k = ln(K/F) log-moneyness, w = σ²T total variance of an implied volatility σ over T years (ACT/365);

    w(k) = a + b (ρ (k - m) + √((k - m)² + s²))

J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59, eq. 3.1. Each number of a
slice may be an array; all are broadcast against k. The fit: :mod:`engine.quant.formulas.svi_fit`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.chain.segments import Segments
from engine.quant.codes import FitStatus
from engine.quant.formulas.smile import build_durrleman, build_svi
from engine.quant.numpy_tier import PRIMITIVES
from engine.quant.smiles.jobs import ROOM
from engine.quant.smiles.samples import Samples, samples

STATUS_OF_STRIKES = np.array(
    [
        FitStatus.NO_QUOTES,
        FitStatus.ONE_STRIKE,
        FitStatus.TWO_STRIKES,
        FitStatus.FEW_STRIKES,
        FitStatus.FEW_STRIKES,
        FitStatus.OK,
    ],
    dtype=np.int8,
)
_svi = build_svi(PRIMITIVES)
_durrleman = build_durrleman(PRIMITIVES)


class RawSvi(NamedTuple):
    """The five numbers of a slice, or columns of them."""

    a: Floats
    """Level of total variance; may be below zero as long as a + bs√(1-ρ²), its least, is not."""
    b: Floats
    """Half the sum of the wings' slopes."""
    rho: Floats
    m: Floats
    """Where the bend is, in k."""
    sigma: Floats
    """s: how wide the bend is, in k."""

    def matrix(self) -> Floats:
        """A row a slice."""
        parts = np.broadcast_arrays(*(np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in self))
        return np.ascontiguousarray(np.column_stack(parts))

    def of(self, owner: Indices) -> "RawSvi":
        """The numbers of these slices, one after the other."""
        return RawSvi(*(part[owner] for part in self))


class Smile(NamedTuple):
    """Total variance and its derivatives in k."""

    variances: Floats
    slopes: Floats
    curvatures: Floats


class SviFits(NamedTuple):
    """A number a slice."""

    slices: RawSvi
    statuses: Bytes
    """:class:`engine.quant.codes.FitStatus`."""
    errors: Floats
    """Weighted root mean square of the residuals, in volatility (exactly: of Δw/(2σT))."""
    counts: Indices
    """Quotes that took part."""
    lows: Floats
    """Least k of them, and greatest."""
    highs: Floats


def smile(*, log_moneyness: ArrayLike, slices: RawSvi) -> Smile:
    """w, w' and w'' of raw SVI slices.

    A. Vogt's example in Gatheral and Jacquier (2014), section 5.1: at the money its total variance is 0.01742625 (section 5.1, JW form):

    >>> vogt = RawSvi(*map(np.float64, (-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)))
    >>> round(float(smile(log_moneyness=0.0, slices=vogt).variances), 8)
    0.01742625
    """
    with np.errstate(all="ignore"):
        return Smile(*_svi(np.asarray(log_moneyness, dtype=np.float64), *slices))


def total_variances(*, log_moneyness: ArrayLike, slices: RawSvi) -> Floats:
    """Total variance alone, a third of the work of :func:`smile`."""
    x = np.asarray(log_moneyness, dtype=np.float64) - slices.m
    w: Floats = slices.a + slices.b * (slices.rho * x + np.sqrt(x * x + slices.sigma * slices.sigma))
    return w


def vols(*, log_moneyness: ArrayLike, slices: RawSvi, years: ArrayLike) -> Floats:
    """Implied volatilities √(w/T); NaN where w is below zero or no time is left."""
    with np.errstate(all="ignore"):
        T = np.asarray(years, dtype=np.float64)
        w = smile(log_moneyness=log_moneyness, slices=slices).variances
        result: Floats = np.sqrt(np.where((w >= 0.0) & (T > 0.0), w / T, np.nan))
    return result


def durrleman(*, log_moneyness: ArrayLike, slices: RawSvi) -> Floats:
    """g(k) (Gatheral and Jacquier (2014), eq. 2.1): below zero the smile gives a negative density, which is butterfly arbitrage."""
    k = np.asarray(log_moneyness, dtype=np.float64)
    with np.errstate(all="ignore"):
        w, slope, curvature = _svi(k, *slices)
        result: Floats = np.where(w > 0.0, _durrleman(k, np.where(w > 0.0, w, 1.0), slope, curvature), np.nan)
    return result


def fit_slices(
    *,
    log_moneyness: ArrayLike,
    vols: ArrayLike,
    segments: Segments,
    years: ArrayLike,
    weights: ArrayLike = 1.0,
    starts: RawSvi | None = None,
) -> SviFits:
    """Raw SVI of many slices at once, least weighted squares of the volatility; runs without the interpreter's lock once warm.

    ``log_moneyness``, ``vols`` and ``weights`` are flat, cut by ``segments``; ``years`` is a number a slice. Quotes without a finite k, a
    positive volatility and a positive weight are left out. A slice of three or four strikes gets three numbers (SSVI's), of two the same,
    of one a flat smile; the status says so. Slopes obey Lee's bound b(1 + |ρ|) <= 2 for total variance (that is 4/T for variance in
    Zeliade's units). ``starts`` are slices to begin at, NaN where none is known: those of a fit just before, which is then cheap to renew.
    """
    points = samples(log_moneyness=log_moneyness, vols=vols, weights=weights, segments=segments, years=years)
    jobs = ROOM.jobs()
    out, squares = np.empty((points.slices, 5)), np.empty(points.slices)
    enough = points.strikes >= 5
    chosen = points.only(enough)
    begun = begun_at(points.slices, 2, *(() if starts is None else (starts.m, starts.sigma)))
    jobs.fit_svi(chosen.k, chosen.w, chosen.weights, chosen.begins, begun, out, squares)
    few = (points.strikes >= 2) & ~enough
    if few.any():
        chosen = points.only(few)
        shapes = np.empty((points.slices, 3))
        fresh, nothing, begun = np.ones(points.slices, dtype=np.int8), np.zeros(3), begun_at(points.slices, 3)
        jobs.fit_essvi(chosen.k, chosen.w, chosen.weights, chosen.begins, fresh, nothing, begun, shapes, squares)
        out[few] = _raw_rows(shapes[few])
    if (points.strikes < 2).any():
        _flatten(points, out, squares)
    statuses = STATUS_OF_STRIKES[np.minimum(points.strikes, 5)]
    with np.errstate(all="ignore"):
        errors = np.sqrt(squares / points.sums(points.weights * points.scale))
    return SviFits(RawSvi(*np.ascontiguousarray(out.T)), statuses, errors, points.counts, points.lows, points.highs)


def of_theta(*, thetas: ArrayLike, slopes_right: ArrayLike, slopes_left: ArrayLike) -> RawSvi:
    """The raw form of SSVI slices given by θ, p = ψ(1+ρ) and q = ψ(1-ρ) (Gatheral and Jacquier (2014), eq. 4.1 with ψ = θφ)."""
    theta, p, q = (np.asarray(value, dtype=np.float64) for value in (thetas, slopes_right, slopes_left))
    with np.errstate(all="ignore"):
        psi = 0.5 * (p + q)
        flat = psi <= 0.0
        safe = np.where(flat, 1.0, psi)
        rho = np.where(flat, 0.0, 0.5 * (p - q) / safe)
        rest = np.where(flat, 1.0, p * q / (safe * safe))  # 1 - ρ², without its cancellation
        width = np.where(flat, 1.0, theta / safe)
        return RawSvi(0.5 * theta * rest + np.where(flat, 0.5 * theta, 0.0), 0.5 * psi, rho, -rho * width, np.sqrt(rest) * width)


def begun_at(slices: int, numbers: int, *columns: Floats) -> Floats:
    """A row a slice of what its fit begins at; NaN, which is from nothing, where no columns are given."""
    if not columns:
        return np.full((slices, numbers), np.nan)
    begun = np.ascontiguousarray(np.column_stack(columns), dtype=np.float64)
    if begun.shape != (slices, numbers):
        message = f"starts must be one for each of {slices} slices, not {begun.shape[0]}"
        raise ValueError(message)
    return begun


def _raw_rows(shapes: Floats) -> Floats:
    result: Floats = np.column_stack(of_theta(thetas=shapes[:, 0], slopes_right=shapes[:, 1], slopes_left=shapes[:, 2]))
    return result


def _flatten(points: Samples, out: Floats, squares: Floats) -> None:
    """A slice of one strike is flat at the mean of what is quoted there; one of none is NaN."""
    single = points.strikes == 1
    with np.errstate(all="ignore"):
        level = points.sums(points.weights * points.w) / points.sums(points.weights)
        squares[single] = points.sums(points.weights * (points.w - level[points.owner]) ** 2)[single]
    out[single] = np.column_stack(
        [level, np.zeros(points.slices), np.zeros(points.slices), np.zeros(points.slices), np.ones(points.slices)]
    )[single]
    out[points.strikes == 0] = np.nan
    squares[points.strikes == 0] = np.nan
