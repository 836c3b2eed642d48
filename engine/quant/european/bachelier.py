"""Options on a forward that moves by amounts, not by fractions: Bachelier's normal model, for what may fall below zero.

Symbols: F forward and K strike (either may be negative), T years, σ volatility in price units a √year, D = e^(-rT), ε = +1 call and -1 put,
s = σ√T, d = (F - K)/s, φ and N the normal density and distribution. The underlying of the Greeks is the forward, which is held fixed when
the rate moves. Outside the domain (F, K, r finite, T and σ > 0, for prices also = 0) the answer is NaN.

References: L. Bachelier, "Théorie de la spéculation", Annales scientifiques de l'École Normale Supérieure 17 (1900), p. 21; E. G. Haug,
"The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), section 1.3.1 (modified Bachelier); P. Jäckel, "Implied Normal Volatility",
Wilmott (2017) (the transformed objective).
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats, columns
from engine.quant.codes import IvStatus
from engine.quant.european.greeks import FullGreeks, full_greeks
from engine.quant.european.implied import ImpliedVols
from engine.quant.formulas.black import FARTHEST, INVERSE_SQRT_2, INVERSE_SQRT_2_PI
from engine.quant.meant import require_fractions
from engine.quant.special import erfcx, normal_cdf

SQRT_HALF_PI: Final = 1.2533141373155003
LARGEST: Final = 1e150
"""No input of the inverse may reach this, nor one over the time."""
TINY: Final = 1e-300
ULP: Final = 2.220446049250313e-16
ILL_CONDITIONED_FROM: Final = 1e-4
"""Part of the volatility that one rounding of the price may move before the answer is called ill-conditioned."""
NEAR_THE_MONEY: Final = 0.08
"""Time value over distance from the money, above which the reciprocal is the straighter objective."""
AT_THE_MONEY: Final = 1e12
"""The same ratio, above which the option is at the money to the last digit."""
STEPS: Final = 3


def prices(
    *, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, vols: ArrayLike, rights: ArrayLike, rates: ArrayLike = 0.0
) -> Floats:
    """V = D (ε (F - K) N(ε d) + s φ(d)); with no time or no volatility left, the discounted intrinsic value.

    At the money it is σ √(T/2π), Bachelier's own law of the square root of time:

    >>> round(float(prices(forwards=-2, strikes=-2, years=0.25, vols=15, rights=1)), 6)
    2.992067
    """
    require_fractions(rates=rates, years=years)
    rows, shape = columns(forwards, strikes, years, vols, rights, rates)
    F, K, T, sigma, sign, r = rows
    with np.errstate(all="ignore"):
        s = sigma * np.sqrt(T)
        known = _known(F, K, sign, r) & (T >= 0.0) & (sigma >= 0.0) & np.isfinite(s)
        d = np.where(s > 0.0, (F - K) / s, np.inf)
        value = np.exp(-r * T) * (np.maximum(sign * (F - K), 0.0) + np.where(s > 0.0, s, 0.0) * _time_value(np.abs(d)))
        return np.where(known, value, np.nan).reshape(shape)


def greeks(
    *, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, vols: ArrayLike, rights: ArrayLike, rates: ArrayLike = 0.0
) -> FullGreeks:
    """Price and Greeks against the forward; the volatility of vega, vanna, volga, zomma and ultima is the normal one, in price units.

    delta = ε D N(ε d), gamma = D φ(d)/s, vega = D φ(d) √T, theta = rV - vega σ/(2T), rho = -T V, vanna = -D φ(d) d/σ,
    volga = vega d²/σ, charm = r delta + D φ(d) d/(2T), speed = -gamma d/s, zomma = gamma (d² - 1)/σ,
    color = gamma (r + (1 - d²)/(2T)), ultima = vega d² (d² - 3)/σ².
    """
    require_fractions(rates=rates, years=years)
    rows, shape = columns(forwards, strikes, years, vols, rights, rates)
    F, K, T, sigma, sign, r = rows
    with np.errstate(all="ignore"):
        root = np.sqrt(T)
        s = sigma * root
        known = _known(F, K, sign, r) & (T > 0.0) & (sigma > 0.0) & np.isfinite(s)
        d = (F - K) / s
        square = d * d
        discount = np.exp(-r * T)
        density = discount * INVERSE_SQRT_2_PI * np.exp(-0.5 * square)
        value = discount * (np.maximum(sign * (F - K), 0.0) + s * _time_value(np.abs(d)))
        delta = sign * discount * normal_cdf(sign * d)
        gamma = density / s
        vega = density * root
        return full_greeks(
            known,
            shape,
            value,
            delta,
            gamma,
            vega,
            r * value - 0.5 * vega * sigma / T,
            -T * value,
            -density * d / sigma,
            vega * square / sigma,
            r * delta + 0.5 * density * d / T,
            -gamma * d / s,
            gamma * (square - 1.0) / sigma,
            gamma * (r + 0.5 * (1.0 - square) / T),
            vega * square * (square - 3.0) / (sigma * sigma),
            np.zeros(F.shape),
        )


def implied_vols(
    *, prices: ArrayLike, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, rights: ArrayLike, discounts: ArrayLike = 1.0
) -> ImpliedVols:
    """The normal volatilities at which the model gives these prices, and what they are worth.

    With v the time value over |F - K| and h = |d|: v = φ(h)/h - N(-h). A closed guess of h, then three third-order Householder steps on
    1/v near the money and on ln v away from it; the answer is |F - K|/(h √T), to the rounding of the price. Status 1 at or below intrinsic
    value, 3 where an input is missing or out of the domain, 4 where a rounding of the price moves the answer by more than 1e-4 of itself;
    a price above what any volatility gives does not exist here.

    >>> found = implied_vols(prices=2.992067, forwards=-2, strikes=-2, years=0.25, rights=1)
    >>> round(float(found.vols), 4), int(found.statuses)
    (15.0, 0)
    """
    require_fractions(years=years)
    rows, shape = columns(prices, forwards, strikes, years, rights, discounts)
    P, F, K, T, sign, D = rows
    with np.errstate(all="ignore"):
        price = P / D
        usable = (
            _known(F, K, sign, price) & (np.abs(F) + np.abs(K) + price + T + 1.0 / T < LARGEST) & (T > 0.0) & (price >= 0.0) & (D > 0.0)
        )
        away = np.abs(F - K)
        value = price - np.maximum(sign * (F - K), 0.0)
        something = value > 0.0
        solvable = usable & something
        ratio = np.where(solvable, value / away, 1.0)
        level = ratio > AT_THE_MONEY
        h = _distance(np.where(level, 1.0, np.maximum(ratio, TINY)))
        s = np.where(level, (value + 0.5 * away) / INVERSE_SQRT_2_PI, away / h)
        vols = np.where(solvable, s / np.sqrt(T), np.nan)
        slope = INVERSE_SQRT_2_PI * np.exp(-0.5 * (away / s) ** 2)
        sure = (ULP * price <= ILL_CONDITIONED_FROM * s * slope) & (ratio > TINY) & (vols > TINY)
        statuses = np.where(
            usable,
            np.where(something, np.where(sure, IvStatus.OK, IvStatus.ILL_CONDITIONED), IvStatus.NO_TIME_VALUE),
            IvStatus.BAD_INPUT,
        )
    return ImpliedVols(vols.reshape(shape), statuses.astype(np.int8).reshape(shape))


def _known(F: Floats, K: Floats, sign: Floats, number: Floats) -> Bools:
    """Finite, and a right that is one."""
    result: Bools = np.isfinite(F) & np.isfinite(K) & np.isfinite(number) & (sign * sign == 1.0)
    return result


def _time_value(h: Floats) -> Floats:
    """φ(h) - h N(-h) for h >= 0: the out-of-the-money value over s."""
    near = np.minimum(h, FARTHEST)
    result: Floats = np.exp(-0.5 * near * near) * (INVERSE_SQRT_2_PI - 0.5 * near * erfcx(near * INVERSE_SQRT_2))
    return np.maximum(result, 0.0)


def _distance(v: Floats) -> Floats:
    """The h > 0 with φ(h)/h - N(-h) = v.

    Guess: near the money from v = φ(0)/h - 1/2 + φ(0) h/2 - ..., far from it from ln v = -h²/2 - 3 ln h - ln √2π; at most 41 % off, 1 %
    after one step, 3e-10 after two, rounding after three.
    """
    near = v >= NEAR_THE_MONEY
    length = -2.0 * np.log(np.minimum(v, 0.5) / INVERSE_SQRT_2_PI)
    inside = np.maximum(length - 2.2 * np.log1p(np.maximum(length, 0.5)), 0.8) + 1.8
    far_guess = np.sqrt(np.maximum(length - 3.0 * np.log(inside), 0.05))
    near_guess = INVERSE_SQRT_2_PI / (v + 0.5 - 0.25 * INVERSE_SQRT_2_PI / (v + 0.5))
    h = np.where(near, near_guess, far_guess)
    for _ in range(STEPS):
        density = INVERSE_SQRT_2_PI * np.exp(-0.5 * h * h)
        g = density * (1.0 / h - SQRT_HALF_PI * erfcx(np.minimum(h, FARTHEST) * INVERSE_SQRT_2))
        relative = -density / (h * h) / g  # g'/g
        second, third = -(h + 2.0 / h), h * h + 3.0 + 6.0 / (h * h)  # g''/g', g'''/g'
        newton = np.where(near, (1.0 - g / v) / relative, -np.log(g / v) / relative)
        weight = np.where(near, 2.0, 1.0)  # of 1/g and of ln g
        f2 = second - weight * relative
        f3 = third - 3.0 * weight * second * relative + np.where(near, 6.0, 2.0) * relative * relative
        h = np.maximum(h + newton * (1.0 + 0.5 * newton * f2) / (1.0 + newton * (f2 + newton * f3 / 6.0)), TINY)
    return h
