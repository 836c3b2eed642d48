"""The whole terminal on facts: a fake engine, no timers, the beat driven by the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.pilot import Pilot

from optix_tui.app import OptixApp
from optix_tui.colour import use_monochrome
from optix_tui.options import gather
from tests.kit.fake_engine import FakeEngine
from tests.kit.terminal import screen_rows, screen_text


class Workstation:
    """A running terminal, its pilot and its engine."""

    def __init__(self, app: OptixApp, pilot: Pilot[None], engine: FakeEngine) -> None:
        self.app, self.pilot, self.engine = app, pilot, engine

    async def settle(self, beats: int = 3) -> None:
        """Lets everything that waits happen, and paints it."""
        for _ in range(beats):
            await self._workers()
            self.app.beat()
            self.app.pump.paint_all()
        await self.pilot.pause()

    async def _workers(self) -> None:
        """Until nothing is being asked any more."""
        for _ in range(500):
            await asyncio.sleep(0.001)
            if all(worker.is_finished for worker in self.app.workers):
                return

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle(2)

    async def type(self, command: str) -> None:
        """A command line and Enter."""
        await self.pilot.press("slash")
        self.app.bench.command.write(command.upper())
        await self.pilot.press("enter")
        await self.settle(3)

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def rows(self) -> list[str]:
        return screen_rows(self.app)

    @property
    def tile(self) -> Any:
        return self.app.bench.tile

    def code_of(self, slot: str) -> str:
        return self.app.bench.slots[slot].tile.entry.code

    @property
    def codes(self) -> list[str]:
        return [tile.entry.code for tile in self.app.bench.tiles]


@asynccontextmanager
async def workstation(
    size: tuple[int, int] = (160, 45),
    *,
    engine: FakeEngine | None = None,
    folder: Path | None = None,
    connected: bool = True,
    environment: dict[str, str] | None = None,
    toasts: bool = False,
    **changes: Any,
) -> AsyncIterator[Workstation]:
    """Opens the terminal, connected and painted; with ``toasts`` notices pop up too."""
    fake = engine or FakeEngine()

    async def connect() -> Any:
        return fake

    options = gather(configuration_folder=folder, environment=environment or {}, live=False)
    app = OptixApp(replace(options, **changes), connect if connected else None)
    try:
        async with app.run_test(size=size, notifications=toasts) as pilot:
            station = Workstation(app, pilot, fake)
            await pilot.pause()
            await station.settle(4)
            yield station
        await app.leave()
    finally:
        use_monochrome(False)
