"""Where volatility stands against its own past. Too short a past gives no answer instead of a wrong one."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats
from engine.quant.volatility.realized import close_to_close
from engine.quant.volatility.standing import standing

REALIZED_SESSIONS = 30


class Rank(NamedTuple):
    """Rank and percentile, 0 to 1, and what they stand on."""

    rank: float
    percentile: float
    sessions: int


def rank(past: Floats, now: float) -> Rank:
    """Rank = (iv - min) / (max - min) with today's among them; percentile = share of past sessions below today's."""
    found = standing(past=past, now=now)
    return Rank(found.rank, found.percentile, found.sessions)


def realized(closes: Floats, sessions: int = REALIZED_SESSIONS) -> float:
    """Close-to-close volatility of the last ``sessions`` returns, annualised by 252; NaN where there are fewer, or one is unknown."""
    return float(close_to_close(closes=closes[-(sessions + 1) :], window=sessions)[-1]) if closes.shape[0] > sessions else float("nan")


def thinned(prices: Floats, points: int = 80) -> Floats:
    """About ``points`` of a day's prices, the newest always among them: a sparkline."""
    if prices.shape[0] <= points:
        return prices
    return prices[np.linspace(0, prices.shape[0] - 1, points).round().astype(np.int64)]
