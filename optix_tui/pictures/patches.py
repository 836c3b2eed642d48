"""Parts of a screen that a picture has finer than the terminal: pixels in place of some of its cells."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from optix_tui.canvas import Canvas
from optix_tui.graphics.cell_size import CellSize
from optix_tui.pictures.pixels import Pixels
from optix_tui.pictures.shapes import CELL_HEIGHT, CELL_WIDTH


class Patch(NamedTuple):
    """Pixels over a rectangle of cells."""

    x: int
    y: int
    """Its first cell."""
    shown: NDArray[np.bool_]
    """Which of its cells give way: (rows, columns)."""
    pixels: Pixels
    """For cells of the picture's size."""

    def moved(self, columns: int, rows: int) -> "Patch":
        """On a sheet on which it stands so many cells farther right and down."""
        return self._replace(x=self.x + columns, y=self.y + rows)


@runtime_checkable
class Patched(Protocol):
    """A screen with parts that are finer."""

    def patches(self, canvas: Canvas, cell: CellSize) -> tuple[Patch, ...]:
        """Those of what was painted on a canvas, for cells of so many pixels."""


def with_patches(canvas: Pixels, patches: Sequence[Patch]) -> Pixels:
    """The picture with its finer parts in place."""
    for patch in patches:
        shown = np.repeat(np.repeat(patch.shown, CELL_HEIGHT, axis=0), CELL_WIDTH, axis=1)
        top, left = patch.y * CELL_HEIGHT, patch.x * CELL_WIDTH
        area = canvas[top : top + shown.shape[0], left : left + shown.shape[1]]
        area[shown] = patch.pixels[shown]
    return canvas
