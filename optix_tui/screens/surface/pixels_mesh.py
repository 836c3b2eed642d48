"""The surface in space in pixels: a body with light on it and its net upon it, on a floor, with the market's points."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.domain.columns import Floats, Longs
from optix_tui.colour import mix
from optix_tui.pictures.pixels import Light, Pixels, channels, light_of
from optix_tui.screens.surface.mesh import FINE, Camera, Cloud, MeshView, Projected, finer, fog, net, project
from optix_tui.theme import Palette

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

STEPS = 256
OVER = 2
"""Samples a pixel each way: edges are smooth."""
FLOOR, CEILING = 0.30, 0.82
"""Where the ramp begins on dark grounds, and ends on light ones."""
FAR_FOG, FAINT = 0.30, 0.55
"""How far into the ground the far end goes, and what lies beyond the quotes."""
SHADE = 0.34
"""How much darker a field is that turns away from the light."""
SUN = (-0.35, -0.45, 0.82)
"""From where the light comes, as seen: right, back, up."""
NET = 0.42
"""How far the lines of the net go towards the ground."""
DOT = 0.13
"""Radius of a market point, in heights of a cell."""
TOLERANCE = 0.05
"""Depth by which a point may lie in the body and still be seen: the net is straight between its lines."""
CORNERS = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))


class Fields(NamedTuple):
    """The net's fields, farthest first: their corners on the sheet, colours, and which edges are lines of the net."""

    corners: Floats
    """(fields, 4, 2)."""
    fills: Longs
    lines: Longs
    edges: list[tuple[bool, bool, bool, bool]]
    """Above, at the right, below, at the left."""


def mesh_pixels(mesh: MeshView, cells: tuple[int, int], size: tuple[int, int], palette: Palette) -> Pixels:
    """The plot of so many cells (columns, rows) in so many pixels; its labels are none of it."""
    from PIL import Image, ImageDraw

    dots = (cells[0] * 2, cells[1] * 4)
    sheet = (size[0] * OVER, size[1] * OVER)
    image = Image.new("RGB", sheet, _rgb(palette.ground))
    drawing = ImageDraw.Draw(image)
    stroke = max(round(sheet[1] / cells[1] / 18), OVER)
    scale = np.array([sheet[0] / dots[0], sheet[1] / dots[1]])
    heights = finer(mesh.heights)
    seen = project(net(heights, finer(mesh.along_time[:, None] * np.ones(2))[:, 0]), mesh.camera, *dots)
    _draw_box(drawing, mesh, dots, scale, stroke, palette)
    fields = _fields(mesh, heights, seen, scale, palette)
    _draw_fields(drawing, fields, stroke)
    _draw_points(drawing, mesh, seen, dots, scale, sheet[1] / cells[1] * DOT, palette)
    found: Pixels = np.asarray(image.reduce(OVER))
    return found


def _rgb(colour: int) -> tuple[int, int, int]:
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255


def _ramp(palette: Palette) -> Light:
    colours = palette.heat_ramp(STEPS)
    return light_of(colours[int(STEPS * FLOOR) :] if palette.dark else colours[int(STEPS * 0.06) : int(STEPS * CEILING)])


def _draw_box(drawing: "ImageDraw", mesh: MeshView, dots: tuple[int, int], scale: Floats, stroke: int, palette: Palette) -> None:
    """The floor with the lines its labels stand at, and the walls behind with those of the heights."""

    def line(start: tuple[float, float, float], end: tuple[float, float, float], colour: int, wide: int) -> None:
        at = project(Cloud(*(np.array(pair) for pair in zip(start, end, strict=True))), mesh.camera, *dots)
        drawing.line([(at.x[0] * scale[0], at.y[0] * scale[1]), (at.x[1] * scale[0], at.y[1] * scale[1])], fill=_rgb(colour), width=wide)

    depths = [float(project(Cloud(*(np.array([part]) for part in (*corner, -1.0))), mesh.camera, *dots).depth[0]) for corner in CORNERS]
    nearest, farthest = CORNERS[int(np.argmin(depths))], CORNERS[int(np.argmax(depths))]
    faint = mix(palette.grid, palette.rule, 0.5)
    for place, _ in mesh.across:
        line((place, -1.0, -1.0), (place, 1.0, -1.0), faint, stroke)
        line((place, farthest[1], -1.0), (place, farthest[1], 1.0), faint, stroke)
    for place, _ in mesh.along:
        line((-1.0, place, -1.0), (1.0, place, -1.0), faint, stroke)
        line((farthest[0], place, -1.0), (farthest[0], place, 1.0), faint, stroke)
    for height, _ in mesh.upward:
        line((-1.0, farthest[1], height), (1.0, farthest[1], height), faint, stroke)
        line((farthest[0], -1.0, height), (farthest[0], 1.0, height), faint, stroke)
    for place, corner in enumerate(CORNERS):
        line((*corner, -1.0), (*CORNERS[(place + 1) % 4], -1.0), palette.rule, stroke + 1)
        if corner != nearest:
            line((*corner, -1.0), (*corner, 1.0), palette.rule, stroke + 1)


