"""Draws the tape."""

from collections.abc import Callable

from engine.domain.market import PrintFlag
from optix_tui.canvas import Canvas
from optix_tui.screens.painting import colour, paint_header, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.screens.tape.view import TapeView, columns
from optix_tui.theme import Palette


def paint_tape(canvas: Canvas, view: TapeView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """Header, the prints in sight, and what those that passed add up to."""
    foot = 1 if canvas.height > 6 else 0
    lines = max(canvas.height - 1 - foot, 0)
    placed = fit(columns(view.today), canvas.width)
    paint_header(canvas, 0, placed, palette)
    cursor = settle(1, lines)
    if view.rows:
        body = canvas.window(0, 1, canvas.width, lines)
        paint_rows(body, placed, view.rows, palette, cursor=cursor, is_faint=lambda row: bool(row.flags & PrintFlag.CANCELLED))
        _paint_gaps(body, view, palette, cursor)
    else:
        canvas.text(1, 1, "no prints yet" if not view.kept else f"none of {view.kept} prints passes the filters", palette.dim)
    if foot:
        _paint_sums(canvas, canvas.height - 1, view, palette)


def _paint_gaps(body: Canvas, view: TapeView, palette: Palette, cursor: Cursor) -> None:
    """A rule across the tape where prints came faster than they could be told."""
    for y, row in enumerate(view.rows[cursor.top : cursor.top + body.height]):
        if row.missed:
            ground = palette.chosen(has_keys=cursor.has_keys) if cursor.top + y == cursor.row else palette.ground
            words = f" {row.missed:,} prints missed "
            body.text(0, y, f"{words:┈^{body.width - 1}}", palette.alert, ground)


def _paint_sums(canvas: Canvas, y: int, view: TapeView, palette: Palette) -> None:
    canvas.fill(0, y, canvas.width, 1, palette.head)
    x = canvas.put(1, y, ("Shown ", palette.dim), (str(view.shown), palette.text), (f" of {view.kept}", palette.dim)) + 2
    for label, text, tone in view.sums:
        if x + len(label) + len(text) + 2 > canvas.width:
            return
        x = canvas.put(x, y, (f"{label} ", palette.dim), (text, colour(palette, tone))) + 2
    note = "~ side inferred from the quote in force"
    if x + len(note) + 1 < canvas.width:
        canvas.right(canvas.width - 1, y, note, palette.dim)
