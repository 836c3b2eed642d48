# ruff: noqa: FBT001 - the search takes its two switches by position, as compiled code does
"""The compiled recursions of volatility forecasts: one value a session after the other, so fast by being in one pass, not by SIMD."""

import math
from typing import cast

from numba import njit

from engine.quant.arrays import Floats
from engine.quant.formulas.garch import BETA, DOWN, NU, OMEGA, UP, build_fit, build_student_constant
from engine.quant.kernels.compiling import FAST_MATH, Function, kernel

CHUNK = 8
"""Variances multiplied before one logarithm is taken of them."""
HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)


@kernel("(f8[::1], f8, f8, f8[::1])")
def ewma(squares: Floats, decay: float, start: float, out: Floats) -> None:
    """The variance after each square: v = decay v + (1 - decay) x; a missing square leaves it as it was."""
    variance = start
    for i in range(squares.size):
        x = squares[i]
        variance = decay * variance + (1.0 - decay) * x if 0.0 <= x < math.inf else variance
        out[i] = variance


@kernel("(f8[::1], f8, f8[::1], f8[::1])")
def garch_variances(returns: Floats, backcast: float, natural: Floats, out: Floats) -> None:
    """The variance before each return, and after the last: ``out`` is one longer."""
    omega, up, down, beta = natural[OMEGA], natural[UP], natural[DOWN], natural[BETA]
    h = omega + (0.5 * (up + down) + beta) * backcast
    out[0] = h
    for i in range(returns.size):
        e = returns[i]
        h = omega + (up if e >= 0.0 else down) * e * e + beta * h
        out[i + 1] = h


def apart(function: Function) -> Function:
    """Compiled out of line: called a few times a fit, where inlining buys nothing and costs seconds of compilation."""
    return cast(Function, njit(fastmath=set(FAST_MATH), error_model="numpy", nogil=True)(function))


_student_constant = build_student_constant(apart)


@apart
def _loss(returns: Floats, backcast: float, natural: Floats, student: bool) -> float:
    """The sum of losses alone."""
    omega, up, down, beta, nu = natural[OMEGA], natural[UP], natural[DOWN], natural[BETA], natural[NU]
    h = omega + (0.5 * (up + down) + beta) * backcast
    spare = 1.0 / (nu - 2.0) if student else 0.0
    product, logs, total = 1.0, 0.0, 0.0
    tails = 1.0
    for i in range(returns.size):
        e = returns[i]
        square = e * e
        product *= h
        if student:
            tails *= 1.0 + square * spare / h
        else:
            total += square / h
        if i % CHUNK == CHUNK - 1:
            logs += math.log(product)
            product = 1.0
            if student:
                total += math.log(tails)
                tails = 1.0
        h = omega + (up if e >= 0.0 else down) * square + beta * h
    logs += math.log(product)
    if student:
        total = (nu + 1.0) * (total + math.log(tails)) + 2.0 * returns.size * _student_constant(nu)[0]
    else:
        total += 2.0 * returns.size * HALF_LOG_2_PI
    return 0.5 * (logs + total)


@apart
def _symmetric_derivatives(returns: Floats, backcast: float, natural: Floats, g: Floats, H: Floats) -> float:
    """The sum of losses of normal returns, its gradient and its Hessian, where both signs weigh alike: the upward row stands for both."""
    omega, alpha, beta = natural[OMEGA], natural[UP], natural[BETA]
    h = omega + (alpha + beta) * backcast
    d0, d1, d3 = 1.0, backcast, backcast
    s0, s1, s3 = 0.0, 0.0, 0.0  # half of the last, which is of β twice
    g0, g1, g3, m0, m1, m3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    h00, h01, h03, h11, h13, h33 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    logs, total = 0.0, 0.0
    for start in range(0, returns.size, CHUNK):
        product = 1.0
        for i in range(start, min(start + CHUNK, returns.size)):
            square = returns[i] * returns[i]
            r = 1.0 / h
            product *= h
            u = square * r
            total += u
            a = r - u * r  # twice the slope of a loss in h
            c = r * r * (u - 0.5)
            g0, g1, g3 = g0 + a * d0, g1 + a * d1, g3 + a * d3
            m0, m1, m3 = m0 + a * s0, m1 + a * s1, m3 + a * s3
            c0, c1, c3 = c * d0, c * d1, c * d3
            h00, h01, h03 = h00 + c0 * d0, h01 + c0 * d1, h03 + c0 * d3
            h11, h13, h33 = h11 + c1 * d1, h13 + c1 * d3, h33 + c3 * d3
            s0, s1, s3 = d0 + beta * s0, d1 + beta * s1, d3 + beta * s3
            d0, d1, d3 = 1.0 + beta * d0, square + beta * d1, h + beta * d3
            h = (omega + alpha * square) + beta * h
        logs += math.log(product)
    g[:], H[:] = 0.0, 0.0
    g[OMEGA], g[UP], g[BETA] = 0.5 * g0, 0.5 * g1, 0.5 * g3
    H[OMEGA, OMEGA], H[UP, UP], H[BETA, BETA] = h00, h11, h33 + m3
    H[OMEGA, UP], H[OMEGA, BETA], H[UP, BETA] = h01, h03 + 0.5 * m0, h13 + 0.5 * m1
    H[UP, OMEGA], H[BETA, OMEGA], H[BETA, UP] = H[OMEGA, UP], H[OMEGA, BETA], H[UP, BETA]
    return 0.5 * (logs + total) + float(returns.size) * HALF_LOG_2_PI


