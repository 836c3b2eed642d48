"""Heston prices, Greeks and smiles of European options, in model units: the reference for what a smile model says, and for scenarios.

Formula, sources and method: :mod:`engine.quant.formulas.heston`. One method for all: no switch at short maturities, large volatility of
variance or in the wings. The error is absolute: under 1e-12 √(FK) over the whole domain, 1e-11 thousands of deviations out, 2e-10 in the
last second twenty deviations out. What is worth less than 3e-11 √(FK) over its intrinsic value, or less than that, is given as that value.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bytes, Floats, columns
from engine.quant.european import black
from engine.quant.european.implied import ImpliedVols, implied_vols
from engine.quant.formulas.heston import SUMS
from engine.quant.meant import require_fractions
from engine.quant.stochastic.jobs import ROOM
from engine.quant.tiers import core

TILT = math.tan(math.pi / 12.0)
UNSETTLED = 1e-7
"""Of √(FK): an integral that still changed by more at its last halving is not given out."""
WING_DECAY = 0.3
"""How much of the decay that the tilt gives to a far strike's integrand is counted in its scale."""
LEAST_DECORRELATION = 0.1
"""√(1 - ρ²) in the scale of the integral, so that ρ = ±1 has one."""
GREATEST = 1e4
"""No time and no parameter may reach this."""
ROUNDING = 3e-11
"""Of √(FK): what lies nearer to the intrinsic value is it, since no digit of the difference is sure."""


class HestonParameters(NamedTuple):
    """Numbers, or columns of them, one an option. Outside v0, κ, θ >= 0, σ > 0, -1 <= ρ <= 1 a price is NaN."""

    variance: ArrayLike
    """v0: today's variance a year, 0.04 for a volatility of 20 %."""
    reversion: ArrayLike
    """κ a year; ln 2/κ is the half-life of a shock."""
    long_variance: ArrayLike
    """θ."""
    vol_of_vol: ArrayLike
    """σ: volatility of variance."""
    correlation: ArrayLike
    """ρ of returns and variance."""

    @property
    def feller(self) -> bool:
        """2κθ >= σ² for all: the variance never touches zero. Most equity smiles need less, which prices here bear well."""
        _, reversion, long_variance, vol_of_vol, _ = (np.asarray(value, dtype=np.float64) for value in self)
        return bool((2.0 * reversion * long_variance >= vol_of_vol**2).all())


class HestonGreeks(NamedTuple):
    """Price and derivatives in model units at fixed parameters; dV/dt means calendar time passing."""

    prices: Floats
    deltas: Floats
    """dV/dS with the variance held: what Heston's hedge in the stock leaves to the variance is vanna's matter."""
    gammas: Floats
    thetas: Floats
    """dV/dt, price a year, with v0 held."""
    rhos: Floats
    """dV/dr at a fixed spot and yield."""
    vegas: Floats
    """dV/d√v0 = 2√v0 dV/dv0: price for 1.00 of the volatility of now."""
    reversion: Floats
    """dV/dκ."""
    long_variance: Floats
    """dV/dθ."""
    vol_of_vol: Floats
    """dV/dσ."""
    correlation: Floats
    """dV/dρ."""


class Undiscounted(NamedTuple):
    """Call values on the forward and their derivatives, a row an option, NaN where there is none."""

    calls: Floats
    forward: Floats
    """dC/dF."""
    curvature: Floats
    """d²C/dF²."""
    parameters: Floats
    """dC/d(v0, κ, θ, σ, ρ) down."""
    years: Floats
    """dC/dT at a fixed forward."""


def prices(
    *,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    parameters: HestonParameters,
    discounts: ArrayLike = 1.0,
) -> Floats:
    """Heston prices; ``rights`` +1 call, -1 put.

    A. Lewis's reference values (S = K = 100, r = 1 %, q = 2 %, one year, v0 = 0.04, κ = 4, θ = 0.25, σ = 1, ρ = -0.5):

    >>> lewis = HestonParameters(0.04, 4.0, 0.25, 1.0, -0.5)
    >>> F, D = 100 * np.exp(-0.01), np.exp(-0.01)
    >>> round(float(prices(forwards=F, strikes=100, years=1, rights=1, parameters=lewis, discounts=D)), 9)
    16.070154917
    """
    require_fractions(years=years)
    rows, shape = columns(forwards, strikes, years, *parameters, rights, discounts)
    F, K, sign, D = rows[0], rows[1], rows[8], rows[9]
    calls = undiscounted(rows[:8]).calls
    result: Floats = D * _of_right(calls, F, K, sign)
    return result.reshape(shape)


