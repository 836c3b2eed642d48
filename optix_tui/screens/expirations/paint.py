"""Draws the expirations: the term of volatility above where there is room, the table, and its totals."""

from collections.abc import Callable

import numpy as np

from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.expirations.view import COLUMNS, ExpirationsView, root_time
from optix_tui.screens.painting import paint_header, paint_line, paint_mark, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

LEAST_ROWS_WITH_CHART = 22
CHART_SHARE, MOST_CHART_ROWS = 0.3, 14
AXIS = 6
MARKS = (1, 7, 14, 30, 60, 90, 180, 365, 730)
"""Days written under the term."""


def paint_expirations(
    canvas: Canvas, view: ExpirationsView, palette: Palette, settle: Callable[[int, int], Cursor], *, chart: bool
) -> None:
    """The whole screen."""
    top = 0
    if chart and canvas.height >= LEAST_ROWS_WITH_CHART and len(view.term) > 1:
        top = min(round(canvas.height * CHART_SHARE), MOST_CHART_ROWS)
        cursor = settle(top + 1, canvas.height - top - 2)
        _paint_term(canvas.window(0, 0, canvas.width, top), view, palette, cursor.row)
    columns = fit(COLUMNS, canvas.width)
    paint_header(canvas, top, columns, palette)
    foot = 1 if canvas.height - top > 6 else 0
    lines = max(canvas.height - top - 1 - foot, 0)
    cursor = settle(top + 1, lines)
    if view.rows:
        paint_rows(canvas.window(0, top + 1, canvas.width, lines), columns, view.rows, palette, cursor=cursor)
    else:
        canvas.text(1, top + 1, "no options are listed on this name", palette.dim)
    if foot:
        _paint_totals(canvas, canvas.height - 1, view, palette)


def _paint_totals(canvas: Canvas, y: int, view: ExpirationsView, palette: Palette) -> None:
    canvas.fill(0, y, canvas.width, 1, palette.head)
    x = 1
    for label, text in view.totals:
        if x + len(label) + len(text) + 3 > canvas.width:
            return
        x = canvas.put(x, y, (f"{label} ", palette.dim), (text, palette.text)) + 2
    if view.model and x + len(view.model) + 2 < canvas.width:
        canvas.right(canvas.width - 1, y, view.model, palette.dim)


def _paint_term(canvas: Canvas, view: ExpirationsView, palette: Palette, chosen: int) -> None:
    """At-the-money volatility over the square root of time: monthly expiries bright, the chosen one with a line down."""
    levels = np.array([point.volatility for point in view.term]) * 100
    scale = Scale.around(levels, margin=0.1)
    if scale is None:
        return
    plot = canvas.window(AXIS, 1, canvas.width - AXIS - 2, canvas.height - 3)
    canvas.put(1, 0, ("ATM IV", palette.vol), (" by expiry, √time", palette.dim))
    canvas.put_right(canvas.width - 1, 0, ("⠶", palette.white), (" monthly  ", palette.dim), ("⠶", palette.vol), (" weekly", palette.dim))
    marks = ticks(scale.low, scale.high, max(plot.height // 3, 2))
    digits = tick_digits(marks)
    for mark in marks:
        row = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(row, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 1, 1 + row, f"{mark:.{digits}f}", palette.dim)
    roots = np.array([root_time(point.days) for point in view.term])
    low, high = float(roots.min()), float(roots.max())
    places = (roots - low) / max(high - low, 1e-9)
    _paint_days(canvas, plot, low, high, palette)
    shown = view.rows[chosen].summary if chosen < len(view.rows) else None
    if shown is not None and shown.years > 0:
        column = round((root_time(shown.years * 365) - low) / max(high - low, 1e-9) * (plot.width - 1))
        plot.down(column, 0, plot.height, "╎", palette.bright)
    paint_line(plot, levels, scale, mix(palette.vol, palette.ground, 0.35), places=places)
    shares = np.asarray(scale.share(levels))
    for weekly in (True, False):
        for point, place, share in zip(view.term, places.tolist(), shares.tolist(), strict=True):
            if point.is_weekly == weekly:
                paint_mark(plot, place, share, palette.vol if weekly else palette.white)


def _paint_days(canvas: Canvas, plot: Canvas, low: float, high: float, palette: Palette) -> None:
    taken = -9
    for days in MARKS:
        place = (root_time(days) - low) / max(high - low, 1e-9)
        column = AXIS + round(place * (plot.width - 1))
        label = f"{days}d" if days < 365 else f"{days // 365}y"
        if 0 <= place <= 1 and column > taken + 1:
            plot.down(column - AXIS, 0, plot.height, "┊", palette.grid)
            canvas.text(column, canvas.height - 2, label, palette.dim)
            taken = column + len(label)
