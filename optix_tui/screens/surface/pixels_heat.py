"""The heat map in pixels: the colours of the cells without their steps, lines of equal level, and where the quotes end."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats
from engine.domain.volatility import Grade
from optix_tui.colour import luminance
from optix_tui.pictures.pixels import Light, Pixels, channels, light_of
from optix_tui.screens.axis import round_step
from optix_tui.screens.surface.heat import HeatView, Span
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.paint_heat import CEILING, FAINT, FAINTEST, FAR, FLOOR
from optix_tui.theme import Palette

STEPS = 512
"""Colours of a ramp: no step is seen."""
LEVELS = 14
"""Lines of equal level, about."""
LINE, ZERO_LINE = 0.34, 0.62
"""How far the lines go towards the ground."""
CLOSEST = 6.0
"""Pixels between two lines under which they would be a blot: they vanish."""
FLAT = 1e-5
"""Of a level a pixel: what is flatter than this crosses nothing, whatever its own level."""
EDGE, MONEY = 0.45, 0.5
"""How far the lines at the end of the quotes and at the money are lit."""
HATCH, HATCH_EVERY = 0.35, 9
"""A poor fit's stripes."""
LETTER = 0.68
"""Height of a letter of a line's label, in cells."""
LIGHT_GROUND = 0.12
"""Luminance from which letters on it are black."""
ROWS_OF_LABELS = (0.38, 0.82)
"""How far down lines carry their labels."""


class Grid(NamedTuple):
    """A heat map's planes, a number a pixel."""

    values: Light
    beyond: Light
    owners: Floats


def heat_pixels(fine: HeatView, grades: tuple[Grade, ...], cells: tuple[int, int], size: tuple[int, int], palette: Palette) -> Pixels:
    """The plot of so many cells (columns, rows) in so many pixels; ``fine`` has as many values as one likes, and a span."""
    assert fine.span is not None  # else there is no plot
    grid = _stretched(fine, cells, size)
    known = np.isfinite(grid.values)
    light = _coloured(np.where(known, grid.values, np.float32(0)), fine.span, palette)
    drawn = 1 - _faintness(grid.beyond)
    has_lines = fine.layer is not Layer.RICH  # which is noise where a fit is good
    if has_lines:
        drawn *= 1 - _lines(grid.values, fine.span)
    if fine.layer is Layer.LEVEL:
        drawn *= 1 - _hatch(grid, grades)
    ground, white = channels(palette.ground), channels(palette.white)
    light -= ground
    light *= drawn[..., None]
    light += ground
    _light_up(light, _edge(grid.beyond), white)
    _light_up(light, np.broadcast_to(_money(fine, cells[0], size[0]), known.shape), white)
    found: Pixels = np.where(known[..., None], light + np.float32(0.5), ground).astype(np.uint8)
    return _labelled(found, grid, fine.span, size[1] / cells[1] * LETTER) if has_lines else found


def _light_up(light: Light, share: Light, white: Light) -> None:
    """Takes some pixels towards a colour."""
    rows, columns = np.nonzero(share)
    light[rows, columns] += (white - light[rows, columns]) * share[rows, columns][:, None]


def _stretched(fine: HeatView, cells: tuple[int, int], size: tuple[int, int]) -> Grid:
    """Between the values that are known: the first and the last of them stand in the middle of the outermost half cells, as in cells."""
    rows, columns = fine.values.shape
    down = _places(size[1], 2 * cells[1], rows)
    across = _places(size[0], cells[0], columns)
    return Grid(_between(fine.values, down, across), _between(fine.beyond, down, across), fine.row_of[np.round(down).astype(int)])


def _places(pixels: int, cells: int, count: int) -> Floats:
    """Where each pixel stands among the values."""
    share = ((np.arange(pixels) + 0.5) / pixels * cells - 0.5) / max(cells - 1, 1)
    found: Floats = np.clip(share, 0, 1) * (count - 1)
    return found


def _between(values: Floats, down: Floats, across: Floats) -> Light:
    top, left = np.minimum(down.astype(int), len(values) - 2), np.minimum(across.astype(int), values.shape[1] - 2)
    below, right = (down - top)[:, None], (across - left)[None, :].astype(np.float32)
    rows = (values[top] * (1 - below) + values[top + 1] * below).astype(np.float32)
    found: Light = rows[:, left] * (1 - right) + rows[:, left + 1] * right
    return found


def _coloured(values: Light, span: Span, palette: Palette) -> Light:
    if span.diverges:
        ramp = palette.diverging_ramp(STEPS - 1)
    elif palette.dark:
        ramp = palette.heat_ramp(round(STEPS / (1 - FLOOR)))[-STEPS:]
    else:
        ramp = palette.heat_ramp(round(STEPS / CEILING))[:STEPS]
    share = np.clip((values - np.float32(span.low)) / np.float32(span.high - span.low), 0, 1)
    found: Light = light_of(ramp)[(share * (ramp.size - 1) + np.float32(0.5)).astype(np.int32)]
    return found


