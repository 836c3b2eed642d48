"""Draws levels across a chart: their lines under the bars, their names where no bar stands, several in one row side by side."""

from collections.abc import Callable

import numpy as np

from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.chart.view import Band, Room
from optix_tui.screens.painting import colour
from optix_tui.theme import Palette

LINE = 0.45
"""How far a level's line goes into the ground."""
FREE = tuple(ord(glyph) for glyph in " ┈┊╌")
"""Glyphs that a name may stand on."""
GAP = 2

Row = Callable[[float], int]
"""The row of a price; -1 out of sight."""


def paint_band_lines(canvas: Canvas, bands: tuple[Band, ...], row_of: Row, room: Room, palette: Palette) -> None:
    """A line each, and the price at the axis; where two share a row, of the first."""
    for row, here in _by_row(bands, row_of).items():
        fore = colour(palette, here[0].tone)
        canvas.across(row, 0, room.columns, "╌", mix(fore, palette.ground, LINE))
        if room.axis:
            canvas.right(canvas.width, row, f"{here[0].price_text:>{room.axis}}", fore)


def paint_band_names(canvas: Canvas, bands: tuple[Band, ...], row_of: Row, room: Room, palette: Palette, *, tagged: int) -> None:
    """The names, with their prices where the axis cannot tell them: in a row of several, or the ``tagged`` one of the last price."""
    if not room.axis:
        return
    rows = _by_row(bands, row_of)
    for row, here in rows.items():
        alone = len(here) == 1 and row != tagged
        names = [(f" {band.text} " if alone else f" {band.text} {band.price_text} ", colour(palette, band.tone)) for band in here]
        spare = [beside for beside in (row + 1, row - 1) if room.top <= beside < room.top + room.rows and beside not in {*rows, tagged}]
        for line in (row, *spare):
            names = _write(canvas, line, room.columns, names, palette)


def _write(canvas: Canvas, row: int, columns: int, names: list[tuple[str, int]], palette: Palette) -> list[tuple[str, int]]:
    """Writes as many as there is room for, one after another; what is left goes beside the row."""
    if not names:
        return []
    lengths = np.cumsum([len(text) for text, _ in names])
    count = max(int(np.searchsorted(lengths, columns - GAP, side="right")), 1)
    x = _free_column(canvas, row, columns, int(lengths[count - 1]))
    for text, fore in names[:count]:
        canvas.erase_dots(x, row, len(text))
        x = canvas.window(0, 0, columns, canvas.height).text(x, row, text, fore, palette.ground)
    return names[count:]


def _by_row(bands: tuple[Band, ...], row_of: Row) -> dict[int, list[Band]]:
    found: dict[int, list[Band]] = {}
    for band in sorted(bands, key=lambda band: -band.price):
        row = row_of(band.price)
        if row >= 0:
            found.setdefault(row, []).append(band)
    return found


def _free_column(canvas: Canvas, row: int, columns: int, wide: int) -> int:
    """The first column from which nothing stands in the way; the first of all where there is no such place."""
    glyphs = canvas.glyph[row, :columns]
    dots = canvas.dots_on[4 * row : 4 * row + 4, : 2 * columns].any(axis=0).reshape(columns, 2).any(axis=1)
    blocked = np.cumsum(~np.isin(glyphs, FREE) | dots)
    before = np.concatenate([[0], blocked])
    starts = np.flatnonzero(before[wide:] == before[: before.size - wide]) if 0 < wide < columns else np.empty(0)
    return int(starts[min(1, starts.size - 1)]) if starts.size else 1
