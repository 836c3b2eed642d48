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

from engine.quant.arrays import Bools, Floats
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitStatus
from engine.quant.formulas.smile import build_durrleman
from engine.quant.formulas.svi_fit import REACH
from engine.quant.numpy_tier import PRIMITIVES
from engine.quant.smiles.samples import samples
from engine.quant.smiles.svi import Smile

SMOOTHINGS = np.concatenate(([0.0], np.geomspace(1e-8, 1e4, 25)))
"""λ in units of the knots' own scale."""
STEEPEST = 2.0 * (1.0 - 1e-9)
LOOKED_AT = 301
LEAST_PART = 1e-3
"""Of the least variance quoted: the spline may not fall below."""
_durrleman = build_durrleman(PRIMITIVES)


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
    step = np.diff(knots)
    slope = np.diff(w) / step
    i = np.clip(np.searchsorted(knots, k, side="right") - 1, 0, step.size - 1)
    h, left, right = step[i], k - knots[i], knots[i + 1] - k
    a, b = curvature[i], curvature[i + 1]
    value = (left * w[i + 1] + right * w[i]) / h - left * right / 6.0 * ((1.0 + left / h) * b + (1.0 + right / h) * a)
    first = slope[i] - (b - a) * h / 6.0 + (b * left * left - a * right * right) / (2.0 * h)
    second = (left * b + right * a) / h
    out_left = np.clip(slope[0] - step[0] * curvature[1] / 6.0, -STEEPEST, 0.0)
    out_right = np.clip(slope[-1] + step[-1] * curvature[-2] / 6.0, 0.0, STEEPEST)
    below, above = k < knots[0], k > knots[-1]
    return Smile(
        np.where(below, w[0] + out_left * (k - knots[0]), np.where(above, w[-1] + out_right * (k - knots[-1]), value)),
        np.where(below, out_left, np.where(above, out_right, first)),
        np.where(below | above, 0.0, second),
    )


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
    gamma = _five_diagonals(own + scale * around, next_one + scale * beside, scale * apart, right)
    bent = np.zeros((SMOOTHINGS.size, knots.size))
    bent[:, :-2] += first * gamma
    bent[:, 1:-1] += middle * gamma
    bent[:, 2:] += last * gamma
    curvatures = np.zeros((SMOOTHINGS.size, knots.size))
    curvatures[:, 1:-1] = gamma
    return level - scale * spread * bent, curvatures


def _five_diagonals(a: Floats, b: Floats, c: Floats, right: Floats) -> Floats:
    """Solutions, a row each, of positive definite systems with the diagonal ``a`` and those beside it ``b`` and ``c``, by LDLᵀ."""
    rows, count = a.shape
    d, e, f, z = np.empty((count, rows)), np.zeros((count, rows)), np.zeros((count, rows)), np.empty((count, rows))
    for i in range(count):
        one, two = (d[i - 1] if i > 0 else 0.0), (d[i - 2] if i > 1 else 0.0)
        beside, apart = (e[i - 1] if i > 0 else 0.0), (f[i - 2] if i > 1 else 0.0)
        d[i] = a[:, i] - beside**2 * one - apart**2 * two
        if i + 1 < count:
            e[i] = (b[:, i] - (f[i - 1] * e[i - 1] * d[i - 1] if i > 0 else 0.0)) / d[i]
        if i + 2 < count:
            f[i] = c[:, i] / d[i]
        z[i] = right[i] - (beside * z[i - 1] if i > 0 else 0.0) - (apart * z[i - 2] if i > 1 else 0.0)
    x = z / d
    for i in range(count - 2, -1, -1):
        x[i] -= e[i] * x[i + 1] + (f[i] * x[i + 2] if i + 2 < count else 0.0)
    return np.ascontiguousarray(x.T)


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
    k = np.linspace(spline.knots[1], spline.knots[-2], LOOKED_AT)
    return bool((durrleman(log_moneyness=k, spline=spline) >= 0.0).all())


def _is_free(spline: Spline, least: float) -> bool:
    """No g < 0 and no variance near nothing, at the knots, between them and ten deviations out; no concave corner at the last knots."""
    reach = REACH * np.sqrt(max(float(spline.variances.max()), least))
    low, high = min(-reach, float(spline.knots[0])), max(reach, float(spline.knots[-1]))
    k = np.unique(np.concatenate([np.linspace(low, high, LOOKED_AT), np.linspace(spline.knots[0], spline.knots[-1], LOOKED_AT)]))
    found = smile(log_moneyness=k, spline=spline)
    thick: Bools = found.variances > LEAST_PART * least
    if not thick.all():
        return False
    g = durrleman(log_moneyness=k, spline=spline)
    edge = 1e-9 * max(1.0, float(spline.knots[-1] - spline.knots[0]))
    at = np.array([spline.knots[0] - edge, spline.knots[0], spline.knots[-1], spline.knots[-1] + edge])
    slopes = smile(log_moneyness=at, spline=spline).slopes
    convex = slopes[1] >= slopes[0] - 1e-6 and slopes[3] >= slopes[2] - 1e-6
    return bool((g >= -1e-9).all() and convex)
