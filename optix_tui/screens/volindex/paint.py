"""Draws VIX: the indices of all names, and the chosen one's term structure with the published prints on it."""

from collections.abc import Callable

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import tick_digits, ticks
from optix_tui.screens.painting import paint_band, paint_header, paint_line, paint_mark, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.screens.volindex.view import IndexView, Term
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 7
FOOTS = (
    "VIX-style: root of the fair variance the fitted smiles replicate (a model's figure), calendar days; E beyond the expiries",
    "VIX-style, a model's figure of the fitted smiles; E beyond the expiries",
    "a model's figure; E beyond the expiries",
)


def paint_indices(canvas: Canvas, view: IndexView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    foot = 1 if canvas.height >= 8 else 0
    height = canvas.height - foot
    if view.side:
        left = canvas.width - view.side - 1
        canvas.down(left, 0, height, "│", palette.grid)
        told = len(view.term.compared) + 2 if view.term is not None and view.term.compared else 0
        beneath = told if height >= len(view.rows) + 2 + told else 0
        _paint_table(canvas.window(0, 0, left, height - beneath), view, palette, settle)
        if view.term is not None and beneath:
            _paint_compared(canvas.window(0, len(view.rows) + 2, left, beneath), view.term, palette)
        _paint_picture(canvas.window(left + 1, 0, view.side, height), view, palette, told=not beneath)
    elif view.below:
        _paint_table(canvas.window(0, 0, canvas.width, height - view.below), view, palette, settle)
        _paint_picture(canvas.window(0, height - view.below, canvas.width, view.below), view, palette, told=True)
    else:
        _paint_table(canvas.window(0, 0, canvas.width, height), view, palette, settle)
    if foot:
        y = canvas.height - 1
        canvas.fill(0, y, canvas.width, 1, palette.head)
        canvas.text(1, y, next((text for text in FOOTS if len(text) + 2 <= canvas.width), ""), palette.dim)


def _paint_table(canvas: Canvas, view: IndexView, palette: Palette, settle: Settle) -> None:
    columns = fit(view.columns, canvas.width)
    paint_header(canvas, 0, columns, palette)
    lines = max(canvas.height - 1, 0)
    cursor = settle(1, lines)
    if view.rows:
        paint_rows(canvas.window(0, 1, canvas.width, lines), columns, view.rows, palette, cursor=cursor)
    else:
        canvas.paragraph(1, 1, view.trouble, palette.alert)


def _paint_picture(canvas: Canvas, view: IndexView, palette: Palette, *, told: bool) -> None:
    term = view.term
    if term is None:
        if view.rows:
            canvas.paragraph(1, 1, view.trouble, palette.alert)
        return
    paint_band(canvas, 0, f"{term.symbol} term structure", palette, note=f"{term.shape}  {written.clock(term.as_of)}")
    lines = len(term.compared) + 2 if told and term.compared and canvas.height >= len(term.compared) + 14 else 0
    _paint_term(canvas.window(0, 1, canvas.width, canvas.height - 1 - lines), term, palette)
    if lines:
        _paint_compared(canvas.window(0, canvas.height - lines, canvas.width, lines), term, palette)


def _paint_term(canvas: Canvas, term: Term, palette: Palette) -> None:
    plot = canvas.window(AXIS, 1, canvas.width - AXIS - 1, canvas.height - 2)
    if plot.width < 10 or plot.height < 3:
        return
    faint = mix(palette.text, palette.ground, 0.7)
    x = canvas.put(1, 0, ("⠒⠒ ", palette.vol), ("VIX-style", palette.text), ("  ⠒⠒ ", _second(palette)), ("ATM", palette.text))
    if np.isfinite(term.printed).any():
        x = canvas.put(x + 2, 0, ("◆", palette.security), (" published", palette.text))
    if x + 20 < canvas.width:
        canvas.put(x + 2, 0, ("⠶", faint), (" expiries, ATM", palette.text))
    marks = ticks(term.scale.low, term.scale.high, max(plot.height // 4, 2))
    digits = tick_digits(marks)
    for mark in marks:
        line = round(float(term.scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 1, 1 + line, f"{mark:.{digits}f}", palette.dim)
    for share, text in term.marks:
        column = round(share * (plot.width - 1))
        plot.down(column, 0, plot.height, "┊", palette.grid)
        canvas.text(AXIS + min(max(column - len(text) // 2, 0), plot.width - len(text)), 1 + plot.height, text, palette.dim)
    for place, height in zip(term.expiry_places.tolist(), np.asarray(term.scale.share(term.expiry_iv)).tolist(), strict=True):
        paint_mark(plot, place, height, faint)
    _paint_curve(plot, term, term.atm, _second(palette))
    _paint_curve(plot, term, term.value, palette.vol)
    for place, height, value in zip(
        term.places.tolist(), np.asarray(term.scale.share(term.value)).tolist(), term.value.tolist(), strict=True
    ):
        if np.isfinite(height) and 0 <= height <= 1:
            paint_mark(plot, place, height, palette.white)
            column, line = round(place * (plot.width - 1)), round(height * (plot.height - 1))
            text = f"{value:.1f}"
            plot.text(min(max(column - 1, 0), plot.width - len(text)), max(line - 1, 0), text, palette.white)
    for place, height in zip(term.places.tolist(), np.asarray(term.scale.share(term.printed)).tolist(), strict=True):
        if np.isfinite(height) and 0 <= height <= 1:
            plot.text(round(place * (plot.width - 1)), round(height * (plot.height - 1)), "◆", palette.security, bold=True)


def _second(palette: Palette) -> int:
    """The line beside the index."""
    return mix(palette.text, palette.ground, 0.4)


def _paint_curve(plot: Canvas, term: Term, values: np.ndarray[tuple[int], np.dtype[np.float64]], fore: int) -> None:
    known = np.isfinite(values)
    if known.sum() > 1:
        paint_line(plot, values[known], term.scale, fore, places=term.places[known])


def _paint_compared(canvas: Canvas, term: Term, palette: Palette) -> None:
    paint_band(canvas, 0, "Published beside ours", palette)
    canvas.put(1, 1, (f"{'Index':<7}{'Print':>17}{'Ours':>9}{'Ours - print':>14}", palette.dim))
    for line, (name, told, ours, gap) in enumerate(term.compared):
        canvas.put(1, 2 + line, (f"{name:<7}", palette.security), (f"{told:>17}", palette.white), (f"{ours:>9}{gap:>14}", palette.text))
