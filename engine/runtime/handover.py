"""A use of the data folder's engine that outlives the engine: when the owner ends, this process attaches to the next or becomes it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from engine.domain.errors import EngineGone, OptixError
from engine.domain.ids import UtcNanos
from engine.domain.market import FeedState
from engine.kernel.mailbox import DEFAULT_CAPACITY, Mailbox
from engine.kernel.tasks import Tasks
from engine.messages.base import Command, Event, Query, Receipt, Topic, topic
from engine.messages.events import EngineChanged, NoticeLevel, NoticePosted, StatusChanged
from engine.messages.queries import EngineStatus
from engine.messages.registry import checked_topics
from engine.runtime.engine import Attachable
from engine.runtime.remote import RemoteEngine

A = TypeVar("A")
RETURN_SECONDS = 10.0
"""A question waits so long for the next engine."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
_log = logging.getLogger(__name__)

Reconnect = Callable[[EngineStatus | None], Awaitable[tuple[Attachable, str]]]
"""From the last that the engine said of itself, the next engine, and what to tell the user of it."""


class LastingEngine:
    """The three verbs, whatever becomes of the engine behind them. Mailboxes stay; they are fed by whoever is there."""

    def __init__(self, engine: Attachable, reconnect: Reconnect, wall: Callable[[], UtcNanos]) -> None:
        self._reconnect = reconnect
        self._wall = wall
        self._tasks = Tasks()
        self._mailboxes: dict[Mailbox, tuple[Topic, ...]] = {}
        self._closed = False
        self._there = asyncio.Event()
        self._statuses: Mailbox | None = None
        self._status: EngineStatus | None = None
        self._silent = False
        self._engine = engine
        self._take(engine)

    @property
    def engine(self) -> Attachable:
        """The one behind it just now (or the one that has just gone)."""
        return self._engine

    async def ask(self, query: Query[A]) -> A:
        engine = await self._present()
        try:
            return await engine.ask(query)
        except EngineGone:
            if self._closed or not isinstance(engine, RemoteEngine):
                raise
            self._lost(engine)  # a question may notice it before the reader does
        again = await self._present()
        return await again.ask(query)

    async def do(self, command: Command) -> Receipt:
        """Carries an instruction out. One that was under way as the engine ended is not sent again: it may have taken effect."""
        return await (await self._present()).do(command)

    def watch(self, *topics: Topic, capacity: int = DEFAULT_CAPACITY) -> Mailbox:
        mailbox = Mailbox(capacity)
        self.attach(mailbox, topics)
        return mailbox

    def attach(self, mailbox: Mailbox, topics: tuple[Topic, ...]) -> None:
        """Feeds a mailbox made elsewhere."""
        if self._closed:
            raise EngineGone("this engine has ended: connect again")
        self._mailboxes[mailbox] = checked_topics(topics)
        mailbox.on_close = lambda: self._forget(mailbox)
        if self._there.is_set():
            with contextlib.suppress(EngineGone):  # just gone: the next one will feed it
                self._feed(mailbox)

    async def close(self) -> None:
        """Ends this use. May be called twice."""
        if self._closed:
            return
        self._closed = True
        await self._tasks.close()
        await self._engine.close()
        for mailbox in tuple(self._mailboxes):
            mailbox.close()

    def _feed(self, mailbox: Mailbox) -> None:
        self._engine.attach(mailbox, self._mailboxes[mailbox])
        of_engine = mailbox.on_close

        def left() -> None:
            self._forget(mailbox)
            if of_engine is not None:
                of_engine()

        mailbox.on_close = left

    def _forget(self, mailbox: Mailbox) -> None:
        self._mailboxes.pop(mailbox, None)

    def _take(self, engine: Attachable) -> None:
        self._engine = engine
        if isinstance(engine, RemoteEngine):
            engine.on_gone = lambda: self._lost(engine)
            engine.heartbeat.on_silent = lambda seconds: self._hear_nothing(engine, seconds)
            engine.heartbeat.on_voice = self._hear_again
            with contextlib.suppress(EngineGone):  # just gone: the next one will tell
                self._statuses = engine.watch(topic(StatusChanged))
        self._there.set()

    def _lost(self, engine: Attachable) -> None:
        if self._closed or engine is not self._engine or not self._there.is_set():
            return
        self._there.clear()
        self._silent = False
        self._tasks.spawn(self._recover(self._last_status()), name="handover")

    def _last_status(self) -> EngineStatus | None:
        """What the engine said of itself last."""
        for event in self._statuses.drain() if self._statuses is not None else ():
            if isinstance(event, StatusChanged):
                self._status = event.status
        return self._status

    def _hear_nothing(self, engine: RemoteEngine, seconds: float) -> None:
        """The engine is there and says nothing: its market counts as disconnected until it speaks again."""
        why = f"the engine in process {engine.pid} has not answered for {seconds:.0f} s"
        status = self._last_status()
        if status is not None:
            self._tell(StatusChanged(status=replace(status, feed_state=FeedState.DISCONNECTED, feed_reason=why)))
        if not self._silent:
            self._silent = True
            text = f"{why}: what is shown is old"
            self._tell(NoticePosted(at=self._wall(), level=NoticeLevel.WARNING, title="The engine does not answer", text=text))

    def _hear_again(self, seconds: float) -> None:
        """What it says now is put over what was said for it."""
        self._silent = False
        if self._status is not None:
            self._tell(StatusChanged(status=self._status))
        text = f"after {seconds:.0f} s without a word"
        self._tell(NoticePosted(at=self._wall(), level=NoticeLevel.INFO, title="The engine answers again", text=text))

    def _tell(self, event: Event) -> None:
        """Tells the watchers of its kind here, beside what the engine tells them."""
        kind = type(event).__name__
        for mailbox, topics in tuple(self._mailboxes.items()):
            if any(wanted.event == kind and wanted.key in {None, event.key} for wanted in topics):
                mailbox.put(event, (kind, event.key))

    async def _recover(self, last: EngineStatus | None) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                engine, words = await self._reconnect(last)
            except OptixError as trouble:
                _log.warning("no engine yet: %s", trouble)
                await asyncio.sleep(pause)
                pause = min(2.0 * pause, LONGEST_PAUSE)
                continue
            self._take(engine)
            self._resume(words)
            return

    def _resume(self, words: str) -> None:
        """The new engine feeds the old mailboxes, which are told of it first."""
        self._tell(EngineChanged(at=self._wall(), text=words))
        for mailbox in tuple(self._mailboxes):
            try:
                self._feed(mailbox)
            except EngineGone:  # gone again already: the recovery that follows feeds it
                return

    async def _present(self) -> Attachable:
        if self._closed:
            raise EngineGone("this engine has ended: connect again")
        if not self._there.is_set():
            try:
                async with asyncio.timeout(RETURN_SECONDS):
                    await self._there.wait()
            except TimeoutError:
                raise EngineGone(f"the engine ended, and no other could be started within {RETURN_SECONDS:g} s") from None
        return self._engine
