"""Puts OVDV together: tabs above, the picture, and at its side what the fits are worth and the constant maturities."""

from collections.abc import Callable

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.screens.painting import paint_band, paint_blocks, paint_cell, paint_header, paint_rows, wrapped
from optix_tui.screens.surface.coordinates import WORDS
from optix_tui.screens.surface.grades import COLUMNS
from optix_tui.screens.surface.heat import HeatView
from optix_tui.screens.surface.mesh import MeshView
from optix_tui.screens.surface.numbers import NumbersView
from optix_tui.screens.surface.paint_heat import paint_heat
from optix_tui.screens.surface.paint_mesh import paint_mesh
from optix_tui.screens.surface.paint_numbers import paint_numbers
from optix_tui.screens.surface.paint_smile import paint_smile
from optix_tui.screens.surface.paint_term import paint_term
from optix_tui.screens.surface.smile import SmileView
from optix_tui.screens.surface.term import TermView
from optix_tui.screens.surface.view import TENOR_COLUMNS, Picture, SurfaceView
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
LEAST_SIDE_FOR_WORDS = 40
"""Columns under which a fit is told in place of the picture."""
LEAST_LIST = 8
"""Expiries that are listed at least before constant maturities get their rows."""

MATURITY_WORDS = (
    ("Constant maturity", "I between, E beyond expiries"),
    ("Constant maturity", "I between, E beyond"),
    ("Maturity", "I between E beyond"),
    ("Maturity", "E beyond"),
)
"""The band over the constant maturities and what its letters mean; the first that has room is told."""


def paint_surface(canvas: Canvas, view: SurfaceView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    _paint_tabs(canvas, view, palette)
    width, height = view.rooms.picture
    picture = canvas.window(0, 1, width, height)
    in_side = view.rooms.side >= LEAST_SIDE_FOR_WORDS
    if view.blocks and not in_side:
        _paint_fit(picture, view, palette)
    else:
        _paint_picture(picture, view, palette)
    if view.rooms.side:
        side = canvas.window(canvas.width - view.rooms.side, 1, view.rooms.side, canvas.height - 1)
        canvas.down(canvas.width - view.rooms.side - 1, 1, canvas.height - 1, "│", palette.grid)
        _paint_side(side, view, palette, settle)
    elif view.rooms.foot:
        _paint_foot(canvas, view, palette)


def _paint_picture(picture: Canvas, view: SurfaceView, palette: Palette) -> None:
    match view.body:
        case HeatView() as body:
            paint_heat(picture, view, body, palette)
        case MeshView() as body:
            paint_mesh(picture, body, palette)
        case SmileView() as body:
            paint_smile(picture, view, body, palette)
        case TermView() as body:
            paint_term(picture, view, body, palette)
        case NumbersView() as body:
            paint_numbers(picture, view, body, palette)
        case _:
            picture.paragraph(1, 1, view.problem, palette.alert)


def _paint_tabs(canvas: Canvas, view: SurfaceView, palette: Palette) -> None:
    x = 0
    chosen = view.preferences.picture
    short = canvas.width < 62
    for place, picture in enumerate(Picture, 1):
        name = picture.value if not short or picture is chosen else ""
        text = f" {place} {name} " if name else f" {place} "
        on = picture is chosen
        x = canvas.text(x, 0, text, palette.ink if on else palette.dim, palette.security if on else None, bold=on)
    told = [("o ", WORDS[view.preferences.coordinate_shown])] if chosen is not Picture.TERM else []
    if chosen in {Picture.HEAT, Picture.TABLE}:
        told.append(("f ", view.preferences.layer.value))
    right = canvas.width - 1
    for key, text in reversed(told):
        if right - len(key) - len(text) - 2 > x:
            right = canvas.put_right(right, 0, (key, palette.dim), (text, palette.bright)) - 2


def _paint_side(side: Canvas, view: SurfaceView, palette: Palette, settle: Settle) -> None:
    maturities = len(view.tenors) + 2 if side.height >= LEAST_LIST + len(view.tenors) + 5 else 6 if side.height >= 15 else 0
    maturities = min(maturities, len(view.tenors) + 2) if view.tenors else 0
    room = side.height - maturities
    if view.blocks and view.rooms.side >= LEAST_SIDE_FOR_WORDS:
        _paint_fit(side.window(0, 0, side.width, room), view, palette)
        settle(2, 1)
    else:
        _paint_fits(side.window(0, 0, side.width, room), view, palette, settle)
    if maturities:
        _paint_maturities(side.window(0, room, side.width, maturities), view, palette)


def _paint_fits(part: Canvas, view: SurfaceView, palette: Palette, settle: Settle) -> None:
    counts = [sum(row.one.grade.value == word for row in view.rows) for word in ("good", "fair", "poor", "failed")]
    note = " ".join(f"{letter}{count}" for letter, count in zip("GFPX", counts, strict=True) if count)
    paint_band(part, 0, "Fits", palette, note=note)
    columns = fit(COLUMNS, part.width)
    paint_header(part, 1, columns, palette)
    lines = max(part.height - 2, 0)
    cursor = settle(3, lines)
    cursor = cursor._replace(row=view.chosen).within(len(view.rows), lines)
    paint_rows(part.window(0, 2, part.width, lines), columns, view.rows, palette, cursor=cursor)


def _paint_fit(part: Canvas, view: SurfaceView, palette: Palette) -> None:
    end = paint_blocks(part, [wrapped(block, part.width) for block in view.blocks], palette)
    if end < part.height:
        part.put(1, part.height - 1, ("Enter", palette.text), (" back to the list", palette.dim))


def _paint_maturities(part: Canvas, view: SurfaceView, palette: Palette) -> None:
    title, note = next((words for words in MATURITY_WORDS if sum(map(len, words)) + 4 <= part.width), MATURITY_WORDS[-1])
    paint_band(part, 0, title, palette, note=note)
    columns = fit(TENOR_COLUMNS, part.width)
    paint_header(part, 1, columns, palette)
    lines = part.height - 2
    shown = view.tenors if lines >= len(view.tenors) else tuple(row for row in view.tenors if row.name in {"1W", "1M", "3M", "1Y"})
    for line, row in enumerate(shown[:lines]):
        for placed in columns:
            paint_cell(part, 2 + line, placed, placed.column.cell(row), palette)


def _paint_foot(canvas: Canvas, view: SurfaceView, palette: Palette) -> None:
    """Where there is no room for a side: the chosen fit's letter and the constant maturities in one row."""
    y = canvas.height - 1
    canvas.fill(0, y, canvas.width, 1, palette.head)
    x = 1
    if view.warning:
        x = canvas.text(x, y, view.warning[: canvas.width - 2], palette.alert) + 2
    for tenor in view.tenors:
        text = written.points(tenor.atm)
        if x + len(tenor.name) + len(text) + 2 > canvas.width:
            return
        x = canvas.put(x, y, (f"{tenor.name} ", palette.dim), (text, palette.vol)) + 2
