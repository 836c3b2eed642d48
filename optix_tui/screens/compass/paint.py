"""Draws the compass: the table with its heat and sparklines, or the map of rank against implied over realised."""

from collections.abc import Callable

import numpy as np

from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import ticks
from optix_tui.screens.compass.columns import LINE, Name
from optix_tui.screens.compass.view import CompassFilter, CompassPicture, CompassView, Point, Scatter
from optix_tui.screens.painting import paint_header, paint_mark, paint_rows
from optix_tui.screens.spark import resample
from optix_tui.screens.table import Cursor, Placed, fit
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 6
LEAST_HEIGHT_WITH_FOOT = 6
LEAST_MAP_ROWS, LEAST_MAP_WIDTH = 14, 100
"""What the table leaves free from which on the map stands below it."""


def placed_columns(view: CompassView, width: int) -> tuple[Placed[Name], ...]:
    """The columns that fit."""
    return fit(view.columns, width)


def paint_compass(canvas: Canvas, view: CompassView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    foot = 1 if canvas.height >= LEAST_HEIGHT_WITH_FOOT else 0
    body = canvas.window(0, 0, canvas.width, canvas.height - foot)
    if view.preferences.picture is CompassPicture.SCATTER:
        cursor = settle(0, max(len(view.names), 1))
        _paint_scatter(body, view, palette, cursor)
    elif view.names and body.height - len(view.names) - 1 >= LEAST_MAP_ROWS and body.width >= LEAST_MAP_WIDTH:
        rows = len(view.names) + 1
        cursor = _paint_table(body.window(0, 0, body.width, rows), view, palette, settle)
        canvas.fill(0, rows, canvas.width, 1, palette.head)
        _paint_scatter(body.window(0, rows, body.width, body.height - rows), view, palette, cursor)
    else:
        cursor = _paint_table(body, view, palette, settle)
    if foot:
        _paint_foot(canvas, view, palette, chosen_name(view, cursor))


def chosen_name(view: CompassView, cursor: Cursor) -> Name | None:
    """The name under the cursor."""
    return view.names[cursor.row] if 0 <= cursor.row < len(view.names) else None


def _paint_table(canvas: Canvas, view: CompassView, palette: Palette, settle: Settle) -> Cursor:
    columns = placed_columns(view, canvas.width)
    paint_header(canvas, 0, columns, palette, sort=view.preferences.sort, descending=view.preferences.descending)
    lines = max(canvas.height - 1, 0)
    cursor = settle(1, lines)
    if view.names:
        body = canvas.window(0, 1, canvas.width, lines)
        paint_rows(body, columns, view.names, palette, cursor=cursor, is_faint=lambda name: name.is_pale)
        drawn = next((one for one in columns if one.column.key == LINE), None)
        if drawn is not None:
            for line, name in enumerate(view.names[cursor.top : cursor.top + lines]):
                _paint_line(body.window(drawn.x, line, drawn.width, 1), name, palette)
    else:
        _say_empty(canvas, view, palette)
    return cursor


def _paint_line(cells: Canvas, name: Name, palette: Palette) -> None:
    """iv30 of the newest sessions in one row, without a filling: rows below each other must not run together. One session is no line."""
    if np.isfinite(name.row.line).sum() < 2:
        return
    values = resample(name.row.line, cells.width)
    reach = float(values.max() - values.min())
    heights = (values.max() - values) / reach * 3 if reach > 0 else np.full(values.size, 1.5)
    fore = palette.faded(palette.vol, 0.25) if not name.is_pale else palette.mute
    cells.polyline(np.arange(values.size) * 2.0, np.round(heights), fore)


def _say_empty(canvas: Canvas, view: CompassView, palette: Palette) -> None:
    if view.hidden:
        canvas.paragraph(1, 1, f"none of {view.hidden} names is {view.preferences.filter.value}: f takes the next filter", palette.alert)
    else:
        canvas.paragraph(1, 1, "this market lists no name with options", palette.alert)


def _paint_foot(canvas: Canvas, view: CompassView, palette: Palette, name: Name | None) -> None:
    """What the numbers stand on, and which rules the name under the cursor breaks."""
    y = canvas.height - 1
    canvas.fill(0, y, canvas.width, 1, palette.head)
    chosen = view.preferences
    spans = [(f"{view.window} sessions", palette.bright), (f" n≥{view.least}", palette.dim)]
    if chosen.filter is not CompassFilter.ALL:
        spans += [("  f ", palette.text), (f"{chosen.filter.value} ({view.hidden} hidden)", palette.alert)]
    x = canvas.put(1, y, *spans)
    if name is not None and name.row.broken:
        text = f"  {name.row.symbol} breaks: {view.breaking[name.row.symbol]}"
        x = canvas.text(x, y, text if x + len(text) < canvas.width else f"  {name.row.symbol} breaks {len(name.row.broken)}", palette.alert)
    if view.refused:
        count = f"  {view.refused} without a rank"
        text = next((one for one in (f"{count}: {view.why}", count) if x + len(one) < canvas.width), "")
        x = canvas.text(x, y, text, palette.alert)
    for note in ("! breaks a rule", "vol points; RV close to close", "90-30: ATM slope", "GEX $ per 1 %, a model's sign"):
        if x + len(note) + 3 > canvas.width:
            break
        x = canvas.text(x, y, f"  {note}", palette.dim)


def _paint_scatter(canvas: Canvas, view: CompassView, palette: Palette, cursor: Cursor) -> None:
    scatter = view.scatter
    plot = canvas.window(AXIS, 1, canvas.width - AXIS - 1, canvas.height - 3)
    if plot.width < 12 or plot.height < 4:
        canvas.text(1, 0, "too small for the map: v shows the table", palette.dim)
        return
    canvas.put(1, 0, ("IV/RV30", palette.bright, None, True), (" against IV rank", palette.dim))
    if scatter.left_out:
        text = f"not here: {', '.join(scatter.left_out)}"
        canvas.right(canvas.width - 1, 0, text[: max(canvas.width - 28, 0)], palette.dim)
    if not scatter.points:
        canvas.paragraph(1, 2, f"no name has a rank: {view.why or 'none is shown'}", palette.alert)
        return
    _paint_grid(canvas, plot, scatter, palette)
    taken: list[tuple[int, int, int]] = []
    chosen = chosen_name(view, cursor)
    for point in sorted(scatter.points, key=lambda one: one.name is not chosen):
        _paint_point(plot, point, palette, taken, is_chosen=point.name is chosen)


def _paint_grid(canvas: Canvas, plot: Canvas, scatter: Scatter, palette: Palette) -> None:
    for mark in ticks(scatter.scale.low, scatter.scale.high, max(plot.height // 4, 2)):
        line = round(float(scatter.scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 1, 1 + line, f"{mark:.2f}", palette.dim)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        column = round(share * (plot.width - 1))
        plot.down(column, 0, plot.height, "┊", palette.rule if share == 0.5 else palette.grid)
        label = f"{share * 100:.0f}"
        canvas.text(AXIS + min(max(column - len(label) // 2, 0), plot.width - len(label)), 1 + plot.height, label, palette.dim)
    if 0 <= scatter.even <= 1:
        line = round(scatter.even * (plot.height - 1))
        plot.across(line, 0, plot.width, "╌", mix(palette.bright, palette.ground, 0.4))
        canvas.right(AXIS - 1, 1 + line, "1.00", palette.bright)
    if plot.width >= 60 and plot.height >= 10:
        plot.text(1, 0, "low, yet above what it did", palette.mute)
        plot.right(plot.width - 1, 0, "high, and above what it did", palette.mute)
        plot.text(1, plot.height - 1, "low, and below what it did", palette.mute)
        plot.right(plot.width - 1, plot.height - 1, "high, yet below what it did", palette.mute)


def _paint_point(plot: Canvas, point: Point, palette: Palette, taken: list[tuple[int, int, int]], *, is_chosen: bool) -> None:
    """The mark, and its name where there is room beside it."""
    row = point.name.row
    fore = palette.alert if row.broken else palette.vol
    paint_mark(plot, point.x, point.y, palette.white)
    column, line = int(point.x * (plot.width * 2 - 1)) // 2, int(point.y * (plot.height * 4 - 1)) // 4
    label = row.symbol + ("!" if row.broken else "")
    for x, y in (
        (column + 2, line),
        (column - len(label) - 1, line),
        (column - len(label) // 2, line - 1),
        (column - len(label) // 2, line + 1),
    ):
        free = all(y != there or x + len(label) < left or x > right for there, left, right in taken)
        if free and x >= 0 and x + len(label) <= plot.width and 0 <= y < plot.height:
            if is_chosen:
                plot.text(x, y, label, palette.ink, palette.security, bold=True)
            else:
                plot.text(x, y, label, fore if not point.name.is_pale else palette.dim, bold=True)
            taken.append((y, x - 1, x + len(label)))
            return
