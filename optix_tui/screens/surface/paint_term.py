"""Draws the term structure: three lines over the root of time, constant maturities as crosses, forward volatility in bars below."""

import numpy as np

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.painting import colour, paint_line, paint_mark
from optix_tui.screens.surface.grades import TONES, days_text, warning_tone
from optix_tui.screens.surface.term import TermView
from optix_tui.screens.surface.view import SurfaceView
from optix_tui.theme import Palette

AXIS = 7
BARS = 8
LEAST_ROWS_WITH_BARS = 20
DAYS = (1, 7, 14, 30, 60, 91, 182, 365, 730, 1095)


def paint_term(canvas: Canvas, view: SurfaceView, term: TermView, palette: Palette) -> None:
    """The whole picture."""
    bars = BARS if canvas.height >= LEAST_ROWS_WITH_BARS else 0
    _paint_readout(canvas, term, palette)
    _paint_legend(canvas, view, term, palette)
    plot = canvas.window(AXIS, 2, canvas.width - AXIS - 1, canvas.height - 3 - bars)
    if plot.width < 8 or plot.height < 3:
        return
    for bump in term.bumps:
        left, right = (round(share * (plot.width - 1)) for share in (bump.left, bump.right))
        plot.fill(left, 0, max(right - left, 1), plot.height, mix(palette.ground, palette.alert, 0.10))
    _paint_levels(canvas, plot, term.scale, 2, palette)
    _paint_days(canvas, plot, term, 2 + plot.height, palette)
    _paint_lines(plot, term, palette)
    if bars:
        _paint_bars(canvas, plot, term, 3 + plot.height, bars, palette)


def _paint_readout(canvas: Canvas, term: TermView, palette: Palette) -> None:
    row = term.rows[term.chosen]
    x = canvas.put(1, 0, (row.name, palette.security, None, True), (f" {days_text(row.days)}", palette.dim))
    if row.one.grade.value != "good":
        x = canvas.text(x + 2, 0, f"{row.one.grade.value} fit", colour(palette, TONES[row.one.grade]), bold=True)
    told = (
        ("ATM", term.atm, palette.white),
        ("25Δ put", term.put, palette.put),
        ("25Δ call", term.call, palette.call),
        ("forward vol", term.forward_vol, palette.vol),
    )
    for label, values, fore in told:
        text = _number(float(values[term.chosen]))
        if x + len(label) + len(text) + 3 > canvas.width:
            return
        x = canvas.put(x + 2, 0, (f"{label} ", palette.dim), (text, fore))


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else written.UNKNOWN


def _paint_legend(canvas: Canvas, view: SurfaceView, term: TermView, palette: Palette) -> None:
    x = canvas.put(1, 1, ("⠶", palette.white), (" ATM ", palette.dim), ("⠶", palette.put), (" 25Δ put ", palette.dim))
    x = canvas.put(x, 1, ("⠶", palette.call), (" 25Δ call ", palette.dim), ("+", palette.vol), (" constant maturity", palette.dim))
    if term.then_atm.size:
        x = canvas.put(x, 1, ("  ⠤⠤", palette.alert), (" ATM at the mark", palette.dim))
    told = [(f"event between {bump.text}", palette.alert) for bump in term.bumps]
    if term.falls:
        told.append((f"{term.falls} expir{'y has' if term.falls == 1 else 'ies have'} less total variance than before", palette.down))
    if view.warning:
        told.append((view.warning, colour(palette, warning_tone(term.rows[term.chosen].one))))
    for text, fore in told:
        if x + 2 + len(text) < canvas.width:
            x = canvas.text(x + 2, 1, text, fore)


