r"""Black-76 on a forward, with the Greeks of Black-Scholes-Merton at a fixed spot.

F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), p. 177, eq. 16; the Greeks as in E. G. Haug,
"The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), chapter 2. With s = σ√T, x = ln(F/K), h = x/s, t = s/2:

    d1 = h + t,  d2 = h - t,  V = D ε (F N(ε d1) - K N(ε d2)),  ε = +1 call, -1 put

Both tails come from one exponential, since φ(d1) = M √(K/F), φ(d2) = M √(F/K) with M = exp(-(h² + t²)/2)/√(2π), and
N(-|d|) = ½ exp(-d²/2) erfcx(|d|/√2) holds its relative precision as far as the exponential reaches (P. Jäckel, "Let's Be Rational",
Wilmott (2015), p. 40). The price is intrinsic plus the out-of-the-money value, so neither side loses the other's digits.
"""

from collections.abc import Callable
from typing import Any

from engine.quant.formulas.primitives import Number, Primitives

INVERSE_SQRT_2 = 0.7071067811865476
INVERSE_SQRT_2_PI = 0.3989422804014327
FARTHEST = 60.0
"""Standard deviations beyond which a tail is nothing: exp(-60²/2) is below the smallest float."""
NAN = float("nan")
LEAST_VOL = 1e-4
"""No shift of a scenario takes a volatility below 0.01 %."""
LARGEST = 1e300
"""No input may reach this; infinity does."""


def build_time_value(primitives: Primitives) -> Callable[..., Any]:
    """The undiscounted value of a strike's out-of-the-money option over √(FK), and what the Greeks share with it."""
    exp, erfcx = primitives.exp, primitives.erfcx
    absolute, minimum, where = primitives.absolute, primitives.minimum, primitives.where

    @primitives.inline
    def time_value(x: Number, s: Number, lower: Number) -> tuple[Number, Number, Number, Number]:
        """Of x = ln(F/K), s = σ√T and lower = √(min(F,K)/max(F,K)): value, exp(-(h²+t²)/2), erfcx at ||h|-t| and at |h|+t over √2."""
        h = absolute(x) / s
        t = 0.5 * s
        mass = exp(-0.5 * (h * h + t * t))
        near = erfcx(minimum(absolute(h - t), FARTHEST) * INVERSE_SQRT_2)
        far = erfcx(minimum(h + t, FARTHEST) * INVERSE_SQRT_2)
        value = where(h > t, 0.5 * mass * (near - far), lower - 0.5 * mass * (near + far))
        return value, mass, near, far

    return time_value


def build_price(primitives: Primitives, time_value: Callable[..., Any]) -> Callable[..., Any]:
    """The price alone; at no volatility or no time left it is the discounted intrinsic value."""
    log_ratio, sqrt = primitives.log_ratio, primitives.sqrt
    minimum, maximum, where = primitives.minimum, primitives.maximum, primitives.where

    @primitives.inline
    def price(forward: Number, strike: Number, years: Number, vol: Number, discount: Number, sign: Number) -> Number:
        s = vol * sqrt(years)
        alive = s > 0.0
        geometric = sqrt(forward * strike)
        lower = minimum(forward, strike) / geometric
        value, _, _, _ = time_value(log_ratio(forward, strike), where(alive, s, 1.0), lower)
        known = (forward > 0.0) & (strike > 0.0) & (years >= 0.0) & (vol >= 0.0) & (sign * sign == 1.0)
        known = known & (forward + strike + years + vol < LARGEST)
        intrinsic = maximum(sign * (forward - strike), 0.0)
        out_of_the_money = maximum(where(alive, value, 0.0), 0.0) * geometric
        return where(known, discount * (intrinsic + out_of_the_money), NAN)

    return price


