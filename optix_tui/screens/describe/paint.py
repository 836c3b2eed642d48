"""Draws a description: blocks in columns, and the year's lines below where there is room."""

from collections.abc import Callable

import numpy as np

from optix_tui.canvas import Canvas
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.describe.view import DescriptionView, Smile, Year
from optix_tui.screens.painting import colour, paint_band, paint_line, paint_mark, paint_page
from optix_tui.theme import Palette

LEAST_YEAR_ROWS = 7
MOST_YEAR_ROWS = 16
AXIS = 11


def paint_description(canvas: Canvas, view: DescriptionView, palette: Palette, settle: Callable[[int, int], int]) -> None:
    """The whole page."""
    end = paint_page(canvas, view.blocks, palette, settle)
    below = canvas.height - end - 1
    if view.smile is not None and below >= LEAST_YEAR_ROWS:
        _paint_smile(canvas.window(0, end + 1, canvas.width, below), view.smile, palette)
    if not view.years or below < LEAST_YEAR_ROWS:
        return
    side_by_side = canvas.width >= 100 or below < 2 * LEAST_YEAR_ROWS
    shown = view.years if side_by_side or below >= 2 * LEAST_YEAR_ROWS else view.years[:1]
    wide = canvas.width // len(shown) if side_by_side else canvas.width
    high = min(below if side_by_side else below // len(shown), MOST_YEAR_ROWS)
    for place, year in enumerate(shown):
        x, y = (place * wide, end + 1) if side_by_side else (0, end + 1 + place * high)
        last = place == len(shown) - 1
        part = canvas.window(x, y, wide if last or not side_by_side else wide - 1, high)
        _paint_year(part, year, palette)


def _paint_year(canvas: Canvas, year: Year, palette: Palette) -> None:
    paint_band(canvas, 0, year.title, palette, note=year.note)
    plot = canvas.window(0, 1, canvas.width - AXIS, canvas.height - 1)
    scale = Scale.around(np.append(year.values, year.level))
    if scale is None or plot.width < 10:
        return
    marks = ticks(scale.low, scale.high, max(plot.height // 3, 2))
    digits = tick_digits(marks)
    for mark in marks:
        row = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(row, 0, plot.width, "┈", palette.grid)
        canvas.right(canvas.width - 1, 1 + row, f"{mark:,.{digits}f}{'%' if year.is_percent else ''}", palette.dim)
    fore = colour(palette, year.tone)
    if np.isfinite(year.level):
        row = round(float(scale.share(year.level)) * (plot.height - 1))
        plot.across(row, 0, plot.width, "╌", palette.faded(fore, 0.5))
        canvas.right(canvas.width - 1, 1 + row, f" {year.level:,.{max(digits, 1)}f} ", palette.ink, fore, bold=True)
    paint_line(plot, year.values, scale, fore)


def _paint_smile(canvas: Canvas, smile: Smile, palette: Palette) -> None:
    """Whiskers from bid to ask, a mark at the mid, puts and calls in their colours, the contract's strike with a line."""
    paint_band(canvas, 0, "SMILE", palette, note=smile.note)
    plot = canvas.window(AXIS - 3, 1, canvas.width - AXIS, canvas.height - 2)
    scale = Scale.around(np.concatenate([smile.low, smile.middle, smile.high]))
    if scale is None or plot.width < 10 or plot.height < 3:
        return
    marks = ticks(scale.low, scale.high, max(plot.height // 3, 2))
    for mark in marks:
        row = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(row, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 4, 1 + row, f"{mark:,.{tick_digits(marks)}f}", palette.dim)
    low, high = float(smile.strikes[0]), float(smile.strikes[-1])
    places = (smile.strikes - low) / max(high - low, 1e-9)
    taken = -9
    for strike in ticks(low, high, max(plot.width // 14, 2)):
        column = round((strike - low) / max(high - low, 1e-9) * (plot.width - 1))
        text = f"{strike:g}"
        if column - len(text) // 2 > taken:
            canvas.text(AXIS - 3 + column - len(text) // 2, canvas.height - 1, text, palette.dim)
            taken = column + len(text)
    for price, glyph, fore in ((smile.forward, "╎", palette.mute), (smile.strike, "│", palette.bright)):
        share = (price - low) / max(high - low, 1e-9)
        if 0 <= share <= 1:
            plot.down(round(share * (plot.width - 1)), 0, plot.height, glyph, fore)
    x = np.floor(places * (plot.width * 2 - 1))
    plot.lines(
        x,
        scale.share(smile.high) * (plot.height * 4 - 1),
        x,
        scale.share(smile.low) * (plot.height * 4 - 1),
        palette.faded(palette.dim, 0.2),
    )
    for place, share, call in zip(places.tolist(), scale.share(smile.middle).tolist(), smile.is_call.tolist(), strict=True):
        paint_mark(plot, place, share, palette.call if call else palette.put)
    canvas.put_right(canvas.width - 1, 1, ("⠶", palette.put), (" put  ", palette.dim), ("⠶", palette.call), (" call", palette.dim))
