"""Draws the map of volume and open interest: numbers on a ground as hot as they are large, or half blocks two rows to a line."""

from collections import Counter
from collections.abc import Callable
from math import isfinite
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Ints
from engine.domain.instruments import Settlement
from optix_tui import format as written
from optix_tui.canvas import Canvas, Span
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.interest.view import InterestView, Layer, Rights, level_text, value_text
from optix_tui.screens.painting import paint_thumb
from optix_tui.screens.table import Cursor
from optix_tui.theme import Palette

LABEL, CELL, WIDEST_CELL, TOTAL, WIDEST_TOTAL, NUMBER = 8, 7, 13, 28, 80, 7
LEAST_WIDTH_WITH_TOTALS = 76
HEAD, FOOT = 3, 2
FAR_DAYS = 300
"""From here on an expiry is called by month and year: a day and a month would be of next year too."""
STRONGEST = 0.62
"""How far the hottest cell's ground goes towards its colour."""


class Rooms(NamedTuple):
    """What goes where: few expiries get wider cells, and the totals by strike what is left of the width."""

    shown: int
    """Expiries."""
    lines: int
    """Of strikes."""
    cell: int
    total: int
    """Columns of the totals at the right; 0 where there is no room."""


def rooms(width: int, height: int, expiries: int) -> Rooms:
    """How so many cells are shared out."""
    total = TOTAL if width >= LEAST_WIDTH_WITH_TOTALS else 0
    room = width - LABEL - total - 1
    shown = max(min(room // CELL, max(expiries, 1)), 1)
    cell = min(max(room // shown, CELL), WIDEST_CELL)
    if total:
        total = min(max(width - LABEL - shown * cell - 1, TOTAL), WIDEST_TOTAL)
    return Rooms(shown, max(height - HEAD - FOOT, 1), cell, total)


def first_expiry(view: InterestView, shown: int) -> int:
    """The first expiry in sight: the chosen one stays on the screen."""
    count = len(view.series)
    return min(max(view.preferences.column - shown + 1, 0), max(count - shown, 0))


def paint_interest(canvas: Canvas, view: InterestView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """The whole screen."""
    room = rooms(canvas.width, canvas.height, len(view.series))
    lines = room.lines
    finer = view.preferences.is_finer and not is_monochrome()
    cursor = settle(HEAD, lines * 2 if finer else lines)
    _paint_tabs(canvas, view, palette)
    if view.note:
        canvas.paragraph(1, HEAD, view.note, palette.alert)
        return
    first = first_expiry(view, room.shown)
    expiries = range(first, min(first + room.shown, len(view.series)))
    _paint_readout(canvas, view, cursor, palette)
    _paint_expiries(canvas, view, expiries, palette, room.cell)
    body = canvas.window(0, HEAD, canvas.width, lines)
    if finer:
        _paint_finer(body, view, expiries, palette, cursor, room)
    else:
        _paint_numbers(body, view, expiries, palette, cursor, room)
    _paint_foot(canvas, view, expiries, palette, room)


def _paint_tabs(canvas: Canvas, view: InterestView, palette: Palette) -> None:
    canvas.fill(0, 0, canvas.width, 1, palette.head)
    x = 1
    for layer in Layer:
        chosen = layer is view.preferences.layer
        x = canvas.text(
            x, 0, f" {layer.value} ", palette.ink if chosen else palette.dim, palette.security if chosen else palette.head, bold=chosen
        )
    tone = {Rights.CALLS: palette.call, Rights.PUTS: palette.put}.get(view.preferences.rights, palette.text)
    x = canvas.text(x + 1, 0, f"{view.preferences.rights.value} ▾", tone, bold=True)
    room = canvas.width - x - 3
    if room > 12:
        canvas.right(canvas.width - 1, 0, view.told if len(view.told) <= room else view.told[: room - 1] + "…", palette.dim)


def _paint_readout(canvas: Canvas, view: InterestView, cursor: Cursor, palette: Palette) -> None:
    """Exactly what stands under the cursor."""
    if cursor.row >= view.levels.size or view.preferences.column >= len(view.series):
        return
    row, column = cursor.row, view.preferences.column
    series = view.series[column]
    strike = level_text(float(view.levels[row]))
    share = f"{strike} to under {level_text(float(view.levels[row]) + view.step)}" if view.shares else strike
    x = canvas.put(
        1,
        1,
        (share, palette.white, None, True),
        (f"  {written.day(series.expiry)} {series.root} {series.settlement.value}", palette.security),
    )
    for word, tone, side in (("C", palette.call, 0), ("P", palette.put, 1)):
        volume, interest, change = (float((of.calls, of.puts)[side][row, column]) for of in (view.volume, view.interest, view.change))
        parts: list[Span] = [(f"  {word} ", tone, None, True), ("OI ", palette.dim), (written.whole(interest), palette.text)]
        parts += [
            (f" vol of {view.volume_of} " if view.volume_of else " vol ", palette.dim),
            (written.whole(volume), palette.text),
            (" ΔOI ", palette.dim),
            (written.signed(change, 0), palette.text),
        ]
        if x + sum(len(part[0]) for part in parts) >= canvas.width:
            return
        x = canvas.put(x, 1, *parts)


def _paint_expiries(canvas: Canvas, view: InterestView, expiries: range, palette: Palette, cell: int) -> None:
    """Their dates; where two settle on one day, the one of the open has an A behind it."""
    canvas.text(1, 2, "Strike", palette.dim)
    days_shared = Counter(series.expiry for series in view.series)
    for place, column in enumerate(expiries):
        series, chosen = view.series[column], column == view.preferences.column
        day, month, year = written.day(series.expiry).split("-")
        text = f"{month}{year}" if view.days[column] >= FAR_DAYS else f"{day}{month}"
        text += "A" if series.settlement is Settlement.AM and days_shared[series.expiry] > 1 else ""
        end = LABEL + (place + 1) * cell - 1
        days = f"{view.days[column]}d"
        if len(text) + len(days) + 1 <= cell - 1:
            text = f"{text} {days}"
        fore = palette.ink if chosen else palette.dim if series.weekly else palette.security
        canvas.right(end, 2, f" {text}" if chosen else text, fore, palette.security if chosen else None, bold=chosen)


def _hue(view: InterestView, value: float, palette: Palette) -> int:
    if view.signed:
        return palette.up if value > 0 else palette.down
    return {Rights.CALLS: palette.call, Rights.PUTS: palette.put}.get(view.preferences.rights, palette.vol)


def _paint_label(body: Canvas, y: int, view: InterestView, row: int, cursor: Cursor, palette: Palette) -> None:
    chosen = row == cursor.row
    at_spot = row == view.spot_row and isfinite(view.spot)
    text = level_text(float(view.levels[row]))
    if chosen:
        body.fill(0, y, LABEL - 1, 1, palette.chosen(has_keys=cursor.has_keys))
    body.right(LABEL - 1, y, text, palette.white if at_spot else palette.text, bold=at_spot)
    if at_spot:
        body.text(0, y, "►", palette.white)


def _paint_numbers(body: Canvas, view: InterestView, expiries: range, palette: Palette, cursor: Cursor, room: Rooms) -> None:
    for y, row in enumerate(range(cursor.top, min(cursor.top + body.height, view.levels.size))):
        _paint_label(body, y, view, row, cursor, palette)
        for place, column in enumerate(expiries):
            value, heat = float(view.values[row, column]), float(view.heat[row, column])
            x = LABEL + place * room.cell
            if not isfinite(value):
                body.text(x + room.cell - 3, y, "·", palette.mute)
                continue
            ground = mix(palette.ground, _hue(view, value, palette), round(abs(heat) * 24) / 24 * STRONGEST)
            body.fill(x, y, room.cell, 1, ground)
            under_cursor = row == cursor.row and column == view.preferences.column
            text = value_text(value, view.preferences.layer, signed=view.signed)
            body.right(x + room.cell - 1, y, text[: room.cell - 1], palette.bright if under_cursor else palette.text, bold=under_cursor)
            if under_cursor:
                body.text(x, y, "▸", palette.bright)
        if room.total:
            _paint_total(body, y, view, row, palette, room.total)
    paint_thumb(body, view.levels.size, cursor.top, palette)


def _paint_finer(body: Canvas, view: InterestView, expiries: range, palette: Palette, cursor: Cursor, room: Rooms) -> None:
    """Two rows of strikes to a line, a colour a pixel."""
    rows = range(cursor.top, min(cursor.top + 2 * body.height, view.levels.size))
    pixels = np.full((2 * body.height, len(expiries)), palette.ground, dtype=np.int32)
    heat = view.heat[rows.start : rows.stop, expiries.start : expiries.stop]
    pixels[: len(rows)] = _colours(view, heat, palette)
    wide = np.repeat(pixels, room.cell - 1, axis=1).reshape(2 * body.height, len(expiries), room.cell - 1)
    gap = np.full((2 * body.height, len(expiries), 1), palette.ground, dtype=np.int32)
    picture: Ints = np.concatenate([gap, wide], axis=2).reshape(2 * body.height, -1).astype(np.int32)
    body.image(LABEL, 0, picture[0::2], picture[1::2])
    for y in range(min(body.height, (len(rows) + 1) // 2)):
        pair = [row for row in (cursor.top + 2 * y, cursor.top + 2 * y + 1) if row in rows]
        shown = next((row for row in pair if row in (cursor.row, view.spot_row)), pair[0])
        _paint_label(body, y, view, shown, cursor, palette)
        if cursor.row in pair and view.preferences.column in expiries:
            x = LABEL + (view.preferences.column - expiries.start) * room.cell
            body.text(x, y, "▸", palette.bright)
        if room.total:
            _paint_total(body, y, view, shown, palette, room.total)
    paint_thumb(body, -(-view.levels.size // 2), cursor.top // 2, palette)


def _colours(view: InterestView, heat: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", palette: Palette) -> Ints:
    ramp = palette.diverging_ramp() if view.signed else palette.heat_ramp()
    known = np.isfinite(heat)
    share = np.where(known, (heat + 1.0) / 2.0 if view.signed else heat, 0.0)
    found: Ints = np.where(known, ramp[(share * (ramp.size - 1) + 0.5).astype(np.int64)], palette.ground).astype(np.int32)
    return found


def _paint_total(body: Canvas, y: int, view: InterestView, row: int, palette: Palette, total: int) -> None:
    """The strike over all expiries: puts to the left, calls to the right of a middle line."""
    start = body.width - total
    calls, puts = (np.abs(np.nan_to_num(side)) for side in (view.by_strike.calls, view.by_strike.puts))
    most = float(max(calls.max(initial=0.0), puts.max(initial=0.0)))
    if most <= 0:
        return
    text = value_text(float(view.strike_totals[row]), view.preferences.layer, signed=view.signed)
    body.right(start + NUMBER, y, text, palette.dim)
    half = (total - NUMBER - 3) // 2
    middle = start + NUMBER + 1 + half
    body.bar(y, middle - half * float(puts[row]) / most, middle, mix(palette.put, palette.ground, 0.25))
    body.bar(y, middle, middle + half * float(calls[row]) / most, mix(palette.call, palette.ground, 0.25))


def _paint_foot(canvas: Canvas, view: InterestView, expiries: range, palette: Palette, room: Rooms) -> None:
    """Each expiry as a whole, and its puts over calls."""
    y = canvas.height - FOOT
    canvas.fill(0, y, canvas.width, FOOT, palette.head)
    canvas.text(1, y, "Expiry", palette.dim)
    canvas.text(1, y + 1, "P/C", palette.dim)
    for place, column in enumerate(expiries):
        end = LABEL + (place + 1) * room.cell - 1
        text = value_text(float(view.by_expiry[column]), view.preferences.layer, signed=view.signed) or written.UNKNOWN
        canvas.right(end, y, text[: room.cell - 1], palette.bright)
        canvas.right(end, y + 1, written.price(float(view.put_call[column])), palette.text)
    if room.total:
        canvas.put_right(canvas.width - 1, y, ("puts", palette.put), (" by strike ", palette.dim), ("calls", palette.call))
        left = len(view.series) - len(expiries)
        if left:
            canvas.right(canvas.width - 1, y + 1, f"{left} more expiries: ] [", palette.dim)
