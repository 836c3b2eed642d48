"""Columns against one object a tick: nanoseconds an update from batch to applied state, and to a reader's mailbox."""

import asyncio
import time
from collections.abc import Iterator

import numpy as np

from engine.contracts.feed import FeedTraits
from engine.domain.ids import SourceId, UtcNanos
from engine.kernel.clock import FrozenClock
from engine.services.market.ingest import Ingest
from engine.state.whole import State
from tests.kit.market import NOON, listing, quotes, series_of
from tests.speed.figure import Figure

ROWS, BATCH, ROUNDS = 2_000, 1_000, 200


async def _queue_per_message(count: int) -> float:
    """The usual way: one queue item a tick, one consumer."""
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def consume() -> None:
        for _ in range(count):
            await queue.get()

    begun = time.process_time()
    consumer = asyncio.ensure_future(consume())
    for number in range(count):
        queue.put_nowait(number)
        if number % 10 == 0:
            await asyncio.sleep(0)
    await consumer
    return (time.process_time() - begun) / count * 1e9


def _ingest() -> float:
    """Batches of a thousand quotes, validated and applied to the market's columns."""
    clock = FrozenClock(UtcNanos(NOON))
    state = State(clock.monotonic)
    ingest = Ingest(state, clock)
    ingest.begin(FeedTraits(source=SourceId("speed"), store="sim", own_clock=True))
    ingest.emit(listing(series_of("SPY"), strikes=[float(strike) for strike in range(1, ROWS // 2)]))
    chance = np.random.default_rng(1)
    batches = []
    for number in range(ROUNDS):
        bid = np.round(chance.uniform(1, 50, BATCH), 2)
        batches.append(quotes(np.sort(chance.choice(ROWS - 1, BATCH, replace=False)), bid, bid + 0.05, at=NOON + number * 1_000_000))
    begun = time.process_time()
    for batch in batches:
        ingest.emit(batch)
    return (time.process_time() - begun) / (ROUNDS * BATCH) * 1e9


def measures() -> Iterator[Figure]:
    queue = asyncio.run(_queue_per_message(50_000))
    applied = _ingest()
    yield Figure("asyncio.Queue, one item a tick", queue, "ns/update")
    yield Figure("quotes validated and applied in columns", applied, "ns/update")
    yield Figure("queue per tick / columns with all validation", queue / applied, "x", 5, more_is_better=True)
