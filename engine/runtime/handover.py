"""A use of the data folder's engine that outlives the engine: when the owner ends, this process attaches to the next or becomes it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from engine.domain.errors import EngineGone, OptixError
from engine.domain.ids import UtcNanos
from engine.kernel.mailbox import DEFAULT_CAPACITY, Mailbox
from engine.kernel.tasks import Tasks
from engine.messages.base import Command, Query, Receipt, Topic
from engine.messages.events import EngineChanged
from engine.messages.registry import checked_topics
from engine.runtime.engine import Attachable
from engine.runtime.remote import RemoteEngine

A = TypeVar("A")
RETURN_SECONDS = 10.0
"""A question waits so long for the next engine."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
_CHANGED = EngineChanged.__name__
_log = logging.getLogger(__name__)

Reconnect = Callable[[], Awaitable[tuple[Attachable, str]]]
"""The next engine, and what to tell the user of it."""


class LastingEngine:
    """The three verbs, whatever becomes of the engine behind them. Mailboxes stay; they are fed by whoever is there."""

    def __init__(self, engine: Attachable, reconnect: Reconnect, wall: Callable[[], UtcNanos]) -> None:
        self._reconnect = reconnect
        self._wall = wall
        self._tasks = Tasks()
        self._mailboxes: dict[Mailbox, tuple[Topic, ...]] = {}
        self._closed = False
        self._there = asyncio.Event()
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
            if self._closed or self._engine is not engine:
                raise
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
        self._there.set()

    def _lost(self, engine: Attachable) -> None:
        if self._closed or engine is not self._engine:
            return
        self._there.clear()
        self._tasks.spawn(self._recover(), name="handover")

    async def _recover(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                engine, words = await self._reconnect()
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
        changed = EngineChanged(at=self._wall(), text=words)
        for mailbox, topics in tuple(self._mailboxes.items()):
            if any(topic.event == _CHANGED and topic.key in {None, changed.key} for topic in topics):
                mailbox.put(changed, (_CHANGED, changed.key))
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
