"""The smile fits, compiled: the solvers of :mod:`engine.quant.formulas` with their passes over points as loops."""

import math

import numpy as np

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.formulas.essvi_fit import build_essvi_fit
from engine.quant.formulas.sabr import build_sabr_fit
from engine.quant.formulas.smile import build_durrleman, build_svi
from engine.quant.formulas.smile_checks import POINTS, build_checked, build_places
from engine.quant.formulas.spline import LOOKED_AT, ROUNDING, build_cubic, build_spline_fit
from engine.quant.formulas.ssvi_fit import build_ssvi_fit
from engine.quant.formulas.svi_fit import CELLS, build_svi_fit
from engine.quant.kernels.compiling import compiled, kernel
from engine.quant.kernels.elementary import PRIMITIVES
from engine.quant.kernels.smile_passes import essvi_sums, moments, sabr_sums, slopes, ssvi_equations

LEAST_POINTS = 5
LEAST_SABR_POINTS = 3
_svi = build_svi(PRIMITIVES)
_place = build_places(PRIMITIVES)
_checked = build_checked(PRIMITIVES)
_cubic = build_cubic(PRIMITIVES)
_durrleman = build_durrleman(PRIMITIVES)


@compiled
def _least_g(a: float, b: float, rho: float, m: float, sigma: float, low: float, high: float) -> tuple[float, float]:
    table = np.empty(POINTS)
    for j in range(POINTS):  # a loop of its own: with the search in it, it would not be vectorised
        table[j] = _checked(_place(float(j), low, high, m, sigma), a, b, rho, m, sigma)
    lowest, at = math.inf, 0
    for j in range(POINTS):
        if table[j] < lowest:
            lowest, at = table[j], j
    return lowest, _place(float(at), low, high, m, sigma)


