"""Where volatility stands against its own past. Too short a past gives no answer instead of a wrong one."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats
from engine.quant.volatility.realized import close_to_close

SESSIONS = 252
"""Looked back on: a year."""
LEAST_SESSIONS = 120
"""Under it rank and percentile are refused."""
REALIZED_SESSIONS = 30


class Rank(NamedTuple):
    """Rank and percentile, 0 to 1, and what they stand on."""

    rank: float
    percentile: float
    sessions: int


def rank(past: Floats, now: float) -> Rank:
    """Rank = (iv - min) / (max - min) with today's among them; percentile = share of past sessions below today's."""
    known = past[np.isfinite(past)][-SESSIONS:]
    sessions = int(known.shape[0])
    if sessions < LEAST_SESSIONS or not np.isfinite(now):
        return Rank(float("nan"), float("nan"), sessions)
    low, high = min(float(known.min()), now), max(float(known.max()), now)
    place = (now - low) / (high - low) if high > low else float("nan")
    return Rank(place, float((known < now).mean()), sessions)


def realized(closes: Floats, sessions: int = REALIZED_SESSIONS) -> float:
    """Close-to-close volatility of the last ``sessions`` returns, annualised by 252; NaN where there are fewer, or one is unknown."""
    return float(close_to_close(closes=closes[-(sessions + 1) :], window=sessions)[-1]) if closes.shape[0] > sessions else float("nan")


def thinned(prices: Floats, points: int = 80) -> Floats:
    """About ``points`` of a day's prices, the newest always among them: a sparkline."""
    if prices.shape[0] <= points:
        return prices
    return prices[np.linspace(0, prices.shape[0] - 1, points).round().astype(np.int64)]
