"""Draws VIX: the indices of all names, and the chosen one's term structure."""

from collections.abc import Callable

import numpy as np

from optix_tui.canvas import Canvas
from optix_tui.screens.painting import paint_header, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.screens.volindex.paint_term import paint_term
from optix_tui.screens.volindex.view import LEAST_ROWS_WITH_FOOT, LINE, IndexRow, IndexView
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
FOOTS = (
    "VIX-style: root of the fair variance the fitted smiles replicate (a model's figure), calendar days; E beyond the expiries",
    "VIX-style, a model's figure of the fitted smiles; E beyond the expiries",
    "a model's figure; E beyond the expiries",
)


def paint_indices(canvas: Canvas, view: IndexView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    foot = 1 if canvas.height >= LEAST_ROWS_WITH_FOOT else 0
    height = canvas.height - foot
    if view.side:
        left = canvas.width - view.side - 1
        canvas.down(left, 0, height, "│", palette.grid)
        _paint_table(canvas.window(0, 0, left, height), view, palette, settle)
        _paint_chosen(canvas.window(left + 1, 0, view.side, height), view, palette)
    else:
        _paint_table(canvas.window(0, 0, canvas.width, height - view.below), view, palette, settle)
        if view.below:
            _paint_chosen(canvas.window(0, height - view.below, canvas.width, view.below), view, palette)
    if foot:
        _paint_foot(canvas, palette)


def _paint_foot(canvas: Canvas, palette: Palette) -> None:
    y = canvas.height - 1
    canvas.fill(0, y, canvas.width, 1, palette.head)
    canvas.text(1, y, next((text for text in FOOTS if len(text) + 2 <= canvas.width), ""), palette.dim)


def _paint_table(canvas: Canvas, view: IndexView, palette: Palette, settle: Settle) -> None:
    columns = fit(view.columns, canvas.width)
    paint_header(canvas, 0, columns, palette)
    lines = max(canvas.height - 1, 0)
    cursor = settle(1, lines)
    if not view.rows:
        canvas.paragraph(1, 1, view.trouble, palette.alert)
        return
    body = canvas.window(0, 1, canvas.width, lines)
    paint_rows(body, columns, view.rows, palette, cursor=cursor)
    drawn = next((one for one in columns if one.column.key == LINE), None)
    if drawn is not None:
        for line, row in enumerate(view.rows[cursor.top : cursor.top + lines]):
            _paint_line(body.window(drawn.x, line, drawn.width, 1), row, palette)


def _paint_line(cells: Canvas, row: IndexRow, palette: Palette) -> None:
    """The index over the root of time in one row of cells, its own least and greatest at the edges; inverted ones in a warning's colour."""
    known, roots = np.isfinite(row.told.value), np.sqrt(np.asarray(row.told.days, float))
    values = row.told.value[known]
    if values.size < 2:
        return
    reach = float(values.max() - values.min())
    heights = (values.max() - values) / reach * 3 if reach > 0 else np.full(values.size, 1.5)
    across = (roots[known] - roots[0]) / (roots[-1] - roots[0]) * (cells.width * 2 - 1)
    cells.polyline(np.round(across), np.round(heights), palette.alert if row.slope < 0 else palette.faded(palette.vol, 0.25))


def _paint_chosen(canvas: Canvas, view: IndexView, palette: Palette) -> None:
    if view.term is not None:
        paint_term(canvas, view.term, palette)
    elif view.rows:
        canvas.paragraph(1, 1, view.trouble, palette.alert)
