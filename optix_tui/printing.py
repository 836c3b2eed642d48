"""Screens as text: for a pipe, for a screen reader, for a first look without a terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.domain.errors import BadInput, OptixError, UnknownSymbol
from engine.domain.ids import Symbol
from optix_tui.app import OptixApp
from optix_tui.function import Function
from optix_tui.opening import options_here, way_to_engine
from optix_tui.parser import Problem, parse
from optix_tui.workspace import Node, Panel, Workspace

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.strip import Strip
    from textual.widget import Widget

    from optix_tui.opening import FeedOptions
    from optix_tui.options import Options

FRAME = (160, 45)
PATIENCE = 10.0
"""Seconds a printed screen waits for its numbers."""
SETTLED_BEATS = 3
"""Beats without news after which a frame is taken as complete."""


def print_frame(feed: str | None, feed_options: FeedOptions) -> int:
    """The main workspace, once."""
    options = options_here(live=False)
    rows = asyncio.run(_rows(options, feed, feed_options, FRAME, whole=True))
    sys.stdout.write("\n".join(rows) + "\n")
    return 0


def print_function(
    words: Sequence[str], *, feed: str | None, feed_options: Mapping[str, str | int | float | bool], size: tuple[int, int]
) -> int:
    """One function's tile: ``OMON SPY ±5``."""
    found = parse(" ".join(words), {})
    if isinstance(found, Problem):
        raise BadInput(found.sentence)
    if found.entry is None:
        raise BadInput(f"{found.symbol} is no function: name the one to print, such as OMON SPY (`optix functions` lists them)")
    panel = Panel(function=found.entry.code, symbol=found.symbol or "", args=found.args)
    alone = Workspace(name="PRINT", place=1, layout=Node(panel="tile"), panels={"tile": panel})
    options = replace(options_here(live=False), workspaces=(alone,), place=1, symbol=found.symbol or "", state_folder=None)
    rows = asyncio.run(_rows(options, feed, feed_options, (size[0], size[1] + 5), whole=False))
    sys.stdout.write("\n".join(rows) + "\n")
    return 0


async def _rows(options: Options, feed: str | None, feed_options: FeedOptions, size: tuple[int, int], *, whole: bool) -> list[str]:
    engine = await way_to_engine(feed, feed_options, host=False)()
    app = OptixApp(replace(options, remembers=False))
    try:
        async with app.run_test(size=size, notifications=False) as pilot:
            app.attach(engine)
            await _complete(app)
            await pilot.pause()
            if whole:
                return grid(size, [(sheet.region, sheet.shown_rows()) for sheet in app.bench.all_sheets() if _is_seen(sheet)])
            tile = app.bench.tile
            if tile.trouble:
                raise _as_error(tile)
            return [row.text.rstrip() for row in tile.shown_rows()]
    finally:
        await engine.close()


def _is_seen(widget: Widget) -> bool:
    return bool(widget.display and widget.region.area and widget.is_on_screen)


def _as_error(tile: Function) -> OptixError:
    symbol = tile.context.symbol
    return UnknownSymbol(tile.trouble) if symbol and Symbol(symbol) in tile.trouble else OptixError(tile.trouble)


async def _complete(app: OptixApp) -> None:
    """Beats until every tile shows something and nothing changes any more, or patience ends."""
    until, quiet = monotonic() + PATIENCE, 0
    while monotonic() < until and quiet < SETTLED_BEATS:
        await asyncio.sleep(0.05)
        app.beat()
        tiles = [tile for tile in app.bench.tiles if tile.is_shown]
        waits = any(tile.needs_paint or not tile.has_something() for tile in tiles) or app.session.status is None
        app.pump.paint_all()
        quiet = 0 if waits else quiet + 1


def grid(size: tuple[int, int], sheets: Sequence[tuple[Region, Sequence[Strip]]]) -> list[str]:
    """The rows of a screen from what stands where."""
    width, height = size
    rows = [[" "] * width for _ in range(height)]
    for region, strips in sheets:
        for row, strip in enumerate(strips):
            y = region.y + row
            if 0 <= y < height:
                for column, letter in enumerate(strip.text[: max(0, width - region.x)]):
                    rows[y][region.x + column] = letter
    return ["".join(row).rstrip() for row in rows]
