"""The engine itself: pure asyncio on the loop of whoever started it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from engine.domain.errors import EngineGone, Refused
from engine.kernel.mailbox import DEFAULT_CAPACITY, Mailbox
from engine.kernel.service import Service, ServiceContext
from engine.messages.base import Command, Query, Receipt, Topic
from engine.messages.commands import StopEngine
from engine.messages.registry import checked_topics

A = TypeVar("A")
LAST_WORD_SECONDS = 0.05
"""Between the answer to `StopEngine` and the end, so that whoever asked for it hears that it was done."""
_log = logging.getLogger(__name__)


class LocalEngine:
    """Services on one loop, reached from that loop. Made and started by ``runtime.compose``."""

    def __init__(self, context: ServiceContext, services: Sequence[Service], *, headless: bool = False) -> None:
        self.context = context
        self._services = tuple(services)
        self._headless = headless
        self._closed = False
        self.on_closed: Callable[[], None] | None = None
        """Called last of all."""
        self.stopping = asyncio.Event()
        """Somebody told a headless engine to end."""
        context.dispatch.performs(StopEngine, self._stop)

    async def start(self) -> "LocalEngine":
        """Starts the services; where one fails, those before it are ended again."""
        try:
            for service in self._services:
                service.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def ask(self, query: Query[A]) -> A:
        self._alive()
        return await self.context.dispatch.ask(query)

    async def do(self, command: Command) -> Receipt:
        self._alive()
        return await self.context.dispatch.do(command)

    def watch(self, *topics: Topic, capacity: int = DEFAULT_CAPACITY) -> Mailbox:
        self._alive()
        return self.context.bus.subscribe(*checked_topics(topics), capacity=capacity)

    def attach(self, mailbox: Mailbox, topics: tuple[Topic, ...]) -> None:
        """Feeds a mailbox made elsewhere."""
        self._alive()
        mailbox.on_close = lambda: self.context.bus.detach(mailbox)
        self.context.bus.attach(mailbox, *checked_topics(topics))

    async def close(self) -> None:
        """Ends services (the last one first), tasks, readers and threads, in that order. May be called twice."""
        if self._closed:
            return
        self._closed = True
        for service in reversed(self._services):
            try:
                await service.close()
            except Exception:  # noqa: BLE001 (the others are to end all the same)
                _log.exception("%s did not end as it should", type(service).__name__)
        await self.context.tasks.close()
        self.context.bus.close()
        self.context.offload.close()
        if self.on_closed is not None:
            self.on_closed()

    async def _stop(self, _: StopEngine) -> Receipt:
        if not self._headless:
            raise Refused("this engine lives in an open terminal or command: close that instead")
        asyncio.get_running_loop().call_later(LAST_WORD_SECONDS, self.stopping.set)
        return Receipt(text="the engine ends")

    def _alive(self) -> None:
        if self._closed:
            raise EngineGone("this engine has ended: connect again")
