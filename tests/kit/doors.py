"""A small engine of its own messages' kind, a door in front of it, and clients that behave as badly as one likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from engine.domain.errors import UnknownSymbol
from engine.domain.ids import RunId, UtcNanos
from engine.kernel.bus import Bus
from engine.kernel.clock import FrozenClock
from engine.kernel.configuration import Configuration
from engine.kernel.dispatch import Dispatch
from engine.kernel.offload import Offload
from engine.kernel.paths import Paths
from engine.kernel.service import ServiceContext
from engine.kernel.tasks import Tasks
from engine.messages import wire
from engine.messages.base import Receipt
from engine.messages.commands import ExportDatabase, SetSpeed
from engine.messages.queries import ExpirationTable, FindSecurities, GetExpirations, GetQuotes, QuoteBoard, SecurityMatches
from engine.messages.registry import fingerprint
from engine.runtime import frames
from engine.runtime.address import Address
from engine.runtime.attach import Door
from engine.runtime.local import LocalEngine
from tests.kit import facts

VERSION = "0.0.test"


class SmallService:
    """Answers a few questions: at once, slowly, with an error, with very much."""

    def __init__(self, context: ServiceContext) -> None:
        self.context = context
        self.slow = asyncio.Event()
        self.asked: list[Any] = []
        self.begun: list[Any] = []
        self.done: list[Any] = []
        self.cancelled: list[Any] = []
        context.dispatch.answers(GetExpirations, self._expirations)
        context.dispatch.answers(GetQuotes, self._board)
        context.dispatch.answers(FindSecurities, self._much)
        context.dispatch.performs(SetSpeed, self._speed)
        context.dispatch.performs(ExportDatabase, self._waiting)

    def start(self) -> None: ...

    async def close(self) -> None: ...

    async def _expirations(self, query: GetExpirations) -> ExpirationTable:
        self.asked.append(query)
        if query.symbol == "NONE":
            raise UnknownSymbol("NONE is not listed")
        return facts.expirations(query.symbol)

    async def _board(self, query: GetQuotes) -> QuoteBoard:
        self.asked.append(query)
        try:
            await self.slow.wait()
        except asyncio.CancelledError:
            self.cancelled.append(query)
            raise
        return facts.board("SPY")

    async def _much(self, query: FindSecurities) -> SecurityMatches:
        security = facts.security("SPY")
        return SecurityMatches(securities=(security,) * query.limit)

    async def _speed(self, command: SetSpeed) -> Receipt:
        self.done.append(command)
        return Receipt(text="faster", detail={"factor": command.factor})

    async def _waiting(self, command: ExportDatabase) -> Receipt:
        self.begun.append(command)
        try:
            await self.slow.wait()
        finally:
            self.done.append(command)
        return Receipt()


def small_context(home: Path) -> ServiceContext:
    """Plumbing for services under test."""
    paths = Paths.of(home)
    paths.make()
    return ServiceContext(
        bus=Bus(),
        dispatch=Dispatch(),
        clock=FrozenClock(facts.NOW),
        offload=Offload(threads=1),
        tasks=Tasks(),
        configuration=Configuration.load(paths, environment={}, project=home),
        paths=paths,
        run=RunId("test"),
        started_at=UtcNanos(facts.NOW),
        version=VERSION,
    )


def small_engine(home: Path) -> tuple[LocalEngine, SmallService]:
    """The engine and its one service, on the running loop."""
    context = small_context(home)
    service = SmallService(context)
    return LocalEngine(context, [service]), service


@asynccontextmanager
async def opened(
    home: Path, *, address: Address | None = None, **door: Any
) -> AsyncIterator[tuple[LocalEngine, SmallService, Door, Address]]:
    """The small engine behind a door."""
    engine, service = small_engine(home)
    await engine.start()
    way = Door(engine, version=VERSION, **door)
    found = await way.open(address or short_address(home))
    try:
        yield engine, service, way, found
    finally:
        await way.close()
        await engine.close()


def short_address(home: Path) -> Address:
    """A socket for a test: short, whatever the length of its folder's name."""
    from engine.runtime.address import new_address

    return new_address(home)


class RawClient:
    """Speaks frames by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @staticmethod
    async def connect(address: Address, *, greet: bool = True) -> "RawClient":
        if address.socket:
            reader, writer = await asyncio.open_unix_connection(address.socket)
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
        client = RawClient(reader, writer)
        if greet:
            client.say(frames.Hello(frames.PROTOCOL, fingerprint(), VERSION, address.token))
            assert isinstance(await client.hear(), frames.Welcome)
        return client

    def say(self, envelope: Any) -> None:
        self.writer.write(frames.frame(envelope, frames.MOST_FROM_CLIENT))

    async def hear(self) -> Any:
        async with asyncio.timeout(60):
            return frames.of_server(await frames.next_frame(self.reader, frames.MOST_FROM_SERVER))

    async def is_sent_away(self) -> bool:
        """Whether the other side ends the connection, whatever it says before."""
        try:
            async with asyncio.timeout(60):
                while await self.reader.read(65_536):
                    pass
        except ConnectionError:
            pass
        finally:
            await self.close()
        return True

    async def close(self) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)


def body(message: Any) -> Any:
    """A message as it stands in a frame."""
    from msgspec import Raw

    return Raw(wire.encode(message))
