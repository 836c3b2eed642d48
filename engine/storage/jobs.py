"""Work that others hand to the writer's thread, done between two batches."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from engine.domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")


class Jobs:
    """A queue that is told apart by turns: what was asked for before a turn began is due in it, after all that was recorded by then."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: deque[tuple[Callable[[DuckDBPyConnection], Any], Future[Any]]] = deque()
        self._due: deque[tuple[Callable[[DuckDBPyConnection], Any], Future[Any]]] = deque()
        self._refusal: Exception | None = None

    def ask(self, job: Callable[["DuckDBPyConnection"], T]) -> "Future[T]":
        """Queues a job; one asked for after the end fails at once."""
        future: Future[T] = Future()
        with self._lock:
            if self._refusal is None:
                self._asked.append((job, future))
            else:
                future.set_exception(self._refusal)
        return future

    def begin_turn(self) -> None:
        """What is asked for from now on waits for the next turn."""
        with self._lock:
            self._due.extend(self._asked)
            self._asked.clear()

    def do_due(self, connection: Callable[[], "DuckDBPyConnection"], mend: Callable[[Exception], Exception]) -> None:
        """Runs what is due; ``mend`` sets the database right after an unexpected error, and words it."""
        while self._due:
            job, future = self._due.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = job(connection())
            except StoreUnavailable as error:
                future.set_exception(error)
            except Exception as error:  # noqa: BLE001 (handed to whoever asked)
                future.set_exception(mend(error))
            else:
                future.set_result(result)

    def refuse(self, error: Exception) -> None:
        """The end: whatever waits, or is still to come, fails with it."""
        with self._lock:
            self._refusal = error
            waiting = [*self._due, *self._asked]
            self._due.clear()
            self._asked.clear()
        for _, future in waiting:
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
