"""The way to an engine: attach to the data folder's own where one runs, else host it, else open a private one."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.domain.errors import BadInput, EngineGone, NotConfigured
from engine.domain.instants import SECOND_NS, new_york
from engine.kernel.clock import Clock
from engine.kernel.configuration import Configuration
from engine.kernel.paths import Paths
from engine.messages.queries import EngineStatus, GetStatus
from engine.runtime.engine import Attachable, Engine
from engine.runtime.feed_name import FeedName
from engine.runtime.handover import LastingEngine, Reconnect
from engine.runtime.hosting import PAUSE_SECONDS, Wish, forced_ownership, held_by_another, own, private, version_here
from engine.runtime.owner import OwnerNote, Ownership, owner_note
from engine.runtime.remote import RemoteEngine

ATTACH_SECONDS = 10.0
"""An owner that starts, or ends, is given this long to answer or to let go."""
ANEW_SECONDS = 10.0
"""A market that went back by less than its clock makes in this time was gone on with."""
AUTO, LOCAL, REMOTE = "auto", "local", "remote"
_log = logging.getLogger(__name__)


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

    async def reconnect(last: EngineStatus | None) -> tuple[Attachable, str]:
        nonlocal gone
        engine, continued = await _attached_or_going_on(market, last)
        before = gone
        if isinstance(engine, RemoteEngine):
            gone = engine.pid
            began_anew = await _began_anew(engine, last)
            told = f"attached to the one in process {engine.pid}{', whose market began again' if began_anew else ''}"
        else:
            told = f"it runs in this terminal now{_of_its_market(last, continued=continued)}"
        return engine, f"the engine in process {before} ended: {told}"

    return reconnect


async def _attached_or_going_on(wish: Wish, last: EngineStatus | None) -> tuple[Attachable, bool]:
    """The next engine, its market gone on with where that can be; and whether that is so."""
    if last is not None and last.continuation:
        try:
            return await _attached_or_own(replace(wish, continuation=dict(last.continuation))), True
        except BadInput:
            _log.warning("the market cannot be gone on with by %s", dict(last.continuation), exc_info=True)
    return await _attached_or_own(wish), False


def _of_its_market(last: EngineStatus | None, *, continued: bool) -> str:
    """What became of a market that has a clock of its own."""
    if last is None or not last.own_clock:
        return ""
    return f", and its market goes on from {new_york(last.market_time):%H:%M:%S} New York" if continued else ", and its market began again"


async def _began_anew(engine: RemoteEngine, last: EngineStatus | None) -> bool:
    """Whether the clock of the next owner's market stands clearly before the last one's."""
    if last is None or not last.own_clock:
        return False
    status = await engine.ask(GetStatus())
    return status.market_time < last.market_time - round(ANEW_SECONDS * max(1.0, last.speed) * SECOND_NS)
