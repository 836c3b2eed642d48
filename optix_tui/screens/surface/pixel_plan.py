"""A picture of OVDV in pixels: of which cells, how large, what it depends on, and how it is made. Nothing of it knows the terminal."""

from math import sqrt
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.domain.ids import UtcNanos
from optix_tui.canvas import Canvas
from optix_tui.graphics.cell_size import CellSize
from optix_tui.graphics.placeholders import MOST_CELLS
from optix_tui.pictures.pixels import Pixels, channels
from optix_tui.screens.surface.heat import HeatView, heat_view
from optix_tui.screens.surface.mesh import MeshView
from optix_tui.screens.surface.pixels_heat import heat_pixels
from optix_tui.screens.surface.pixels_mesh import mesh_pixels
from optix_tui.screens.surface.reading import Past, Reading
from optix_tui.screens.surface.view import HEAT_LEFT, SurfaceFacts, SurfaceView, heat_room
from optix_tui.theme import Palette

MOST_PIXELS = 1_600_000
"""Of larger plots a smaller picture is sent, which the terminal stretches."""
MOST_DRIFT = 0.5
"""Cells by which an axis may have moved since."""
LEAST_COLUMNS, LEAST_ROWS = 16, 8
_HALF_BLOCK, _STRIPE = ord("▀"), ord("╱")


class PixelPlan(Struct, frozen=True, kw_only=True):
    """A picture that can be made."""

    x: int
    y: int
    columns: int
    rows: int
    """Its cells on the body of the screen."""
    size: tuple[int, int]
    """Its pixels."""
    body: HeatView | MeshView
    reading: Reading
    past: Past
    now: UtcNanos
    palette: Palette
    fade: float
    """How far into the ground all of it goes."""

    def fits(self, other: "PixelPlan") -> bool:
        """Its picture may stand where the other's would: all is the same but the numbers, and no place is half a cell off."""
        return self.shape() == other.shape() and self._is_near(other)

    def shape(self) -> tuple[Any, ...]:
        """What it looks like, its numbers and the ends of its axis aside."""
        body = self.body
        own = (body.layer,) if isinstance(body, HeatView) else (body.camera,)
        around = (self.reading.surface.symbol, self.columns, self.rows, self.size, self.palette.name, self.palette.up, self.fade)
        return (*own, body.axis.coordinate, body.span, *around)

    def _is_near(self, other: "PixelPlan") -> bool:
        """The axis follows a live surface a little with every tick."""
        mine, its = self.body.axis, other.body.axis
        cell = abs(mine.high - mine.low) / self.columns
        return max(abs(mine.low - its.low), abs(mine.high - its.high)) <= MOST_DRIFT * cell

    def is_made_of(self, other: "PixelPlan") -> bool:
        """The same numbers."""
        return self.reading is other.reading and self.past is other.past

    def shown_in(self, plot: Canvas) -> NDArray[np.bool_]:
        """Which cells of the painted plot give way: all but those with words, the crosshair's and what is not fitted."""
        if isinstance(self.body, MeshView):
            return np.logical_not(plot.hard)
        return np.logical_and(plot.hard, np.isin(plot.glyph, (_HALF_BLOCK, _STRIPE)))

    def pixels(self) -> Pixels:
        """The picture; takes a tenth of a second or more."""
        body, cells = self.body, (self.columns, self.rows)
        if isinstance(body, MeshView):
            made = mesh_pixels(body, cells, self.size, self.palette)
        else:
            fine = heat_view(
                reading=self.reading,
                axis=body.axis,
                layer=body.layer,
                past=self.past,
                now=self.now,
                pixels=max(self.size[1] // 2, 2 * self.rows),
                columns=max(self.size[0] // 2, self.columns),
            )
            grades = tuple(one.grade for one in self.reading.slices)
            made = heat_pixels(replace(fine, span=body.span), grades, cells, self.size, self.palette)
        if not self.fade:
            return made
        ground = channels(self.palette.ground)
        faded: Pixels = (made + (ground - made) * np.float32(self.fade) + np.float32(0.5)).astype(np.uint8)
        return faded


def pixel_plan(
    view: SurfaceView, facts: SurfaceFacts, now: UtcNanos, cell: CellSize, palette: Palette, fade: float, most: int = MOST_PIXELS
) -> PixelPlan | None:
    """The plan for a screen, of so many pixels at ``most``; None where what it shows is not drawn in pixels."""
    width, height = view.rooms.picture
    body, reading = view.body, facts.reading
    if reading is None or (view.blocks and not view.rooms.side):
        return None
    if isinstance(body, MeshView):
        x, y, columns, rows = 0, 2, width, height - 1
    elif isinstance(body, HeatView) and body.span is not None:
        x, y, (columns, rows) = HEAT_LEFT, 2, heat_room(width, height)
    else:
        return None
    if not (LEAST_COLUMNS <= columns <= MOST_CELLS and LEAST_ROWS <= rows <= MOST_CELLS):
        return None
    return PixelPlan(
        x=x,
        y=y,
        columns=columns,
        rows=rows,
        size=_size(columns * cell.width, rows * cell.height, most),
        body=body,
        reading=reading,
        past=facts.past,
        now=now,
        palette=palette,
        fade=fade,
    )


def _size(width: int, height: int, most: int) -> tuple[int, int]:
    """So many pixels, or as many fewer as it takes, in the same shape."""
    smaller = min(sqrt(most / (width * height)), 1.0)
    return round(width * smaller), round(height * smaller)
