"""Where a figure stands against its own past."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

SESSIONS = 252
"""Looked back on: a year."""
LEAST_SESSIONS = 120
"""Under it rank and percentile are refused."""


class Standing(NamedTuple):
    """Rank and percentile, 0 to 1, and what they stand on; NaN where they are refused."""

    rank: float
    percentile: float
    sessions: int
    """How many sessions of the past are known."""
    low: float
    """Least and greatest of them, now among them; NaN where nothing is known."""
    high: float
    mean: float
    """Of the past."""
    deviation: float
    """Standard, of the past (n - 1)."""
    refusal: str
    """Why there is no rank; "" where there is one."""


def standing(*, past: ArrayLike, now: float, window: int = SESSIONS, least: int = LEAST_SESSIONS) -> Standing:
    """Rank = (x - min) / (max - min) over the last ``window`` known sessions and x itself; percentile = share of the sessions below x.

    Both are refused under ``least`` sessions, where x is not known, and the rank where all were alike. ``past`` is without today.

    >>> found = standing(past=[0.10, 0.20, 0.30, 0.40], now=0.25, least=4)
    >>> round(found.rank, 6), found.percentile, found.sessions
    (0.5, 0.5, 4)
    """
    if window < 1 or least < 1:
        message = f"rank needs a window and a least number of sessions of 1 or more, not {window} and {least}"
        raise ValueError(message)
    told = np.asarray(past, dtype=np.float64)
    if told.ndim != 1:
        message = f"the past is one series, not an array of shape {told.shape}"
        raise ValueError(message)
    known = told[np.isfinite(told)][-window:]
    sessions = int(known.shape[0])
    nan = float("nan")
    mean = float(known.mean()) if sessions else nan
    deviation = float(known.std(ddof=1)) if sessions > 1 else nan
    with_now = np.append(known, now) if np.isfinite(now) else known
    low, high = (float(with_now.min()), float(with_now.max())) if with_now.shape[0] else (nan, nan)
    refusal = _refusal(sessions, least, now)
    if refusal:
        return Standing(nan, nan, sessions, low, high, mean, deviation, refusal)
    percentile = float((known < now).mean())
    if not high > low:
        return Standing(nan, percentile, sessions, low, high, mean, deviation, "it was the same in every session: there is no rank")
    return Standing((now - low) / (high - low), percentile, sessions, low, high, mean, deviation, "")


def _refusal(sessions: int, least: int, now: float) -> str:
    if sessions < least:
        known = "1 session is" if sessions == 1 else f"{sessions} sessions are"
        return f"{known} known in the window, and rank and percentile need {least}"
    return "" if np.isfinite(now) else "its value now is not known yet"
