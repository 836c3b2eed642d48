"""Draws the matrix with its heat and its numbers, the pair under the cursor in words, and the chosen pair through time."""

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.axis import tick_digits, ticks
from optix_tui.screens.correlation.view import NAME_ROOM, CorrelationView, Form, PairCell, Rolling, signed
from optix_tui.screens.painting import EIGHTHS, paint_band, paint_levels, paint_line, paint_readout
from optix_tui.theme import Palette

SHADE = 0.5
"""How far the ground of the strongest pair goes towards its colour: its number must stay readable."""
STEPS = 65
AREA = 0.16
"""The same of the ground under the pair's line."""
AXIS = 6
MOST_TICKS = 8


def paint_correlation(canvas: Canvas, view: CorrelationView, palette: Palette) -> None:
    """The whole screen."""
    _paint_head(canvas, view, palette)
    if view.problem and not view.symbols:
        canvas.paragraph(1, 2, view.problem, palette.alert)
        return
    y = 1
    if view.lines:
        _paint_names(canvas, view, palette)
        for line in range(view.lines):
            _paint_row(canvas, view, line, palette)
        _paint_more(canvas, view, palette)
        y = 2 + view.lines * view.form
    if view.problem:
        canvas.paragraph(1, y, view.problem, palette.alert)
        return
    paint_readout(canvas, y, view.readout, palette)
    if view.rolling_rows:
        rows = min(view.rolling_rows, canvas.height - y - 1)
        part = canvas.window(0, y + 1, canvas.width, rows)
        if view.rolling is not None:
            _paint_rolling(part, view, view.rolling, palette)
        else:
            part.paragraph(1, 1, view.rolling_reason, palette.dim)


LEAST_WITH_WORDS = 110
"""Columns from which the marks of significance are explained in words."""


def _paint_head(canvas: Canvas, view: CorrelationView, palette: Palette) -> None:
    marks = "significant: ** at 1 %  * at 5 %" if canvas.width >= LEAST_WITH_WORDS else "** 1 %  * 5 %"
    room = canvas.width - len(marks) - 4
    x = canvas.put(1, 0, (view.head if len(view.head) <= room else view.head[: max(room - 1, 0)] + "…", palette.bright))
    canvas.right(canvas.width - 1, 0, marks, palette.dim)
    for key, text in (("  [ ] ", "window"), ("  + - ", "lag"), ("  Enter ", "pair alone"), ("  o ", "list")):
        if x + len(key) + len(text) > room:
            return
        x = canvas.put(x, 0, (key, palette.text), (text, palette.dim))


def _paint_more(canvas: Canvas, view: CorrelationView, palette: Palette) -> None:
    """That there are more names above, below or to the left than are in sight."""
    if view.top:
        canvas.text(0, 2, "▲", palette.alert)
    if view.top + view.lines < len(view.symbols):
        canvas.text(0, 1 + view.lines * view.form, "▼", palette.alert)
    if view.left:
        canvas.text(NAME_ROOM - 1, 1, "‹", palette.alert)


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
        canvas.right(end + 6, 1, "Vol", palette.dim)


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
    canvas.middle(x, wide, y, f"{cell.text}{cell.mark:<2}", loud, bold=strong)
    if view.form is Form.BLOCK and cell.is_short:
        canvas.middle(x, wide, y + 1, f"n {cell.common}", quiet)


def _colours(cell: PairCell, palette: Palette) -> tuple[int, int]:
    if not np.isfinite(cell.value) or cell.is_self or is_monochrome():
        return palette.text, palette.ground
    ramp = palette.diverging_ramp(STEPS)
    shade = int(ramp[round((min(max(cell.value, -1.0), 1.0) + 1) / 2 * (STEPS - 1))])
    return (palette.white if cell.mark else palette.text), mix(palette.ground, shade, SHADE * min(abs(cell.value) + 0.1, 1.0))


def _paint_rolling(part: Canvas, view: CorrelationView, rolling: Rolling, palette: Palette) -> None:
    lag = f", lag {view.preferences.lag}" if view.preferences.lag else ""
    note = f"now {signed(rolling.now)}  least {signed(rolling.low)}  greatest {signed(rolling.high)}"
    paint_band(part, 0, f"{rolling.name} over {view.preferences.window} sessions{lag}", palette, note=note)
    plot = part.window(AXIS, 1, part.width - AXIS - 1, part.height - 2)
    if plot.width < 8 or plot.height < 2:
        return
    scale = rolling.scale
    marks = ticks(scale.low, scale.high, min(max(plot.height // 3, 2), MOST_TICKS))
    digits = max(tick_digits(marks), 1)
    _paint_area(plot, rolling, palette)
    for mark in marks:
        line = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.rule if mark == 0 else palette.grid)
        part.right(AXIS - 1, 1 + line, ("+" if mark > 0 else "") + written.small(mark, digits) if mark else "0", palette.dim)
    for share, text in rolling.marks:
        column = round(share * (plot.width - 1))
        plot.down(column, 0, plot.height, "┊", palette.grid)
        if column + len(text) < plot.width:
            part.text(AXIS + column, part.height - 1, text, palette.dim)
    paint_line(plot, rolling.values, scale, palette.security)


def _paint_area(plot: Canvas, rolling: Rolling, palette: Palette) -> None:
    """The ground between the line and zero in the colour of the sign; none where zero is not in sight."""
    scale = rolling.scale
    if not scale.low <= 0.0 <= scale.high:
        return
    values = np.interp(np.linspace(0, 1, plot.width), np.linspace(0, 1, rolling.values.size), rolling.values)
    heights = (np.arange(plot.height * EIGHTHS)[:, None] + 0.5) / (plot.height * EIGHTHS)
    line, base = scale.share(values)[None, :], float(scale.share(0.0))
    with np.errstate(invalid="ignore"):
        above, below = (heights >= line) & (heights <= base), (heights <= line) & (heights >= base)
    levels = np.where(above, 1, np.where(below, 2, 0)).astype(np.int32)
    paint_levels(plot, levels, [mix(palette.ground, palette.up, AREA), mix(palette.ground, palette.down, AREA)])
