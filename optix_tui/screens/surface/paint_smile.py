"""Draws a smile: whiskers from bid to ask, mids, curves, the rules of forward and spot, and the strip of what the fit misses."""

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats
from engine.domain.volatility import PointUse
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import tick_digits, ticks
from optix_tui.screens.painting import colour, paint_mark
from optix_tui.screens.surface.grades import TONES, days_text, is_weak, warning_tone
from optix_tui.screens.surface.smile import MOST_RESIDUAL, Curve, SmileView, model_name
from optix_tui.screens.surface.view import SurfaceView
from optix_tui.theme import Palette

AXIS = 7
STRIP = 7
LEAST_ROWS_WITH_STRIP = 18
LEAST_PITCH = 3
"""Columns between two quotes that are drawn."""
INSIDE = 0.5
"""Bid-ask widths within which the fit lies between bid and ask."""


def paint_smile(canvas: Canvas, view: SurfaceView, smile: SmileView, palette: Palette) -> None:
    """The whole picture."""
    strip = STRIP if canvas.height >= LEAST_ROWS_WITH_STRIP else 0
    _paint_readout(canvas, smile, palette)
    _paint_legend(canvas, view, smile, palette)
    plot = canvas.window(AXIS, 2, canvas.width - AXIS - 1, canvas.height - 3 - strip)
    if plot.width < 8 or plot.height < 2:
        return
    _paint_grounds(canvas, plot, smile, palette)
    _paint_curves(plot, view, smile, palette)
    _paint_quotes(plot, smile, palette)
    _paint_rules(canvas, plot, smile, palette)
    if strip:
        _paint_strip(canvas, plot, smile, 2 + plot.height + 1, palette)


def _paint_readout(canvas: Canvas, smile: SmileView, palette: Palette) -> None:
    row = smile.row
    x = canvas.put(
        1,
        0,
        (row.name, palette.security, None, True),
        (f" {row.one.series.root} {days_text(row.days)}", palette.dim),
        (f"  {row.one.grade.value}", colour(palette, TONES[row.one.grade]), None, True),
        (f" {model_name(row.one.model)}", palette.dim),
    )
    for label, text in smile.readout:
        if x + len(label) + len(text) + 4 > canvas.width:
            return
        x = canvas.put(
            x + 2, 0, (f"{label} " if label else "", palette.dim), (text, palette.white if smile.cursor is not None else palette.vol)
        )


def _paint_legend(canvas: Canvas, view: SurfaceView, smile: SmileView, palette: Palette) -> None:
    """What the lines are; a weak fit is warned of first."""
    if view.warning:
        weak = is_weak(smile.row.one)
        text = f" {view.warning} "
        text = text if len(text) < canvas.width - 2 else text[: canvas.width - 4] + "… "
        tone = colour(palette, warning_tone(smile.row.one))
        x = canvas.text(1, 1, text, palette.ink if weak else tone, tone if weak else None, bold=weak) + 1
    else:
        x = 1
    spans = [("⠶", palette.put, " put"), ("⠶", palette.call, " call"), ("│", palette.dim, " bid-ask")]
    spans += [("⠤⠤", palette.text, f" {model_name(smile.row.one.model)}")] if smile.row.one.model.value != "none" else []
    spans += [("⠤⠤", palette.series[4], f" {smile.risk.name}")] if smile.risk else []
    spans += [("⠤⠤", _then(palette), f" {smile.yesterday.name}")] if smile.yesterday else []
    shown = drawn_quotes(smile, canvas.width - AXIS - 1)
    if shown.size < np.isfinite(smile.places).sum():
        spans.append(("", palette.dim, "farthest of each few quotes"))
    for mark, fore, text in spans:
        if x + len(mark) + len(text) + 2 > canvas.width:
            return
        x = canvas.put(x + 1, 1, (mark, fore), (text, palette.dim))
    for note in smile.notes:
        room = canvas.width - x - 3
        if room > 12:
            x = canvas.text(x + 2, 1, note if len(note) <= room else note[: room - 1] + "…", palette.dim)


