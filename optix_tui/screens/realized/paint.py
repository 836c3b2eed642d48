"""Draws realised volatility through time with the implied and the forecasts, realised less implied below, and the table of models."""

from collections.abc import Callable

import numpy as np

from engine.domain.columns import Floats
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import tick_digits, ticks
from optix_tui.screens.cone.estimators import NAMES
from optix_tui.screens.painting import paint_header, paint_rows
from optix_tui.screens.realized.view import COLUMNS, FUTURE_SHARE, Graph, GraphView, Outlook
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 6
LEAST_FUTURE = 10


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
    x = canvas.put(1, 0, (name, palette.bright, None, True), ("  [ ] ", palette.text), ("window", palette.dim), ("  o ", palette.text))
    x = canvas.put(x, 0, ("estimator", palette.dim), ("  f ", palette.text), ("all", palette.dim))
    if view.waiting and x + 30 < canvas.width:
        canvas.text(x + 2, 0, "the models are being fitted …", palette.alert)
    elif x + len(view.head) + 3 < canvas.width:
        canvas.right(canvas.width - 1, 0, view.head, palette.dim)


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
    for number, one in enumerate(graph.lines):
        fore = palette.security if one.is_chosen else _quiet(palette, number)
        _through(plot, one.values, graph, past, fore)
    _through(plot, graph.implied, graph, past, palette.vol)
    if graph.outlook is not None:
        _paint_outlook(canvas, plot, graph, graph.outlook, past, palette)


def _past_width(width: int) -> int:
    return width - max(round(width * FUTURE_SHARE), LEAST_FUTURE)


def _quiet(palette: Palette, number: int) -> int:
    return mix(palette.series[number % len(palette.series)], palette.ground, 0.35)


def _through(plot: Canvas, values: Floats, graph: Graph, past: int, fore: int) -> None:
    """A line over the past's part; sessions that are not known part it."""
    across = np.linspace(0, past * 2 - 1, values.size) if values.size > 1 else np.zeros(values.size)
    plot.polyline(across, graph.scale.share(values) * (plot.height * 4 - 1), fore)


def _paint_outlook(canvas: Canvas, plot: Canvas, graph: Graph, outlook: Outlook, past: int, palette: Palette) -> None:
    """The forecast over each horizon by the root of its sessions, with its range."""
    wide = plot.width - past - 2
    roots = np.sqrt(outlook.ahead.astype(np.float64))
    columns = past + 1 + np.round(roots / roots.max() * max(wide - 1, 1)).astype(int)
    heights = {name: graph.scale.share(getattr(outlook, name)) * (plot.height - 1) for name in ("level", "low", "high")}
    known = np.isfinite(outlook.level)
    inside = np.arange(past + 1, plot.width, dtype=np.float64)
    ranged = known & np.isfinite(outlook.low) & np.isfinite(outlook.high)
    if ranged.sum() > 1:
        _fan(plot, columns[ranged].astype(np.float64), heights["high"][ranged], heights["low"][ranged], inside, palette)
    if known.sum() > 1:
        plot.polyline(columns[known] * 2.0, heights["level"][known] * 4 + 2, palette.alert)
    taken = -9
    for place in np.flatnonzero(known).tolist():
        column, ahead = int(columns[place]), f"{int(outlook.ahead[place])}"
        if ranged[place] and ranged.sum() == 1:
            upper, lower = (min(max(round(float(heights[name][place])), 0), plot.height - 1) for name in ("high", "low"))
            plot.down(column, upper, lower - upper + 1, "│", palette.alert, hard=True)
        plot.text(column, min(max(round(float(heights["level"][place])), 0), plot.height - 1), "●", palette.alert, bold=True)
        if column > taken + 1:
            canvas.text(AXIS + column, canvas.height - 1, ahead, palette.alert)
            taken = column + len(ahead)


def _fan(plot: Canvas, columns: Floats, high: Floats, low: Floats, inside: Floats, palette: Palette) -> None:
    rows = np.arange(plot.height)[:, None]
    upper = np.interp(inside, columns, high, left=np.nan, right=np.nan)
    lower = np.interp(inside, columns, low, left=np.nan, right=np.nan)
    with np.errstate(invalid="ignore"):
        covered = (rows >= np.round(upper)[None, :]) & (rows <= np.round(lower)[None, :])
    plot.back[:, int(inside[0]) :][covered] = mix(palette.ground, palette.alert, 0.18)


def _paint_legend(canvas: Canvas, graph: Graph, palette: Palette) -> None:
    x = 1
    spans: list[tuple[str, int]] = []
    for number, one in reversed(list(enumerate(graph.lines))):
        last = one.values[np.isfinite(one.values)][-1:]
        now = f" {last[0]:.1f}" if last.size else " —"
        spans.append((f"⠤⠤ {one.name}:{now}", palette.security if one.is_chosen else _quiet(palette, number)))
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
    columns = fit(COLUMNS, part.width)
    paint_header(part, 0, columns, palette)
    foot = 1 if part.height > 2 else 0
    lines = max(part.height - 1 - foot, 0)
    cursor = settle(1, lines)
    if view.forecasts:
        paint_rows(part.window(0, 1, part.width, lines), columns, view.forecasts, palette, cursor=cursor)
    else:
        part.text(1, 1, "the models are being fitted and scored …", palette.dim)
    if foot:
        y = part.height - 1
        part.fill(0, y, part.width, 1, palette.head)
        room = part.width - 2
        words = view.score_words if len(view.score_words) <= room else view.score_words[: room - 1] + "…"
        part.text(1, y, words, palette.dim)
