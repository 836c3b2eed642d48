"""Interest, dividends and basis: how spot becomes a forward."""

from functools import lru_cache

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import YEAR_NS, from_nanos
from plugins.synthetic.corporate import payments
from plugins.synthetic.name import Name

SHORT_RATE, LONG_RATE = 0.0385, 0.0360
"""Continuous, a fraction a year: now, and far out."""


def zero_rate(years: Floats) -> Floats:
    """The curve of simulated interest; coins know none."""
    return LONG_RATE + (SHORT_RATE - LONG_RATE) * np.exp(-0.7 * np.maximum(years, 0.0))


def discounts(name: Name, years: Floats) -> Floats:
    """What one unit paid at expiry is worth now; 1 where premium and settlement are in the coin."""
    if name.is_coin:
        return np.ones_like(years)
    return np.exp(-zero_rate(years) * np.maximum(years, 0.0))


def forwards(name: Name, price: float, at: int, settles_at: Longs, discount: Floats) -> Floats:
    """Forward price by settlement: spot less the dividends until then, carried at the curve; of a coin, spot carried at its basis."""
    years = (settles_at - at) / YEAR_NS
    if name.is_coin:
        return price * np.exp(name.basis * years)
    paid = dividends_until(name, at, settles_at)
    return (price * np.exp(-name.dividend_yield * years) - paid) / discount


def dividends_until(name: Name, at: int, until: Longs) -> Floats:
    """Present value of the cash dividends that go ex after an instant and up to each of many others."""
    if name.dividends is None or not until.size:
        return np.zeros(until.shape)
    dates, amounts = _payments(name, from_nanos(at).year, from_nanos(int(until.max())).year)
    first = int(np.searchsorted(dates, at, side="right"))
    years = (dates[first:] - at) / YEAR_NS
    worth = np.concatenate([np.zeros(1), np.cumsum(amounts[first:] * discounts(name, years))])
    return worth[np.maximum(np.searchsorted(dates, until, side="right") - first, 0)]


@lru_cache(maxsize=256)
def _payments(name: Name, first: int, last: int) -> tuple[Longs, Floats]:
    found = payments(name, first, last)
    return np.array([paid.at for paid in found], dtype=np.int64), np.array([paid.amount for paid in found])
