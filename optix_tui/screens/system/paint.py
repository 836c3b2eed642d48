"""Draws system health."""

from collections.abc import Callable
from math import isfinite

from optix_tui.canvas import Canvas
from optix_tui.screens.painting import paint_band, paint_header, paint_page, paint_rows
from optix_tui.screens.system.view import COLUMNS, FULL, Gauge, SystemView
from optix_tui.screens.table import fit
from optix_tui.theme import Palette


def paint_system(canvas: Canvas, view: SystemView, palette: Palette, settle: Callable[[int, int], int]) -> None:
    """The gauge of the store's budget, the blocks, and the plugins below where there is room."""
    _paint_gauge(canvas, view.gauge, palette)
    body = canvas.window(0, 2, canvas.width, canvas.height - 2)
    end = paint_page(body, view.blocks, palette, settle) + 3
    room = canvas.height - end - 2
    if view.plugins and room >= 1:
        paint_band(canvas, end, "PLUGINS", palette, note="a stranger's must be allowed in the configuration")
        columns = fit(COLUMNS, canvas.width)
        paint_header(canvas, end + 1, columns, palette)
        paint_rows(canvas.window(0, end + 2, canvas.width, room), columns, view.plugins, palette)


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
