"""Draws where one is in the past: the instant in words, a bar a day, and the day as a line with lanes of what is stored."""

from datetime import date, timedelta

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.ids import UtcNanos
from engine.domain.instants import MINUTE_NS, new_york
from engine.domain.volatility import SurfaceModel
from optix_tui import format as written
from optix_tui.canvas import LOWER_EIGHTHS, Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import Scale
from optix_tui.screens.painting import paint_line
from optix_tui.screens.replay.breached import instants_within
from optix_tui.screens.replay.timeline import DayFacts, StoredDay, density, hour_marks, share_of
from optix_tui.screens.replay.view import SPEEDS, ReplayView
from optix_tui.theme import Palette

LEFT, RIGHT = 7, 9
"""Columns before the day's line for what it is, and behind it for the spot."""
DAYS_LEFT = 7
SATURDAY = 5
GAP_STEPS, LEAST_GAP = 5, 15 * MINUTE_NS
"""A line is broken where nothing was stored for so many usual steps, and for so long."""


def paint_instant(canvas: Canvas, view: ReplayView, palette: Palette) -> None:
    """When it was, how long ago, against what, and whether time runs."""
    canvas.fill(0, 0, canvas.width, 1, palette.head)
    chosen = view.preferences
    local = new_york(view.at)
    x = canvas.put(
        0,
        0,
        (" RECORDED ", palette.ink, palette.alert, True),
        (f" {local:%a} {written.moment(view.at)}", palette.white, None, True),
        (" NY", palette.dim),
    )
    told = [] if chosen.model is SurfaceModel.SVI else [("eSSVI (risk)", palette.series[4])]
    told += [(f"{written.age(written.seconds_between(view.at, view.now))} ago", palette.alert)]
    if chosen.mark is not None:
        told.append((f"M {written.moment(chosen.mark)}", palette.security))
    if view.surface_at and view.at - view.surface_at > MINUTE_NS:
        told.append((f"surface of {written.moment(view.surface_at)}", palette.alert))
    if view.broken:
        told.append((f"▲ {len(view.broken)} rule{'' if len(view.broken) == 1 else 's'} broken", palette.alert))
    told.append((f"{view.step[0]} of {view.step[1]} this day", palette.dim))
    right = canvas.width - 1
    runs = f"▶ {SPEEDS[chosen.speed]}/s" if chosen.plays else f"‖ {SPEEDS[chosen.speed]}/s"
    right = canvas.right(right, 0, runs, palette.up if chosen.plays else palette.dim, bold=chosen.plays) - 2
    for text, fore in told:
        if x + 2 + len(text) <= right:
            x = canvas.text(x + 2, 0, text, fore)


