"""Draws the exposure screen: tabs and totals, the bars by strike, beside them profile and expiries, the convention in words below."""

from math import ceil, floor

from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.format import amount
from optix_tui.screens.exposure.ladder import Bar
from optix_tui.screens.exposure.paint_course import paint_course
from optix_tui.screens.exposure.view import ExpiryRow, ExposureView, Room
from optix_tui.screens.painting import colour, paint_band, paint_hint
from optix_tui.screens.table import Cell
from optix_tui.theme import Palette

FAINT = 0.58
"""How far calls and puts go into the ground behind their net."""
LABEL, AMOUNT = 8, 9
LEAST_WIDTH_WITH_AMOUNTS = 44
EXPIRY_LABEL = 22
HINTS = (
    ("1 2 3", "gamma vanna charm"),
    ("[ ]", "expiry"),
    ("+ -", "zoom"),
    ("u", "unit"),
    ("s", "signs"),
    ("n", "count"),
    ("d", "½"),
    ("x", "boxes"),
    ("v", "view"),
    ("o", "bars"),
)


def paint_exposure(canvas: Canvas, view: ExposureView, palette: Palette) -> None:
    """The whole screen."""
    _paint_tabs(canvas, view, palette)
    foot = canvas.height - len(view.words)
    for line, words in enumerate(view.words):
        canvas.text(1, foot + line, words, palette.dim)
    if view.trouble:
        canvas.paragraph(1, 2, view.trouble, palette.alert)
        return
    _paint_totals(canvas, view, palette)
    if view.readout and view.ladder.height:
        canvas.fill(0, foot - 1, canvas.width, 1, palette.head)
        canvas.put(1, foot - 1, *spans_of(view.readout, palette))
    else:
        paint_hint(canvas, foot - 1, HINTS, palette)
    if view.ladder.height:
        _paint_ladder(_window(canvas, view.ladder), view, palette)
    if view.course is not None and view.profile.height > 1:
        paint_course(_window(canvas, view.profile), view.course, view.unit, palette)
    if view.by_expiry.height > 1:
        _paint_expiries(_window(canvas, view.by_expiry), view, palette)


def _window(canvas: Canvas, room: Room) -> Canvas:
    return canvas.window(room.x, room.y, room.width, room.height)


def _paint_tabs(canvas: Canvas, view: ExposureView, palette: Palette) -> None:
    x = 0
    for place, (code, chosen) in enumerate(view.tabs, 1):
        text = f" {place} {code} "
        x = canvas.text(x, 0, text, palette.ink if chosen else palette.dim, palette.security if chosen else palette.head, bold=chosen)
    canvas.fill(x, 0, canvas.width - x, 1, palette.head)
    room = canvas.width - x - 2
    if len(view.scope) < room:
        canvas.right(canvas.width - 1, 0, view.scope, palette.security)


def _paint_totals(canvas: Canvas, view: ExposureView, palette: Palette) -> None:
    row, x = 1, 1
    for group in view.totals:
        wide = sum(len(cell.text) for cell in group)
        if x > 1 and x + wide > canvas.width - 1:
            row, x = row + 1, 1
        if row > view.totals_rows:
            return
        x = canvas.put(x, row, *spans_of(group, palette)) + 2


def _paint_ladder(canvas: Canvas, view: ExposureView, palette: Palette) -> None:
    """One row a bar: its strike, calls and puts from zero to either side, their net over them, its amount."""
    canvas.fill(0, 0, canvas.width, 1, palette.head)
    _paint_legend(canvas, view, palette)
    if not view.bars:
        canvas.text(1, 1, "no strike within sight: - shows more", palette.dim)
        return
    amounts = AMOUNT if canvas.width >= LEAST_WIDTH_WITH_AMOUNTS else 0
    plot = canvas.window(LABEL + 1, 1, canvas.width - LABEL - 2 - amounts, canvas.height - 1)
    reaches = [(min(bar.net, 0.0), max(bar.net, 0.0)) if view.net_only else bar.reach for bar in view.bars]
    low, high = min(reach[0] for reach in reaches), max(reach[1] for reach in reaches)
    zero, scale = _zero_and_scale(low, high, plot.width)
    for place, bar in enumerate(view.bars):
        top, chosen = place * view.thickness, place == view.cursor
        middle = top + (view.thickness - 1) // 2
        ground = palette.selected if chosen else None
        if chosen:
            canvas.fill(0, 1 + top, canvas.width, view.thickness, palette.selected)
        _paint_label(canvas, 1 + middle, bar, palette, chosen=chosen)
        for line in range(top, top + view.thickness):
            _paint_bar(plot, line, bar, zero, scale, view, palette)
        _paint_marks(plot, middle, bar, zero, scale, view, palette)
        if amounts:
            fore = palette.signed(bar.net) if bar.strikes else palette.mute
            canvas.right(canvas.width - 1, 1 + middle, amount(bar.net) if bar.strikes else "·", fore, ground)


def _paint_legend(canvas: Canvas, view: ExposureView, palette: Palette) -> None:
    spans = [(view.unit, palette.security)]
    if canvas.width > 40:
        spans.append((" by strike", palette.dim))
    canvas.put(1, 0, *spans)
    if canvas.width >= 56:
        sides = [] if view.net_only else [("▇", palette.call), (" calls  ", palette.dim), ("▇", palette.put), (" puts  ", palette.dim)]
        canvas.put_right(canvas.width - 1, 0, *sides, ("▇", palette.up), ("▇", palette.down), (" net", palette.dim))


