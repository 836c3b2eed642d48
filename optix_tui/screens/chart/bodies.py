"""Many upright bars and wicks at once: what a candle chart has hundreds of."""

from typing import Any

import numpy as np

from engine.domain.columns import Floats, Ints
from optix_tui.canvas import LOWER_EIGHTHS, Canvas

_EIGHTHS = np.array([ord(glyph) for glyph in LOWER_EIGHTHS], np.uint32)
_SPACE, _FULL, _SLIVER, _WICK, _CUT_ABOVE, _CUT_BELOW = (ord(glyph) for glyph in " █━│╷╵")


def fill_columns(canvas: Canvas, x: Any, top: Floats, bottom: Floats, fore: Ints, width: int = 1) -> None:
    """Upright bars from ``top`` down to ``bottom`` (rows, fractions welcome), each ``width`` columns from its ``x`` on."""
    with np.errstate(invalid="ignore"):
        drawn = np.isfinite(top) & np.isfinite(bottom) & (bottom > top)
    if not drawn.any() or not canvas.height:
        return
    rows = np.arange(canvas.height)[:, None]
    above = np.clip(top[drawn][None, :] - rows, 0, 1)
    below = np.clip(bottom[drawn][None, :] - rows, 0, 1)
    row, bar = np.nonzero(below > above)
    start, end = above[row, bar], below[row, bar]
    reaches_down, reaches_up = end > 0.999, start < 0.001
    lower = _EIGHTHS[np.round((1 - start) * 8).astype(int)]
    upper = _EIGHTHS[8 - np.round(end * 8).astype(int)]
    upper = np.where(upper == _SPACE, _FULL, np.where(upper == _FULL, _SPACE, upper))
    glyph = np.where(reaches_down, lower, np.where(reaches_up, upper, _SLIVER))
    inverted = ~reaches_down & reaches_up & (glyph != _FULL)
    colours, left = fore[drawn][bar], np.asarray(x)[drawn][bar]
    for step in range(width):
        _lay(canvas, row, left + step, glyph, colours, inverted)


def _lay(canvas: Canvas, row: Any, column: Any, glyph: Any, fore: Any, inverted: Any) -> None:
    inside = (column >= 0) & (column < canvas.width) & (glyph != _SPACE)
    place = (row[inside], column[inside])
    turned = inverted[inside]
    canvas.glyph[place], canvas.hard[place], canvas.attributes[place] = glyph[inside], True, 0
    ground = canvas.back[place]
    canvas.fore[place] = np.where(turned, ground, fore[inside])
    canvas.back[place] = np.where(turned, fore[inside], ground)


def draw_wicks(canvas: Canvas, x: Ints, high: Floats, body_top: Floats, body_bottom: Floats, low: Floats, fore: Ints) -> None:
    """Wicks above and below whole-cell bodies (NaN: none on that side); one that ends in the middle of a cell is cut there."""
    rows = np.arange(canvas.height)[:, None]
    with np.errstate(invalid="ignore"):
        first, last = np.floor(high + 0.25), np.ceil(low - 0.25)
        upper = (rows >= first) & (rows < body_top)
        lower = (rows >= body_bottom) & (rows < last)
        cut_above = upper & (rows == first) & (high - first > 0.25)
        cut_below = lower & (rows == last - 1) & (last - low > 0.25)
    inside = (x >= 0) & (x < canvas.width)
    for mask, glyph in ((upper | lower, _WICK), (cut_above, _CUT_ABOVE), (cut_below, _CUT_BELOW)):
        row, bar = np.nonzero(mask & inside)
        canvas.glyph[row, x[bar]], canvas.fore[row, x[bar]], canvas.hard[row, x[bar]] = glyph, fore[bar], True
