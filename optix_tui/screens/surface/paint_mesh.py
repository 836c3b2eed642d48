"""Draws the surface in space: a net in dots with its far side in fog, what is hidden left out, the market's points on it."""

import numpy as np

from engine.domain.columns import Floats, Ints, Longs
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix_all
from optix_tui.screens.surface.coordinates import WORDS
from optix_tui.screens.surface.mesh import FINE, Cloud, MeshView, Projected, far_to_near, finer, fog, nearest_depths, net, project
from optix_tui.theme import Palette

STEPS = 72
FLOOR = 0.4
"""The ramp begins so far up, or the low parts vanish in the ground."""
FOG_STEPS, MOST_FOG = 8, 0.25
BODY = 0.2
"""How strongly the net's fields are tinted."""
TOLERANCE = 0.26
"""Depth by which a line may lie behind what is seen in its cell and still be drawn: a cell is coarse."""


def paint_mesh(canvas: Canvas, mesh: MeshView, palette: Palette) -> None:
    """The whole picture."""
    around = f"{mesh.camera.azimuth:.0f}° {mesh.camera.elevation:.0f}°{'  spinning' if mesh.spins else ''}"
    right = canvas.right(canvas.width - 1, 0, around, palette.dim)
    x = canvas.put(1, 0, ("IV ", palette.dim), (f"{mesh.span.low:.1f}–{mesh.span.high:.1f}", palette.vol, None, True))
    legend = (("⠶", palette.call, " call mids"), ("⠶", palette.put, " put mids"), ("", palette.dim, "faint: beyond the quotes"))
    for mark, fore, text in legend:
        if x + len(mark) + len(text) + 4 < right:
            x = canvas.put(x + 2, 0, (mark, fore), (text, palette.dim))
    plot = canvas.window(0, 1, canvas.width, canvas.height - 1)
    width, height = plot.width * 2, plot.height * 4
    if width < 16 or height < 16:
        return
    heights = finer(mesh.heights)
    faint = finer(mesh.faint)
    seen = project(net(heights, finer(mesh.along_time[:, None] * np.ones(2))[:, 0]), mesh.camera, width, height)
    lost = finer(mesh.lost) > 0.01
    seen = Projected(np.where(lost, np.nan, seen.x), np.where(lost, np.nan, seen.y), seen.depth)
    order = far_to_near(seen, width, height)
    depths = nearest_depths(seen, order, plot.width, plot.height)
    table = _colours(palette)
    if not is_monochrome():
        _paint_body(plot, seen, order, heights, table, palette)
    _paint_box(plot, mesh, depths, palette)
    _paint_net(plot, seen, heights, faint, depths, table)
    _paint_points(plot, mesh, depths, palette)
    _paint_labels(plot, mesh, palette)


def _colours(palette: Palette) -> Ints:
    """Colours by fog and height."""
    ramp = palette.heat_ramp(STEPS)
    ramp = ramp[int(STEPS * FLOOR) :] if palette.dark else ramp[int(STEPS * 0.1) : int(STEPS * 0.82)]
    return np.array([mix_all(ramp, palette.ground, MOST_FOG * step / (FOG_STEPS - 1)) for step in range(FOG_STEPS)], np.int32)


def _coloured(table: Ints, heights: Floats, depth: Floats, more_fog: Floats | float = 0.0) -> Ints:
    share = np.clip((np.nan_to_num(heights) + 1) / 2, 0, 1)
    thick = np.clip(fog(np.nan_to_num(depth)) + more_fog, 0, 1)
    found: Ints = table[np.round(thick * (FOG_STEPS - 1)).astype(int), np.round(share * (table.shape[1] - 1)).astype(int)]
    return found


