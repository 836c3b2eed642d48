"""Screens as text: for a pipe, for a screen reader, for a first look without a terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.api import GetSecurity
from engine.domain.errors import BadInput, OptixError, UnknownSymbol
from engine.domain.ids import Symbol
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedState
from optix_tui.app import OptixApp
from optix_tui.function import Function
from optix_tui.opening import options_here, way_to_engine
from optix_tui.parser import Problem, parse
from optix_tui.workspace import Node, Panel, Workspace

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.strip import Strip
    from textual.widget import Widget

    from engine.api import Engine
    from optix_tui.opening import FeedOptions
    from optix_tui.options import Options

FRAME = (160, 45)
ROWS_AROUND = 5
"""The bars and the command line of a wide terminal."""
PATIENCE = 15.0
"""Seconds a printed screen waits for its numbers."""
HEARING_SECONDS = 3.0
"""Once all is answered, it waits so long for what it watches to speak: not everything ever does."""
WHOLE_SECONDS = 8.0
"""And so long for what is computed of it, where names are without: volatilities of those that are not priced yet."""
LISTING_SECONDS = 1.0
"""A market that lists no more names for so long has opened."""
YOUNG_SECONDS = 20
"""An engine that runs longer has its names."""
AT_REST = frozenset({FeedState.FROZEN, FeedState.CLOSED, FeedState.DISCONNECTED})
"""Such a market has no more to say than it answers."""
SETTLED_BEATS = 3
"""Beats without news after which a frame is taken as complete."""


def print_frame(feed: str | None, feed_options: FeedOptions) -> int:
    """The main workspace, once."""
    options = options_here(live=False)
    rows = asyncio.run(_frame_rows(options, feed, feed_options))
    sys.stdout.write("\n".join(rows) + "\n")
    return 0


def print_function(
    words: Sequence[str], *, feed: str | None, feed_options: Mapping[str, str | int | float | bool], size: tuple[int, int]
) -> int:
    """Prints one function's tile: ``OMON SPY ±5``."""
    sys.stdout.write("\n".join(function_rows(words, feed=feed, feed_options=feed_options, size=size)) + "\n")
    return 0


def function_rows(
    words: Sequence[str], *, feed: str | None, feed_options: Mapping[str, str | int | float | bool], size: tuple[int, int]
) -> list[str]:
    """One function's tile, a text a row."""
    options = options_for(words)

    async def rows() -> list[str]:
        async with engine_of(feed, feed_options) as engine, function_alone(engine, options, size) as (_, tile):
            return [row.text.rstrip() for row in tile.shown_rows()]

    return asyncio.run(rows())


def options_for(words: Sequence[str]) -> Options:
    """A terminal with one function and nothing else, as it is typed: ``OMON SPY ±5``; BadInput where that cannot be read."""
    found = parse(" ".join(words), {})
    if isinstance(found, Problem):
        raise BadInput(found.sentence)
    if found.entry is None:
        raise BadInput(f"{found.symbol} is no function: name the one to print, such as OMON SPY (`optix functions` lists them)")
    return options_of(found.entry.code, found.symbol or "", found.args)


def options_of(code: str, symbol: str, args: Sequence[str]) -> Options:
    """A terminal with one function of one security and nothing else."""
    panel = Panel(function=code, symbol=symbol, args=tuple(args))
    alone = Workspace(name="PRINT", place=1, layout=Node(panel="tile"), panels={"tile": panel})
    return replace(options_here(live=False), workspaces=(alone,), place=1, symbol=symbol, state_folder=None)


@asynccontextmanager
async def engine_of(feed: str | None, feed_options: FeedOptions) -> AsyncIterator[Engine]:
    """The engine that runs, or a private one, for as long as a screen is printed."""
    engine = await way_to_engine(feed, feed_options, host=False)()
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def function_alone(engine: Engine, options: Options, size: tuple[int, int]) -> AsyncIterator[tuple[OptixApp, Function]]:
    """The application with its one tile, so many columns by rows and painted whole; its trouble, if it has one, is raised."""
    async with _complete_app(engine, options, (size[0], size[1] + ROWS_AROUND), inner=size) as app:
        tile = app.bench.tile
        if tile.trouble:
            raise _as_error(tile)
        yield app, tile


