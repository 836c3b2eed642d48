"""Draws a watchlist."""

from collections.abc import Callable

from optix_tui.canvas import Canvas
from optix_tui.screens.columns import widened
from optix_tui.screens.painting import paint_header, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.screens.watch.view import WatchView
from optix_tui.theme import Palette

LEAST_HEIGHT_WITH_HEAD = 4


def paint_watch(canvas: Canvas, view: WatchView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """Header, rows in sight, and the prompt while a name is being typed."""
    head = 1 if canvas.height >= LEAST_HEIGHT_WITH_HEAD else 0
    foot = 1 if view.prompt is not None else 0
    columns = widened(fit(view.columns, canvas.width))
    if head:
        paint_header(canvas, 0, columns, palette, sort=view.sort, descending=view.descending)
    lines = max(canvas.height - head - foot, 0)
    cursor = settle(head, lines)
    if view.rows:
        paint_rows(
            canvas.window(0, head, canvas.width, lines), columns, view.rows, palette, cursor=cursor, is_faint=lambda row: row.is_pale
        )
    else:
        canvas.text(1, head, "an empty list: a adds a name", palette.dim)
    if view.prompt is not None:
        _paint_prompt(canvas, view.prompt, palette)


def _paint_prompt(canvas: Canvas, typed: str, palette: Palette) -> None:
    row = canvas.height - 1
    canvas.fill(0, row, canvas.width, 1, palette.selected)
    x = canvas.put(1, row, ("add ", palette.dim), (typed, palette.white, None, True))
    x = canvas.text(x, row, " ", palette.ink, palette.text)
    canvas.put(x + 2, row, ("Enter", palette.text), (" adds   ", palette.dim), ("Esc", palette.text), (" cancels", palette.dim))
