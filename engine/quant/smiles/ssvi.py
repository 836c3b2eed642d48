"""SSVI: one correlation and one law of skew for a whole surface, and a total variance at the money for every expiry.

    w(k, θ) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 - ρ²)),  φ(θ) = η θ^(-γ) (1+θ)^(γ-1)

J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59, eq. 4.1 and remark 4.4: free
of static arbitrage for η(1 + |ρ|) <= 2, 0 < γ <= 1/2 and θ that never falls, which the fit keeps to. It is stiff: a few numbers to compare
days and underlyings by, and a smile where hardly anything is quoted. The fit: :mod:`engine.quant.formulas.ssvi_fit`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, Indices
from engine.quant.chain.segments import Segments, of_sizes
from engine.quant.smiles.jobs import ROOM
from engine.quant.smiles.samples import samples
from engine.quant.smiles.svi import RawSvi, of_theta


class SsviFits(NamedTuple):
    """A number a surface (first three and ``errors``) or a slice (the others); NaN where nothing could be fitted."""

    rhos: Floats
    etas: Floats
    gammas: Floats
    errors: Floats
    """Weighted root mean square of the residuals, in volatility."""
    thetas: Floats
    """θ of each slice."""
    slices: RawSvi
    counts: Indices


def skews(*, thetas: ArrayLike, etas: ArrayLike, gammas: ArrayLike) -> Floats:
    """φ(θ) of the power law."""
    theta = np.asarray(thetas, dtype=np.float64)
    with np.errstate(all="ignore"):
        result: Floats = np.asarray(etas) * theta ** -np.asarray(gammas) * (1.0 + theta) ** (np.asarray(gammas) - 1.0)
    return result


def raw_slices(*, thetas: ArrayLike, rhos: ArrayLike, etas: ArrayLike, gammas: ArrayLike) -> RawSvi:
    """The raw form of an SSVI surface's slices (Gatheral and Jacquier (2014), lemma 3.1 and eq. 4.1)."""
    theta, rho = np.asarray(thetas, dtype=np.float64), np.asarray(rhos, dtype=np.float64)
    with np.errstate(all="ignore"):
        psi = theta * skews(thetas=theta, etas=etas, gammas=gammas)
        return of_theta(thetas=theta, slopes_right=psi * (1.0 + rho), slopes_left=psi * (1.0 - rho))


def fit_surfaces(
    *,
    log_moneyness: ArrayLike,
    vols: ArrayLike,
    segments: Segments,
    years: ArrayLike,
    weights: ArrayLike = 1.0,
    slices_of_surfaces: Segments | None = None,
) -> SsviFits:
    """SSVI of the slices, in the order of expiry, of one surface or of several (``slices_of_surfaces`` cuts the slices into surfaces)."""
    points = samples(log_moneyness=log_moneyness, vols=vols, weights=weights, segments=segments, years=years)
    surfaces = of_sizes(np.array([points.slices], dtype=np.intp)) if slices_of_surfaces is None else slices_of_surfaces
    if surfaces.owner.size != points.slices:
        message = f"slices_of_surfaces must cut {points.slices} slices, not {surfaces.owner.size}"
        raise ValueError(message)
    filled = points.counts > 0
    begins = np.concatenate((points.begins[:-1][filled], points.begins[-1:])).astype(np.int64)
    owners = surfaces.owner[filled]
    alive, sizes = np.unique(owners, return_counts=True)
    firsts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    nearest = np.full(points.slices, -1, dtype=np.intp)
    order = np.argsort(-np.abs(points.k), kind="stable")
    nearest[points.owner[order]] = order  # of each slice the one written last: the quote nearest to the money
    thetas = np.ascontiguousarray(points.w[nearest[filled]])
    out, squares = np.empty((alive.size, 3)), np.empty(alive.size)
    ROOM.jobs().fit_ssvi(points.k, points.w, points.weights, begins, firsts, thetas, out, squares)
    numbers = np.full((surfaces.pieces, 4), np.nan)
    numbers[alive, :3] = out
    every = np.full(points.slices, np.nan)
    every[filled] = thetas
    norm = np.bincount(surfaces.owner[points.owner], weights=points.weights * points.scale, minlength=surfaces.pieces)
    with np.errstate(all="ignore"):
        numbers[alive, 3] = np.sqrt(squares / norm[alive])
    rhos, etas, gammas, errors = np.ascontiguousarray(numbers.T)
    of = surfaces.owner
    slices = raw_slices(thetas=every, rhos=rhos[of], etas=etas[of], gammas=gammas[of])
    known = np.isfinite(every)
    return SsviFits(rhos, etas, gammas, errors, every, RawSvi(*(np.where(known, part, np.nan) for part in slices)), points.counts)
