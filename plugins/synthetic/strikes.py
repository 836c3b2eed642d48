"""Ladders of strikes like the venues': dense at the money, wider in the wings, coarser the further the expiry."""

import math
from functools import lru_cache

import numpy as np

from engine.domain.columns import Floats
from plugins.synthetic.expiries import Cycle
from plugins.synthetic.name import Name

_NICE = (1.0, 2.5, 5.0, 10.0)
UPSIDE = 0.6
"""The ladder reaches this far above the money for each unit it reaches below."""
FEWEST, MOST = 9, 80
"""Steps of the dense zone below the money, at least and at most."""


def ladder(name: Name, *, price: float, deviation: float, years: float, cycle: Cycle) -> Floats:
    """Strikes about a price: ``deviation`` is one standard deviation of the log price to expiry."""
    if name.symbol == "VIX":
        return _volatility_ladder(price)
    step = _coarser(name.ladder.step, years)
    broad = cycle in {Cycle.MONTHLY, Cycle.QUARTERLY, Cycle.LONG}
    widest = name.ladder.widest
    near = max(min(3.2 * deviation, 0.30, MOST * step / price), FEWEST * step / price)
    middle = min(max((9.0 if broad else 7.0) * deviation, 1.6 * near, 0.05), widest)
    far = min(max(16.0 * deviation, 0.25), widest) if broad else middle
    wide = _next_step(step, 4.0)
    zones = ((near, step), (middle, wide), (far, _next_step(wide, 4.0)))
    found = np.unique(np.round(np.concatenate([_grid(price, min(width, widest), size) for width, size in zones]), 4))
    return found[found >= step]


def roundness(strikes: Floats, step: float) -> Floats:
    """How much a strike draws open interest and trading: the rounder the more."""
    weight = np.ones_like(strikes)
    for multiple, share in ((2.0, 0.5), (5.0, 1.0), (10.0, 1.6), (20.0, 2.6), (50.0, 2.0)):
        unit = step * multiple
        weight += np.where(np.abs(strikes / unit - np.rint(strikes / unit)) < 1e-9, share, 0.0)
    return weight


def _coarser(step: float, years: float) -> float:
    if years < 0.3:
        return step
    return _next_step(step, 2.0) if years < 0.65 else _next_step(step, 4.0)


@lru_cache(maxsize=256)
def _next_step(step: float, times: float) -> float:
    """The smallest of 1, 2.5, 5, 10 ... that is at least so many times a step."""
    wanted = step * times
    scale = 10.0 ** math.floor(math.log10(wanted) + 1e-9)
    return next(nice * scale for nice in _NICE if nice * scale >= wanted * (1.0 - 1e-9))


def _grid(price: float, width: float, step: float) -> Floats:
    first = math.floor(price * math.exp(-width) / step)
    last = math.ceil(price * math.exp(UPSIDE * width) / step)
    return np.arange(max(first, 1), last + 1) * np.float64(step)


def _volatility_ladder(level: float) -> Floats:
    """VIX options: half points to 15, points to 30, then wider; from ten to five times the index."""
    top = max(100.0, 5.0 * level)
    parts = [np.arange(10.0, 20.0, 0.5), np.arange(20.0, 32.0, 1.0), np.arange(32.5, 50.0, 2.5), np.arange(50.0, 80.0, 5.0)]
    return np.concatenate([*parts, np.arange(80.0, top + 1.0, 10.0)])
