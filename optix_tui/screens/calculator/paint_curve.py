"""Draws the payoff: profit and loss of one contract today and at expiry over the underlying."""

from math import isfinite

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.calculator.view import Payoff
from optix_tui.screens.painting import paint_band, paint_line
from optix_tui.theme import Palette

AXIS = 9
LEAST_ROWS = 7
FILL = 0.16
"""How far the ground of profit and loss goes towards its colour."""


def paint_curve(canvas: Canvas, payoff: Payoff, palette: Palette) -> None:
    """The chart under its band; nothing where there is no room for one."""
    if canvas.height < LEAST_ROWS or canvas.width < 30:
        return
    paint_band(canvas, 0, "PAYOFF", palette, note="profit and loss of one contract, long")
    x = canvas.put(1, 1, ("━ ", palette.put), ("today  ", palette.dim), ("━ ", palette.vol), ("at expiry", palette.dim))
    named = (("│ spot ", payoff.spot, palette.white), ("╎ BE ", payoff.breakeven, palette.bright))
    spans = [span for name, level, fore in named if isfinite(level) for span in ((name, palette.dim), (f"{written.money(level)}  ", fore))]
    if x + sum(len(text) for text, _ in spans) + 2 < canvas.width:
        canvas.put_right(canvas.width, 1, *spans)
    scale = Scale.around(np.concatenate([payoff.today, payoff.at_expiry]), margin=0.05)
    plot = canvas.window(AXIS, 2, canvas.width - AXIS - 1, canvas.height - 4)
    if scale is None or payoff.spots.size < 2 or plot.height < 2:
        return
    low, high = float(payoff.spots[0]), float(payoff.spots[-1])
    places = (payoff.spots - low) / (high - low)
    _paint_ground(plot, payoff, scale, palette)
    _paint_levels(canvas, plot, scale, palette)
    for level, colour in ((payoff.strike, palette.grid), (payoff.breakeven, palette.dim), (payoff.spot, palette.white)):
        if low <= level <= high:
            plot.down(
                round((level - low) / (high - low) * (plot.width - 1)), 0, plot.height, "╎" if colour != palette.white else "│", colour
            )
    paint_line(plot, payoff.today, scale, palette.put, places=places)
    paint_line(plot, payoff.at_expiry, scale, palette.vol, places=places)
    _paint_bottom(canvas, payoff, plot, palette)


def _paint_ground(plot: Canvas, payoff: Payoff, scale: Scale, palette: Palette) -> None:
    """Between zero and the payoff at expiry the ground says gain or loss."""
    spots = np.linspace(float(payoff.spots[0]), float(payoff.spots[-1]), plot.width)
    levels = np.interp(spots, payoff.spots, payoff.at_expiry)
    zero = float(scale.share(0.0)) * (plot.height - 1)
    up, down = (mix(palette.ground, tone, FILL) for tone in (palette.up, palette.down))
    for column, level in enumerate(levels.tolist()):
        here = float(scale.share(level)) * (plot.height - 1)
        top, bottom = (round(here), round(zero) - 1) if level > 0 else (round(zero) + 1, round(here))
        top, bottom = max(top, 0), min(bottom, plot.height - 1)
        if bottom >= top and level:
            plot.fill(column, top, 1, bottom - top + 1, up if level > 0 else down)


def _paint_levels(canvas: Canvas, plot: Canvas, scale: Scale, palette: Palette) -> None:
    marks = ticks(scale.low, scale.high, max(plot.height // 3, 2))
    for mark in marks:
        row = round(float(scale.share(mark)) * (plot.height - 1))
        is_zero = abs(mark) < (marks[-1] - marks[0]) * 1e-9 if len(marks) > 1 else mark == 0
        plot.across(row, 0, plot.width, "─" if is_zero else "┈", palette.rule if is_zero else palette.grid)
        text = "0" if is_zero else f"{mark:+,.0f}" if abs(mark) >= 10 or mark == round(mark) else f"{mark:+.2f}"
        canvas.right(AXIS - 1, 2 + row, text if len(text) < AXIS else written.compact(mark, AXIS - 1), palette.dim)


def _paint_bottom(canvas: Canvas, payoff: Payoff, plot: Canvas, palette: Palette) -> None:
    """Underlyings, and where the standard deviations, the strike and the spot stand."""
    low, high = float(payoff.spots[0]), float(payoff.spots[-1])
    y = canvas.height - 2
    marks = ticks(low, high, max(plot.width // 14, 2))
    digits = tick_digits(marks)
    free = 0
    for mark in marks:
        text = f"{mark:,.{digits}f}"
        x = AXIS + round((mark - low) / (high - low) * (plot.width - 1)) - len(text) // 2
        if x >= free and x + len(text) < canvas.width:
            free = canvas.text(x, y, text, palette.dim) + 1
    named = [("K", payoff.strike, palette.security), ("▲spot", payoff.spot, palette.white), ("BE", payoff.breakeven, palette.bright)]
    named += [(name, level, palette.mute if palette.dark else palette.dim) for name, level in payoff.deviations]
    taken: list[tuple[int, int]] = []
    for text, level, fore in named:
        x = AXIS + round((level - low) / (high - low) * (plot.width - 1)) - len(text) // 2 if isfinite(level) else -1
        end = x + len(text)
        if x >= AXIS - 2 and end < canvas.width and all(end < start or x > stop for start, stop in taken):
            canvas.text(x, y + 1, text, fore if fore != palette.mute else palette.dim)
            taken.append((x, end))
