"""One rule for the rate that a series is priced with, so that a question and a tick say the same, and a rate moves when rates do.

The put-call parity of a European expiry implies a rate, the surer the longer it runs: a cent in the price of a pair is a hundredth of a
percent over a year and a fifth of a percent over a day. So the expiries of a name that say it surely make its curve, looked at all together
now and then; every series is priced at the curve's rate, its own where it is one of them. A point of the curve stays until the running mean
of the estimates differs from it by more than their doubt. Names without a curve (American options say little of rates) take that of
the name whose curve has the most points.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from math import nan
from types import MappingProxyType
from typing import NamedTuple

from engine.domain.chain import RateSource
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import OptionSeries, Style

LEAST_PAIRS = 8
LEAST_YEARS = 7.0 / 365.0
"""Nearer expiries say nothing sure about a rate."""
SURE_ERROR = 0.005
"""Standard error, a fraction a year, up to which an expiry's own rate is believed."""
KEPT_ERROR = 0.0075
"""A point of the curve is let go of when its expiry has become less sure than this."""
DOUBT = 0.5
"""Part of their standard error by which the mean of the estimates must differ to count as a change ..."""
LEAST_CHANGE = 5e-5
"""... and at least by so much."""
MOST_LOOKS = 30
"""The mean reaches about so many looks back."""


class Estimate(NamedTuple):
    """The rate that one expiry's parity implies."""

    settles_at: UtcNanos
    rate: float
    """Continuous, a fraction a year."""
    error: float
    """Its standard error."""
    pairs: int


class Point(NamedTuple):
    """A point of a curve."""

    rate: float
    """In force."""
    mean: float
    """Of the estimates of late."""
    looks: int
    """How many are in it."""


class GivenRate(NamedTuple):
    """The rate a series is priced with, and where it is from."""

    rate: float
    """NaN: none is known."""
    source: RateSource


UNKNOWN = GivenRate(nan, RateSource.ASSUMED)
UNDISCOUNTED = GivenRate(nan, RateSource.NONE)
_Curve = Mapping[UtcNanos, Point]
_NOTHING: _Curve = MappingProxyType({})


class Rates:
    """The curves of all names, never changed: a look makes new ones."""

    def __init__(self, curves: Mapping[Symbol, _Curve] = MappingProxyType({})) -> None:
        self._curves = curves
        self._instants = {symbol: sorted(curve) for symbol, curve in curves.items()}
        leading = max(sorted(curves), key=lambda symbol: len(curves[symbol]), default=None)
        self._leader = leading if leading is not None and curves[leading] else None

    def knows(self, symbol: Symbol) -> bool:
        """Its expiries were looked at, whatever they said."""
        return symbol in self._curves

    def learned(self, symbol: Symbol, estimates: Iterable[Estimate]) -> "Rates":
        """The curves after a look at all expiries of a name."""
        kept = self._curves.get(symbol, _NOTHING)
        by_pairs = sorted(estimates, key=lambda found: found.pairs)  # of two at one instant the one with more pairs stays
        merged = {found.settles_at: _merged(kept.get(found.settles_at), found) for found in by_pairs}
        new = {instant: point for instant, point in merged.items() if point is not None}
        return Rates({**self._curves, symbol: MappingProxyType(new)})

    @property
    def in_force(self) -> dict[Symbol, dict[UtcNanos, float]]:
        """The rates that are priced with; while these are equal, nothing is priced otherwise."""
        return {symbol: {instant: point.rate for instant, point in curve.items()} for symbol, curve in self._curves.items() if curve}

    def of(self, series: OptionSeries) -> GivenRate:
        """The rate to price a series with."""
        if series.inverse:
            return UNDISCOUNTED
        if series.currency != "USD":
            return UNKNOWN
        own = self._curves.get(series.underlying, _NOTHING)
        point = own.get(series.settles_at) if series.style is Style.EUROPEAN else None
        if point is not None:
            return GivenRate(point.rate, RateSource.PARITY)
        name = series.underlying if own else self._leader
        return UNKNOWN if name is None else GivenRate(self._at(name, series.settles_at), RateSource.CURVE)

    def _at(self, name: Symbol, instant: UtcNanos) -> float:
        """Linear between the points of a curve, flat beyond them."""
        instants, curve = self._instants[name], self._curves[name]
        place = bisect_left(instants, instant)
        if place == 0 or place == len(instants):
            return curve[instants[min(place, len(instants) - 1)]].rate
        before, after = instants[place - 1], instants[place]
        share = (instant - before) / (after - before)
        return curve[before].rate + share * (curve[after].rate - curve[before].rate)


def _merged(before: Point | None, found: Estimate) -> Point | None:
    """What becomes of a point of the curve when its expiry is looked at again; None: it is none, or none any more."""
    if found.pairs < LEAST_PAIRS or not found.error <= (SURE_ERROR if before is None else KEPT_ERROR):
        return None
    if before is None:
        return Point(found.rate, found.rate, 1)
    looks = min(before.looks + 1, MOST_LOOKS)
    mean = before.mean + (found.rate - before.mean) / looks
    changed = abs(mean - before.rate) > max(LEAST_CHANGE, DOUBT * found.error)
    return Point(mean if changed else before.rate, mean, looks)


def teaches(series: OptionSeries) -> bool:
    """Whether the parity of this series may say anything about rates, given time enough."""
    return series.style is Style.EUROPEAN and not series.inverse and not series.adjusted and series.currency == "USD"
