"""The engine on a thread and a loop of its own, for a terminal: a slow fit never freezes a key, a slow paint never delays a quote."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from engine.domain.errors import EngineGone
from engine.kernel.mailbox import DEFAULT_CAPACITY, Mailbox
from engine.messages.base import Command, Query, Receipt, Topic
from engine.messages.registry import checked_topics
from engine.runtime.local import LocalEngine

_log = logging.getLogger(__name__)
T = TypeVar("T")
A = TypeVar("A")

Start = Callable[[], Awaitable[LocalEngine]]
Beside = Callable[[LocalEngine], Awaitable[Callable[[], Awaitable[None]]]]
"""Starts something beside the engine on its loop, such as the door for others; what it returns ends that again."""


class HostedEngine:
    """Asks and does from any loop of any thread; watches by mailboxes that cross threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, engine: LocalEngine, end: asyncio.Event, thread: threading.Thread) -> None:
        self._loop = loop
        self._engine = engine
        self._end = end
        self._thread = thread
        self._ended = False
        self._mailboxes: set[Mailbox] = set()

    @staticmethod
    async def start(start: Start, beside: Beside | None = None, ended: Callable[[], None] | None = None) -> "HostedEngine":
        """Starts the thread and, in it, the engine; what fails there is raised here. ``ended`` is called last of all, in the thread."""
        started: Future[HostedEngine] = Future()
        thread = threading.Thread(target=_live, args=(start, beside, ended, started), name="optix-engine", daemon=True)
        thread.start()
        try:
            return await asyncio.wrap_future(started)
        except asyncio.CancelledError:
            started.add_done_callback(_end_unwanted)
            raise

    async def ask(self, query: Query[A]) -> A:
        return await self._there(lambda: self._engine.ask(query))

    async def do(self, command: Command) -> Receipt:
        return await self._there(lambda: self._engine.do(command))

    def watch(self, *topics: Topic, capacity: int = DEFAULT_CAPACITY) -> Mailbox:
        mailbox = Mailbox(capacity)
        self.attach(mailbox, topics)
        return mailbox

    def attach(self, mailbox: Mailbox, topics: tuple[Topic, ...]) -> None:
        """Feeds a mailbox made elsewhere."""
        wanted = checked_topics(topics)
        mailbox.on_close = lambda: self._forget(mailbox)
        self._mailboxes.add(mailbox)
        self._call(lambda: self._engine.context.bus.attach(mailbox, *wanted))

    async def close(self) -> None:
        """Ends the engine and its thread; returns when both have. May be called twice."""
        if not self._ended:
            self._ended = True
            self._signal(self._end.set)
        await asyncio.to_thread(self._thread.join)
        for mailbox in tuple(self._mailboxes):
            mailbox.close()

    def _is_over(self) -> bool:
        return self._ended or not self._thread.is_alive()

    def _forget(self, mailbox: Mailbox) -> None:
        self._mailboxes.discard(mailbox)
        self._signal(lambda: self._engine.context.bus.detach(mailbox))

    def _signal(self, what: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:  # the loop is closed: nothing is fed any more
            return

    def _call(self, what: Callable[[], object]) -> None:
        if self._is_over():
            raise EngineGone("this engine has ended: connect again")
        self._signal(what)

    async def _there(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._is_over():
            raise EngineGone("this engine has ended: connect again")
        coroutine = work()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError as closed:
            coroutine.close()
            raise EngineGone("this engine has ended: connect again") from closed
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if self._is_over():
                raise EngineGone("this engine ended before it answered") from None
            raise


def _live(start: Start, beside: Beside | None, ended: Callable[[], None] | None, started: "Future[HostedEngine]") -> None:
    failure: BaseException | None = None
    try:
        asyncio.run(_life(start, beside, started))
    except BaseException as error:  # noqa: BLE001 (whatever it is, the one who started the thread is told)
        failure = error
    if ended is not None:
        ended()
    if failure is not None and not started.done():
        started.set_exception(failure)
    elif failure is not None:
        _log.critical("the engine's thread ended by a fault", exc_info=failure)


async def _life(start: Start, beside: Beside | None, started: "Future[HostedEngine]") -> None:
    engine = await start()
    end = asyncio.Event()
    stop: Callable[[], Awaitable[None]] | None = None
    try:
        stop = await beside(engine) if beside is not None else None
        started.set_result(HostedEngine(asyncio.get_running_loop(), engine, end, threading.current_thread()))
        await end.wait()
    finally:
        try:
            if stop is not None:
                await stop()
        finally:
            await engine.close()


def _end_unwanted(started: "Future[HostedEngine]") -> None:
    """Nobody waits for this engine any more: it ends as soon as it has begun."""
    if started.cancelled() or started.exception() is not None:
        return
    hosted = started.result()
    hosted._signal(hosted._end.set)  # noqa: SLF001 (of this very module)
