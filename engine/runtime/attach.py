"""The engine's door for other processes of the same user: terminals and commands beside it, over a local socket."""

import asyncio
import hmac
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Raw, Struct
from msgspec.structs import replace

from engine.domain.errors import BadInput, EngineGone, OptixError, Refused
from engine.kernel.mailbox import Mailbox
from engine.kernel.tasks import Tasks
from engine.messages import wire
from engine.messages.registry import COMMANDS, QUERIES, fingerprint
from engine.runtime import frames
from engine.runtime.address import Address
from engine.runtime.engine import Engine
from engine.runtime.frames import MOST_FROM_CLIENT, MOST_FROM_SERVER, MOST_IN_GREETING, Ask, Drop, Hello, Ping, Watch
from engine.runtime.peer import check_peer

MOST_CLIENTS = 64
MOST_AT_ONCE = 32
"""Questions of one client under way; further ones wait in its socket."""
MOST_WATCHES = 1_024
MOST_CAPACITY = 65_536
GREETING_SECONDS = 5.0
STALLED_SECONDS = 30.0
"""A client that takes nothing for so long has ended in all but name."""
BUFFERED = 256 * 1024
PACE_SECONDS = 0.02
"""Between two sendings of one watching: what comes meanwhile is conflated."""
_log = logging.getLogger(__name__)


