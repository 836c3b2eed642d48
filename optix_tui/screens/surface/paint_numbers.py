"""Draws the surface as a table: numbers on a breath of their colour, each with how it was come by."""

import numpy as np

from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.painting import colour
from optix_tui.screens.surface.grades import LETTERS, TONES, days_text
from optix_tui.screens.surface.heat import span_of
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.numbers import NumbersView, number_text
from optix_tui.screens.surface.paint_heat import colours_of
from optix_tui.screens.surface.view import NUMBER_WIDTH, SurfaceView
from optix_tui.theme import Palette

LEFT = 17
DARK_TINT, LIGHT_TINT = 0.3, 0.15


def paint_numbers(canvas: Canvas, view: SurfaceView, table: NumbersView, palette: Palette) -> None:
    """The whole picture."""
    width = max((canvas.width - LEFT - 1) // max(len(table.titles), 1), NUMBER_WIDTH)
    width = min(width, NUMBER_WIDTH + 4)
    canvas.text(1, 0, "Expiry", palette.dim)
    for place, title in enumerate(table.titles):
        fore = palette.bright if place == table.money else palette.dim
        canvas.right(LEFT + (place + 1) * width - 1, 0, title[: width - 1], fore, bold=place == table.money)
    if table.reason:
        canvas.paragraph(2, 2, table.reason, palette.alert)
        return
    lines = canvas.height - 2
    top = min(max(view.chosen - lines + 1, 0), max(len(table.rows) - lines, 0))
    quoted = np.array([[flag not in "E?" for flag in row] for row in table.flags])
    span = span_of(np.where(quoted, table.values, np.nan), table.layer)
    tints = colours_of(table.values, span, palette) if span is not None else None
    for line, place in enumerate(range(top, min(top + lines, len(table.rows)))):
        row = table.rows[place]
        y = 1 + line
        chosen = place == view.chosen
        if chosen:
            canvas.fill(0, y, LEFT - 1, 1, palette.chosen(has_keys=True))
        canvas.text(0, y, row.name, palette.security, bold=chosen)
        canvas.right(LEFT - 3, y, days_text(row.days), palette.dim)
        canvas.text(LEFT - 2, y, LETTERS[row.one.grade], colour(palette, TONES[row.one.grade]), bold=True)
        for column in range(len(table.titles)):
            end = LEFT + (column + 1) * width - 1
            value, flag = float(table.values[place, column]), table.flags[place][column]
            if tints is not None and np.isfinite(value) and not is_monochrome():
                tint = mix(palette.ground, int(tints[place, column]), DARK_TINT if palette.dark else LIGHT_TINT)
                canvas.fill(end - width + 1, y, width, 1, tint)
            fore = palette.vol if table.layer is Layer.LEVEL else palette.signed(value)
            canvas.right(end, y, number_text(table.layer, value), mix(fore, palette.ground, 0.2) if flag in "E?" else fore, bold=chosen)
            canvas.text(end, y, flag, palette.alert if flag in "E?" else palette.dim)
    flags = "I between quotes  E beyond them  ? poor fit"
    told = next((one for one in (table.told, table.told.split(": ")[0]) if len(flags) + len(one) + 6 <= canvas.width), "")
    canvas.text(1, canvas.height - 1, f"{flags}    {told}".rstrip()[: max(canvas.width - 2, 0)], palette.dim)
