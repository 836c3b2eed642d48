"""Digital options in the Black-Scholes-Merton model: one unit of cash, or one of the asset, if the option ends in the money.

Symbols: S spot, K strike, T years, σ volatility, r rate and q yield (continuous), b = r - q, D = e^(-rT), c = e^(-qT), ε = +1 call and -1
put, s = σ√T, d1 = (ln(S/K) + bT)/s + s/2, d2 = d1 - s, φ and N the normal density and distribution. The underlying of the Greeks is the
spot. Outside the domain (S, K, T, σ > 0) the answer is NaN.

    cash     D N(ε d2)      asset    S c N(ε d1)      vanilla = ε (asset - K cash)

The derivatives follow from d1_σ = -d2/σ, d2_σ = -d1/σ, d1_q = d2_q = -T/s, d1_T = b/s - d2/(2T), d2_T = b/s - d1/(2T). On a smile a
digital is not worth this: its value is minus the slope of the vanilla prices in the strike.

References: M. Rubinstein and E. Reiner, "Unscrambling the Binary Code", Risk 4 (1991), p. 75; E. G. Haug, "The Complete Guide to Option
Pricing Formulas", 2nd ed. (2007), sections 4.19.2 (cash-or-nothing) and 4.19.3 (asset-or-nothing).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats, columns
from engine.quant.european.greeks import FullGreeks, full_greeks
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.meant import require_fractions
from engine.quant.special import log_ratio, normal_cdf


class _Terms(NamedTuple):
    """What both payoffs share."""

    known: Bools
    shape: tuple[int, ...]
    spot: Floats
    years: Floats
    vol: Floats
    sign: Floats
    rate: Floats
    dividend: Floats
    s: Floats
    d1: Floats
    d2: Floats
    d1_years: Floats
    """d1_T, and the other alike."""
    d2_years: Floats


def cash_greeks(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
) -> FullGreeks:
    """Price and Greeks of one unit of cash paid if the option ends in the money.

    Haug (2007), section 4.19.2: a put that pays 10 below 80, the future at 100, nine months, r = q = 6 %, volatility 35 %:

    >>> round(10 * float(cash_greeks(spots=100, strikes=80, years=0.75, vols=0.35, rights=-1, rates=0.06, yields=0.06).prices), 4)
    2.671
    """
    t = _terms(spots, strikes, years, vols, rights, rates, yields)
    s, d1, d2, sigma, T, S = t.s, t.d1, t.d2, t.vol, t.years, t.spot
    with np.errstate(all="ignore"):
        discount = np.exp(-t.rate * T)
        price = discount * normal_cdf(t.sign * d2)
        density = t.sign * discount * INVERSE_SQRT_2_PI * np.exp(-0.5 * d2 * d2)  # ε D φ(d2)
        product = d1 * d2
        delta = density / (S * s)
        convex = density / (S * s) ** 2
        bend = d1 * d1 * d2 - d2 - d1
        decay = t.rate + d2 * t.d2_years
        return full_greeks(
            t.known,
            t.shape,
            price,
            delta,
            -convex * d1,
            -density * d1 / sigma,
            t.rate * price - density * t.d2_years,
            -T * price + density * T / s,
            delta * (product - 1.0) / sigma,
            -density * bend / sigma**2,
            delta * (decay + 0.5 / T),
            convex / (S * s) * (product - 1.0 + 2.0 * s * d1),
            -convex * (d1 * d1 * d2 - d2 - 2.0 * d1) / sigma,
            convex * (t.d1_years - d1 * (decay + 1.0 / T)),
            -density * ((product - 2.0) * bend - 2.0 * d1 * d2 * d2 - d1**3 + d1 + d2) / sigma**3,
            -density * T / s,
        )


def asset_greeks(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
) -> FullGreeks:
    """Price and Greeks of one unit of the asset delivered if the option ends in the money.

    Haug (2007), section 4.19.3: a put struck at 65 on a spot of 70, half a year, r = 7 %, q = 5 %, volatility 27 %:

    >>> round(float(asset_greeks(spots=70, strikes=65, years=0.5, vols=0.27, rights=-1, rates=0.07, yields=0.05).prices), 4)
    20.2069
    """
    t = _terms(spots, strikes, years, vols, rights, rates, yields)
    s, d1, d2, sigma, T, S = t.s, t.d1, t.d2, t.vol, t.years, t.spot
    with np.errstate(all="ignore"):
        held = np.exp(-t.dividend * T)
        within = held * normal_cdf(t.sign * d1)
        density = t.sign * held * INVERSE_SQRT_2_PI * np.exp(-0.5 * d1 * d1)  # ε c φ(d1)
        product = d1 * d2
        delta = within + density / s
        convex = density / (S * s * s)
        bend = d1 * d2 * d2 - d1 - d2
        return full_greeks(
            t.known,
            t.shape,
            S * within,
            delta,
            -convex * d2,
            -S * density * d2 / sigma,
            S * (t.dividend * within - density * t.d1_years),
            S * density * T / s,
            density * ((product - 1.0) / s - d2) / sigma,
            -S * density * bend / sigma**2,
            t.dividend * delta - density * (t.d1_years - (d1 * t.d1_years + 0.5 / T) / s),
            convex / (S * s) * (product - 1.0 + s * d2),
            -convex * (bend - d2) / sigma,
            convex * (t.d2_years - d2 * (t.dividend + d1 * t.d1_years + 1.0 / T)),
            -S * density * ((product - 2.0) * bend - 2.0 * d1 * d1 * d2 - d2**3 + d1 + d2) / sigma**3,
            -T * S * delta,
        )


def _terms(
    spots: ArrayLike, strikes: ArrayLike, years: ArrayLike, vols: ArrayLike, rights: ArrayLike, rates: ArrayLike, yields: ArrayLike
) -> _Terms:
    require_fractions(vols=vols, rates=rates, yields=yields, years=years)
    rows, shape = columns(spots, strikes, years, vols, rights, rates, yields)
    S, K, T, sigma, sign, r, q = rows
    with np.errstate(all="ignore"):
        s = sigma * np.sqrt(T)
        d1 = (log_ratio(S, K) + (r - q) * T) / s + 0.5 * s
        d2 = d1 - s
        known = (S > 0.0) & (K > 0.0) & (T > 0.0) & (sigma > 0.0) & (sign * sign == 1.0) & np.isfinite(d1)
        drift = (r - q) / s
        return _Terms(known, shape, S, T, sigma, sign, r, q, s, d1, d2, drift - 0.5 * d2 / T, drift - 0.5 * d1 / T)
