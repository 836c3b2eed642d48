"""What a smile says of where the underlying ends: density, distribution, digital prices, and the chance to be touched on the way.

Symbols: k = ln(K/F), w(k) total variance, s = √w, d1 = -k/s + s/2, d2 = d1 - s, N and φ the normal distribution and density, D discount, ε
= +1 call and -1 put. Inputs are a :class:`engine.quant.smiles.svi.Smile` (w, w', w'' at each k), so they serve every kind of smile. All
probabilities are risk-neutral.

D. T. Breeden and R. H. Litzenberger, "Prices of state-contingent claims implicit in option prices", Journal of Business 51 (1978), p. 621:
the density is the second derivative of the call price in the strike. In total variance that is (J. Gatheral and A. Jacquier,
"Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59, eq. 2.2) p(k) = g(k) φ(d2)/s of ln(S_T/F), and its
integral, from the first derivative, P(S_T > K) = N(d2) - φ(d2) w'/(2s): the second term is the skew's correction of Black's N(d2).
"""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.formulas.smile import build_durrleman
from engine.quant.numpy_tier import PRIMITIVES
from engine.quant.smiles.svi import Smile
from engine.quant.special import normal_cdf

_durrleman = build_durrleman(PRIMITIVES)


def densities(*, log_moneyness: ArrayLike, smile: Smile) -> Floats:
    """Density of ln(S_T/F) at k; divided by K it is that of S_T. Below zero where the smile has butterfly arbitrage; NaN without w > 0.

    >>> flat = Smile(np.float64(0.04), np.float64(0.0), np.float64(0.0))
    >>> round(float(densities(log_moneyness=-0.02, smile=flat)), 6)
    1.994711
    """
    k = np.asarray(log_moneyness, dtype=np.float64)
    w, slope, curvature = (np.asarray(part, dtype=np.float64) for part in smile)
    with np.errstate(all="ignore"):
        root = np.sqrt(np.where(w > 0.0, w, np.nan))
        d2 = -k / root - 0.5 * root
        result: Floats = _durrleman(k, root * root, slope, curvature) * INVERSE_SQRT_2_PI * np.exp(-0.5 * d2 * d2) / root
    return result


def probabilities_above(*, log_moneyness: ArrayLike, smile: Smile) -> Floats:
    """P(S_T > K) = N(d2) - φ(d2) w'/(2s), the integral of :func:`densities` from k up; NaN without w > 0."""
    k = np.asarray(log_moneyness, dtype=np.float64)
    w, slope = np.asarray(smile.variances, dtype=np.float64), np.asarray(smile.slopes, dtype=np.float64)
    with np.errstate(all="ignore"):
        root = np.sqrt(np.where(w > 0.0, w, np.nan))
        d2 = -k / root - 0.5 * root
        result: Floats = normal_cdf(d2) - INVERSE_SQRT_2_PI * np.exp(-0.5 * d2 * d2) * slope / (2.0 * root)
    return result


def probabilities_itm(*, log_moneyness: ArrayLike, smile: Smile, rights: ArrayLike) -> Floats:
    """P(in the money): above the strike for a call (``rights`` +1), below it for a put (-1)."""
    above = probabilities_above(log_moneyness=log_moneyness, smile=smile)
    result: Floats = np.where(np.asarray(rights) > 0, above, 1.0 - above)
    return result


def digital_prices(*, log_moneyness: ArrayLike, smile: Smile, rights: ArrayLike, discounts: ArrayLike = 1.0) -> Floats:
    """Price of one unit of money paid at expiry in the money: D P(in the money), the limit of a tight call or put spread on this smile."""
    result: Floats = np.asarray(discounts, dtype=np.float64) * probabilities_itm(log_moneyness=log_moneyness, smile=smile, rights=rights)
    return result


def probabilities_touch(
    *, spots: ArrayLike, barriers: ArrayLike, years: ArrayLike, vols: ArrayLike, rates: ArrayLike = 0.0, yields: ArrayLike = 0.0
) -> Floats:
    """Chance that the spot touches a level at any time before expiry; 1 where it stands there, NaN outside the domain.

    An approximation: exact for one constant volatility, that of the smile at the level (the first-passage law of Brownian motion with
    drift, J. M. Harrison, "Brownian Motion and Stochastic Flow Systems" (1985), p. 14, eq. 1.8.11; continuous watching). With
    h = |ln(B/S)| and μ = (r - q - σ²/2) towards the barrier it is N((μT - h)/σ√T) + e^(2μh/σ²) N((-μT - h)/σ√T); near the money and without
    drift twice P(beyond at expiry), as traders reckon.

    >>> round(float(probabilities_touch(spots=100, barriers=110, years=0.25, vols=0.2)), 4)
    0.3245
    """
    S, B, T, sigma, r, q = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (spots, barriers, years, vols, rates, yields))
    )
    with np.errstate(all="ignore"):
        h = np.log(B / S)
        sign = np.where(h >= 0.0, 1.0, -1.0)
        drift = sign * (r - q - 0.5 * sigma * sigma)
        h = np.abs(h)
        root = sigma * np.sqrt(T)
        beyond = normal_cdf((drift * T - h) / root)
        reflected = np.exp(np.minimum(2.0 * drift * h / (sigma * sigma), 700.0)) * normal_cdf((-drift * T - h) / root)
        good = (S > 0.0) & (B > 0.0) & (T > 0.0) & (sigma > 0.0) & np.isfinite(S + B + T + sigma + r + q)
        result: Floats = np.where(good, np.clip(beyond + reflected, 0.0, 1.0), np.nan)
    return result
