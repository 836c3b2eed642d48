"""Draws the most active contracts."""

from collections.abc import Callable

from engine.domain.flow import FlowRight
from engine.messages.flow import ActiveBy
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.active.view import ActiveView, columns
from optix_tui.screens.painting import paint_header, paint_rows
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

_SORTED = {ActiveBy.VOLUME: "volume", ActiveBy.PREMIUM: "premium", ActiveBy.VOLUME_OVER_OI: "ratio", ActiveBy.OI_CHANGE: "change"}


def paint_active(canvas: Canvas, view: ActiveView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """The rankings as tabs, the table, and what it stands on."""
    top = 0
    if canvas.height > 6:
        _paint_tabs(canvas, view, palette)
        top = 1
    foot = 1 if canvas.height > 6 else 0
    placed = fit(columns(view.preferences, view.untold), canvas.width)
    paint_header(canvas, top, placed, palette, sort=_SORTED[view.preferences.by])
    lines = max(canvas.height - top - 1 - foot, 0)
    cursor = settle(top + 1, lines)
    if view.rows:
        body = canvas.window(0, top + 1, canvas.width, lines)
        paint_rows(body, placed, view.rows, palette, cursor=cursor)
        bar = next((one for one in placed if one.column.key == "bar"), None)
        if bar is not None:
            for y, row in enumerate(view.rows[cursor.top : cursor.top + body.height]):
                fore = mix(palette.call if row.is_call else palette.put, palette.ground, 0.25)
                body.bar(y, bar.x, bar.x + row.share * bar.width, fore)
    else:
        canvas.paragraph(1, top + 2, view.note, palette.dim)
    if foot:
        _paint_foot(canvas, view, palette)


def _paint_tabs(canvas: Canvas, view: ActiveView, palette: Palette) -> None:
    canvas.fill(0, 0, canvas.width, 1, palette.head)
    x = 1
    for by in ActiveBy:
        chosen = by is view.preferences.by
        x = canvas.text(
            x, 0, f" {by.value} ", palette.ink if chosen else palette.dim, palette.security if chosen else palette.head, bold=chosen
        )
    right = {FlowRight.ANY: "calls and puts", FlowRight.CALLS: "calls", FlowRight.PUTS: "puts"}[view.preferences.right]
    tone = {FlowRight.ANY: palette.text, FlowRight.CALLS: palette.call, FlowRight.PUTS: palette.put}[view.preferences.right]
    x = canvas.put(x + 1, 0, (right, tone, None, True), (f" ▾  {view.contracts:,} ranked", palette.dim)) + 2
    for count in range(len(view.ratios), 0, -1):
        parts = [part for label, text in view.ratios[:count] for part in ((f"  {label} ", palette.dim), (text, palette.white))]
        if x + sum(len(text) for text, _ in parts) < canvas.width:
            canvas.put_right(canvas.width - 1, 0, *parts)
            return
    label, text = view.ratios[0]
    if label == "P/C volume" and x + len(text) + 4 < canvas.width:
        canvas.put_right(canvas.width - 1, 0, ("P/C ", palette.dim), (text, palette.white))


def _paint_foot(canvas: Canvas, view: ActiveView, palette: Palette) -> None:
    y = canvas.height - 1
    canvas.fill(0, y, canvas.width, 1, palette.head)
    said = f"{view.convention}   not told here: {', '.join(view.untold)}" if view.untold else view.convention
    x = canvas.text(1, y, said[: max(canvas.width - 2, 0)], palette.text) + 2
    asked = (
        "~Ask: share of the seen volume that met the ask, inferred   OI is the last session's",
        "~Ask inferred, OI of the last session",
    )
    for note in ("OI is the last session's",) if "~Ask" in view.untold else asked:
        if x + len(note) + 1 < canvas.width:
            canvas.right(canvas.width - 1, y, note, palette.dim)
            return
