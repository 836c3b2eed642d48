"""Draws HIVG: a braille line in its band, breaches marked on it, the standings at the side and a ruler from least to greatest."""

from collections.abc import Callable
from datetime import date
from math import isfinite

import numpy as np

from engine.domain.ids import UtcNanos
from engine.domain.instants import from_nanos
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.painting import paint_band, paint_header, paint_line, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.screens.volhistory.view import COLUMNS, LEAST_MARK_GAP, Histogram, HistoryView, figure, sessions_before
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 8
LEVELS, LEAST_WIDTH_WITH_LEVELS = 11, 56
"""Columns at the right for what the levels are called: nothing is written over the newest values."""
RULER_ROWS = 2


def paint_history(canvas: Canvas, view: HistoryView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    width = canvas.width - (view.side + 1 if view.side else 0)
    left = canvas.window(0, 0, width, canvas.height)
    _paint_head(left, view, palette)
    ruler = RULER_ROWS if canvas.height >= 10 else 0
    body = left.window(0, 1, width, canvas.height - 1 - ruler)
    if view.trouble:
        body.paragraph(1, 1, view.trouble, palette.alert)
    elif view.scale is not None:
        _paint_chart(body, view, view.scale, palette)
    if ruler:
        _paint_ruler(left.window(0, canvas.height - ruler, width, ruler), view, palette)
    if view.side:
        canvas.down(width, 0, canvas.height, "│", palette.grid)
        _paint_side(canvas.window(width + 1, 0, view.side, canvas.height), view, palette, settle)
    else:
        settle(0, 1)


def _paint_head(canvas: Canvas, view: HistoryView, palette: Palette) -> None:
    """The coordinate, where it stands and on how much."""
    found = view.history
    x = canvas.put(1, 0, (view.name, palette.bright, None, True), (f" {view.unit}", palette.dim))
    if view.readout and x + len(view.readout) + 2 < canvas.width:
        canvas.put(x + 2, 0, (view.readout, palette.ink, palette.security))
        return
    if found is None:
        return
    factor = 100.0 if found.in_percent else 1.0
    now = figure(found.now * factor)
    x = canvas.put(x + 2, 0, ("now ", palette.dim), (now, palette.white, None, True))
    if view.is_old:
        x = canvas.text(x, 0, f" of {written.day(from_nanos(found.now_at).date())}", palette.alert)
    if found.refusal:
        room = canvas.width - x - 4
        text = f"no rank: {found.refusal}"
        canvas.text(x + 2, 0, text if len(text) <= room else text[: max(room - 1, 0)] + "…", palette.alert)
        return
    spans = (
        ("  rank ", palette.dim),
        (f"{found.rank * 100:.0f}", palette.white),
        ("  pct ", palette.dim),
        (f"{found.percentile * 100:.0f}", palette.white),
        (f"  of {found.sessions}{'' if found.sessions == found.window else f' known of {found.window}'} sessions", palette.dim),
    )
    for text, fore in spans:
        if x + len(text) + 1 > canvas.width:
            return
        x = canvas.text(x, 0, text, fore)


def _paint_chart(canvas: Canvas, view: HistoryView, scale: Scale, palette: Palette) -> None:
    levels = LEVELS if canvas.width >= LEAST_WIDTH_WITH_LEVELS else 1
    plot = canvas.window(AXIS, 0, canvas.width - AXIS - levels, canvas.height - 1)
    if plot.width < 10 or plot.height < 3:
        return
    _paint_times(canvas, plot, view, palette)
    _paint_grid(canvas, plot, view, scale, palette)
    _paint_levels(canvas, plot, view, scale, palette, named=levels == LEVELS)
    last = max(view.value.size - 1, 1)
    places = np.arange(view.value.size) / last
    if view.companion.size:
        paint_line(plot, view.companion, scale, mix(palette.text, palette.ground, 0.4), places=places)
    paint_line(plot, view.value, scale, palette.vol, places=places)
    _paint_legend(plot, view, palette)
    for mark in view.breaches:
        share = float(scale.share(view.value[mark.place]))
        line = round(share * (plot.height - 1)) + (-1 if mark.rises else 1)
        glyph = ("▲" if mark.rises else "▼") if mark.entered else "○"
        plot.text(round(mark.place / last * (plot.width - 1)), min(max(line, 0), plot.height - 1), glyph, palette.alert, bold=mark.entered)
    if view.crosshair is not None:
        plot.down(round(view.crosshair / last * (plot.width - 1)), 0, plot.height, "┊", palette.security)


def _paint_grid(canvas: Canvas, plot: Canvas, view: HistoryView, scale: Scale, palette: Palette) -> None:
    """A tint one deviation to either side of the mean, and round levels."""
    top, bottom = (float(scale.share(view.mean + sign * view.deviation)) * plot.height for sign in (1, -1))
    if isfinite(top) and isfinite(bottom):
        first, last = max(round(top), 0), min(round(bottom), plot.height)
        plot.fill(0, first, plot.width, max(last - first, 0), mix(palette.ground, palette.vol, 0.07))
    marks = ticks(scale.low, scale.high, max(plot.height // 4, 2))
    digits = tick_digits(marks)
    for mark in marks:
        line = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.rule if mark == 0 else palette.grid)
        canvas.right(AXIS - 1, line, figure(mark, digits), palette.dim)


def _paint_levels(canvas: Canvas, plot: Canvas, view: HistoryView, scale: Scale, palette: Palette, *, named: bool) -> None:
    """The least, the greatest and the mean in sight, called by their names beside the plot, and the newest value on its own ground."""
    taken: set[int] = set()
    last = float(view.value[-1]) if view.value.size else float("nan")
    if named and isfinite(last):
        line = round(float(scale.share(last)) * (plot.height - 1))
        canvas.text(AXIS + plot.width, line, f"◂{figure(last):>9}"[:LEVELS], palette.ink, palette.vol, bold=True)
        taken.add(line)
    for level, word, fore in ((view.high, "max", palette.alert), (view.low, "min", palette.call), (view.mean, "mean", palette.dim)):
        if not isfinite(level):
            continue
        line = round(float(scale.share(level)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "╌", mix(fore, palette.ground, 0.45))
        if named and line not in taken:
            canvas.text(AXIS + plot.width, line, f"{word:<4} {figure(level):>5}"[:LEVELS], fore)
            taken.add(line)


def _paint_times(canvas: Canvas, plot: Canvas, view: HistoryView, palette: Palette) -> None:
    last, taken = max(view.value.size - 1, 1), -LEAST_MARK_GAP
    for place, text in view.marks:
        column = round(place / last * (plot.width - 1))
        if column - taken < LEAST_MARK_GAP or column + len(text) > plot.width:
            continue
        plot.down(column, 0, plot.height, "┊", palette.grid)
        canvas.text(AXIS + column, plot.height, text, palette.dim)
        taken = column


def _paint_legend(plot: Canvas, view: HistoryView, palette: Palette) -> None:
    x = plot.put(1, 0, ("⠒⠒ ", palette.vol), (view.name, palette.text))
    if view.companion.size:
        x = plot.put(x + 2, 0, ("⠒⠒ ", mix(palette.text, palette.ground, 0.4)), ("realised 1M", palette.text))
    if view.breaches:
        plot.put(x + 2, 0, ("▲▼", palette.alert), (" breach ", palette.text), ("○", palette.alert), (" over", palette.text))


def _paint_ruler(canvas: Canvas, view: HistoryView, palette: Palette) -> None:
    """From the least to the greatest of the window, with now on it."""
    found = view.history
    if found is None or not (found.high > found.low and isfinite(found.now)):
        return
    factor = 100.0 if found.in_percent else 1.0
    low, high = figure(found.low * factor), figure(found.high * factor)
    x, wide = len(low) + 3, canvas.width - len(low) - len(high) - 6
    if wide < 12:
        return
    y = 1
    canvas.text(1, y, low, palette.call)
    canvas.right(canvas.width - 1, y, high, palette.alert)
    canvas.across(y, x, wide, "─", palette.rule, hard=True)
    for share in (0.25, 0.5, 0.75):
        canvas.text(x + round(share * (wide - 1)), y, "┼", palette.rule)
    place = (found.now - found.low) / (found.high - found.low)
    column = x + round(place * (wide - 1))
    canvas.text(column, y, "◆", palette.white, bold=True)
    label = f"now {figure(found.now * factor)}"
    canvas.text(min(max(column - len(label) // 2, x), x + wide - len(label)), 0, label, palette.text)


def _paint_side(canvas: Canvas, view: HistoryView, palette: Palette, settle: Settle) -> None:
    paint_band(canvas, 0, "Where it stands", palette, note=f"{view.preferences.length} sessions")
    columns = fit(COLUMNS, canvas.width)
    paint_header(canvas, 1, columns, palette)
    lines = min(len(view.standings), max(canvas.height - 2, 0))
    cursor = settle(2, lines)
    paint_rows(canvas.window(0, 2, canvas.width, lines), columns, view.standings, palette, cursor=cursor)
    y = lines + 2
    before = sessions_before(view.standings)
    if before and y < canvas.height:
        canvas.text(1, y, before, palette.dim)
    y += 1
    refusals: dict[str, list[str]] = {}
    for row in view.standings:
        if row.history.refusal:
            refusals.setdefault(row.history.refusal, []).append(row.name)
    if refusals and y + 2 < canvas.height:
        paint_band(canvas, y, "Without a rank", palette)
        y += 1
        for why, names in refusals.items():
            if y >= canvas.height - 1:
                return
            y = canvas.paragraph(1, y, f"{', '.join(names)}: {why}", palette.dim)
        y += 1
    if view.histogram is not None and y + len(view.histogram.counts) + 2 < canvas.height:
        y = _paint_histogram(canvas, y, view, view.histogram, palette) + 1
    if view.breaches and y + 2 < canvas.height:
        paint_band(canvas, y, "Breaches in sight", palette)
        for mark in view.breaches[: canvas.height - y - 1]:
            y += 1
            arrow = ("▲" if mark.rises else "▼") if mark.entered else "○"
            when = written.day(_date(view, mark.place)) if not view.preferences.intraday else written.minute(_at(view, mark.place))
            canvas.put(1, y, (f"{arrow} ", palette.alert), (f"{when} ", palette.dim), (mark.text, palette.text))


def _paint_histogram(canvas: Canvas, y: int, view: HistoryView, bins: Histogram, palette: Palette) -> int:
    """How often it lay where, the bin of the newest value marked; returns the row after it."""
    score = (view.value[-1] - view.mean) / view.deviation if view.deviation > 0 else float("nan")
    paint_band(canvas, y, f"How often {view.name} lay where", palette, note=f"z {written.signed(float(score), 1)}")
    most, digits = max(bins.counts), 1 if bins.edges[0] - bins.edges[-1] >= 1.0 else 2
    wide = max(canvas.width - 28, 1)
    for place, count in enumerate(bins.counts):
        y += 1
        here = place == bins.now
        span = f"{figure(bins.edges[place + 1], digits)} - {figure(bins.edges[place], digits)}"
        canvas.right(15, y, span, palette.white if here else palette.dim)
        canvas.bar(y, 17, 17 + wide * count / most, palette.vol if here else palette.faded(palette.vol, 0.5))
        canvas.text(
            17 + round(wide * count / most) + 1, y, f"{count}{' ◆ now' if here else ''}"[:9], palette.white if here else palette.dim
        )
    return y + 1


def _at(view: HistoryView, place: int) -> UtcNanos:
    return UtcNanos(int(view.at[place]))


def _date(view: HistoryView, place: int) -> date:
    return from_nanos(int(view.at[place])).date()
