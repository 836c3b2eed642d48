"""Merton's jump diffusion: Black's price at every number of jumps, weighted by how likely that number is.

    dS/S- = (r - q - λk) dt + σ dW + (e^J - 1) dN,   J normal (μ, δ²),  k = e^(μ + δ²/2) - 1,  N Poisson of intensity λ a year
    C = Σ_n e^(-λT) (λT)^n / n!  Black(F_n, σ_n),   F_n = F e^(-λkT + n(μ + δ²/2)),  σ_n² T = σ²T + nδ²

R. C. Merton, "Option pricing when underlying stock returns are discontinuous", Journal of Financial Economics 3 (1976), p. 135, eq. 19
(there with λ' = λ(1+k) and a rate a jump; this is the same sum, term by term). The sum ends where the Poisson weight left is below 1e-16.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, columns
from engine.quant.european import black
from engine.quant.european.implied import ImpliedVols, implied_vols
from engine.quant.meant import require_fractions
from engine.quant.stochastic.calibration import Fitted, Quotes, fitted, quotes_of

MOST_JUMPS = 500.0
"""Expected jumps λT above which there is no price: a market of that many is a diffusion."""
CELLS = 200_000
"""Options times numbers of jumps at a time."""
LEAST = 4
LOWER, UPPER = (1e-3, 1e-6, -2.0, 1e-4), (5.0, 50.0, 2.0, 2.0)
"""Of σ, λ, μ, δ."""
SHAPES = ((0.7, 1.0, -0.1, 0.1), (0.9, 0.2, -0.3, 0.2), (0.6, 5.0, -0.05, 0.05))
"""Starts: σ as a part of the volatility near the money, then λ, μ, δ."""


class MertonParameters(NamedTuple):
    """Numbers, or columns of them, one an option. Outside σ, λ, δ >= 0 a price is NaN."""

    vol: ArrayLike
    """σ of the diffusion, a year."""
    intensity: ArrayLike
    """λ: jumps a year."""
    jump_mean: ArrayLike
    """μ of a jump's logarithm."""
    jump_deviation: ArrayLike
    """δ of a jump's logarithm."""


class MertonFit(NamedTuple):
    """The parameters, as numbers, and what they are worth."""

    parameters: MertonParameters
    fit: Fitted


def prices(
    *,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    parameters: MertonParameters,
    discounts: ArrayLike = 1.0,
) -> Floats:
    """Merton prices; ``rights`` +1 call, -1 put. Without jumps (λ = 0) Black's."""
    require_fractions(vols=parameters.vol, years=years)
    rows, shape = columns(forwards, strikes, years, *parameters, rights, discounts)
    F, K, sign, D = rows[0], rows[1], rows[7], rows[8]
    right = np.where(K >= F, 1.0, -1.0)  # the sum keeps its digits on the side out of the money
    value, _ = _summed(rows[:7], right, slopes=False)
    with np.errstate(all="ignore"):
        value = np.where(sign == right, value, value + sign * (F - K))
    result: Floats = np.where(sign * sign == 1.0, D * value, np.nan)
    return result.reshape(shape)


def smile(*, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, parameters: MertonParameters) -> ImpliedVols:
    """The Black volatilities of Merton's prices, each from its out-of-the-money option, and their status."""
    right = np.where(np.asarray(strikes, dtype=np.float64) >= np.asarray(forwards, dtype=np.float64), 1.0, -1.0)
    value = prices(forwards=forwards, strikes=strikes, years=years, rights=right, parameters=parameters)
    return implied_vols(prices=value, forwards=forwards, strikes=strikes, years=years, rights=right)


def fit_merton(
    *,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    weights: ArrayLike = 1.0,
    starts: Sequence[MertonParameters] | None = None,
) -> MertonFit:
    """The least sum of squared volatility errors, as :func:`engine.quant.stochastic.heston_fit.fit_heston`, with its three starts."""
    quotes, usable, shape = quotes_of(forwards=forwards, strikes=strikes, years=years, vols=vols, weights=weights, least=LEAST)
    middle = float(np.median(quotes.vols))
    chosen = starts or [MertonParameters(part * middle, *rest) for part, *rest in SHAPES]
    begun = [np.array(start, dtype=np.float64) for start in chosen]
    found = fitted(_calls, quotes, usable, shape, starts=begun, lower=LOWER, upper=UPPER)
    return MertonFit(MertonParameters(*(float(value) for value in found.values)), found)


def _calls(values: Floats, quotes: Quotes) -> tuple[Floats, Floats]:
    rows = np.empty((7, quotes.strikes.size))
    rows[0], rows[1], rows[2] = quotes.forwards, quotes.strikes, quotes.years
    rows[3:] = values[:, None]
    right = np.where(rows[1] >= rows[0], 1.0, -1.0)
    value, slopes = _summed(rows, right, slopes=True)
    return np.where(right > 0.0, value, value + rows[0] - rows[1]), slopes


def _summed(rows: Floats, right: Floats, *, slopes: bool) -> tuple[Floats, Floats]:
    """Undiscounted values of the rows (F, K, T, σ, λ, μ, δ) and their derivatives in the last four."""
    _, _, T, sigma, intensity, _, deviation = rows
    with np.errstate(all="ignore"):
        expected = intensity * T
        known = (
            np.isfinite(rows).all(axis=0) & (sigma >= 0.0) & (intensity >= 0.0) & (deviation >= 0.0) & (T > 0.0) & (expected <= MOST_JUMPS)
        )
    value, slope = np.full(right.size, np.nan), np.full((4, right.size), np.nan)
    chosen = np.flatnonzero(known)
    if chosen.size:
        most = float(expected[chosen].max())
        counts = np.arange(math.ceil(most + 10.0 * math.sqrt(most) + 20.0), dtype=np.float64)
        block = max(CELLS // counts.size, 1)
        for start in range(0, chosen.size, block):
            part = chosen[start : start + block]
            value[part], slope[:, part] = _terms(rows[:, part], right[part], counts, slopes=slopes)
    return value, slope


def _terms(rows: Floats, right: Floats, counts: Floats, *, slopes: bool) -> tuple[Floats, Floats]:
    F, K, T, sigma, intensity, mean, deviation = rows[:, :, None]
    n = counts[None, :]
    factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, counts.size)))))
    with np.errstate(all="ignore"):
        expected = intensity * T
        weight = np.exp(np.where(n > 0.0, n * np.log(expected), 0.0) - expected - factorials)
        compensator = np.expm1(mean + 0.5 * deviation**2)
        forward = F * np.exp(n * (mean + 0.5 * deviation**2) - expected * compensator)
        vol = np.sqrt(sigma**2 + n * deviation**2 / T)
        if not slopes:
            found = black.prices(forwards=forward, strikes=K, years=T, vols=vol, rights=right[:, None])
            return (weight * found).sum(axis=1), np.full((4, right.size), np.nan)
        greeks = black.greeks(spots=forward, strikes=K, years=T, vols=vol, rights=right[:, None])
        by_forward, vega = greeks.deltas * forward, greeks.vegas
        grown = compensator + 1.0
        by_n = (n / intensity - T) * greeks.prices - by_forward * T * compensator
        lines = (
            vega * sigma / vol,
            by_n,
            by_forward * (n - expected * grown),
            by_forward * deviation * (n - expected * grown) + vega * n * deviation / (T * vol),
        )
        return (weight * greeks.prices).sum(axis=1), np.stack([(weight * line).sum(axis=1) for line in lines])
