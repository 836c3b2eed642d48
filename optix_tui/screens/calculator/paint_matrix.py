"""Draws the matrix: a heat with its numbers in it, the sheet's own place boxed."""

from math import isfinite

import numpy as np

from engine.domain.columns import Ints
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, luminance, mix
from optix_tui.screens.calculator.matrix import MatrixView
from optix_tui.screens.painting import paint_band
from optix_tui.theme import Palette

LABEL = 17
CELL = 8
STRONGEST = 0.6
"""How far a cell's ground goes towards its colour."""
STEPS = 32
FLOOR = 1 / 3
"""The lower part of the ramp is lost in a dark ground, the upper in a light one: heights do without it."""


def paint_matrix(canvas: Canvas, matrix: MatrixView | None, layer: str, palette: Palette, *, note: str = "") -> None:
    """The matrix under its band; rows and columns about the sheet's own place where not all have room."""
    paint_band(canvas, 0, "MATRIX", palette, note=layer)
    if matrix is None:
        canvas.paragraph(1, 2, note or "waiting for its prices …", palette.alert if note else palette.dim)
        return
    rows = _window(matrix.underlyings.size, matrix.base_row, canvas.height - 3)
    if matrix.layer.by_days:
        columns = _spread(matrix.columns.size, (canvas.width - LABEL - 1) // CELL)
    else:
        columns = list(_window(matrix.columns.size, matrix.base_column, (canvas.width - LABEL - 1) // CELL))
    if not columns or not len(rows):
        return
    wide = min((canvas.width - LABEL - 1) // len(columns), CELL + 3)
    _paint_heads(canvas, matrix, columns, wide, palette)
    ramp = palette.diverging_ramp(2 * STEPS + 1) if matrix.layer.is_profit else _heights(palette)
    known = matrix.cells[np.isfinite(matrix.cells)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    for line, row in enumerate(rows):
        _paint_label(canvas, 3 + line, matrix, row, palette)
        for place, column in enumerate(columns):
            value = float(matrix.cells[row, column])
            x = LABEL + place * wide
            own = row == matrix.base_row and column == matrix.base_column
            ground = _ground(value, low, high, ramp.tolist(), palette, profit=matrix.layer.is_profit)
            text = _text(value, profit=matrix.layer.is_profit)
            if own:
                ground, fore = palette.text, palette.ink
            else:
                fore = palette.white if luminance(ground) < 0.18 else 0x000000
            if not is_monochrome():
                canvas.fill(x, 3 + line, wide, 1, ground)
            canvas.right(x + wide - 1, 3 + line, f"▸{text}" if own else text, fore, bold=own)


def _heights(palette: Palette) -> Ints:
    whole = palette.heat_ramp(round((STEPS + 1) / (1 - FLOOR)))
    return whole[-STEPS - 1 :] if palette.dark else whole[: STEPS + 1]


def _window(count: int, centre: int, room: int) -> range:
    """So many places about the centre."""
    shown = max(min(count, room), 0)
    first = min(max(centre - shown // 2, 0), count - shown)
    return range(first, first + shown)


def _spread(count: int, room: int) -> list[int]:
    """So many places from the first to the last, evenly."""
    if count <= room:
        return list(range(count))
    return sorted({round(place * (count - 1) / max(room - 1, 1)) for place in range(room)}) if room > 0 else []


def _paint_heads(canvas: Canvas, matrix: MatrixView, columns: list[int], wide: int, palette: Palette) -> None:
    canvas.text(1, 2, "Underlying", palette.dim)
    canvas.right(LABEL - 1, 2, "%", palette.dim)
    canvas.text(LABEL + 1, 1, "days left →" if matrix.layer.by_days else "volatility, % a year →", palette.dim)
    for place, column in enumerate(columns):
        value = float(matrix.columns[column])
        text = f"{value:.4g}d" if matrix.layer.by_days else f"{value * 100:.2f}%"
        own = column == matrix.base_column
        canvas.right(LABEL + (place + 1) * wide - 1, 2, text, palette.white if own else palette.vol, bold=own)


def _paint_label(canvas: Canvas, y: int, matrix: MatrixView, row: int, palette: Palette) -> None:
    level, base = float(matrix.underlyings[row]), float(matrix.underlyings[matrix.base_row])
    own = row == matrix.base_row
    canvas.right(
        10, y, written.money(level) if level < 1e6 else written.compact(level, 9), palette.white if own else palette.text, bold=own
    )
    canvas.right(LABEL - 1, y, "base" if own else f"{(level / base - 1) * 100:+.1f}", palette.dim)


def _ground(value: float, low: float, high: float, ramp: list[int], palette: Palette, *, profit: bool) -> int:
    if not isfinite(value):
        return palette.ground
    if profit:
        share = value / ((abs(low) if value < 0 else abs(high)) or 1.0)  # losses by the greatest loss, gains by the greatest gain
        return mix(palette.ground, ramp[round(STEPS + share * STEPS)], min(abs(share) ** 0.5, 1.0) * STRONGEST)
    share = (value - low) / ((high - low) or 1.0)
    return mix(palette.ground, ramp[round(share * STEPS)], STRONGEST)


def _text(value: float, *, profit: bool) -> str:
    if profit:
        text = written.signed(value, 0)
        return text if len(text) < CELL else written.amount(value)
    text = written.price(value) if abs(value) < 1_000 else written.compact(value, CELL - 1)
    return text if len(text) < CELL else f"{value:.0f}"
