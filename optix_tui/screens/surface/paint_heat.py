"""Draws the heat map: half-block pixels, expiries at the left, a colour bar with numbers at the right, the crosshair's value above."""

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Ints
from engine.domain.volatility import Grade
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.canvas import Span as Words
from optix_tui.colour import is_monochrome, luminance, mix, mix_all
from optix_tui.screens.painting import colour
from optix_tui.screens.surface.coordinates import Coordinate, strike_of, text_of
from optix_tui.screens.surface.grades import LETTERS, TONES, SliceRow, days_text, warning_tone
from optix_tui.screens.surface.heat import HeatView, Span
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.view import HEAT_LEFT, SurfaceView, heat_room
from optix_tui.theme import Palette

STEPS = 72
FLOOR, CEILING = 1 / 3, 0.82
"""Between these shares of the ramp heights are coloured on dark grounds and on light ones: what is low never looks like what is missing."""
FAINT, FAINTEST, FAINT_STEPS = 0.42, 0.74, 6
"""How far colours beyond the quotes go into the ground: at once, and at last a deviation and a half out."""
FAR = 1.5
YEAR_DAYS = 350
"""Days from which a date is told with its year."""
MONEY, CROSS = 0.20, 0.09
"""How far the columns of the money and of the crosshair are lit."""
SHADES = " ░▒▓█"


