"""Draws system health."""

from collections.abc import Callable
from math import isfinite

from optix_tui.canvas import Canvas
from optix_tui.screens.axis import Scale, ticks
from optix_tui.screens.painting import colour, paint_band, paint_header, paint_line, paint_page, paint_rows
from optix_tui.screens.system.view import COLUMNS, FULL, Gauge, SystemView
from optix_tui.screens.table import fit
from optix_tui.theme import Palette

LEAST_TRACE, MOST_TRACE = 7, 14
AXIS = 9


def paint_system(canvas: Canvas, view: SystemView, palette: Palette, settle: Callable[[int, int], int]) -> None:
    """The gauge of the store's budget, the blocks, and the plugins below where there is room."""
    _paint_gauge(canvas, view.gauge, palette)
    body = canvas.window(0, 2, canvas.width, canvas.height - 2)
    end = paint_page(body, view.blocks, palette, settle) + 3
    room = canvas.height - end - 2
    spare = canvas.height - end - len(view.plugins) - 3
    if view.traces and spare >= LEAST_TRACE:
        room -= spare
        _paint_traces(canvas.window(0, canvas.height - spare, canvas.width, spare), view, palette)
    if view.plugins and room >= 1:
        paint_band(canvas, end, "PLUGINS", palette, note="a stranger's must be allowed in the configuration")
        columns = fit(COLUMNS, canvas.width)
        paint_header(canvas, end + 1, columns, palette)
        paint_rows(canvas.window(0, end + 2, canvas.width, room), columns, view.plugins, palette)


def _paint_traces(canvas: Canvas, view: SystemView, palette: Palette) -> None:
    """Load, updates and lag side by side, from zero up."""
    wide = canvas.width // len(view.traces)
    for place, trace in enumerate(view.traces):
        last = place == len(view.traces) - 1
        part = canvas.window(place * wide, 0, canvas.width - place * wide if last else wide - 1, min(canvas.height, MOST_TRACE))
        paint_band(part, 0, trace.title, palette, note=trace.note)
        known = [value for value in trace.values if isfinite(value)]
        if len(known) < 2:
            continue
        scale = Scale(0.0, max(max(known) * 1.1, 1e-9))
        plot = part.window(0, 1, part.width - AXIS, part.height - 1)
        for mark in ticks(scale.low, scale.high, max(plot.height // 3, 2)):
            row = round(float(scale.share(mark)) * (plot.height - 1))
            plot.across(row, 0, plot.width, "┈", palette.grid)
            part.right(part.width - 1, 1 + row, f"{mark:,.6g}", palette.dim)
        paint_line(plot, trace.values, scale, colour(palette, trace.tone))


def _paint_gauge(canvas: Canvas, gauge: Gauge, palette: Palette) -> None:
    x = canvas.put(1, 0, (f"{gauge.label}  ", palette.dim))
    if not isfinite(gauge.share):
        canvas.text(x, 0, gauge.text, palette.dim)
        return
    wide = max(canvas.width - x - len(gauge.text) - 4, 4)
    canvas.fill(x, 0, wide, 1, palette.head)
    fore = palette.alert if gauge.share >= FULL else palette.vol
    canvas.window(x, 0, wide, 1).bar(0, 0, min(gauge.share, 1.0) * wide, fore)
    canvas.text(x + wide + 2, 0, gauge.text, palette.text)
