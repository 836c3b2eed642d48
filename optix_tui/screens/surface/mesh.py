"""The surface as a body in space: points on a net of time and moneyness, turned, and what hides what."""

from math import cos, pi, radians, sin
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.api import vols_between
from engine.domain.columns import Floats, Ints
from engine.domain.volatility import PointUse
from optix_tui.screens.surface.coordinates import Axis, axis_marks, moneyness, places_along
from optix_tui.screens.surface.grades import days_text
from optix_tui.screens.surface.heat import Span, span_of
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.reading import Reading

ROWS, COLUMNS = 21, 37
"""Lines of the net in time and across."""
SAMPLES = 121
FINE = 4
"""Points on a side of each of its fields, for what hides what."""
HEIGHT = 0.44
"""Half the height of the box; its sides are 1 to each side."""
NEARNESS = 0.16
"""How much larger is what is near."""
MOST_HIGHER = 1.25
"""Heights beyond the scale are cut off here."""
DAYS = (1, 7, 30, 91, 182, 365, 730, 1825)


class Camera(NamedTuple):
    """From where it is seen, in degrees."""

    azimuth: float = 38.0
    elevation: float = 27.0

    def turned(self, around: float, up: float) -> "Camera":
        """Turned by so many degrees."""
        return Camera((self.azimuth + around) % 360, min(max(self.elevation + up, 5.0), 80.0))


class Cloud(NamedTuple):
    """Points in the box: x across, y in root time (0 near expiry), z in volatility; all -1 to 1."""

    x: Floats
    y: Floats
    z: Floats


class MeshView(Struct, frozen=True, kw_only=True):
    """The net, the market's points and the labels of the box."""

    axis: Axis
    heights: Floats
    """ROWS by COLUMNS, -1 to 1; NaN where nothing is fitted."""
    faint: Floats
    """1 where the net lies beyond the quotes."""
    points: Cloud
    point_sides: Floats
    """+1 a call's, -1 a put's."""
    span: Span
    camera: Camera
    across: tuple[tuple[float, str], ...]
    """Places -1 to 1 and labels of the front edge."""
    along: tuple[tuple[float, str], ...]
    upward: tuple[tuple[float, str], ...]
    spins: bool


class Projected(NamedTuple):
    """Dots on the screen and how far away each is."""

    x: Floats
    y: Floats
    depth: Floats


def mesh_view(*, reading: Reading, axis: Axis, camera: Camera, before: Span | None, spins: bool) -> MeshView | None:
    """The net of a surface; ``before`` is the scale it had, kept as long as it fits, so that it does not breathe."""
    known = reading.fitted > 0
    if known.sum() < 2:
        return None
    low, high = (float(end) for end in np.sqrt(reading.years[known][[0, -1]]))
    roots = np.linspace(low, high, ROWS)
    values = axis.values(COLUMNS)
    k = _rows_between(moneyness(axis, values, reading)[known], np.sqrt(reading.years[known]), roots)
    levels = vols_between(reading.sampled, roots**2, k) * 100
    span = held(before, span_of(levels, Layer.LEVEL))
    if span is None:
        return None
    quoted = _rows_between(np.column_stack((reading.lows, reading.highs))[known], np.sqrt(reading.years[known]), roots)
    with np.errstate(invalid="ignore"):
        faint = ((k < quoted[:, :1]) | (k > quoted[:, 1:])).astype(float)
    points, sides = _market(reading, axis, span, low, high)
    return MeshView(
        axis=axis,
        heights=_height(levels, span),
        faint=faint,
        points=points,
        point_sides=sides,
        span=span,
        camera=camera,
        across=tuple((axis.share(value) * 2 - 1, text) for value, text in axis_marks(axis, 5)),
        along=_time_marks(low, high),
        upward=tuple((share * 2 - 1, f"{span.low + share * (span.high - span.low):.1f}") for share in (0.0, 0.5, 1.0)),
        spins=spins,
    )


def held(before: Span | None, now: Span | None) -> Span | None:
    """The scale before, as long as what is now fills at least two thirds of it and does not leave it by a twentieth."""
    if before is None or now is None:
        return now
    wide = before.high - before.low
    leaves = max(before.low - now.low, now.high - before.high) > wide / 20
    return now if leaves or now.high - now.low < wide * 2 / 3 else before


def _height(levels: Floats, span: Span) -> Floats:
    return np.clip((levels - span.low) / (span.high - span.low) * 2 - 1, -MOST_HIGHER, MOST_HIGHER)