def build_greeks(primitives: Primitives, time_value: Callable[..., Any]) -> Callable[..., Any]:
    """Price, eight Greeks and the probability to end in the money, in model units, from one exponential and two tails."""
    exp, log_ratio, sqrt = primitives.exp, primitives.log_ratio, primitives.sqrt
    absolute, minimum, maximum, where = primitives.absolute, primitives.minimum, primitives.maximum, primitives.where

    @primitives.inline
    def greeks(
        spot: Number,
        forward: Number,
        strike: Number,
        years: Number,
        vol: Number,
        rate: Number,
        dividend: Number,
        sign: Number,
    ) -> tuple[Number, ...]:
        known = (spot > 0.0) & (forward > 0.0) & (strike > 0.0) & (years > 0.0) & (vol > 0.0)
        known = known & (spot + forward + strike + years + vol < LARGEST)
        known = known & (absolute(rate) + absolute(dividend) < LARGEST) & (sign * sign == 1.0)
        root = sqrt(years)
        s = vol * root
        x = log_ratio(forward, strike)
        discount = where(known, exp(-rate * years), NAN)  # every result but the probability has it as a factor
        geometric = sqrt(forward * strike)
        call_side = forward / geometric  # √(F/K)
        put_side = strike / geometric  # √(K/F)
        value, mass, near, far = time_value(x, s, minimum(call_side, put_side))
        d1 = x / s + 0.5 * s
        d2 = d1 - s
        upward = x > 0.0
        tail1 = 0.5 * mass * put_side * where(upward, far, near)  # N(-|d1|)
        tail2 = 0.5 * mass * call_side * where(upward, near, far)  # N(-|d2|)
        above = where(sign * d1 < 0.0, tail1, 1.0 - tail1)
        itm = where(sign * d2 < 0.0, tail2, 1.0 - tail2)
        density = INVERSE_SQRT_2_PI * mass * put_side  # φ(d1)
        carry = discount * forward / spot  # e^(-qT)
        held = carry * density
        price = discount * (maximum(sign * (forward - strike), 0.0) + maximum(value, 0.0) * geometric)
        delta = sign * carry * above
        gamma = held / (spot * s)
        vega = spot * held * root
        strike_value = discount * strike
        theta = -0.5 * vega * vol / years - sign * (rate * strike_value * itm - dividend * spot * carry * above)
        rho = sign * years * strike_value * itm
        vanna = -held * d2 / vol
        volga = vega * d1 * d2 / vol
        charm = sign * dividend * carry * above - held * ((rate - dividend) / s - 0.5 * d2 / years)
        return price, delta, gamma, vega, theta, rho, vanna, volga, charm, where(known, itm, NAN)

    return greeks


def build_higher_greeks(primitives: Primitives) -> Callable[..., Any]:
    """Third derivatives, the strike's own delta and the two carries' rhos, in model units; the same terms as :func:`build_greeks`."""
    exp, log_ratio, erfcx, sqrt = primitives.exp, primitives.log_ratio, primitives.erfcx, primitives.sqrt
    absolute, minimum, where = primitives.absolute, primitives.minimum, primitives.where

    @primitives.inline
    def tail(d: Number) -> Number:
        """N(d)."""
        distance = minimum(absolute(d), FARTHEST)
        beyond = 0.5 * exp(-0.5 * distance * distance) * erfcx(distance * INVERSE_SQRT_2)
        return where(d < 0.0, beyond, 1.0 - beyond)

    @primitives.inline
    def higher_greeks(
        spot: Number, strike: Number, years: Number, vol: Number, rate: Number, dividend: Number, sign: Number
    ) -> tuple[Number, ...]:
        known = (spot > 0.0) & (strike > 0.0) & (years > 0.0) & (vol > 0.0) & (sign * sign == 1.0)
        known = known & (spot + strike + years + vol < LARGEST) & (absolute(rate) + absolute(dividend) < LARGEST)
        s = vol * sqrt(years)
        d1 = (log_ratio(spot, strike) + (rate - dividend) * years) / s + 0.5 * s
        d2 = d1 - s
        product = d1 * d2
        held = where(known, exp(-dividend * years), NAN)  # every result but the dual delta has it as a factor
        near = INVERSE_SQRT_2_PI * exp(-0.5 * d1 * d1) * held
        gamma = near / (spot * s)
        vega = spot * near * sqrt(years)
        speed = -gamma * (1.0 + d1 / s) / spot
        zomma = gamma * (product - 1.0) / vol
        color = gamma * (dividend + (rate - dividend) * d1 / s + (1.0 - product) / (2.0 * years))
        ultima = -vega * (product * (1.0 - product) + d1 * d1 + d2 * d2) / (vol * vol)
        dual_delta = where(known, -sign * exp(-rate * years) * tail(sign * d2), NAN)
        dividend_rho = -sign * years * spot * held * tail(sign * d1)
        return speed, zomma, color, ultima, dual_delta, dividend_rho

    return higher_greeks
