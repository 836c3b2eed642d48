"""Coin-settled options: premium and settlement in the coin itself.

Such a call pays max(1 - K/S_T, 0) coins, so its premium in the coin is c = E[max(S_T - K, 0)] / F: the undiscounted Black-76 price in the
currency of the strike over the forward of its own expiry (Deribit's own marks obey this to 1e-5 coin).
With it C - P = F - K becomes c - p = 1 - K/F, and the rate is zero by convention: all carry is in the forward.
"""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, columns
from engine.quant.european.greeks import FullGreeks, full_greeks
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.meant import require_fractions
from engine.quant.special import log_ratio, normal_cdf
from engine.quant.tiers import core


def currency_prices(*, coin_prices: ArrayLike, forwards: ArrayLike) -> Floats:
    """Undiscounted prices in the currency of the strike, which is what implied volatility is solved from; NaN without a forward.

    >>> float(currency_prices(coin_prices=0.05, forwards=60_000))
    3000.0
    """
    with np.errstate(all="ignore"):
        result: Floats = np.asarray(coin_prices, dtype=np.float64) * _forwards(forwards)
    return result


def coin_prices(*, currency_prices: ArrayLike, forwards: ArrayLike) -> Floats:
    """Premiums in the coin of undiscounted prices in the currency of the strike; NaN without a forward.

    >>> float(coin_prices(currency_prices=3000, forwards=60_000))
    0.05
    """
    with np.errstate(all="ignore"):
        result: Floats = np.asarray(currency_prices, dtype=np.float64) / _forwards(forwards)
    return result


def _forwards(forwards: ArrayLike) -> Floats:
    """NaN where one is not above zero, or endless."""
    F = np.asarray(forwards, dtype=np.float64)
    return np.where((F > 0.0) & np.isfinite(F), F, np.nan)


def net_deltas(*, deltas: ArrayLike, coin_prices: ArrayLike) -> Floats:
    """Delta less the premium: the exposure of one who paid in the coin, which Deribit's account shows as the "net transaction delta".

    >>> round(float(net_deltas(deltas=0.55, coin_prices=0.05)), 10)
    0.5
    """
    result: Floats = np.asarray(deltas, dtype=np.float64) - np.asarray(coin_prices, dtype=np.float64)
    return result


def greeks(*, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, vols: ArrayLike, rights: ArrayLike) -> FullGreeks:
    """Premium in the coin and its Greeks against the forward, in coins: what the position does to an account kept in the coin.

    With the undiscounted value V in currency, V_F = ε N(ε d1), and c = V/F:

        c_F = ε (K/F²) N(ε d2)      c_FF = (V_FF - 2 c_F)/F      c_FFF = (V_FFF - 3 c_FF)/F      c_σ = V_σ/F and c_t = V_t/F
        c_Fσ = (V_Fσ - c_σ)/F       c_FFσ = (V_FFσ - 2 c_Fσ)/F   c_Ft and c_FFt alike            rho = 0: all carry is in the forward

    Times F², c_F is the hedge in currency of one who keeps coins: F c_F = V_F - c, Deribit's net transaction delta.

    >>> found = greeks(forwards=60_000, strikes=60_000, years=0.25, vols=0.6, rights=1)
    >>> [round(float(number), 6) for number in (found.prices, 60_000 * found.deltas, found.vegas)]
    [0.119235, 0.440382, 0.19724]
    """
    require_fractions(vols=vols, years=years)
    rows, shape = columns(forwards, strikes, years, vols, rights)
    F, K, T, sigma, sign = rows
    with np.errstate(all="ignore"):
        s = sigma * np.sqrt(T)
        x = log_ratio(F, K)
        d1 = x / s + 0.5 * s
        d2 = d1 - s
        product = d1 * d2
        known = (F > 0.0) & (K > 0.0) & (T > 0.0) & (sigma > 0.0) & (sign * sign == 1.0) & np.isfinite(d1)
        density = INVERSE_SQRT_2_PI * np.exp(-0.5 * d1 * d1)
        itm = normal_cdf(sign * d2)
        currency = np.empty(F.size)
        core().prices(np.vstack((F, K, T, sigma, np.ones(F.size), sign)), currency)
        gamma = density / (F * s)  # of the value in currency, as the next ones
        vega = density * np.sqrt(T)  # over F
        delta = sign * K / (F * F) * itm
        convex = (gamma - 2.0 * delta) / F
        theta = -0.5 * vega * sigma / T
        vanna = (-density * d2 / sigma - vega) / F
        charm = (0.5 * density * d2 / T - theta) / F
        return full_greeks(
            known,
            shape,
            currency / F,
            delta,
            convex,
            vega,
            theta,
            np.zeros(F.shape),
            vanna,
            vega * product / sigma,
            charm,
            (-gamma * (1.0 + d1 / s) / F - 3.0 * convex) / F,
            (gamma * (product - 1.0) / sigma - 2.0 * vanna) / F,
            (gamma * (1.0 - product) / (2.0 * T) - 2.0 * charm) / F,
            -vega * (product * (1.0 - product) + d1 * d1 + d2 * d2) / (sigma * sigma),
            np.zeros(F.shape),
        )
