"""Draws one name's term structure with the published prints on it, and its maturities in rows."""

from textwrap import wrap

import numpy as np

from engine.domain.columns import Floats
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import tick_digits, ticks
from optix_tui.screens.painting import paint_band, paint_cell, paint_header, paint_line, paint_mark
from optix_tui.screens.table import fit
from optix_tui.screens.volindex.maturities import COLUMNS, MEANINGS
from optix_tui.screens.volindex.view import Term
from optix_tui.theme import Palette

AXIS = 7
LEAST_ROWS_WITH_TABLE = 20
"""Rows of a narrow picture under which its maturities are left out."""
MATURITIES_WIDTH = 64
LEAST_BESIDE = 120
"""Columns from which the maturities stand beside the picture."""


def paint_term(canvas: Canvas, term: Term, palette: Palette) -> None:
    """The picture, and the maturities beside it or below where there is room."""
    if canvas.width >= LEAST_BESIDE:
        left = canvas.width - MATURITIES_WIDTH - 1
        _paint_picture(canvas.window(0, 0, left, canvas.height), term, palette)
        canvas.down(left, 0, canvas.height, "│", palette.grid)
        _paint_maturities(canvas.window(left + 1, 0, MATURITIES_WIDTH, canvas.height), term, palette)
        return
    rows = len(term.maturities) + 2 if canvas.height >= LEAST_ROWS_WITH_TABLE else 0
    _paint_picture(canvas.window(0, 0, canvas.width, canvas.height - rows), term, palette)
    if rows:
        _paint_maturities(canvas.window(0, canvas.height - rows, canvas.width, rows), term, palette)


def _paint_picture(canvas: Canvas, term: Term, palette: Palette) -> None:
    paint_band(canvas, 0, f"{term.symbol} term structure", palette, note=f"{term.shape}  {written.clock(term.as_of)}")
    if term.refusal:
        canvas.text(1, 1, f"no index: {term.refusal}"[: canvas.width - 2], palette.alert)
    top = 2 if term.refusal else 1
    _paint_curves(canvas.window(0, top, canvas.width, canvas.height - top), term, palette)


def _paint_curves(canvas: Canvas, term: Term, palette: Palette) -> None:
    plot = canvas.window(AXIS, 1, canvas.width - AXIS - 1, canvas.height - 2)
    if plot.width < 10 or plot.height < 3:
        return
    faint = mix(palette.text, palette.ground, 0.7)
    _paint_legend(canvas, term, palette, faint)
    _paint_grid(canvas, plot, term, palette)
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
            plot.text(min(max(column - 1, 0), plot.width - len(text)), max(line - 1, 0), text, palette.white, bold=True)
    for place, height in zip(term.places.tolist(), np.asarray(term.scale.share(term.printed)).tolist(), strict=True):
        if np.isfinite(height) and 0 <= height <= 1:
            plot.text(round(place * (plot.width - 1)), round(height * (plot.height - 1)), "◆", palette.security, bold=True)


def _paint_legend(canvas: Canvas, term: Term, palette: Palette, faint: int) -> None:
    x = canvas.put(1, 0, ("⠒⠒ ", palette.vol), ("VIX-style", palette.text), ("  ⠒⠒ ", _second(palette)), ("ATM", palette.text))
    if np.isfinite(term.printed).any():
        x = canvas.put(x + 2, 0, ("◆", palette.security), (" published", palette.text))
    if x + 20 < canvas.width:
        canvas.put(x + 2, 0, ("⠶", faint), (" expiries, ATM", palette.text))
    canvas.right(canvas.width - 1, 0, "vol points" if x + 34 < canvas.width else "", palette.dim)


def _paint_grid(canvas: Canvas, plot: Canvas, term: Term, palette: Palette) -> None:
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


def _second(palette: Palette) -> int:
    """The line beside the index."""
    return mix(palette.text, palette.ground, 0.4)


def _paint_curve(plot: Canvas, term: Term, values: Floats, fore: int) -> None:
    known = np.isfinite(values)
    if known.sum() > 1:
        paint_line(plot, values[known], term.scale, fore, places=term.places[known])


def _paint_maturities(canvas: Canvas, term: Term, palette: Palette) -> None:
    """Rows of the maturities and, where there is room, what their columns are."""
    paint_band(canvas, 0, f"{term.symbol} by maturity", palette, note="vol points, calendar days")
    columns = fit(COLUMNS, canvas.width)
    paint_header(canvas, 1, columns, palette)
    for line, row in enumerate(term.maturities):
        for placed in columns:
            paint_cell(canvas, 2 + line, placed, placed.column.cell(row), palette)
    y = 3 + len(term.maturities)
    for meaning in MEANINGS:
        lines = wrap(meaning, canvas.width - 2)
        if y + len(lines) > canvas.height:
            return
        for text in lines:
            canvas.text(1, y, text, palette.dim)
            y += 1
