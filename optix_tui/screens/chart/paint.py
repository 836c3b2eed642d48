"""Draws a chart: candles at an eighth of a cell, lines in dots, volume below, prices at the right, New York time at the bottom."""

from math import isfinite

import numpy as np

from engine.domain.columns import Floats
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.chart.view import ChartKind, ChartView, Room
from optix_tui.theme import Palette


def paint_chart(canvas: Canvas, view: ChartView, palette: Palette) -> None:
    """The whole chart."""
    room = view.room
    _paint_grid(canvas, view, room, palette)
    plot = canvas.window(0, room.top, room.columns, room.rows)
    _paint_bands(canvas, view, room, palette)
    if view.kind is ChartKind.CANDLES:
        _paint_candles(plot, view, palette)
    else:
        _paint_line(plot, view, palette)
    if room.volume_rows and isfinite(view.volume_top):
        _paint_volume(canvas.window(0, room.volume_top, canvas.width, room.volume_rows), view, room, palette)
    _paint_vwap(plot, view, palette)
    _paint_tags(canvas, view, room, palette)
    if room.top:
        _paint_readout(canvas, view, palette)


def _row(view: ChartView, room: Room, price: float) -> int:
    """The row a price stands in, from the top of the canvas; beyond the plot where the price is out of sight."""
    share = float(view.scale.share(price))
    return room.top + int(np.floor(share * room.rows)) if np.isfinite(share) and 0 <= share < 1 else -1


def _middles(view: ChartView) -> Floats:
    """Where each bar's middle stands, in dots."""
    places = np.arange(view.close.size, dtype=np.float64)
    found: Floats = places * view.pitch if view.kind is ChartKind.LINE else places * view.pitch * 2 + _body(view)
    return found


def _body(view: ChartView) -> int:
    """Columns of a candle's body: odd, so that the wick stands in its middle."""
    return max(view.pitch - 1, 1)


def _column(view: ChartView, bar: int) -> int:
    """The column in whose middle a bar stands."""
    return bar * view.pitch // 2 if view.kind is ChartKind.LINE else bar * view.pitch + _body(view) // 2


def _paint_grid(canvas: Canvas, view: ChartView, room: Room, palette: Palette) -> None:
    for price, text in view.price_marks:
        row = _row(view, room, price)
        if row >= 0:
            canvas.across(row, 0, room.columns, "┈", palette.grid)
            if room.axis:
                canvas.right(canvas.width, row, text, palette.dim)
    for mark in view.time_marks:
        column = _column(view, mark.bar)
        if mark.parts and room.top:
            canvas.down(column - (1 if view.kind is ChartKind.CANDLES else 0), room.top, room.rows + room.volume_rows, "┊", palette.rule)
        if mark.text and room.top and column + len(mark.text) <= canvas.width:
            fore = palette.text if mark.parts else palette.dim
            canvas.text(column, room.time_row, mark.text, fore)


def _paint_bands(canvas: Canvas, view: ChartView, room: Room, palette: Palette) -> None:
    for band in view.bands:
        row = _row(view, room, band.price)
        if row < 0:
            continue
        canvas.across(row, 0, room.columns, "╌", mix(palette.vol, palette.ground, 0.45))
        if room.axis:
            canvas.text(1, row, f" {band.text} ", palette.vol)
            canvas.right(canvas.width, row, f"{band.price_text:>{room.axis}}", palette.vol)


def _paint_candles(plot: Canvas, view: ChartView, palette: Palette) -> None:
    rows = plot.height
    shares = [np.asarray(view.scale.share(line)) * rows for line in (view.high, np.fmax(view.open, view.close))]
    shares += [np.asarray(view.scale.share(line)) * rows for line in (np.fmin(view.open, view.close), view.low)]
    rises = np.nan_to_num(view.close) >= np.nan_to_num(view.open)
    body = _body(view)
    for bar, (high, top, bottom, low) in enumerate(np.column_stack(shares).tolist()):
        if isfinite(top) and isfinite(bottom):
            fore = palette.up if rises[bar] else palette.down
            _paint_candle(plot, bar * view.pitch, body, (high, top, bottom, low), fore, solid=bool(rises[bar]))


def _paint_candle(plot: Canvas, x: int, body: int, levels: tuple[float, float, float, float], fore: int, *, solid: bool) -> None:
    """One candle. A cell holds either a part of the body or a wick: where a wick leaves the body, its edge goes to the cell's."""
    high, top, bottom, low = levels
    above, below = top - high >= 0.3, low - bottom >= 0.3
    first = float(round(top)) if above else round(top * 8) / 8
    last = float(round(bottom)) if below else round(bottom * 8) / 8
    middle = x + body // 2
    flat = bottom - top < 0.125 or last - first < 0.125
    first_row = int(first)
    if flat:
        first_row = min(max(int((top + bottom) / 2), 0), plot.height - 1)
        first, last = float(first_row), float(first_row + 1)
    if above:
        _paint_wick(plot, middle, high, first, fore, upward=True)
    if below:
        _paint_wick(plot, middle, last, low, fore, upward=False)
    if flat:
        joint = {(True, True): "┼", (True, False): "┴", (False, True): "┬", (False, False): "─"}[above, below]
        plot.text(x, first_row, "─" * body, fore)
        plot.text(middle, first_row, joint, fore)
    elif is_monochrome() and not solid:
        for row in range(first_row, max(int(np.ceil(last)), first_row + 1)):
            plot.text(x, row, "░" * body, fore)
    else:
        plot.column(x, first, last, fore, body)


