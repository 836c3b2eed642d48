"""The compiled Heston integrals, an option after the other, each with as many points as it needs."""

import math

from engine.quant.arrays import Floats
from engine.quant.formulas.heston import FIRST_STEP, FROM, LEVELS, NEGLIGIBLE, SETTLED, SUMS, TO, build_integrand
from engine.quant.kernels.compiling import inlined, kernel


@inlined
def _chosen(condition: bool, chosen: complex, other: complex) -> complex:  # noqa: FBT001 - a selection's own signature
    return chosen if condition else other


@inlined
def _size(value: complex) -> float:
    """The greater of the two parts: as good as the modulus for a bound, without its root."""
    return max(abs(value.real), abs(value.imag))


@inlined
def _exp(value: complex) -> complex:
    modulus = math.exp(value.real)
    return complex(modulus * math.cos(value.imag), modulus * math.sin(value.imag))


@inlined
def _log(value: complex) -> complex:
    return complex(0.5 * math.log(value.real * value.real + value.imag * value.imag), math.atan2(value.imag, value.real))


@inlined
def _sqrt(value: complex) -> complex:
    """The principal root; the library's own guards against overflow cost more than the integrand."""
    modulus = math.sqrt(value.real * value.real + value.imag * value.imag)
    longer = math.sqrt(0.5 * (modulus + abs(value.real)))
    shorter = 0.5 * abs(value.imag) / longer
    real = longer if value.real >= 0.0 else shorter
    imaginary = shorter if value.real >= 0.0 else longer
    return complex(real, imaginary if value.imag >= 0.0 else -imaginary)


@inlined
def _inverse(value: complex) -> complex:
    scale = 1.0 / (value.real * value.real + value.imag * value.imag)
    return complex(value.real * scale, -value.imag * scale)


_integrand = build_integrand(inlined, _exp, _log, _sqrt, _inverse, _size, _chosen)


@kernel("(f8[:,::1], f8[:,::1], f8[::1])")
def heston_integrals(rows: Floats, out: Floats, changes: Floats) -> None:
    """The sums of (ω, T, v0, κ, θ, σ, ρ, w, tilt, s), and the last change of the price's over √(K/F)."""
    for i in range(rows.shape[1]):
        omega, T, v0, kappa, theta = rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i]
        sigma, rho, w, tilt, scale = rows[5, i], rows[6, i], rows[7, i], rows[8, i], rows[9, i]
        for k in range(SUMS):
            out[k, i] = 0.0
        step, first, spacing, before = FIRST_STEP, FROM, FIRST_STEP, math.inf
        for _ in range(LEVELS):
            for j in range(int((TO - first) / spacing + 1e-9) + 1):
                t = first + j * spacing
                growth = math.exp(-t)
                x = scale * math.exp(t - growth)
                weight = x * (1.0 + growth)
                found = _integrand(x, omega, T, v0, kappa, theta, sigma, rho, w, tilt)
                out[0, i] += found[0].real * weight
                out[1, i] += found[1].real * weight
                out[2, i] += found[2].real * weight
                out[3, i] += found[3].real * weight
                out[4, i] += found[4].real * weight
                out[5, i] += found[5].real * weight
                out[6, i] += found[6].real * weight
                out[7, i] += found[7].real * weight
                out[8, i] += found[8].real * weight
                if t > 0.0 and found[9] < NEGLIGIBLE:
                    break
            value = out[0, i] * step
            changes[i] = abs(value - before) * math.exp(0.5 * omega)
            before = value
            if not changes[i] > SETTLED:
                break
            first, spacing, step = FROM + 0.5 * step, step, 0.5 * step
        for k in range(SUMS):
            out[k, i] *= step