def greeks(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    parameters: HestonParameters,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
) -> HestonGreeks:
    """Price and Greeks from a spot, a rate and a yield, with F = S e^((r-q)T); derivatives under the integral, none by differences."""
    require_fractions(rates=rates, yields=yields, years=years)
    rows, shape = columns(spots, strikes, years, *parameters, rights, rates, yields)
    S, K, T, sign, r, q = rows[0], rows[1], rows[2], rows[8], rows[9], rows[10]
    with np.errstate(all="ignore"):
        F, D = S * np.exp((r - q) * T), np.exp(-r * T)
        found = undiscounted(np.concatenate((F[None], rows[1:8])))
        value = _of_right(found.calls, F, K, sign)
        on_forward = found.forward - np.where(sign < 0.0, 1.0, 0.0)
        results = (
            D * value,
            D * on_forward * F / S,
            D * found.curvature * (F / S) ** 2,
            r * D * value - D * on_forward * (r - q) * F - D * found.years,
            T * D * (on_forward * F - value),
            2.0 * np.sqrt(rows[3]) * D * found.parameters[0],
            *(D * found.parameters[1:]),
        )
    return HestonGreeks(*(np.asarray(result).reshape(shape) for result in results))


def smile(*, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, parameters: HestonParameters) -> ImpliedVols:
    """The Black volatilities of Heston's prices, each from its out-of-the-money option, and their status."""
    require_fractions(years=years)
    rows, shape = columns(forwards, strikes, years, *parameters)
    F, K, T = rows[0], rows[1], rows[2]
    right = np.where(K >= F, 1.0, -1.0)
    found = implied_vols(prices=_of_right(undiscounted(rows).calls, F, K, right), forwards=F, strikes=K, years=T, rights=right)
    statuses: Bytes = found.statuses
    return ImpliedVols(found.vols.reshape(shape), statuses.reshape(shape))


@np.errstate(all="ignore")
def undiscounted(rows: Floats) -> Undiscounted:
    """Of the rows (F, K, T, v0, κ, θ, σ, ρ): what prices, Greeks and the calibration share."""
    F, K, T, v0, kappa, theta, sigma, rho = rows
    known = (F > 0.0) & (K > 0.0) & (T > 0.0) & (v0 >= 0.0) & (kappa >= 0.0) & (theta >= 0.0) & (sigma > 0.0) & (np.abs(rho) <= 1.0)
    known &= np.isfinite(rows).all(axis=0) & (np.abs(rows[2:]) < GREATEST).all(axis=0)
    omega, w, tilt, scale = (np.empty(F.size) for _ in range(4))
    out, changes = np.full((SUMS, F.size), np.nan), np.full(F.size, np.nan)
    with np.errstate(all="ignore"):
        omega = np.log(F / K)
        w = theta * T + (v0 - theta) * np.where(kappa > 0.0, -np.expm1(-kappa * T) / kappa, T)
        weight = (v0 + kappa * theta * T) / sigma
        tilt = np.where((rho - omega / weight) * omega < 0.0, TILT * np.sign(omega), 0.0)
        decorrelation = np.maximum(np.sqrt(np.maximum(1.0 - rho * rho, 0.0)), LEAST_DECORRELATION)
        scale = np.maximum(1.5 / np.sqrt(w), 1.0 / (weight * decorrelation))
        scale /= 1.0 + WING_DECAY * tilt * omega * scale
        known &= (w > 0.0) & np.isfinite(scale)
        chosen = np.stack((omega, T, v0, kappa, theta, sigma, rho, w, tilt, scale))[:, known]
        sums, change = np.empty((SUMS, chosen.shape[1])), np.empty(chosen.shape[1])
        ROOM.jobs().heston_integrals(np.ascontiguousarray(chosen), sums, change)
        out[:, known], changes[known] = sums * (-1.0 / math.pi), change
        out[:, ~(changes < UNSETTLED)] = np.nan
        control = np.empty((black.GREEKS, F.size))  # of any total variance, so past the check of what can be meant
        one, nothing = np.ones(F.size), np.zeros(F.size)
        core().greeks(np.stack((F, F, K, one, np.sqrt(w), nothing, nothing, one)), control)
    return Undiscounted(
        calls=control[0] + F * out[0],
        forward=control[1] + out[1],
        curvature=control[2] + out[2] / F,
        parameters=F * out[3:8],
        years=F * out[8],
    )


def _of_right(calls: Floats, F: Floats, K: Floats, sign: Floats) -> Floats:
    """Calls, or puts by parity; a value within a rounding of the intrinsic one, or below it, is it."""
    with np.errstate(all="ignore"):
        value = np.where(sign > 0.0, calls, calls - F + K)
        intrinsic = np.maximum(sign * (F - K), 0.0)
        slack = ROUNDING * np.sqrt(F * K)
        clean = np.where(value - intrinsic <= slack, intrinsic, value)
    result: Floats = np.where(sign * sign == 1.0, clean, np.nan)
    return result
