"""What is done again and again: a step that fails is told of and tried again, so that one bad number does not silence a screen."""

import asyncio
import logging
from collections.abc import Callable, Iterator

from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.tasks import Tasks
from engine.messages.events import NoticeLevel, NoticePosted

REST_SECONDS = 5.0
"""After a failure."""
_log = logging.getLogger(__name__)


class Rhythm:
    """Runs steps at their own pace."""

    def __init__(self, *, bus: Bus, clock: Clock, tasks: Tasks) -> None:
        self._bus = bus
        self._clock = clock
        self._tasks = tasks
        self._told: set[str] = set()

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
                self._tell(name, error)
                await asyncio.sleep(REST_SECONDS)

    def _tell(self, name: str, error: Exception) -> None:
        _log.error("%s failed and is tried again", name, exc_info=error)
        text = f"{type(error).__name__}: {error}"
        if f"{name} {text}" in self._told:
            return
        self._told.add(f"{name} {text}")
        self._bus.publish(NoticePosted(at=self._clock.now(), level=NoticeLevel.ERROR, title=f"{name} failed", text=text))
