"""The plain tier of the smile fits: the solvers of :mod:`engine.quant.formulas` as they stand, their passes over points by numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.formulas.essvi_fit import build_essvi_fit
from engine.quant.formulas.sabr import BUMP, build_sabr_fit, build_sabr_lognormal
from engine.quant.formulas.smile import build_durrleman, build_svi
from engine.quant.formulas.smile_checks import POINTS, build_checked, build_places
from engine.quant.formulas.spline import LOOKED_AT, ROUNDING, build_cubic, build_spline_fit
from engine.quant.formulas.ssvi import build_ssvi
from engine.quant.formulas.ssvi_fit import build_ssvi_fit
from engine.quant.formulas.svi_fit import CELLS, build_svi_fit
from engine.quant.numpy_tier import PRIMITIVES

LEAST_POINTS = 5
"""Of a raw SVI slice, which has five numbers."""
LEAST_SABR_POINTS = 3
_ssvi = build_ssvi(PRIMITIVES)
_svi = build_svi(PRIMITIVES)
_sabr = build_sabr_lognormal(PRIMITIVES)
_place = build_places(PRIMITIVES)
_checked = build_checked(PRIMITIVES)
_cubic = build_cubic(PRIMITIVES)
_durrleman = build_durrleman(PRIMITIVES)
_EVERY = np.arange(POINTS, dtype=np.float64)
_SHARES = np.arange(LOOKED_AT) / (LOOKED_AT - 1)


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def _products(weights: Floats, *columns: Floats) -> list[list[float]]:
    """The weighted sums of all products of the columns."""
    table = np.stack(columns)
    found: list[list[float]] = ((table * weights) @ table.T).tolist()
    return found


def _moments(k: Floats, w: Floats, t: Floats, m: float, sigma: float) -> tuple[float, ...]:
    x = k - m
    root = np.sqrt(x * x + sigma * sigma)
    one, p, q, _ = _products(t, np.ones(k.size), root + x, root - x, w)
    return one[0], one[1], one[2], p[1], p[2], q[2], one[3], p[3], q[3]


def _slopes(k: Floats, w: Floats, t: Floats, m: float, sigma: float, a: float, p: float, q: float) -> tuple[float, ...]:
    x = k - m
    root = np.sqrt(x * x + sigma * sigma)
    up, down = root + x, root - x
    e = w - (a + p * up + q * down)
    u = (q * down - p * up) / root
    v = (p + q) * sigma * sigma / root
    residual, by_m, by_sigma, *_ = _products(t, e, u, v, np.ones(k.size), up, down)
    ee, ue, ve = residual[:3]
    return ee, ue, ve, by_m[1], by_m[2], by_sigma[2], *by_m[3:], *by_sigma[3:]


def _essvi_sums(k: Floats, w: Floats, t: Floats, theta: float, p: float, q: float, floor_p: float, floor_q: float) -> tuple[float, ...]:
    value, z, x, y = _ssvi(k, theta, p, q)
    e, x, y, z = _products(t, w - value, x + z * floor_p, y + z * floor_q, z)
    return e[0], e[1], e[2], e[3], x[1], x[2], x[3], y[2], y[3], z[3]


def _ssvi_equations(
    k: Floats,
    w: Floats,
    t: Floats,
    begins: Indices,
    x: float,
    y: float,
    z: float,
    log_thetas: Floats,
    table: Floats,
) -> float:
    owner = np.repeat(np.arange(log_thetas.size), np.diff(begins))
    rho, eta_share, gamma_share = np.tanh(x), 1.0 / (1.0 + np.exp(-y)), 1.0 / (1.0 + np.exp(-z))
    wide = 1.0 + abs(rho)
    gamma = 0.5 * gamma_share
    log_theta = log_thetas[owner]
    theta = np.exp(log_theta)
    grown = np.log1p(theta)
    phi = 2.0 / wide * eta_share * np.exp(-gamma * log_theta - (1.0 - gamma) * grown)
    u = phi * k
    rest = 1.0 - rho * rho
    root = np.sqrt((u + rho) ** 2 + rest)
    value = 0.5 * theta * (1.0 + rho * u + root)
    by_log_phi = 0.5 * theta * (rho + (u + rho) / root) * u
    rows = (
        0.5 * theta * (u + u / root) * rest - by_log_phi * np.sign(rho) * rest / wide,
        by_log_phi * (1.0 - eta_share),
        by_log_phi * (grown - log_theta) * gamma * (1.0 - gamma_share),
        value + by_log_phi * (-gamma - (1.0 - gamma) * theta / (1.0 + theta)),
    )
    e = w - value
    for i in range(3):
        for j in range(i + 1):
            table[i, j] = np.sum(t * rows[i] * rows[j])
        table[i, 4] = np.sum(t * rows[i] * e)
    for j in range(4):
        table[3:, j] = np.bincount(owner, weights=t * rows[3] * rows[j], minlength=log_thetas.size)
    table[3:, 4] = np.bincount(owner, weights=t * rows[3] * e, minlength=log_thetas.size)
    return float(np.sum(t * e * e))


def _sabr_sums(k: Floats, vols: Floats, t: Floats, years: float, beta: float, a: float, rho: float, nu: float) -> tuple[float, ...]:
    value = _sabr(k, years, a, beta, rho, nu)
    x = (_sabr(k, years, a * (1.0 + BUMP), beta, rho, nu) - value) / BUMP
    y = (
        (_sabr(k, years, a, beta, rho + BUMP, nu) - value) / BUMP
        if rho < 0.0
        else (value - _sabr(k, years, a, beta, rho - BUMP, nu)) / BUMP
    )
    z = (_sabr(k, years, a, beta, rho, nu * (1.0 + BUMP)) - value) / BUMP
    e, x, y, z = _products(t, vols - value, x, y, z)
    return e[0], e[1], e[2], e[3], x[1], x[2], x[3], y[2], y[3], z[3]


def _least_g(a: float, b: float, rho: float, m: float, sigma: float, low: float, high: float) -> tuple[float, float]:
    k = _place(_EVERY, low, high, m, sigma)
    g = _checked(k, a, b, rho, m, sigma)
    at = int(np.argmin(g))
    return float(g[at]), float(k[at])


def _gathered(k: Floats, w: Floats, t: Floats, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    cell = np.minimum(((k - low) * (CELLS / (high - low))).astype(np.intp), CELLS - 1)
    weight, places, levels = (np.bincount(cell, weights=column, minlength=CELLS).astype(np.float64) for column in (t, t * k, t * w))
    filled = weight > 0.0
    return places[filled] / weight[filled], levels[filled] / weight[filled], weight[filled]


def _look(knots: Floats, w: Floats, curvatures: Floats, low: float, high: float, left: float, right: float, least: float) -> bool:
    places = low + (high - low) * _SHARES
    i = np.clip(np.searchsorted(knots, places, side="right") - 1, 0, knots.size - 2)
    below, above = np.maximum(knots[0] - places, 0.0), np.maximum(places - knots[-1], 0.0)
    cell = (knots[i + 1] - knots[i], w[i], w[i + 1], curvatures[i], curvatures[i + 1])
    value, slope, curvature = _cubic(places - knots[i], *cell, below, above, left, right)
    g = _durrleman(places, value, slope, curvature)
    return bool(((value > least) & (g >= -ROUNDING)).all())


_svi_fit = build_svi_fit(_as_it_is, _moments, _slopes, _least_g, _gathered)
_essvi_fit = build_essvi_fit(_as_it_is, _essvi_sums)
_ssvi_fit = build_ssvi_fit(_as_it_is, _ssvi_equations)
_sabr_fit = build_sabr_fit(_as_it_is, _sabr_sums)
_spline_fit = build_spline_fit(_as_it_is, _look)


def fit_svi(k: Floats, w: Floats, weights: Floats, begins: Indices, starts: Floats, out: Floats, squares: Floats) -> None:
    """Raw SVI of every slice."""
    with np.errstate(all="ignore"):
        for i in range(out.shape[0]):
            a, b = begins[i], begins[i + 1]
            out[i] = squares[i] = np.nan
            if b - a >= LEAST_POINTS:
                squares[i] = _svi_fit(k[a:b], w[a:b], weights[a:b], starts[i, 0], starts[i, 1], out[i])


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
    """Slices of eSSVI, each above the one before."""
    before = tuple(below.tolist())
    with np.errstate(all="ignore"):
        for i in range(out.shape[0]):
            a, b = begins[i], begins[i + 1]
            if fresh[i]:
                before = (0.0, 0.0, 0.0)
            out[i] = squares[i] = np.nan
            if b > a:
                squares[i] = _essvi_fit(k[a:b], w[a:b], weights[a:b], *before, starts[i], out[i])
                before = tuple(out[i].tolist())


def fit_ssvi(
    k: Floats, w: Floats, weights: Floats, begins: Indices, surfaces: Indices, thetas: Floats, out: Floats, squares: Floats
) -> None:
    """SSVI surfaces."""
    with np.errstate(all="ignore"):
        for i in range(out.shape[0]):
            a, b = surfaces[i], surfaces[i + 1]
            now, then, trial = np.empty((b - a + 3, 5)), np.empty((b - a + 3, 5)), np.empty(b - a)
            low, high = begins[a], begins[b]
            cut = begins[a : b + 1] - low
            squares[i] = _ssvi_fit(k[low:high], w[low:high], weights[low:high], cut, now, then, trial, out[i], thetas[a:b])


def fit_sabr(k: Floats, vols: Floats, weights: Floats, begins: Indices, years: Floats, betas: Floats, out: Floats, squares: Floats) -> None:
    """Lognormal SABR of every slice."""
    with np.errstate(all="ignore"):
        for i in range(out.shape[0]):
            a, b = begins[i], begins[i + 1]
            out[i] = squares[i] = np.nan
            if b - a >= LEAST_SABR_POINTS:
                squares[i] = _sabr_fit(k[a:b], vols[a:b], weights[a:b], float(years[i]), float(betas[i]), out[i])


def fit_splines(knots: Floats, levels: Floats, terms: Floats, begins: Indices, out: Floats, told: Floats) -> None:
    """The smoothing splines of slices."""
    with np.errstate(all="ignore"):
        for i in range(told.shape[0]):
            a, b = begins[i], begins[i + 1]
            told[i] = np.nan
            if b > a:
                told[i] = _spline_fit(knots[a:b], levels[a:b], terms[:, a:b], out[0, a:b], out[1, a:b])


def _checked_places(slices: Floats, lows: Floats, highs: Floats) -> Floats:
    """A row of places a slice."""
    found: Floats = _place(_EVERY, lows[:, None], highs[:, None], slices[:, 3:4], slices[:, 4:5])
    return found


def check_butterflies(slices: Floats, lows: Floats, highs: Floats, least: Floats, places: Floats) -> None:
    """The least g of every slice, and where it was found."""
    with np.errstate(all="ignore"):
        k = _checked_places(slices, lows, highs)
        g = _checked(k, *slices.T[:, :, None])
        rows = np.arange(slices.shape[0])
        at = np.argmin(np.where(np.isnan(g), np.inf, g), axis=1)
        least[:], places[:] = g[rows, at], k[rows, at]


def check_calendars(slices: Floats, lows: Floats, highs: Floats, fresh: Bytes, falls: Floats, places: Floats) -> None:
    """By how much total variance falls at most from the slice before to this one, and where."""
    falls[:], places[:] = np.nan, np.nan
    later = np.flatnonzero(fresh[1:] == 0) + 1
    if not later.size:
        return
    with np.errstate(all="ignore"):
        k = np.clip(_checked_places(slices, lows, highs), lows[:, None], highs[:, None])[later]
        before, after = _svi(k, *slices[later - 1].T[:, :, None])[0], _svi(k, *slices[later].T[:, :, None])[0]
        fall = before - after
        rows = np.arange(later.size)
        at = np.argmax(np.where(np.isnan(fall), -np.inf, fall), axis=1)
        falls[later], places[later] = fall[rows, at], k[rows, at]
