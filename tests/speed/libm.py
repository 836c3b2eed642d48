"""The implied-volatility and Greeks kernels over the C library's exp, log and erfc: the same formulas, which no vector unit can take up."""

import math

from engine.quant.arrays import Bytes, Floats
from engine.quant.formulas.black import build_greeks, build_time_value
from engine.quant.formulas.implied import build_implied
from engine.quant.formulas.primitives import Primitives
from engine.quant.kernels import elementary
from engine.quant.kernels.compiling import compiled, inlined

FAR = 25.0
"""Beyond it erfc has no digits left and the first terms of its series at infinity are exact."""


@inlined
def exp(x: float) -> float:
    return math.exp(x) if x >= -708.0 else 0.0


@inlined
def log(x: float) -> float:
    return math.log(x)


@inlined
def log_ratio(a: float, b: float) -> float:
    return math.log1p((a - b) / b) if abs(a - b) < 0.25 * b else math.log(a / b)


@inlined
def erfcx(z: float) -> float:
    if z < FAR:
        return math.exp(z * z) * math.erfc(z)
    w = 0.5 / (z * z)
    return (1.0 - w * (1.0 - 3.0 * w)) / (z * math.sqrt(math.pi))


PRIMITIVES = Primitives(
    exp=exp,
    log=log,
    log_ratio=log_ratio,
    erfcx=erfcx,
    sqrt=elementary.sqrt,
    absolute=elementary.absolute,
    minimum=elementary.minimum,
    maximum=elementary.maximum,
    where=elementary.where,
    inline=inlined,
)
_implied = build_implied(PRIMITIVES)
_greeks = build_greeks(PRIMITIVES, build_time_value(PRIMITIVES))


@compiled
def implied_vols(rows: Floats, vols: Floats, statuses: Bytes) -> None:
    for i in range(vols.size):
        vols[i], statuses[i] = _implied(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i])


@compiled
def greeks(rows: Floats, out: Floats) -> None:
    for i in range(rows.shape[1]):
        row = _greeks(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i], rows[5, i], rows[6, i], rows[7, i])
        out[0, i], out[1, i], out[2, i], out[3, i], out[4, i] = row[0], row[1], row[2], row[3], row[4]
        out[5, i], out[6, i], out[7, i], out[8, i], out[9, i] = row[5], row[6], row[7], row[8], row[9]
