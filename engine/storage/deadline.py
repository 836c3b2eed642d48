"""Ends a query that takes too long: armed by the loop that waits for it, carried by the thread that runs it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Deadline:
    """For one query; time counts from when it is watched, and only what runs is ended."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._running: DuckDBPyConnection | None = None
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def over(self, cursor: "DuckDBPyConnection") -> Iterator[None]:
        """The query runs within the block, in whatever thread."""
        with self._lock:
            self._running = cursor
        try:
            yield
        finally:
            with self._lock:
                self._running = None

    def watch(self) -> None:
        """Looks after so many seconds, and again while the query still waits for its turn."""
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._look)

    def dismiss(self) -> None:
        """The query is over."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        with self._lock:
            if self._running is not None:
                self._running.interrupt()
        self.watch()
