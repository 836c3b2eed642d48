"""SABR: Hagan's implied volatilities, lognormal and normal, and their fit.

    dF = αF^β dW,  dα = να dZ,  dW dZ = ρ dt

F forward, K strike, T years, 0 <= β <= 1, -1 < ρ < 1. P. S. Hagan, D. Kumar, A. S. Lesniewski and D. E. Woodward, "Managing smile risk",
Wilmott (September 2002), p. 84; formulas: :mod:`engine.quant.formulas.sabr`. They are expansions for small ν²T: far wings of long expiries
imply negative densities, so check before trusting them there (:func:`engine.quant.smiles.arbitrage.butterflies` on an SVI or spline of the
points).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.chain.segments import Segments
from engine.quant.codes import FitStatus
from engine.quant.formulas.sabr import build_ratio, build_sabr_lognormal, build_sabr_normal
from engine.quant.numpy_tier import PRIMITIVES
from engine.quant.smiles.jobs import ROOM
from engine.quant.smiles.samples import samples
from engine.quant.smiles.svi import STATUS_OF_STRIKES
from engine.quant.special import log_ratio

_lognormal = build_sabr_lognormal(PRIMITIVES)
_normal = build_sabr_normal(PRIMITIVES)
_ratio = build_ratio(PRIMITIVES)


class Sabr(NamedTuple):
    """The four numbers of a smile, or columns of them."""

    alphas: ArrayLike
    """In the unit F^(1-β) a year: at β = 1 a volatility."""
    betas: ArrayLike
    rhos: ArrayLike
    nus: ArrayLike


class SabrFits(NamedTuple):
    """A number a slice; NaN where there are fewer than three strikes."""

    alphas: Floats
    """In the unit F^(1-β) a year: at β = 1 a volatility."""
    rhos: Floats
    nus: Floats
    betas: Floats
    statuses: Bytes
    """:class:`engine.quant.codes.FitStatus`."""
    errors: Floats
    """Weighted root mean square of the residuals, in volatility."""
    counts: Indices


def lognormal_vols(*, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, sabr: Sabr) -> Floats:
    """Black's implied volatility (Hagan et al. (2002), eq. 2.17a); NaN outside the domain.

    >>> sabr = Sabr(alphas=0.1983, betas=1.0, rhos=-0.82, nus=0.122)
    >>> round(float(lognormal_vols(forwards=446.35, strikes=452.54, years=1.0, sabr=sabr)), 12)
    0.19662891355
    """
    F, K, T, alpha, beta, rho, nu = _together(forwards, strikes, years, *sabr)
    with np.errstate(all="ignore"):
        good = (F > 0.0) & (K > 0.0) & _meant(T, alpha, beta, rho, nu)
        found = _lognormal(log_ratio(K, F), T, alpha * F ** (beta - 1.0), beta, rho, nu)
        result: Floats = np.where(good, found, np.nan)
    return result


def normal_vols(*, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, sabr: Sabr) -> Floats:
    """Bachelier's implied volatility in the unit of the forward a year (Hagan et al. (2002), eq. A.69a).

    At β = 0, where F and K may be of any sign, its leading terms are exact: ζ = ν/α (F - K), σ = α ζ/x(ζ) (1 + (2 - 3ρ²)ν²T/24).
    """
    F, K, T, alpha, beta, rho, nu = _together(forwards, strikes, years, *sabr)
    with np.errstate(all="ignore"):
        positive = (F > 0.0) & (K > 0.0)
        found = F * _normal(log_ratio(K, F), T, alpha * F ** (beta - 1.0), beta, rho, nu)
        gaussian = alpha * _ratio(nu / alpha * (F - K), rho) * (1.0 + (2.0 - 3.0 * rho * rho) * nu * nu * T / 24.0)
        good = np.isfinite(F) & np.isfinite(K) & _meant(T, alpha, beta, rho, nu) & (positive | (beta == 0.0))
        result: Floats = np.where(good, np.where(beta == 0.0, gaussian, found), np.nan)
    return result


def fit_slices(
    *,
    log_moneyness: ArrayLike,
    vols: ArrayLike,
    segments: Segments,
    years: ArrayLike,
    forwards: ArrayLike = 1.0,
    betas: ArrayLike = 1.0,
    weights: ArrayLike = 1.0,
) -> SabrFits:
    """α, ρ and ν of many slices at once for given β, least weighted squares of Black's volatility."""
    points = samples(log_moneyness=log_moneyness, vols=vols, weights=weights, segments=segments, years=years)
    beta = np.array(np.broadcast_to(np.asarray(betas, dtype=np.float64), (points.slices,)))
    if ((beta < 0.0) | (beta > 1.0)).any():
        message = f"betas must lie between 0 and 1, not {beta.min():g} to {beta.max():g}"
        raise ValueError(message)
    chosen = points.only(points.strikes >= 3)
    out, squares = np.empty((points.slices, 3)), np.empty(points.slices)
    weighted = chosen.weights * chosen.scale
    ROOM.jobs().fit_sabr(chosen.k, chosen.vols, weighted, chosen.begins, points.years, beta, out, squares)
    level, rho, nu = np.ascontiguousarray(out.T)
    with np.errstate(all="ignore"):
        alphas = level * np.asarray(forwards, dtype=np.float64) ** (1.0 - beta)
        errors = np.sqrt(squares / chosen.sums(weighted))
    statuses = np.where(points.strikes == 4, FitStatus.OK, STATUS_OF_STRIKES[np.minimum(points.strikes, 5)]).astype(np.int8)
    return SabrFits(alphas, rho, nu, beta, statuses, errors, chosen.counts)


def _together(*values: ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))


def _meant(T: Floats, alpha: Floats, beta: Floats, rho: Floats, nu: Floats) -> Bools:
    good: Bools = (T >= 0.0) & (alpha > 0.0) & (beta >= 0.0) & (beta <= 1.0) & (np.abs(rho) < 1.0) & (nu >= 0.0)
    return good
