"""Black-76 prices and Greeks of columns of options, in model units.

Symbols: F forward, K strike, T years to the settlement instant, σ volatility a year, D = e^(-rT) discount, r rate and q yield (both
continuous, a year), S spot, ε = +1 call and -1 put; d1 = (ln(F/K) + σ²T/2) / (σ√T), d2 = d1 - σ√T, φ and N the normal density and
distribution.
Every argument may be a number or an array; they are broadcast against one another. Outside the domain (F, K, S > 0, T and σ > 0, for prices
also = 0) the answer is NaN, never an exception; a column in a unit that cannot be meant is a ValueError (:mod:`engine.quant.meant`).
Trader units: :mod:`engine.quant.trader_units`.

References: F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), p. 177; E. G. Haug, "The Complete Guide
to Option Pricing Formulas", 2nd ed. (2007), p. 2 (Black-Scholes-Merton with a yield) and chapter 2 (Greeks).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, columns
from engine.quant.meant import require_fractions
from engine.quant.tiers import core

GREEKS = 10
"""Rows that a tier's Greeks fill."""


class Greeks(NamedTuple):
    """Price and Greeks in model units; dV/dt means calendar time passing. The probability is risk-neutral."""

    prices: Floats
    """V = D ε (F N(ε d1) - K N(ε d2))."""
    deltas: Floats
    """dV/dS = ε e^(-qT) N(ε d1): spot delta."""
    gammas: Floats
    """d²V/dS² = e^(-qT) φ(d1) / (S σ√T), delta a unit of the underlying."""
    vegas: Floats
    """dV/dσ = S e^(-qT) φ(d1) √T, price for 1.00 of volatility."""
    thetas: Floats
    """dV/dt = -S e^(-qT) φ(d1) σ/(2√T) - ε (r K D N(ε d2) - q S e^(-qT) N(ε d1)), price a year."""
    rhos: Floats
    """dV/dr = ε T K D N(ε d2) at a fixed spot and yield, price for 1.00 of rate."""
    vannas: Floats
    """d²V/dSdσ = -e^(-qT) φ(d1) d2/σ, delta for 1.00 of volatility."""
    volgas: Floats
    """d²V/dσ² = vega d1 d2/σ."""
    charms: Floats
    """d²V/dSdt = ε q e^(-qT) N(ε d1) - e^(-qT) φ(d1) (2(r-q)T - d2 σ√T) / (2T σ√T), delta a year."""
    probabilities_itm: Floats
    """N(ε d2)."""


class HigherGreeks(NamedTuple):
    """Third derivatives, the strike's own delta, and the carry's rhos, in model units."""

    speeds: Floats
    """d³V/dS³ = -gamma (1 + d1/(σ√T)) / S."""
    zommas: Floats
    """d³V/dS²dσ = gamma (d1 d2 - 1)/σ."""
    colors: Floats
    """d³V/dS²dt = gamma (q + (r-q) d1/(σ√T) + (1 - d1 d2)/(2T)), gamma a year of calendar time."""
    ultimas: Floats
    """d³V/dσ³ = -vega (d1 d2 (1 - d1 d2) + d1² + d2²)/σ²."""
    dual_deltas: Floats
    """dV/dK = -ε D N(ε d2)."""
    dividend_rhos: Floats
    """dV/dq = -ε T S e^(-qT) N(ε d1) at a fixed spot and rate, price for 1.00 of dividend yield."""
    borrow_rhos: Floats
    """dV/db: a borrow fee lowers the forward as a yield does, F = S e^((r-q-b)T), so it is the dividend rho; give q + b as the yield."""


HIGHER_GREEKS = 6
"""Rows that a tier's higher Greeks fill: those of :class:`HigherGreeks`, the last of which is the one before."""


