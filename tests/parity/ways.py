"""One engine reached in three ways: on this loop, on a thread of its own, across a socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from msgspec import Struct

from engine.kernel.bus import Bus
from engine.messages.base import Event
from engine.runtime.address import new_address
from engine.runtime.attach import Door
from engine.runtime.engine import Attachable
from engine.runtime.hosted import HostedEngine
from engine.runtime.local import LocalEngine
from engine.runtime.remote import RemoteEngine

VERSION = "0.0.test"
Build = Callable[[Path], Awaitable[LocalEngine]]


class Way(Struct, frozen=True):
    """An engine, where it keeps its files, and how to make its bus speak."""

    name: str
    engine: Attachable
    home: Path
    bus: Bus
    loop: asyncio.AbstractEventLoop

    async def publish(self, *events: Event) -> None:
        """Says these on the engine's own loop, in one go."""
        done = asyncio.get_running_loop().create_future()
        here = asyncio.get_running_loop()

        def say() -> None:
            for event in events:
                self.bus.publish(event)
            here.call_soon_threadsafe(done.set_result, None)

        self.loop.call_soon_threadsafe(say)
        await done

    async def settled(self) -> None:
        """What was sent to the engine's loop so far has arrived there."""
        for _ in range(3):
            await self.publish()
            await asyncio.sleep(0.01)


@asynccontextmanager
async def three_ways(folder: Path, build: Build) -> AsyncIterator[tuple[Way, Way, Way]]:
    """Three engines of one make, each in a home of its own."""
    homes = {name: folder / name for name in ("local", "hosted", "remote")}
    for home in homes.values():
        home.mkdir()
    here = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        local = await build(homes["local"])
        stack.push_async_callback(local.close)
        inner: list[LocalEngine] = []

        async def start() -> LocalEngine:
            inner.append(await build(homes["hosted"]))
            return inner[0]

        hosted = await HostedEngine.start(start)
        stack.push_async_callback(hosted.close)
        behind = await build(homes["remote"])
        stack.push_async_callback(behind.close)
        door = Door(behind, version=VERSION)
        address = await door.open(new_address(homes["remote"]))
        stack.push_async_callback(door.close)
        remote = await RemoteEngine.connect(address, version=VERSION)
        stack.push_async_callback(remote.close)
        yield (
            Way("local", local, homes["local"], local.context.bus, here),
            Way("hosted", hosted, homes["hosted"], inner[0].context.bus, hosted._loop),
            Way("remote", remote, homes["remote"], behind.context.bus, here),
        )
