"""Where a watcher's events wait: states conflated by kind and key, facts lossless and bounded, readable from any thread."""

import asyncio
import itertools
import threading
from collections import deque
from collections.abc import Callable

from engine.messages.base import Event, Keep
from engine.messages.events import WatcherCutOff

DEFAULT_CAPACITY = 4_096
"""Facts that may wait for a reader; states need no bound, as each key waits once."""

Slot = tuple[str, str]
"""The kind and the key of a state."""


class Mailbox:
    """One watcher's events. Anybody may put, from any thread; one reader takes, from the thread or the loop it likes.

    A reader is woken once for each time the empty mailbox fills, never once an event. A reader that lets more facts wait than fit is
    cut off: what waited is gone, and the last thing it gets is a ``WatcherCutOff``.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self.capacity = capacity
        self._lock = threading.Lock()
        self._waiting: dict[Slot | int, Event] = {}
        self._facts = 0
        self._numbers = itertools.count(1)
        self._closed = False
        self._wake: Callable[[], None] | None = None
        self._ready: deque[Event] = deque()
        self.on_close: Callable[[], None] | None = None
        """Called once, in whichever thread closes (or overfills) the mailbox: the bus forgets it."""

    @property
    def closed(self) -> bool:
        """Nothing more will come in; what waits can still be taken."""
        return self._closed

    def put(self, event: Event, slot: Slot) -> bool:
        """Leaves an event; false once the reader is gone, or was cut off by this very event."""
        with self._lock:
            if self._closed:
                return False
            waking = self._wake if not self._waiting else None
            fits = event.keep is Keep.LATEST or self._facts < self.capacity
            if event.keep is Keep.LATEST:
                self._waiting.pop(slot, None)
                self._waiting[slot] = event
            elif fits:
                self._facts += 1
                self._waiting[next(self._numbers)] = event
            else:
                self._waiting = {0: WatcherCutOff(missed=self._facts + 1)}
                self._closed = True
        if not fits:
            self._leave()
        if waking is not None:
            waking()
        return fits

    def drain(self) -> list[Event]:
        """All that waits, oldest first, without waiting; a state stands at the place of its newest value."""
        with self._lock:
            taken, self._waiting, self._facts = self._waiting, {}, 0
        if not self._ready:
            return list(taken.values())
        ready = [*self._ready, *taken.values()]
        self._ready.clear()
        return ready

    async def batch(self) -> list[Event]:
        """All that waits, as soon as something does; empty once the mailbox is closed and read out."""
        while True:
            events = self.drain()
            if events or self._closed:
                return events
            await self._filled()

    async def _filled(self) -> None:
        loop, reader, filled = asyncio.get_running_loop(), threading.get_ident(), asyncio.Event()

        def wake() -> None:
            if threading.get_ident() == reader:
                filled.set()
                return
            try:
                loop.call_soon_threadsafe(filled.set)
            except RuntimeError:  # the reader's loop is closed: nobody reads any more
                self.close()

        with self._lock:
            if self._waiting or self._closed:
                return
            self._wake = wake
        try:
            await filled.wait()
        finally:
            with self._lock:
                self._wake = None

    def __aiter__(self) -> "Mailbox":
        return self

    async def __anext__(self) -> Event:
        if not self._ready:
            self._ready.extend(await self.batch())
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.popleft()

    def close(self) -> None:
        """Ends the watching, from any thread; a reader that waits is released. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            waking = self._wake
        self._leave()
        if waking is not None:
            waking()

    def _leave(self) -> None:
        leave, self.on_close = self.on_close, None
        if leave is not None:
            leave()
