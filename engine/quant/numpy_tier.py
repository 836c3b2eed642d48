"""The numpy tier: there at once, no compiler. Columns are worked through in blocks whose temporaries stay in the cache."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.quant.arrays import Bytes, Floats
from engine.quant.formulas.black import build_greeks, build_higher_greeks, build_price, build_time_value
from engine.quant.formulas.implied import build_implied
from engine.quant.formulas.inline import as_it_is
from engine.quant.formulas.primitives import Primitives
from engine.quant.special import erfcx, log_ratio

BLOCK = 4096
"""Rows at a time: a temporary of 32 kB."""


PRIMITIVES = Primitives(
    exp=np.exp,
    log=np.log,
    log_ratio=log_ratio,
    erfcx=erfcx,
    sqrt=np.sqrt,
    absolute=np.abs,
    minimum=np.minimum,
    maximum=np.maximum,
    where=np.where,
    inline=as_it_is,
)
_time_value: Callable[..., Any] = build_time_value(PRIMITIVES)
_price = build_price(PRIMITIVES, _time_value)
_greeks = build_greeks(PRIMITIVES, _time_value)
_higher_greeks = build_higher_greeks(PRIMITIVES)
_implied = build_implied(PRIMITIVES)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, BLOCK):
        yield slice(start, min(start + BLOCK, size))


def prices(rows: Floats, out: Floats) -> None:
    """Black-76 prices of (forwards, strikes, years, vols, discounts, signs)."""
    with np.errstate(all="ignore"):
        for block in _blocks(out.size):
            out[block] = _price(*rows[:, block])


def greeks(rows: Floats, out: Floats) -> None:
    """The rows of :class:`engine.quant.european.black.Greeks`, of (spots, forwards, strikes, years, vols, rates, dividends, signs)."""
    with np.errstate(all="ignore"):
        for block in _blocks(rows.shape[1]):
            for line, values in zip(out, _greeks(*rows[:, block]), strict=True):
                line[block] = values


def higher_greeks(rows: Floats, out: Floats) -> None:
    """The rows of :data:`engine.quant.european.black.HIGHER_GREEKS`, of (spots, strikes, years, vols, rates, dividends, signs)."""
    with np.errstate(all="ignore"):
        for block in _blocks(rows.shape[1]):
            for line, values in zip(out, _higher_greeks(*rows[:, block]), strict=True):
                line[block] = values


def implied_vols(rows: Floats, vols: Floats, statuses: Bytes) -> None:
    """Volatilities and statuses of (undiscounted prices, forwards, strikes, years, signs)."""
    with np.errstate(all="ignore"):
        for block in _blocks(vols.size):
            vols[block], statuses[block] = _implied(*rows[:, block])
