"""The surface as a picture: a colour a place, expiries down, faint where no quote stands behind it and empty where nothing is fitted."""

from math import ceil, floor, isfinite
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.api import smile_vols, vols_between
from engine.domain.columns import Floats
from engine.domain.ids import UtcNanos
from optix_tui.screens.axis import round_step
from optix_tui.screens.surface.coordinates import Axis, axis_marks, money_value, moneyness
from optix_tui.screens.surface.layers import SHORT_UNITS, UNITS, Layer, LayerRows, layer_rows
from optix_tui.screens.surface.reading import Past, Reading

LOW_SHARE, HIGH_SHARE = 1.0, 98.5
"""Percentiles at which the colours end: a few wild wings must not wash out all others."""


SIGNED_SHARE = 93.0
"""Percentile of the sizes of what has a sign: an expiry that ends today moves many times as much as all others."""


LEAST_REACH = {Layer.CHANGE: 0.1, Layer.UNUSUAL: 1.0, Layer.RICH: 0.5}
"""The colours end no nearer to zero than here, or a market that stands still would glow: a tenth of a point, one standard deviation,
and half a bid-ask width, within which a fit lies between bid and ask and nothing is rich or cheap to trade."""
COLUMNS_A_MARK = 7
"""Columns under which a round value stands, about."""


class Span(NamedTuple):
    """Where the colours begin and end."""

    low: float
    high: float
    diverges: bool = False

    def share(self, values: Floats) -> Floats:
        """0 at the low end, 1 at the high one; beyond them cut off."""
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)


class HeatView(Struct, frozen=True, kw_only=True):
    """A picture of P rows of pixels by C columns, and what stands around it."""

    axis: Axis
    values: Floats
    beyond: Floats
    """How far beyond the quoted strikes the pixel lies, in deviations of its expiry; 0 between them."""
    row_of: Floats
    """The slice next to each row of pixels."""
    pixel_of: Floats
    """The row of pixels on which each slice stands."""
    at_slices: Floats
    """The layer on the slices themselves, a row a slice, at the columns."""
    k: Floats
    """ln(K/F) of the columns, a row a slice."""
    span: Span | None
    marks: tuple[tuple[float, str], ...]
    """How far across, and the label."""
    money: float
    """How far across the money stands."""
    layer: Layer
    reason: str
    """Why there is nothing to show; "" where there is."""
    told: str
    """What the colours mean, in words, and the unit of the number under the crosshair."""
    unit: str


class Against(NamedTuple):
    """Another surface whose difference is to be shown in place of a layer."""

    reading: Reading
    told: str
    unit: str


