"""Draws the cone: bands by window with where volatility is now and what is implied, the estimators beside it, the numbers below."""

from collections.abc import Callable

import numpy as np

from engine.domain.columns import Floats
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.cone.estimators import LETTERS, NAMES
from optix_tui.screens.cone.view import COLUMNS, ConeView, band
from optix_tui.screens.painting import paint_band, paint_header, paint_line, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 6
MARGIN = 0.04
"""Share of the width left free beside the first and the last window."""
BANDS = ((1, 5, 0.13), (2, 4, 0.28))
"""Quantiles from and to, and how strongly the ground between them is tinted."""


def paint_cone(canvas: Canvas, view: ConeView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    _paint_head(canvas, view, palette)
    top = 1
    if view.chart_rows and view.scale is not None:
        wide = canvas.width - (view.side + 1 if view.side else 0)
        _paint_chart(canvas.window(0, 1, wide, view.chart_rows), view, view.scale, palette)
        if view.side:
            canvas.down(wide, 1, view.chart_rows, "│", palette.grid)
            _paint_estimators(canvas.window(wide + 1, 1, view.side, view.chart_rows), view, palette)
        top += view.chart_rows
    elif view.problem:
        top = canvas.paragraph(1, 1, view.problem, palette.alert)
    _paint_table(canvas.window(0, top, canvas.width, canvas.height - top), view, palette, lambda line, rows: settle(top + line, rows))


def _paint_head(canvas: Canvas, view: ConeView, palette: Palette) -> None:
    x = canvas.put(
        1,
        0,
        (LETTERS[view.preferences.estimator], palette.ink, palette.security, True),
        (f" {NAMES[view.preferences.estimator]}", palette.bright, None, True),
        ("  o ", palette.text),
        ("next estimator", palette.dim),
    )
    if x + len(view.head) + 3 < canvas.width:
        canvas.right(canvas.width - 1, 0, view.head, palette.dim)


def _paint_table(part: Canvas, view: ConeView, palette: Palette, settle: Settle) -> None:
    columns = fit(COLUMNS, part.width)
    paint_header(part, 0, columns, palette)
    foot = 1 if part.height > 2 else 0
    lines = max(part.height - 1 - foot, 0)
    cursor = settle(1, lines)
    body = part.window(0, 1, part.width, lines)
    paint_rows(body, columns, view.rows, palette, cursor=cursor)
    if all(placed.column.key != "why" or placed.width < 20 for placed in columns):
        _paint_refusals(body, view, palette, cursor.top)
    if foot:
        y = part.height - 1
        part.fill(0, y, part.width, 1, palette.head)
        words = (
            " · ".join(view.notes) or "n windows overlap; Apart of them end to end. Pct: share of windows below now. I-R: implied less now"
        )
        room = part.width - 2
        part.text(1, y, words if len(words) <= room else words[: room - 1] + "…", palette.alert if view.notes else palette.dim)


def _paint_refusals(body: Canvas, view: ConeView, palette: Palette, top: int) -> None:
    """Where the column of reasons has no room: over the empty quantiles."""
    for line, row in enumerate(view.rows[top : top + body.height]):
        if row.refusal:
            body.text(15, line, f"refused: {row.refusal}"[: max(body.width - 38, 0)], palette.alert)


def _column(place: int, count: int, width: int) -> int:
    """Where a window stands across the plot."""
    share = MARGIN + (1 - 2 * MARGIN) * (place / max(count - 1, 1))
    return round(share * (width - 1))


def _paint_chart(canvas: Canvas, view: ConeView, scale: Scale, palette: Palette) -> None:
    plot = canvas.window(AXIS, 0, canvas.width - AXIS - 1, canvas.height - 2)
    if plot.width < 10 or plot.height < 3:
        return
    marks = ticks(scale.low, scale.high, max(plot.height // 3, 2))
    digits = tick_digits(marks)
    columns = [_column(place, len(view.rows), plot.width) for place in range(len(view.rows))]
    known = np.array([not row.refusal for row in view.rows])
    if known.any():
        _paint_bands(plot, view, scale, columns, palette)
    for mark in marks:
        line = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 1, line, f"{mark:.{digits}f}", palette.dim)
    for column, row in zip(columns, view.rows, strict=True):
        plot.down(column, 0, plot.height, "┊", palette.grid)
        canvas.middle(AXIS + column - 3, 7, canvas.height - 2, f"{row.window}", palette.text if not row.refusal else palette.alert)
    _paint_lines(plot, view, scale, columns, palette)
    _paint_legend(canvas, view, palette)
    if view.problem:
        plot.paragraph(2, 1, view.problem, palette.alert)


def _paint_bands(plot: Canvas, view: ConeView, scale: Scale, columns: list[int], palette: Palette) -> None:
    """Grounds between the quantiles; a window that is refused parts them."""
    across = np.arange(plot.width)
    rows = np.arange(plot.height)[:, None] + 0.5
    for low, high, strength in BANDS:
        upper = np.interp(across, columns, band(view.rows, high), left=np.nan, right=np.nan)
        lower = np.interp(across, columns, band(view.rows, low), left=np.nan, right=np.nan)
        with np.errstate(invalid="ignore"):
            inside = (rows >= scale.share(upper)[None, :] * plot.height) & (rows <= scale.share(lower)[None, :] * plot.height)
        if is_monochrome():
            plot.glyph[inside] = ord("░" if low == 1 else "▒")
        else:
            plot.back[inside] = mix(palette.ground, palette.text, strength)


def _paint_lines(plot: Canvas, view: ConeView, scale: Scale, columns: list[int], palette: Palette) -> None:
    places = np.array(columns) / max(plot.width - 1, 1)
    outer, median = mix(palette.text, palette.ground, 0.5), palette.white
    for quantile, fore in ((0, outer), (6, outer), (3, median)):
        _through(plot, band(view.rows, quantile), scale, fore, places)
    implied = np.array([row.implied for row in view.rows]) * 100
    _through(plot, implied, scale, palette.vol, places)
    for one in view.estimators:
        if one.estimator is not view.preferences.estimator:
            _letters(plot, np.array(one.values) * 100, LETTERS[one.estimator], scale, columns, palette.dim)
    now = np.array([row.now for row in view.rows]) * 100
    _through(plot, now, scale, palette.security, places)
    _letters(plot, implied, "◆", scale, columns, palette.vol)
    _letters(plot, now, LETTERS[view.preferences.estimator], scale, columns, palette.security, strong=True)


def _through(plot: Canvas, values: Floats, scale: Scale, fore: int, places: Floats) -> None:
    known = np.isfinite(values)
    if known.sum() > 1:
        paint_line(plot, np.where(known, values, np.nan), scale, fore, places=places)


def _letters(plot: Canvas, values: Floats, letter: str, scale: Scale, columns: list[int], fore: int, *, strong: bool = False) -> None:
    for column, value in zip(columns, values.tolist(), strict=True):
        if np.isfinite(value):
            line = min(max(round(float(scale.share(value)) * (plot.height - 1)), 0), plot.height - 1)
            plot.text(column, line, letter, fore, bold=strong)


def _paint_legend(canvas: Canvas, view: ConeView, palette: Palette) -> None:
    y = canvas.height - 1
    spans = [
        ("sessions  ", palette.dim),
        ("▒", mix(palette.ground, palette.text, 0.6)),
        (" 25-75  ", palette.dim),
        ("░", mix(palette.ground, palette.text, 0.4)),
        (" 5-95  ", palette.dim),
        ("⠤⠤", mix(palette.text, palette.ground, 0.5)),
        (" min max  ", palette.dim),
        ("⠤⠤", palette.white),
        (" median  ", palette.dim),
        (f"⠤{LETTERS[view.preferences.estimator]}⠤", palette.security),
        (" now  ", palette.dim),
        ("◆", palette.vol),
        (" implied, at the forward", palette.dim),
    ]
    x = AXIS
    for text, fore in spans:
        if x + len(text) > canvas.width:
            return
        x = canvas.text(x, y, text, fore)


def _paint_estimators(part: Canvas, view: ConeView, palette: Palette) -> None:
    """Every estimator now, by window, and the implied below."""
    paint_band(part, 0, "Now, by estimator", palette, note="vol points")
    room = max((part.width - 18) // 6, 1)
    shown = sorted({round(value) for value in np.linspace(0, len(view.rows) - 1, min(room, len(view.rows))).tolist()})
    for number, place in enumerate(shown):
        part.right(18 + (number + 1) * 6 - 1, 1, f"{view.rows[place].window}", palette.dim)
    y = 2
    for one in view.estimators:
        chosen = one.estimator is view.preferences.estimator
        part.text(1, y, LETTERS[one.estimator], palette.security if chosen else palette.text, bold=chosen)
        part.text(3, y, NAMES[one.estimator], palette.bright if chosen else palette.dim, bold=chosen)
        for number, place in enumerate(shown):
            value = one.values[place]
            part.right(18 + (number + 1) * 6 - 1, y, written.points(value), palette.white if chosen else palette.text)
        y += 1
    part.text(1, y, "◆ Implied", palette.vol)
    for number, place in enumerate(shown):
        part.right(18 + (number + 1) * 6 - 1, y, written.points(view.rows[place].implied), palette.vol)
    y += 2
    part.paragraph(1, y, "C Y M have the nights in them, as the implied has; P G R see the session alone.", palette.dim, part.width - 3)
