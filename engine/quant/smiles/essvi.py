"""eSSVI: a surface of SSVI slices, each with a correlation of its own, free of butterfly and calendar arbitrage by construction.

    w(k) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 - ρ²)),  ψ = θφ

S. Hendriks and C. Martini, "The extended SSVI volatility surface", Journal of Computational Finance 22 (2019), p. 25; J. Corbetta, P.
Cohort, I. Laachir and C. Martini, "Robust calibration and arbitrage-free interpolation of SSVI slices", Decisions in Economics and Finance
42 (2019), p. 665. Slices are fitted in the order of their expiries; the constraints: :mod:`engine.quant.formulas.essvi_fit`.

What is attainable: three numbers a slice are what keeps it from the quotes, not the constraints. On recorded chains of SPX (48 to 58
expiries), XSP and SPY each slice fitted alone and without any constraint is 45 to 73 basis points off (weighted root mean square of the
median slice, in volatility), where SVI's five numbers are 8 to 51 off. No joint fit of the same model can go below the sum of squares of
slices fitted alone, and being free of arbitrage costs 1 to 6 % of it (a third on a chain of six usable expiries). So the room is in the
weights: :mod:`engine.quant.smiles.fitting` weighs by vega too, which takes a quarter to almost a half off what is missed within two
deviations of the money, and adds a tenth to a sixth in all.

What was tried beyond it: total variances between an eSSVI slice and the SVI slice of the same quotes cannot cross where each keeps between
the middles of its eSSVI neighbours. Within two deviations of the money that share of the way can be a seventh (median of the slices of
the SPX chains of June and September 2023, where the room to a middle is 21 basis points and the two models are 46 to 55 apart) to seven
tenths (July 2022), before any is given up where g < 0 or beyond the quotes; 40 to 48 basis points of 46 to 55 stay on the one, 9 of 28 on
the other. Freedom from butterflies between the expiries, proven for eSSVI, would have to be searched for at every fit. That is little where
it is needed most, so risk keeps to eSSVI, whose distance from the quotes its grades tell, and the display surface is the close one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.chain.segments import Segments
from engine.quant.smiles.jobs import ROOM
from engine.quant.smiles.samples import samples
from engine.quant.smiles.svi import RawSvi, begun_at, of_theta, smile

LEAST_STRIKES = 3
"""A slice of fewer would bind those after it by a shape that its quotes say nothing of, so it is left out."""


class EssviFits(NamedTuple):
    """A number a slice; NaN where it was left out."""

    thetas: Floats
    """θ: total variance at the money forward."""
    rhos: Floats
    psis: Floats
    """ψ = θφ."""
    slices: RawSvi
    """The same in raw form."""
    errors: Floats
    """Weighted root mean square of the residuals, in volatility."""
    counts: Indices
    lows: Floats
    highs: Floats


def fit_surface(
    *,
    log_moneyness: ArrayLike,
    vols: ArrayLike,
    segments: Segments,
    years: ArrayLike,
    weights: ArrayLike = 1.0,
    firsts: ArrayLike | None = None,
    starts: RawSvi | None = None,
    below: RawSvi | None = None,
) -> EssviFits:
    """Fits eSSVI to many slices at once, least weighted squares of the volatility, each slice above the one before.

    ``years`` must rise from slice to slice; where ``firsts`` is true another underlying begins. Slices of fewer than three strikes are
    left out. ``starts`` are slices of a fit just before, to begin at; ``below`` is a slice that
    the first is to lie above. Arguments otherwise as in :func:`engine.quant.smiles.svi.fit_slices`.
    """
    points = samples(log_moneyness=log_moneyness, vols=vols, weights=weights, segments=segments, years=years)
    fresh = np.zeros(points.slices, dtype=np.int8) if firsts is None else np.array(firsts, dtype=np.int8)
    if fresh.shape != (points.slices,):
        message = f"firsts must be one flag for each of {points.slices} slices, not of shape {fresh.shape}"
        raise ValueError(message)
    fresh[:1] = below is None
    _require_rising(points.years, fresh)
    chosen = points.only(points.strikes >= LEAST_STRIKES)
    out, squares = np.empty((points.slices, 3)), np.empty(points.slices)
    begun = begun_at(points.slices, 3, *(() if starts is None else shapes(starts)))
    floor = np.zeros(3) if below is None else np.array(shapes(below)).reshape(3)
    ROOM.jobs().fit_essvi(chosen.k, chosen.w, chosen.weights, chosen.begins, fresh, floor, begun, out, squares)
    theta, p, q = np.ascontiguousarray(out.T)
    slices = of_theta(thetas=theta, slopes_right=p, slopes_left=q)
    known = np.isfinite(theta)
    raw = RawSvi(*(np.where(known, part, np.nan) for part in slices))
    with np.errstate(all="ignore"):
        errors = np.sqrt(squares / chosen.sums(chosen.weights * chosen.scale))
        rhos = np.where(p + q > 0.0, (p - q) / (p + q), 0.0)
    return EssviFits(theta, np.where(known, rhos, np.nan), 0.5 * (p + q), raw, errors, chosen.counts, chosen.lows, chosen.highs)


def shapes(slices: RawSvi) -> tuple[Floats, Floats, Floats]:
    """θ, p = ψ(1+ρ) and q = ψ(1-ρ) of slices in raw form; what :func:`engine.quant.smiles.svi.of_theta` undoes."""
    with np.errstate(all="ignore"):
        theta = smile(log_moneyness=0.0, slices=slices).variances
        return theta, 2.0 * slices.b * (1.0 + slices.rho), 2.0 * slices.b * (1.0 - slices.rho)


def _require_rising(years: Floats, fresh: Bytes) -> None:
    """Slices out of order would be called arbitrage of one another."""
    later = np.flatnonzero(fresh[1:] == 0) + 1
    with np.errstate(all="ignore"):
        wrong = later[years[later] < years[later - 1]]
    if wrong.size:
        i = int(wrong[0])
        message = f"years must rise from slice to slice: slice {i} has {years[i]:g} after {years[i - 1]:g}; sort the expiries"
        raise ValueError(message)