@compiled
def _gathered(k: Floats, w: Floats, t: Floats, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    table = np.zeros((3, CELLS))
    scale = CELLS / (high - low)
    for i in range(k.size):
        cell = min(int((k[i] - low) * scale), CELLS - 1)
        table[0, cell] += t[i] * k[i]
        table[1, cell] += t[i] * w[i]
        table[2, cell] += t[i]
    filled = 0
    for cell in range(CELLS):
        weight = table[2, cell]
        if weight > 0.0:
            table[0, filled], table[1, filled], table[2, filled] = table[0, cell] / weight, table[1, cell] / weight, weight
            filled += 1
    return table[0, :filled], table[1, :filled], table[2, :filled]


@compiled
def _look(knots: Floats, w: Floats, curvatures: Floats, low: float, high: float, left: float, right: float, least: float) -> bool:
    last, i = knots.size - 1, 0
    for j in range(LOOKED_AT):
        k = low + (high - low) * (j / (LOOKED_AT - 1))
        while i < last - 1 and k >= knots[i + 1]:
            i += 1
        step, below, above = knots[i + 1] - knots[i], max(knots[0] - k, 0.0), max(k - knots[last], 0.0)
        value, slope, curvature = _cubic(k - knots[i], step, w[i], w[i + 1], curvatures[i], curvatures[i + 1], below, above, left, right)
        if not (value > least and _durrleman(k, value, slope, curvature) >= -ROUNDING):
            return False
    return True


_svi_fit = build_svi_fit(compiled, moments, slopes, _least_g, _gathered)
_essvi_fit = build_essvi_fit(compiled, essvi_sums)
_ssvi_fit = build_ssvi_fit(compiled, ssvi_equations)
_sabr_fit = build_sabr_fit(compiled, sabr_sums)
_spline_fit = build_spline_fit(compiled, _look)


@kernel("(f8[::1], f8[::1], f8[::1], i8[::1], f8[:,::1], f8[:,::1], f8[::1])")
def fit_svi(k: Floats, w: Floats, weights: Floats, begins: Indices, starts: Floats, out: Floats, squares: Floats) -> None:
    """Raw SVI of every slice: rows of (a, b, ρ, m, σ), and the weighted sums of squares."""
    for i in range(out.shape[0]):
        a, b = begins[i], begins[i + 1]
        if b - a >= LEAST_POINTS:
            squares[i] = _svi_fit(k[a:b], w[a:b], weights[a:b], starts[i, 0], starts[i, 1], out[i])
        else:
            squares[i] = np.nan
            out[i] = np.nan


@kernel("(f8[::1], f8[::1], f8[::1], i8[::1], i1[::1], f8[::1], f8[:,::1], f8[:,::1], f8[::1])")
def fit_essvi(
    k: Floats,
    w: Floats,
    weights: Floats,
    begins: Indices,
    fresh: Bytes,
    below: Floats,
    starts: Floats,
    out: Floats,
    squares: Floats,
) -> None:
    """Slices of eSSVI, rows of (θ, p, q), each above the one before; where ``fresh`` is set none lies before."""
    theta, p, q = below[0], below[1], below[2]
    for i in range(out.shape[0]):
        a, b = begins[i], begins[i + 1]
        if fresh[i]:
            theta, p, q = 0.0, 0.0, 0.0
        if b > a:
            squares[i] = _essvi_fit(k[a:b], w[a:b], weights[a:b], theta, p, q, starts[i], out[i])
            theta, p, q = out[i, 0], out[i, 1], out[i, 2]
        else:
            squares[i] = np.nan
            out[i] = np.nan


@kernel("(f8[::1], f8[::1], f8[::1], i8[::1], i8[::1], f8[::1], f8[:,::1], f8[::1])")
def fit_ssvi(
    k: Floats, w: Floats, weights: Floats, begins: Indices, surfaces: Indices, thetas: Floats, out: Floats, squares: Floats
) -> None:
    """SSVI surfaces: rows of (ρ, η, γ), and the θ of their slices."""
    for i in range(out.shape[0]):
        a, b = surfaces[i], surfaces[i + 1]
        now, then, trial = np.empty((b - a + 3, 5)), np.empty((b - a + 3, 5)), np.empty(b - a)
        low, high = begins[a], begins[b]
        cut = begins[a : b + 1] - low
        squares[i] = _ssvi_fit(k[low:high], w[low:high], weights[low:high], cut, now, then, trial, out[i], thetas[a:b])


@kernel("(f8[::1], f8[::1], f8[::1], i8[::1], f8[::1], f8[::1], f8[:,::1], f8[::1])")
def fit_sabr(k: Floats, vols: Floats, weights: Floats, begins: Indices, years: Floats, betas: Floats, out: Floats, squares: Floats) -> None:
    """Lognormal SABR of every slice: rows of (αF^(β-1), ρ, ν)."""
    for i in range(out.shape[0]):
        a, b = begins[i], begins[i + 1]
        if b - a >= LEAST_SABR_POINTS:
            squares[i] = _sabr_fit(k[a:b], vols[a:b], weights[a:b], years[i], betas[i], out[i])
        else:
            squares[i] = np.nan
            out[i] = np.nan


@kernel("(f8[::1], f8[::1], f8[:,::1], i8[::1], f8[:,::1], f8[:,::1])")
def fit_splines(knots: Floats, levels: Floats, terms: Floats, begins: Indices, out: Floats, told: Floats) -> None:
    """The smoothing splines of slices: rows of w and of w'' at the knots, and of every slice (λ, arbitrage, slopes beyond the knots)."""
    for i in range(told.shape[0]):
        a, b = begins[i], begins[i + 1]
        if b > a:
            smoothing, arbitrage, left, right = _spline_fit(knots[a:b], levels[a:b], terms[:, a:b], out[0, a:b], out[1, a:b])
            told[i, 0], told[i, 1], told[i, 2], told[i, 3] = smoothing, arbitrage, left, right
        else:
            told[i] = np.nan


@kernel("(f8[:,::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def check_butterflies(slices: Floats, lows: Floats, highs: Floats, least: Floats, places: Floats) -> None:
    """The least g of every raw SVI slice, and where it was found."""
    for i in range(slices.shape[0]):
        a, b, rho, m, sigma = slices[i, 0], slices[i, 1], slices[i, 2], slices[i, 3], slices[i, 4]
        lowest, place = _least_g(a, b, rho, m, sigma, lows[i], highs[i])
        least[i] = lowest if lowest < math.inf else np.nan
        places[i] = place


@kernel("(f8[:,::1], f8[::1], f8[::1], i1[::1], f8[::1], f8[::1])")
def check_calendars(slices: Floats, lows: Floats, highs: Floats, fresh: Bytes, falls: Floats, places: Floats) -> None:
    """By how much total variance falls at most from the slice before to this one, and where."""
    for i in range(slices.shape[0]):
        falls[i] = np.nan
        places[i] = np.nan
        if i == 0 or fresh[i]:
            continue
        most, place = -math.inf, lows[i]
        for j in range(POINTS):
            k = min(max(_place(float(j), lows[i], highs[i], slices[i, 3], slices[i, 4]), lows[i]), highs[i])
            before, _, _ = _svi(k, slices[i - 1, 0], slices[i - 1, 1], slices[i - 1, 2], slices[i - 1, 3], slices[i - 1, 4])
            after, _, _ = _svi(k, slices[i, 0], slices[i, 1], slices[i, 2], slices[i, 3], slices[i, 4])
            if before - after > most:
                most, place = before - after, k
        if most > -math.inf:
            falls[i], places[i] = most, place