def drawn_quotes(smile: SmileView, width: int) -> NDArray[np.intp]:
    """All quotes in sight or, where they would cover the curve, of each few the one farthest off it: what misses is not hidden."""
    known = np.flatnonzero(np.isfinite(smile.places))
    bins = max(width // LEAST_PITCH, 1)
    if known.size <= bins:
        return known
    group = np.minimum((smile.places[known] * bins).astype(int), bins - 1)
    off = np.nan_to_num(np.abs(smile.residuals[known]), nan=-1.0)
    order = np.lexsort((off, group))
    last = np.append(np.diff(group[order]) > 0, True)
    found: NDArray[np.intp] = np.sort(known[order[last]])
    return found


def _then(palette: Palette) -> int:
    return mix(palette.vol, palette.ground, 0.25)


def _paint_grounds(canvas: Canvas, plot: Canvas, smile: SmileView, palette: Palette) -> None:
    """Grid, numbers, and the quoted range as a lighter ground."""
    marks = ticks(smile.scale.low, smile.scale.high, max(plot.height // 3, 3))
    digits = tick_digits(marks, 1 if smile.scale.high - smile.scale.low < 20 else 0)
    for mark in marks:
        line = round(float(smile.scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.grid)
        canvas.right(AXIS - 1, 2 + line, f"{mark:.{digits}f}", palette.dim)
    low, high = (_column(plot, share) for share in smile.quoted)
    if low is not None and high is not None:
        plot.fill(low, 0, high - low + 1, plot.height, mix(palette.ground, palette.text, 0.035))


def _column(plot: Canvas, share: float) -> int | None:
    return round(share * (plot.width - 1)) if np.isfinite(share) else None


def _paint_curves(plot: Canvas, view: SurfaceView, smile: SmileView, palette: Palette) -> None:
    across = np.linspace(0, plot.width * 2 - 1, smile.fit.values.size)
    if smile.yesterday:
        _dotted(plot, smile, smile.yesterday, across, _then(palette), 2)
    if smile.risk:
        _dotted(plot, smile, smile.risk, across, palette.series[4], 1)
    weak = is_weak(smile.row.one)
    fore = palette.alert if weak else palette.text
    heights = smile.scale.share(smile.fit.values) * (plot.height * 4 - 1)
    share = np.linspace(0, 1, heights.size)
    low, high = smile.quoted
    within = (share >= low) & (share <= high)
    plot.polyline(across, np.where(within, heights, np.nan), fore)
    wings = np.flatnonzero(~within & np.isfinite(heights))
    if wings.size:
        thin = _resampled(across, np.where(within, np.nan, heights), plot.width)
        plot.dots(*thin, mix(fore, palette.ground, 0.45))
    if weak and view.warning:
        broken = np.arange(heights.size) // 6 % 2 == 0
        plot.polyline(across, np.where(within & broken, heights, np.nan), mix(fore, palette.ground, 0.5))


def _resampled(across: Floats, heights: Floats, count: int) -> tuple[Floats, Floats]:
    """So many dots along a line."""
    x = np.linspace(across[0], across[-1], count)
    known = np.isfinite(heights)
    y = np.interp(x, across[known], heights[known]) if known.any() else np.full(count, np.nan)
    lost = np.interp(x, across, (~known).astype(float)) > 0.01
    return x, np.where(lost, np.nan, y)


def _dotted(plot: Canvas, smile: SmileView, curve: Curve, across: Floats, fore: int, every: int) -> None:
    heights = smile.scale.share(curve.values) * (plot.height * 4 - 1)
    x, y = _resampled(across, heights, plot.width * 2 // every)
    plot.dots(x, y, fore)


def _paint_quotes(plot: Canvas, smile: SmileView, palette: Palette) -> None:
    used = smile.uses == PointUse.USED
    seen = np.zeros(used.size, bool)
    seen[drawn_quotes(smile, plot.width)] = True
    x = smile.places * (plot.width * 2 - 1) if plot.is_smooth else np.round(smile.places * (plot.width - 1)) * 2
    top, bottom = (smile.scale.share(column) * (plot.height * 4 - 1) for column in (smile.asks, smile.bids))
    for chosen, fore in ((~used & seen, palette.mute), (used & seen, mix(palette.text, palette.ground, 0.42))):
        plot.lines(
            x[chosen], np.clip(top[chosen], 0, plot.height * 4 - 1), x[chosen], np.clip(bottom[chosen], 0, plot.height * 4 - 1), fore
        )
    shares = np.asarray(smile.scale.share(smile.mids))
    for place in np.flatnonzero(seen & np.isfinite(smile.mids)).tolist():
        side = palette.call if smile.rights[place] > 0 else palette.put
        paint_mark(plot, float(smile.places[place]), float(shares[place]), side if used[place] else palette.mute)


def _paint_rules(canvas: Canvas, plot: Canvas, smile: SmileView, palette: Palette) -> None:
    foot = 2 + plot.height
    taken: list[tuple[int, int]] = []
    rules = ((smile.forward, "╎", "F", palette.bright), (smile.spot, "┊", "S", palette.security))
    for share, glyph, label, fore in sorted(rules, key=lambda rule: rule[0]):  # in one column too the lower one stands first
        column = _column(plot, share)
        if column is None:
            continue
        plot.down(column, 0, plot.height, glyph, mix(fore, palette.ground, 0.45))
        while any(begin < column + AXIS < end for begin, end in taken):
            column += 1
        canvas.text(AXIS + column, foot, label, palette.ink, fore, bold=True)
        taken.append((AXIS + column - 1, AXIS + column + 1))
    if smile.cursor is not None and np.isfinite(smile.places[smile.cursor]):
        plot.down(round(float(smile.places[smile.cursor]) * (plot.width - 1)), 0, plot.height, "┊", palette.white)
    for share, text in smile.marks:
        x = AXIS + round(share * (plot.width - 1)) - len(text) // 2
        if x + len(text) <= canvas.width and all(x > end or x + len(text) <= begin for begin, end in taken):
            canvas.text(x, foot, text, palette.dim)
            taken.append((x, x + len(text)))


def _paint_strip(canvas: Canvas, plot: Canvas, smile: SmileView, y: int, palette: Palette) -> None:
    """Mid less fit in bid-ask widths, stems from zero; between the dotted lines the fit lies inside bid and ask."""
    explained = "  lighter: the fit lies inside bid and ask" if canvas.width > 72 else ""
    canvas.put(1, y, ("mid − fit, bid-ask widths", palette.dim), (explained, palette.mute))
    strip = canvas.window(AXIS, y + 1, plot.width, STRIP - 2)
    rows = strip.height
    reach = MOST_RESIDUAL if np.nanmax(np.append(np.abs(smile.residuals), 0.0)) > 1 else 1.0
    low, high = (int((1 - sign * INSIDE / reach) / 2 * rows) for sign in (1, -1))
    strip.fill(0, low, strip.width, max(high - low, 1), mix(palette.ground, palette.text, 0.05))
    strip.across(rows // 2, 0, strip.width, "┈", palette.rule)
    for line, value in ((0, reach), (rows // 2, 0.0), (rows - 1, -reach)):
        canvas.right(AXIS - 1, y + 1 + line, f"{value:+.0f}" if value else "0", palette.dim)
    shown = np.isfinite(smile.residuals) & np.isfinite(smile.places)
    x = np.round(smile.places[shown] * (strip.width - 1)) * 2
    missed = np.clip(smile.residuals[shown], -reach, reach)
    ends = (1 - missed / reach) / 2 * (rows * 4 - 1)
    wild = np.abs(smile.residuals[shown]) > INSIDE
    calls = np.asarray(smile.rights)[shown] > 0
    colours = np.where(wild, palette.alert, np.where(calls, palette.call, palette.put)).astype(np.int32)
    strip.lines(x, np.full(x.size, (rows * 4 - 1) / 2), x, ends, colours)
    strip.dots(x, ends, colours)
