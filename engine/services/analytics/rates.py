"""One curve of rates for names whose own options say little about them: from European expiries whose parity was fitted."""

from collections.abc import Iterable
from math import isfinite, nan

import numpy as np

from engine.domain.chain import ForwardMethod, SeriesSummary
from engine.domain.instruments import Style

LEAST_PAIRS = 8
LEAST_YEARS = 7.0 / 365.0
"""Nearer expiries say nothing sure about a rate."""


class RateCurve:
    """Implied continuous rates by time to expiry; flat beyond its ends, unknown while nobody said any."""

    def __init__(self, years: Iterable[float] = (), rates: Iterable[float] = ()) -> None:
        points = sorted(zip(years, rates, strict=True))
        self._years = np.array([years for years, _ in points])
        self._rates = np.array([rate for _, rate in points])

    @classmethod
    def of(cls, summaries: Iterable[SeriesSummary]) -> "RateCurve":
        """The curve of the European dollar expiries among these; of two at one date the one with more pairs."""
        sure: dict[float, SeriesSummary] = {}
        for summary in summaries:
            plain = summary.series.style is Style.EUROPEAN and not summary.series.inverse and summary.series.currency == "USD"
            known = summary.forward_method is ForwardMethod.PARITY and isfinite(summary.rate) and summary.pairs >= LEAST_PAIRS
            if plain and known and summary.years >= LEAST_YEARS:
                other = sure.get(summary.years)
                if other is None or other.pairs < summary.pairs:
                    sure[summary.years] = summary
        return cls(sure.keys(), (summary.rate for summary in sure.values()))

    def at(self, years: float) -> float:
        """The rate to a time; NaN where nothing is known."""
        return float(np.interp(years, self._years, self._rates)) if self._years.size else nan
