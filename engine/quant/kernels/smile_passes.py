"""The passes of the smile fits over the points of a slice, compiled; what each sums is told where the solver is built."""

import math
from collections.abc import Callable
from typing import Any

from engine.quant.arrays import Floats, Indices
from engine.quant.formulas.sabr import BUMP, build_sabr_lognormal
from engine.quant.formulas.ssvi import build_ssvi
from engine.quant.kernels.compiling import compiled, inlined, summed
from engine.quant.kernels.elementary import PRIMITIVES

_ssvi = build_ssvi(PRIMITIVES)
_sabr = build_sabr_lognormal(PRIMITIVES)


@summed
def moments(k: Floats, w: Floats, t: Floats, m: float, sigma: float) -> tuple[float, ...]:
    """What :func:`engine.quant.formulas.svi_fit.build_svi_fit` calls so."""
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
def slopes(k: Floats, w: Floats, t: Floats, m: float, sigma: float, a: float, p: float, q: float) -> tuple[float, ...]:
    """Likewise."""
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


def _three_sums(derived: Callable[..., Any]) -> Callable[..., Any]:
    """The weighted sums of e² and of xe, ye, ze, xx, xy, xz, yy, yz, zz for a model of five numbers.

    ``derived(k, *numbers)`` is the model at a point, and its derivatives x, y and z.
    """

    @summed
    def sums(k: Floats, y: Floats, t: Floats, c1: float, c2: float, c3: float, c4: float, c5: float) -> tuple[float, ...]:
        ee, xe, ye, ze, xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(k.size):
            value, by_x, by_y, by_z = derived(k[i], c1, c2, c3, c4, c5)
            e, weight = y[i] - value, t[i]
            ee += weight * e * e
            xe += weight * by_x * e
            ye += weight * by_y * e
            ze += weight * by_z * e
            xx += weight * by_x * by_x
            xy += weight * by_x * by_y
            xz += weight * by_x * by_z
            yy += weight * by_y * by_y
            yz += weight * by_y * by_z
            zz += weight * by_z * by_z
        return ee, xe, ye, ze, xx, xy, xz, yy, yz, zz

    result: Callable[..., Any] = sums
    return result


@inlined
def _essvi_derived(k: float, theta: float, p: float, q: float, floor_p: float, floor_q: float) -> tuple[float, float, float, float]:
    value, z, by_p, by_q = _ssvi(k, theta, p, q)
    return value, by_p + z * floor_p, by_q + z * floor_q, z


@inlined
def _sabr_derived(k: float, years: float, beta: float, a: float, rho: float, nu: float) -> tuple[float, float, float, float]:
    bump = BUMP if rho < 0.0 else -BUMP
    value = _sabr(k, years, a, beta, rho, nu)
    x = (_sabr(k, years, a * (1.0 + BUMP), beta, rho, nu) - value) / BUMP
    y = (_sabr(k, years, a, beta, rho + bump, nu) - value) / bump
    z = (_sabr(k, years, a, beta, rho, nu * (1.0 + BUMP)) - value) / BUMP
    return value, x, y, z


essvi_sums = _three_sums(_essvi_derived)
"""Of :func:`engine.quant.formulas.essvi_fit.build_essvi_fit`."""
sabr_sums = _three_sums(_sabr_derived)
"""Of :func:`engine.quant.formulas.sabr.build_sabr_fit`."""


@compiled
def ssvi_equations(
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
    """Of :func:`engine.quant.formulas.ssvi_fit.build_ssvi_fit`."""
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
