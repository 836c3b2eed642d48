"""The jobs of this room without a compiler, in blocks of contracts by states."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.quant.arrays import Floats, Indices
from engine.quant.formulas.black import LEAST_VOL, build_greeks, build_price, build_time_value
from engine.quant.formulas.grid import build_cubic
from engine.quant.numpy_tier import BLOCK, PRIMITIVES

_time_value = build_time_value(PRIMITIVES)
_price = build_price(PRIMITIVES, _time_value)
_greeks = build_greeks(PRIMITIVES, _time_value)
_cubic = build_cubic(PRIMITIVES.inline)


def revalue(book: Floats, elapsed: float, spots: Floats, vol_adds: Floats, vol_factors: Floats, out: Floats) -> None:
    """Adds to ``out`` what contracts of (strike, years, vol, sign, units, rate, yield) are worth in each state."""
    with np.errstate(all="ignore"):
        for rows, states in _blocks(book.shape[1], out.size):
            strike, left, vol, sign, units, rate, dividend = _columns(book, elapsed, rows)
            sigma = np.maximum((vol + vol_adds[states]) * vol_factors[states], LEAST_VOL)
            forward = spots[states] * np.exp((rate - dividend) * left)
            out[states] += np.sum(units * _price(forward, strike, left, sigma, np.exp(-rate * left), sign), axis=0)


def revalue_greeks(book: Floats, elapsed: float, spots: Floats, vol_adds: Floats, vol_factors: Floats, out: Floats) -> None:
    """Adds the price and the eight Greeks of each state to the nine rows of ``out``; a contract at its end has a delta and no more."""
    with np.errstate(all="ignore"):
        for rows, states in _blocks(book.shape[1], spots.size):
            strike, left, vol, sign, units, rate, dividend = _columns(book, elapsed, rows)
            sigma = np.maximum((vol + vol_adds[states]) * vol_factors[states], LEAST_VOL)
            forward = spots[states] * np.exp((rate - dividend) * left)
            alive = left > 0.0
            inside = sign * (spots[states] - strike)
            worth = _price(forward, strike, np.where(alive, 0.0, left), sigma, np.exp(-rate * left), sign)
            nothing = 0.0 * worth  # unknown where the contract is
            ends: list[Any] = [worth, np.where(inside > 0.0, sign, 0.0) + nothing, *(nothing,) * 7]
            values = _greeks(spots[states], forward, strike, left, sigma, rate, dividend, sign)
            for line, value, end in zip(out, values[:9], ends, strict=True):
                line[states] += np.sum(units * np.where(alive, value, end), axis=0)


def read_grid(grid: Floats, x0: float, dx: float, y0: float, dy: float, xs: Floats, ys: Floats, out: Floats) -> None:
    """Adds to ``out`` the bicubic reading of a grid of equidistant nodes; beyond its inner cells the last one is continued."""
    with np.errstate(all="ignore"):
        out += _read(grid, (xs - x0) / dx, (ys - y0) / dy)


def _read(grid: Floats, x: Floats, y: Floats) -> Floats:
    i, k = _cell(x, grid.shape[0]), _cell(y, grid.shape[1])
    t, u = x - i, y - k
    a, b, c, d = (_cubic(grid[i + row, k - 1], grid[i + row, k], grid[i + row, k + 1], grid[i + row, k + 2], u) for row in (-1, 0, 1, 2))
    read: Floats = _cubic(a, b, c, d, t)
    return read


def _cell(x: Floats, nodes: int) -> Indices:
    """The inner cell that a place is in or nearest to; the first for an unknown place."""
    return np.clip(np.where(np.isnan(x), 1.0, x), 1.0, nodes - 3.0).astype(np.intp)


def _columns(book: Floats, elapsed: float, rows: slice) -> list[Floats]:
    """The contracts' numbers, upright, with the time that is left."""
    strike, years, vol, sign, units, rate, dividend = (line[rows, None] for line in book)
    return [strike, np.maximum(years - elapsed, 0.0), vol, sign, units, rate, dividend]


def _blocks(contracts: int, states: int) -> Iterator[tuple[slice, slice]]:
    """Pieces of about one block of numbers: whole rows of states where they are few, else one contract at a time."""
    height = max(1, BLOCK // max(states, 1))
    for begin in range(0, contracts, height):
        for left in range(0, states, BLOCK):
            yield slice(begin, begin + height), slice(left, left + BLOCK)
