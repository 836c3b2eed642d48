"""Where a watcher's events wait: states conflated by key, facts in order, readable from any thread."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from itertools import count

from engine.messages.base import Event, Keep, Topic
from engine.messages.events import WatcherCutOff

CAPACITY = 4096
"""Facts that may wait for a reader before it is cut off."""


class Mailbox:
    """A watcher's queue. LATEST events of one key replace each other; EVERY events are kept in order up to a bound.

    Anybody may deliver and anybody may drain; a waiting reader is woken once as the box turns from empty to full, never once an event.
    """

    def __init__(self, topics: tuple[Topic, ...], *, capacity: int = CAPACITY, on_close: "Callable[[Mailbox], None] | None" = None) -> None:
        self.topics = topics
        self.cut_off = False
        self.closed = False
        self._capacity = capacity
        self._on_close = on_close
        self._lock = threading.Lock()
        self._latest: dict[tuple[str, str], tuple[int, Event]] = {}
        self._every: deque[tuple[int, Event]] = deque()
        self._order = count()
        self._missed = 0
        self._wake: Callable[[], None] | None = None
        self._waiter: asyncio.Event | None = None

    def on_first(self, wake: Callable[[], None] | None) -> None:
        """Calls ``wake`` (in the deliverer's thread) whenever the box turns from empty to full; at once where it is full already."""
        with self._lock:
            self._wake = wake
            full = bool(self._latest or self._every or self.closed)
        if full and wake is not None:
            wake()

    def deliver(self, event: Event) -> None:
        """Puts an event in; never blocks, never grows past its bound."""
        with self._lock:
            if self.closed:
                return
            was_empty = not self._latest and not self._every
            if type(event).keep is Keep.LATEST:
                if not self.cut_off:
                    # Popped first, so that the newest state stands last among the states.
                    self._latest.pop(key := (type(event).__name__, event.key), None)
                    self._latest[key] = (next(self._order), event)
            elif self.cut_off:
                self._missed += 1
            elif len(self._every) >= self._capacity:
                self.cut_off = True
                self._missed = len(self._every) + len(self._latest) + 1
                self._every.clear()
                self._latest.clear()
            else:
                self._every.append((next(self._order), event))
            wake = self._wake if was_empty or self.cut_off else None
        if wake is not None:
            wake()

    def drain(self) -> list[Event]:
        """Takes everything that waits, in the order of arrival; a cut-off reader gets that as its last word and the box closes."""
        with self._lock:
            if self.cut_off:
                last: list[Event] = [WatcherCutOff(missed=self._missed)]
            else:
                waiting = sorted([*self._every, *self._latest.values()], key=lambda item: item[0])
                last = [event for _, event in waiting]
                self._every.clear()
                self._latest.clear()
        if self.cut_off and not self.closed:
            self.close()
            return last
        return [] if self.cut_off else last

    def close(self) -> None:
        """Ends the watch; a waiting reader's iteration ends too."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            wake = self._wake
        if self._on_close is not None:
            self._on_close(self)
        if wake is not None:
            wake()

    def __aiter__(self) -> "MailboxReader":
        return MailboxReader(self)


class MailboxReader:
    """The asynchronous side of a mailbox: one reader, in the loop it is read in."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._ready: deque[Event] = deque()
        self._signal = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._signal.set)

        mailbox.on_first(wake)

    def __aiter__(self) -> "MailboxReader":
        return self

    async def __anext__(self) -> Event:
        while not self._ready:
            self._ready.extend(self._mailbox.drain())
            if self._ready:
                break
            if self._mailbox.closed:
                self._mailbox.on_first(None)
                raise StopAsyncIteration
            await self._signal.wait()
            self._signal.clear()
        return self._ready.popleft()
