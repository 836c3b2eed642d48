"""Draws the settings: the table, the chosen one in full below, and the themes at the right where there is room."""

from collections.abc import Callable
from textwrap import wrap

from optix_tui.canvas import Canvas
from optix_tui.screens.painting import paint_band, paint_header, paint_rows
from optix_tui.screens.settings.view import COLUMNS, SettingsView, parts, shown_text
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette, load_palette

DETAIL_ROWS = 5
WIDE = 130
THEMES_WIDTH = 35
SWATCHES = ("text", "bright", "up", "down", "vol", "security", "alert", "call", "put")


def paint_settings(canvas: Canvas, view: SettingsView, palette: Palette, settle: Callable[[int, int], Cursor]) -> None:
    """The whole screen."""
    longest = max((len(parts(row)[0]) for row in view.rows), default=0)
    rows = DETAIL_ROWS + (longest > canvas.width - 2)
    detail = rows if canvas.height >= rows + 6 else 1 if canvas.height > 3 else 0
    side = THEMES_WIDTH if canvas.width >= WIDE and view.themes else 0
    table = canvas.window(0, 0, canvas.width - side - (1 if side else 0), canvas.height - detail)
    columns = fit(COLUMNS, table.width)
    paint_header(table, 0, columns, palette)
    cursor = settle(1, table.height - 1)
    paint_rows(table.window(0, 1, table.width, table.height - 1), columns, view.rows, palette, cursor=cursor)
    if side:
        _paint_themes(canvas.window(canvas.width - side, 0, side, canvas.height - detail), view, palette)
    if detail:
        _paint_detail(canvas.window(0, canvas.height - detail, canvas.width, detail), view, cursor, palette)


def _paint_detail(canvas: Canvas, view: SettingsView, cursor: Cursor, palette: Palette) -> None:
    """What the chosen setting is for; while it is edited, what is typed and why it was refused."""
    if not view.rows:
        return
    row = view.rows[cursor.row]
    what, bounds = parts(row)
    if canvas.height == 1:
        _paint_typed(canvas, 0, view, row.key, palette)
        return
    paint_band(canvas, 0, row.key, palette, note=row.origin)
    canvas.paragraph(1, 1, what, palette.text, canvas.width - 2)
    y = canvas.height - 3
    x = canvas.put(1, y, ("bounds ", palette.dim), (bounds or "none stated", palette.vol))
    canvas.put(max(canvas.width // 2, x + 2), y, ("default ", palette.dim), (shown_text(row, row.default) or "(empty)", palette.text))
    _paint_typed(canvas, y + 1, view, row.key, palette)
    if view.problem and view.typed is not None:
        canvas.text(1, y + 2, f"refused: {view.problem}", palette.alert)
    else:
        canvas.put(1, y + 2, ("file ", palette.dim), (view.path, palette.dim))


def _paint_typed(canvas: Canvas, y: int, view: SettingsView, key: str, palette: Palette) -> None:
    if view.typed is None:
        if view.problem:
            canvas.text(1, y, f"refused: {view.problem}", palette.alert)
        else:
            canvas.put(1, y, ("Enter", palette.text), (" changes it", palette.dim))
        return
    canvas.fill(0, y, canvas.width, 1, palette.selected)
    x = canvas.put(1, y, (f"{key} = ", palette.dim), (view.typed, palette.white, None, True))
    x = canvas.text(x, y, " ", palette.ink, palette.text)
    if view.problem and canvas.height == 1:
        canvas.text(x + 2, y, view.problem, palette.alert)
    else:
        canvas.put(x + 2, y, ("Enter", palette.text), (" saves   ", palette.dim), ("Esc", palette.text), (" cancels", palette.dim))


def _paint_themes(canvas: Canvas, view: SettingsView, palette: Palette) -> None:
    """Each theme in its own colours."""
    paint_band(canvas, 0, "THEMES", palette, note="t: the next")
    y = 1
    for theme in view.themes:
        colours = load_palette(theme.name)
        if y + 2 >= canvas.height:
            return
        canvas.fill(1, y, canvas.width - 2, 3 + (len(colours.title) > canvas.width - 4), colours.ground)
        mark = "● " if theme.is_current else "  "
        canvas.put(2, y, (f"{mark}{theme.name}", colours.bright, colours.ground, True))
        canvas.put(14, y, ("604.12 ", colours.white, colours.ground), ("▲+2.53", colours.up, colours.ground))
        x = 4
        for name in SWATCHES:
            canvas.text(x, y + 1, "██", getattr(colours, name), colours.ground)
            x += 3
        for line, text in enumerate(wrap(colours.title, canvas.width - 4)[:2]):
            canvas.text(2, y + 2 + line, text, colours.dim, colours.ground)
        y += 4
