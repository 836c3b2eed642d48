"""The surface as a table: expiries down, the chosen coordinate across, and beside each number how it was come by."""

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats
from engine.domain.ids import UtcNanos
from optix_tui import format as written
from optix_tui.screens.axis import round_step
from optix_tui.screens.surface.coordinates import Axis, Coordinate, moneyness, text_of
from optix_tui.screens.surface.grades import SliceRow, is_weak, slice_rows
from optix_tui.screens.surface.heat import Against, difference_rows
from optix_tui.screens.surface.layers import UNITS, Layer, layer_rows
from optix_tui.screens.surface.reading import Past, Reading

DELTAS = (0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.9, 0.95)
FEW_DELTAS = (0.1, 0.25, 0.5, 0.75, 0.9)
NEAR_A_QUOTE = 0.35
"""Of the usual distance between strikes: nearer to a used strike than this a number is no interpolation."""


class NumbersView(Struct, frozen=True, kw_only=True):
    """Rows and columns of numbers with their flags."""

    rows: tuple[SliceRow, ...]
    titles: tuple[str, ...]
    values: Floats
    flags: tuple[tuple[str, ...], ...]
    """``I`` between quotes, ``E`` beyond them, ``?`` of a weak fit, blank at a quoted strike."""
    layer: Layer
    reason: str
    money: int
    """The column at the money."""
    told: str
    """What the numbers are, in words."""


def columns_of(axis: Axis, count: int) -> Floats:
    """Round values across, about so many."""
    if axis.coordinate is Coordinate.DELTA:
        return np.array(DELTAS if count >= len(DELTAS) else FEW_DELTAS)
    scale = 100.0 if axis.coordinate is Coordinate.MONEYNESS else 1.0
    for pieces in range(2 * count, 0, -1):  # the finest round step of which there is room for all
        step = round_step((axis.high - axis.low) * scale, pieces)
        first, last = int(np.ceil(axis.low * scale / step - 1e-9)), int(np.floor(axis.high * scale / step + 1e-9))
        if last - first < count:
            break
    found: Floats = np.arange(first, last + 1, dtype=np.float64) * step / scale
    return found


def numbers_view(
    *, reading: Reading, axis: Axis, layer: Layer, past: Past, now: UtcNanos, count: int, against: Against | None = None
) -> NumbersView:
    """The table of about so many columns; against another surface, of what it is higher than that one at the same value of the axis."""
    values = columns_of(axis, count)
    k = moneyness(axis, values, reading)
    if against is not None:
        layer, found = Layer.CHANGE, difference_rows(reading, against.reading, axis, values)
    else:
        found = layer_rows(layer, reading, k, past, now)
    money = {Coordinate.MONEYNESS: 1.0, Coordinate.DELTA: 0.5, Coordinate.DEVIATIONS: 0.0}.get(axis.coordinate, reading.surface.spot)
    digits = 1 if axis.coordinate is not Coordinate.DELTA and np.any(np.abs(values * 100 - np.round(values * 100)) > 1e-6) else 0
    return NumbersView(
        rows=slice_rows(reading.slices),
        titles=tuple(_title(axis.coordinate, float(value), digits) for value in values),
        values=found.values,
        flags=tuple(_flags(reading, place, k[place]) for place in range(reading.years.size)),
        layer=layer,
        reason=found.reason,
        money=int(np.argmin(np.abs(values - money))),
        told=against.told if against is not None else UNITS[layer],
    )


def _title(coordinate: Coordinate, value: float, digits: int) -> str:
    """A heading; the sign for per cent stands but once, in the name of the coordinate."""
    return text_of(coordinate, value, 0 if coordinate is Coordinate.STRIKE else digits).rstrip("%")


def _flags(reading: Reading, place: int, k: Floats) -> tuple[str, ...]:
    one = reading.slices[place]
    used = np.log(one.strikes[one.use == 0] / one.forward)
    near = np.median(np.diff(used)) * NEAR_A_QUOTE if used.size > 1 else 0.0
    told = []
    for value in k.tolist():
        if not np.isfinite(value) or not reading.fitted[place]:
            told.append(" ")
        elif is_weak(one):
            told.append("?")
        elif value < reading.lows[place] or value > reading.highs[place]:
            told.append("E")
        else:
            told.append(" " if used.size and np.abs(used - value).min() <= near else "I")
    return tuple(told)


def number_text(layer: Layer, value: float) -> str:
    """One number of the table."""
    if layer is Layer.LEVEL:
        return f"{value:.1f}" if np.isfinite(value) else written.UNKNOWN
    return written.signed(value, 2 if layer is not Layer.UNUSUAL else 1)
