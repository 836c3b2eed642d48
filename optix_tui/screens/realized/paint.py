"""Draws realised volatility through time with the implied and the forecasts, realised less implied below, and the table of models."""

from collections.abc import Callable

import numpy as np

from engine.domain.columns import Floats, Longs
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import tick_digits, ticks
from optix_tui.screens.cone.estimators import NAMES
from optix_tui.screens.painting import EIGHTHS, colour, paint_band, paint_header, paint_levels, paint_rows
from optix_tui.screens.realized.models import COLUMNS
from optix_tui.screens.realized.view import FUTURE_SHARE, Graph, GraphView, Outlook
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 6
LEAST_FUTURE = 12
END_ROOM = 4
"""Columns beside the last session for the names of the lines."""
FAR_APART = 100
"""Channels of two colours together differ at least by so much where the eye is to tell them apart."""


def paint_realized(canvas: Canvas, view: GraphView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    _paint_head(canvas, view, palette)
    y = 1
    if view.graph is not None:
        _paint_graph(canvas.window(0, y, canvas.width, view.graph.rows), view.graph, palette)
        y += view.graph.rows
        if view.graph.premium_rows:
            _paint_premium(canvas.window(0, y, canvas.width, view.graph.premium_rows), view.graph, palette)
            y += view.graph.premium_rows
    elif view.problem:
        y = canvas.paragraph(1, 1, view.problem, palette.alert)
    if view.table_rows:
        top = canvas.height - view.table_rows
        _paint_table(canvas.window(0, top, canvas.width, view.table_rows), view, palette, lambda line, rows: settle(top + line, rows))


def _paint_head(canvas: Canvas, view: GraphView, palette: Palette) -> None:
    chosen = view.preferences
    name = f"all estimators, {chosen.window} sessions" if chosen.all_estimators else f"{NAMES[chosen.estimator]}, {chosen.window} sessions"
    x = canvas.text(1, 0, name, palette.bright, bold=True)
    end = canvas.width
    if x + len(view.head) + 3 < canvas.width:
        end = canvas.right(canvas.width - 1, 0, view.head, palette.dim)
    for key, text in (("  [ ] ", "window"), ("  o ", "estimator"), ("  f ", "all")):
        if x + len(key) + len(text) + 2 > end:
            return
        x = canvas.put(x, 0, (key, palette.text), (text, palette.dim))


def _paint_graph(canvas: Canvas, graph: Graph, palette: Palette) -> None:
    _paint_legend(canvas, graph, palette)
    plot = canvas.window(AXIS, 1, canvas.width - AXIS - 1, canvas.height - 2)
    if plot.width < 12 or plot.height < 3:
        return
    past = _past_width(plot.width)
    scale = graph.scale
    marks = ticks(scale.low, scale.high, max(plot.height // 3, 2))
    digits = tick_digits(marks)
    for mark in marks:
        line = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 1, 1 + line, f"{mark:.{digits}f}", palette.dim)
    for place, text in graph.marks:
        column = round(place / max(graph.sessions - 1, 1) * (past - 1))
        plot.down(column, 0, plot.height, "┊", palette.grid)
        if column + len(text) < past:
            canvas.text(AXIS + column, canvas.height - 1, text, palette.dim)
    plot.down(past, 0, plot.height, "│", palette.rule, hard=True)
    lines = list(zip(graph.lines, _colours(graph, palette), strict=True))
    for one, fore in lines[:-1]:
        _through(plot, one.values, graph, past, fore)
    _through(plot, graph.implied, graph, past, palette.vol)
    for one, fore in lines[-1:]:
        _through(plot, one.values, graph, past, fore)
    _paint_ends(plot, graph, past, palette)
    if graph.outlook is not None:
        _paint_outlook(canvas, plot, graph, graph.outlook, past, palette)


def _past_width(width: int) -> int:
    return width - max(round(width * FUTURE_SHARE), LEAST_FUTURE)


def _colours(graph: Graph, palette: Palette) -> tuple[int, ...]:
    """Of each line: the chosen one is bright, the others quiet, and none is like the implied."""
    kept = [one for one in (palette.text, palette.white, *palette.series[2:], palette.down) if _gap(one, palette.vol) > FAR_APART]
    quiet = [mix(one, palette.ground, 0.4) for one in kept]
    return tuple(palette.security if one.is_chosen else quiet[number % len(quiet)] for number, one in enumerate(graph.lines))


def _gap(one: int, other: int) -> int:
    """By how much two colours differ, all channels together."""
    return sum(abs((one >> shift & 255) - (other >> shift & 255)) for shift in (16, 8, 0))


def _paint_ends(plot: Canvas, graph: Graph, past: int, palette: Palette) -> None:
    """The lines' names where they end, each in a row of its own, the chosen one nearest to its place."""
    named = [(one.values, one.short, fore) for one, fore in zip(graph.lines, _colours(graph, palette), strict=True)]
    taken: set[int] = set()
    for values, text, fore in [*reversed(named), (graph.implied, "IV", palette.vol)]:
        known = values[np.isfinite(values)]
        if not known.size:
            continue
        wanted = min(max(round(float(graph.scale.share(known[-1])) * (plot.height - 1)), 0), plot.height - 1)
        row = min((one for one in range(plot.height) if one not in taken), key=lambda one: abs(one - wanted), default=None)
        if row is not None:
            taken.add(row)
            plot.text(past + 1, row, text[: END_ROOM - 1], fore)


def _through(plot: Canvas, values: Floats, graph: Graph, past: int, fore: int) -> None:
    """A line over the past's part; sessions that are not known part it."""
    across = np.linspace(0, past * 2 - 1, values.size) if values.size > 1 else np.zeros(values.size)
    plot.polyline(across, graph.scale.share(values) * (plot.height * 4 - 1), fore)


def _paint_outlook(canvas: Canvas, plot: Canvas, graph: Graph, outlook: Outlook, past: int, palette: Palette) -> None:
    """The forecast over each horizon by the root of its sessions, with its range; what the other models say lies quietly below."""
    first = past + 1 + END_ROOM
    roots = np.sqrt(outlook.ahead.astype(np.float64))
    columns = first + np.round(roots / roots.max() * max(plot.width - 2 - first, 1)).astype(int)
    high, level, low = (graph.scale.share(values) * plot.height for values in (outlook.high, outlook.level, outlook.low))
    known = np.isfinite(level)
    ranged = known & np.isfinite(low) & np.isfinite(high)
    if ranged.sum() > 1:
        inside = np.arange(int(columns[ranged][0]), int(columns[ranged][-1]) + 1)
        _fan(plot, columns[ranged].astype(np.float64), high[ranged], low[ranged], inside, palette)
    for other in graph.others:
        plot.polyline(columns * 2.0, graph.scale.share(other) * plot.height * 4, palette.dim)
    if known.sum() > 1:
        plot.polyline(columns[known] * 2.0, level[known] * 4, palette.alert)
    taken = -9
    for place in np.flatnonzero(known).tolist():
        column, ahead = int(columns[place]), f"{int(outlook.ahead[place])}"
        if ranged[place] and ranged.sum() == 1:
            upper, lower = (_row(plot, float(share[place])) for share in (high, low))
            plot.down(column, upper, lower - upper + 1, "│", palette.alert, hard=True)
        plot.text(column, _row(plot, float(level[place])), "●", palette.alert, bold=True)
        if column > taken + 1:
            canvas.text(AXIS + column, canvas.height - 1, ahead, palette.alert)
            taken = column + len(ahead)
    canvas.text(AXIS + past + 1, canvas.height - 1, "in"[: max(int(columns[0]) - past - 2, 0)], palette.dim)


def _row(plot: Canvas, height: float) -> int:
    """The row of a place in rows."""
    return min(max(int(height), 0), plot.height - 1)


def _fan(plot: Canvas, columns: Floats, high: Floats, low: Floats, inside: Longs, palette: Palette) -> None:
    levels = np.zeros((plot.height * EIGHTHS, plot.width), dtype=np.int32)
    heights = (np.arange(levels.shape[0])[:, None] + 0.5) / EIGHTHS
    covered = (heights >= np.interp(inside, columns, high)[None, :]) & (heights <= np.interp(inside, columns, low)[None, :])
    levels[:, inside[0] : inside[-1] + 1][covered] = 1
    paint_levels(plot, levels, [mix(palette.ground, palette.alert, 0.2)])


def _paint_legend(canvas: Canvas, graph: Graph, palette: Palette) -> None:
    x = 1
    spans: list[tuple[str, int]] = []
    for fore, one in reversed(list(zip(_colours(graph, palette), graph.lines, strict=True))):
        last = one.values[np.isfinite(one.values)][-1:]
        now = f" {last[0]:.1f}" if last.size else " —"
        spans.append((f"⠤⠤ {one.name}:{now}", fore))
    known = graph.implied[np.isfinite(graph.implied)][-1:]
    spans.append((f"⠤⠤ implied 30d{f' {known[0]:.1f}' if known.size else ': none stored'}", palette.vol))
    if graph.outlook is not None:
        spans.append((f"● {graph.outlook.name} forecast", palette.alert))
    for text, fore in spans:
        if x + len(text) + 2 > canvas.width:
            return
        x = canvas.text(x, 0, text, fore) + 2


def _paint_premium(canvas: Canvas, graph: Graph, palette: Palette) -> None:
    """Bars up where realised was above the implied, down where it was below."""
    known = graph.premium[np.isfinite(graph.premium)]
    plot = canvas.window(AXIS, 1, canvas.width - AXIS - 1, canvas.height - 1)
    past = _past_width(plot.width)
    last = f"{known[-1]:+.1f} now" if known.size else "—"
    share = f"above in {100 * float((known > 0).mean()):.0f} % of {known.size} sessions" if known.size else ""
    canvas.put(1, 0, (graph.premium_name, palette.bright), (f"  {last}", palette.white), (f"  {share}", palette.dim))
    columns = np.minimum((np.arange(graph.premium.size) * past / max(graph.premium.size, 1)).astype(int), max(past - 1, 0))
    middle = plot.height / 2
    for column in range(past):
        here = graph.premium[columns == column]
        here = here[np.isfinite(here)]
        if not here.size:
            continue
        value = float(here[np.argmax(np.abs(here))])
        tall = abs(value) / graph.premium_top * middle
        if value > 0:
            plot.column(column, middle - tall, middle, mix(palette.up, palette.ground, 0.25))
        else:
            plot.column(column, middle, middle + tall, mix(palette.down, palette.ground, 0.25))
    canvas.right(AXIS - 1, 1, f"+{graph.premium_top:.1f}", palette.dim)
    if plot.height > 1:
        canvas.right(AXIS - 1, canvas.height - 1, f"-{graph.premium_top:.1f}", palette.dim)


def _paint_table(part: Canvas, view: GraphView, palette: Palette, settle: Settle) -> None:
    paint_band(part, 0, view.table_title, palette, note=view.table_note)
    columns = fit(COLUMNS, part.width)
    paint_header(part, 1, columns, palette)
    foot = 1 if part.height > 3 else 0
    lines = max(part.height - 2 - foot, 0)
    cursor = settle(2, lines)
    if view.forecasts:
        paint_rows(part.window(0, 2, part.width, lines), columns, view.forecasts, palette, cursor=cursor)
    else:
        part.text(1, 2, "the models are being fitted and scored …", palette.dim)
    if foot:
        y, room = part.height - 1, part.width - 2
        part.fill(0, y, part.width, 1, palette.head)
        words, tone = view.foot
        part.text(1, y, words if len(words) <= room else words[: max(room - 1, 0)] + "…", colour(palette, tone))
