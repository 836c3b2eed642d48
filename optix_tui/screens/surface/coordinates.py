"""Across a surface: moneyness, delta, strike or standard deviations; where each stands on a smile and how it is written."""

from enum import StrEnum
from math import isfinite, log, sqrt
from typing import NamedTuple

import numpy as np

from engine.api import smile_at_delta
from engine.domain.columns import Floats
from optix_tui import format as written
from optix_tui.screens.axis import round_step, tick_digits, ticks
from optix_tui.screens.surface.reading import Reading

ANCHORS = np.linspace(0.02, 0.98, 49)
"""Deltas that are looked up; those between are read off."""
LAST_DELTA = 0.05
QUARTER = 0.25
PUT_REACH, CALL_REACH = 2.3, 1.7
"""Deviations of three months shown to each side in moneyness and strikes."""
DEVIATIONS = (-3.0, 2.5)
ZOOMS = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
UNZOOMED = 3


class Coordinate(StrEnum):
    """What runs across."""

    MONEYNESS = "moneyness"
    DELTA = "delta"
    STRIKE = "strike"
    DEVIATIONS = "SD"


WORDS = {
    Coordinate.MONEYNESS: "K/F %",
    Coordinate.DELTA: "forward Δ",
    Coordinate.STRIKE: "strike",
    Coordinate.DEVIATIONS: "SD: ln(K/F) / (ATM IV √T)",
}
SPELLINGS = {
    "MNY": Coordinate.MONEYNESS,
    "MONEYNESS": Coordinate.MONEYNESS,
    "DELTA": Coordinate.DELTA,
    "STRIKE": Coordinate.STRIKE,
    "SD": Coordinate.DEVIATIONS,
}