def paint_heat(canvas: Canvas, view: SurfaceView, heat: HeatView, palette: Palette) -> None:
    """The whole picture."""
    columns, rows = heat_room(canvas.width, canvas.height)
    _paint_readout(canvas, view, heat, palette)
    plot = canvas.window(HEAT_LEFT, 1, columns, rows)
    if heat.span is None:
        plot.paragraph(1, max(rows // 2 - 1, 0), heat.reason or "nothing is known of this", palette.alert)
    else:
        _paint_pixels(plot, view, heat, heat.span, palette)
        _paint_bar(canvas.window(HEAT_LEFT + columns + 1, 1, canvas.width - HEAT_LEFT - columns - 1, rows), heat.span, palette)
    _paint_expiries(canvas, view, heat, rows, palette)
    _paint_marks(canvas, heat, columns, palette)


def _cell_rows(heat: HeatView, rows: int) -> list[int]:
    """The row of cells each expiry stands in."""
    return [min(int(pixel) // 2, rows - 1) for pixel in heat.pixel_of.tolist()]


def height_ramp(palette: Palette) -> Ints:
    """The colours of heights, low to high, without the end of the ramp that is lost in the ground."""
    if palette.dark:
        return palette.heat_ramp(round(STEPS / (1 - FLOOR)))[-STEPS:]
    return palette.heat_ramp(round(STEPS / CEILING))[:STEPS]


def colours_of(values: Floats, span: Span, palette: Palette) -> Ints:
    """Packed colours, -1 where a value is not known."""
    ramp = palette.diverging_ramp(STEPS - 1) if span.diverges else height_ramp(palette)
    known = np.isfinite(values)
    place = np.where(known, span.share(np.where(known, values, 0.0)) * (ramp.size - 1) + 0.5, 0).astype(np.int32)
    found: Ints = np.where(known, ramp[place], -1).astype(np.int32)
    return found


def _paint_pixels(plot: Canvas, view: SurfaceView, heat: HeatView, span: Span, palette: Palette) -> None:
    if is_monochrome():
        _paint_shades(plot, heat, span, palette)
        return
    packed = colours_of(heat.values, span, palette)
    nothing = packed < 0
    packed[nothing] = palette.ground
    _fade(packed, heat.beyond, nothing, palette)
    _light(packed, round(heat.money * (plot.width - 1)), palette.white, MONEY, ~nothing)
    _light(packed, round(view.preferences.column * (plot.width - 1)), palette.white, CROSS, ~nothing)
    plot.image(0, 0, packed[0::2], packed[1::2])
    _paint_weak(plot, view, heat, packed, palette)
    x, y = round(view.preferences.column * (plot.width - 1)), _cell_rows(heat, plot.height)[view.chosen]
    if 0 <= x < plot.width and 0 <= y < plot.height:
        under = int(packed[2 * y, x])
        plot.text(x, y, "┼", 0x000000 if luminance(under) > 0.25 else 0xFFFFFF, under, bold=True)


def _fade(packed: Ints, beyond: Floats, nothing: NDArray[np.bool_], palette: Palette) -> None:
    """Beyond the quotes colours sink into the ground, the further the more."""
    steps = np.where((beyond > 0) & ~nothing, 1 + np.minimum(beyond / FAR, 1) * (FAINT_STEPS - 1), 0).astype(int)
    for step in range(1, FAINT_STEPS + 1):
        chosen = steps == step
        if chosen.any():
            packed[chosen] = mix_all(packed[chosen], palette.ground, FAINT + (FAINTEST - FAINT) * (step - 1) / (FAINT_STEPS - 1))


def _light(packed: Ints, column: int, light: int, share: float, known: NDArray[np.bool_]) -> None:
    if 0 <= column < packed.shape[1]:
        lit = known[:, column]
        packed[lit, column] = mix_all(packed[lit, column], light, share)


def _paint_weak(plot: Canvas, view: SurfaceView, heat: HeatView, packed: Ints, palette: Palette) -> None:
    """A poor fit is hatched, and where nothing is fitted that is said."""
    owner = heat.row_of.astype(int)
    failed: list[tuple[int, int]] = []
    for line in range(plot.height):
        upper, lower = view.rows[owner[2 * line]], view.rows[owner[2 * line + 1]]
        if upper.one.grade is Grade.FAILED and lower.one.grade is Grade.FAILED:
            plot.across(line, 0, plot.width, "╱", palette.mute)
            failed.append((line, int(owner[2 * line])))
        elif (Grade.POOR in {upper.one.grade, lower.one.grade}) and heat.layer is Layer.LEVEL:
            plot.across(line, 0, plot.width, "╱", palette.ground, hard=True)
            plot.back[line] = packed[2 * line + (upper.one.grade is not Grade.POOR)]
    for line, text in failed_words(view.rows, failed):
        told = text if len(text) + 2 <= plot.width else text[: max(plot.width - 3, 0)] + "…"
        plot.middle(0, plot.width, line, f" {told} ", palette.down)


def failed_words(rows: tuple[SliceRow, ...], failed: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """The line to write on and why nothing is fitted, once for neighbours that failed alike; ``failed`` is (line, slice), from the top."""
    runs: list[list[tuple[int, int]]] = []
    for line, place in failed:
        alike = runs and runs[-1][-1][0] == line - 1 and rows[runs[-1][-1][1]].one.reasons == rows[place].one.reasons
        if alike:
            runs[-1].append((line, place))
        else:
            runs.append([(line, place)])
    told = []
    for run in runs:
        first, last = run[0][1], run[-1][1]
        names = rows[first].name if first == last else f"{rows[first].name} to {rows[last].name}, {last - first + 1} expiries"
        told.append((run[len(run) // 2][0], f"{names} X not fitted: {'; '.join(rows[first].one.reasons)}"))
    return told


def _paint_shades(plot: Canvas, heat: HeatView, span: Span, palette: Palette) -> None:
    """Without colours: five densities."""
    values = heat.values[0 : 2 * plot.height : 2]
    known = np.isfinite(values)
    place = np.where(known, span.share(np.where(known, values, 0)) * (len(SHADES) - 1) + 0.5, 0).astype(int)
    for line, row in enumerate(place):
        plot.text(0, line, "".join(SHADES[value] for value in row), palette.text)


def _paint_bar(canvas: Canvas, span: Span, palette: Palette) -> None:
    """The colours from high to low with their numbers."""
    levels = np.linspace(span.high, span.low, 2 * canvas.height)[:, None] * np.ones((1, 2))
    if not is_monochrome():
        packed = colours_of(levels, span, palette)
        canvas.image(0, 0, packed[0::2], packed[1::2])
    count = bar_marks(canvas.height, diverges=span.diverges)
    digits = 1 if (span.high - span.low) / (count - 1) >= 0.1 else 2
    for place in range(count):
        share = place / (count - 1)
        value = span.high + share * (span.low - span.high)
        text = written.signed(value, digits) if span.diverges else f"{value:.{digits}f}"
        canvas.text(3, round(share * (canvas.height - 1)), text[: max(canvas.width - 3, 0)], palette.dim)


def bar_marks(height: int, *, diverges: bool) -> int:
    """How many numbers stand along the colours; where zero is their middle, one stands at it."""
    count = min(max(height // 4, 2), 9)
    return count - 1 if diverges and count % 2 == 0 and count > 2 else count


def _paint_expiries(canvas: Canvas, view: SurfaceView, heat: HeatView, rows: int, palette: Palette) -> None:
    """Dates at the left with the letter of their fit; the chosen one first, then those that find room."""
    taken: set[int] = set()
    lines = _cell_rows(heat, rows)
    for place in (view.chosen, *range(len(lines))):
        line = lines[place]
        if line in taken:
            continue
        taken.add(line)
        row = view.rows[place]
        chosen = place == view.chosen
        fore = palette.ink if chosen else palette.security if not row.one.series.weekly else palette.dim
        date, series = short_name(row)
        canvas.text(0, 1 + line, date, fore, palette.security if chosen else None, bold=chosen)
        canvas.text(6, 1 + line, series, palette.dim)
        canvas.text(7, 1 + line, LETTERS[row.one.grade], colour(palette, TONES[row.one.grade]), bold=True)


def short_name(row: SliceRow) -> tuple[str, str]:
    """``18-Dec`` within a year of now, ``Dec-28`` beyond it, where its day would be read as this year's; and the a of an AM series."""
    day, month, year = row.name[:9].split("-")
    return (f"{day}-{month}" if row.days < YEAR_DAYS else f"{month}-{year}"), row.name[9:]


def _paint_marks(canvas: Canvas, heat: HeatView, columns: int, palette: Palette) -> None:
    y, taken = canvas.height - 1, -9
    for share, text in heat.marks:
        x = HEAT_LEFT + round(share * (columns - 1)) - len(text) // 2
        if x > taken and x + len(text) <= canvas.width:
            canvas.text(x, y, text, palette.bright if abs(share - heat.money) < 1e-6 else palette.dim)
            taken = x + len(text)


def _where(heat: HeatView, across: float, strike: str, palette: Palette) -> tuple[Words, Words]:
    """The coordinate and the strike it means; the strike alone where that is the coordinate."""
    if heat.axis.coordinate is Coordinate.STRIKE:
        return ("K ", palette.dim), (f"{strike}  ", palette.bright)
    return (text_of(heat.axis.coordinate, across, 1), palette.bright), (f" K {strike}  ", palette.dim)


def _paint_readout(canvas: Canvas, view: SurfaceView, heat: HeatView, palette: Palette) -> None:
    """Exactly what stands under the crosshair."""
    row = view.rows[view.chosen]
    columns = heat.k.shape[1]
    column = min(max(round(view.preferences.column * (columns - 1)), 0), columns - 1)
    value, k = float(heat.at_slices[view.chosen, column]), float(heat.k[view.chosen, column])
    across = heat.axis.low + view.preferences.column * (heat.axis.high - heat.axis.low)
    level = heat.layer is Layer.LEVEL
    number = (f"{value:.2f}" if level else written.signed(value, 2)) if np.isfinite(value) else written.UNKNOWN
    beyond = np.isfinite(k) and not (row.one.least_k <= k <= row.one.greatest_k)
    parts: list[Words] = [
        (f" {row.name}", palette.security, None, True),
        (f" {days_text(row.days)}  ", palette.dim),
        *_where(heat, across, written.money(strike_of(k, row.one.forward), 1.0 if row.one.forward > 1000 else 0.01), palette),
        (f"{heat.unit} ", palette.dim),
        (number, palette.vol if level else palette.signed(round(value, 2)), None, True),
        (" E beyond quotes" if beyond and np.isfinite(value) else "", palette.alert),
    ]
    end = canvas.put(0, 0, *parts)
    room = canvas.width - end - 3
    warning = view.warning if heat.layer is Layer.LEVEL or row.one.grade is not Grade.FAIR else ""
    told = warning or next((text for text in (heat.told, *heat.told.split(": ")[:1]) if len(text) <= room), heat.told.split(",")[0])
    if room > 12:
        text = told if len(told) <= room else told[: room - 1] + "…"
        canvas.right(
            canvas.width - 1, 0, text, colour(palette, warning_tone(row.one)) if warning else mix(palette.dim, palette.ground, 0.1)
        )
