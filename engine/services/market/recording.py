"""Writes what the feed says to a tape; one begun in mid-session starts with all that is known, so that it stands alone."""

import asyncio
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.contracts.tape import TapeHeader, TapeWriter
from engine.domain.columns import floats, ints, longs
from engine.domain.errors import Refused
from engine.domain.ids import UtcNanos
from engine.domain.market import FeedCondition, FeedEvent, QuoteBatch, SummaryBatch
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.offload import Offload
from engine.kernel.tasks import Tasks
from engine.messages.base import Receipt
from engine.messages.commands import StartRecording, StopRecording
from engine.messages.events import NoticeLevel, NoticePosted
from engine.services.market.ingest import Ingest
from engine.state.bars import batch_of
from engine.state.history import history_of
from engine.state.whole import State

MOST_WAITING = 20_000
"""Events a slow disk may leave waiting; beyond it the tape ends, told of, rather than lose some in silence."""
WRITE_SECONDS = 0.1


class _Tape:
    """One recording under way."""

    def __init__(self, writer: TapeWriter) -> None:
        self.writer = writer
        self.waiting: deque[FeedEvent] = deque()
        self.closing = asyncio.Event()
        self.closed = asyncio.Event()
        self.trouble = ""

    def record(self, event: FeedEvent) -> None:
        self.waiting.append(event)

    def write(self, count: int) -> None:
        for _ in range(count):
            self.writer.write(self.waiting.popleft())


class Recording:
    """Starts and stops the tape."""

    def __init__(self, *, state: State, ingest: Ingest, bus: Bus, clock: Clock, offload: Offload, tasks: Tasks, version: str) -> None:
        self._state = state
        self._ingest = ingest
        self._bus = bus
        self._clock = clock
        self._offload = offload
        self._tasks = tasks
        self._version = version
        self._tape: _Tape | None = None

    @property
    def path(self) -> str:
        """The tape being written; "" where none is."""
        return str(self._tape.writer.path) if self._tape is not None else ""

    async def start(self, command: StartRecording) -> Receipt:
        """Begins a tape with what is known now."""
        if self._tape is not None:
            raise Refused(f"{self.path} is being recorded: stop it first")
        header = TapeHeader(traits=self._state.health.traits, created_at=self._clock.wall(), version=self._version)
        tape = _Tape(_open(command.path, header, overwrite=command.overwrite))
        self._tape = tape
        tape.waiting.extend(known_so_far(self._state, self._clock.now()))
        self._ingest.tap(tape)
        self._tasks.spawn(self._write(tape), name="tape")
        return Receipt(text=f"recording to {self.path}")

    async def stop(self, _: StopRecording) -> Receipt:
        """Ends the tape once all of it is written."""
        tape = self._tape
        if tape is None:
            raise Refused("nothing is being recorded")
        await self.close()
        if tape.trouble:
            raise Refused(f"the tape ended early: {tape.trouble}")
        return Receipt(
            text=f"{tape.writer.path}: {tape.writer.events:,} events, {tape.writer.size:,} bytes",
            detail={"path": str(tape.writer.path), "events": tape.writer.events, "bytes": tape.writer.size},
        )

    async def close(self) -> None:
        """Ends a tape that is still running, as the engine closes."""
        if self._tape is not None:
            self._tape.closing.set()
            await self._tape.closed.wait()

    async def _write(self, tape: _Tape) -> None:
        try:
            while not tape.closing.is_set() and len(tape.waiting) <= MOST_WAITING:
                await self._offload.run(tape.write, len(tape.waiting))
                await _pause(tape.closing)
            if not tape.closing.is_set():
                tape.trouble = f"the disk could not keep up ({len(tape.waiting):,} events waiting)"
            self._ingest.untap(tape)
            await self._offload.run(tape.write, len(tape.waiting))
        except OSError as error:
            tape.trouble = f"{tape.writer.path} cannot be written: {error.strerror}"
            self._ingest.untap(tape)
        finally:
            self._end(tape)

    def _end(self, tape: _Tape) -> None:
        try:
            tape.writer.close()
        except OSError as error:
            tape.trouble = tape.trouble or f"{tape.writer.path} cannot be closed: {error.strerror}"
        self._tape = None
        tape.closed.set()
        if tape.trouble:
            self._bus.publish(NoticePosted(at=self._clock.now(), level=NoticeLevel.ERROR, title="The recording ended", text=tape.trouble))


def _open(path: str, header: TapeHeader, *, overwrite: bool) -> TapeWriter:
    return TapeWriter(Path(path).expanduser(), header, overwrite=overwrite)


async def _pause(closing: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(WRITE_SECONDS):
            await closing.wait()
    except TimeoutError:
        return


def known_so_far(state: State, now: UtcNanos) -> Iterator[FeedEvent]:
    """All that is known as a feed would tell it: listing, history, day figures, quotes, condition; nothing where nothing is listed."""
    if not state.instruments.size:
        return
    yield state.instruments.listing(now)
    yield from _histories(state, now)
    handles, rows = state.instruments.handles()
    market = state.market
    yield SummaryBatch(
        at=now,
        handle=handles,
        **{name: floats(getattr(market, name)[rows]) for name in _SUMMARY},
        last_at=longs(market.last_at[rows]),
    )
    quoted = np.flatnonzero(market.quoted_at[rows] > 0)
    quoted = quoted[np.argsort(market.quoted_at[rows[quoted]], kind="stable")]
    yield QuoteBatch(
        at=now,
        handle=ints(handles[quoted]),
        **{name: floats(getattr(market, name)[rows[quoted]]) for name in ("bid", "ask", "bid_size", "ask_size")},
        event_at=longs(market.quoted_at[rows[quoted]]),
    )
    yield FeedCondition(at=now, state=state.health.told, reason=state.health.told_reason, expected_gap=state.health.expected_gap)


_SUMMARY = ("last", "open", "high", "low", "previous_close", "volume", "open_interest", "vendor_iv", "vendor_delta")


def _histories(state: State, now: UtcNanos) -> Iterator[FeedEvent]:
    for symbol in state.instruments.symbols:
        for bars in (state.bars.days(symbol), state.bars.minutes(symbol)):
            if bars.size:
                yield batch_of(symbol, bars.seconds, bars.columns(), now)
        volatility = state.history.volatility(symbol)
        if volatility.day.size:
            yield history_of(symbol, volatility, now)
