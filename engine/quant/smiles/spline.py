"""The smile where no model fits: a natural cubic smoothing spline of total variance in k, as smooth as it takes to be free of butterflies.

P. J. Green and B. W. Silverman, "Nonparametric Regression and Generalized Linear Models" (1994), section 2.3 (Reinsch's algorithm): of all
curves the one that minimises Σ weight (w - y)² + λ∫w''². λ grows from nothing, which is interpolation, until g >= 0 wherever the smile is
looked at (:mod:`engine.quant.smiles.arbitrage` says what g is); at its end it is a straight line. Beyond the last strikes total variance
goes on straight, never falling outwards and never steeper than Lee's bound of 2. Two strikes give a line, one a flat smile.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitStatus
from engine.quant.formulas.smile import build_durrleman
from engine.quant.formulas.spline import build_cubic
from engine.quant.formulas.svi_fit import REACH
from engine.quant.numpy_tier import PRIMITIVES
from engine.quant.smiles.jobs import ROOM
from engine.quant.smiles.samples import samples
from engine.quant.smiles.svi import Smile

SMOOTHINGS = np.concatenate(([0.0], np.geomspace(1e-8, 1e4, 25)))
"""λ in units of the knots' own scale."""
STEEPEST = 2.0 * (1.0 - 1e-9)
CORNER = 1e-6
"""By so much a slope may be steeper inside the last knot than beyond it."""
LOOKED_AT = 301
LEAST_PART = 1e-3
"""Of the least variance quoted: the spline may not fall below."""
_durrleman = build_durrleman(PRIMITIVES)
_cubic = build_cubic(PRIMITIVES)


class Spline(NamedTuple):
    """One smile."""

    knots: Floats
    """Rising k."""
    variances: Floats
    """w at the knots."""
    curvatures: Floats
    """w'' at the knots; 0 at both ends."""
    smoothing: float
    """λ, in units of the knots' own scale; 0: every quote is met."""
    arbitrage: bool
    """No λ made it free of butterfly arbitrage everywhere; then it is the least smoothed one that is free between the quotes."""
    status: FitStatus
    error: float
    """Weighted root mean square of the residuals, in volatility."""


@np.errstate(all="ignore")
def fit_spline(*, log_moneyness: ArrayLike, vols: ArrayLike, years: float, weights: ArrayLike = 1.0) -> Spline:
    """The spline of one slice; quotes of one strike are taken together. NaN knots where nothing is usable."""
    cut = of_sizes(np.array([np.size(log_moneyness)], dtype=np.intp))
    points = samples(log_moneyness=log_moneyness, vols=vols, weights=weights, segments=cut, years=np.array([years]))
    if not points.k.size:
        nothing = np.full(1, np.nan)
        return Spline(nothing, nothing, nothing, 0.0, arbitrage=False, status=FitStatus.NO_QUOTES, error=float("nan"))
    knots, owner = np.unique(points.k, return_inverse=True)
    weight = np.bincount(owner, weights=points.weights).astype(np.float64)
    level: Floats = np.bincount(owner, weights=points.weights * points.w).astype(np.float64) / weight
    status = {1: FitStatus.ONE_STRIKE, 2: FitStatus.TWO_STRIKES}.get(knots.size, FitStatus.FEW_STRIKES if knots.size < 5 else FitStatus.OK)
    rows = _smoothed(knots, level, weight)
    every = [
        Spline(knots, variances, curvatures, smoothing, arbitrage=False, status=status, error=0.0)
        for smoothing, variances, curvatures in zip(SMOOTHINGS.tolist(), *rows, strict=False)
    ]
    found = _first(every, lambda one: _is_free(one, float(level.min())))
    if found is None:  # the wings cannot be had free of butterflies: at least between the quotes, else as quoted
        found = (_first(every, _is_free_inside) or every[0])._replace(arbitrage=True)
    residual = points.w - smile(log_moneyness=points.k, spline=found).variances
    error = np.sqrt(np.sum(points.weights * residual**2) / np.sum(points.weights * points.scale))
    return found._replace(error=float(error))


def smile(*, log_moneyness: ArrayLike, spline: Spline) -> Smile:
    """w, w' and w'' of a spline; straight beyond its knots."""
    k = np.asarray(log_moneyness, dtype=np.float64)
    knots, w, curvature = spline.knots, spline.variances, spline.curvatures
    if knots.size == 1:
        return Smile(*(np.where(np.isnan(k), np.nan, value) for value in (w[0], 0.0 * w[0], 0.0 * w[0])))
    i = np.clip(np.searchsorted(knots, k, side="right") - 1, 0, knots.size - 2)
    left, right = wing_slopes(spline)
    below, above = np.maximum(knots[0] - k, 0.0), np.maximum(k - knots[-1], 0.0)
    return Smile(*_cubic(k - knots[i], knots[i + 1] - knots[i], w[i], w[i + 1], curvature[i], curvature[i + 1], below, above, left, right))


