"""An engine in another process of this user, over the local socket: one connection, many questions and watchings at once."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from msgspec import Raw, Struct

from engine.domain.errors import EngineGone, OptixError
from engine.kernel.mailbox import DEFAULT_CAPACITY, Mailbox
from engine.messages import wire
from engine.messages.base import Command, Query, Receipt, Topic
from engine.messages.registry import EVENTS, checked_topics, fingerprint
from engine.runtime import frames
from engine.runtime.address import Address
from engine.runtime.frames import MOST_FROM_CLIENT, MOST_FROM_SERVER
from engine.runtime.heartbeat import Heartbeat
from engine.runtime.peer import check_peer

CONNECT_SECONDS = 5.0
A = TypeVar("A")
_log = logging.getLogger(__name__)


class RemoteEngine:
    """The three verbs over a socket. Lives on the loop that connected it; mailboxes may be read anywhere."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, welcome: frames.Welcome) -> None:
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Raw]] = {}
        self._watched: dict[int, Mailbox] = {}
        self._closed = False
        self.pid = welcome.pid
        self.on_gone: Callable[[], None] | None = None
        """Called when the other side ends; without it the mailboxes are closed."""
        self.heartbeat = Heartbeat(lambda: self._write(frames.Ping()))
        self.heartbeat.on_lost = self._give_up
        self._beating = self._loop.create_task(self.heartbeat.run(), name="heartbeat of the attached engine")
        self._listening = self._loop.create_task(self._listen(), name="attached engine")

    @staticmethod
    async def connect(address: Address, *, version: str, seconds: float = CONNECT_SECONDS) -> "RemoteEngine":
        """Knocks and greets. Raises `EngineGone` where nobody answers in time, `Refused` where the other side will not."""
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await _opened(address)
                try:
                    return await _greeted(reader, writer, address, version)
                except BaseException:
                    writer.transport.abort()
                    raise
        except TimeoutError as late:
            raise EngineGone(f"the engine at {address.text} does not answer") from late
        except OSError as trouble:
            raise EngineGone(f"no engine answers at {address.text} ({trouble.strerror})") from trouble

    @property
    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Those it feeds."""
        return tuple(self._watched.values())

    async def ask(self, query: Query[A]) -> A:
        answer: A = wire.decode(await self._asked(query), wire.answer_of(type(query)))
        return answer

    async def do(self, command: Command) -> Receipt:
        return wire.decode(await self._asked(command), Receipt)

    def watch(self, *topics: Topic, capacity: int = DEFAULT_CAPACITY) -> Mailbox:
        mailbox = Mailbox(capacity)
        self._attach(mailbox, topics, capacity)
        return mailbox

    def attach(self, mailbox: Mailbox, topics: tuple[Topic, ...]) -> None:
        """Feeds a mailbox made elsewhere."""
        self._attach(mailbox, topics, mailbox.capacity)

    async def close(self) -> None:
        """Hangs up; the engine goes on. May be called twice."""
        self.on_gone = None
        self._listening.cancel()
        self._beating.cancel()
        await asyncio.wait([self._listening, self._beating])
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()

    def _attach(self, mailbox: Mailbox, topics: tuple[Topic, ...], capacity: int) -> None:
        wanted = checked_topics(topics)
        self._alive()
        number = next(self._numbers)
        mailbox.on_close = lambda: self._from_anywhere(lambda: self._forget(number))
        self._watched[number] = mailbox
        self._write(frames.Watch(number, wanted, capacity))

    async def _asked(self, message: Struct) -> Raw:
        self._alive()
        number = next(self._numbers)
        answer: asyncio.Future[Raw] = self._loop.create_future()
        self._waiting[number] = answer
        try:
            self._write(frames.Ask(number, type(message).__name__, Raw(wire.encode(message))))
            await self._writer.drain()
            return await answer
        except ConnectionError as gone:
            raise EngineGone("the engine ended before it answered") from gone
        except asyncio.CancelledError:
            if not self._closed and isinstance(message, Query):
                self._write(frames.Drop(number))
            raise
        finally:
            self._waiting.pop(number, None)

    async def _listen(self) -> None:
        try:
            while True:
                self._hear(frames.of_server(await frames.next_frame(self._reader, MOST_FROM_SERVER)))
        except EngineGone:
            _log.info("the attached engine (process %d) has ended", self.pid)
        except OptixError as trouble:
            _log.error("the attached engine (process %d) sent what cannot be read: %s", self.pid, trouble)
        finally:
            self._gone()

    def _hear(self, said: frames.FromServer) -> None:
        self.heartbeat.heard()
        if isinstance(said, frames.Pong):
            return
        if isinstance(said, frames.Told):
            mailbox, kind = self._watched.get(said.number), EVENTS.get(said.name)
            if mailbox is not None and kind is not None:
                event = wire.decode(said.body, kind)
                mailbox.put(event, (said.name, event.key))
            return
        if isinstance(said, frames.Ended):
            self._end_watch(said.number)
            return
        if isinstance(said, frames.Welcome):
            raise wire.Malformed("a server greets once")
        answer = self._waiting.get(said.number)
        if isinstance(said, frames.Failed):
            self._end_watch(said.number)
        if answer is None or answer.done():
            return
        if isinstance(said, frames.Answer):
            answer.set_result(said.body)
        else:
            answer.set_exception(wire.error_of(said.failure))

    def _end_watch(self, number: int) -> None:
        mailbox = self._watched.pop(number, None)
        if mailbox is not None:
            mailbox.on_close = None
            mailbox.close()

    def _forget(self, number: int) -> None:
        if self._watched.pop(number, None) is not None and not self._closed:
            self._write(frames.Drop(number))

    def _from_anywhere(self, what: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed, and the connection with it
            self._loop.call_soon_threadsafe(what)

    def _write(self, envelope: Struct) -> None:
        self._writer.write(frames.frame(envelope, MOST_FROM_CLIENT))

    def _give_up(self, seconds: float) -> None:
        """Nobody waits for ever for an engine that was stopped."""
        self._fail_all(
            f"the engine in process {self.pid} has not answered for {seconds:.0f} s: it may be stopped, or its machine overloaded"
        )

    def _fail_all(self, why: str) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(EngineGone(why))
                answer.exception()  # looked at: whoever waits gets it all the same

    def _gone(self) -> None:
        self._closed = True
        self._beating.cancel()
        self._writer.transport.abort()
        self._fail_all("the engine ended before it answered")
        if self.on_gone is not None:
            self.on_gone()
            return
        for number in tuple(self._watched):
            self._end_watch(number)

    def _alive(self) -> None:
        if self._closed:
            raise EngineGone("the engine that was attached to has ended: connect again")


async def _opened(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if not address.socket:
        return await asyncio.open_connection("127.0.0.1", address.port)
    reader, writer = await asyncio.open_unix_connection(address.socket)
    try:
        check_peer(writer.get_extra_info("socket"))
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer


async def _greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address, version: str) -> RemoteEngine:
    hello = frames.Hello(frames.PROTOCOL, fingerprint(), version, address.token)
    writer.write(frames.frame(hello, MOST_FROM_CLIENT))
    said: Any = frames.of_server(await frames.next_frame(reader, MOST_FROM_SERVER))
    if isinstance(said, frames.Failed):
        raise wire.error_of(said.failure)
    if not isinstance(said, frames.Welcome):
        raise wire.Malformed("that is no engine")
    return RemoteEngine(reader, writer, said)
