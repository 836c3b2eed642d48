"""From a fair value to a market: spread by delta, tenor and liquidity, sizes, and the price grid of the class."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Longs
from engine.domain.instants import SECOND_NS
from engine.domain.instruments import TickRule
from plugins.synthetic.chance import Words, bits_of_each, quarters
from plugins.synthetic.name import Name
from plugins.synthetic.pricing import Terms, Values


class Quotes(NamedTuple):
    """Markets in two rows, calls and puts; a bid of NaN is none."""

    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats


class Grid(NamedTuple):
    """A tick rule as steps to the unit, so that a price is a whole number over a whole number and prints as it should."""

    below: float
    above: float
    threshold: float


def grid_of(rule: TickRule) -> Grid:
    """The grid of a tick rule."""
    return Grid(float(round(1.0 / rule.small)), float(round(1.0 / rule.large)), rule.threshold)


def floored(grid: Grid, price: Floats) -> Floats:
    """The grid price at or below; the nudge forgives an ulp."""
    steps = np.where(price < grid.threshold, grid.below, grid.above)
    return np.floor(price * steps + 1e-7) / steps


def raised(grid: Grid, price: Floats) -> Floats:
    """The grid price at or above."""
    steps = np.where(price < grid.threshold, grid.below, grid.above)
    return np.ceil(price * steps - 1e-7) / steps


def nearest(grid: Grid, price: Floats) -> Floats:
    """The grid price nearest by."""
    steps = np.where(price < grid.threshold, grid.below, grid.above)
    return np.rint(price * steps) / steps


SLOWEST_S, FASTEST_S = 18, 4
"""Seconds between two changes of mind of a market maker about one contract, where the price stands still."""


def epochs(keys: Words, at: int) -> Longs:
    """Which mind the makers of each contract are in at an instant: each contract changes it at a rhythm of its own."""
    period = (FASTEST_S + (keys >> np.uint64(40)) % np.uint64(SLOWEST_S - FASTEST_S)).astype(np.int64) * (SECOND_NS // 1_000)
    phase = ((keys >> np.uint64(20)) & np.uint64(0xFFFFF)).astype(np.int64)
    return (at // 1_000 + phase * 1_000) // period


def half_spread(name: Name, terms: Terms, values: Values, series: Longs, grid: Grid, unit: NDArray[np.float64]) -> Floats:
    """Half the width a maker asks for: a step, a share of the out-of-the-money value, and the cost of hedging what is far in it."""
    years = np.maximum(terms.years[series], 0.0)
    reach = np.minimum(0.15 + 2.5 * np.sqrt(years), 3.5)
    depth = np.minimum(np.maximum((np.abs(values.delta) - 0.55) / 0.3, 0.0), 1.0)
    step = 0.5 / np.where(values.price < grid.threshold, grid.below, grid.above)
    return step * 0.6 + name.dealing.spread * (0.0045 * (1.0 + 0.5 * years) * values.out + 0.00055 * unit * reach * depth * depth)


def markets(name: Name, terms: Terms, values: Values, keys: Words, series: Longs, grid: Grid, at: int) -> Quotes:
    """Bids and offers about fair values; keys has two rows, calls and puts."""
    unit = np.ones(series.shape) if name.is_coin else np.full(series.shape, terms.moment.price)
    half = half_spread(name, terms, values, series, grid, unit)
    wide_bid, wide_ask, draw_bid, draw_ask = quarters(bits_of_each(keys, epochs(keys, at)))
    bid = floored(grid, values.price - half * (0.75 + 0.55 * wide_bid))
    ask = raised(grid, values.price + half * (0.75 + 0.55 * wide_ask))
    busy = np.exp(-np.square((np.abs(values.delta) - 0.35) / 0.25))
    size = name.dealing.size * (0.08 + busy)
    none = bid <= 0.0
    bid_size = np.where(none, 0.0, 1.0 + np.floor(size * (0.2 + 1.8 * draw_bid * draw_bid)))
    ask_size = 1.0 + np.floor(size * (0.2 + 1.8 * draw_ask * draw_ask))
    return Quotes(np.where(none, np.nan, bid), ask, bid_size, ask_size)
