"""Engines of this process: the data folder's own, with a door for others, or a private one."""

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.errors import Refused
from engine.domain.ids import RunId
from engine.kernel.configuration import Configuration
from engine.kernel.log import Log
from engine.kernel.paths import Paths
from engine.messages.queries import EngineRole
from engine.runtime.address import Address, new_address
from engine.runtime.attach import Door
from engine.runtime.feed_name import OF_A_FILE, FeedName, Options
from engine.runtime.hosted import Beside, HostedEngine
from engine.runtime.leftovers import scratch_folder, sweep
from engine.runtime.owner import OwnerNote, Ownership, owner_note

if TYPE_CHECKING:
    from engine.runtime.local import LocalEngine

FORCED_SECONDS = 0.4
PAUSE_SECONDS = 0.02
SWEEP_AFTER_SECONDS = 3.0
_log = logging.getLogger(__name__)
OWNERS_LOG = "optix.jsonl"
OTHERS_LOG = "others.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants of an engine."""

    paths: Paths
    configuration: Configuration
    feed: FeedName
    named: bool = False
    """The feed was asked for by name, so that an owner's other one will not do."""
    options: Options = field(default_factory=dict)
    continuation: Options = field(default_factory=dict)
    """Options that go on with a market where another engine left it; they stand over what was given, and are nobody's wish."""
    host: bool = True
    """May own the folder and let others attach; without it the engine is for one command."""

    @property
    def always_private(self) -> bool:
        """A market out of a file is nobody else's."""
        return self.feed.name in OF_A_FILE

    def served_by(self, note: OwnerNote) -> bool:
        """The owner's market is the one that is wanted."""
        if not self.named and not self.options:
            return True
        return note.feed == self.feed.text and all(note.options.get(key) == value for key, value in self.options.items())


def version_here() -> str:
    """Of this program."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("optix")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0+checkout"


async def forced_ownership(paths: Paths) -> Ownership:
    """The folder's lock, or within half a second a refusal that names who holds it."""
    for _ in range(round(FORCED_SECONDS / PAUSE_SECONDS)):
        owned = Ownership.take(paths.data)
        if owned is not None:
            return owned
        await asyncio.sleep(PAUSE_SECONDS)
    raise held_by_another(paths)


def held_by_another(paths: Paths, but: str = "attach to it (`optix` does)") -> Refused:
    """Who owns the folder, and what to do."""
    note = owner_note(paths.data)
    who = f"process {note.pid}" if note else "another process"
    where = f" at {note.address.text}" if note and note.address else ""
    return Refused(f"{who} runs the engine of {paths.data} already{where}: {but}, end it, or set OPTIX_HOME to another folder")


async def own(wish: Wish, ownership: Ownership) -> HostedEngine:
    """The folder's engine on a thread of its own, with its door open."""
    ownership.note(_note(wish, RunId(""), None))
    log = _log_of(wish, OWNERS_LOG)

    def ended() -> None:
        ownership.release()
        log.close()

    return await HostedEngine.start(lambda: _composed(wish, role=EngineRole.OWNER), door_of(wish, ownership), ended)


async def own_here(wish: Wish, ownership: Ownership) -> "tuple[LocalEngine, Callable[[], Awaitable[None]]]":
    """The same without a face, on this very loop; and what ends it."""
    ownership.note(_note(wish, RunId(""), None))
    log = _log_of(wish, OWNERS_LOG)
    try:
        engine = await _composed(wish, role=EngineRole.OWNER, headless=True)
        close_door = await door_of(wish, ownership)(engine)
    except BaseException:
        ownership.release()
        log.close()
        raise

    async def end() -> None:
        try:
            await close_door()
            await engine.close()
        finally:
            ownership.release()
            log.close()

    return engine, end


async def private(wish: Wish, *, scratch: bool) -> "HostedEngine | LocalEngine":
    """An engine for this process alone: for a terminal on a thread of its own, for one command on this loop."""
    place, held = await asyncio.to_thread(scratch_folder) if scratch else (None, None)
    kept = replace(wish, paths=replace(wish.paths, data=place)) if place is not None else wish
    log = _log_of(wish, OTHERS_LOG)

    def ended() -> None:
        if held is not None:
            held.release()
        log.close()

    try:
        if wish.host:
            return await HostedEngine.start(lambda: _composed(kept, role=EngineRole.PRIVATE, scratch=place), None, ended)
        engine = await _composed(kept, role=EngineRole.PRIVATE, scratch=place, passing=True)
    except BaseException:
        ended()
        if place is not None:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        raise
    engine.on_closed = ended
    return engine


def door_of(wish: Wish, ownership: Ownership) -> Beside:
    """What an owner runs beside its engine: the door, and a note in the folder of where it is.

    The folder is let go of with the door: the next owner need not wait for the last rows to be written (the database has its own lock).
    """

    async def open_door(engine: "LocalEngine") -> Callable[[], Awaitable[None]]:
        door = Door(engine, version=engine.context.version)
        address = await door.open(new_address(wish.paths.data))
        ownership.note(_note(wish, engine.context.run, address))
        _log.info("the engine of %s runs on %s, reached at %s", wish.paths.data, wish.feed.text, address.text)

        async def close() -> None:
            await door.close()
            ownership.release()

        return close

    return open_door


def _note(wish: Wish, run: RunId, address: Address | None) -> OwnerNote:
    return OwnerNote(pid=os.getpid(), version=version_here(), run=run, feed=wish.feed.text, options=wish.options, address=address)


async def _composed(
    wish: Wish, *, role: EngineRole, headless: bool = False, passing: bool = False, scratch: Path | None = None
) -> "LocalEngine":
    from engine.runtime.compose import Plan, compose

    engine = await compose(
        Plan(
            paths=wish.paths,
            configuration=wish.configuration,
            feed=wish.feed,
            options={**wish.options, **wish.continuation},
            role=role,
            version=version_here(),
            passing=passing,
            headless=headless,
            scratch=scratch,
        )
    )
    if not passing:
        engine.context.tasks.spawn(_sweep(engine), name="sweep")
    return engine


async def _sweep(engine: "LocalEngine") -> None:
    """Clears away what killed engines left, once the first paint is over."""
    await asyncio.sleep(SWEEP_AFTER_SECONDS)
    context = engine.context
    for path in await context.offload.run(sweep, context.clock.wall()):
        _log.info("cleared away %s, left by an engine that was killed", path)


def _log_of(wish: Wish, name: str) -> Log:
    level = logging.getLevelNamesMapping()[wish.configuration.text("log.level").upper()]
    return Log(wish.paths.state, name=name, level=level if name == OWNERS_LOG else max(level, logging.WARNING))
