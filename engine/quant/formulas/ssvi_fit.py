r"""Global calibration of SSVI: three numbers for the whole surface and one total variance at the money for every slice; for both tiers.

J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59, section 4: w of
:mod:`engine.quant.formulas.ssvi` with one ρ and φ(θ) = η θ^(-γ) (1+θ)^(γ-1). With η (1 + |ρ|) <= 2, 0 < γ <= 1/2 and θ not falling there
is neither butterfly nor calendar arbitrage (remark 4.4 and theorem 4.1; γ beyond 1/2 would need a least θ). The bounds are kept by the
parameters themselves: ρ = tanh x, η = 2 s(y)/(1+|ρ|), γ = s(z)/2 with s(y) = 1/(1+e^-y), and ln θ of each slice.

Levenberg-Marquardt, with the θ, each of which touches its own slice alone, eliminated first (Schur complement). A θ below the one before
is pooled with it (pool adjacent violators; R. E. Barlow et al., "Statistical Inference under Order Restrictions" (1972), p. 13), and the
three numbers are fitted again at those θ.
"""

import math
from collections.abc import Callable
from typing import Any

from engine.quant.arrays import Floats
from engine.quant.formulas.normal_equations import build_damped_step

STEPS = 60
TRIES = 8
SETTLED = 1e-10
FARTHEST = 12.0
"""Bound of x, y, z: beyond, tanh and s are at their ends."""


def build_ssvi_fit(compiled: Callable[..., Any], normal_equations: Callable[..., Any]) -> Callable[..., Any]:
    """The fit of one surface, from the tier's pass over its points.

    ``normal_equations(k, w, t, begins, x, y, z, log_thetas, table)`` gives Σte² and fills ``table`` (slices + 3, 5): in the first three
    rows the products of the derivatives in x, y, z, then of each slice those of its ln θ with x, y, z and itself; in the last column those
    with e.
    """
    damped_step = build_damped_step(compiled)

    @compiled
    def descend(
        k: Floats,
        w: Floats,
        t: Floats,
        begins: Any,
        shape: Floats,
        log_thetas: Floats,
        moving: int,
        now: Floats,
        then: Floats,
        trial: Floats,
    ) -> float:
        """Moves ``shape`` (x, y, z) and, if ``moving`` is not 0, the ln θ; the objective back, its equations in ``now``."""
        slices = log_thetas.size
        value: float = normal_equations(k, w, t, begins, shape[0], shape[1], shape[2], log_thetas, now)
        damping = 1e-3
        for _ in range(STEPS):
            gain, x, y, z = -1.0, shape[0], shape[1], shape[2]
            for _ in range(TRIES):
                a, b, c = now[0, 0], now[1, 0], now[2, 0]
                d, e, f = now[1, 1], now[2, 1], now[2, 2]
                r, s, u = now[0, 4], now[1, 4], now[2, 4]
                if moving:
                    for i in range(slices):
                        p, q, v, own, g = now[3 + i, 0], now[3 + i, 1], now[3 + i, 2], now[3 + i, 3], now[3 + i, 4]
                        own = max(own, 1e-300) * (1.0 + damping)
                        a, b, c = a - p * p / own, b - p * q / own, c - p * v / own
                        d, e, f = d - q * q / own, e - q * v / own, f - v * v / own
                        r, s, u = r - p * g / own, s - q * g / own, u - v * g / own
                dx, dy, dz = damped_step((r, s, u, a, b, c, d, e, f), damping, (False, False, False))
                x = min(max(shape[0] + min(max(dx, -1.0), 1.0), -FARTHEST), FARTHEST)
                y = min(max(shape[1] + min(max(dy, -1.0), 1.0), -FARTHEST), FARTHEST)
                z = min(max(shape[2] + min(max(dz, -1.0), 1.0), -FARTHEST), FARTHEST)
                for i in range(slices):
                    trial[i] = log_thetas[i]
                    if moving:
                        p, q, v, own, g = now[3 + i, 0], now[3 + i, 1], now[3 + i, 2], now[3 + i, 3], now[3 + i, 4]
                        moved = (g - p * dx - q * dy - v * dz) / (max(own, 1e-300) * (1.0 + damping))
                        trial[i] += min(max(moved, -1.0), 1.0)
                after = normal_equations(k, w, t, begins, x, y, z, trial, then)
                gain = value - after
                if gain > 0.0:
                    break
                damping *= 10.0
            if not gain > 0.0:
                break
            done = gain <= SETTLED * value
            shape[0], shape[1], shape[2], value = x, y, z, after
            for i in range(slices):
                log_thetas[i] = trial[i]
            for i in range(slices + 3):
                for j in range(5):
                    now[i, j] = then[i, j]
            damping *= 0.1
            if done:
                break
        return value

    @compiled
    def pool(log_thetas: Floats, table: Floats, weights: Floats) -> bool:
        """Makes the ln θ rise, by means of those that do not, weighted with their own derivatives; whether any was moved."""
        for i in range(log_thetas.size):
            weights[i] = table[3 + i, 3]
        moved = False
        for i in range(1, log_thetas.size):
            mean, weight, j = log_thetas[i], weights[i], i
            while j > 0 and log_thetas[j - 1] > mean:
                j -= 1
                mean = (mean * weight + log_thetas[j] * weights[j]) / (weight + weights[j])
                weight += weights[j]
                while j > 0 and log_thetas[j - 1] == log_thetas[j]:
                    j -= 1
                    weight += weights[j]
            for other in range(j, i):
                moved = moved or log_thetas[other] != mean
                log_thetas[other] = mean
            if j < i:
                log_thetas[i] = mean
        return moved

    @compiled
    def fit(k: Floats, w: Floats, t: Floats, begins: Any, now: Floats, then: Floats, trial: Floats, out: Floats, thetas: Floats) -> float:
        """(ρ, η, γ) into ``out``, θ into ``thetas`` (starting values of them come in there); scratch: two tables and a number a slice."""
        slices = thetas.size
        log_thetas = thetas
        for i in range(slices):
            log_thetas[i] = math.log(thetas[i])
        shape = out
        shape[0], shape[1], shape[2] = -0.5, 0.0, 1.0
        value = 0.0
        for moving in (1, 0):  # one place that calls: compiled code would hold the descent twice
            value = descend(k, w, t, begins, shape, log_thetas, moving, now, then, trial)
            if moving == 0 or not pool(log_thetas, now, trial):
                break
        rho = math.tanh(shape[0])
        eta = 2.0 / (1.0 + abs(rho)) / (1.0 + math.exp(-shape[1]))
        gamma = 0.5 / (1.0 + math.exp(-shape[2]))
        out[0], out[1], out[2] = rho, eta, gamma
        for i in range(slices):
            thetas[i] = math.exp(log_thetas[i])
        return value

    result: Callable[..., Any] = fit
    return result