def _rows_between(rows: Floats, roots: Floats, targets: Floats) -> Floats:
    """Columns of rows, linear in the root of time."""
    return np.column_stack([np.interp(targets, roots, column) for column in rows.T])


def _market(reading: Reading, axis: Axis, span: Span, low: float, high: float) -> tuple[Cloud, Floats]:
    """The mids that fits stand on."""
    xs, ys, zs, sides = [], [], [], []
    whole = moneyness(axis, axis.values(SAMPLES), reading)
    for place, one in enumerate(reading.slices):
        used = (one.use == PointUse.USED) & np.isfinite(one.mid_iv)
        if not used.any() or not reading.years[place] > 0:
            continue
        xs.append(places_along(whole[place], np.log(one.strikes[used] / one.forward)) * 2 - 1)
        ys.append(np.full(int(used.sum()), (np.sqrt(reading.years[place]) - low) / (high - low) * 2 - 1))
        zs.append((one.mid_iv[used] * 100 - span.low) / (span.high - span.low) * 2 - 1)
        sides.append(one.right[used].astype(float))
    if not xs:
        nothing = np.empty(0)
        return Cloud(nothing, nothing, nothing), nothing
    x, y, z = np.concatenate(xs), np.concatenate(ys), np.concatenate(zs)
    kept = np.isfinite(x + y + z) & (np.abs(z) <= MOST_HIGHER) & (np.abs(y) <= 1)
    return Cloud(x[kept], y[kept], z[kept]), np.concatenate(sides)[kept]


def _time_marks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    found = [(((days / 365) ** 0.5 - low) / (high - low) * 2 - 1, days_text(days) if days < 365 else f"{days // 365}y") for days in DAYS]
    kept: list[tuple[float, str]] = []
    for place, text in found:
        if -1 <= place <= 1 and (not kept or place - kept[-1][0] > 0.14):
            kept.append((place, text))
    return tuple(kept)


def project(cloud: Cloud, camera: Camera, width: int, height: int) -> Projected:
    """Dots of a screen of so many dots; the scale does not depend on what is drawn, so nothing breathes while it turns."""
    around, up = radians(camera.azimuth), radians(camera.elevation)
    x = cloud.x * cos(around) - cloud.y * sin(around)
    back = cloud.x * sin(around) + cloud.y * cos(around)
    z = cloud.z * HEIGHT
    rise = z * cos(up) - -back * sin(up)
    depth = back * cos(up) - z * sin(up)
    near = 1 / (1 + NEARNESS * depth)
    across = width / 2.95
    upward = height / (2 * (HEIGHT * cos(up) + 1.32 * sin(up)) * 1.1)
    return Projected(width / 2 + x * near * across, height * 0.51 - rise * near * upward, depth)


def net(heights: Floats) -> Cloud:
    """The net's own points, row by row."""
    rows, columns = heights.shape
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    return Cloud(x, y, heights)


def finer(values: Floats, times: int = FINE) -> Floats:
    """A net with so many more points on each side of a field, straight between."""
    rows, columns = values.shape
    down, across = _mixing(rows, times), _mixing(columns, times)
    found: Floats = down @ values @ across.T
    return found


def _mixing(count: int, times: int) -> Floats:
    place = np.linspace(0, count - 1, (count - 1) * times + 1)
    left = np.minimum(place.astype(int), count - 2)
    matrix = np.zeros((place.size, count))
    rows = np.arange(place.size)
    matrix[rows, left] = 1 - (place - left)
    matrix[rows, left + 1] += place - left
    return matrix


def nearest_depths(seen: Projected, width: int, height: int) -> Floats:
    """How far away the first thing in each dot is; infinite where there is nothing."""
    inside = (seen.x >= 0) & (seen.x < width) & (seen.y >= 0) & (seen.y < height)
    found = np.full((height, width), np.inf)
    np.minimum.at(found, (seen.y[inside].astype(np.int32), seen.x[inside].astype(np.int32)), seen.depth[inside])
    return found


def fog(depth: Floats) -> Floats:
    """How far into the ground colours go: 0 near, 1 at the far end of the box."""
    return np.clip((depth + 1.3) / 2.6, 0, 1)


def whole_turns(azimuth: float) -> Ints:
    """Signs of the box's corners from the farthest on, for its back walls."""
    around = azimuth * pi / 180
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.int32)
    away = corners[:, 0] * sin(around) + corners[:, 1] * cos(around)
    found: Ints = corners[np.argsort(-away)]
    return found