class Door:
    """Listens, greets, and serves each client by itself: one that is slow, silent or mad costs the others nothing."""

    def __init__(self, engine: Engine, *, version: str, stalled_seconds: float = STALLED_SECONDS) -> None:
        self._engine = engine
        self._version = version
        self._stalled_seconds = stalled_seconds
        self._tasks = Tasks()
        self._server: asyncio.Server | None = None
        self._address = Address()
        self._clients: set[asyncio.StreamWriter] = set()

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    async def open(self, address: Address) -> Address:
        """Listens there; the address as it turned out. The caller owns the data folder, so a socket that is there is a dead one's."""
        self._address = address
        if address.socket:
            self._server = await asyncio.start_unix_server(self._greet, sock=_private_socket(Path(address.socket)))
            return address
        self._server = await asyncio.start_server(self._greet, host="127.0.0.1", port=address.port)
        self._address = replace(address, port=self._server.sockets[0].getsockname()[1])
        return self._address

    async def close(self) -> None:
        """Sends every client away and takes the socket down."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        if self._address.socket:
            _remove(self._address.socket)
        leaving = tuple(self._clients)
        await self._tasks.close()
        for writer in leaving:
            writer.transport.abort()
        await server.wait_closed()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST_CLIENTS or self._server is None:
            writer.transport.abort()
            return
        self._clients.add(writer)
        self._tasks.spawn(self._serve(reader, writer), name="attached client")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(self._engine, writer, self._stalled_seconds)
        try:
            await self._let_in(reader, writer, client)
            while True:
                await client.take(frames.of_client(await frames.next_frame(reader, MOST_FROM_CLIENT)))
        except EngineGone:
            _log.debug("an attached client has gone")
        except OptixError as wrong:
            _log.warning("a client was sent away: %s", wrong)
        finally:
            writer.close()
            try:
                await client.close()
                with suppress(OSError, TimeoutError):
                    async with asyncio.timeout(1.0):
                        await writer.wait_closed()
            finally:
                self._clients.discard(writer)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: "_Client") -> None:
        try:
            if self._address.socket:
                check_peer(writer.get_extra_info("socket"))
            try:
                async with asyncio.timeout(GREETING_SECONDS):
                    hello = frames.of_client(await frames.next_frame(reader, MOST_IN_GREETING))
            except TimeoutError:
                raise Refused("no greeting came in time") from None
            self._check(hello)
        except EngineGone:
            raise
        except OptixError as refusal:
            with suppress(OptixError):
                await client.send(frames.Failed(0, wire.failure(refusal)))
            raise
        await client.send(frames.Welcome(self._version, os.getpid()))

    def _check(self, hello: frames.FromClient) -> None:
        if not isinstance(hello, Hello):
            raise Refused("a client must greet first")
        if not hmac.compare_digest(hello.token.encode(), self._address.token.encode()):
            raise Refused("the token is wrong: connect by the address in the data folder")
        if hello.protocol != frames.PROTOCOL or hello.fingerprint != fingerprint():
            raise Refused(
                f"the engine that runs (process {os.getpid()}) is OPTIX {self._version}, this is {hello.version}, "
                "and their messages differ: end the one that runs, or use its version"
            )


class _Client:
    """One that was let in, or is being looked at."""

    def __init__(self, engine: Engine, writer: asyncio.StreamWriter, stalled_seconds: float) -> None:
        self._engine = engine
        self._writer = writer
        self._stalled_seconds = stalled_seconds
        self._sending = asyncio.Lock()
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks = Tasks()
        self._asked: dict[int, asyncio.Task[None]] = {}
        self._performing: set[asyncio.Task[Any]] = set()
        self._watched: dict[int, Mailbox] = {}
        writer.transport.set_write_buffer_limits(high=BUFFERED)

    async def take(self, said: frames.FromClient) -> None:
        """Begins what a frame asks for; waits while too much is under way."""
        if isinstance(said, Ask):
            await self._slots.acquire()
            self._asked[said.number] = self._tasks.spawn(self._answer(said), name=f"answer to {said.name}")
        elif isinstance(said, Watch):
            await self._begin_watch(said)
        elif isinstance(said, Drop):
            self._drop(said.number)
        elif isinstance(said, Ping):
            self._answer_ping()
        else:
            raise Refused("a client greets once")

    def _answer_ping(self) -> None:
        """One sign of life at a time: a client that is being sent something hears that."""
        if not self._sending.locked():
            self._tasks.spawn(self._pong(), name="sign of life")

    async def _pong(self) -> None:
        with suppress(EngineGone):
            await self.send(frames.Pong())

    async def send(self, envelope: Struct) -> None:
        """Writes one frame, and waits until the client takes what waits for it."""
        framed = frames.frame(envelope, MOST_FROM_SERVER)
        try:
            async with asyncio.timeout(self._stalled_seconds), self._sending:
                self._writer.write(framed)
                await self._writer.drain()
        except TimeoutError:
            self._writer.transport.abort()
            raise EngineGone(f"a client took nothing for {self._stalled_seconds:g} s") from None
        except ConnectionError as gone:
            raise EngineGone("a client has gone") from gone

    async def close(self) -> None:
        """Ends what it asked and watched; commands under way are finished, as they may be half done."""
        for mailbox in tuple(self._watched.values()):
            mailbox.close()
        await self._tasks.close()

    async def _answer(self, asked: Ask) -> None:
        try:
            await self._reply(asked.number, lambda: self._handled(asked))
        finally:
            self._slots.release()
            self._asked.pop(asked.number, None)

    async def _reply(self, number: int, work: Callable[[], Awaitable[Any]]) -> None:
        with suppress(EngineGone):  # the client has gone: nobody waits for the answer
            try:
                await self.send(frames.Answer(number, Raw(wire.encode(await work()))))
            except EngineGone:
                raise
            except OptixError as error:
                await self.send(frames.Failed(number, wire.failure(error)))

    async def _handled(self, asked: Ask) -> Any:
        query = QUERIES.get(asked.name)
        if query is not None:
            return await self._engine.ask(wire.decode(asked.body, query))
        command = COMMANDS.get(asked.name)
        if command is None:
            raise BadInput(f"this engine does not know {asked.name}: both sides must be of one version, so start both anew")
        performing = asyncio.ensure_future(self._engine.do(wire.decode(asked.body, command)))
        self._performing.add(performing)
        performing.add_done_callback(self._performed)
        return await asyncio.shield(performing)

    def _performed(self, performing: "asyncio.Task[Any]") -> None:
        self._performing.discard(performing)
        if not performing.cancelled() and performing.exception() is not None:
            _log.info("a client's command failed: %s", performing.exception())

    async def _begin_watch(self, wanted: Watch) -> None:
        try:
            if len(self._watched) >= MOST_WATCHES or wanted.number in self._watched:
                raise Refused(f"a client watches at most {MOST_WATCHES} things, each under a number of its own")
            mailbox = self._engine.watch(*wanted.topics, capacity=min(max(1, wanted.capacity), MOST_CAPACITY))
        except OptixError as error:
            await self.send(frames.Failed(wanted.number, wire.failure(error)))
            return
        self._watched[wanted.number] = mailbox
        self._tasks.spawn(self._tell(wanted.number, mailbox), name="watching of an attached client")

    async def _tell(self, number: int, mailbox: Mailbox) -> None:
        try:
            while events := await mailbox.batch():
                for event in events:
                    await self._tell_one(number, event)
                await asyncio.sleep(PACE_SECONDS)
            if number in self._watched:
                await self.send(frames.Ended(number))
        except EngineGone:
            _log.debug("an attached client has gone while watching")
        finally:
            mailbox.close()
            self._watched.pop(number, None)

    async def _tell_one(self, number: int, event: Any) -> None:
        try:
            await self.send(frames.Told(number, type(event).__name__, Raw(wire.encode(event))))
        except frames.TooLarge as trouble:
            _log.error("%s could not be sent to a client: %s", type(event).__name__, trouble)

    def _drop(self, number: int) -> None:
        mailbox = self._watched.pop(number, None)
        if mailbox is not None:
            mailbox.close()
        asked = self._asked.get(number)
        if asked is not None:
            asked.cancel()


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _private_socket(path: Path) -> socket.socket:
    """A bound socket that its owner alone may open, in place of a dead one's."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
        path.chmod(0o600)
    except OSError as trouble:
        bound.close()
        raise Refused(f"the socket {path} cannot be made: {trouble.strerror}") from trouble
    return bound
