"""Elementary functions on numpy columns, without scipy (its import alone costs a third of a second before the first chain)."""

from typing import Final

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.coefficients import ERFCX, ERFCX_CENTRE

_NEAR: Final = 0.25
LEAST_NORMAL: Final = 2.2250738585072014e-308
GREATEST: Final = 1.7976931348623157e308
TWO_SIDED_95: Final = 1.959963984540054
"""N⁻¹(0.975): 95 % of a normal distribution lie within so many deviations."""


def log_ratio(numerator: Floats, denominator: Floats) -> Floats:
    """ln(a / b) of positive columns; near a = b from the exact difference, so that its relative precision stays."""
    difference = numerator - denominator
    close: Floats = np.log1p(difference / denominator)
    ratio = np.clip(numerator / denominator, LEAST_NORMAL, GREATEST)  # the compiled logarithm ends there as well
    result: Floats = np.where(np.abs(difference) < _NEAR * denominator, close, np.log(ratio))
    return result


def erfcx(z: Floats) -> Floats:
    """exp(z squared) erfc(z) for finite z >= 0, to 5e-16: the polynomial the compiled tier uses, by Horner's rule in place."""
    t = (z - ERFCX_CENTRE) / (z + ERFCX_CENTRE)
    result: Floats = ERFCX[-1] * t
    for coefficient in ERFCX[-2:0:-1]:
        result += coefficient
        result *= t
    result += ERFCX[0]
    result /= 1.0 + 2.0 * z
    return result


def normal_cdf(d: Floats) -> Floats:
    """N(d), with its relative precision in the lower tail; NaN where d is."""
    distance = np.minimum(np.abs(d), 60.0)
    tail = 0.5 * np.exp(-0.5 * distance * distance) * erfcx(distance * 0.7071067811865476)
    result: Floats = np.where(d < 0.0, tail, 1.0 - tail)
    return result
