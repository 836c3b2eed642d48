"""The rows of a screen, as they are sent to a terminal, back as planes of cells."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.cells import get_character_cell_size

from optix_tui.canvas import BOLD, CONTINUED, UNDERLINE, Frame

if TYPE_CHECKING:
    from rich.color import Color
    from rich.style import Style
    from textual.strip import Strip

_SPACE = ord(" ")


def frame_of(rows: "Sequence[Strip]", width: int, *, text: int, ground: int) -> Frame:
    """``width`` cells a row: what is longer is cut off, what is shorter ends in blanks; without a colour it is ``text`` on ``ground``."""
    shape = (len(rows), width)
    glyph, attributes = np.full(shape, _SPACE, np.uint32), np.zeros(shape, np.uint8)
    fore, back = np.full(shape, text, np.int32), np.full(shape, ground, np.int32)
    for y, row in enumerate(rows):
        x = 0
        for segment in row:
            if segment.control:
                continue
            cells = _codes(segment.text)[: max(width - x, 0)]
            area = (y, slice(x, x + len(cells)))
            glyph[area] = cells
            fore[area], back[area], attributes[area] = _look(segment.style, text, ground)
            x += len(cells)
    return Frame(glyph, fore, back, attributes)


def _codes(text: str) -> list[int]:
    """Code points by cell; the second cell of a wide glyph has none of its own, what takes no cell is dropped."""
    codes: list[int] = []
    for character in text:
        size = get_character_cell_size(character)
        codes += [ord(character), CONTINUED][:size]
    return codes


def _look(style: "Style | None", text: int, ground: int) -> tuple[int, int, int]:
    """Colours of glyph and ground, and the attributes."""
    if style is None:
        return text, ground, 0
    fore, back = _packed(style.color, text), _packed(style.bgcolor, ground)
    if style.reverse:
        fore, back = back, fore
    return fore, back, (BOLD if style.bold else 0) | (UNDERLINE if style.underline else 0)


def _packed(colour: "Color | None", usual: int) -> int:
    if colour is None or colour.is_default:
        return usual
    red, green, blue = colour.get_truecolor()
    return red << 16 | green << 8 | blue
