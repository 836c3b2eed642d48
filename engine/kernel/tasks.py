"""The engine's running coroutines: none is forgotten, none dies in silence."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Tasks:
    """Starts coroutines and ends them all together."""

    def __init__(self, on_crash: Callable[[str, BaseException], None] | None = None) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self.on_crash = on_crash
        """Told of a coroutine that failed, by its name, beside the log."""

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Runs it from now on, beside everything else."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._running)

    async def close(self) -> None:
        """Cancels what still runs and waits until it has ended; the one that calls is spared."""
        me = asyncio.current_task()
        while left := [task for task in self._running if task is not me]:
            for task in left:
                task.cancel()
            await asyncio.wait(left)
            self._running.difference_update(left)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        _log.error("%s ended by a fault", task.get_name(), exc_info=error)
        if self.on_crash is not None:
            self.on_crash(task.get_name(), error)
