"""Draws the overview: boards at the left, what moves them at the right; in a small tile the boards under one line."""

from collections.abc import Callable, Sequence
from itertools import zip_longest

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.screens.axis import Scale
from optix_tui.screens.columns import QuoteRow, chosen, widened
from optix_tui.screens.home.view import COLUMNS, NEAR_DAYS, HomeView, Mover
from optix_tui.screens.painting import (
    colour,
    paint_band,
    paint_blocks,
    paint_cell,
    paint_header,
    paint_line,
    paint_mark,
    paint_thumb,
)
from optix_tui.screens.table import Cell, Cursor, Placed, fit
from optix_tui.theme import Palette

WIDE = 118
SIDE_SHARE = 0.36
LEAST_SIDE, MOST_SIDE = 44, 64
TERM_ROWS = 8
LEAST_BELOW, LEAST_HALF = 6, 38
"""Rows left under the boards, and columns of each half, from which on they are used."""
LEAST_DAY_ROWS = 8
DAY_WIDTH, DAY_HEIGHT = 30, 8
"""At least so many cells for the day of one name."""


def paint_home(canvas: Canvas, view: HomeView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """The whole overview."""
    if canvas.width < WIDE or canvas.height < 14:
        _paint_small(canvas, view, palette, settle)
        return
    side = min(max(round(canvas.width * SIDE_SHARE), LEAST_SIDE), MOST_SIDE)
    left = canvas.width - side - 1
    below = canvas.height - len(view.lines) - 2
    lines = canvas.height - 1 if below < LEAST_DAY_ROWS else len(view.lines)
    _paint_boards(canvas.window(0, 0, left, lines + 1), view, palette, settle(1, lines))
    if lines < canvas.height - 1:
        _paint_days(canvas.window(0, lines + 2, left, canvas.height - lines - 2), view, palette)
    _paint_side(canvas.window(left + 1, 0, side, canvas.height), view, palette)


def _paint_small(canvas: Canvas, view: HomeView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    strip = 1 if canvas.height > 8 else 0
    if strip:
        _paint_strip(canvas, view, palette)
    rows = canvas.height - strip - 1
    below = rows - len(view.lines) - 1
    if below < LEAST_BELOW:
        _paint_boards(canvas.window(0, strip, canvas.width, rows + 1), view, palette, settle(strip + 1, rows))
        return
    _paint_boards(canvas.window(0, strip, canvas.width, len(view.lines) + 1), view, palette, settle(strip + 1, len(view.lines)))
    _paint_below(canvas.window(0, canvas.height - below, canvas.width, below), view, palette)


def _paint_strip(canvas: Canvas, view: HomeView, palette: Palette) -> None:
    """Session and term in one line: whole words, as many as fit."""
    x = 1
    for cell, following in zip_longest(view.strip, view.strip[1:], fillvalue=Cell("")):
        belongs = len(following.text) if cell.tone == "dim" else 0
        if x + len(cell.text.rstrip()) + belongs > canvas.width:
            return
        x = canvas.put(x, 0, (cell.text, colour(palette, cell.tone), None, cell.bold))


def _paint_below(canvas: Canvas, view: HomeView, palette: Palette) -> None:
    """What moves the market under the boards of a tile that is narrow and high."""
    if canvas.width < 2 * LEAST_HALF:
        _paint_events(canvas, _paint_all_movers(canvas, 0, view, palette), view, palette)
        return
    half = canvas.width // 2
    left, right = canvas.window(0, 0, half, canvas.height), canvas.window(half + 1, 0, canvas.width - half - 1, canvas.height)
    y = _paint_term(left, 0, view, palette) + 1 if view.term or view.volatility_index else 0
    _paint_events(left, y, view, palette)
    _paint_all_movers(right, 0, view, palette)


def _paint_boards(canvas: Canvas, view: HomeView, palette: Palette, cursor: Cursor) -> None:
    columns = widened(fit(chosen(COLUMNS), canvas.width))
    paint_header(canvas, 0, columns, palette)
    body = canvas.window(0, 1, canvas.width, canvas.height - 1)
    for row, line in enumerate(view.lines[cursor.top : cursor.top + body.height]):
        if isinstance(line, str):
            paint_band(body, row, line, palette)
        else:
            if cursor.top + row == cursor.row:
                body.fill(0, row, body.width, 1, palette.chosen(has_keys=cursor.has_keys))
            _paint_row(body, row, line, columns, palette)
    paint_thumb(body, len(view.lines), cursor.top, palette)


def _paint_row(body: Canvas, y: int, row: QuoteRow, columns: Sequence[Placed[QuoteRow]], palette: Palette) -> None:
    for placed in columns:
        paint_cell(body, y, placed, placed.column.cell(row), palette, faint=row.is_pale)


def _paint_days(canvas: Canvas, view: HomeView, palette: Palette) -> None:
    """The day of as many names as there is room for, each against its last close."""
    paint_band(canvas, 0, "TODAY", palette, note="┈ last close")
    across, down = max(canvas.width // DAY_WIDTH, 1), max((canvas.height - 1) // DAY_HEIGHT, 1)
    wide, high = canvas.width // across, (canvas.height - 1) // down
    rows = [line for line in view.lines if not isinstance(line, str) and line.quote is not None and line.quote.day_line.size > 1]
    for place, row in enumerate(rows[: across * down]):
        y, x = divmod(place, across)
        _paint_day(canvas.window(x * wide, 1 + y * high, wide - 1, high), row, palette)


def _paint_day(canvas: Canvas, row: QuoteRow, palette: Palette) -> None:
    quote = row.quote
    assert quote is not None  # only such rows are handed over
    fore = palette.signed(quote.change)
    canvas.put(
        1, 0, (f"{row.symbol:<6}", palette.bright, None, True), (f" {written.money(quote.last, quote.security.tick)}", palette.white)
    )
    canvas.right(canvas.width - 1, 0, f"{written.arrow(quote.change)} {written.signed_percent(quote.change_fraction)}", fore)
    plot = canvas.window(1, 1, canvas.width - 2, canvas.height - 2)
    scale = Scale.around([*quote.day_line, quote.previous_close], margin=0.02)
    if scale is None or plot.height < 1:
        return
    close = float(scale.share(quote.previous_close))
    if np.isfinite(close):
        plot.across(round(close * (plot.height - 1)), 0, plot.width, "┈", palette.mute)
    paint_line(plot, quote.day_line, scale, palette.faded(fore, 0.1))


def _paint_side(canvas: Canvas, view: HomeView, palette: Palette) -> None:
    y = paint_blocks(canvas.window(0, 0, canvas.width, canvas.height), (view.session,), palette) + 1
    if view.term or view.volatility_index:
        y = _paint_term(canvas, y, view, palette) + 1
    _paint_events(canvas, _paint_all_movers(canvas, y, view, palette), view, palette)


def _paint_all_movers(canvas: Canvas, y: int, view: HomeView, palette: Palette) -> int:
    y = _paint_movers(canvas, y, ("MOVERS", "Chg%"), view.movers, palette)
    y = _paint_movers(canvas, y, ("VOLATILITY MOVERS", "ΔIV30 in points since last close"), view.volatility_movers, palette)
    return _paint_movers(canvas, y, ("RICH AND POOR", "IVR highest · lowest"), view.ranks, palette, tone="vol")


def _paint_term(canvas: Canvas, y: int, view: HomeView, palette: Palette) -> int:
    """The forwards of the volatility index as a line over the square root of time, each expiry marked and written."""
    paint_band(canvas, y, "VIX TERM", palette, note=view.term_text)
    y += 1
    index = view.volatility_index.quote if view.volatility_index else None
    if index is not None:
        arrow = "▲" if index.change > 0 else "▼" if index.change < 0 else " "
        canvas.put(
            1,
            y,
            ("spot ", palette.dim),
            (f"{index.last:.2f}" if np.isfinite(index.last) else "—", palette.white, None, True),
            (f" {arrow} {index.change:+.2f}" if np.isfinite(index.change) else "", palette.signed(index.change)),
        )
    scale = Scale.around([point.level for point in view.term], margin=0.12)
    rows = min(TERM_ROWS, canvas.height - y - 3)
    if scale is None or len(view.term) < 2 or rows < 4:
        canvas.right(canvas.width - 1, y, "" if view.term else "no expiries known", palette.dim)
        return y + 1
    plot = canvas.window(3, y + 1, canvas.width - 6, rows - 1)
    roots = np.sqrt([point.days for point in view.term])
    places = (roots - roots[0]) / max(roots[-1] - roots[0], 1e-9)
    levels = np.array([point.level for point in view.term])
    paint_line(plot, levels, scale, palette.vol, places=places)
    taken = -99
    for place, point, share in zip(places.tolist(), view.term, scale.share(levels).tolist(), strict=True):
        paint_mark(plot, place, share, palette.white)
        x = 3 + round(place * (plot.width - 1))
        if x - 2 > taken and x + 4 < canvas.width:
            canvas.text(x - 2, y + rows, f"{point.days:.0f}d", palette.dim)
            above = y + 1 + round(share * (plot.height - 1)) - 1
            canvas.text(x - 2, max(above, y), f"{point.level:.2f}", palette.vol)
            taken = x + 5
    return y + rows + 1


def _paint_movers(
    canvas: Canvas,
    y: int,
    heading: tuple[str, str],
    movers: tuple[tuple[Mover, ...], tuple[Mover, ...]],
    palette: Palette,
    *,
    tone: str = "",
) -> int:
    """Two columns: what rose most and what fell most."""
    if not any(movers) or y >= canvas.height - 1:
        return y
    paint_band(canvas, y, heading[0], palette, note=heading[1])
    half = canvas.width // 2
    for side, column in enumerate(movers):
        for line, mover in enumerate(column):
            x = 1 + side * half
            fore = colour(palette, tone) if tone else palette.signed(mover.value)
            mark = "" if tone else "▲ " if mover.value > 0 else "▼ "
            canvas.text(x, y + 1 + line, mover.symbol, palette.bright)
            canvas.right(x + half - 5, y + 1 + line, f"{mark}{mover.text}", fore)
    return y + 2 + max(len(column) for column in movers)


def _paint_events(canvas: Canvas, y: int, view: HomeView, palette: Palette) -> None:
    if not view.events or y >= canvas.height - 1:
        return
    paint_band(canvas, y, "EVENTS", palette, note="from the feed")
    for line, event in enumerate(view.events[: canvas.height - y - 1]):
        near = event.days <= NEAR_DAYS
        when = "today" if event.days == 0 else f"{event.days}d"
        canvas.put(
            1,
            y + 1 + line,
            (f"{event.day:%d-%b}  ", palette.security if near else palette.text),
            (f"{when:>5}  ", palette.white if near else palette.dim),
            (f"{event.symbol:<6}", palette.bright),
            (f" {event.what}", palette.alert if event.what == "earnings" else palette.text),
            (f"  {event.detail}", palette.dim),
        )
