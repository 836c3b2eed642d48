"""The smile fits, compiled: the solvers of :mod:`engine.quant.formulas` with their passes over points as loops."""

import math

import numpy as np

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.formulas.essvi_fit import build_essvi_fit
from engine.quant.formulas.sabr import BUMP, build_sabr_fit, build_sabr_lognormal
from engine.quant.formulas.smile import build_svi
from engine.quant.formulas.smile_checks import POINTS, build_checked, build_places
from engine.quant.formulas.ssvi import build_ssvi
from engine.quant.formulas.ssvi_fit import build_ssvi_fit
from engine.quant.formulas.svi_fit import CELLS, build_svi_fit
from engine.quant.kernels.compiling import compiled, kernel, summed
from engine.quant.kernels.elementary import PRIMITIVES

LEAST_POINTS = 5
LEAST_SABR_POINTS = 3
_ssvi = build_ssvi(PRIMITIVES)
_svi = build_svi(PRIMITIVES)
_sabr = build_sabr_lognormal(PRIMITIVES)
_place = build_places(PRIMITIVES)
_checked = build_checked(PRIMITIVES)


@summed
def _moments(k: Floats, w: Floats, t: Floats, m: float, sigma: float) -> tuple[float, ...]:
    one, tp, tq, pp, pq, qq, tw, pw, qw = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    square = sigma * sigma
    for i in range(k.size):
        x = k[i] - m
        root = math.sqrt(x * x + square)
        up, down, weight = root + x, root - x, t[i]
        wp, wq = weight * up, weight * down
        one += weight
        tp += wp
        tq += wq
        pp += wp * up
        pq += wp * down
        qq += wq * down
        tw += weight * w[i]
        pw += wp * w[i]
        qw += wq * w[i]
    return one, tp, tq, pp, pq, qq, tw, pw, qw


@summed
def _slopes(k: Floats, w: Floats, t: Floats, m: float, sigma: float, a: float, p: float, q: float) -> tuple[float, ...]:
    ee, ue, ve, uu, uv, vv = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    u1, u_up, u_down, v1, v_up, v_down = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    square = sigma * sigma
    for i in range(k.size):
        x = k[i] - m
        root = math.sqrt(x * x + square)
        inverse = 1.0 / root
        up, down, weight = root + x, root - x, t[i]
        e = w[i] - (a + p * up + q * down)
        u = (q * down - p * up) * inverse
        v = (p + q) * square * inverse
        tu, tv = weight * u, weight * v
        ee += weight * e * e
        ue += tu * e
        ve += tv * e
        uu += tu * u
        uv += tu * v
        vv += tv * v
        u1 += tu
        u_up += tu * up
        u_down += tu * down
        v1 += tv
        v_up += tv * up
        v_down += tv * down
    return ee, ue, ve, uu, uv, vv, u1, u_up, u_down, v1, v_up, v_down


@summed
def _essvi_sums(k: Floats, w: Floats, t: Floats, theta: float, p: float, q: float, floor_p: float, floor_q: float) -> tuple[float, ...]:
    ee, xe, ye, ze, xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(k.size):
        value, z, by_p, by_q = _ssvi(k[i], theta, p, q)
        e, x, y, weight = w[i] - value, by_p + z * floor_p, by_q + z * floor_q, t[i]
        ee += weight * e * e
        xe += weight * x * e
        ye += weight * y * e
        ze += weight * z * e
        xx += weight * x * x
        xy += weight * x * y
        xz += weight * x * z
        yy += weight * y * y
        yz += weight * y * z
        zz += weight * z * z
    return ee, xe, ye, ze, xx, xy, xz, yy, yz, zz


@compiled
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
    rho, eta_share, gamma_share = math.tanh(x), 1.0 / (1.0 + math.exp(-y)), 1.0 / (1.0 + math.exp(-z))
    wide = 1.0 + abs(rho)
    gamma = 0.5 * gamma_share
    rest = 1.0 - rho * rho
    turn = rest / wide if rho > 0.0 else (-rest / wide if rho < 0.0 else 0.0)
    total = 0.0
    table[:] = 0.0
    for s in range(log_thetas.size):
        theta = math.exp(log_thetas[s])
        grown = math.log1p(theta)
        phi = 2.0 / wide * eta_share * math.exp(-gamma * log_thetas[s] - (1.0 - gamma) * grown)
        by_gamma = (grown - log_thetas[s]) * gamma * (1.0 - gamma_share)
        by_theta = -gamma - (1.0 - gamma) * theta / (1.0 + theta)
        r0, r1, r2, r3, own = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(begins[s], begins[s + 1]):
            u = phi * k[i]
            root = math.sqrt((u + rho) * (u + rho) + rest)
            value = 0.5 * theta * (1.0 + rho * u + root)
            by_log_phi = 0.5 * theta * (rho + (u + rho) / root) * u
            j0 = 0.5 * theta * (u + u / root) * rest - by_log_phi * turn
            j1 = by_log_phi * (1.0 - eta_share)
            j2 = by_log_phi * by_gamma
            j3 = value + by_log_phi * by_theta
            e, weight = w[i] - value, t[i]
            total += weight * e * e
            table[0, 0] += weight * j0 * j0
            table[1, 0] += weight * j1 * j0
            table[1, 1] += weight * j1 * j1
            table[2, 0] += weight * j2 * j0
            table[2, 1] += weight * j2 * j1
            table[2, 2] += weight * j2 * j2
            table[0, 4] += weight * j0 * e
            table[1, 4] += weight * j1 * e
            table[2, 4] += weight * j2 * e
            r0 += weight * j3 * j0
            r1 += weight * j3 * j1
            r2 += weight * j3 * j2
            r3 += weight * j3 * j3
            own += weight * j3 * e
        row = table[3 + s]
        row[0], row[1], row[2], row[3], row[4] = r0, r1, r2, r3, own
    return total


@summed
def _sabr_sums(k: Floats, vols: Floats, t: Floats, years: float, beta: float, a: float, rho: float, nu: float) -> tuple[float, ...]:
    ee, xe, ye, ze, xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    bump = BUMP if rho < 0.0 else -BUMP
    for i in range(k.size):
        value = _sabr(k[i], years, a, beta, rho, nu)
        x = (_sabr(k[i], years, a * (1.0 + BUMP), beta, rho, nu) - value) / BUMP
        y = (_sabr(k[i], years, a, beta, rho + bump, nu) - value) / bump
        z = (_sabr(k[i], years, a, beta, rho, nu * (1.0 + BUMP)) - value) / BUMP
        e, weight = vols[i] - value, t[i]
        ee += weight * e * e
        xe += weight * x * e
        ye += weight * y * e
        ze += weight * z * e
        xx += weight * x * x
        xy += weight * x * y
        xz += weight * x * z
        yy += weight * y * y
        yz += weight * y * z
        zz += weight * z * z
    return ee, xe, ye, ze, xx, xy, xz, yy, yz, zz


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


_svi_fit = build_svi_fit(compiled, _moments, _slopes, _least_g, _gathered)
_essvi_fit = build_essvi_fit(compiled, _essvi_sums)
_ssvi_fit = build_ssvi_fit(compiled, _ssvi_equations)
_sabr_fit = build_sabr_fit(compiled, _sabr_sums)


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
