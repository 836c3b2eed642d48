"""Round numbers for axes, and where a value stands between the ends of a scale."""

import math
from typing import Any, NamedTuple

import numpy as np

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
FINER = 4
"""With so many more ticks, one at a time, it is tried again: from two on at least two stand in any span."""


def round_step(span: float, count: int) -> float:
    """The round step that parts a span into about ``count``."""
    if not math.isfinite(span) or span <= 0:
        return 1.0
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next((step for step in _STEPS if step * power >= raw * (1 - 1e-9)), 10.0) * power


def strike_step(raw: float, least: float) -> float:
    """The round step of rows of strikes from ``raw`` on: quarters where strikes allow it, so that round strikes lead rows (25, not 20)."""
    if not raw > least:
        return least
    power = 10.0 ** math.floor(math.log10(raw))
    second = 2.5 if abs(2.5 * power / least - round(2.5 * power / least)) < 1e-6 else 2.0
    return next(step * power for step in (1.0, second, 5.0, 10.0) if step * power >= raw * (1.0 - 1e-9))


def ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    """Round numbers from low to high, about ``count`` of them; where two or more are asked for never one alone, which is no scale."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return ()
    found: tuple[float, ...] = ()
    for wanted in range(count, count + FINER):
        step = round_step(high - low, wanted)
        found = tuple(step * place for place in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1))
        if len(found) >= min(count, 2):
            break
    return found


def tick_digits(values: tuple[float, ...], least: int = 0) -> int:
    """Digits after the point that tell the ticks apart."""
    if len(values) < 2:
        return least
    step = values[1] - values[0]
    return max(least, next((digits for digits in range(7) if abs(round(step, digits) - step) < step * 1e-6), 6))


class Scale(NamedTuple):
    """Values from ``low`` (at the bottom) to ``high`` (at the top), straight or logarithmic."""

    low: float
    high: float
    logarithmic: bool = False

    @classmethod
    def around(cls, values: Any, *, logarithmic: bool = False, margin: float = 0.04) -> "Scale | None":
        """A scale with some air over all known values; None where none is known."""
        known = np.asarray(values, float).ravel()
        known = known[np.isfinite(known)]
        if logarithmic:
            known = known[known > 0]
        if not known.size:
            return None
        low, high = float(known.min()), float(known.max())
        if high - low <= abs(high) * 1e-9:
            air = abs(high) * 0.005 or 1.0
            return cls(low - air, high + air, logarithmic)
        if logarithmic:
            air = (high / low) ** margin
            return cls(low / air, high * air, logarithmic=True)
        air = (high - low) * margin
        return cls(low - air, high + air)

    def share(self, values: Any) -> Any:
        """How far down from the top a value stands, 0 to 1; outside the ends it goes beyond, unknown stays unknown."""
        if not self.logarithmic:
            return (self.high - np.asarray(values, float)) / (self.high - self.low)
        with np.errstate(invalid="ignore", divide="ignore"):
            logs = np.log(np.asarray(values, float))
        return (math.log(self.high) - logs) / (math.log(self.high) - math.log(self.low))
