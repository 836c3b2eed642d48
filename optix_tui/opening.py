"""Opening the workstation: settings and memory are read, the last look is found, and the application runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from time import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.api import connect, places, read_last_look, settings
from engine.domain.errors import OptixError
from engine.domain.ids import Symbol
from optix_tui.farewell import told_to_leave
from optix_tui.memory import Memory, recall
from optix_tui.options import Options, gather

if TYPE_CHECKING:
    from engine.api import Engine, LastLook
    from optix_tui.app import OptixApp

FeedOptions = Mapping[str, str | int | float | bool]
TURN_SECONDS = 0.001
"""Screen and engine are two loops in one interpreter: whoever waits for it gets it after so long, from kernels being compiled too."""


def is_a_terminal() -> bool:
    """Somebody sits in front of it (the screen is written to what stderr is)."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


def options_here(*, live: bool = True) -> Options:
    """The user's settings, keys, layouts and memory."""
    folders = places()
    problems: tuple[str, ...] = ()
    values: dict[str, object] = {}
    try:
        values = {setting.key: setting.value for setting in settings().settings}
    except OptixError as error:
        problems = (str(error),)
    memory = recall(folders["state"])
    options = gather(
        configuration_folder=folders["config"],
        theme=memory.theme or str(values.get("terminal.theme", "amber")),
        keymap=str(values.get("terminal.keymap", "default")),
        up_is_red=bool(values.get("terminal.up_is_red", False)),
        pictures=str(values.get("terminal.pictures", "auto")),
        symbol=memory.symbol,
        live=live,
    )
    return replace(options, problems=(*problems, *options.problems), state_folder=folders["state"], place=memory.place)


def last_look(memory: Memory, feed: str | None) -> tuple[LastLook, float] | None:
    """What was on the screen last, and how many seconds ago."""
    if not memory.symbol:
        return None
    try:
        look = read_last_look(Symbol(memory.symbol), feed=feed)
    except OptixError:
        return None
    return (look, max(time() - look.written_at / 1e9, 0.0)) if look is not None else None


def way_to_engine(feed: str | None, feed_options: FeedOptions, *, host: bool) -> Callable[[], Awaitable[Engine]]:
    """Attaches to the data folder's engine, or hosts one."""

    async def way() -> Engine:
        return await connect("auto", feed=feed, options=dict(feed_options), host=host)

    return way


def open_workstation(feed: str | None = None, feed_options: FeedOptions | None = None) -> int:
    """The terminal; without one, a single frame as text. Returns the exit code."""
    if not is_a_terminal():
        from optix_tui.printing import print_frame

        return print_frame(feed, feed_options or {})
    sys.setswitchinterval(TURN_SECONDS)
    from optix_tui.app import OptixApp

    options = options_here()
    found = last_look(Memory(symbol=options.symbol), feed)
    app = OptixApp(options, way_to_engine(feed, feed_options or {}, host=True), look=found)
    asyncio.run(_live(app))
    return app.return_code or 0


async def _live(app: OptixApp) -> None:
    """The application until it is left; the engine is closed when the terminal is a terminal again."""
    with told_to_leave(app.exit):
        try:
            await app.run_async()
        finally:
            await app.leave()
