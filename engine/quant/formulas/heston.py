r"""The Heston characteristic function of ln(S_T/F), its logarithmic derivatives, and the integrand of a price.

    dS = (r-q) S dt + √v S dW,  dv = κ(θ - v) dt + σ √v dB,  dW dB = ρ dt     (S. L. Heston, Review of Financial Studies 6 (1993), p. 327)

With ξ = κ - iρσu, q = u² + iu, d = √(ξ² + σ²q), e = e^(-dT), N = 1 - e and P = ξN + d(1 + e):

    ln φ(u) = κθ G + v0 B,   B = -qN/P,   G = ((ξ-d)T - 2 ln(P/2d))/σ²

This is the form of H. Albrecher, P. Mayer, W. Schoutens and J. Tistaert, "The Little Heston Trap", Wilmott (January 2007), p. 83,
whose logarithm never crosses its cut (R. Lord and C. Kahl, Mathematical Finance 20 (2010), p. 671), written so that nothing cancels as σ
goes to 0: with m = qN/(2d(ξ+d)) and y = -σ²m, G = -qT/(ξ+d) + 2m ln(1+y)/y. The derivatives are those of Y. Cui, S. del Baño Rollin and G.
Germano, "Full and fast calibration of the Heston stochastic volatility model", European Journal of Operational Research 263 (2017), p. 625,
by the same letters; the one in T is the Riccati equation itself.

The price, with ω = ln(F/K), on the line z = x(1 + i tan ϕ) + i/2, u = z - i, with Black's price of total variance w as control variate:

    C = C_Black(w) - F/π ∫_0^∞ Re[(1 + i tan ϕ) e^(izω) (φ(u) - e^(-wq/2)) / q] dx

(A. L. Lewis, "Option Valuation under Stochastic Volatility" (2000), chapter 2; the tilted line and its angle of π/12 away from the
oscillation: L. Andersen and M. Lake, "Robust High-Precision Option Pricing by Fourier Transforms" (2018), SSRN 3231626). The
integral is taken by the trapezoidal rule after x = s exp(t - e^(-t)) (double exponential; H. Takahasi and M. Mori (1974)), halving the step
until it settles.
"""

from collections.abc import Callable
from typing import Any

from engine.quant.formulas.inline import Inline
from engine.quant.formulas.primitives import Number

FROM, TO = -3.625, 6.0
"""The range of t: below, x/s is 1e-16; above, 400."""
FIRST_STEP = 0.25
LEVELS = 8
"""The step is halved at most seven times: 4,900 points."""
SETTLED = 1e-9
"""Of √(FK): a halving that changes the price by less is the last; the rule's error is about the square of it."""
SUMS = 9
"""Integrals of the price, of F∂F and F²∂²F, and of the derivatives in v0, κ, θ, σ, ρ and T."""
NEGLIGIBLE = 1e-18
SERIES_BELOW = 0.02


def build_integrand(
    inline: Inline,
    exp: Callable[[Number], Number],
    log: Callable[[Number], Number],
    sqrt: Callable[[Number], Number],
    inverse: Callable[[Number], Number],
    size: Callable[[Number], Number],
    where: Callable[[Any, Number, Number], Number],
) -> Callable[..., Any]:
    """The nine integrands at a point of the line, complex, from complex exp, log, sqrt and reciprocal; and the size of the bracket."""

    @inline
    def log1p_ratio(y: Number) -> Number:
        """ln(1+y)/y."""
        near = size(y) < SERIES_BELOW
        tail = 1 / 6 - y * (1 / 7 - y * (1 / 8 - y * (1 / 9 - y / 10)))
        series = 1.0 - y * (1 / 2 - y * (1 / 3 - y * (1 / 4 - y * (1 / 5 - y * tail))))
        away = where(near, 1.0, y)
        return where(near, series, log(1.0 + away) * inverse(away))

    @inline
    def integrand(
        x: Number, omega: Number, T: Number, v0: Number, kappa: Number, theta: Number, sigma: Number, rho: Number, w: Number, tilt: Number
    ) -> tuple[Number, ...]:
        z = x * (1.0 + 1j * tilt) + 0.5j
        u = z - 1j
        q = u * z
        iu = 1j * u
        variance = sigma * sigma
        over_variance = 1.0 / variance
        xi = kappa - rho * sigma * iu
        d = sqrt(xi * xi + variance * q)
        e = exp(-d * T)
        N = 1.0 - e
        P = xi * N + d * (1.0 + e)
        over_P, over_d, over_sum = inverse(P), inverse(d), inverse(xi + d)
        B = -q * N * over_P
        m = 0.5 * q * N * over_d * over_sum
        G = 2.0 * m * log1p_ratio(-variance * m) - q * T * over_sum
        phi = exp(kappa * theta * G + v0 * B)
        front = (1.0 + 1j * tilt) * exp(1j * z * omega) * inverse(q)
        bracket = phi - exp(-0.5 * w * q)
        value = front * bracket
        first = value * (1.0 + 1j * z)
        second = first * (1j * z)
        whole = front * phi

        d_kappa, d_sigma, d_rho = over_d * xi, over_d * (sigma * q - rho * iu * xi), over_d * -sigma * iu * xi
        xi_sigma, xi_rho = -rho * iu, -sigma * iu
        decay = T * e

        # p -> (N_p, P_p), then B_p = -q (N_p P - N P_p)/P² and G_p = ((ξ_p - d_p) T - 2 (P_p/P - d_p/d))/σ²
        N_kappa, N_sigma, N_rho = decay * d_kappa, decay * d_sigma, decay * d_rho
        turned = xi - d
        P_kappa = N + turned * N_kappa + d_kappa * (1.0 + e)
        P_sigma = xi_sigma * N + turned * N_sigma + d_sigma * (1.0 + e)
        P_rho = xi_rho * N + turned * N_rho + d_rho * (1.0 + e)
        outer = -q * over_P * over_P
        B_kappa = outer * (N_kappa * P - N * P_kappa)
        B_sigma = outer * (N_sigma * P - N * P_sigma)
        B_rho = outer * (N_rho * P - N * P_rho)
        G_kappa = ((1.0 - d_kappa) * T - 2.0 * (P_kappa * over_P - d_kappa * over_d)) * over_variance
        G_sigma = ((xi_sigma - d_sigma) * T - 2.0 * (P_sigma * over_P - d_sigma * over_d)) * over_variance - 2.0 * G / sigma
        G_rho = ((xi_rho - d_rho) * T - 2.0 * (P_rho * over_P - d_rho * over_d)) * over_variance
        return (
            value,
            first,
            second,
            whole * B,
            whole * (theta * G + kappa * theta * G_kappa + v0 * B_kappa),
            whole * (kappa * G),
            whole * (kappa * theta * G_sigma + v0 * B_sigma),
            whole * (kappa * theta * G_rho + v0 * B_rho),
            whole * (kappa * theta * B + v0 * (0.5 * variance * B * B - xi * B - 0.5 * q)),
            size(bracket),
        )

    return integrand
