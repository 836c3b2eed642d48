"""How far an underlying is expected to go until an expiry, by each of the methods in use, with what each really covers.

The methods differ by more than a third and are sold under one name, so a figure never stands without its method and its coverage: the
probability, at a normal move of the at-the-money volatility, to end inside.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

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
    return _around(Method.ONE_DEVIATION, spot, spot * vol * np.sqrt(years), spot * vol * np.sqrt(years))


def of_straddle(*, spot: float, straddle: float, vol: float, years: float, factor: float = 1.0) -> ExpectedMove:
    """``factor`` (1, 0.85 or 1.25) times the undiscounted price of the at-the-forward straddle, either way."""
    method = {1.0: Method.STRADDLE, 0.85: Method.STRADDLE_85, 1.25: Method.STRADDLE_125}.get(factor)
    if method is None:
        message = f"a straddle is taken whole, 0.85 or 1.25 times, not {factor} times"
        raise ValueError(message)
    return _around(method, spot, factor * straddle, spot * vol * np.sqrt(years))


def blend(*, spot: float, straddle: float, strangle: float, wider_strangle: float, vol: float, years: float) -> ExpectedMove:
    """60 % of the straddle, 30 % of the first strangle around it, 10 % of the second."""
    move = 0.6 * straddle + 0.3 * strangle + 0.1 * wider_strangle
    return _around(Method.BLEND, spot, move, spot * vol * np.sqrt(years))


def between_sixteen_deltas(*, spot: float, put_strike: float, call_strike: float, vol: float, years: float) -> ExpectedMove:
    """Between the strikes whose put and call have 16 delta."""
    deviation = spot * vol * np.sqrt(years)
    inside = normal_cdf(np.array([(call_strike - spot) / deviation])) - normal_cdf(np.array([(put_strike - spot) / deviation]))
    return ExpectedMove(Method.SIXTEEN_DELTA, put_strike, call_strike, float(inside[0]))


def _around(method: Method, spot: float, move: float, deviation: float) -> ExpectedMove:
    covered = 2.0 * normal_cdf(np.array([move / deviation])) - 1.0 if deviation > 0.0 else np.array([np.nan])
    return ExpectedMove(method, float(spot - move), float(spot + move), float(covered[0]))
