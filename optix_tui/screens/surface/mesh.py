"""The surface as a body in space: points on a net of time and moneyness, turned, and what hides what."""

from math import cos, radians, sin, sqrt
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.api import smile_vols
from engine.domain.columns import Floats, Longs
from engine.domain.volatility import PointUse
from optix_tui.screens.surface.coordinates import Axis, axis_marks, moneyness, places_along
from optix_tui.screens.surface.grades import days_text
from optix_tui.screens.surface.heat import Span, span_of
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.reading import Reading

MOST_ROWS, MOST_COLUMNS = 13, 21
"""Lines of the net in time and across."""
CELLS_A_LINE = 5
"""Columns of the screen for each line across: a denser net is a blot."""
SAMPLES = 121
FINE = 6
"""Points on a side of each of its fields, for what hides what."""
HEIGHT = 0.55
"""Half the height of the box; its sides are 1 to each side."""
MOST_POINTS = 16
"""Market points of an expiry that are drawn, about: the net must stay visible."""
NEARNESS = 0.16
"""How much larger is what is near."""
FILLED, FILLED_ACROSS = 0.93, 0.87
"""Of the picture: the rest is for the labels, and across for what stands nearer than the middle, which is drawn larger."""
MOST_HIGHER = 1.1
"""Heights beyond the scale are cut off here."""
DAYS = (1, 7, 30, 91, 182, 365, 730, 1825)


class Camera(NamedTuple):
    """From where it is seen, in degrees."""

    azimuth: float = 322.0
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
    along_time: Floats
    """Where the lines in time stand, -1 to 1."""
    heights: Floats
    """A row a line in time, -1 to 1; where nothing is fitted that of the next row that is."""
    lost: Floats
    """1 where nothing is fitted."""
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