def wing_slopes(spline: Spline) -> tuple[float, float]:
    """dw/dk left of the first knot and right of the last one: those at the knots, as far as they may go on."""
    left, right = _end_slopes(spline)
    return min(max(left, -STEEPEST), 0.0), min(max(right, 0.0), STEEPEST)


def durrleman(*, log_moneyness: ArrayLike, spline: Spline) -> Floats:
    """g(k) of a spline; NaN where total variance is not positive."""
    k = np.asarray(log_moneyness, dtype=np.float64)
    w, slope, curvature = smile(log_moneyness=k, spline=spline)
    with np.errstate(all="ignore"):
        result: Floats = np.where(w > 0.0, _durrleman(k, np.where(w > 0.0, w, 1.0), slope, curvature), np.nan)
    return result


def _smoothed(knots: Floats, level: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Reinsch for every λ at once, a row each: (R + λ QᵀW⁻¹Q) γ = Qᵀy, w = y - λ W⁻¹Qγ; the matrix has five diagonals."""
    if knots.size < 3:
        return level[np.newaxis], np.zeros((1, knots.size))
    step = np.diff(knots)
    inverse = 1.0 / step
    first, last = inverse[:-1], inverse[1:]  # column j of Q: first[j], -first[j] - last[j], last[j] at knots j, j + 1, j + 2
    middle = -first - last
    spread = 1.0 / weight
    around = first**2 * spread[:-2] + middle**2 * spread[1:-1] + last**2 * spread[2:]
    beside = middle[:-1] * first[1:] * spread[1:-2] + last[:-1] * middle[1:] * spread[2:-1]
    apart = last[:-2] * first[2:] * spread[2:-2]
    own, next_one = (step[:-1] + step[1:]) / 3.0, step[1:-1] / 6.0
    scale = SMOOTHINGS[:, np.newaxis] * own.sum() / around.sum()
    right = np.diff(np.diff(level) * inverse)
    gamma = np.empty((SMOOTHINGS.size, right.size))
    ROOM.jobs().smooth_spline(np.stack([own, around]), np.stack([next_one, beside]), apart, right, scale[:, 0].copy(), gamma)
    bent = np.zeros((SMOOTHINGS.size, knots.size))
    bent[:, :-2] += first * gamma
    bent[:, 1:-1] += middle * gamma
    bent[:, 2:] += last * gamma
    curvatures = np.zeros((SMOOTHINGS.size, knots.size))
    curvatures[:, 1:-1] = gamma
    return level - scale * spread * bent, curvatures


def _end_slopes(spline: Spline) -> tuple[float, float]:
    """dw/dk at the first and the last knot, where w'' is nothing."""
    knots, w, curvature = spline.knots, spline.variances, spline.curvatures
    first, last = float(knots[1] - knots[0]), float(knots[-1] - knots[-2])
    left = float(w[1] - w[0]) / first - first * float(curvature[1]) / 6.0
    right = float(w[-1] - w[-2]) / last + last * float(curvature[-2]) / 6.0
    return left, right


def _least(spline: Spline, k: Floats) -> tuple[float, float]:
    """The least w and the least g at these places; NaN counts as below everything."""
    if spline.knots.size < 2:
        w = smile(log_moneyness=k, spline=spline).variances
        return float(w.min()), float(durrleman(log_moneyness=k, spline=spline).min())
    least = np.empty(2)
    ROOM.jobs().check_spline(spline.knots, spline.variances, spline.curvatures, k, np.array(wing_slopes(spline)), least)
    return float(least[0]), float(least[1])


def _first(every: list[Spline], free: Callable[[Spline], bool]) -> Spline | None:
    """The least smoothed one that is free; the more smoothed one is, the freer it is taken to be."""
    low, high = 0, len(every) - 1
    if free(every[0]):
        return every[0]
    if not free(every[-1]):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if free(every[middle]) else (middle, high)
    return every[high]


def _is_free_inside(spline: Spline) -> bool:
    """No g < 0 between the second knot and the last but one."""
    if spline.knots.size < 4:
        return True
    return _least(spline, np.linspace(spline.knots[1], spline.knots[-2], LOOKED_AT))[1] >= 0.0


def _is_free(spline: Spline, least: float) -> bool:
    """No g < 0 and no variance near nothing, at the knots, between them and ten deviations out; no concave corner at the last knots."""
    if spline.knots.size > 1:
        left, right = _end_slopes(spline)
        if left < -STEEPEST - CORNER or right > STEEPEST + CORNER:
            return False
    reach = REACH * np.sqrt(max(float(spline.variances.max()), least))
    low, high = min(-reach, float(spline.knots[0])), max(reach, float(spline.knots[-1]))
    looked_at = [np.linspace(low, high, LOOKED_AT), np.linspace(spline.knots[0], spline.knots[-1], LOOKED_AT)]
    thinnest, lowest = _least(spline, np.concatenate(looked_at))
    return thinnest > LEAST_PART * least and lowest >= -1e-9
