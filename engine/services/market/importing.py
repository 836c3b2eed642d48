"""Puts a chain file into the history: the file plugin reads it, the ``file`` store keeps it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from engine.contracts.feed import Feed
from engine.domain.errors import UpstreamFailed
from engine.domain.ids import SourceId
from engine.domain.market import FeedCondition, FeedEvent, FeedState
from engine.messages.base import Receipt
from engine.messages.commands import ImportChain
from engine.state.demand import Wanted
from engine.storage.store import Store

READING_SECONDS = 60.0

StoreDoor = Callable[[SourceId], AbstractAsyncContextManager[Store]]


class Imports:
    """Carries out imports."""

    def __init__(self, *, build: Callable[[str], Feed], open_store: StoreDoor) -> None:
        self._build = build
        self._open_store = open_store

    async def import_chain(self, command: ImportChain) -> Receipt:
        """Reads the file and keeps its chains; the same file again changes nothing."""
        feed = self._build(command.path)
        events = await collected(feed)
        async with self._open_store(feed.traits.source) as store:
            report = await store.import_chain(events, source=feed.traits.source)
        names = ", ".join(report.symbols)
        if report.rows_added:
            text = f"{names}: {report.contracts:,} contracts of {report.snapshots_added} chains put into the history"
        else:
            text = f"{names}: in the history already, nothing changed"
        return Receipt(
            text=text,
            detail={
                "symbols": list(report.symbols),
                "contracts": report.contracts,
                "snapshots_added": report.snapshots_added,
                "rows_added": report.rows_added,
                "at": int(report.at),
            },
        )


class _Collector:
    def __init__(self) -> None:
        self.events: list[FeedEvent] = []
        self.complete = asyncio.Event()

    def emit(self, event: FeedEvent) -> None:
        self.events.append(event)
        if isinstance(event, FeedCondition) and event.state is FeedState.FROZEN:
            self.complete.set()


async def collected(feed: Feed) -> list[FeedEvent]:
    """All that a file's feed says until it stands still or ends; raises what it raises."""
    sink = _Collector()
    running = asyncio.ensure_future(feed.run(sink, Wanted(asyncio.get_running_loop().time)))
    still = asyncio.ensure_future(sink.complete.wait())
    try:
        await asyncio.wait((running, still), timeout=READING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        elif not sink.complete.is_set():
            raise UpstreamFailed(f"{feed.traits.source} could not be read within {READING_SECONDS:g} s")
    finally:
        running.cancel()
        still.cancel()
        await asyncio.gather(running, still, return_exceptions=True)
    return sink.events


def door_of(store: Store) -> StoreDoor:
    """A door to a store that is open already and stays so."""

    @asynccontextmanager
    async def enter(_: SourceId) -> AsyncIterator[Store]:
        yield store

    return enter
