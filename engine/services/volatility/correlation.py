"""Correlations of daily returns over the sessions that both names have: arrays in, a number and how sure it is out."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import DAY_NS
from engine.domain.instruments import SessionName
from engine.quant.risk.correlation import FEWEST, correlation, rolling_correlation
from engine.services.volatility.sessions import DailySessions

LEAST_COMMON = 20
"""Returns over common sessions below which no number is given."""
MOST_NAMES = 24
WINDOWS = (LEAST_COMMON, 2_520)
MOST_LAG = 20


class CommonReturns(NamedTuple):
    """Log returns of two names between sessions that both have, oldest first."""

    day: Longs
    one: Floats
    other: Floats


class Matrix(NamedTuple):
    """Names down and across; NaN where too few sessions are common."""

    value: Floats
    low: Floats
    high: Floats
    p_value: Floats
    common: Longs


def common_returns(one: DailySessions, other: DailySessions) -> CommonReturns:
    """Returns from each common session to the next one; where one of the names lacks a session between, that return is left out.

    A coin beside a stock has the stock's sessions alone: its weekend is in Monday's return, as the stock's is.
    """
    days = np.intersect1d(_known(one), _known(other), assume_unique=True)
    if days.size < 2:
        none = np.empty(0)
        return CommonReturns(np.empty(0, np.int64), none, none)
    first, second = (np.log(of.close[np.searchsorted(of.day, days)]) for of in (one, other))
    scarce = one if one.name is not SessionName.CRYPTO else other
    number = np.searchsorted(scarce.day, days)
    next_one = np.diff(number) == 1
    return CommonReturns(days[1:][next_one], np.diff(first)[next_one], np.diff(second)[next_one])


def matrix_of(names: tuple[DailySessions, ...], *, window: int, lag: int) -> Matrix:
    """Each name against each other over their newest ``window`` common returns; the row's name leads by ``lag`` sessions."""
    shape = (len(names), len(names))
    value, low, high, p_value = np.full((4, *shape), np.nan)
    common = np.zeros(shape, dtype=np.int64)
    for row, one in enumerate(names):
        for column, other in enumerate(names):
            if lag == 0 and column < row:
                value[row, column], low[row, column], high[row, column] = value[column, row], low[column, row], high[column, row]
                p_value[row, column], common[row, column] = p_value[column, row], common[column, row]
                continue
            found = common_returns(one, other)
            first, second = found.one[-(window + abs(lag)) :], found.other[-(window + abs(lag)) :]
            told = correlation(first, second, lag=lag)
            common[row, column] = told.pairs
            if told.pairs >= LEAST_COMMON:
                value[row, column], low[row, column], high[row, column] = told.value, told.low, told.high
                p_value[row, column] = told.p_value
    return Matrix(value, low, high, p_value, common)


def rolling_pair(one: DailySessions, other: DailySessions, *, window: int, lag: int) -> tuple[Longs, Floats]:
    """Dates and the correlation over the window that ends at each; the first name leads by ``lag`` sessions."""
    found = common_returns(one, other)
    size = found.day.size - abs(lag)
    if size < 1:
        return np.empty(0, np.int64), np.empty(0)
    first = found.one[:size] if lag >= 0 else found.one[-lag:]
    second = found.other[lag:] if lag >= 0 else found.other[:size]
    return found.day[abs(lag) :], rolling_correlation(first, second, window=max(window, FEWEST))


def recent_volatility(of: DailySessions, window: int) -> float:
    """Close to close over the newest ``window`` sessions, a fraction a year; NaN where fewer than the least are known."""
    known = of.returns()[-window:]
    known = known[np.isfinite(known)]
    return float(np.sqrt(np.mean(known**2) * of.a_year)) if known.size >= LEAST_COMMON else float("nan")


def _known(of: DailySessions) -> Longs:
    days: Longs = of.day[np.isfinite(of.close)]
    return days - days % DAY_NS
