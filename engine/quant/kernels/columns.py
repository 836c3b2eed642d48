"""The compiled loops, one a job; importing this module compiles them or loads them from the cache.

A loop may touch so many columns and no more: every pair of one written and one other needs a check that they do not overlap, and beyond
128 of them LLVM gives up the vectorisation, at a third of the speed and without a word. Eight read and ten written are 125.
"""

from engine.quant.arrays import Bytes, Floats
from engine.quant.formulas.black import build_greeks, build_higher_greeks, build_price, build_time_value
from engine.quant.formulas.implied import build_implied
from engine.quant.kernels.compiling import kernel
from engine.quant.kernels.elementary import PRIMITIVES

_time_value = build_time_value(PRIMITIVES)
_price = build_price(PRIMITIVES, _time_value)
_greeks = build_greeks(PRIMITIVES, _time_value)
_higher_greeks = build_higher_greeks(PRIMITIVES)
_implied = build_implied(PRIMITIVES)


@kernel("(f8[:,::1], f8[::1])")
def prices(rows: Floats, out: Floats) -> None:
    """Black-76 prices of (forwards, strikes, years, vols, discounts, signs)."""
    for i in range(out.size):
        out[i] = _price(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i], rows[5, i])


@kernel("(f8[:,::1], f8[:,::1])")
def greeks(rows: Floats, out: Floats) -> None:
    """The rows of :class:`engine.quant.european.black.Greeks`, of (spots, forwards, strikes, years, vols, rates, dividends, signs)."""
    for i in range(rows.shape[1]):
        row = _greeks(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i], rows[5, i], rows[6, i], rows[7, i])
        out[0, i], out[1, i], out[2, i], out[3, i], out[4, i] = row[0], row[1], row[2], row[3], row[4]
        out[5, i], out[6, i], out[7, i], out[8, i], out[9, i] = row[5], row[6], row[7], row[8], row[9]


@kernel("(f8[:,::1], f8[:,::1])")
def higher_greeks(rows: Floats, out: Floats) -> None:
    """The rows of :data:`engine.quant.european.black.HIGHER_GREEKS`, of (spots, strikes, years, vols, rates, dividends, signs)."""
    for i in range(rows.shape[1]):
        row = _higher_greeks(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i], rows[5, i], rows[6, i])
        out[0, i], out[1, i], out[2, i], out[3, i], out[4, i], out[5, i] = row[0], row[1], row[2], row[3], row[4], row[5]


@kernel("(f8[:,::1], f8[::1], i1[::1])")
def implied_vols(rows: Floats, vols: Floats, statuses: Bytes) -> None:
    """Volatilities and statuses of (undiscounted prices, forwards, strikes, years, signs)."""
    for i in range(vols.size):
        vols[i], statuses[i] = _implied(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i])
