"""From a writer to a reader: one event of whole columns, conflated, against one object a tick; and what taking quotes in costs in all."""

import asyncio
import time
from collections.abc import Iterator
from datetime import date
from statistics import median

import numpy as np

from engine.contracts.feed import FeedTraits
from engine.domain.ids import SourceId, UtcNanos
from engine.kernel.bus import Bus
from engine.kernel.clock import FrozenClock
from engine.messages.base import topic
from engine.messages.events import ChainChanged
from engine.services.market.ingest import Ingest
from engine.state.whole import State
from tests.kit import facts
from tests.kit.market import NOON, listing, quotes, series_of
from tests.speed.figure import Figure

ROWS, BATCH, BATCHES, ROUNDS = 2_000, 1_000, 200, 5
A_FRAME = 2
"""Batches between two looks of the reader: ten a second are published, it draws five times a second at least."""


async def _queue_a_tick(count: int, a_turn: int) -> float:
    """The usual way: an ``asyncio.Queue`` item a tick, of which so many come in one turn of the loop, and one reader. ns a tick."""
    queue: asyncio.Queue[tuple[int, float, float]] = asyncio.Queue()

    async def read() -> None:
        for _ in range(count):
            await queue.get()

    begun = time.process_time()
    reader = asyncio.ensure_future(read())
    for number in range(count):
        queue.put_nowait((number, 1.0, 1.1))
        if number % a_turn == 0:
            await asyncio.sleep(0)
    await reader
    return (time.process_time() - begun) / count * 1e9


def _published() -> float:
    """A series of a thousand contracts said anew after each batch of a thousand updates, and read by who watches it. ns an update."""
    bus = Bus()
    piece = facts.slice_of("SPXW", date(2026, 11, 24), strikes=BATCH // 2)
    reader = bus.subscribe(topic(ChainChanged, piece.summary.series.id))
    read = 0
    begun = time.process_time()
    for number in range(BATCHES * 10):
        bus.publish(ChainChanged(slice=piece))
        if number % A_FRAME == 0:
            read += len(reader.drain())
    spent = time.process_time() - begun
    assert read == BATCHES * 10 // A_FRAME
    return spent / (BATCHES * 10 * BATCH) * 1e9


def _ingested() -> float:
    """Batches of a thousand quotes, validated, put in order and applied to the market's columns. ns an update."""
    clock = FrozenClock(UtcNanos(NOON))
    state = State(clock.monotonic)
    ingest = Ingest(state, clock)
    ingest.begin(FeedTraits(source=SourceId("speed"), store="sim", own_clock=True))
    ingest.emit(listing(series_of("SPY"), strikes=[float(strike) for strike in range(1, ROWS // 2)]))
    chance = np.random.default_rng(1)
    batches = []
    for number in range(BATCHES):
        bid = np.round(chance.uniform(1, 50, BATCH), 2)
        batches.append(quotes(np.sort(chance.choice(ROWS - 1, BATCH, replace=False)), bid, bid + 0.05, at=NOON + number * 1_000_000))
    begun = time.process_time()
    for batch in batches:
        ingest.emit(batch)
    return (time.process_time() - begun) / (BATCHES * BATCH) * 1e9


def measures() -> Iterator[Figure]:
    rounds = [
        (asyncio.run(_queue_a_tick(20_000, 1)), asyncio.run(_queue_a_tick(20_000, 10)), _published(), _ingested()) for _ in range(ROUNDS)
    ]
    alone, gathered, published, ingested = (median(column) for column in zip(*rounds, strict=True))
    yield Figure("asyncio.Queue, an item a tick, a turn of the loop each", alone, "ns/update")
    yield Figure("asyncio.Queue, an item a tick, ten in a turn", gathered, "ns/update")
    yield Figure("a series as columns, conflated, published and read", published, "ns/update")
    yield Figure("an item a tick (the cheaper way) / columns", gathered / published, "x", 100, more_is_better=True)
    yield Figure("quotes validated, put in order and applied", ingested, "ns/update")
    yield Figure("an item a tick / all of ingest's work on it", gathered / ingested, "x", note="crossing alone against all the work")
