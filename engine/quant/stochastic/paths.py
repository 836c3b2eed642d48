"""Simulated paths for scenarios: Heston by Andersen's quadratic-exponential scheme, Merton exactly. A seed makes the same paths everywhere.

Chance is numpy's Philox counter generator under the given seed, drawn step by step: the same seed gives the same paths in both tiers and
with any number of steps already walked. Prices are forwards' (drift nothing) times ``forwards`` at each instant.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.stochastic.heston import HestonParameters
from engine.quant.stochastic.merton import MertonParameters

SWITCH = 1.5
"""ψ_c: below it the variance is a squared normal, above it an exponential with a mass at zero (Andersen's choice)."""
MOST_NUMBERS = 200_000_000
"""Paths times instants that fit into memory (1.6 GB)."""


class Paths(NamedTuple):
    """Instants down, paths across; the first instant is now."""

    years: Floats
    prices: Floats
    variances: Floats
    """The variance a year at each instant; of a jump diffusion σ², of the diffusion alone."""


def heston_paths(*, spot: float, years: ArrayLike, parameters: HestonParameters, paths: int, seed: int, drift: ArrayLike = 0.0) -> Paths:
    """Heston paths at the instants ``years`` (rising, the first may be 0, which is added where it is not); ``drift`` r - q a year.

    L. Andersen, "Simple and efficient simulation of the Heston stochastic volatility model", Journal of Computational Finance 11 (2008), p.
    1, section 3.2 (QE) with the martingale correction of section 4.3, γ1 = γ2 = 1/2: the mean of a path's price is its forward at any step,
    save that a variance whose correction does not exist (ρ > 0, long steps) is taken without it. Weekly steps keep options of a year
    within about a tenth of a volatility point; the variance is never negative.
    """
    v0, kappa, theta, sigma, rho = _numbers(parameters, "Heston")
    if v0 < 0.0 or kappa < 0.0 or theta < 0.0 or not sigma > 0.0 or abs(rho) > 1.0:
        message = f"{parameters} is no Heston model: v0, κ, θ >= 0, σ > 0, -1 <= ρ <= 1"
        raise ValueError(message)
    instants, growth = _instants(spot, years, drift, paths)
    chance = np.random.Generator(np.random.Philox(seed))
    logs, variances = np.zeros((2, instants.size, paths))
    variances[0] = v0
    for i, step in enumerate(np.diff(instants)):
        normal, other, uniform = chance.standard_normal(paths), chance.standard_normal(paths), chance.random(paths)
        v = variances[i]
        after, correction = _variance_after(v, normal, uniform, float(step), kappa, theta, sigma, rho)
        variances[i + 1] = after
        k1, k2, k3 = _weights(float(step), kappa, sigma, rho)
        logs[i + 1] = logs[i] + correction + k1 * v + k2 * after + np.sqrt(np.maximum(k3 * (v + after), 0.0)) * other
    return Paths(instants, spot * growth[:, None] * np.exp(logs), variances)


def merton_paths(*, spot: float, years: ArrayLike, parameters: MertonParameters, paths: int, seed: int, drift: ArrayLike = 0.0) -> Paths:
    """Jump-diffusion paths at the instants ``years``: exact at each, whatever lies between, since the jumps of a step add to one normal."""
    sigma, intensity, mean, deviation = _numbers(parameters, "Merton")
    if sigma < 0.0 or intensity < 0.0 or deviation < 0.0:
        message = f"{parameters} is no jump diffusion: σ, λ, δ >= 0"
        raise ValueError(message)
    instants, growth = _instants(spot, years, drift, paths)
    chance = np.random.Generator(np.random.Philox(seed))
    compensator = float(np.expm1(mean + 0.5 * deviation**2))
    logs = np.zeros((instants.size, paths))
    for i, step in enumerate(np.diff(instants)):
        normal, jumps, sizes = chance.standard_normal(paths), chance.poisson(intensity * step, paths), chance.standard_normal(paths)
        moved = -(0.5 * sigma**2 + intensity * compensator) * step + sigma * np.sqrt(step) * normal
        logs[i + 1] = logs[i] + moved + mean * jumps + deviation * np.sqrt(jumps) * sizes
    return Paths(instants, spot * growth[:, None] * np.exp(logs), np.full_like(logs, sigma**2))


def _variance_after(
    v: Floats, normal: Floats, uniform: Floats, step: float, kappa: float, theta: float, sigma: float, rho: float
) -> tuple[Floats, Floats]:
    """The variance a step later, matched in mean and variance, and the log price's correction that keeps the price a martingale."""
    decay = np.exp(-kappa * step)
    # (1 - decay)/κ, the step itself where κ is 0
    loss = -np.expm1(-kappa * step) / kappa if kappa > 0.0 else step
    mean = theta + (v - theta) * decay
    spread = v * sigma**2 * decay * loss + 0.5 * theta * sigma**2 * kappa * loss**2
    k1, k2, k3 = _weights(step, kappa, sigma, rho)
    power = k2 + 0.5 * k3  # E exp(power v') is what the correction takes off
    with np.errstate(all="ignore"):
        psi = np.where(mean > 0.0, spread / mean**2, 0.0)
        inverse = 2.0 / psi
        square = np.where(psi > 0.0, inverse - 1.0 + np.sqrt(inverse) * np.sqrt(np.maximum(inverse - 1.0, 0.0)), np.inf)
        scale = np.where(np.isfinite(square), mean / (1.0 + square), 0.0)
        quadratic = np.where(np.isfinite(square), scale * (np.sqrt(square) + normal) ** 2, mean)
        spare = 1.0 - 2.0 * power * scale
        smooth = np.where(np.isfinite(square), -power * square * scale / spare + 0.5 * np.log(spare), -power * mean)
        mass = (psi - 1.0) / (psi + 1.0)
        rate = (1.0 - mass) / mean
        exponential = np.where(uniform <= mass, 0.0, np.log((1.0 - mass) / (1.0 - uniform)) / rate)
        rough = -np.log(mass + rate * (1.0 - mass) / (rate - power))
        small = psi <= SWITCH
        taken_off = np.where(small, np.where(spare > 0.0, smooth, np.nan), np.where(power < rate, rough, np.nan))
        centred = taken_off - (k1 + 0.5 * k3) * v
        # Andersen's K0, where no correction exists
        plain = -rho * kappa * theta * step / sigma
    after = np.where(small, quadratic, exponential)
    return after, np.where(np.isfinite(centred), centred, plain)


def _weights(step: float, kappa: float, sigma: float, rho: float) -> tuple[float, float, float]:
    """K1, K2 and K3 = K4 of Andersen's eq. 33, with γ1 = γ2 = 1/2."""
    drift, carried = 0.5 * step * (kappa * rho / sigma - 0.5), rho / sigma
    return drift - carried, drift + carried, 0.5 * step * (1.0 - rho * rho)


def _instants(spot: float, years: ArrayLike, drift: ArrayLike, paths: int) -> tuple[Floats, Floats]:
    instants = np.atleast_1d(np.asarray(years, dtype=np.float64))
    if instants.size and instants[0] > 0.0:
        instants = np.concatenate(([0.0], instants))
    rising = instants.ndim == 1 and instants.size > 1 and instants[0] == 0.0 and bool((np.diff(instants) > 0.0).all())
    if not rising or not np.isfinite(instants).all():
        message = "paths need instants in years that rise from now: give one or more above 0"
        raise ValueError(message)
    if not spot > 0.0 or paths < 1:
        message = f"{paths} paths from a price of {spot:g} are none: give both above 0"
        raise ValueError(message)
    if paths * instants.size > MOST_NUMBERS:
        message = f"{paths} paths at {instants.size} instants do not fit into memory: at most {MOST_NUMBERS:,} numbers"
        raise ValueError(message)
    growth: Floats = np.exp(np.asarray(drift, dtype=np.float64) * instants)
    return instants, growth


def _numbers(parameters: HestonParameters | MertonParameters, model: str) -> tuple[float, ...]:
    values = np.array([np.asarray(value, dtype=np.float64).item() if np.size(value) == 1 else np.nan for value in parameters])
    if not np.isfinite(values).all():
        message = f"paths of one {model} model need one number for each of its parameters, not {parameters}"
        raise ValueError(message)
    return tuple(values.tolist())
