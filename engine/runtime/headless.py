"""The data folder's engine without a face, until it is told to end."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.domain.errors import Refused
from engine.runtime.connect import LOCAL, read_wish
from engine.runtime.hosting import forced_ownership, own_here
from engine.runtime.owner import owner_note


async def serve_headless(
    *,
    feed: str | None = None,
    options: Mapping[str, str | int | float | bool] | None = None,
    home: Path | str | None = None,
    say: Callable[[str], None],
) -> None:
    """Hosts until SIGTERM, SIGINT or `StopEngine`; raises `Refused` with the owner's process where the folder has one."""
    wish = read_wish(LOCAL, feed=feed, options=options, home=home)
    if wish.always_private:
        raise Refused(f"{wish.feed.text} is a market out of a file: open it in a terminal; a daemon serves one that goes on")
    ownership = await forced_ownership(wish.paths)
    engine, end = await own_here(wish, ownership)
    try:
        with _told_by_signals(engine.stopping.set):
            note = owner_note(wish.paths.data)
            where = note.address.text if note is not None and note.address is not None else "no address"
            say(f"the engine of {wish.paths.data} runs on {wish.feed.text}, reached at {where}; Ctrl+C or SIGTERM ends it")
            await engine.stopping.wait()
            say("the engine ends")
    finally:
        await end()


def serve(
    *, feed: str | None = None, options: Mapping[str, str | int | float | bool] | None = None, home: Path | str | None = None
) -> None:
    """The same as a whole program; words go to stderr."""
    asyncio.run(serve_headless(feed=feed, options=options, home=home, say=_say))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def _told_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    try:
        for one in signals:
            loop.add_signal_handler(one, stop)
    except NotImplementedError:  # Windows: Ctrl+C comes as KeyboardInterrupt and ends asyncio.run
        yield
        return
    try:
        yield
    finally:
        for one in signals:
            loop.remove_signal_handler(one)
