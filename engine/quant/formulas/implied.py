r"""Implied volatility without a branch: a closed first guess and two third-order Householder steps, for every price the same work.

In the normalised coordinates of P. Jäckel, "By Implication", Wilmott (November 2006): the out-of-the-money value over √(FK) is
b(x, s), with x = -|ln(F/K)|, s = σ√T, and b' = exp(-(h²+t²)/2)/√(2π), h = x/s, t = s/2;
h2 = b''/b' = h²/s - s/4 and h3 = b'''/b' = h2² - 3 h²/s² - 1/4.

* First guess: D. Stefanica and R. Radoičić, "An explicit implied volatility formula", International Journal of Theoretical and Applied
  Finance 20 (2017) (Pólya's approximation of the normal distribution, inverted), at most 12 % off.
* Objective: 1/ln b below the b of s_c = √(2|x|), where b has its inflection; ln(b_max - b) above half of b_max; b between
  (P. Jäckel, "Let's Be Rational", Wilmott (2015), p. 40: the same idea of a transformed objective). A guess is within 2e-5 after one
  step and at the rounding of the price after two, over |x| <= 6 and 1e-9 <= s <= 12.
* Step (A. S. Householder, 1970): with ν = -f/f', s + ν (1 + ½ ν f''/f') / (1 + ν (f''/f' + ν f'''/(6 f'))).
"""

import math
from collections.abc import Callable
from typing import Any

from engine.quant.formulas.black import FARTHEST, INVERSE_SQRT_2, INVERSE_SQRT_2_PI, LARGEST, NAN
from engine.quant.formulas.primitives import Number, Primitives

A = 1.0 - 2.0 / math.pi
HALF_PI = math.pi / 2.0
ULP = 2.220446049250313e-16
ILL_CONDITIONED_FROM = 1e-4
"""A change of volatility that one rounding of the price may cause before the answer is called ill-conditioned."""
SETTLED = 0.01
"""A second step that still moves the answer by more than this part of it is not to be trusted; it takes |x| beyond 12 to see one."""
LEAST_TIME_VALUE = 1e-290
"""Of the smaller of forward and strike; below it the price has no digits left."""
GREATEST_TIME_VALUE = 1.0 - 1e-15
TINY = 1e-300
SQRT_2_PI = 2.5066282746310002
FLAT = 1e-8
"""At F = K below this part of F the price is linear in σ√T to the last digit, and the general form would subtract all digits away."""


def build_guess(primitives: Primitives) -> Callable[..., Any]:
    """The closed approximation.

    In the paper's terms, with y = |x|, a = 1 - 2/π, ρ = e^y R² and β the root of Aβ² + Bβ = C, its coefficients become

        A = 4 sinh²(ay),  B = 4ρ cosh(ay) - 8 sinh(y) sinh(ay),  C = (ρ - 4 sinh²(y/2)) (4 cosh²(y/2) - ρ),
        A + B - C = ρ² - 4ρ (cosh(y) - cosh(ay)) + 4 (sinh(y) - sinh(ay))²

    of which every factor can be had without cancellation from the share 1 - e^(-y) = (max - min)/max. So 1 - β, which is all that is left
    of an option near the money and near its end, keeps its digits; from the paper's own form nothing of it is left below s = 1e-6.
    """
    exp, log, erfcx, sqrt = primitives.exp, primitives.log, primitives.erfcx, primitives.sqrt
    maximum, where = primitives.maximum, primitives.where

    @primitives.inline
    def guess(x: Number, ratio: Number, apart: Number, lower: Number, fraction: Number) -> tuple[Number, Number]:
        """Of x, ratio = e^x, apart = 1 - e^x, lower = e^(x/2) = b_max, fraction = b/b_max: s about, and if b is below its inflection."""
        inverse = 1.0 / ratio
        share = 2.0 * fraction * ratio
        r = share + apart
        rho = r * r * inverse
        z = -A * x
        grown = exp(z)
        sinh_a = where(z < 0.05, z * (1.0 + z * z / 6.0 * (1.0 + z * z / 20.0)), 0.5 * (grown - 1.0 / grown))
        cosh_a = sqrt(1.0 + sinh_a * sinh_a)
        sinh_x = 0.5 * apart * (1.0 + inverse)
        between = 0.5 * apart * apart * inverse - sinh_a * sinh_a / (1.0 + cosh_a)  # cosh(y) - cosh(ay)
        a = 4.0 * sinh_a * sinh_a
        b = 4.0 * rho * cosh_a - 8.0 * sinh_x * sinh_a
        c = inverse * share * (share + 2.0 * apart) * 2.0 * (1.0 - fraction) * (2.0 + share)
        rest = rho * rho - 4.0 * rho * between + 4.0 * (sinh_x - sinh_a) * (sinh_x - sinh_a)
        root = sqrt(maximum(b * b + 4.0 * a * c, 0.0))
        beta = 2.0 * c / (b + root)
        epsilon = 2.0 * rest / (2.0 * a + b + root)  # 1 - beta
        logarithm = log(maximum(where(epsilon < 0.5, 1.0 - epsilon, beta), TINY))
        gamma = HALF_PI * where(epsilon < 1e-4, epsilon * (1.0 + 0.5 * epsilon), -logarithm)  # h² + t²
        inner = sqrt(maximum(gamma + x, 0.0))
        outer = sqrt(maximum(gamma - x, TINY))
        inflection = 0.5 * lower * (1.0 - erfcx(sqrt(-x)))
        below = fraction * lower < inflection
        # √(γ-x) - √(γ+x), without its cancellation; at x = 0 nothing lies below the inflection
        return where(below, -2.0 * x / (outer + inner), outer + inner), below

    return guess


