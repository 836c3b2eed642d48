"""Draws feed quality: state and recorder at the left, the histogram of lag at the right, names below."""

from collections.abc import Callable

from optix_tui.canvas import Canvas
from optix_tui.screens.painting import paint_band, paint_blocks, paint_header, paint_rows, wrapped
from optix_tui.screens.quality.view import COLUMNS, LagBar, QualityView
from optix_tui.screens.table import Block, Cursor, Fact, fit
from optix_tui.theme import Palette

SIDE_BY_SIDE = 90
LEAST_HISTOGRAM = 5
MOST_GAPS = 4


def paint_quality(canvas: Canvas, view: QualityView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """The whole screen; where there is little room, the table alone below a short state."""
    top = _paint_head(canvas, view, palette)
    columns = fit(COLUMNS, canvas.width)
    paint_band(canvas, top, "QUOTES BY NAME", palette, note="contracts with a verdict; one may have several")
    paint_header(canvas, top + 1, columns, palette)
    lines = max(canvas.height - top - 2, 0)
    cursor = settle(top + 2, lines)
    if view.rows:
        paint_rows(canvas.window(0, top + 2, canvas.width, lines), columns, view.rows, palette, cursor=cursor)
    else:
        canvas.text(1, top + 2, "no options were quoted yet", palette.dim)


def _paint_head(canvas: Canvas, view: QualityView, palette: Palette) -> int:
    """State, recorder, lag and gaps; returns the row below them."""
    half = canvas.width // 2
    whole = tuple(wrapped(block, half - 1) for block in (view.feed, view.recorder))
    needed = sum(block.height + 1 for block in whole)
    if canvas.width >= SIDE_BY_SIDE and canvas.height >= needed + 8:
        left = paint_blocks(canvas.window(0, 0, half - 1, canvas.height), whole, palette)
        right = canvas.window(half, 0, canvas.width - half, left)
        gaps = min(len(view.gaps), MOST_GAPS)
        _paint_lag(right.window(0, 0, right.width, right.height - gaps - 2), view, palette)
        _paint_gaps(right.window(0, right.height - gaps - 1, right.width, gaps + 1), view, palette)
        return left + 1
    facts = wrapped(view.feed, canvas.width).facts
    rows = max(min(canvas.height // 3, len(facts)), 1)
    short = Block(view.feed.title, facts[:rows] if rows == len(facts) else (*facts[: rows - 1], cut(facts[rows - 1])))
    end = paint_blocks(canvas.window(0, 0, canvas.width, short.height), (short,), palette)
    if canvas.height - end >= LEAST_HISTOGRAM + 8 and view.lag:
        _paint_lag(canvas.window(0, end, canvas.width, LEAST_HISTOGRAM + 1), view, palette)
        end += LEAST_HISTOGRAM + 1
    return end


def cut(fact: Fact) -> Fact:
    """A fact of which more would follow."""
    *before, last = fact.values
    return Fact(fact.label, (*before, last._replace(text=f"{last.text} …")))


def _paint_lag(canvas: Canvas, view: QualityView, palette: Palette) -> None:
    paint_band(canvas, 0, "LAG", palette, note=view.lag_note)
    if not view.lag or canvas.height < 4:
        return
    wide = max((canvas.width - 2) // len(view.lag), 4)
    plot = canvas.window(1, 2, canvas.width - 2, canvas.height - 3)
    for place, bar in enumerate(view.lag):
        _paint_bar(canvas, plot, place * wide, wide, bar, palette)


def _paint_bar(canvas: Canvas, plot: Canvas, x: int, wide: int, bar: LagBar, palette: Palette) -> None:
    height = bar.share * plot.height
    plot.column(x, plot.height - max(height, 0.125 if bar.batches else 0), plot.height, palette.vol, max(wide - 1, 1))
    canvas.middle(1 + x, wide - 1, canvas.height - 1, bar.label, palette.dim)
    row = 2 + int(plot.height - height) - 1
    text = f"{bar.batches:,}" if bar.batches < 10_000 else f"{bar.batches / 1000:.0f}k"
    if bar.batches:
        canvas.middle(1 + x, wide - 1, max(row, 1), text, palette.text)


def _paint_gaps(canvas: Canvas, view: QualityView, palette: Palette) -> None:
    paint_band(canvas, 0, "GAPS", palette, note="newest first")
    for row, gap in enumerate(view.gaps[: canvas.height - 1]):
        canvas.text(1, row + 1, gap, palette.text)
