r"""Sequential calibration of eSSVI slices that cannot be arbitraged, written once for both tiers.

S. Hendriks and C. Martini, "The extended SSVI volatility surface", Journal of Computational Finance 22 (2019), p. 25; J. Corbetta, P.
Cohort, I. Laachir and C. Martini, "Robust calibration and arbitrage-free interpolation of SSVI slices", Decisions in Economics and Finance
42 (2019), p. 665 (arXiv:1804.04924). A slice has no butterfly arbitrage if ψ(1+|ρ|) <= 4 and ψ²(1+|ρ|) <= 4θ (Gatheral and Jacquier
(2014), theorem 4.2), and none with the slice before it (index 0) if

    θ >= θ0,  ψ(1+ρ) >= ψ0(1+ρ0),  ψ(1-ρ) >= ψ0(1-ρ0),  ψ/θ <= ψ0/θ0.

In p = ψ(1+ρ), q = ψ(1-ρ) and θ all of it is a box for (p, q) and one floor for θ, θ >= max(θ0, (p+q)/(2φ0), (p+q) max(p, q)/8); with θ =
floor + t the domain is the box p0 <= p <= 4, q0 <= q <= 4, 0 <= t, never empty (a global form of the same idea: A. Mingone, "No arbitrage
global parametrization for the eSSVI volatility surface", Quantitative Finance 22 (2022), p. 2205). There θ, p and q are fitted together by
Levenberg-Marquardt projected on the box, from several starts.
"""

import math
from collections.abc import Callable
from typing import Any

from engine.quant.arrays import Floats
from engine.quant.formulas.normal_equations import build_damped_step

STEEPEST = 4.0 * (1.0 - 1e-9)
BUTTERFLY = 0.125 * (1.0 + 1e-9)
"""1/8 of (p+q) max(p, q) <= 8θ, with a rounding's room."""
CALENDAR = 1.0 + 1e-12
"""The same for the slice before."""
LEAST_SLOPE = 2e-3
"""Of √θ: p and q stay above, so |ρ| stays below 1 and the total variance above zero."""
LEAST_THETA = 1e-12
STARTS = (-0.7, -0.2, 0.4)
"""First values of ρ; φ starts at 1/√θ."""
STEPS = 40
TRIES = 7
SETTLED = 1e-9


def build_essvi_fit(compiled: Callable[..., Any], sums: Callable[..., Any]) -> Callable[..., Any]:
    """The fit of one slice above another, from the tier's pass over its points.

    ``sums(k, w, t, θ, p, q, hp, hq)``: the weighted sums of e² and of xe, ye, ze, xx, xy, xz, yy, yz, zz for the residual e and the
    derivatives x in p, y in q at fixed t (hp, hq are those of the floor) and z in θ.
    """
    damped_step = build_damped_step(compiled)

    @compiled
    def floor(p: float, q: float, theta_0: float, slope_0: float) -> tuple[float, float, float]:
        """Least θ for (p, q), and its derivatives; ``slope_0`` is θ0/ψ0 = 1/φ0."""
        least, by_p, by_q = theta_0, 0.0, 0.0
        calendar = 0.5 * (p + q) * slope_0 * CALENDAR
        if calendar > least:
            least, by_p, by_q = calendar, 0.5 * slope_0, 0.5 * slope_0
        steeper = max(p, q)
        butterfly = BUTTERFLY * (p + q) * steeper
        if butterfly > least:
            least = butterfly
            by_p, by_q = BUTTERFLY * steeper, BUTTERFLY * steeper
            if p >= q:
                by_p += BUTTERFLY * (p + q)
            else:
                by_q += BUTTERFLY * (p + q)
        return least, by_p, by_q

    @compiled
    def descend(
        k: Floats, w: Floats, t: Floats, p: float, q: float, theta: float, theta_0: float, slope_0: float, low_p: float, low_q: float
    ) -> tuple[float, float, float, float]:
        """From one start: θ, p, q and the objective."""
        p, q = min(max(p, low_p), STEEPEST), min(max(q, low_q), STEEPEST)
        least, by_p, by_q = floor(p, q, theta_0, slope_0)
        above = max(theta - least, 0.0)
        found = sums(k, w, t, least + above, p, q, by_p, by_q)
        damping = 1e-2
        for _ in range(STEPS):
            hold_p = (p <= low_p and found[1] <= 0.0) or (p >= STEEPEST and found[1] >= 0.0)
            hold_q = (q <= low_q and found[2] <= 0.0) or (q >= STEEPEST and found[2] >= 0.0)
            hold_t = above <= 0.0 and found[3] <= 0.0
            gain = -1.0
            for _ in range(TRIES):
                dp, dq, dt = damped_step(found[1:], damping, (hold_p, hold_q, hold_t))
                new_p, new_q = min(max(p + dp, low_p), STEEPEST), min(max(q + dq, low_q), STEEPEST)
                new_above = max(above + dt, 0.0)
                new_least, by_p, by_q = floor(new_p, new_q, theta_0, slope_0)
                new_found = sums(k, w, t, new_least + new_above, new_p, new_q, by_p, by_q)
                gain = found[0] - new_found[0]
                if gain > 0.0:
                    break
                damping *= 8.0
            if not gain > 0.0:
                break
            done = gain <= SETTLED * found[0]
            p, q, above, least, found = new_p, new_q, new_above, new_least, new_found
            damping *= 0.125
            if done:
                break
        return least + above, p, q, found[0]

    @compiled
    def fit(k: Floats, w: Floats, t: Floats, theta_0: float, p_0: float, q_0: float, begun: Floats, out: Floats) -> float:
        """(θ, p, q) into ``out`` and the weighted sum of squares back; θ0 = p0 = q0 = 0 where no slice lies before.

        The fit begins at ``begun``, (θ, p, q) of one before, or, where these are NaN, at each of the starts.
        """
        nearest = 0
        for i in range(1, k.size):
            if abs(k[i]) < abs(k[nearest]):
                nearest = i
        start = max(w[nearest], theta_0, LEAST_THETA)
        first = p_0 + q_0 <= 0.0
        slope_0 = 0.0 if first else 2.0 * theta_0 / (p_0 + q_0)
        room = LEAST_SLOPE * math.sqrt(start)
        low_p, low_q = min(max(p_0 * CALENDAR, room), STEEPEST), min(max(q_0 * CALENDAR, room), STEEPEST)
        theta_0 = max(theta_0 * CALENDAR, LEAST_THETA)
        best: float = math.inf
        if begun[0] > 0.0 and begun[1] > 0.0 and begun[2] > 0.0:
            theta, p, q, best = descend(k, w, t, begun[1], begun[2], begun[0], theta_0, slope_0, low_p, low_q)
            out[0], out[1], out[2] = theta, p, q
            return best
        for i in range(len(STARTS) + 1):
            psi = math.sqrt(start)
            rho = STARTS[i] if i < len(STARTS) else 0.0
            if i == len(STARTS) and not first:  # the shape of the slice before
                psi, rho = 0.5 * (p_0 + q_0) * math.sqrt(start / theta_0), (p_0 - q_0) / (p_0 + q_0)
            theta, p, q, value = descend(k, w, t, psi * (1.0 + rho), psi * (1.0 - rho), start, theta_0, slope_0, low_p, low_q)
            if value < best:
                best = value
                out[0], out[1], out[2] = theta, p, q
        return best

    result: Callable[..., Any] = fit
    return result
