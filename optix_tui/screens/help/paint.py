"""Draws the function finder."""

from collections.abc import Callable, Sequence
from textwrap import wrap

from optix_tui.canvas import Canvas
from optix_tui.screens.help.view import COLUMNS, HelpView, KeyLine
from optix_tui.screens.painting import paint_band, paint_header, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

LEAST_DETAIL = 10
WIDE = 110


def paint_help(canvas: Canvas, view: HelpView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """What is typed, the functions that fit, and below them the chosen one with its keys."""
    _paint_search(canvas, view, palette)
    columns = fit(COLUMNS, canvas.width)
    paint_header(canvas, 1, columns, palette)
    rest = canvas.height - 2
    lines = min(max(len(view.rows), 1), max(rest - LEAST_DETAIL - 1, rest // 2)) if rest > LEAST_DETAIL + 4 else rest
    cursor = settle(2, lines)
    if view.rows:
        paint_rows(canvas.window(0, 2, canvas.width, lines), columns, view.rows, palette, cursor=cursor)
    else:
        canvas.text(1, 2, f"no function says {view.search!r}", palette.alert)
    if lines < rest and view.chosen is not None:
        _paint_chosen(canvas.window(0, 2 + lines + 1, canvas.width, rest - lines - 1), view, palette)


def _paint_search(canvas: Canvas, view: HelpView, palette: Palette) -> None:
    canvas.fill(0, 0, canvas.width, 1, palette.selected if view.search else palette.head)
    x = canvas.put(1, 0, ("find ", palette.dim), (view.search, palette.white, None, True))
    x = canvas.text(x, 0, " ", palette.ink, palette.text)
    if not view.search:
        canvas.text(x + 1, 0, "type a word: tape, open interest, vwap", palette.dim)
    canvas.right(canvas.width - 1, 0, f"{len(view.rows)} of {view.every}", palette.dim)


def _paint_chosen(canvas: Canvas, view: HelpView, palette: Palette) -> None:
    entry = view.chosen
    assert entry is not None  # only called with one
    paint_band(canvas, 0, f"{entry.code}  {entry.title}", palette, note=entry.arguments)
    wide = canvas.width >= WIDE
    text_width = (canvas.width * 2 // 5 if wide else canvas.width) - 3
    row = 1
    for line in wrap(entry.help, max(text_width, 20)):
        canvas.text(1, row, line, palette.text)
        row += 1
    if entry.examples:
        canvas.put(1, row + 1, ("such as  ", palette.dim), ("   ".join(entry.examples), palette.security))
        row += 2
    if wide:
        left = text_width + 4
        half = (canvas.width - left) // 2
        _paint_keys(canvas.window(left, 1, half - 1, canvas.height - 1), "ITS KEYS", view.keys, palette)
        _paint_keys(canvas.window(left + half, 1, half, canvas.height - 1), "EVERYWHERE", view.frame_keys, palette)
    else:
        _paint_keys(canvas.window(0, row + 1, canvas.width, canvas.height - row - 1), "ITS KEYS", view.keys, palette)


def _paint_keys(canvas: Canvas, title: str, keys: Sequence[KeyLine], palette: Palette) -> None:
    if not keys or canvas.height < 2:
        return
    canvas.text(1, 0, title, palette.dim)
    widest = min(max(len(key.keys) for key in keys), canvas.width // 2)
    row = 1
    for key in keys:
        canvas.text(1, row, key.keys[:widest], palette.bright, bold=True)
        for line in wrap(key.text, max(canvas.width - widest - 4, 8)):
            canvas.text(3 + widest, row, line, palette.text)
            row += 1
