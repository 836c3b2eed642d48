"""Draws the cone: bands by window with where volatility is now and what is implied, the estimators beside it, the numbers below."""

from collections.abc import Callable

import numpy as np

from engine.domain.columns import Floats
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.cone.estimators import LETTERS, NAMES
from optix_tui.screens.cone.paint_side import paint_side
from optix_tui.screens.cone.view import COLUMNS, ConeView, band
from optix_tui.screens.painting import EIGHTHS, paint_header, paint_levels, paint_line, paint_readout, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 6
MARGIN = 0.04
"""Share of the width left free beside the first and the last window."""
BANDS = ((0, 6, 0.08), (1, 5, 0.18), (2, 4, 0.34))
"""Quantiles from and to, and how strongly the ground between them is tinted."""
MEDIAN = 3
HINT = "next estimator"
SPACE = ord(" ")
REFUSAL_PLACE, REFUSAL_ROOM = 15, 38
"""Where the reason begins in a narrow table, and what it leaves to the other columns."""


def paint_cone(canvas: Canvas, view: ConeView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    _paint_head(canvas, view, palette)
    top = 1
    if view.chart_rows and view.scale is not None:
        wide = canvas.width - (view.side + 1 if view.side else 0)
        _paint_chart(canvas.window(0, 1, wide, view.chart_rows), view, view.scale, palette)
        if view.side:
            canvas.down(wide, 1, view.chart_rows, "│", palette.grid)
            paint_side(canvas.window(wide + 1, 1, view.side, view.chart_rows), view, palette)
        top += view.chart_rows
    elif view.problem:
        top = canvas.paragraph(1, 1, view.problem, palette.alert)
    if view.readout:
        paint_readout(canvas, top, view.readout, palette)
        top += 1
    _paint_table(canvas.window(0, top, canvas.width, canvas.height - top), view, palette, lambda line, rows: settle(top + line, rows))


def _paint_head(canvas: Canvas, view: ConeView, palette: Palette) -> None:
    x = canvas.put(
        1,
        0,
        (LETTERS[view.preferences.estimator], palette.ink, palette.security, True),
        (f" {NAMES[view.preferences.estimator]}", palette.bright, None, True),
    )
    if x + len(view.head) + 3 < canvas.width:
        end = canvas.right(canvas.width - 1, 0, view.head, palette.dim)
        if x + len(HINT) + 6 < end:
            canvas.put(x, 0, ("  o ", palette.text), (HINT, palette.dim))


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
    room = max(body.width - REFUSAL_ROOM, 0)
    for line, row in enumerate(view.rows[top : top + body.height]):
        if row.refusal:
            words = f"refused: {row.refusal}"
            body.text(REFUSAL_PLACE, line, words if len(words) <= room else words[: max(room - 1, 0)] + "…", palette.alert)


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
        bare = plot.glyph[line] == SPACE
        plot.glyph[line][bare], plot.fore[line][bare] = ord("┈"), palette.rule
        canvas.right(AXIS - 1, line, f"{mark:.{digits}f}", palette.dim)
    _paint_windows(canvas, plot, view, columns, palette)
    _paint_lines(plot, view, scale, columns, palette)
    _paint_legend(canvas, view, palette)
    if view.problem:
        plot.text(2, 1, f" {view.problem} "[: plot.width - 2], palette.alert)


def _paint_windows(canvas: Canvas, plot: Canvas, view: ConeView, columns: list[int], palette: Palette) -> None:
    """Their sessions below the plot; the chosen one stands on its own ground, under a line."""
    for place, (column, row) in enumerate(zip(columns, view.rows, strict=True)):
        words = f" {row.window} "
        x = AXIS + column - len(words) // 2
        if place == view.chosen:
            bare = (plot.glyph[:, column] == SPACE) | (plot.glyph[:, column] == ord("┈"))
            plot.glyph[bare, column], plot.fore[bare, column] = ord("┊"), palette.dim
            canvas.text(x, canvas.height - 2, words, palette.ink, palette.security, bold=True)
        else:
            canvas.text(x, canvas.height - 2, words, palette.alert if row.refusal else palette.text)


def _paint_bands(plot: Canvas, view: ConeView, scale: Scale, columns: list[int], palette: Palette) -> None:
    """Grounds between the quantiles, their edges to an eighth of a cell; a window that is refused parts them."""
    levels = np.zeros((plot.height * EIGHTHS, plot.width), dtype=np.int32)
    heights = (np.arange(levels.shape[0])[:, None] + 0.5) / levels.shape[0]
    for level, (low, high, _) in enumerate(BANDS, start=1):
        upper, lower = (scale.share(_edge(band(view.rows, quantile), columns, plot.width))[None, :] for quantile in (high, low))
        with np.errstate(invalid="ignore"):
            levels[(heights >= upper) & (heights <= lower)] = level
    paint_levels(plot, levels, [mix(palette.ground, palette.text, strength) for _, _, strength in BANDS])


def _edge(values: Floats, columns: list[int], width: int) -> Floats:
    """A quantile at each column of the plot: straight between windows; one that stands alone has a column either side."""
    found = np.interp(np.arange(width), columns, values, left=np.nan, right=np.nan)
    for column, value in zip(columns, values.tolist(), strict=True):
        beside = slice(max(column - 1, 0), column + 2)
        found[beside] = np.where(np.isnan(found[beside]), value, found[beside])
    return found


def _paint_lines(plot: Canvas, view: ConeView, scale: Scale, columns: list[int], palette: Palette) -> None:
    places = np.array(columns) / max(plot.width - 1, 1)
    _through(plot, band(view.rows, MEDIAN), scale, palette.white, places)
    implied = np.array([row.implied for row in view.rows]) * 100
    _through(plot, implied, scale, palette.vol, places)
    for one in view.estimators:
        if one.estimator is not view.preferences.estimator:
            _letters(plot, np.array(one.values) * 100, LETTERS[one.estimator], scale, columns, palette.dim)
    now = np.array([row.now for row in view.rows]) * 100
    _through(plot, now, scale, palette.security, places)
    letter = LETTERS[view.preferences.estimator]
    _letters(plot, now, letter, scale, columns, palette.security, strong=True)
    hidden = _rows_of(plot, now, scale) == _rows_of(plot, implied, scale)
    _letters(plot, implied, "◆", scale, [column + int(same) for column, same in zip(columns, hidden.tolist(), strict=True)], palette.vol)


def _rows_of(plot: Canvas, values: Floats, scale: Scale) -> Floats:
    """The row of cells each value stands in; NaN where it is unknown."""
    found: Floats = np.round(np.asarray(scale.share(values)) * (plot.height - 1))
    return found


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
        ("█", mix(palette.ground, palette.text, 0.5)),
        (" 25-75 %  ", palette.dim),
        ("▓", mix(palette.ground, palette.text, 0.34)),
        (" 5-95  ", palette.dim),
        ("▒", mix(palette.ground, palette.text, 0.24)),
        (" min-max  ", palette.dim),
        ("⠤⠤", palette.white),
        (" median  ", palette.dim),
        (f"⠤{LETTERS[view.preferences.estimator]}⠤", palette.security),
        (" now  ", palette.dim),
        ("◆", palette.vol),
        (" implied", palette.dim),
    ]
    x = AXIS
    for text, fore in spans:
        if x + len(text) > canvas.width:
            return
        x = canvas.text(x, y, text, fore)
