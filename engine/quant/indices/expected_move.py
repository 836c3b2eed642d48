"""How far an underlying is expected to go until an expiry, by each of the methods in use, with what each really covers.

The methods differ by more than a third and are sold under one name, so a figure never stands without its method and its coverage: the
probability, at a normal move of the at-the-money volatility, to end inside.
"""

import math
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.special import normal_cdf


class Method(StrEnum):
    """How a move is read off a chain."""

    ONE_DEVIATION = "S·σ·√T"
    """One standard deviation of the at-the-money volatility: 68.3 %."""
    STRADDLE = "straddle"
    """The price of the at-the-forward straddle, which is E|move|: 0.798 deviations, 57.5 %."""
    STRADDLE_85 = "0.85 × straddle"
    """Widely sold as one deviation; it is 0.68 of one, 50.2 %."""
    STRADDLE_125 = "1.25 × straddle"
    """The straddle scaled up to about one deviation: √(π/2) is 1.2533."""
    BLEND = "60/30/10 blend"
    """60 % of the straddle, 30 % of the first strangle, 10 % of the second: depends on how far strikes are apart."""
    SIXTEEN_DELTA = "16Δ strikes"
    """Between the strikes of 16 delta: not symmetric, one deviation where the smile is flat."""


class ExpectedMove(NamedTuple):
    """A range of the underlying at expiry."""

    method: Method
    low: float
    high: float
    coverage: float
    """Probability to end inside, of a normal move with the at-the-money volatility; NaN where that is unknown."""

    @property
    def move(self) -> float:
        """Half the range."""
        return 0.5 * (self.high - self.low)


def one_deviation(*, spot: float, vol: float, years: float) -> ExpectedMove:
    """S σ √T either way; ``vol`` is at the money, a fraction a year.

    >>> round(one_deviation(spot=100, vol=0.16, years=30 / 365).move, 4), round(one_deviation(spot=100, vol=0.16, years=0.1).coverage, 4)
    (4.5871, 0.6827)
    """
    deviation = _deviation(spot, vol, years)
    return _around(Method.ONE_DEVIATION, spot, deviation, deviation)


def of_straddle(*, spot: float, straddle: float, vol: float, years: float, factor: float = 1.0) -> ExpectedMove:
    """``factor`` (1, 0.85 or 1.25) times the undiscounted price of the at-the-forward straddle, either way."""
    method = {1.0: Method.STRADDLE, 0.85: Method.STRADDLE_85, 1.25: Method.STRADDLE_125}.get(factor)
    if method is None:
        message = f"a straddle is taken whole, 0.85 or 1.25 times, not {factor} times"
        raise ValueError(message)
    return _around(method, spot, factor * straddle, _deviation(spot, vol, years))


def blend(*, spot: float, straddle: float, strangle: float, wider_strangle: float, vol: float, years: float) -> ExpectedMove:
    """60 % of the straddle, 30 % of the first strangle around it, 10 % of the second."""
    move = 0.6 * straddle + 0.3 * strangle + 0.1 * wider_strangle
    return _around(Method.BLEND, spot, move, _deviation(spot, vol, years))


def between_sixteen_deltas(*, spot: float, put_strike: float, call_strike: float, vol: float, years: float) -> ExpectedMove:
    """Between the strikes whose put and call have 16 delta."""
    below, above = _cumulative(np.array([put_strike - spot, call_strike - spot]), _deviation(spot, vol, years))
    return ExpectedMove(Method.SIXTEEN_DELTA, put_strike, call_strike, float(above - below))


def _around(method: Method, spot: float, move: float, deviation: float) -> ExpectedMove:
    """``move`` either way; unknown where it is not a number from 0 up."""
    reach = move if math.isfinite(spot) and 0.0 <= move < math.inf else math.nan
    below, above = _cumulative(np.array([-reach, reach]), deviation)
    return ExpectedMove(method, float(spot - reach), float(spot + reach), float(above - below))


def _deviation(spot: float, vol: float, years: float) -> float:
    """S σ √T; NaN where one of them is not known and above zero, of the time also where it is over."""
    known = 0.0 < spot < math.inf and 0.0 < vol < math.inf and 0.0 <= years < math.inf
    return spot * vol * math.sqrt(years) if known else math.nan


def _cumulative(away: Floats, deviation: float) -> Floats:
    """N(away/deviation); unknown without a deviation."""
    with np.errstate(all="ignore"):
        return normal_cdf(away / (deviation if deviation > 0.0 else np.nan))
