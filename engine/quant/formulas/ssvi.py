r"""One slice of SSVI and its derivatives.

J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59, eq. 4.1:

    w(k) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 - ρ²)),  θ the total variance at the money forward.

In the terms of J. Corbetta, P. Cohort, I. Laachir and C. Martini (2019), ψ = θφ; here further p = ψ(1+ρ) and q = ψ(1-ρ), twice the slopes
of w far right and far left: w = (θ + χk + √(ψ²k² + 2χθk + θ²))/2 with ψ = (p+q)/2, χ = ψρ = (p-q)/2.
"""

from collections.abc import Callable
from typing import Any

from engine.quant.formulas.primitives import Number, Primitives


def build_ssvi(primitives: Primitives) -> Callable[..., Any]:
    """Total variance and its derivatives in θ, p and q."""
    sqrt, maximum = primitives.sqrt, primitives.maximum

    @primitives.inline
    def ssvi(k: Number, theta: Number, p: Number, q: Number) -> tuple[Number, Number, Number, Number]:
        psi, chi = 0.5 * (p + q), 0.5 * (p - q)
        inner = psi * psi * k * k + 2.0 * chi * theta * k + theta * theta
        root = sqrt(maximum(inner, 1e-300))
        by_theta = 0.5 * (1.0 + (chi * k + theta) / root)
        by_psi = 0.5 * psi * k * k / root
        by_chi = 0.5 * k * (1.0 + theta / root)
        return 0.5 * (theta + chi * k + root), by_theta, 0.5 * (by_psi + by_chi), 0.5 * (by_psi - by_chi)

    return ssvi
