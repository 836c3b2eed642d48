"""Draws a chart: candles at an eighth of a cell, lines in dots, volume below, prices at the right, New York time at the bottom."""

from functools import partial
from math import isfinite

import numpy as np

from engine.domain.columns import Floats
from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.chart.bodies import draw_wicks, fill_columns
from optix_tui.screens.chart.paint_bands import paint_band_lines, paint_band_names
from optix_tui.screens.chart.view import ChartKind, ChartView, Room
from optix_tui.theme import Palette

LEAST_WICK = 0.3
"""Rows under which a wick is not drawn."""
LEAST_BODY = 0.125


def paint_chart(canvas: Canvas, view: ChartView, palette: Palette) -> None:
    """The whole chart."""
    room = view.room
    _paint_grid(canvas, view, room, palette)
    plot = canvas.window(0, room.top, room.columns, room.rows)
    paint_band_lines(canvas, view.bands, partial(_row, view, room), room, palette)
    if view.kind is ChartKind.CANDLES:
        _paint_candles(plot, view, palette)
    else:
        _paint_line(plot, view, palette)
    if room.volume_rows and isfinite(view.volume_top):
        _paint_volume(canvas.window(0, room.volume_top, canvas.width, room.volume_rows), view, room, palette)
    _paint_vwap(plot, view, palette)
    _paint_tags(canvas, view, room, palette)
    paint_band_names(canvas, view.bands, partial(_row, view, room), room, palette, tagged=_row(view, room, view.last))
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


def _paint_candles(plot: Canvas, view: ChartView, palette: Palette) -> None:
    """Bodies and wicks. A cell holds either a part of a body or a wick: where a wick leaves it, the body's edge goes to the cell's."""
    lines = (view.high, np.fmax(view.open, view.close), np.fmin(view.open, view.close), view.low)
    high, top, bottom, low = (np.asarray(view.scale.share(line)) * plot.height for line in lines)
    rises = np.nan_to_num(view.close) >= np.nan_to_num(view.open)
    fore = np.where(rises, palette.up, palette.down).astype(np.int32)
    with np.errstate(invalid="ignore"):
        above, below = top - high >= LEAST_WICK, low - bottom >= LEAST_WICK
        first = np.where(above, np.round(top), np.round(top * 8) / 8)
        last = np.where(below, np.round(bottom), np.round(bottom * 8) / 8)
        flat = (bottom - top < LEAST_BODY) | (last - first < LEAST_BODY)
        middle_row = np.clip(np.floor((top + bottom) / 2), 0, plot.height - 1)
    first, last = np.where(flat, middle_row, first), np.where(flat, middle_row + 1, last)
    left = np.arange(top.size, dtype=np.int32) * view.pitch
    body = _body(view)
    none = np.nan
    draw_wicks(plot, left + body // 2, np.where(above, high, none), first, last, np.where(below, low, none), fore)
    hollow = ~rises & ~flat if is_monochrome() else np.zeros(rises.size, bool)
    solid = ~flat & ~hollow
    fill_columns(plot, left[solid], first[solid], last[solid], fore[solid], body)
    for bar in np.flatnonzero(flat & np.isfinite(top) & np.isfinite(bottom)).tolist():
        _paint_flat(plot, int(left[bar]), body, int(first[bar]), int(fore[bar]), (bool(above[bar]), bool(below[bar])))
    for bar in np.flatnonzero(hollow & np.isfinite(top)).tolist():
        for row in range(int(first[bar]), max(int(np.ceil(last[bar])), int(first[bar]) + 1)):
            plot.text(int(left[bar]), row, "░" * body, int(fore[bar]))


def _paint_flat(plot: Canvas, x: int, body: int, row: int, fore: int, wicks: tuple[bool, bool]) -> None:
    """A bar that closed where it opened: a line, joined to its wicks."""
    joint = {(True, True): "┼", (True, False): "┴", (False, True): "┬", (False, False): "─"}[wicks]
    plot.text(x, row, "─" * body, fore)
    plot.text(x + body // 2, row, joint, fore)


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
        left, tall, wide = np.arange(height.size, dtype=np.int32) * view.pitch, height, _body(view)
        fore = np.where(rises, up, down).astype(np.int32)
    else:
        left = np.arange((height.size - 1) * view.pitch // 2 + 1, dtype=np.int32)
        tall, wide = np.zeros(left.size), 1
        np.maximum.at(tall, np.arange(height.size) * view.pitch // 2, height)
        fore = np.full(left.size, mix(palette.dim, palette.ground, 0.35), np.int32)
    fill_columns(pane, left, pane.height - tall, np.full(left.size, float(pane.height)), fore, wide)
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
    room = canvas.width - x - 4
    note = ""
    for part in filter(None, view.notes):
        longer = f"{note} · {part}" if note else part
        note = longer if len(longer) <= room else note
    canvas.right(canvas.width - 1, 0, note, palette.dim)
