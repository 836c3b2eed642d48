"""Draws the matrix with its heat and its numbers, the pair under the cursor in words, and the chosen pair through time."""

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.axis import tick_digits, ticks
from optix_tui.screens.correlation.view import NAME_ROOM, CorrelationView, Form, PairCell, Rolling
from optix_tui.screens.painting import colour, paint_band, paint_line
from optix_tui.theme import Palette

SHADE = 0.5
"""How far the ground of the strongest pair goes towards its colour: its number must stay readable."""
STEPS = 65
AXIS = 6


def paint_correlation(canvas: Canvas, view: CorrelationView, palette: Palette) -> None:
    """The whole screen."""
    _paint_head(canvas, view, palette)
    if view.problem and not view.symbols:
        canvas.paragraph(1, 2, view.problem, palette.alert)
        return
    _paint_names(canvas, view, palette)
    for line in range(view.lines):
        _paint_row(canvas, view, line, palette)
    y = 2 + view.lines * view.form
    if view.problem:
        canvas.paragraph(1, y, view.problem, palette.alert)
        return
    _paint_readout(canvas, y, view, palette)
    if view.rolling is not None and view.rolling_rows:
        rows = canvas.height - y - 1
        _paint_rolling(canvas.window(0, canvas.height - rows, canvas.width, rows), view, view.rolling, palette)


def _paint_head(canvas: Canvas, view: CorrelationView, palette: Palette) -> None:
    x = canvas.put(1, 0, (view.head[: canvas.width - 2], palette.bright))
    keys = (("  [ ] ", "window"), ("  + - ", "lag"), ("  Enter ", "pair through time"), ("  o ", "list"))
    for key, text in keys:
        if x + len(key) + len(text) >= canvas.width:
            return
        x = canvas.put(x, 0, (key, palette.text), (text, palette.dim))
    marks = f"** 1 %  * 5 %  n {'below' if view.form is Form.BLOCK else 'behind'}"
    if x + len(marks) + 3 < canvas.width:
        canvas.right(canvas.width - 1, 0, marks, palette.dim)


def _x(view: CorrelationView, column: int) -> int:
    return NAME_ROOM + column * view.pitch


def _paint_names(canvas: Canvas, view: CorrelationView, palette: Palette) -> None:
    wide = view.pitch
    for column in range(view.columns):
        place = view.left + column
        chosen = place == view.column
        canvas.middle(
            _x(view, column), wide - 1, 1, view.symbols[place][: wide - 1], palette.security if chosen else palette.dim, bold=chosen
        )
    end = _x(view, view.columns)
    if view.left + view.columns < len(view.symbols) and end < canvas.width:
        canvas.text(end, 1, "›", palette.alert)
    elif end + 6 < canvas.width:
        canvas.text(end + 2, 1, "Vol", palette.dim)


def _paint_row(canvas: Canvas, view: CorrelationView, line: int, palette: Palette) -> None:
    row = view.top + line
    y = 2 + line * view.form
    chosen = row == view.row
    canvas.text(1, y, view.symbols[row][: NAME_ROOM - 2], palette.security if chosen else palette.bright, bold=True)
    for column in range(view.columns):
        place = view.left + column
        _paint_cell(canvas, _x(view, column), y, view, view.cells[row][place], palette, cursor=chosen and place == view.column)
    end = _x(view, view.columns)
    if view.left + view.columns >= len(view.symbols) and end + 6 < canvas.width:
        canvas.text(end + 1, y, f"{written.points(view.volatility[row]):>5}", palette.vol)


def _paint_cell(canvas: Canvas, x: int, y: int, view: CorrelationView, cell: PairCell, palette: Palette, *, cursor: bool) -> None:
    wide = view.pitch - 1
    fore, back = _colours(cell, palette)
    if cursor:
        fore, back = palette.ink, palette.security
    canvas.fill(x, y, wide, view.form, back)
    if cell.is_self:
        canvas.middle(x, wide, y, "·", palette.mute if not cursor else fore)
        return
    strong, loud = bool(cell.mark), palette.alert if cell.is_refused and not cursor else fore
    quiet = palette.alert if cell.is_refused and not cursor else mix(fore, back, 0.35)
    if view.form is Form.BLOCK:
        canvas.middle(x, wide, y, f"{cell.text}{cell.mark:<2}", loud, bold=strong)
        canvas.middle(x, wide, y + 1, f"{cell.common}", quiet)
    else:
        canvas.text(x, y, f"{cell.text}{cell.mark:<2}", loud, bold=strong)
        canvas.right(x + wide, y, f"{cell.common}", quiet)


def _colours(cell: PairCell, palette: Palette) -> tuple[int, int]:
    if not np.isfinite(cell.value) or cell.is_self or is_monochrome():
        return palette.text, palette.ground
    ramp = palette.diverging_ramp(STEPS)
    shade = int(ramp[round((min(max(cell.value, -1.0), 1.0) + 1) / 2 * (STEPS - 1))])
    return (palette.white if cell.mark else palette.text), mix(palette.ground, shade, SHADE * min(abs(cell.value) + 0.1, 1.0))


def _paint_readout(canvas: Canvas, y: int, view: CorrelationView, palette: Palette) -> None:
    canvas.fill(0, y, canvas.width, 1, palette.head)
    x = 1
    for text, tone in view.readout:
        if x + len(text) > canvas.width:
            return
        x = canvas.text(x, y, text, colour(palette, tone), bold=tone == "white")


def _paint_rolling(part: Canvas, view: CorrelationView, rolling: Rolling, palette: Palette) -> None:
    lag = f", lag {view.preferences.lag}" if view.preferences.lag else ""
    note = f"now {rolling.now:+.2f}  least {rolling.low:+.2f}  greatest {rolling.high:+.2f}"
    paint_band(part, 0, f"{rolling.name} over {view.preferences.window} common sessions{lag}", palette, note=note)
    plot = part.window(AXIS, 1, part.width - AXIS - 1, part.height - 2)
    if plot.width < 8 or plot.height < 2:
        return
    scale = rolling.scale
    marks = ticks(scale.low, scale.high, max(plot.height // 2, 2))
    digits = max(tick_digits(marks), 1)
    for mark in marks:
        line = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.rule if mark == 0 else palette.grid)
        part.right(AXIS - 1, 1 + line, f"{mark:+.{digits}f}" if mark else f"{0:.{digits}f}", palette.dim)
    for share, text in rolling.marks:
        column = round(share * (plot.width - 1))
        plot.down(column, 0, plot.height, "┊", palette.grid)
        if column + len(text) < plot.width:
            part.text(AXIS + column, part.height - 1, text, palette.dim)
    paint_line(plot, rolling.values, scale, palette.security)