async def _frame_rows(options: Options, feed: str | None, feed_options: FeedOptions) -> list[str]:
    async with engine_of(feed, feed_options) as engine, _complete_app(engine, options, FRAME) as app:
        return grid(FRAME, [(sheet.region, sheet.shown_rows()) for sheet in app.bench.all_sheets() if _is_seen(sheet)])


@asynccontextmanager
async def _complete_app(
    engine: Engine, options: Options, size: tuple[int, int], *, inner: tuple[int, int] | None = None
) -> AsyncIterator[OptixApp]:
    """The application, whole; ``inner`` is what its one tile has to measure."""
    if options.symbol:
        # An unknown name is told at once, not looked for until patience ends.
        await engine.ask(GetSecurity(symbol=Symbol(options.symbol)))
    app = OptixApp(replace(options, remembers=False))
    async with app.run_test(size=size, notifications=False) as pilot:
        app.attach(engine)
        for tile in app.bench.tiles:
            if wrong := tile.misread():
                raise BadInput(wrong)
        if inner is not None and (rest := inner[1] - app.bench.tile.outer_size.height):
            # A narrow frame takes fewer rows around the tile than a wide one.
            await pilot.resize_terminal(size[0], size[1] + rest)
        await _complete(app)
        await pilot.pause()
        yield app


def _is_seen(widget: Widget) -> bool:
    return bool(widget.display and widget.region.area and widget.is_on_screen)


def _as_error(tile: Function) -> OptixError:
    symbol = tile.context.symbol
    return UnknownSymbol(tile.trouble) if symbol and Symbol(symbol) in tile.trouble else OptixError(tile.trouble)


async def _complete(app: OptixApp) -> None:
    """Beats until the screen is whole and nothing changes any more, or patience ends."""
    wait, quiet, until = Wait(app), 0, monotonic() + PATIENCE
    while monotonic() < until and quiet < SETTLED_BEATS:
        await asyncio.sleep(0.05)
        app.beat()
        changes = any(tile.needs_paint for tile in wait.tiles)
        app.pump.paint_all()
        quiet = 0 if wait.goes_on() or changes else quiet + 1
    for tile in wait.tiles:
        tile.touch()
    app.pump.paint_all()


class Wait:
    """What a screen that is printed once still waits for: answers first, then the first word on all that it watches."""

    def __init__(self, app: OptixApp) -> None:
        self._app = app
        self._names = -1
        self._listed_at = self._answered_at = monotonic()
        self._failed: dict[Function, int] = {}

    @property
    def tiles(self) -> list[Function]:
        """Those that can be seen."""
        return [tile for tile in self._app.bench.tiles if tile.is_shown]

    def goes_on(self) -> bool:
        """One look, at each beat."""
        now, tiles = monotonic(), self.tiles
        status = self._app.session.status
        opens = self._market_opens(now)
        if opens:
            self._ask_again(tiles)
        unanswered = (
            status is None
            or any(tile.is_asking or not tile.has_something() for tile in tiles)
            or (opens and any(tile.trouble or tile.needs_all_names for tile in tiles))
        )
        if unanswered:
            self._answered_at = now
            return True
        if status is None or status.feed_state in AT_REST:
            return False
        heard = all(tile.trouble or tile.has_heard for tile in tiles)
        whole = all(tile.trouble or tile.is_whole() for tile in tiles)
        return not (heard and whole) and now - self._answered_at <= (HEARING_SECONDS if whole else WHOLE_SECONDS)

    def _market_opens(self, now: float) -> bool:
        """A market that has only just started still lists names."""
        session = self._app.session
        if session.status is None or session.needs_names or len(session.listed) != self._names:
            self._names, self._listed_at = len(session.listed), now
        status = session.status
        is_young = status is None or status.wall_time - status.started_at < YOUNG_SECONDS * SECOND_NS
        at_rest = status is not None and status.feed_state in AT_REST
        return is_young and not at_rest and now - self._listed_at < LISTING_SECONDS

    def _ask_again(self, tiles: Sequence[Function]) -> None:
        """What could not be answered yet may be known now."""
        for tile in tiles:
            if tile.failed_questions > self._failed.get(tile, 0) and not tile.is_asking:
                self._failed[tile] = tile.failed_questions
                tile.ask_again()


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
