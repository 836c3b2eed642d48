"""The smile fits, compiled: the solvers of :mod:`engine.quant.formulas` with their passes over points as loops."""

import math

import numpy as np

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.formulas.essvi_fit import build_essvi_fit
from engine.quant.formulas.sabr import build_sabr_fit
from engine.quant.formulas.smile import build_durrleman, build_svi
from engine.quant.formulas.smile_checks import POINTS, build_checked, build_places
from engine.quant.formulas.spline import build_cubic, build_five_diagonals
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


_svi_fit = build_svi_fit(compiled, moments, slopes, _least_g, _gathered)
_essvi_fit = build_essvi_fit(compiled, essvi_sums)
_ssvi_fit = build_ssvi_fit(compiled, ssvi_equations)
_sabr_fit = build_sabr_fit(compiled, sabr_sums)
_five_diagonals = build_five_diagonals(compiled)


@kernel("(f8[::1], f8[::1], f8[::1], i8[::1], f8[:,::1], f8[::1])")
def fit_svi(k: Floats, w: Floats, weights: Floats, begins: Indices, out: Floats, squares: Floats) -> None:
    """Raw SVI of every slice: rows of (a, b, ρ, m, σ), and the weighted sums of squares."""
    for i in range(out.shape[0]):
        a, b = begins[i], begins[i + 1]
        if b - a >= LEAST_POINTS:
            squares[i] = _svi_fit(k[a:b], w[a:b], weights[a:b], out[i])
        else:
            squares[i] = np.nan
            out[i] = np.nan


@kernel("(f8[::1], f8[::1], f8[::1], i8[::1], i1[::1], f8[:,::1], f8[::1])")
def fit_essvi(k: Floats, w: Floats, weights: Floats, begins: Indices, fresh: Bytes, out: Floats, squares: Floats) -> None:
    """Slices of eSSVI, rows of (θ, p, q), each above the one before; where ``fresh`` is set none lies before."""
    theta, p, q = 0.0, 0.0, 0.0
    for i in range(out.shape[0]):
        a, b = begins[i], begins[i + 1]
        if fresh[i]:
            theta, p, q = 0.0, 0.0, 0.0
        if b > a:
            squares[i] = _essvi_fit(k[a:b], w[a:b], weights[a:b], theta, p, q, out[i])
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


@kernel("(f8[:,::1], f8[:,::1], f8[::1], f8[::1], f8[::1], f8[:,::1])")
def smooth_spline(own: Floats, beside: Floats, apart: Floats, right: Floats, scales: Floats, out: Floats) -> None:
    """The smoothing spline of every scale."""
    d, e, f = np.empty(right.size), np.empty(right.size), np.empty(right.size)
    for i in range(scales.size):
        scale = scales[i]
        _five_diagonals(own[0] + scale * own[1], beside[0] + scale * beside[1], scale * apart, right, d, e, f, out[i])


@kernel("(f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def check_spline(knots: Floats, variances: Floats, curvatures: Floats, places: Floats, slopes: Floats, least: Floats) -> None:
    """The least w and the least g of a spline."""
    lowest, least_g, last = math.inf, math.inf, knots.size - 1
    i = 0
    for j in range(places.size):
        k = places[j]
        while i > 0 and k < knots[i]:
            i -= 1
        while i < last - 1 and k >= knots[i + 1]:
            i += 1
        step, below, above = knots[i + 1] - knots[i], max(knots[0] - k, 0.0), max(k - knots[last], 0.0)
        w, slope, curvature = _cubic(
            k - knots[i], step, variances[i], variances[i + 1], curvatures[i], curvatures[i + 1], below, above, slopes[0], slopes[1]
        )
        g = _durrleman(k, w, slope, curvature)
        lowest = -math.inf if math.isnan(w) else min(lowest, w)
        least_g = -math.inf if math.isnan(g) else min(least_g, g)
    least[0], least[1] = lowest, least_g


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
