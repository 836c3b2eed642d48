"""The engine's background work: named, never silently dead, ended together."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_log = logging.getLogger(__name__)
Crash = Callable[[str, BaseException], None]


class Tasks:
    """Spawns and ends tasks. A task that crashes is logged and told of; it does not take the engine down."""

    def __init__(self, on_crash: Crash | None = None) -> None:
        self.on_crash = on_crash
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Starts a piece of work under a name."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        _log.error("the task %r crashed", task.get_name(), exc_info=error)
        if self.on_crash is not None:
            self.on_crash(task.get_name(), error)

    @property
    def names(self) -> tuple[str, ...]:
        """What runs now."""
        return tuple(sorted(task.get_name() for task in self._running))

    async def close(self) -> None:
        """Cancels all work and waits for its end."""
        running = [task for task in self._running if task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