def mesh_view(*, reading: Reading, axis: Axis, camera: Camera, before: Span | None, spins: bool, width: int = 120) -> MeshView | None:
    """The net of a surface; ``before`` is the scale it had, kept as long as it fits, so that it does not breathe."""
    known = reading.fitted > 0
    if known.sum() < 2:
        return None
    columns = min(max(width // CELLS_A_LINE, 7), MOST_COLUMNS)
    chosen = _lines_in_time(reading, max(round(columns * MOST_ROWS / MOST_COLUMNS), 5))
    roots = np.sqrt(reading.years[chosen])
    low, high = float(roots[0]), float(roots[-1])
    if not high > low:
        return None
    values = axis.values(columns)
    k = moneyness(axis, values, reading)[chosen]
    levels = smile_vols(reading.sampled.rows(chosen), k) * 100
    with np.errstate(invalid="ignore"):
        faint = ((k < reading.lows[chosen][:, None]) | (k > reading.highs[chosen][:, None])).astype(float)
    trusted = np.where(faint > 0, np.nan, levels)
    span = held(before, span_of(trusted if np.isfinite(trusted).any() else levels, Layer.LEVEL))
    if span is None:
        return None
    points, sides = _market(reading, axis, span, chosen, columns)
    return MeshView(
        axis=axis,
        along_time=(roots - low) / (high - low) * 2 - 1,
        heights=_height(_filled(levels), span),
        lost=(~np.isfinite(levels)).astype(float),
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


def _filled(levels: Floats) -> Floats:
    """What is not known taken from the nearest row where it is, and else from the middle of all."""
    filled = levels.copy()
    for column in filled.T:
        known = np.flatnonzero(np.isfinite(column))
        if known.size:
            column[:] = column[known[np.argmin(np.abs(np.arange(column.size)[:, None] - known[None, :]), axis=1)]]
    return np.nan_to_num(filled, nan=float(np.nanmedian(levels)))


def _height(levels: Floats, span: Span) -> Floats:
    return np.clip((levels - span.low) / (span.high - span.low) * 2 - 1, -MOST_HIGHER, MOST_HIGHER)


def _lines_in_time(reading: Reading, most: int) -> Longs:
    """The expiries the net is knotted at: the first, the last, and between them such as stand far enough apart in the root of time."""
    known = np.flatnonzero((reading.fitted > 0) & (reading.years > 0))
    roots = np.sqrt(reading.years[known])
    apart = (roots[-1] - roots[0]) / most * 0.8
    found = [0]
    for place in range(1, known.size - 1):
        if roots[place] - roots[found[-1]] >= apart and roots[-1] - roots[place] >= apart:
            found.append(place)
    chosen: Longs = known[[*found, known.size - 1]]
    return chosen


def _market(reading: Reading, axis: Axis, span: Span, chosen: Longs, lines: int) -> tuple[Cloud, Floats]:
    """The mids that the fits of these slices stand on."""
    roots = np.sqrt(reading.years[chosen])
    whole = moneyness(axis, axis.values(SAMPLES), reading)
    parts: list[tuple[Floats, Floats, Floats, Floats]] = []
    for place, root in zip(chosen.tolist(), roots.tolist(), strict=True):
        one = reading.slices[place]
        used = np.flatnonzero((one.use == PointUse.USED) & np.isfinite(one.mid_iv))
        used = used[:: max(round(used.size * MOST_COLUMNS / (MOST_POINTS * lines)), 1)]
        parts.append(
            (
                places_along(whole[place], np.log(one.strikes[used] / one.forward)) * 2 - 1,
                np.full(used.size, (root - roots[0]) / (roots[-1] - roots[0]) * 2 - 1),
                (one.mid_iv[used] * 100 - span.low) / (span.high - span.low) * 2 - 1,
                one.right[used].astype(float),
            )
        )
    x, y, z, sides = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    kept = np.isfinite(x + y + z) & (np.abs(z) <= MOST_HIGHER)
    return Cloud(x[kept], y[kept], z[kept]), sides[kept]


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
    rise = z * cos(up) + back * sin(up)
    depth = back * cos(up) - z * sin(up)
    near = 1 / (1 + NEARNESS * depth)
    half, corner = HEIGHT * cos(up), sqrt(2)
    above = (half + corner * sin(up)) / (1 + NEARNESS * corner * cos(up))
    below = (half + corner * sin(up)) / (1 - NEARNESS * corner * cos(up))
    upward = height * FILLED / (above + below)
    across = width * FILLED_ACROSS / (2 * corner)
    return Projected(width / 2 + x * near * across, height * (1 - FILLED) / 3 + (above - rise * near) * upward, depth)


def net(heights: Floats, along: Floats) -> Cloud:
    """The net's own points, row by row; ``along`` is where the rows stand in time."""
    rows, columns = heights.shape
    return Cloud(np.broadcast_to(np.linspace(-1, 1, columns), (rows, columns)), np.broadcast_to(along[:, None], (rows, columns)), heights)


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


def far_to_near(seen: Projected, width: int, height: int) -> Longs:
    """The points within a screen of so many dots, the farthest first."""
    x, y = seen.x.ravel(), seen.y.ravel()
    with np.errstate(invalid="ignore"):
        inside = np.flatnonzero((x >= 0) & (x < width) & (y >= 0) & (y < height))
    found: Longs = inside[np.argsort(-seen.depth.ravel()[inside])]
    return found


def nearest_depths(seen: Projected, order: Longs, columns: int, rows: int) -> Floats:
    """How far away the first thing in each cell, and each half of its height, is; infinite where there is nothing."""
    found = np.full((rows * 2, columns), np.inf)
    places = (seen.y.ravel()[order] / 2).astype(np.int32), (seen.x.ravel()[order] / 2).astype(np.int32)
    found[places] = seen.depth.ravel()[order]
    return found


def fog(depth: Floats) -> Floats:
    """How far into the ground colours go: 0 near, 1 at the far end of the box."""
    return np.clip((depth + 1.3) / 2.6, 0, 1)