@apart
def _derivatives(returns: Floats, backcast: float, natural: Floats, student: bool, asymmetric: bool, g: Floats, H: Floats) -> float:
    """The sum of losses, its gradient and its Hessian, in one pass."""
    if not student and not asymmetric:
        return float(_symmetric_derivatives(returns, backcast, natural, g, H))
    omega, up, down, beta, nu = natural[OMEGA], natural[UP], natural[DOWN], natural[BETA], natural[NU]
    half = 0.5 * backcast
    h = omega + (up + down) * half + beta * backcast
    d0, d1, d2, d3 = 1.0, half, half, backcast  # dh / d(omega, up, down, beta)
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0  # d2h / d(each) d(beta), half of the last
    g0, g1, g2, g3, g4 = 0.0, 0.0, 0.0, 0.0, 0.0
    m0, m1, m2, m3 = 0.0, 0.0, 0.0, 0.0
    h00, h01, h02, h03, h11, h12, h13, h22, h23, h33 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    h04, h14, h24, h34, h44 = 0.0, 0.0, 0.0, 0.0, 0.0
    spread, power = nu - 2.0, 0.5 * (nu + 1.0)
    apart_by = 1.0 / spread
    logs, total = 0.0, 0.0
    for start in range(0, returns.size, CHUNK):
        product, tails = 1.0, 1.0
        for i in range(start, min(start + CHUNK, returns.size)):
            e = returns[i]
            square = e * e
            r = 1.0 / h
            product *= h
            if student:
                w = 1.0 / (spread * h + square)
                share = square * w  # u / (nu - 2 + u)
                tails *= 1.0 + square * r * apart_by
                a = r * (0.5 - power * share)
                c = r * r * (power * share * (1.0 + spread * h * w) - 0.5)
                cross = power * square * w * w - 0.5 * share * r
                g4 -= power * share * apart_by
                h44 += (power * (1.0 + spread * h * w) * share * apart_by - share) * apart_by
                h04, h14, h24, h34 = h04 + cross * d0, h14 + cross * d1, h24 + cross * d2, h34 + cross * d3
            else:
                u = square * r
                total += u
                a = 0.5 * r * (1.0 - u)
                c = r * r * (u - 0.5)
            g0, g1, g2, g3 = g0 + a * d0, g1 + a * d1, g2 + a * d2, g3 + a * d3
            m0, m1, m2, m3 = m0 + a * s0, m1 + a * s1, m2 + a * s2, m3 + a * s3
            c0, c1, c2, c3 = c * d0, c * d1, c * d2, c * d3
            h00, h01, h02, h03 = h00 + c0 * d0, h01 + c0 * d1, h02 + c0 * d2, h03 + c0 * d3
            h11, h12, h13 = h11 + c1 * d1, h12 + c1 * d2, h13 + c1 * d3
            h22, h23, h33 = h22 + c2 * d2, h23 + c2 * d3, h33 + c3 * d3
            upward = square if e >= 0.0 else 0.0
            downward = square - upward
            s0, s1, s2, s3 = d0 + beta * s0, d1 + beta * s1, d2 + beta * s2, d3 + beta * s3
            d0, d1, d2, d3 = 1.0 + beta * d0, upward + beta * d1, downward + beta * d2, h + beta * d3
            h = (omega + up * upward + down * downward) + beta * h
        logs += math.log(product)
        if student:
            total += math.log(tails)
    n = float(returns.size)
    g[0], g[1], g[2], g[3] = g0, g1, g2, g3
    H[0, 0], H[0, 1], H[0, 2], H[0, 3], H[1, 1], H[1, 2], H[1, 3] = h00, h01, h02, h03 + m0, h11, h12, h13 + m1
    H[2, 2], H[2, 3], H[3, 3] = h22, h23 + m2, h33 + 2.0 * m3
    H[0, 4], H[1, 4], H[2, 4], H[3, 4] = h04, h14, h24, h34
    if student:
        constant, slope, curvature = _student_constant(nu)
        g4 += n * slope + 0.5 * total
        h44 += n * curvature
        total = 2.0 * power * total + 2.0 * n * constant
    else:
        total += 2.0 * n * HALF_LOG_2_PI
    g[4], H[4, 4] = g4, h44
    for i in range(5):
        for j in range(i):
            H[i, j] = H[j, i]
    return 0.5 * (logs + total)


garch_fit = kernel("(f8[::1], f8, b1, b1, f8[::1])")(build_fit(apart, _loss, _derivatives))
