"""Lines of a chart on a picture: smooth where a terminal has dots."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optix_tui.pictures.pixels import Pixels
from optix_tui.pictures.shapes import CELL_HEIGHT, CELL_WIDTH
from optix_tui.strokes import Strokes

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

OVER = 3
"""Samples a pixel each way."""
_ACROSS, _DOWN = CELL_WIDTH / 2, CELL_HEIGHT / 4
"""Pixels of a dot's place."""


def with_strokes(canvas: Pixels, strokes: Sequence[Strokes], covered: NDArray[np.bool_]) -> Pixels:
    """The canvas with lines over it, except in cells that are covered."""
    drawn = canvas.copy()
    for one in strokes:
        _draw(drawn, one)
    hidden = np.repeat(np.repeat(covered, CELL_HEIGHT, axis=0), CELL_WIDTH, axis=1)
    drawn[hidden] = canvas[hidden]
    return drawn


def _draw(canvas: Pixels, strokes: Strokes) -> None:
    """Lines that were drawn together, in the part of the canvas that they need: finer, and then made smaller."""
    from PIL import Image, ImageDraw

    left, top, right, bottom = _part(canvas, strokes)
    if right <= left or bottom <= top:
        return
    part = Image.fromarray(canvas[top:bottom, left:right]).resize(((right - left) * OVER, (bottom - top) * OVER), Image.Resampling.NEAREST)
    drawing = ImageDraw.Draw(part)
    x = (strokes.ends[0::2] + 0.5) * _ACROSS - left
    y = (strokes.ends[1::2] + 0.5) * _DOWN - top
    places = np.stack([x[0], y[0], x[1], y[1]], axis=1) * OVER
    wide = strokes.thick * _ACROSS * OVER
    for ends, colour in zip(places.tolist(), strokes.colours.tolist(), strict=True):
        _line(drawing, ends, wide, (colour >> 16 & 255, colour >> 8 & 255, colour & 255))
    canvas[top:bottom, left:right] = np.asarray(part.reduce(OVER))


def _line(drawing: "ImageDraw", ends: list[float], wide: float, colour: tuple[int, int, int]) -> None:
    """With round ends, so that neighbours join."""
    drawing.line(ends, fill=colour, width=round(wide))
    half = wide / 2
    for x, y in (ends[:2], ends[2:]):
        drawing.ellipse((x - half, y - half, x + half, y + half), fill=colour)


def _part(canvas: Pixels, strokes: Strokes) -> tuple[int, int, int, int]:
    """The pixels that the lines touch, within their cells."""
    x, y = strokes.ends[0::2] * _ACROSS, strokes.ends[1::2] * _DOWN
    reach = strokes.thick * _ACROSS + max(_ACROSS, _DOWN)
    left, top, right, bottom = (side * size for side, size in zip(strokes.box, (CELL_WIDTH, CELL_HEIGHT) * 2, strict=True))
    height, width = canvas.shape[:2]
    return (
        max(left, int(x.min() - reach), 0),
        max(top, int(y.min() - reach), 0),
        min(right, int(x.max() + reach) + 1, width),
        min(bottom, int(y.max() + reach) + 1, height),
    )
