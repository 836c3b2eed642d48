"""Draws what stands beside the cone: every estimator now, and where now and the implied lie in the cone of each window."""

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.screens.cone.estimators import LETTERS, NAMES
from optix_tui.screens.cone.view import ConeRow, ConeView
from optix_tui.screens.painting import paint_band
from optix_tui.theme import Palette

NAME_ROOM, NUMBER_ROOM = 18, 6
PLACE_ROOM = 7
"""Columns of the window's name before its line from 0 to 100."""
WORDS = "C Y M have the nights in them, as the implied has; P G R see the session alone."


def paint_side(part: Canvas, view: ConeView, palette: Palette) -> None:
    """As many of its parts as there are rows for."""
    y = _paint_estimators(part, view, palette) + 1
    if y + len(view.rows) + 2 <= part.height:
        y = _paint_places(part, y, view, palette) + 1
    if y + 2 <= part.height:
        part.paragraph(1, y, WORDS, palette.dim, part.width - 3)


def _paint_estimators(part: Canvas, view: ConeView, palette: Palette) -> int:
    """Every estimator now, by window, and the implied below; the row after the last."""
    paint_band(part, 0, "Now, by estimator", palette, note="vol points")
    room = max((part.width - NAME_ROOM) // NUMBER_ROOM, 1)
    shown = sorted({round(value) for value in np.linspace(0, len(view.rows) - 1, min(room, len(view.rows))).tolist()})
    ends = [NAME_ROOM + (number + 1) * NUMBER_ROOM - 1 for number in range(len(shown))]
    for end, place in zip(ends, shown, strict=True):
        part.right(end, 1, f"{view.rows[place].window}", palette.dim)
    y = 2
    for one in view.estimators:
        chosen = one.estimator is view.preferences.estimator
        part.text(1, y, LETTERS[one.estimator], palette.security if chosen else palette.text, bold=chosen)
        part.text(3, y, NAMES[one.estimator], palette.bright if chosen else palette.dim, bold=chosen)
        for end, place in zip(ends, shown, strict=True):
            part.right(end, y, written.points(one.values[place]), palette.white if chosen else palette.text)
        y += 1
    part.text(1, y, "◆ Implied", palette.vol)
    for end, place in zip(ends, shown, strict=True):
        part.right(end, y, written.points(view.rows[place].implied), palette.vol)
    return y + 1


def _paint_places(part: Canvas, y: int, view: ConeView, palette: Palette) -> int:
    """A line a window from the least to the greatest of its past; the row after the last."""
    paint_band(part, y, "Place in the cone", palette, note="per cent below")
    wide = part.width - PLACE_ROOM - 3
    for share, text in ((0.0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1.0, "100")):
        part.text(PLACE_ROOM + round(share * wide) - len(text) // 2, y + 1, text, palette.dim)
    y += 2
    for row in view.rows:
        part.right(PLACE_ROOM - 2, y, f"{row.window}", palette.security)
        if row.refusal:
            part.text(PLACE_ROOM, y, "refused", palette.alert)
        else:
            _paint_place(part.window(PLACE_ROOM, y, wide + 1, 1), row, LETTERS[view.preferences.estimator], palette)
        y += 1
    return y


def _paint_place(line: Canvas, row: ConeRow, letter: str, palette: Palette) -> None:
    last = line.width - 1
    line.across(0, 0, line.width, "─", palette.rule)
    for share in (0.25, 0.5, 0.75):
        line.text(round(share * last), 0, "┼", palette.mute)
    for share, mark, fore in ((row.implied_place, "◆", palette.vol), (row.rank, letter, palette.security)):
        if np.isfinite(share):
            line.text(round(share * last), 0, mark, fore, bold=True)