def build_step(primitives: Primitives) -> Callable[..., Any]:
    """One Householder step on the objective that suits the price."""
    exp, log, erfcx = primitives.exp, primitives.log, primitives.erfcx
    absolute, minimum, maximum, where = primitives.absolute, primitives.minimum, primitives.maximum, primitives.where

    @primitives.inline
    def step(x: Number, s: Number, target: Number, gap: Number, log_target: Number, lower: Number, low: Any, high: Any) -> Number:
        """``target`` = b wanted, ``gap`` = b_max - b wanted; ``low`` and ``high`` choose the objective."""
        inverse_s = 1.0 / s
        h = -x * inverse_s
        t = 0.5 * s
        mass = exp(-0.5 * (h * h + t * t))
        near = erfcx(minimum(absolute(h - t), FARTHEST) * INVERSE_SQRT_2)
        far = erfcx(minimum(h + t, FARTHEST) * INVERSE_SQRT_2)
        outside = h > t
        small = 0.5 * mass * (near - far)
        large = 0.5 * mass * (near + far)
        value = where(outside, small, lower - large)
        rest = where(outside, lower - small, large)
        slope = mass * INVERSE_SQRT_2_PI
        curve = h * h * inverse_s * inverse_s
        h2 = curve * s - 0.25 * s
        h3 = h2 * h2 - 3.0 * curve - 0.25
        r = slope / where(low, value, rest)
        logarithm = log(maximum(where(low, value, rest / gap), TINY))
        inverse_log = 1.0 / logarithm
        q = 1.0 + 2.0 * inverse_log
        # 1/ln b
        n_low = (log_target - logarithm) * logarithm / (log_target * r)
        h2_low = h2 - r * q
        h3_low = h3 + 2.0 * r * r * (1.0 + 3.0 * inverse_log * (1.0 + inverse_log)) - 3.0 * h2 * r * q
        # ln(b_max - b)
        n_high = logarithm / r
        h2_high = h2 + r
        h3_high = h3 + r * (3.0 * h2 + 2.0 * r)
        # b
        n_middle = (target - value) / slope
        n = where(low, n_low, where(high, n_high, n_middle))
        f2 = where(low, h2_low, where(high, h2_high, h2))
        f3 = where(low, h3_low, where(high, h3_high, h3))
        moved = s + n * (1.0 + 0.5 * f2 * n) / (1.0 + n * (f2 + f3 * n / 6.0))
        return maximum(moved, 0.05 * s)

    return step


def build_implied(primitives: Primitives) -> Callable[..., Any]:
    """(volatility, status) of an undiscounted price; the volatility is NaN unless the status is 0 or 4."""
    exp, log, log_ratio, sqrt = primitives.exp, primitives.log, primitives.log_ratio, primitives.sqrt
    absolute, minimum, maximum, where = primitives.absolute, primitives.minimum, primitives.maximum, primitives.where
    guess = build_guess(primitives)
    step = build_step(primitives)

    @primitives.inline
    def implied(price: Number, forward: Number, strike: Number, years: Number, sign: Number) -> tuple[Number, Number]:
        usable = (forward > 0.0) & (strike > 0.0) & (years > 0.0) & (price >= 0.0)
        usable = usable & (forward + strike + years + price < LARGEST) & (sign * sign == 1.0)
        smaller = minimum(forward, strike)
        time_value = price - maximum(sign * (forward - strike), 0.0)
        fraction = time_value / smaller
        something = time_value > LEAST_TIME_VALUE * smaller
        within = fraction < GREATEST_TIME_VALUE
        solvable = usable & something & within
        used = where(solvable, fraction, 0.1)
        larger = maximum(forward, strike)
        ratio = where(solvable, smaller / larger, 0.5)
        x = where(solvable, log_ratio(smaller, larger), -0.6931471805599453)
        lower = sqrt(ratio)
        target = used * lower
        gap = (1.0 - used) * lower
        start, below = guess(x, ratio, where(solvable, (larger - smaller) / larger, 0.5), lower, used)
        high = used > 0.5
        low = below & (used <= 0.5)
        log_target = log(target)
        first = step(x, start, target, gap, log_target, lower, low, high)
        second = step(x, first, target, gap, log_target, lower, low, high)
        flat = (x == 0.0) & (used < FLAT)
        s = where(flat, SQRT_2_PI * used, second)  # N(s/2) - N(-s/2) = s/√(2π)
        root = sqrt(where(solvable, years, 1.0))
        vol = s / root
        h = x / s
        vega = larger * lower * exp(-0.5 * (h * h + 0.25 * s * s)) * INVERSE_SQRT_2_PI * root
        settled = flat | (absolute(s - first) <= SETTLED * s)
        sure = settled & (vol > TINY) & (ULP * price <= ILL_CONDITIONED_FROM * vega)
        answered = (vol >= 0.0) & (vol < LARGEST)  # no step leads anywhere from a price below the normal floats
        found = where(answered, where(sure, 0.0, 4.0), 3.0)
        status = where(usable, where(something, where(within, found, 2.0), 1.0), 3.0)
        return where(solvable & answered, vol, NAN), status

    return implied