def shown_days(view: ReplayView, room: int) -> tuple[tuple[date, StoredDay | None], ...]:
    """The dates around the cursor for which there is room, those without anything stored among them; weekends only where they hold some."""
    stored = {one.day: one for one in view.days}
    first, last = view.days[0].day, view.days[-1].day
    every = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    dates = [day for day in every if day in stored or day.weekday() < SATURDAY]
    place = dates.index(view.days[view.place].day)
    begin = min(max(place - room // 2, 0), max(len(dates) - room, 0))
    return tuple((day, stored.get(day)) for day in dates[begin : begin + room])


def day_pitch(view: ReplayView, width: int) -> tuple[int, int]:
    """Columns a day takes, and how many days there is room for."""
    room = max(width - DAYS_LEFT - 11, 1)
    first, last = view.days[0].day, view.days[-1].day
    pitch = min(max(room // max((last - first).days + 1, 1), 1), 3)
    return pitch, max(room // pitch, 1)


def paint_days(canvas: Canvas, y: int, view: ReplayView, palette: Palette) -> None:
    """A bar for each day, as high as much is stored; a dot where nothing is."""
    pitch, room = day_pitch(view, canvas.width)
    shown = shown_days(view, room)
    most = max((_stored(one) for _, one in shown if one is not None), default=1)
    marked = None if view.preferences.mark is None else new_york(view.preferences.mark).date()
    canvas.text(0, y, f"{written.day(shown[0][0])[:6]}{'‹' if shown[0][0] > view.days[0].day else ''}", palette.dim)
    x = DAYS_LEFT
    for day, one in shown:
        glyph = "·" if one is None else LOWER_EIGHTHS[max(round(_stored(one) / max(most, 1) * 8), 1)]
        fore = palette.mute if one is None else palette.vol if one.surfaces else palette.dim
        back = None
        if day == view.days[view.place].day:
            fore, back = palette.white, mix(palette.ground, palette.security, 0.45)
        elif day == marked:
            glyph, back = "M", mix(palette.ground, palette.alert, 0.45)
        canvas.text(x, y, glyph, fore, back, bold=back is not None)
        x += pitch
    tail = f"{written.day(shown[-1][0])}{'›' if shown[-1][0] < view.days[-1].day else ''}"
    canvas.text(x + 1, y, tail, palette.dim)


def _stored(one: StoredDay) -> int:
    return one.surfaces + one.exposures + one.prints


def paint_day(canvas: Canvas, top: int, view: ReplayView, palette: Palette) -> None:
    """The day: volatility and spot as lines where there is room, a lane each of surfaces, exposures, flow and breaches, and the hours."""
    rooms, day = view.rooms, view.day
    if not rooms.lanes:
        return
    height = rooms.line + rooms.lanes
    right = RIGHT if rooms.line else 1
    plot = canvas.window(LEFT, top, canvas.width - LEFT - right, height)
    if day is None:
        canvas.text(1, top, "the day is being read …", palette.dim)
        return
    if rooms.line:
        _paint_lines(canvas, top, plot.window(0, 0, plot.width, rooms.line), view, day, palette)
    lanes = (("surf", day.times.at), ("expo", day.exposures.at), ("flow", None if day.flow is None else day.flow.at))
    for line, (name, instants) in enumerate(lanes, rooms.line):
        canvas.text(1, top + line, name, palette.dim)
        _paint_lane(plot, line, instants, view.span, palette)
    if rooms.lanes > len(lanes):
        canvas.text(1, top + height - 1, "rules", palette.dim)
        _paint_breaches(plot, height - 1, day, view, palette)
    _paint_rules(canvas, plot, top + height, view, palette)


def _paint_lane(plot: Canvas, line: int, instants: Longs | None, span: tuple[int, int], palette: Palette) -> None:
    if instants is None or not instants.size:
        plot.across(line, 0, plot.width, "┈", palette.grid)
        if instants is None:
            plot.text(0, line, "cannot be read ", palette.dim)
        return
    counts = density(instants, span, plot.width)
    steps = np.where(counts > 0, np.clip(np.round(counts / counts.max() * 8), 1, 8), 0).astype(int)
    plot.text(0, line, "".join(LOWER_EIGHTHS[step] if step else "┈" for step in steps.tolist()), palette.vol)
    plot.fore[line, steps == 0] = palette.grid


def _paint_breaches(plot: Canvas, line: int, day: DayFacts, view: ReplayView, palette: Palette) -> None:
    """Where rules were broken, and where they were kept again."""
    plot.across(line, 0, plot.width, "┈", palette.grid)
    found = instants_within(day.breaches, view.span)
    if found is None:
        plot.text(0, line, "cannot be read ", palette.dim)
        return
    for instants, glyph, fore in ((found[1], "○", palette.dim), (found[0], "▲", palette.alert)):
        for at in instants.tolist():
            column = _column(at, view.span, plot.width)
            if column is not None:
                plot.text(column, line, glyph, fore, bold=True)


def broken(at: Longs, values: Floats, span: tuple[int, int]) -> tuple[Floats, Floats]:
    """Places along the span and values, with an unknown one in each gap, so that a line shows it."""
    places = np.array([share_of(one, span) for one in at.tolist()])
    if at.size < 3:
        return places, np.asarray(values, float)
    steps = np.diff(at)
    gaps = np.flatnonzero(steps > max(float(np.median(steps)) * GAP_STEPS, LEAST_GAP)) + 1
    return np.insert(places, gaps, np.nan), np.insert(np.asarray(values, float), gaps, np.nan)


def _paint_lines(canvas: Canvas, top: int, plot: Canvas, view: ReplayView, day: DayFacts, palette: Palette) -> None:
    """30-day volatility and the spot, each on its own scale."""
    canvas.text(1, top + plot.height // 2, "ATM30", palette.vol)
    shown = ((day.times.spot, palette.dim, 1.0), (day.times.atm_iv_30, palette.vol, 100.0))
    for values, fore, unit in shown:
        scale = Scale.around(values * unit, margin=0.08)
        if scale is None:
            continue
        places, heights = broken(day.times.at, values * unit, view.span)
        paint_line(plot, heights, scale, fore, places=places)
        high, low = float(np.nanmax(values * unit)), float(np.nanmin(values * unit))
        for line, value in ((0, high), (plot.height - 1, low)):
            if unit > 1:
                canvas.right(LEFT - 1, top + line, f"{value:.1f}", palette.vol)
            else:
                canvas.text(LEFT + plot.width + 1, top + line, written.money(value, 1.0 if value >= 1000 else 0.01), palette.dim)
    canvas.text(LEFT + plot.width + 1, top + plot.height // 2, "spot", palette.dim)


def _paint_rules(canvas: Canvas, plot: Canvas, foot: int, view: ReplayView, palette: Palette) -> None:
    """The cursor and the mark across all lanes, and the hours under them."""
    taken: list[tuple[int, int]] = []
    mark = view.preferences.mark
    for at, glyph, fore in ((mark, "┊", palette.security), (view.at, "│", palette.white)):
        column = _column(at, view.span, plot.width)
        if column is not None:
            plot.down(column, 0, plot.height, glyph, fore, hard=True)
    column = _column(view.at, view.span, plot.width)
    if column is not None:
        text = f"▲{written.clock(view.at)}"
        x = min(LEFT + column, canvas.width - len(text))
        canvas.text(x, foot, text, palette.white, bold=True)
        taken.append((x - 1, x + len(text) + 1))
    marked = _column(mark, view.span, plot.width)
    if marked is not None and all(not begin <= LEFT + marked < end for begin, end in taken):
        canvas.text(LEFT + marked, foot, "M", palette.ink, palette.security, bold=True)
        taken.append((LEFT + marked - 1, LEFT + marked + 2))
    for share, text in hour_marks(view.span, max(plot.width // 9, 2)):
        x = LEFT + round(share * (plot.width - 1))
        if x + len(text) <= canvas.width and all(x >= end or x + len(text) <= begin for begin, end in taken):
            canvas.text(x, foot, text, palette.dim)


def _column(at: UtcNanos | None, span: tuple[int, int], width: int) -> int | None:
    """Where an instant stands; None outside the day's line."""
    if at is None or not span[0] <= at <= span[1]:
        return None
    return round(share_of(at, span) * max(width - 1, 0))
