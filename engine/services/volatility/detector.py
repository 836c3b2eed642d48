"""Whether a rule is broken: samples of a coordinate, what they let expect, and a threshold with hysteresis. Live and replayed alike."""

from collections.abc import Iterator
from math import isfinite, nan
from typing import NamedTuple

from engine.domain.columns import Floats, Longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS
from engine.domain.marks import BreachBasis, BreachMark, BreachRule, BreachSide
from engine.domain.measures import Measure
from engine.quant.volatility.expected import WINDOW, Expected, expected_next

SPACING_NS = MINUTE_NS
"""At most one sample in each; of market time."""
LONG_PAUSE = 10
"""So many times the span before: what was sampled before a night says nothing of the morning's first minute."""
LEAST_ERROR = 2e-4
"""Two hundredths of a vol point: a coordinate that stood still is not broken by a hair. Of other units the same share of their size."""
UNKNOWN = Expected(nan, nan, 0)


class Judgement(NamedTuple):
    """A value and what was expected."""

    at: UtcNanos
    value: float
    estimate: float
    error: float
    samples: int

    @property
    def deviation(self) -> float:
        """(value - estimate) / error."""
        return (self.value - self.estimate) / self.error if self.error > 0.0 else nan


class Trail:
    """The newest samples of one coordinate of one name, one a minute, and what they let expect."""

    def __init__(self, measure: Measure) -> None:
        self._in_percent = measure.in_percent
        self._at: list[int] = []
        self._values: list[float] = []
        self._expected = UNKNOWN
        self._judged: Judgement | None = None

    def judge(self, at: UtcNanos, value: float) -> Judgement:
        """The value beside what the samples before it let expect; it becomes a sample itself where one is due. An instant counts once."""
        if self._judged is not None and self._judged.at == at:
            return self._judged
        found = self._judged = self._beside(at, value)
        if isfinite(value) and self._is_due(at):
            self._take(at, value)
        return found

    def _beside(self, at: UtcNanos, value: float) -> Judgement:
        if self._at and self._is_pause(at):
            return Judgement(at, value, nan, nan, 0)
        expected = self._expected
        least = LEAST_ERROR if self._in_percent else LEAST_ERROR * abs(expected.value)
        error = max(expected.error, least) if isfinite(expected.error) else nan
        return Judgement(at, value, expected.value, error, expected.samples)

    def _is_due(self, at: int) -> bool:
        return not self._at or at - self._at[-1] >= SPACING_NS or at < self._at[-1]

    def _is_pause(self, at: int) -> bool:
        if at < self._at[-1]:
            return True  # a market whose time began anew
        span = self._at[-1] - self._at[-2] if len(self._at) > 1 else SPACING_NS
        return at - self._at[-1] > LONG_PAUSE * max(span, SPACING_NS)

    def _take(self, at: int, value: float) -> None:
        if self._at and self._is_pause(at):
            self._at.clear()
            self._values.clear()
        self._at.append(at)
        self._values.append(value)
        del self._at[:-WINDOW], self._values[:-WINDOW]
        self._expected = expected_next(series=self._values)


def is_broken(rule: BreachRule, judged: Judgement, *, before: bool) -> bool:
    """Whether the rule is broken now: beyond its threshold, and then until within its release. What is unknown changes nothing."""
    size = float(judged.value if rule.basis is BreachBasis.VALUE else judged.deviation)
    if not isfinite(size):
        return before
    if rule.side is BreachSide.EITHER:
        return abs(size) >= (rule.release if before else rule.threshold)
    limit = rule.release if before else rule.threshold
    if rule.side is BreachSide.ABOVE:
        return size >= limit
    return size <= (limit if rule.basis is BreachBasis.VALUE else -limit)


def mark_of(rule: BreachRule, symbol: Symbol, judged: Judgement, *, entered: bool) -> BreachMark:
    """What is told and kept of it."""
    compared = rule.basis is BreachBasis.DEVIATION
    return BreachMark(
        at=judged.at,
        symbol=symbol,
        rule=rule.name,
        measure=rule.measure,
        entered=entered,
        value=judged.value,
        estimate=judged.estimate if compared else nan,
        deviation=judged.deviation if compared else nan,
        threshold=rule.threshold if entered else rule.release,
    )


def replayed(rule: BreachRule, measure: Measure, symbol: Symbol, at: Longs, value: Floats) -> Iterator[BreachMark]:
    """What the rule would have said of samples, oldest first, by the very steps that are taken live."""
    trail, broken = Trail(measure), False
    for instant, one in zip(at.tolist(), value.tolist(), strict=True):
        judged = trail.judge(UtcNanos(instant), one)
        now = is_broken(rule, judged, before=broken)
        if now is not broken:
            broken = now
            yield mark_of(rule, symbol, judged, entered=now)
