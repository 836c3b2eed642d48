"""Glyphs drawn as shapes, so that neighbours join without a seam: braille dots, blocks, quadrants, shades and box-drawing lines.

Each is the share of ink in every pixel of a cell, 0 to 1. Lengths are in pixels, from the upper left corner of the cell.
"""

import unicodedata

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats

CELL_WIDTH, CELL_HEIGHT = 18, 36
"""Two pixels for each of a usual terminal's: sharp on dense displays."""
LIGHT, HEAVY = 2.0, 5.0
"""Strokes of lines."""
_MIDDLE_X, _MIDDLE_Y = CELL_WIDTH / 2, CELL_HEIGHT / 2
_DOUBLE = 4.0
"""Between the middles of a double line's two strokes."""
_ARC = _MIDDLE_X
_DOT_RADIUS = 3.4
_FINER = 4
"""Samples a pixel each way, where an edge is not upright or level."""
_BRAILLE = range(0x2800, 0x2900)
_BRAILLE_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each bit."""
_LOWER = dict(zip("▁▂▃▄▅▆▇█", range(1, 9), strict=True))
_LEFT = dict(zip("▏▎▍▌▋▊▉", range(1, 8), strict=True))
_QUADRANTS = {"▖": "c", "▗": "d", "▘": "a", "▙": "acd", "▚": "ad", "▛": "abc", "▜": "abd", "▝": "b", "▞": "bc", "▟": "bcd"}
"""a b over c d."""
_SHADES = {"░": 1, "▒": 2, "▓": 3}
_GRAIN = 3
"""Pixels of a shade's grains; cells hold whole numbers of them."""
_WEIGHTS = {"LIGHT": 1, "SINGLE": 1, "HEAVY": 2, "DOUBLE": 3}
_WAYS = {"LEFT": "L", "RIGHT": "R", "UP": "U", "DOWN": "D", "HORIZONTAL": "LR", "VERTICAL": "UD"}
_DASHES = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}


def shape(glyph: str) -> Floats | None:
    """The ink of a glyph, (CELL_HEIGHT, CELL_WIDTH); None for one that a font has to draw."""
    code = ord(glyph)
    if code in _BRAILLE:
        return _braille(code - _BRAILLE.start)
    if glyph in _LOWER:
        return _box(0, CELL_HEIGHT * (1 - _LOWER[glyph] / 8), CELL_WIDTH, CELL_HEIGHT)
    if glyph in _LEFT:
        return _box(0, 0, CELL_WIDTH * _LEFT[glyph] / 8, CELL_HEIGHT)
    if glyph in _QUADRANTS:
        return _quadrants(_QUADRANTS[glyph])
    if glyph in _SHADES:
        return _shade(_SHADES[glyph])
    match glyph:
        case "▀":
            return _box(0, 0, CELL_WIDTH, _MIDDLE_Y)
        case "▐":
            return _box(_MIDDLE_X, 0, CELL_WIDTH, CELL_HEIGHT)
        case "▔":
            return _box(0, 0, CELL_WIDTH, CELL_HEIGHT / 8)
        case "▕":
            return _box(CELL_WIDTH * 7 / 8, 0, CELL_WIDTH, CELL_HEIGHT)
    return _line_drawing(unicodedata.name(glyph).removeprefix("BOX DRAWINGS ")) if 0x2500 <= code < 0x2580 else None


def underline() -> Floats:
    """The line under an underlined cell."""
    return _box(0, CELL_HEIGHT - 5, CELL_WIDTH, CELL_HEIGHT - 3)


def missing(columns: int) -> Floats:
    """An empty frame in place of a glyph that the font does not have."""
    width = CELL_WIDTH * columns
    ink = _box(3, 6, width - 3, CELL_HEIGHT - 7, width)
    ink -= _box(5, 8, width - 5, CELL_HEIGHT - 9, width)
    return ink


def _box(left: float, top: float, right: float, bottom: float, width: int = CELL_WIDTH) -> Floats:
    """A rectangle; pixels that it covers in part have a part of the ink."""
    across = np.clip(right - np.arange(width), 0, 1) - np.clip(left - np.arange(width), 0, 1)
    down = np.clip(bottom - np.arange(CELL_HEIGHT), 0, 1) - np.clip(top - np.arange(CELL_HEIGHT), 0, 1)
    covered: Floats = down[:, None] * across[None, :]
    return covered


def _samples() -> tuple[Floats, Floats]:
    """Places within the cell, several a pixel: x of each column and y of each row."""
    x = (np.arange(CELL_WIDTH * _FINER) + 0.5) / _FINER
    y = (np.arange(CELL_HEIGHT * _FINER) + 0.5) / _FINER
    return x[None, :], y[:, None]


def _averaged(inside: NDArray[np.bool_]) -> Floats:
    shares: Floats = inside.reshape(CELL_HEIGHT, _FINER, CELL_WIDTH, _FINER).mean((1, 3))
    return shares


def _braille(bits: int) -> Floats:
    x, y = _samples()
    inside = np.zeros((CELL_HEIGHT * _FINER, CELL_WIDTH * _FINER), np.bool_)
    for bit, (column, row) in enumerate(_BRAILLE_DOTS):
        if bits >> bit & 1:
            middle_x, middle_y = (column + 0.5) * CELL_WIDTH / 2, (row + 0.5) * CELL_HEIGHT / 4
            inside[np.hypot(x - middle_x, y - middle_y) <= _DOT_RADIUS] = True
    return _averaged(inside)


def _quadrants(parts: str) -> Floats:
    ink = np.zeros((CELL_HEIGHT, CELL_WIDTH))
    for part, left, top in (("a", 0.0, 0.0), ("b", _MIDDLE_X, 0.0), ("c", 0.0, _MIDDLE_Y), ("d", _MIDDLE_X, _MIDDLE_Y)):
        if part in parts:
            ink += _box(left, top, left + _MIDDLE_X, top + _MIDDLE_Y)
    return ink