def _paint_label(canvas: Canvas, y: int, bar: Bar, palette: Palette, *, chosen: bool) -> None:
    text = f"{bar.label:>{LABEL}}"[-LABEL:]
    if bar.holds_spot:
        canvas.text(0, y, text, palette.ink, palette.text, bold=True)
    else:
        canvas.text(0, y, text, palette.white if chosen else palette.dim, bold=chosen)


def _paint_bar(plot: Canvas, y: int, bar: Bar, zero: int, scale: float, view: ExposureView, palette: Palette) -> None:
    """Calls and puts that lie on one side are stacked; the net goes over them where they lie on two."""
    both = bar.calls * bar.puts < 0.0
    if not view.net_only:
        faint = FAINT if both else 0.25
        for side in (-1.0, 1.0):
            parts = [(value, fore) for value, fore in ((bar.calls, palette.call), (bar.puts, palette.put)) if value * side > 0.0]
            for place in reversed(range(len(parts))):  # the outer one first, so that no gap stands between them
                reach = sum(value for value, _ in parts[: place + 1])
                _lying(plot, y, zero, zero + reach * scale, mix(parts[place][1], palette.ground, faint))
    if view.net_only or both:
        plot.bar(y, min(zero, zero + bar.net * scale), max(zero, zero + bar.net * scale), palette.signed(bar.net))
    if not bar.strikes:
        plot.text(min(zero, plot.width - 1), y, "▏", palette.grid)  # where the bars of its neighbours begin


def _zero_and_scale(low: float, high: float, width: int) -> tuple[int, float]:
    """The column between two cells from which bars go both ways, and cells for one unit."""
    span = high - low
    if not span > 0.0:
        return 0, 0.0
    zero = min(max(round(width * -low / span), 1 if low < 0.0 else 0), width - (1 if high > 0.0 else 0))
    rooms = [room / reach for room, reach in ((zero, -low), (width - zero, high)) if reach > 0.0]
    return zero, min(rooms)


def _lying(plot: Canvas, y: int, one: float, other: float, fore: int) -> None:
    """A bar whose whole cells are ground too, so that another may end within them."""
    left, right = min(one, other), max(one, other)
    first, last = ceil(left), floor(right)
    if is_monochrome():
        plot.text(round(left), y, "░" * (round(right) - round(left)), fore)
        return
    plot.bar(y, left, right, fore)
    if last > first:
        plot.fill(first, y, last - first, 1, fore)


def _paint_marks(plot: Canvas, y: int, bar: Bar, zero: int, scale: float, view: ExposureView, palette: Palette) -> None:
    """Walls, flip and spot in words, beyond the end of the bar on the side with more room."""
    spot = f"◂ spot {view.spot_text}" if bar.holds_spot else ""
    words = "  ".join(part for part in (spot, *bar.marks) if part)
    if not words:
        return
    low, high = (min(bar.net, 0.0), max(bar.net, 0.0)) if view.net_only else bar.reach
    left, right = ceil(zero + low * scale), ceil(zero + high * scale)
    tone = colour(palette, bar.mark_tone) if bar.marks else palette.bright
    for text in (words, " ".join(part.rpartition(" ")[0] for part in (spot, *bar.marks) if part)):
        if plot.width - right >= len(text) + 1:
            plot.text(min(right + 2, plot.width - len(text)), y, text, tone, bold=True)
            return
        if left >= len(text) + 1:
            plot.text(max(left - 2 - len(text), 0), y, text, tone, bold=True)
            return
    plot.text(max(plot.width - len(text), 0), y, text, tone, bold=True)


def _paint_expiries(canvas: Canvas, view: ExposureView, palette: Palette) -> None:
    """One row an expiry, nearest first: its net from zero, and the amount."""
    paint_band(canvas, 0, "by expiry", palette, note=view.unit)
    rows = view.expiries
    if not rows:
        return
    label = EXPIRY_LABEL if canvas.width >= 50 else 10
    plot = canvas.window(label + 1, 1, canvas.width - label - 2 - AMOUNT, canvas.height - 1)
    zero, scale = _zero_and_scale(min(0.0, *(row.net for row in rows)), max(0.0, *(row.net for row in rows)), plot.width)
    for line, row in enumerate(rows):
        _paint_expiry(canvas, 1 + line, row, label, palette)
        plot.bar(line, min(zero, zero + row.net * scale), max(zero, zero + row.net * scale), palette.signed(row.net))
    if view.more:
        canvas.text(1, 1 + len(rows), f"… and {view.more} smaller", palette.dim)


def _paint_expiry(canvas: Canvas, y: int, row: ExpiryRow, label: int, palette: Palette) -> None:
    ground = palette.selected if row.is_chosen else None
    if row.is_chosen:
        canvas.fill(0, y, canvas.width, 1, palette.selected)
    canvas.text(1, y, row.label[: label - 1], palette.security if row.is_chosen else palette.text, ground, bold=row.is_chosen)
    canvas.right(canvas.width - 1, y, amount(row.net), palette.signed(row.net), ground)


def spans_of(cells: tuple[Cell, ...], palette: Palette) -> tuple[tuple[str, int, None, bool], ...]:
    """Cells as the canvas takes them."""
    return tuple((cell.text, colour(palette, cell.tone), None, cell.bold) for cell in cells)
