"""The exponentially weighted variance: yesterday's opinion, and a little of yesterday's square.

J.P. Morgan and Reuters, "RiskMetrics - Technical Document", 4th ed. (1996), p. 81, eq. 5.3; decay 0.94 for daily data (section 5.3).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.volatility.jobs import ROOM

DAILY_DECAY = 0.94
WARM_UP = 20
"""Returns that are averaged for the variance to start from; no forecast rests on fewer."""


def ewma_variances(*, returns: ArrayLike, decay: float = DAILY_DECAY, warm_up: int = WARM_UP) -> Floats:
    """v_t = λ v_{t-1} + (1-λ) r_t², a period: what the returns up to and with t say of the one after; as long as ``returns``.

    It starts from the mean square of the first ``warm_up`` known returns and is NaN before the last of them. A missing return changes
    nothing. The same forecast holds for every horizon: the model knows no way back to a mean.
    """
    if not 0.0 < decay < 1.0:
        message = f"a decay of {decay:g} remembers nothing or everything: give a part of 1, 0.94 for daily returns"
        raise ValueError(message)
    if warm_up < 1:
        message = f"the average of {warm_up} returns is none to start from: give 1 or more"
        raise ValueError(message)
    series = np.ascontiguousarray(returns, dtype=np.float64)
    with np.errstate(all="ignore"):
        squares = series * series
    result = np.empty(series.size)
    first, start = _start(squares, warm_up)
    result[:first] = np.nan
    if first < series.size:
        result[first] = start
        ROOM.jobs().ewma(squares[first + 1 :], decay, start, result[first + 1 :])
    return result


def _start(squares: Floats, warm_up: int) -> tuple[int, float]:
    """Where the warm-up is full and the mean square there; past the end where it never is."""
    head = squares[:warm_up]
    total = float(head.sum())
    if head.size == warm_up and math.isfinite(total):
        return warm_up - 1, total / warm_up
    known = np.flatnonzero(np.isfinite(squares))[:warm_up]
    if known.size < warm_up:
        return squares.size, math.nan
    return int(known[-1]), float(squares[known].mean())
