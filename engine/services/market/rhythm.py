"""What is done again and again: a step that fails is told of and tried again, so that one bad number does not silence a screen."""

import asyncio
import logging
from collections.abc import Callable, Iterator

from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.failures import Failures
from engine.kernel.tasks import Tasks

REST_SECONDS = 5.0
"""After a failure."""
_log = logging.getLogger(__name__)


class Rhythm:
    """Runs steps at their own pace."""

    def __init__(self, *, bus: Bus, clock: Clock, tasks: Tasks) -> None:
        self._tasks = tasks
        self._failures = Failures(bus=bus, clock=clock, log=_log)

    def every(self, seconds: float, name: str, step: Callable[[], Iterator[None] | None]) -> None:
        """Runs ``step`` each ``seconds`` until the engine closes; one that is much work yields where others may be let in."""
        self._tasks.spawn(self._beat(seconds, name, step), name=name)

    async def _beat(self, seconds: float, name: str, step: Callable[[], Iterator[None] | None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                for _ in step() or ():
                    await asyncio.sleep(0)
            except Exception as error:  # noqa: BLE001 (told of, and tried again)
                self._failures.tell(f"{name} failed", error)
                await asyncio.sleep(REST_SECONDS)