class Axis(NamedTuple):
    """A stretch of one coordinate: K/F, the put's share of delta (0.25 is the 25-delta put, 0.75 the 25-delta call), K, or deviations."""

    coordinate: Coordinate
    low: float
    high: float

    def values(self, count: int) -> Floats:
        """So many values, evenly from end to end."""
        return np.linspace(self.low, self.high, count)

    def share(self, value: float) -> float:
        """How far across it stands, 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def next_coordinate(now: Coordinate) -> Coordinate:
    """The one after it, around."""
    order = tuple(Coordinate)
    return order[(order.index(now) + 1) % len(order)]


def axis_of(coordinate: Coordinate, reading: Reading, zoom: int = UNZOOMED) -> Axis:
    """The stretch that shows a surface; round ends, so that it holds still while quotes move."""
    factor = ZOOMS[zoom]
    if coordinate is Coordinate.DELTA:
        last = min(LAST_DELTA / factor, 0.4) if factor < 1 else LAST_DELTA
        return Axis(coordinate, last, 1 - last)
    if coordinate is Coordinate.DEVIATIONS:
        return Axis(coordinate, DEVIATIONS[0] * factor, DEVIATIONS[1] * factor)
    deviation = _quarter_vol(reading) * sqrt(QUARTER) * factor
    step = 0.01 if deviation < 0.12 else 0.05
    low = max(round((1 - PUT_REACH * deviation) / step) * step, 0.05)
    high = round((1 + CALL_REACH * deviation) / step) * step
    high = max(high, low + 2 * step)
    if coordinate is Coordinate.MONEYNESS:
        return Axis(coordinate, low, high)
    spot = _level(reading)
    round_to = round_step(spot * (high - low), 40)
    return Axis(coordinate, round(spot * low / round_to) * round_to, round(spot * high / round_to) * round_to)


def _level(reading: Reading) -> float:
    """The spot; where that is unknown a forward, else 100."""
    known = [value for value in (reading.surface.spot, *reading.forwards.tolist()) if isfinite(value) and value > 0]
    return known[0] if known else 100.0


def _quarter_vol(reading: Reading) -> float:
    known = reading.fitted > 0
    if not known.any():
        return 0.3
    return float(np.clip(np.interp(QUARTER, reading.years[known], reading.atm[known]), 0.05, 1.5))


def moneyness(axis: Axis, values: Floats, reading: Reading) -> Floats:
    """Log-moneyness ln(K/F) of these values on every slice, a row a slice; NaN where there is none."""
    count = reading.years.size
    match axis.coordinate:
        case Coordinate.MONEYNESS:
            return np.array(np.broadcast_to(np.log(values), (count, values.size)))
        case Coordinate.STRIKE:
            return np.array(np.log(values)[None, :] - np.log(reading.forwards)[:, None])
        case Coordinate.DEVIATIONS:
            return np.array(values[None, :] * (reading.atm * np.sqrt(reading.years))[:, None])
    found = smile_at_delta(reading.sampled, np.where(ANCHORS > 0.5, 1 - ANCHORS, ANCHORS), np.where(ANCHORS > 0.5, 1.0, -1.0))
    rows = [np.interp(values, ANCHORS, row) if np.isfinite(row).all() else _partly(values, row) for row in found.log_moneyness]
    return np.array(rows).reshape(count, values.size)


def _partly(values: Floats, row: Floats) -> Floats:
    known = np.isfinite(row)
    if known.sum() < 2:
        return np.full(values.size, np.nan)
    found: Floats = np.interp(values, ANCHORS[known], row[known], left=np.nan, right=np.nan)
    return found


def places_along(own: Floats, k: Floats) -> Floats:
    """How far across strikes of a slice stand, 0 to 1, whose ln(K/F) is ``own`` evenly across; NaN where that does not reach them."""
    known = np.isfinite(own)
    if known.sum() < 2:
        return np.full(k.size, np.nan)
    found: Floats = np.interp(k, own[known], np.linspace(0, 1, own.size)[known], left=np.nan, right=np.nan)
    return found


def money_value(axis: Axis, reading: Reading) -> float:
    """Where the money is: the forward; in strikes the spot."""
    return {Coordinate.MONEYNESS: 1.0, Coordinate.DELTA: 0.5, Coordinate.DEVIATIONS: 0.0}.get(axis.coordinate, reading.surface.spot)


def text_of(coordinate: Coordinate, value: float, digits: int = 0) -> str:
    """A value as it stands under an axis."""
    if not isfinite(value):
        return written.UNKNOWN
    match coordinate:
        case Coordinate.MONEYNESS:
            return f"{value * 100:.{digits}f}%"
        case Coordinate.DELTA:
            size = min(value, 1 - value) * 100
            return "50Δ" if size > 49.5 else f"{size:.{digits}f}{'P' if value < 0.5 else 'C'}"
        case Coordinate.DEVIATIONS:
            return written.signed(value, max(digits, 1))
        case _:
            return f"{value:,.{digits}f}"


def axis_marks(axis: Axis, count: int) -> tuple[tuple[float, str], ...]:
    """Round values along the axis with their texts."""
    if axis.coordinate is Coordinate.DELTA:
        wanted = (0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95)
        shown = wanted if count >= 8 else (0.1, 0.25, 0.5, 0.75, 0.9)
        return tuple((value, text_of(axis.coordinate, value)) for value in shown if axis.low - 1e-9 <= value <= axis.high + 1e-9)
    scale = 100 if axis.coordinate is Coordinate.MONEYNESS else 1
    found = ticks(axis.low * scale, axis.high * scale, count)
    digits = tick_digits(found)
    return tuple((value / scale, text_of(axis.coordinate, value / scale, digits)) for value in found)


def strike_of(k: float, forward: float) -> float:
    """K of ln(K/F)."""
    return forward * float(np.exp(k)) if isfinite(k) else float("nan")


def log_of(strike: float, forward: float) -> float:
    """ln(K/F); NaN where one is unknown."""
    return log(strike / forward) if strike > 0 and forward > 0 else float("nan")
