"""Puts a chain file into the history: the file plugin reads it, the ``file`` store keeps it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from engine.contracts.feed import Feed
from engine.domain.errors import UpstreamFailed
from engine.domain.ids import SourceId
from engine.domain.instants import iso
from engine.domain.market import FeedCondition, FeedEvent, FeedState
from engine.kernel.tasks import Tasks
from engine.messages.base import Receipt
from engine.messages.commands import ImportChain
from engine.state.demand import Wanted
from engine.storage.store import Store

READING_SECONDS = 60.0

StoreDoor = Callable[[SourceId], AbstractAsyncContextManager[Store]]


class Imports:
    """Carries out imports."""

    def __init__(self, *, build: Callable[[str], Feed], open_store: StoreDoor, tasks: Tasks) -> None:
        self._build = build
        self._tasks = tasks
        self._open_store = open_store

    async def import_chain(self, command: ImportChain) -> Receipt:
        """Reads the file and keeps its chains; the same file again changes nothing."""
        feed = self._build(command.path)
        events = await collected(feed, self._tasks)
        async with self._open_store(feed.traits.source) as store:
            report = await store.import_chain(events, source=feed.traits.source)
        done = f"put into the history, {_at_rest(events)}" if report.rows_added else "in the history already, nothing changed"
        return Receipt(
            text=f"{feed.traits.source}, {', '.join(report.symbols)}: {done}",
            detail={
                "symbols": list(report.symbols),
                "contracts": report.contracts,
                "snapshots_added": report.snapshots_added,
                "rows_added": report.rows_added,
                "at": iso(report.at),
                "remarks": _at_rest(events),
            },
        )


def _at_rest(events: list[FeedEvent]) -> str:
    """What the file's feed says of it: how many contracts, of which instant, and what could not be read."""
    return next((event.reason for event in reversed(events) if isinstance(event, FeedCondition) and event.reason), "")


class _Collector:
    def __init__(self) -> None:
        self.events: list[FeedEvent] = []
        self.complete = asyncio.Event()
        self.trouble: Exception | None = None

    def emit(self, event: FeedEvent) -> None:
        self.events.append(event)
        if isinstance(event, FeedCondition) and event.state is FeedState.FROZEN:
            self.complete.set()


async def collected(feed: Feed, tasks: Tasks) -> list[FeedEvent]:
    """All that a file's feed says until it stands still or ends; raises what it raises."""
    sink = _Collector()
    running = tasks.spawn(_run(feed, sink), name=f"import of {feed.traits.source}")
    try:
        async with asyncio.timeout(READING_SECONDS):
            await sink.complete.wait()
    except TimeoutError:
        raise UpstreamFailed(f"{feed.traits.source} could not be read within {READING_SECONDS:g} s") from None
    finally:
        running.cancel()
    if sink.trouble is not None:
        raise sink.trouble
    return sink.events


async def _run(feed: Feed, sink: _Collector) -> None:
    try:
        await feed.run(sink, Wanted(asyncio.get_running_loop().time))
    except Exception as error:  # noqa: BLE001 (handed to whoever asked for the import)
        sink.trouble = error
    finally:
        sink.complete.set()


def door_of(store: Store) -> StoreDoor:
    """A door to a store that is open already and stays so."""

    @asynccontextmanager
    async def enter(_: SourceId) -> AsyncIterator[Store]:
        yield store

    return enter
