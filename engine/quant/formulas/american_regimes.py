"""What kind of American problem an option is, by comparisons alone: :mod:`engine.quant.american.regimes` tells why."""

from collections.abc import Callable
from typing import Any, Final

from engine.quant.formulas.black import LARGEST
from engine.quant.formulas.primitives import Number, Primitives

UNKNOWN, CERTAIN, EUROPEAN, TWICE, FINE_TWICE, FAST, ACCURATE, FINE, FAST_DRIFT, FINE_DRIFT, FAST_STEEP, FINE_STEEP = range(12)
"""The members of :class:`engine.quant.american.regimes.Method`, as numbers."""
AUTO: Final = 0
"""In place of FAST, ACCURATE or FINE as the usual method: it goes by σ√T."""
SHORT_DEVIATION: Final = 0.6
"""σ√T up to which the fast setting holds 1e-3 per 100 of spot."""
LONG_DEVIATION: Final = 1.5
"""σ√T up to which the accurate one does."""
DRIFT: Final = 0.6
"""b√T/σ from which the plain fixed point no longer settles in a few steps."""
STEEP_DRIFT: Final = 1.2
"""b√T/σ from which only value matching does."""
STEEPEST_DRIFT: Final = 6.0
"""b√T/σ, of either sign, from which it takes the finest quadrature: the integrands are steps."""
NEGLIGIBLE_RATE: Final = 1e-10
"""A rate or yield nearer to zero than this is zero to early exercise."""
LEAST_PREMIUM: Final = 1e-8
"""Of the strike: where two boundaries could not earn so much, (r - q)T at most, there are none."""
GREATEST_CARRY: Final = 700.0
"""(|r| + |q|)T whose exponential is no number any more."""
LEAST_DEVIATION: Final = 1e-5
"""σ√T below which the value is that without volatility, 4e-4 per 100 of spot away from it at most."""


def build_put_rates(primitives: Primitives) -> Callable[..., Any]:
    """Rate and yield of the put that an option is: a call's change places, and what is next to nothing is nothing."""
    absolute, where = primitives.absolute, primitives.where

    @primitives.inline
    def put_rates(rate: Number, dividend: Number, call: Number) -> tuple[Number, Number]:
        earned = where(absolute(rate) < NEGLIGIBLE_RATE, 0.0, rate)
        paid = where(absolute(dividend) < NEGLIGIBLE_RATE, 0.0, dividend)
        return where(call, paid, earned), where(call, earned, paid)

    return put_rates


def build_method(primitives: Primitives) -> Callable[..., Any]:
    """The method of an option whose rate and yield in the put's terms are there too."""
    absolute, maximum, sqrt, where = primitives.absolute, primitives.maximum, primitives.sqrt, primitives.where

    @primitives.inline
    def method(
        spot: Number,
        strike: Number,
        years: Number,
        vol: Number,
        rate: Number,
        dividend: Number,
        sign: Number,
        put_rate: Number,
        put_yield: Number,
        usual: int,
    ) -> Number:
        known = (spot >= 0.0) & (strike >= 0.0) & (years >= 0.0) & (vol >= 0.0) & (sign * sign == 1.0)
        known = known & (spot + strike + years + vol < LARGEST)
        known = known & ((absolute(rate) + absolute(dividend)) * maximum(years, 1.0) < GREATEST_CARRY)
        root = sqrt(years)
        deviation = vol * root
        drift = (put_rate - put_yield) * root / vol
        by_length = where(deviation <= SHORT_DEVIATION, FAST, where(deviation <= LONG_DEVIATION, ACCURATE, FINE))
        single = where(usual == AUTO, by_length, usual)
        extreme = absolute(drift) > STEEPEST_DRIFT
        fine = (single == FINE) | extreme
        by_drift = where(drift > STEEP_DRIFT, where(fine, FINE_STEEP, FAST_STEEP), where(fine, FINE_DRIFT, FAST_DRIFT))
        single = where(drift > DRIFT, by_drift, where(fine, FINE, single))
        negative = (put_rate < 0.0) & (put_yield < put_rate)
        never = (put_rate <= 0.0) & (put_yield >= put_rate)
        never = never | (negative & ((put_rate - put_yield) * years < LEAST_PREMIUM))
        twice = where((deviation > LONG_DEVIATION) | extreme | (usual == FINE), FINE_TWICE, TWICE)
        single = where(negative, twice, single)
        certain = (deviation < LEAST_DEVIATION) | (spot == 0.0) | (strike == 0.0)
        return where(known, where(certain, CERTAIN, where(never, EUROPEAN, single)), UNKNOWN)

    return method
