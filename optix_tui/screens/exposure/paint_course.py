"""Draws the profile: the net with the spot elsewhere, every contract priced anew, and where it crosses zero."""

from collections.abc import Callable

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.format import amount
from optix_tui.screens.axis import ticks
from optix_tui.screens.exposure.view import Course
from optix_tui.screens.painting import EIGHTHS, paint_band, paint_levels
from optix_tui.theme import Palette

AXIS = 9
LEAST_ROWS_WITH_MARKS = 6
LEAST_WIDTH_WITH_LEGEND = 60
SPACE = ord(" ")
EDGE_GAP = 4
"""Dots between two of the band's edge."""
BAND, LEGEND = 0.84, 0.6
"""How far the ground of the dealers' share, and its sign in the legend, go back into that of the screen."""


def paint_course(canvas: Canvas, course: Course, unit: str, palette: Palette) -> None:
    """A braille line over the spot, above zero in one colour and below it in the other, spot and flip marked."""
    paint_band(canvas, 0, "repriced by spot", palette, note=unit)
    if canvas.width >= LEAST_WIDTH_WITH_LEGEND:
        share = ("┄" if is_monochrome() else "▇", mix(palette.vol, palette.ground, LEGEND))
        canvas.put(20, 0, ("━", palette.text), (" dealers hold all  ", palette.dim), share, (" 25-75 %", palette.dim))
    foot = 1 if canvas.height >= LEAST_ROWS_WITH_MARKS else 0
    axis = AXIS if canvas.width >= 4 * AXIS else 0
    plot = canvas.window(axis, 1, canvas.width - axis - 1, canvas.height - 1 - foot)
    if plot.width < 2 or plot.height < 1:
        return
    low, high = float(course.spots[0]), float(course.spots[-1])

    def row(value: float) -> int:
        return min(max(round(float(course.scale.share(value)) * (plot.height - 1)), 0), plot.height - 1)

    def column(spot: float) -> int:
        return min(max(round((spot - low) / (high - low) * (plot.width - 1)), 0), plot.width - 1)

    _paint_shares(plot, course, palette)
    for mark in ticks(course.scale.low, course.scale.high, max(plot.height // 3, 2)):
        bare = plot.glyph[row(mark)] == SPACE  # the band's own edge stays whole
        plot.glyph[row(mark)][bare], plot.fore[row(mark)][bare] = ord("┈"), palette.grid
        if axis:
            canvas.right(axis - 1, 1 + row(mark), amount(mark), palette.dim)
    plot.across(row(0.0), 0, plot.width, "─", palette.rule)
    plot.down(column(course.spot), 0, plot.height, "╎", palette.bright)
    _paint_line(plot, course, palette)
    for wall, sign in course.walls:
        if low <= wall <= high:
            plot.text(column(wall), plot.height - 1, "▴", palette.up if sign == "+" else palette.down)
    if low <= course.flip <= high:
        _paint_flip(plot, column(course.flip), row(0.0), course, palette)
    if foot:
        _paint_spots(canvas, axis, course, column, palette)


def _paint_shares(plot: Canvas, course: Course, palette: Palette) -> None:
    """What the net can be if dealers hold only part: a ground behind it, or its edges in dots where there are no colours."""
    if is_monochrome():
        across = np.arange(0, plot.width * 2, EDGE_GAP)
        for edge in (course.low, course.high):
            nets = np.interp(np.linspace(course.spots[0], course.spots[-1], across.size), course.spots, edge)
            plot.dots(across, np.asarray(course.scale.share(nets)) * (plot.height * 4 - 1), palette.dim)
        return
    spots = np.linspace(course.spots[0], course.spots[-1], plot.width)
    upper, lower = (np.asarray(course.scale.share(np.interp(spots, course.spots, edge)))[None, :] for edge in (course.high, course.low))
    heights = (np.arange(plot.height * EIGHTHS)[:, None] + 0.5) / (plot.height * EIGHTHS)
    paint_levels(plot, ((heights >= upper) & (heights <= lower)).astype(np.int32), [mix(palette.vol, palette.ground, BAND)])


def _paint_line(plot: Canvas, course: Course, palette: Palette) -> None:
    """Dense in dots, so that the change of colour stands at zero."""
    dots = plot.width * 2
    spots = np.linspace(course.spots[0], course.spots[-1], dots * 2)
    nets = np.interp(spots, course.spots, course.nets)
    across = np.arange(spots.size) / 2.0
    down = np.asarray(course.scale.share(nets)) * (plot.height * 4 - 1)
    for part, fore in ((nets < 0.0, palette.down), (nets >= 0.0, palette.up)):
        plot.polyline(np.where(part, across, np.nan), down, fore)


def _paint_flip(plot: Canvas, column: int, row: int, course: Course, palette: Palette) -> None:
    plot.erase_dots(column, row)
    plot.text(column, row, "◆", palette.alert, bold=True)
    text = f"flip {written.money(course.flip)}"
    start = column + 2 if column + 2 + len(text) <= plot.width else max(column - 1 - len(text), 0)
    plot.text(start, row - 1 if row > 0 else row + 1, text, palette.alert, bold=True)


def _paint_spots(canvas: Canvas, axis: int, course: Course, column: Callable[[float], int], palette: Palette) -> None:
    y = canvas.height - 1
    label = f" {written.money(course.spot)} "
    middle = axis + column(course.spot)
    start = min(max(middle - len(label) // 2, axis), canvas.width - len(label))
    whole = float(course.spots[-1]) / course.spot - 1.0
    for part in (-1.0, -2 / 3, -1 / 3, 1 / 3, 2 / 3, 1.0):
        share = part * whole
        text = f"{share * 100:+.{0 if abs(share * 100 - round(share * 100)) < 1e-6 else 1}f}%"
        place = axis + column(course.spot * (1 + share))
        begin = min(max(place - len(text) // 2, axis), canvas.width - 1 - len(text))
        if begin + len(text) < start or begin > start + len(label):
            canvas.text(begin, y, text, palette.dim)
    canvas.text(start, y, label, palette.ink, palette.text, bold=True)
