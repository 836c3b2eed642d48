r"""Hagan's expansions of SABR, and their calibration to one slice; written once for both tiers.

P. S. Hagan, D. Kumar, A. S. Lesniewski and D. E. Woodward, "Managing smile risk", Wilmott (September 2002), p. 84: dF = αF^β dW, dα = να
dZ, dW dZ = ρ dt. Black's volatility, eq. 2.17a; Bachelier's (normal) one, eq. A.69a. With k = ln(K/F) everything is a function of k and of
a = αF^(β-1), the volatility the forward starts with. The corrections in powers of ln(F/K) are kept to the fourth, as printed.
"""

from collections.abc import Callable
from typing import Any

from engine.quant.arrays import Floats
from engine.quant.formulas.normal_equations import build_damped_step
from engine.quant.formulas.primitives import Number, Primitives

NEAR = 1e-4
"""|ζ| below which ζ/x(ζ) is taken from its series: its error is of the third order."""
STEPS = 60
TRIES = 8
SETTLED = 1e-10
STARTS = (-0.5, 0.3)
GREATEST_RHO = 0.999
BUMP = 1e-6


def build_ratio(primitives: Primitives) -> Callable[..., Any]:
    """ζ/x(ζ) with x = ln((√(1 - 2ρζ + ζ²) + ζ - ρ)/(1 - ρ)), eq. 2.17b."""
    log, sqrt, absolute, where = primitives.log, primitives.sqrt, primitives.absolute, primitives.where

    @primitives.inline
    def ratio(zeta: Number, rho: Number) -> Number:
        close = absolute(zeta) < NEAR
        used = where(close, 1.0, zeta)
        root = sqrt(1.0 - 2.0 * rho * used + used * used)
        forward = (root + used - rho) / (1.0 - rho)
        backward = (root - used + rho) / (1.0 + rho)  # its reciprocal, which keeps its digits where ζ is far below zero
        x = where(used > 0.0, log(forward), -log(backward))
        series = 1.0 - 0.5 * rho * zeta + (2.0 - 3.0 * rho * rho) * zeta * zeta / 12.0
        return where(close, series, used / x)

    return ratio


def build_sabr_lognormal(primitives: Primitives) -> Callable[..., Any]:
    """Black's implied volatility."""
    exp = primitives.exp
    ratio = build_ratio(primitives)

    @primitives.inline
    def lognormal(k: Number, years: Number, a: Number, beta: Number, rho: Number, nu: Number) -> Number:
        """Of k = ln(K/F) and a = αF^(β-1)."""
        c = 1.0 - beta
        ck2 = c * c * k * k
        power = exp(0.5 * c * k)  # (FK)^((1-β)/2) over F^(1-β)
        local = a / power
        zeta = -nu / a * power * k
        spread = 1.0 + ck2 / 24.0 + ck2 * ck2 / 1920.0
        drift = c * c * local * local / 24.0 + 0.25 * rho * beta * nu * local + (2.0 - 3.0 * rho * rho) * nu * nu / 24.0
        return local / spread * ratio(zeta, rho) * (1.0 + drift * years)

    return lognormal


def build_sabr_normal(primitives: Primitives) -> Callable[..., Any]:
    """Bachelier's implied volatility as a part of the forward."""
    exp = primitives.exp
    ratio = build_ratio(primitives)

    @primitives.inline
    def normal(k: Number, years: Number, a: Number, beta: Number, rho: Number, nu: Number) -> Number:
        """Of k = ln(K/F) and a = αF^(β-1); times F it is in the unit of the forward."""
        c = 1.0 - beta
        k2 = k * k
        ck2 = c * c * k2
        power = exp(0.5 * c * k)
        local = a / power
        zeta = -nu / a * power * k
        spread = (1.0 + k2 / 24.0 + k2 * k2 / 1920.0) / (1.0 + ck2 / 24.0 + ck2 * ck2 / 1920.0)
        drift = -beta * (2.0 - beta) * local * local / 24.0 + 0.25 * rho * beta * nu * local + (2.0 - 3.0 * rho * rho) * nu * nu / 24.0
        return a * exp(0.5 * beta * k) * spread * ratio(zeta, rho) * (1.0 + drift * years)

    return normal


def build_sabr_fit(compiled: Callable[..., Any], sums: Callable[..., Any]) -> Callable[..., Any]:
    """The fit of one slice in (ln a, artanh ρ, ln ν) for a given β, from the tier's pass over its points.

    ``sums(k, vols, t, years, beta, a, rho, nu)``: the weighted sums of e², of xe, ye, ze and of xx, xy, xz, yy, yz, zz, for the
    derivatives in ln a, ρ and ln ν.
    """
    damped_step = build_damped_step(compiled)

    @compiled
    def fit(k: Floats, vols: Floats, t: Floats, years: float, beta: float, out: Floats) -> float:
        """(a, ρ, ν) into ``out`` and the weighted sum of squares back."""
        nearest = 0
        for i in range(1, k.size):
            if abs(k[i]) < abs(k[nearest]):
                nearest = i
        best = -1.0
        for start in STARTS:
            a, rho, nu = vols[nearest], start, min(max(0.5 / years**0.5, 0.3), 5.0)
            found = sums(k, vols, t, years, beta, a, rho, nu)
            damping = 1e-3
            for _ in range(STEPS):
                gain = -1.0
                for _ in range(TRIES):
                    hold = (rho >= GREATEST_RHO and found[2] > 0.0) or (rho <= -GREATEST_RHO and found[2] < 0.0)
                    dx, dy, dz = damped_step(found[1:], damping, (False, hold, False))
                    new_a = a * min(max(1.0 + dx, 0.5), 2.0)
                    new_rho = min(max(rho + min(max(dy, -0.5), 0.5), -GREATEST_RHO), GREATEST_RHO)
                    new_nu = nu * min(max(1.0 + dz, 0.5), 2.0)
                    new_found = sums(k, vols, t, years, beta, new_a, new_rho, new_nu)
                    gain = found[0] - new_found[0]
                    if gain > 0.0:
                        break
                    damping *= 10.0
                if not gain > 0.0:
                    break
                done = gain <= SETTLED * found[0]
                a, rho, nu, found = new_a, new_rho, new_nu, new_found
                damping *= 0.1
                if done:
                    break
            if best < 0.0 or found[0] < best:
                best = found[0]
                out[0], out[1], out[2] = a, rho, nu
        return best

    result: Callable[..., Any] = fit
    return result