def _slope(values: Light) -> Light:
    """By how much a value differs from its neighbours, at most."""
    found = np.full(values.shape, 1e-9, np.float32)
    across, down = np.abs(np.diff(values, axis=1)), np.abs(np.diff(values, axis=0))
    for area, change in (
        ((slice(None), slice(1, None)), across),
        ((slice(None), slice(None, -1)), across),
        ((slice(1, None), slice(None)), down),
        ((slice(None, -1), slice(None)), down),
    ):
        np.fmax(found[area], change, out=found[area])
    return found


def _step(span: Span) -> float:
    return round_step(span.high - span.low, LEVELS)


def _lines(values: Light, span: Span) -> Light:
    """Lines of a pixel's width where a round level is crossed; none where they would touch one another."""
    level = values / np.float32(_step(span))
    slope = _slope(level)
    nearest = np.round(level)
    cover = np.clip(np.float32(1.05) - np.abs(level - nearest) / slope, 0, 1) * np.clip(2 - slope * np.float32(CLOSEST), 0, 1)
    cover *= slope > FLAT
    if span.diverges:
        cover *= np.where(nearest == 0, np.float32(ZERO_LINE / LINE), np.float32(1))
    found: Light = np.nan_to_num(cover) * np.float32(LINE)
    return found


def _faintness(beyond: Light) -> Light:
    """Beyond the quotes colours sink into the ground, the further the more."""
    share = FAINT + (FAINTEST - FAINT) * np.minimum(beyond / np.float32(FAR), 1)
    found: Light = (np.where(beyond > 0, share, 0) * np.clip(beyond / _slope(beyond) + np.float32(0.2), 0, 1)).astype(np.float32)
    return found


def _edge(beyond: Light) -> Light:
    """A line where the quotes end."""
    found: Light = np.where(beyond > 0, np.clip(np.float32(1.6) - beyond / _slope(beyond), 0, 1) * np.float32(EDGE), np.float32(0))
    return found


def _money(fine: HeatView, columns: int, width: int) -> Light:
    """A line where the money is."""
    place = (fine.money * (columns - 1) + 0.5) / columns * width
    found: Light = (np.clip(1.2 - np.abs(np.arange(width) + 0.5 - place), 0, 1) * MONEY).astype(np.float32)
    return found


def _hatch(grid: Grid, grades: tuple[Grade, ...]) -> Light:
    """Stripes over what a poor fit says."""
    poor = np.array([grade is Grade.POOR for grade in grades])[grid.owners.astype(int)]
    rows, columns = grid.values.shape
    stripe = (np.arange(rows)[:, None] + np.arange(columns)[None, :]) % HATCH_EVERY < 2
    found: Light = (stripe & poor[:, None]) * np.float32(HATCH)
    return found


# -- labels -----------------------------------------------------------------------------------------------------------------


def _labelled(pixels: Pixels, grid: Grid, span: Span, letter: float) -> Pixels:
    """The lines with their levels written beside them, where there is room."""
    from PIL import Image, ImageDraw

    from optix_tui.pictures.lettering import font_of

    image = Image.fromarray(pixels)
    drawing, font = ImageDraw.Draw(image), font_of(round(letter, 1))
    for x, y, text in _places_of_labels(grid, span, letter):
        under = int.from_bytes(pixels[round(y), round(x + letter / 2)].tobytes(), "big")
        drawing.text((x + letter * 0.25, y), text, fill="black" if luminance(under) > LIGHT_GROUND else "white", font=font, anchor="lm")
    return np.asarray(image)


def _places_of_labels(grid: Grid, span: Span, letter: float) -> list[tuple[float, float, str]]:
    """Where a line crosses one of two rows, well within the quotes and with room to the next one."""
    step = _step(span)
    rows, columns = grid.values.shape
    found: list[tuple[float, float, str]] = []
    for share in ROWS_OF_LABELS:
        y = round(share * (rows - 1))
        level = grid.values[y] / step
        with np.errstate(invalid="ignore"):
            crossed = np.flatnonzero(np.floor(level[1:]) != np.floor(level[:-1]))
        for x, following in pairwise([*crossed.tolist(), columns]):
            if not np.isfinite(level[x] + level[x + 1]) or grid.beyond[y, x] > 0:
                continue
            value = float(np.floor(max(level[x], level[x + 1]))) * step
            text = f"{value:+.4g}" if span.diverges and value else f"{value:.4g}"
            if following - x > letter * 0.62 * (len(text) + 1):
                found.append((x, y, text))
    return found