def prices(
    *, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, vols: ArrayLike, rights: ArrayLike, discounts: ArrayLike = 1.0
) -> Floats:
    """Black-76 prices; ``rights`` +1 call, -1 put. With no time or no volatility left, the discounted intrinsic value.

    Haug (2007), section 1.1.3: Brent blend at 19 struck at 19, nine months, r = 10 %, volatility 28 %:

    >>> round(float(prices(forwards=19, strikes=19, years=0.75, vols=0.28, rights=-1, discounts=np.exp(-0.075))), 4)
    1.7011
    """
    require_fractions(vols=vols, years=years)
    rows, shape = columns(forwards, strikes, years, vols, discounts, rights)
    out = np.empty(rows.shape[1])
    core().prices(rows, out)
    return out.reshape(shape)


def greeks(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
) -> Greeks:
    """Price and Greeks from a spot, a rate and a yield, with F = S e^((r-q)T).

    Haug (2007), section 2.1.1: the delta of a call struck at 100 on a future at 105, half a year, r = q = 10 %, volatility 36 %:

    >>> round(float(greeks(spots=105, strikes=100, years=0.5, vols=0.36, rights=1, rates=0.1, yields=0.1).deltas), 4)
    0.5946
    """
    with np.errstate(all="ignore"):
        forwards = np.asarray(spots) * np.exp((np.asarray(rates) - np.asarray(yields)) * np.asarray(years))
    return greeks_on_forward(
        spots=spots, forwards=forwards, strikes=strikes, years=years, vols=vols, rights=rights, rates=rates, yields=yields
    )


def greeks_on_forward(
    *,
    spots: ArrayLike,
    forwards: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike,
    yields: ArrayLike,
) -> Greeks:
    """Price and Greeks on a forward that the market gave; e^(-qT) is then D F/S, and ``yields`` serve theta and charm alone."""
    require_fractions(vols=vols, rates=rates, yields=yields, years=years)
    rows, shape = columns(spots, forwards, strikes, years, vols, rates, yields, rights)
    out = np.empty((GREEKS, rows.shape[1]))
    core().greeks(rows, out)
    return Greeks(*out.reshape(GREEKS, *shape))


def futures_greeks(
    *, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, vols: ArrayLike, rights: ArrayLike, rates: ArrayLike = 0.0
) -> Greeks:
    """Price and Greeks of an option on a future or forward, against it: S = F and q = r, and the rate discounts alone, so rho = -T V.

    Haug (2007), section 1.1.3, as in :func:`prices`; its rho is minus nine months of the price:

    >>> found = futures_greeks(forwards=19, strikes=19, years=0.75, vols=0.28, rights=-1, rates=0.1)
    >>> round(float(found.prices), 4), round(float(found.rhos), 4)
    (1.7011, -1.2758)
    """
    found = greeks_on_forward(
        spots=forwards, forwards=forwards, strikes=strikes, years=years, vols=vols, rights=rights, rates=rates, yields=rates
    )
    return found._replace(rhos=-np.asarray(years) * found.prices)


def higher_greeks(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
) -> HigherGreeks:
    """Speed, zomma, color, ultima, dual delta, dividend and borrow rho (Haug (2007), chapter 2)."""
    require_fractions(vols=vols, rates=rates, yields=yields, years=years)
    rows, shape = columns(spots, strikes, years, vols, rates, yields, rights)
    out = np.empty((HIGHER_GREEKS, rows.shape[1]))
    core().higher_greeks(rows, out)
    speeds, zommas, colors, ultimas, dual_deltas, carry_rhos = out.reshape(HIGHER_GREEKS, *shape)
    return HigherGreeks(speeds, zommas, colors, ultimas, dual_deltas, carry_rhos, carry_rhos)


def expected_distances(*, forwards: ArrayLike, years: ArrayLike, vols: ArrayLike) -> Floats:
    """E|F_T - F| = 2F (2N(σ√T/2) - 1): what the straddle struck at the forward is worth, undiscounted.

    For small σ√T it is F σ√T √(2/π), 0.798 of a standard deviation.
    """
    rows, shape = columns(forwards, forwards, years, vols, 1.0, 1.0)
    out = np.empty(rows.shape[1])
    core().prices(rows, out)
    out *= 2.0
    return out.reshape(shape)