def _fields(mesh: MeshView, heights: Floats, seen: Projected, scale: Floats, palette: Palette) -> Fields:
    """All that are fitted, with their colours: by height, light, distance, and whether quotes stand behind them."""
    depth = _mean(seen.depth)
    kept = _mean(finer(mesh.lost)) < 0.01
    order = np.argsort(-depth[kept], kind="stable")
    share = np.clip((_mean(heights) + 1) / 2, 0, 1)
    ramp, ground = _ramp(palette), channels(palette.ground)
    light = ramp[np.round(share * (len(ramp) - 1)).astype(int)] * (1 - SHADE * (1 - _lit(heights, mesh)))[..., None]
    into = 1 - (1 - fog(depth) * FAR_FOG) * (1 - FAINT * np.clip(_mean(finer(mesh.faint)), 0, 1))
    fills = light + (ground - light) * into[..., None]
    lines = fills + (ground - fills) * NET
    x, y = seen.x * scale[0], seen.y * scale[1]
    corners = np.stack([np.stack([plane[:-1, :-1], plane[:-1, 1:], plane[1:, 1:], plane[1:, :-1]], axis=-1) for plane in (x, y)], axis=-1)
    rows, columns = np.indices(depth.shape)
    edges = np.stack([rows % FINE == 0, columns % FINE == FINE - 1, rows % FINE == FINE - 1, columns % FINE == 0], axis=-1)
    return Fields(
        corners[kept][order],
        fills[kept][order].astype(int),
        lines[kept][order].astype(int),
        [tuple(one) for one in edges[kept][order].tolist()],
    )


def _mean(plane: Floats) -> Floats:
    """Of each field's corners."""
    found: Floats = (plane[:-1, :-1] + plane[:-1, 1:] + plane[1:, 1:] + plane[1:, :-1]) / 4
    return found


def _lit(heights: Floats, mesh: MeshView) -> Floats:
    """How much of the light falls on each field, 0 to 1; the light turns with the camera."""
    rows, columns = heights.shape
    slopes: list[Floats] = list(np.gradient(heights, np.linspace(-1, 1, rows), np.linspace(-1, 1, columns)))
    y, x = (-_mean(slope) for slope in slopes)
    turned = _turned(SUN, mesh.camera)
    found: Floats = np.clip((x * turned[0] + y * turned[1] + turned[2]) / np.sqrt(x * x + y * y + 1), 0, 1)
    return found


def _turned(towards: tuple[float, float, float], camera: Camera) -> tuple[float, float, float]:
    """A direction as seen, in the box's own axes."""
    around = np.radians(camera.azimuth)
    right, back, up = towards
    return right * np.cos(around) + back * np.sin(around), back * np.cos(around) - right * np.sin(around), up


def _draw_fields(drawing: "ImageDraw", fields: Fields, stroke: int) -> None:
    """Both neighbours of a line draw it: the nearer one would cover half of what the farther one drew."""
    corners = fields.corners.reshape(-1, 8).tolist()
    for corner, fill, line, edges in zip(corners, fields.fills.tolist(), fields.lines.tolist(), fields.edges, strict=True):
        drawing.polygon(corner, fill=tuple(fill))
        for side, is_line in enumerate(edges):
            if is_line:
                ends = corner[side * 2 : side * 2 + 4] if side < 3 else [*corner[6:], *corner[:2]]
                drawing.line(ends, fill=tuple(line), width=stroke)


def _draw_points(
    drawing: "ImageDraw", mesh: MeshView, seen: Projected, dots: tuple[int, int], scale: Floats, radius: float, palette: Palette
) -> None:
    """The market's mids that nothing of the body hides."""
    at = project(mesh.points, mesh.camera, *dots)
    nearest = _nearest(seen, dots)
    order = np.argsort(-at.depth)
    thick = fog(at.depth) * FAR_FOG
    for place in order.tolist():
        x, y, depth = float(at.x[place]), float(at.y[place]), float(at.depth[place])
        if not (0 <= x < dots[0] and 0 <= y < dots[1]) or depth > nearest[int(y), int(x)] + TOLERANCE:
            continue
        colour = palette.call if mesh.point_sides[place] > 0 else palette.put
        middle = x * scale[0], y * scale[1]
        drawing.circle(middle, radius * 1.5, fill=_rgb(palette.ground))
        drawing.circle(middle, radius, fill=_rgb(mix(colour, palette.ground, round(float(thick[place]), 2))))


def _nearest(seen: Projected, dots: tuple[int, int]) -> Floats:
    """How far away the body is at each dot; infinite where there is none. A dot without a point of the net has its neighbours'."""
    found = np.full((dots[1] + 2, dots[0] + 2), np.inf)
    x, y, depth = (plane.ravel() for plane in seen)
    inside = np.flatnonzero((x >= 0) & (x < dots[0]) & (y >= 0) & (y < dots[1]))
    order = inside[np.argsort(-depth[inside])]
    found[y[order].astype(int) + 1, x[order].astype(int) + 1] = depth[order]
    spread: Floats = np.minimum.reduce(
        [found[down : down + dots[1], across : across + dots[0]] for down in range(3) for across in range(3)]
    )
    return spread