def _paint_body(plot: Canvas, seen: Projected, order: Longs, heights: Floats, table: Ints, palette: Palette) -> None:
    """A breath of colour behind the net, the nearest field's of each cell."""
    cells = (seen.y.ravel()[order] / 4).astype(int) * plot.width + (seen.x.ravel()[order] / 2).astype(int)
    front = np.full(plot.width * plot.height, -1)
    front[cells] = order
    front = _without_holes(front.reshape(plot.height, plot.width)).ravel()
    shown = np.flatnonzero(front >= 0)
    of = front[shown]
    colours = mix_all(_coloured(table, heights.ravel()[of], seen.depth.ravel()[of]), palette.ground, 1 - BODY)
    plot.back[shown // plot.width, shown % plot.width] = colours


def _without_holes(front: Longs) -> Longs:
    """Cells that no field's corner fell into, between two that have one, belong to the field before them."""
    filled = front.copy()
    inner = filled[:, 1:-1]
    across = (front[:, :-2] >= 0) & (front[:, 2:] >= 0)
    inner[:] = np.where((inner < 0) & across, front[:, :-2], inner)
    middle = filled[1:-1]
    down = (front[:-2] >= 0) & (front[2:] >= 0)
    middle[:] = np.where((middle < 0) & down, front[:-2], middle)
    return filled


def _is_seen(x: Floats, y: Floats, depth: Floats, depths: Floats, tolerance: float = TOLERANCE) -> Floats:
    """1 where nothing lies before it; ``depths`` are by cell across and half cell down."""
    rows, columns = depths.shape
    with np.errstate(invalid="ignore"):
        inside = (x >= 0) & (x < columns * 2) & (y >= 0) & (y < rows * 2)
    column = np.where(inside, x / 2, 0).astype(int)
    row = np.where(inside, y / 2, 0).astype(int)
    found: Floats = (inside & (depth <= depths[row, column] + tolerance)).astype(float)
    return found


def _paint_net(plot: Canvas, seen: Projected, heights: Floats, faint: Floats, depths: Floats, table: Ints) -> None:
    parts: list[list[Floats]] = []
    for planes in ((slice(None, None, FINE), slice(None)), (slice(None), slice(None, None, FINE))):
        along = 1 if planes[1] == slice(None) else 0
        x, y, z, d, f = (plane[planes] for plane in (seen.x, seen.y, heights, seen.depth, faint))
        first = (slice(None), slice(0, -1)) if along else (slice(0, -1), slice(None))
        last = (slice(None), slice(1, None)) if along else (slice(1, None), slice(None))
        number = np.broadcast_to(np.arange(float(x.shape[1]))[None, :] if along else np.arange(float(x.shape[0]))[:, None], x.shape)
        parts.append(
            [plane[cut].ravel() for plane in (x, y) for cut in (first, last)] + [plane[first].ravel() for plane in (z, d, f, number)]
        )
    x0, x1, y0, y1, z, depth, beyond, number = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    far = beyond > 0.5
    shown = (_is_seen((x0 + x1) / 2, (y0 + y1) / 2, depth, depths) > 0) & (~far | (number % 2 == 0))
    order = np.flatnonzero(shown)
    order = order[np.argsort(-depth[order], kind="stable")]
    colours = _coloured(table, z[order], depth[order], np.where(far[order], 0.35, 0.0))
    plot.lines(x0[order], y0[order], x1[order], y1[order], colours)


def _paint_points(plot: Canvas, mesh: MeshView, depths: Floats, palette: Palette) -> None:
    at = project(mesh.points, mesh.camera, plot.width * 2, plot.height * 4)
    shown = np.flatnonzero(_is_seen(at.x, at.y, at.depth, depths, TOLERANCE * 1.4) > 0)
    if not shown.size:
        return
    x, y = np.floor(at.x[shown] / 2) * 2, np.floor(at.y[shown])
    thick = fog(at.depth[shown])
    colours = np.where(mesh.point_sides[shown] > 0, palette.call, palette.put).astype(np.int32)
    for step in range(4):
        chosen = (thick * 3.99).astype(int) == step
        if chosen.any():
            shaded = mix_all(colours[chosen], palette.ground, 0.5 * step / 3)
            xs, ys = x[chosen], y[chosen]
            plot.dots(np.concatenate([xs, xs + 1, xs, xs + 1]), np.concatenate([ys, ys, ys + 1, ys + 1]), np.tile(shaded, 4))


def _corner(mesh: MeshView, at: tuple[float, float, float], plot: Canvas) -> tuple[float, float, float]:
    found = project(Cloud(*(np.array([part]) for part in at)), mesh.camera, plot.width * 2, plot.height * 4)
    return float(found.x[0]), float(found.y[0]), float(found.depth[0])


def _paint_box(plot: Canvas, mesh: MeshView, depths: Floats, palette: Palette) -> None:
    """The floor and the three upright edges that stand behind."""
    corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
    nearest = min(corners, key=lambda corner: _corner(mesh, (*corner, -1.0), plot)[2])
    edges = [(*corners[place], -1.0, *corners[(place + 1) % 4], -1.0) for place in range(4)]
    edges += [(*corner, -1.0, *corner, 1.0) for corner in corners if corner != nearest]
    share = np.linspace(0, 1, 90)
    for x0, y0, z0, x1, y1, z1 in edges:
        cloud = Cloud(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, z0 + (z1 - z0) * share)
        at = project(cloud, mesh.camera, plot.width * 2, plot.height * 4)
        shown = _is_seen(at.x, at.y, at.depth, depths, 0.0) > 0
        plot.dots(at.x[shown], at.y[shown], palette.rule)


def _paint_labels(plot: Canvas, mesh: MeshView, palette: Palette) -> None:
    """Along the two edges of the floor that are near, and up the edge at the left."""
    front = min((-1.0, 1.0), key=lambda y: _corner(mesh, (0.0, y, -1.0), plot)[2])
    side = min((-1.0, 1.0), key=lambda x: _corner(mesh, (x, 0.0, -1.0), plot)[2])
    taken: list[tuple[int, int, int]] = []
    for place, text in mesh.across:
        _label(plot, mesh, (place, front * 1.13, -1.0), text, palette.dim, taken)
    for place, text in mesh.along:
        _label(plot, mesh, (side * 1.13, place, -1.0), text, palette.security, taken)
    corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
    left = min(corners, key=lambda corner: _corner(mesh, (*corner, -1.0), plot)[0])
    for z, text in mesh.upward:
        _label(plot, mesh, (left[0] * 1.1, left[1] * 1.1, z), text, palette.vol, taken)
    plot.right(plot.width - 1, plot.height - 1, f"{WORDS[mesh.axis.coordinate]} × √time"[: plot.width - 2], palette.mute)


def _label(plot: Canvas, mesh: MeshView, at: tuple[float, float, float], text: str, fore: int, taken: list[tuple[int, int, int]]) -> None:
    """A label at a place of the box, unless another stands there."""
    x, y, _ = _corner(mesh, at, plot)
    column, row = min(max(round(x / 2) - len(text) // 2, 0), plot.width - len(text)), int(y // 4)
    clash = any(row == other and column < end + 1 and begin < column + len(text) + 1 for begin, end, other in taken)
    if clash or not (0 <= row < plot.height and column >= 0 and column + len(text) <= plot.width):
        return
    taken.append((column, column + len(text), row))
    plot.text(column, row, text, fore)
