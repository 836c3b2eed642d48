"""What is shown over a surface: its level, how it changed in a day, how unusual it is, and where quotes are rich or cheap."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from engine.api import smile_vols, vols_between
from engine.domain.columns import Floats
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.volatility import PointUse
from optix_tui.screens.surface.reading import LEAST_DAYS, Past, Reading, length_words

LEAST_SPREAD = 1e-6
"""Standard deviation of a volatility under which a z-score means nothing."""


class Layer(StrEnum):
    """What the colours mean."""

    LEVEL = "level"
    CHANGE = "1-day change"
    UNUSUAL = "z-score"
    RICH = "rich/cheap"


SPELLINGS = {"LEVEL": Layer.LEVEL, "CHANGE": Layer.CHANGE, "Z": Layer.UNUSUAL, "RICH": Layer.RICH}
UNITS = {
    Layer.LEVEL: "vol points",
    Layer.CHANGE: "vol points against a day ago, same expiry and K/F",
    Layer.UNUSUAL: "deviations from the mean of stored days",
    Layer.RICH: "mid − fit in bid-ask widths: + rich, − cheap; ±0.5 is bid and ask",
}
SHORT_UNITS = {Layer.LEVEL: "IV", Layer.CHANGE: "Δ1d", Layer.UNUSUAL: "z", Layer.RICH: "widths"}


class LayerRows(NamedTuple):
    """A number for every slice and place across, or why there is none."""

    values: Floats
    reason: str = ""


def next_layer(now: Layer) -> Layer:
    """The one after it, around."""
    order = tuple(Layer)
    return order[(order.index(now) + 1) % len(order)]


def layer_rows(layer: Layer, reading: Reading, k: Floats, past: Past, now: UtcNanos) -> LayerRows:
    """The layer at ln(K/F), a row a slice; level and change in points."""
    match layer:
        case Layer.LEVEL:
            return LayerRows(smile_vols(reading.sampled, k) * 100)
        case Layer.CHANGE:
            return _change(reading, k, past, now)
        case Layer.UNUSUAL:
            return _unusual(reading, k, past, now)
    values = _rich(reading, k)
    is_bare = reading.surface.recorded and not np.isfinite(values).any()
    return LayerRows(values, "no quotes were stored with this surface, only its fit: they are kept less often" if is_bare else "")


def no_past(past: Past, now: UtcNanos) -> str:
    """Why a day ago cannot be shown; "" where it can."""
    if past.trouble:
        return f"no history: {past.trouble}"
    if past.times is None:
        return "the history is being asked for"
    if not past.times.at.size or int(past.times.at[0]) > now - DAY_NS:
        return f"no surface of a day ago: {length_words(past.times, now)}"
    return "" if past.day_ago is not None else "the surface of a day ago is being asked for"


def _change(reading: Reading, k: Floats, past: Past, now: UtcNanos) -> LayerRows:
    values = np.full(k.shape, np.nan)
    reason = no_past(past, now)
    if reason or past.day_ago is None:
        return LayerRows(values, reason)
    then = past.day_ago
    pairs = [(place, then.place_of(one.series.id)) for place, one in enumerate(reading.slices)]
    known = [(place, other) for place, other in pairs if other is not None]
    if known:
        here, there = np.array([place for place, _ in known]), np.array([other for _, other in known])
        values[here] = (smile_vols(reading.sampled.rows(here), k[here]) - smile_vols(then.sampled.rows(there), k[here])) * 100
    return LayerRows(values, "" if np.isfinite(values).any() else "no expiry of now was there a day ago")


def _unusual(reading: Reading, k: Floats, past: Past, now: UtcNanos) -> LayerRows:
    values = np.full(k.shape, np.nan)
    if past.times is None or past.trouble:
        return LayerRows(values, f"a z-score needs {LEAST_DAYS} stored days: {no_past(past, now)}")
    if past.wanted < LEAST_DAYS:
        days = f"{past.wanted} stored day{'' if past.wanted == 1 else 's'}"
        return LayerRows(values, f"a z-score needs {LEAST_DAYS} stored days: there are {days} ({length_words(past.times, now)})")
    if len(past.days) < LEAST_DAYS:
        return LayerRows(values, f"{len(past.days)} of {past.wanted} stored days are read …")
    with np.errstate(all="ignore"):
        stack = np.array([vols_between(day.sampled, reading.years, k) for day in past.days])
        known = np.isfinite(stack).sum(axis=0)
        filled = np.where(np.isfinite(stack), stack, 0.0)
        mean = filled.sum(axis=0) / known
        variance = np.where(np.isfinite(stack), (stack - mean) ** 2, 0.0).sum(axis=0) / (known - 1)
        spread = np.where((known >= LEAST_DAYS) & (variance > LEAST_SPREAD**2), np.sqrt(variance), np.nan)
        values = (smile_vols(reading.sampled, k) - mean) / spread
    return LayerRows(values, "" if np.isfinite(values).any() else "the stored days are all alike: they have no spread to measure by")


def _rich(reading: Reading, k: Floats) -> Floats:
    """Between measured strikes linear; beyond the outermost nothing."""
    values = np.full(k.shape, np.nan)
    for place, one in enumerate(reading.slices):
        known = (one.use == PointUse.USED) & np.isfinite(one.residual)
        if known.sum() > 1:
            at = np.log(one.strikes[known] / one.forward)
            values[place] = np.interp(k[place], at, -one.residual[known], left=np.nan, right=np.nan)
    return np.where(np.isfinite(k), values, np.nan)
