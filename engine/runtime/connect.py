"""The way to an engine: attach to the data folder's own where one runs, else host it, else open a private one."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.domain.errors import EngineGone, NotConfigured
from engine.kernel.clock import Clock
from engine.kernel.configuration import Configuration
from engine.kernel.paths import Paths
from engine.runtime.engine import Attachable, Engine
from engine.runtime.feed_name import FeedName
from engine.runtime.handover import LastingEngine, Reconnect
from engine.runtime.hosting import PAUSE_SECONDS, Wish, forced_ownership, held_by_another, own, private, version_here
from engine.runtime.owner import OwnerNote, Ownership, owner_note
from engine.runtime.remote import RemoteEngine

ATTACH_SECONDS = 10.0
"""An owner that starts, or ends, is given this long to answer or to let go."""
AUTO, LOCAL, REMOTE = "auto", "local", "remote"


async def connect(
    target: str = AUTO,
    *,
    feed: str | None = None,
    options: Mapping[str, str | int | float | bool] | None = None,
    host: bool = True,
    home: Path | str | None = None,
) -> Engine:
    """An engine: ``auto`` attaches or hosts, ``local`` hosts or refuses, ``remote`` attaches or refuses; else the name of a feed.

    With ``host=False`` (one command) it is the owner's engine, or a private one for this command alone.
    """
    wish = read_wish(target, feed=feed, options=options, host=host, home=home)
    if wish.always_private:
        return await private(wish, scratch=True)
    if target == LOCAL:
        return await own(wish, await forced_ownership(wish.paths))
    note = owner_note(wish.paths.data)
    if note is not None and not wish.served_by(note):
        return await private(wish, scratch=True)
    if target == REMOTE or not wish.host:
        return await _attached_or_alone(wish, must_attach=target == REMOTE)
    return await _lasting(wish)


def read_wish(
    target: str = AUTO,
    *,
    feed: str | None = None,
    options: Mapping[str, str | int | float | bool] | None = None,
    host: bool = True,
    home: Path | str | None = None,
) -> Wish:
    """What was asked for, and the configuration of the place it is asked for in."""
    paths = Paths.of(home)
    configuration = Configuration.load(paths)
    asked = feed or (target if target not in {AUTO, LOCAL, REMOTE} else None)
    name = FeedName.parse(asked or configuration.text("feed.default"))
    return Wish(paths=paths, configuration=configuration, feed=name, named=asked is not None, options=dict(options or {}), host=host)


async def _attached_or_alone(wish: Wish, *, must_attach: bool) -> Engine:
    """For one command: never hosts for others."""
    engine = await _attached(wish)
    if engine is not None:
        return engine
    if must_attach:
        raise NotConfigured(f"no engine runs on {wish.paths.data}: start one with `optix daemon`, or open the terminal with `optix`")
    return await private(wish, scratch=bool(wish.options))


async def _attached(wish: Wish) -> RemoteEngine | None:
    """The owner's engine; None where there is no owner. Waits for one that is just starting or ending."""
    loop = asyncio.get_running_loop()
    until = loop.time() + ATTACH_SECONDS
    while (note := owner_note(wish.paths.data)) is not None:
        engine = await _knock(note)
        if engine is not None:
            return engine
        if loop.time() > until:
            raise held_by_another(wish.paths, but="it does not answer: wait")
        await asyncio.sleep(PAUSE_SECONDS)
    return None


async def _knock(note: OwnerNote) -> RemoteEngine | None:
    if note.address is None:
        return None
    try:
        return await RemoteEngine.connect(note.address, version=version_here())
    except EngineGone:  # it has just ended, or is about to
        return None


async def _attached_or_own(wish: Wish) -> Attachable:
    """Whoever gets the lock hosts; everybody else attaches to that one."""
    loop = asyncio.get_running_loop()
    until = loop.time() + ATTACH_SECONDS
    while True:
        ownership = Ownership.take(wish.paths.data)
        if ownership is not None:
            return await own(wish, ownership)
        note = owner_note(wish.paths.data)
        engine = await _knock(note) if note is not None else None
        if engine is not None:
            return engine
        if loop.time() > until:
            raise held_by_another(wish.paths, but="it does not answer: wait")
        await asyncio.sleep(PAUSE_SECONDS)


async def _lasting(wish: Wish) -> Engine:
    """For a terminal: the owner's engine for as long as there is one, then whatever comes after it."""
    engine = await _attached_or_own(wish)
    if not isinstance(engine, RemoteEngine):
        return engine
    return LastingEngine(engine, _next_after(wish, engine), Clock().wall)


def _next_after(wish: Wish, first: RemoteEngine) -> Reconnect:
    """How to go on when the owner ends: on the owner's market, so that the screens keep their names."""
    note = owner_note(wish.paths.data)
    market = wish if note is None else replace(wish, feed=FeedName.parse(note.feed), options=dict(note.options), named=False)
    gone = first.pid

    async def reconnect() -> tuple[Attachable, str]:
        nonlocal gone
        engine = await _attached_or_own(market)
        before = gone
        if isinstance(engine, RemoteEngine):
            gone = engine.pid
            return engine, f"the engine in process {before} ended: attached to the one in process {engine.pid}"
        return engine, f"the engine in process {before} ended: it runs in this terminal now"

    return reconnect
