"""One open database of one process: the writer's connection, and cursors for readers who are let finish before it is closed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Lock
from typing import TYPE_CHECKING

from engine.domain.errors import StoreUnavailable
from engine.storage.notice import StoreNotice
from engine.storage.opening import MEMORY_LIMIT, open_store_file
from engine.storage.residence import give_back
from engine.storage.trouble import StoreTrouble, Trouble

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_held: set[Path] = set()
_held_lock = Lock()


class Database:
    """The file, opened and closed by the writer's thread, read by others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: DuckDBPyConnection | None = None
        self._condition = Condition()
        self._active: set[DuckDBPyConnection] = set()
        self._trouble = ""
        self._ended = False
        self._admitted = False

    @property
    def connection(self) -> "DuckDBPyConnection":
        """The writer's own."""
        if self._connection is None:
            raise StoreUnavailable(self._trouble or f"The history {self.path.name} is not open yet.")
        return self._connection

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def open(self, notices: list[StoreNotice]) -> None:
        """Opens or makes the file; raises :class:`StoreTrouble`, and tells waiting readers why."""
        place = self.path.resolve()
        with _held_lock:
            if place in _held:
                text = f"The history {self.path.name} is already open in this very process."
                self._tell(text)
                raise StoreTrouble(Trouble.LOCKED, text)
            _held.add(place)
        try:
            connection = open_store_file(self.path, notices)
        except StoreTrouble as trouble:
            with _held_lock:
                _held.discard(place)
            self._tell(str(trouble))
            raise
        self._connection = connection

    def admit_readers(self) -> None:
        """The file is in order: whoever waits may read."""
        with self._condition:
            self._admitted, self._trouble = True, ""
            self._condition.notify_all()

    def close(self, *, trouble: str = "", ended: bool = False, interrupt: bool = True) -> None:
        """Stops the readers (or lets them finish), then closes the file; ``trouble`` is what they are told from now on."""
        with self._condition:
            connection, self._connection = self._connection, None
            self._admitted = False
            self._trouble, self._ended = trouble, self._ended or ended
            if interrupt:
                for cursor in self._active:
                    cursor.interrupt()
            while self._active:
                self._condition.wait()
            self._condition.notify_all()
        if connection is not None:
            with suppress(Exception):
                connection.close()
            with _held_lock:
                _held.discard(self.path.resolve())

    @contextmanager
    def reading(self, patience: float) -> Iterator["DuckDBPyConnection"]:
        """A cursor of one's own on the present data; waits ``patience`` seconds for a database that is just being opened."""
        with self._condition:
            self._condition.wait_for(lambda: self._admitted or self._trouble != "" or self._ended, patience)
            if not self._admitted or self._connection is None:
                now = "closed" if self._ended else "still being opened"
                raise StoreUnavailable(self._trouble or f"The history {self.path.name} is {now}.")
            cursor = self._connection.cursor()
            self._active.add(cursor)
        try:
            yield cursor
        finally:
            with suppress(Exception):
                cursor.close()
            with self._condition:
                self._active.discard(cursor)
                self._condition.notify_all()

    def give_back(self, keep_bytes: int) -> int:
        """Lets pages of the file go from memory beyond a bound, but for later while somebody reads; how many bytes went."""
        with self._condition:  # a reader who comes now waits some milliseconds
            return 0 if self._active else give_back(self.connection, keep_bytes=keep_bytes, limit=MEMORY_LIMIT)

    def _tell(self, trouble: str) -> None:
        with self._condition:
            self._trouble = trouble
            self._condition.notify_all()
