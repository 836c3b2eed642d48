"""Puts REPL together: the instant and the timeline above, the recorded surface below, and beside it what was known then."""

from optix_tui.canvas import Canvas
from optix_tui.screens.replay.paint_facts import paint_facts, paint_foot
from optix_tui.screens.replay.paint_timeline import paint_day, paint_days, paint_instant
from optix_tui.screens.replay.view import ReplayView, Show
from optix_tui.screens.surface.heat import HeatView
from optix_tui.screens.surface.numbers import NumbersView
from optix_tui.screens.surface.paint_heat import paint_heat
from optix_tui.screens.surface.paint_numbers import paint_numbers
from optix_tui.screens.surface.paint_smile import paint_smile
from optix_tui.screens.surface.paint_term import paint_term
from optix_tui.screens.surface.smile import SmileView
from optix_tui.screens.surface.term import TermView
from optix_tui.theme import Palette


def paint_replay(canvas: Canvas, view: ReplayView, palette: Palette) -> None:
    """The whole screen."""
    rooms = view.rooms
    paint_instant(canvas, view, palette)
    paint_days(canvas, 1, view, palette)
    paint_day(canvas, 2, view, palette)
    width, height = rooms.picture
    picture = canvas.window(0, rooms.head, width, height)
    if view.preferences.show is Show.FACTS:
        paint_facts(picture, view, palette)
    else:
        _paint_surface(picture, view, palette)
    if rooms.side:
        canvas.down(width, rooms.head, height, "│", palette.grid)
        paint_facts(canvas.window(width + 1, rooms.head, rooms.side, height), view, palette)
    elif rooms.foot:
        paint_foot(canvas, view, palette)


def _paint_surface(picture: Canvas, view: ReplayView, palette: Palette) -> None:
    surface = view.surface
    if surface is None:
        picture.paragraph(1, 1, view.problem, palette.alert if view.problem else palette.dim)
        return
    match surface.body:
        case HeatView() as body:
            paint_heat(picture, surface, body, palette)
        case SmileView() as body:
            paint_smile(picture, surface, body, palette)
        case TermView() as body:
            paint_term(picture, surface, body, palette)
        case NumbersView() as body:
            paint_numbers(picture, surface, body, palette)
        case _:
            picture.paragraph(1, 1, view.problem, palette.alert)