def _paint_levels(canvas: Canvas, plot: Canvas, scale: Scale, top: int, palette: Palette) -> None:
    marks = ticks(scale.low, scale.high, max(plot.height // 3, 3))
    digits = tick_digits(marks)
    for mark in marks:
        line = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 1, top + line, f"{mark:.{digits}f}", palette.dim)


def _paint_days(canvas: Canvas, plot: Canvas, term: TermView, y: int, palette: Palette) -> None:
    taken = -9
    for days in DAYS:
        place = ((days / 365) ** 0.5 - term.low) / (term.high - term.low)
        column = AXIS + round(place * (plot.width - 1))
        label = f"{days}d" if days < 365 else f"{days // 365}y"
        if 0 <= place <= 1 and column > taken + 1 and column + len(label) < canvas.width:
            plot.down(column - AXIS, 0, plot.height, "┊", palette.grid)
            canvas.text(column, y, label, palette.dim)
            taken = column + len(label)
    canvas.right(canvas.width - 1, y, " √time", palette.mute)


def _paint_lines(plot: Canvas, term: TermView, palette: Palette) -> None:
    known = np.isfinite(term.places) & np.isfinite(term.atm)
    trusted = known & (term.weak == 0)
    chosen = term.places[term.chosen]
    if np.isfinite(chosen):
        plot.down(round(float(chosen) * (plot.width - 1)), 0, plot.height, "╎", palette.bright)
    if term.then_atm.size:
        paint_line(plot, term.then_atm, term.scale, mix(palette.alert, palette.ground, 0.3), places=term.then_places)
    for values, fore in ((term.put, palette.put), (term.call, palette.call), (term.atm, palette.text)):
        drawn = trusted & np.isfinite(values)
        paint_line(plot, values[drawn], term.scale, mix(fore, palette.ground, 0.35), places=term.places[drawn])
    for values, fore in ((term.put, palette.put), (term.call, palette.call), (term.atm, palette.white)):
        shares = np.asarray(term.scale.share(values))
        for place in np.flatnonzero(known & np.isfinite(values)).tolist():
            weak = bool(term.weak[place])
            paint_mark(plot, float(term.places[place]), float(shares[place]), palette.alert if weak else fore)
    constant = np.asarray(term.scale.share(term.constant_atm))
    for place, height in zip(term.constant_places.tolist(), constant.tolist(), strict=True):
        if 0 <= place <= 1 and 0 <= height <= 1:
            plot.text(round(place * (plot.width - 1)), round(height * (plot.height - 1)), "+", palette.vol, bold=True)


def _paint_bars(canvas: Canvas, plot: Canvas, term: TermView, y: int, rows: int, palette: Palette) -> None:
    """Forward volatility between expiries, each as wide as its time."""
    x = canvas.put(1, y, ("forward volatility between expiries, by calendar days"[: canvas.width - 2], palette.dim))
    if x + 18 < canvas.width:
        canvas.text(x, y, "  events stand out", palette.mute)
    pane = canvas.window(AXIS, y + 1, plot.width, rows - 1)
    top = term.forward_scale.high
    for level in ticks(0.0, top, 2):
        canvas.right(AXIS - 1, y + 1 + min(round((1 - level / top) * (pane.height - 1)), pane.height - 1), f"{level:.0f}", palette.dim)
    lifted = {round(bump.right, 6) for bump in term.bumps}
    order = [place for place in np.argsort(np.nan_to_num(term.places, nan=9.0)).tolist() if np.isfinite(term.places[place])]
    ends = np.array([round(float(term.places[place]) * (pane.width - 1)) for place in order])
    for column in range(pane.width):
        at = int(np.searchsorted(ends, column))
        if at >= len(order) or not np.isfinite(term.forward_vol[order[at]]):
            continue
        place = order[at]
        bump = round(float(term.places[place]), 6) in lifted
        shade = 0.2 if place == term.chosen else 0.55 if at % 2 else 0.62
        fore = palette.alert if bump else mix(palette.vol, palette.ground, shade)
        pane.column(column, pane.height * (1 - float(term.forward_vol[place]) / top), pane.height, fore)