def _paint_wick(plot: Canvas, x: int, top: float, bottom: float, fore: int, *, upward: bool) -> None:
    """A wick between two heights, half a cell long where it ends in one."""
    first, last = int(np.floor(top + 0.25)), int(np.ceil(bottom - 0.25))
    plot.down(x, first, last - first, "│", fore, hard=True)
    if upward and top - first > 0.25 and 0 <= first < plot.height:
        plot.text(x, first, "╷", fore)
    if not upward and last - bottom > 0.25 and 0 <= last - 1 < plot.height:
        plot.text(x, last - 1, "╵", fore)


def _paint_line(plot: Canvas, view: ChartView, palette: Palette) -> None:
    heights = view.scale.share(view.close) * (plot.height * 4 - 1)
    _paint_area(plot, view, heights / 4, palette)
    plot.polyline(_middles(view), heights, palette.text)


def _paint_area(plot: Canvas, view: ChartView, rows: Floats, palette: Palette) -> None:
    """A faint ground below the line."""
    known = np.isfinite(rows)
    if not known.any():
        return
    middles = _middles(view)[known] / 2
    columns = np.arange(min(int(middles[-1]) + 1, plot.width))
    edge = np.interp(columns + 0.5, middles, rows[known])
    below = np.arange(plot.height)[:, None] > edge[None, :]
    plot.back[:, : columns.size][below] = mix(palette.ground, palette.text, 0.07)


def _paint_vwap(plot: Canvas, view: ChartView, palette: Palette) -> None:
    across, heights = _middles(view), view.scale.share(view.vwap) * (plot.height * 4 - 1)
    same = view.sessions[1:] == view.sessions[:-1]
    plot.lines(across[:-1][same], heights[:-1][same], across[1:][same], heights[1:][same], palette.call)


def _paint_volume(pane: Canvas, view: ChartView, room: Room, palette: Palette) -> None:
    up, down = mix(palette.up, palette.ground, 0.55), mix(palette.down, palette.ground, 0.55)
    height = np.nan_to_num(view.volume) / view.volume_top * (pane.height - 0.25)
    if view.kind is ChartKind.CANDLES:
        rises = np.nan_to_num(view.close) >= np.nan_to_num(view.open)
        for bar, tall in enumerate(height.tolist()):
            pane.column(bar * view.pitch, pane.height - tall, pane.height, up if rises[bar] else down, _body(view))
    else:
        columns = (np.arange(height.size) * view.pitch // 2).astype(int)
        best = np.zeros(columns[-1] + 1)
        np.maximum.at(best, columns, height)
        for column in np.unique(columns).tolist():
            pane.column(column, pane.height - best[column], pane.height, mix(palette.dim, palette.ground, 0.35))
    if room.axis:
        pane.right(pane.width, 0, _volume_label(view.volume_top), palette.dim)
        pane.right(pane.width, pane.height - 1, "Vol", palette.mute)


def _volume_label(value: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.1f}{letter}"
    return f"{value:.0f}"


def _paint_tags(canvas: Canvas, view: ChartView, room: Room, palette: Palette) -> None:
    """The last price as a solid tag with a line to it, and the crosshair's."""
    fore = palette.up if view.last_rises else palette.down
    row = _row(view, room, view.last)
    if row >= 0:
        cells = canvas.glyph[row, : room.columns]
        free = (cells == ord(" ")) | (cells == ord("┈"))
        cells[free] = ord("╌")
        canvas.fore[row, : room.columns][free] = mix(fore, palette.ground, 0.45)
        if room.axis:
            canvas.text(room.columns, row, f"◀{view.last_text:>{room.axis - 1}}", palette.ink, fore, bold=True)
    if view.crosshair is None:
        return
    column = _column(view, view.crosshair)
    for y in range(room.top, room.time_row):
        if 0 <= column < room.columns and canvas.glyph[y, column] in (ord(" "), ord("┈"), ord("┊"), ord("╌")):
            canvas.down(column, y, 1, "┊", palette.bright)
    price = float(view.close[view.crosshair])
    level = _row(view, room, price)
    if level >= 0 and room.axis:
        canvas.text(room.columns, level, f" {view.crosshair_text:>{room.axis - 1}}", palette.ink, palette.bright, bold=True)


def _paint_readout(canvas: Canvas, view: ChartView, palette: Palette) -> None:
    """The chosen bar, or the newest one, in numbers; where there is no room the close stays longest."""
    read = view.readout
    parts = [("O", read.open, palette.text), ("H", read.high, palette.text), ("L", read.low, palette.text)]
    parts += [("C", read.close, palette.white), ("", read.change_text, palette.signed(read.change)), ("V", read.volume, palette.text)]
    if view.vwap.size and np.isfinite(view.vwap).any():
        parts.append(("VWAP", read.vwap, palette.call))
    room = canvas.width - len(read.when) - 2
    for dropped in ("VWAP", "V", "O", "H", "L", ""):
        if sum(len(label) + len(text) + 3 for label, text, _ in parts) <= room:
            break
        parts = [part for part in parts if part[0] != dropped]
    x = canvas.text(1, 0, read.when, palette.security if read.is_crosshair else palette.dim, bold=read.is_crosshair)
    for label, text, fore in parts:
        x = canvas.put(x + 2, 0, (f"{label} " if label else "", palette.dim), (text, fore))
    note = " · ".join(view.notes)
    if note and x + len(note) + 3 < canvas.width:
        canvas.right(canvas.width - 1, 0, note, palette.dim)
