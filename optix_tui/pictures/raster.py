"""Cells as pixels: every glyph of a finished frame as a mask of ink, laid in its colour over its ground."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.cells import get_character_cell_size

from optix_tui.canvas import BOLD, CONTINUED, UNDERLINE, Frame
from optix_tui.pictures.lettering import font_of
from optix_tui.pictures.pixels import Pixels, light_of
from optix_tui.pictures.shapes import CELL_HEIGHT, CELL_WIDTH, missing, shape, underline
from optix_tui.pictures.smooth import with_strokes
from optix_tui.strokes import Strokes

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FONT_SIZE = 29.9
"""At which a letter of the font is as wide as a cell."""
BASELINE = 28
"""Pixels from the top of the cell."""
_NO_SUCH_GLYPH = "\U0010fffd"
"""No font has one: it comes out as what the font shows in place of any that it lacks."""

Mask = NDArray[np.uint8]
"""Ink of 0 to 255 in each pixel of one cell."""


def pixels(frame: Frame, strokes: Sequence[Strokes] = (), covered: NDArray[np.bool_] | None = None) -> Pixels:
    """Red, green and blue of every pixel: (rows * 36, columns * 18, 3); lines lie under the glyphs, and not in ``covered`` cells at all."""
    rows, columns = frame.glyph.shape
    canvas = np.repeat(np.repeat(light_of(frame.back).astype(np.uint8), CELL_HEIGHT, axis=0), CELL_WIDTH, axis=1)
    if strokes:
        canvas = with_strokes(canvas, strokes, np.zeros(frame.glyph.shape, np.bool_) if covered is None else covered)
    masks, places = _masks_of(frame)
    for row in range(rows):
        ink = masks[places[row]].transpose(1, 0, 2).reshape(CELL_HEIGHT, columns * CELL_WIDTH).astype(np.float32) / 255
        back = canvas[row * CELL_HEIGHT : (row + 1) * CELL_HEIGHT].astype(np.float32)
        fore = np.repeat(light_of(frame.fore[row]), CELL_WIDTH, axis=0)
        canvas[row * CELL_HEIGHT : (row + 1) * CELL_HEIGHT] = (back + (fore[None] - back) * ink[:, :, None] + 0.5).astype(np.uint8)
    return canvas


def _masks_of(frame: Frame) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """The masks that occur, and which of them each cell shows."""
    glyph, attributes = frame.glyph.astype(np.int64), frame.attributes.astype(np.int64)
    second = np.zeros(glyph.shape, np.int64)
    continued = glyph == CONTINUED
    second[:, 1:] = continued[:, 1:]
    glyph[:, 1:] = np.where(continued[:, 1:], glyph[:, :-1], glyph[:, 1:])
    attributes[:, 1:] = np.where(continued[:, 1:], attributes[:, :-1], attributes[:, 1:])
    keys, places = np.unique(glyph << 3 | attributes << 1 | second, return_inverse=True)
    masks = [_mask(chr(key >> 3), bool(key >> 1 & BOLD), bool(key >> 1 & UNDERLINE), key & 1) for key in keys.tolist()]
    return np.array(masks), places.reshape(glyph.shape)


@lru_cache(4096)
def _mask(glyph: str, bold: bool, underlined: bool, half: int) -> Mask:  # noqa: FBT001
    """The left (0) or right (1) cell of a glyph; one that is not wide has a left one alone."""
    drawn = shape(glyph) if not half else None
    ink = (drawn * 255).round().astype(np.uint8) if drawn is not None else _letter(glyph, bold)[:, half * CELL_WIDTH :][:, :CELL_WIDTH]
    return np.maximum(ink, (underline() * 255).astype(np.uint8)) if underlined else ink


@lru_cache(2048)
def _letter(glyph: str, bold: bool) -> Mask:  # noqa: FBT001
    """What the font draws, over all cells of the glyph; an empty frame where it has no such glyph."""
    from PIL import Image, ImageDraw

    columns = max(get_character_cell_size(glyph), 1)
    font = font_of(FONT_SIZE, bold=bold)
    if glyph.isspace() or not glyph.isprintable():
        return np.zeros((CELL_HEIGHT, CELL_WIDTH * columns), np.uint8)
    if _outline(glyph, font) == _outline(_NO_SUCH_GLYPH, font):
        return (missing(columns) * 255).astype(np.uint8)
    sheet = Image.new("L", (CELL_WIDTH * columns, CELL_HEIGHT))
    ImageDraw.Draw(sheet).text(((columns - 1) * CELL_WIDTH / 2, BASELINE), glyph, fill=255, font=font, anchor="ls")
    return np.array(sheet)


def _outline(glyph: str, font: "FreeTypeFont") -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(glyph)
    return mask.size, bytes(mask)