def heat_view(
    *,
    reading: Reading,
    axis: Axis,
    layer: Layer,
    past: Past,
    now: UtcNanos,
    pixels: int,
    columns: int,
    against: Against | None = None,
) -> HeatView:
    """The picture for so many pixels; None of its numbers is made up: what is not known is NaN."""
    pixels, columns, count = max(pixels, 2), max(columns, 2), reading.years.size
    values = axis.values(columns)
    k = moneyness(axis, values, reading)
    if against is not None:
        layer, own = Layer.CHANGE, difference_rows(reading, against.reading, axis, values)
    else:
        own = layer_rows(layer, reading, k, past, now)
    down = np.linspace(0, count - 1, pixels) if count > 1 else np.zeros(pixels)
    nearest = np.floor(down + 0.5).astype(int)
    shown = _level_between(reading, k, down) if layer is Layer.LEVEL else _between(own.values, down)
    known = (np.isfinite(own.values).any(axis=1) | (layer is not Layer.LEVEL)) & (reading.fitted > 0)
    shown = np.where(known[nearest][:, None], shown, np.nan)
    beyond = _beyond(reading, k, down)
    return HeatView(
        axis=axis,
        values=shown,
        beyond=beyond,
        row_of=nearest.astype(float),
        pixel_of=np.round(np.arange(count) * (pixels - 1) / max(count - 1, 1)),
        at_slices=own.values,
        k=k,
        span=None if own.reason else span_of(np.where(beyond > 0, np.nan, shown), layer),
        marks=tuple((axis.share(value), text) for value, text in axis_marks(axis, max(columns // COLUMNS_A_MARK, 3))),
        money=axis.share(money_value(axis, reading)),
        layer=layer,
        reason=own.reason,
        told=against.told if against else UNITS[layer],
        unit=against.unit if against else SHORT_UNITS[layer],
    )


def difference_rows(reading: Reading, then: Reading, axis: Axis, values: Floats) -> LayerRows:
    """Points by which each expiry that both surfaces have is higher than it was, at the same value of the coordinate on each."""
    found = np.full((reading.years.size, values.size), np.nan)
    pairs = [(place, then.place_of(one.series.id)) for place, one in enumerate(reading.slices)]
    known = [(place, other) for place, other in pairs if other is not None]
    if not known:
        return LayerRows(found, "the two surfaces have no expiry in common")
    here, there = np.array([place for place, _ in known]), np.array([other for _, other in known])
    own, others = moneyness(axis, values, reading)[here], moneyness(axis, values, then)[there]
    found[here] = (smile_vols(reading.sampled.rows(here), own) - smile_vols(then.sampled.rows(there), others)) * 100
    return LayerRows(found, "" if np.isfinite(found).any() else "no expiry that both surfaces have is fitted on both")


def span_of(values: Floats, layer: Layer) -> Span | None:
    """Round ends of the colours; around zero for what has a sign. None where nothing is known."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = (float(end) for end in np.percentile(known, (LOW_SHARE, HIGH_SHARE)))
    if layer is Layer.LEVEL:
        step = round_step(max(high - low, 0.5), 20)
        low, high = floor(low / step) * step, ceil(high / step) * step
        return Span(low, high if high > low else low + step)
    reach = max(float(np.percentile(np.abs(known), SIGNED_SHARE)), LEAST_REACH.get(layer, 1e-3))
    step = round_step(reach, 10)
    reach = ceil(reach / step) * step
    return Span(-reach, reach, diverges=True) if isfinite(reach) else None


def _level_between(reading: Reading, k: Floats, down: Floats) -> Floats:
    """Total variance linear in time at fixed ln(K/F); time goes evenly in its root from one expiry's row to the next."""
    count = reading.years.size
    left = np.minimum(down.astype(int), max(count - 2, 0))
    right = np.minimum(left + 1, count - 1)
    share = (down - left)[:, None]
    roots = np.sqrt(reading.years)
    years = ((1 - share[:, 0]) * roots[left] + share[:, 0] * roots[right]) ** 2
    whole = np.isclose(years, reading.years[left]) | (left == right)
    where = (1 - share) * k[left] + share * k[right]
    where = np.where(np.isfinite(where), where, np.where(share < 0.5, k[left], k[right]))
    return vols_between(reading.sampled, np.where(whole, reading.years[left], years), where) * 100


def _beyond(reading: Reading, k: Floats, down: Floats) -> Floats:
    """Deviations beyond the quotes, whose ends run straight from one fitted expiry's row to the next."""
    known = np.flatnonzero(reading.fitted > 0)
    if not known.size:
        return np.zeros((down.size, k.shape[1]))
    deviations = (reading.atm * np.sqrt(reading.years))[known]
    low, high, deviation = (np.interp(down, known, column)[:, None] for column in (reading.lows[known], reading.highs[known], deviations))
    where = _between(k, down)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.maximum(np.maximum(low - where, where - high), 0.0) / deviation
    return np.nan_to_num(found, nan=0.0, posinf=9.0)


def _between(rows: Floats, down: Floats) -> Floats:
    """Linear between the rows that are known, column by column; a row that is not known at all is passed over."""
    known = np.flatnonzero(np.isfinite(rows).any(axis=1))
    if not known.size:
        return np.full((down.size, rows.shape[1]), np.nan)
    place = np.clip(np.searchsorted(known, down, side="right") - 1, 0, known.size - 1)
    left, right = known[place], known[np.minimum(place + 1, known.size - 1)]
    share = np.where(right > left, np.clip((down - left) / np.maximum(right - left, 1), 0, 1), 0.0)[:, None]
    a, b = rows[left], rows[right]
    mixed = (1 - share) * a + share * b
    return np.where(np.isfinite(mixed), mixed, np.where(share < 0.5, a, b))
