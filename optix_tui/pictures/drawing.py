"""One function's screen as a picture: the tile is painted alone, and stands between a heading and a footer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.domain.errors import OptixError, Refused
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import iso
from engine.domain.volatility import SurfaceModel
from optix_tui.freshness import Condition, Freshness
from optix_tui.graphics.cell_size import CellSize
from optix_tui.pictures.banner import Footer, Heading
from optix_tui.pictures.chosen_model import ChosenModel
from optix_tui.pictures.expiry import find_expiry
from optix_tui.pictures.file import check_target
from optix_tui.pictures.patches import Patched
from optix_tui.pictures.picture import MARGIN, Picture, check_theme, composed, delivered, read_size
from optix_tui.pictures.shapes import CELL_HEIGHT, CELL_WIDTH
from optix_tui.printing import engine_of, function_alone, options_for, options_of
from optix_tui.strokes import strokes_kept
from optix_tui.widgets.app_bar import badge

if TYPE_CHECKING:
    from engine.api import Engine
    from optix_tui.app import OptixApp
    from optix_tui.function import Function
    from optix_tui.options import Options

SAID_BY_THE_MARKET = frozenset({Condition.LIVE, Condition.LOADING, Condition.DELAYED, Condition.FROZEN})
"""The kind of market in the footer says these already."""


def draw(
    words: Sequence[str],
    *,
    symbol: str | None = None,
    file: str,
    size: str | None = None,
    theme: str | None = None,
    expiry: str | None = None,
    at: UtcNanos | None = None,
    model: str = SurfaceModel.SVI.value,
    feed: str | None = None,
    feed_options: Mapping[str, str | int | float | bool],
) -> str:
    """Draws a command line (``OVDV SPY SMILE``) into a file, and says what was drawn.

    With a ``symbol`` the words are a function and its arguments alone, so that VIX is the security. ``expiry`` is as people write it,
    ``at`` the instant of a stored surface, ``model`` that of the surface. What cannot be read, drawn or written is refused in words, and
    leaves no file.
    """
    check_target(file)
    columns, rows = read_size(size)
    check_theme(theme)
    options = _for_a_picture(options_for(words) if symbol is None else options_of(words[0], symbol, words[1:]), theme)

    async def drawn() -> Picture:
        async with engine_of(feed, feed_options) as engine:
            chosen, note = await _completed(engine, options, expiry, at)
            seen = engine if model == SurfaceModel.SVI.value else ChosenModel(engine, SurfaceModel(model))
            async with function_alone(seen, chosen, (columns - 2 * MARGIN, rows - 1)) as (app, tile):
                return replace(picture_of_tile(app, tile), note=note)

    return delivered(asyncio.run(drawn()), file)


def _for_a_picture(options: Options, theme: str | None) -> Options:
    """A picture has its colours even where the terminal is to have none."""
    return replace(options, theme=theme or options.theme, no_colour=False, profile="")


async def _completed(engine: Engine, options: Options, expiry: str | None, at: UtcNanos | None) -> tuple[Options, str]:
    """The tile's arguments with the expiry and the instant in its own words, and what is to be said of the choice."""
    (space,) = options.workspaces
    panel = space.panels["tile"]
    args, note = panel.args, ""
    if at is not None:
        args = (*args, f"@{iso(at)}")
    if expiry is not None:
        found = await find_expiry(engine, panel.function, Symbol(panel.symbol), expiry, at)
        args, note = (*args, found.word), found.note
    return replace(options, workspaces=(replace(space, panels={"tile": replace(panel, args=args)}),)), note


def picture_of_tile(app: OptixApp, tile: Function) -> Picture:
    """What the tile shows now, with heading and footer in place of its title band and of the bars; OptixError while that is nothing."""
    if refusal := tile.refusal():
        raise Refused(refusal)
    if tile.present() is None:
        raise OptixError(f"{tile.entry.code} {tile.context.symbol} has nothing to show yet: the market has told nothing of it")
    palette, status = app.palette, app.session.status
    with strokes_kept():
        canvas = tile.draw(tile.outer_size)
    body = canvas.window(0, 1, canvas.width, canvas.height - 1)
    patches = tile.patches(body, CellSize(CELL_WIDTH, CELL_HEIGHT)) if isinstance(tile, Patched) else ()
    kind, colour = badge(app.app_bar_view())
    footer = Footer(
        kind=kind,
        kind_colour=colour,
        source=status.source if status is not None else "",
        condition=condition_words(tile.freshness),
        at=tile.fact_time() or app.session.market_time(),
    )
    heading = Heading(
        code=tile.entry.code,
        title=tile.title(),
        subtitle=tile.subtitle(),
        condition=tile.freshness.label,
        is_past=tile.freshness.is_dimmed or tile.freshness.condition is Condition.RECORDED,
    )
    return composed(body, heading, footer, palette, patches)


def condition_words(freshness: Freshness) -> str:
    """``STALE 42s``, ``CLOSED``; an instant is not repeated, since the footer tells it."""
    if freshness.condition in SAID_BY_THE_MARKET:
        return ""
    return freshness.label if freshness.is_dimmed else freshness.condition.value.upper()