def _shade(quarters: int) -> Floats:
    """One, two or three grains of each four, in a pattern that goes on across cells."""
    across = np.arange(CELL_WIDTH)[None, :] // _GRAIN % 2
    down = np.arange(CELL_HEIGHT)[:, None] // _GRAIN % 2
    filled = {1: (across == 0) & (down == 0), 2: across == down, 3: (across == 0) | (down == 0)}[quarters]
    return np.where(filled, 1.0, 0.0)


# -- lines ------------------------------------------------------------------------------------------------------------------


def _line_drawing(name: str) -> Floats:
    """A line, dashed line, corner, tee, crossing, arc or diagonal by its Unicode name, such as ``DOWN LIGHT AND RIGHT HEAVY``."""
    words = name.split()
    if "DASH" in words:
        return _dashes(HEAVY if "HEAVY" in words else LIGHT, _DASHES[words[1]], upright="VERTICAL" in words)
    if "ARC" in words:
        return _arc(below="DOWN" in words, to_the_right="RIGHT" in words)
    if "DIAGONAL" in words:
        return _diagonals(rising="CROSS" in words or name.endswith("LOWER LEFT"), falling="CROSS" in words or name.endswith("LOWER RIGHT"))
    return _arms(_weights(name))


def _weights(name: str) -> dict[str, int]:
    """How heavy the line to each side is: a part of the name without a weight has that of the part before."""
    found: dict[str, int] = {}
    weight = 1
    for part in name.split(" AND "):
        words = part.split()
        weight = next((_WEIGHTS[word] for word in words if word in _WEIGHTS), weight)
        found |= {way: weight for word in words for way in _WAYS.get(word, "")}
    return found


def _arms(weights: dict[str, int]) -> Floats:
    """Lines from the middle to the sides; of double ones the space between is taken out last, so that corners stay closed."""
    ink = np.zeros((CELL_HEIGHT, CELL_WIDTH))
    doubles = [way for way, weight in weights.items() if weight == 3]
    for way in doubles:
        ink = np.maximum(ink, _arm(way, _DOUBLE + LIGHT, _DOUBLE + LIGHT))
    for way in doubles:
        ink = np.minimum(ink, 1 - _arm(way, _DOUBLE - LIGHT, _DOUBLE - LIGHT))
    thickest = max((LIGHT, HEAVY)[weight - 1] for weight in weights.values() if weight < 3) if len(doubles) < len(weights) else 0.0
    for way, weight in weights.items():
        if weight < 3:
            ink = np.maximum(ink, _arm(way, (LIGHT, HEAVY)[weight - 1], thickest))
    return ink


def _arm(way: str, stroke: float, over: float) -> Floats:
    """From the side to the middle, and half of ``over`` beyond it."""
    half, end = stroke / 2, over / 2
    match way:
        case "L":
            return _box(0, _MIDDLE_Y - half, _MIDDLE_X + end, _MIDDLE_Y + half)
        case "R":
            return _box(_MIDDLE_X - end, _MIDDLE_Y - half, CELL_WIDTH, _MIDDLE_Y + half)
        case "U":
            return _box(_MIDDLE_X - half, 0, _MIDDLE_X + half, _MIDDLE_Y + end)
        case _:
            return _box(_MIDDLE_X - half, _MIDDLE_Y - end, _MIDDLE_X + half, CELL_HEIGHT)


def _dashes(stroke: float, count: int, *, upright: bool) -> Floats:
    """Dashes with equal gaps: half a gap at either end, so that the rhythm goes on in the next cell."""
    length = (CELL_HEIGHT if upright else CELL_WIDTH) / count
    ink = np.zeros((CELL_HEIGHT, CELL_WIDTH))
    for place in range(count):
        start, end = round((place + 0.25) * length), round((place + 0.75) * length)
        if upright:
            ink += _box(_MIDDLE_X - stroke / 2, start, _MIDDLE_X + stroke / 2, end)
        else:
            ink += _box(start, _MIDDLE_Y - stroke / 2, end, _MIDDLE_Y + stroke / 2)
    return ink


def _arc(*, below: bool, to_the_right: bool) -> Floats:
    """A quarter of a circle between the middles of two sides."""
    x, y = _samples()
    centre_x = _MIDDLE_X + (_ARC if to_the_right else -_ARC)
    centre_y = _MIDDLE_Y + (_ARC if below else -_ARC)
    quarter = (x <= centre_x if to_the_right else x >= centre_x) & (y <= centre_y if below else y >= centre_y)
    ring = np.abs(np.hypot(x - centre_x, y - centre_y) - _ARC) <= LIGHT / 2
    straight = _box(_MIDDLE_X - LIGHT / 2, centre_y if below else 0, _MIDDLE_X + LIGHT / 2, CELL_HEIGHT if below else centre_y)
    return np.maximum(_averaged(quarter & ring), straight)


def _diagonals(*, rising: bool, falling: bool) -> Floats:
    """From corner to corner."""
    x, y = _samples()
    size = float(np.hypot(CELL_WIDTH, CELL_HEIGHT))
    inside = np.zeros((CELL_HEIGHT * _FINER, CELL_WIDTH * _FINER), np.bool_)
    if falling:
        inside |= np.abs(CELL_HEIGHT * x - CELL_WIDTH * y) / size <= LIGHT / 2
    if rising:
        inside |= np.abs(CELL_HEIGHT * (CELL_WIDTH - x) - CELL_WIDTH * y) / size <= LIGHT / 2
    return _averaged(inside)
