"""Draws the flow: what the day adds up to, the filter, the prints in sight."""

from collections.abc import Callable
from math import isfinite

from engine.domain.flow import PRESETS
from engine.domain.instruments import Right
from engine.messages.flow import FlowTotals
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.flow.day import heard
from optix_tui.screens.flow.rows import FlowRow
from optix_tui.screens.flow.view import FlowView, RightSum, columns, heat_of
from optix_tui.screens.painting import colour, paint_header, paint_rows
from optix_tui.screens.table import Cursor, Placed, fit
from optix_tui.theme import Palette

LEAST_HEIGHT_WITH_SUMS, LEAST_WIDTH_WITH_SUMS = 15, 72
SUM_ROWS = 3
BAR_ROOM = 62
"""Columns that the words beside the bars of bought and sold take."""


def paint_flow(canvas: Canvas, view: FlowView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """The whole screen."""
    top = 0
    if canvas.height >= LEAST_HEIGHT_WITH_SUMS and canvas.width >= LEAST_WIDTH_WITH_SUMS and not view.preferences.recorded:
        _paint_sums(canvas.window(0, 0, canvas.width, SUM_ROWS), view, palette)
        top = SUM_ROWS
    if canvas.height > 6:
        _paint_filters(canvas, top, view, palette)
        top += 1
    foot = 1 if canvas.height > 6 else 0
    placed = fit(columns(whole_market=not view.symbol, recorded=view.preferences.recorded), canvas.width)
    paint_header(canvas, top, placed, palette)
    lines = max(canvas.height - top - 1 - foot, 0)
    cursor = settle(top + 1, lines)
    if view.rows:
        body = canvas.window(0, top + 1, canvas.width, lines)
        paint_rows(body, placed, view.rows, palette, cursor=cursor)
        _paint_bars(body, view, placed, palette, cursor)
    else:
        canvas.paragraph(1, top + 2, view.note, palette.dim)
    if view.preferences.prompt is not None:
        _paint_prompt(canvas, view.preferences.prompt, palette)
    elif foot:
        _paint_foot(canvas, view, palette)


def _paint_sums(canvas: Canvas, view: FlowView, palette: Palette) -> None:
    """Puts over calls, and for each the premium bought and sold as a bar from the middle."""
    parts: list[tuple[str, int]] = [("P/C ", palette.dim)]
    for label, text in view.ratios:
        parts += [(f"{label} ", palette.dim), (f"{text}  ", palette.white)]
    end = canvas.put(1, 0, *parts)
    words = next((words for words in _heard(view.totals) if end + len(words) + 3 < canvas.width), "")
    canvas.right(canvas.width - 1, 0, words, palette.alert if view.totals.gaps else palette.dim)
    most = max((value for one in view.sides for value in (one.bought, one.sold) if isfinite(value)), default=0.0)
    for y, one in enumerate(view.sides, 1):
        _paint_side(canvas, y, one, most, view.volume_of, palette)


def _heard(totals: FlowTotals) -> tuple[str, ...]:
    """What the premiums stand on, the longest words first."""
    if not totals.since:
        return "no print seen today", "no print"
    prints = f"{totals.prints:,} print{'s' if totals.prints != 1 else ''}"
    return f"premium of {prints} seen {heard(totals)}", f"{prints} {heard(totals, 1)}", heard(totals, 1), heard(totals, 0)


def _paint_side(canvas: Canvas, y: int, one: RightSum, most: float, volume_of: str, palette: Palette) -> None:
    volume = f"vol {volume_of} " if volume_of else "vol "
    call = one.right is Right.CALL
    x = canvas.put(
        1,
        y,
        ("Calls " if call else "Puts  ", palette.call if call else palette.put, None, True),
        (volume, palette.dim),
        (f"{written.compact(one.volume):>6}{' ' if volume_of else '  '}", palette.text),
        ("prem ", palette.dim),
        (f"{written.compact(one.premium):>6}  ", palette.text),
        ("sold ", palette.dim),
        (f"{written.compact(one.sold):>6} ", palette.down),
    )
    half = max((canvas.width - BAR_ROOM - 14 - len(volume)) // 2, 0)
    if half >= 4 and most > 0:
        middle = x + half
        canvas.bar(y, middle - half * one.sold / most, middle, mix(palette.down, palette.ground, 0.3))
        canvas.bar(y, middle, middle + half * one.bought / most, mix(palette.up, palette.ground, 0.3))
        canvas.text(middle, y, "│", palette.rule, None)
        x = middle + half + 1
    x = canvas.put(x, y, (f" {written.compact(one.bought):<6}", palette.up), (" bought", palette.dim))
    net = f"~net {written.arrow(one.net)} {'+' if one.net > 0 else ''}{written.compact(one.net)}"
    if x + len(net) + 1 < canvas.width:
        canvas.right(canvas.width - 1, y, net, palette.signed(one.net), bold=True)


def _paint_filters(canvas: Canvas, y: int, view: FlowView, palette: Palette) -> None:
    """The presets as tabs, the chosen one solid; a filter of one's own stands behind them."""
    canvas.fill(0, y, canvas.width, 1, palette.head)
    names = [name for name, _ in PRESETS]
    own = view.filter_name not in names
    tabs = [*names, view.filter_name] if own else names
    if sum(len(name) + 2 for name in tabs) + 2 > canvas.width:
        tabs = [view.filter_name]
    x = 1
    for name in tabs:
        chosen = name == view.filter_name
        text = f" {name} "[: max(canvas.width - x - 1, 0)]
        x = canvas.text(x, y, text, palette.ink if chosen else palette.dim, palette.security if chosen else palette.head, bold=chosen)
    if len(tabs) == 1 and x + 20 < canvas.width:
        canvas.put(x + 1, y, ("o", palette.text), (" next filter  ", palette.dim), ("f", palette.text), (" type one", palette.dim))


def _paint_bars(body: Canvas, view: FlowView, placed: tuple[Placed[FlowRow], ...], palette: Palette, cursor: Cursor) -> None:
    """Premiums as bars, by powers of ten, in the colour of the side; a rule across where prints came faster than they could be told."""
    column = next((one for one in placed if one.column.key == "bar"), None)
    for y, row in enumerate(view.rows[cursor.top : cursor.top + body.height]):
        if row.is_gap:
            words = " more passed the filter here than could be told "
            ground = palette.chosen(has_keys=cursor.has_keys) if cursor.top + y == cursor.row else palette.ground
            body.text(0, y, f"{words:┈^{max(body.width - 1, 0)}}"[: max(body.width - 1, 0)], palette.alert, ground)
        elif column is not None:
            fore = palette.up if row.side > 0 else palette.down if row.side < 0 else palette.dim
            body.bar(y, column.x, column.x + heat_of(row.premium) * column.width, fore)


def _paint_foot(canvas: Canvas, view: FlowView, palette: Palette) -> None:
    y = canvas.height - 1
    canvas.fill(0, y, canvas.width, 1, palette.head)
    count = sum(1 for row in view.rows if not row.is_gap)
    x = canvas.put(1, y, ("Shown ", palette.dim), (str(count), palette.text), (f" of {view.seen:,}", palette.dim)) + 2
    if view.dropped:
        x = canvas.text(x, y, f"{view.dropped:,} dropped", palette.alert) + 2
    for label, text, tone in view.shown:
        if x + len(label) + len(text) + 2 > canvas.width:
            return
        x = canvas.put(x, y, (f"{label} ", palette.dim), (text, colour(palette, tone))) + 2
    for note in (
        "~ inferred from quote, times and sizes   O/C ? until the next session's OI tells   OI is the last session's",
        "~ inferred from quote, times and sizes   O/C ? until the next OI",
        "~ inferred",
    ):
        if x + len(note) + 1 < canvas.width:
            canvas.right(canvas.width - 1, y, note, palette.dim)
            return


def _paint_prompt(canvas: Canvas, typed: str, palette: Palette) -> None:
    row = canvas.height - 1
    canvas.fill(0, row, canvas.width, 1, palette.selected)
    x = canvas.put(1, row, ("filter ", palette.dim), (typed, palette.white, None, True))
    x = canvas.text(x, row, " ", palette.ink, palette.text)
    hint = "ask bid calls puts single multi otm itm sweep block vol>oi ask>=50% >=50k size>=100 dte<=7"
    canvas.put(
        x + 2,
        row,
        ("Enter", palette.text),
        (" takes  ", palette.dim),
        ("Esc", palette.text),
        (" cancels  ", palette.dim),
        (hint, palette.dim),
    )
