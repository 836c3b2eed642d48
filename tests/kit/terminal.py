"""A screen as text: what can be read, row by row, and which colours stand where."""

from collections.abc import Callable, Iterable

from rich.style import Style
from textual.app import App
from textual.strip import Strip

from optix_tui.canvas import Canvas
from optix_tui.colour import hexadecimal
from optix_tui.theme import Palette


def screen_strips(app: App) -> list[Strip]:
    """The rows of the active screen as they would be sent (the one place that reaches into Textual's compositor)."""
    return list(app.screen._compositor.render_strips())


def screen_text(app: App) -> str:
    """The active screen as a grid of text."""
    return "\n".join(strip.text.rstrip() for strip in screen_strips(app))


def screen_rows(app: App) -> list[str]:
    """The active screen's rows, at their full width."""
    return [strip.text for strip in screen_strips(app)]


def row_widths(app: App) -> set[int]:
    """The widths of all rows: exactly one where nothing overflows."""
    return {strip.cell_length for strip in screen_strips(app)}


def colour_names(palette: Palette) -> dict[int, str]:
    """Colours by the first semantic key that has them."""
    names: dict[int, str] = {}
    for key in palette.__struct_fields__:
        value = getattr(palette, key)
        if isinstance(value, int) and not isinstance(value, bool):
            names.setdefault(value, key)
    return names


def _name(colour: object, names: dict[int, str]) -> str:
    triplet = getattr(colour, "triplet", None)
    if triplet is None:
        return "-"
    packed = triplet.red << 16 | triplet.green << 8 | triplet.blue
    return names.get(packed, hexadecimal(packed))


def style_runs(strips: Iterable[Strip], palette: Palette) -> str:
    """Row by row, the runs of one style as ``count:fore/back`` with ``!`` for bold: a golden of colours that can be read."""
    names = colour_names(palette)
    rows = []
    for strip in strips:
        runs = []
        for segment in strip:
            style = segment.style or Style()
            bold = "!" if style.bold else ""
            runs.append(f"{segment.cell_length}:{_name(style.color, names)}/{_name(style.bgcolor, names)}{bold}")
        rows.append(" ".join(runs))
    return "\n".join(rows)


def painted(
    paint: Callable[[Canvas, object, Palette], None], view: object, palette: Palette, *, width: int = 80, height: int = 20
) -> list[str]:
    """What a painter draws, as rows of text: a golden that needs no application."""
    canvas = Canvas(width, height, palette.ground, palette.text)
    paint(canvas, view, palette)
    strips = canvas.strips()
    assert {strip.cell_length for strip in strips} <= {width}
    return [strip.text.rstrip() for strip in strips]
