"""exp, log and erfcx as arithmetic alone: no call and no branch, so LLVM vectorises the loops over them on SSE2, AVX2, AVX-512 and NEON.

Relative errors: exp 1.2e-16, log 0.5e-16, erfcx 4.8e-16. Their polynomials: :mod:`engine.quant.kernels.derive_coefficients`.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types

from engine.quant.coefficients import ERFCX, ERFCX_CENTRE, EXP, INVERSE_LN2, LN2_HIGH, LN2_LOW, LOG_TAIL
from engine.quant.formulas.primitives import Primitives
from engine.quant.kernels.compiling import inlined

intrinsic: Final[Any] = extending.intrinsic
ROUNDER: Final = 6755399441055744.0
"""1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits."""
ROUNDER_BITS: Final = 0x4338000000000000
SQRT_HALF_BITS: Final = 0x3FE6A09E667F3BCD
LEAST_EXPONENT: Final = -708.0
GREATEST_EXPONENT: Final = 709.0


@intrinsic  # type: ignore[untyped-decorator]
def bits_of(typing_context: Any, value: Any) -> Any:  # noqa: ARG001 - the compiler's own signature
    """The 64 bits of a float as an integer."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic  # type: ignore[untyped-decorator]
def float_of(typing_context: Any, value: Any) -> Any:  # noqa: ARG001 - the compiler's own signature
    """The float of 64 bits."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


def polynomial(coefficients: Sequence[float]) -> Callable[[float], float]:
    """A polynomial unrolled into multiply-adds, from a tuple of powers from the lowest up.

    Pairs, then pairs of pairs (G. Estrin, "Organization of computer systems", Proc. Western Joint Computer Conference (1960), p. 33): one
    long chain of Horner's rule leaves most of a processor waiting. The last two steps, which carry the rounding, are Horner's.
    """

    @intrinsic  # type: ignore[untyped-decorator]
    def evaluate(typing_context: Any, value: Any) -> Any:  # noqa: ARG001 - the compiler's own signature
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            double, flags = ir.DoubleType(), ("contract",)
            first, second, *terms = (ir.Constant(double, coefficient) for coefficient in coefficients)
            power = arguments[0]
            while len(terms) > 1:
                pairs = zip(terms[0::2], terms[1::2], strict=False)
                joined = [builder.fadd(builder.fmul(high, power, flags=flags), low, flags=flags) for low, high in pairs]
                terms = joined + terms[2 * len(joined) :]
                power = builder.fmul(power, power, flags=flags) if len(terms) > 1 else power
            result = terms[0]
            for low in (second, first):
                result = builder.fadd(builder.fmul(result, arguments[0], flags=flags), low, flags=flags)
            return result

        return types.float64(types.float64), generate

    return cast(Callable[[float], float], evaluate)


exp_polynomial = polynomial(EXP)
log_polynomial = polynomial(LOG_TAIL)
erfcx_polynomial = polynomial(ERFCX)


@inlined
def where(condition: Any, chosen: float, other: float) -> float:
    """One of two numbers, both already there."""
    return chosen if condition else other


@inlined
def minimum(a: float, b: float) -> float:
    """The smaller number; b where a is NaN."""
    return a if a < b else b  # noqa: FURB136 - one comparison, one selection


@inlined
def maximum(a: float, b: float) -> float:
    """The greater number; b where a is NaN."""
    return a if a > b else b  # noqa: FURB136 - one comparison, one selection


@inlined
def absolute(a: float) -> float:
    """Distance from zero."""
    return abs(a)


@inlined
def sqrt(a: float) -> float:
    """Square root."""
    return math.sqrt(a)


@inlined
def exp(x: float) -> float:
    """Exponential; 0 below -708, and what it is at 709 above it."""
    within = minimum(maximum(x, LEAST_EXPONENT), GREATEST_EXPONENT)
    shifted = within * INVERSE_LN2 + ROUNDER
    whole = shifted - ROUNDER
    rest = (within - whole * LN2_HIGH) - whole * LN2_LOW
    power = float_of(bits_of(exp_polynomial(rest)) + (bits_of(shifted) << 52))
    return where(x >= LEAST_EXPONENT, power, 0.0)


@inlined
def log_of_parts(mantissa_less_one: float, mantissa_plus_one: float, exponent: float) -> float:
    """ln(m 2^e) from s = (m - 1) / (m + 1)."""
    s = mantissa_less_one / mantissa_plus_one
    u = s * s
    return exponent * LN2_HIGH + (exponent * LN2_LOW + (s * u * log_polynomial(u) + 2.0 * s))


@inlined
def log(x: float) -> float:
    """Natural logarithm of a normal positive number."""
    bits = bits_of(x)
    exponent = (bits - SQRT_HALF_BITS) >> 52
    mantissa = float_of(bits - (exponent << 52))
    return log_of_parts(mantissa - 1.0, mantissa + 1.0, float_of(exponent + ROUNDER_BITS) - ROUNDER)


@inlined
def log_ratio(a: float, b: float) -> float:
    """ln(a / b); within an octave of a = b from the exact difference, so that its relative precision stays."""
    bits = bits_of(a / b)
    exponent = (bits - SQRT_HALF_BITS) >> 52
    mantissa = float_of(bits - (exponent << 52))
    near = exponent == 0
    less = where(near, a - b, mantissa - 1.0)
    plus = where(near, a + b, mantissa + 1.0)
    return log_of_parts(less, plus, float_of(exponent + ROUNDER_BITS) - ROUNDER)


@inlined
def erfcx(z: float) -> float:
    """exp(z squared) erfc(z) for finite z >= 0."""
    return erfcx_polynomial((z - ERFCX_CENTRE) / (z + ERFCX_CENTRE)) / (1.0 + 2.0 * z)


PRIMITIVES = Primitives(
    exp=exp,
    log=log,
    log_ratio=log_ratio,
    erfcx=erfcx,
    sqrt=sqrt,
    absolute=absolute,
    minimum=minimum,
    maximum=maximum,
    where=where,
    inline=inlined,
)
