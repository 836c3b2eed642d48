"""One process at a time makes, mends or upgrades a store of a folder: two that begin together must not take each other's file away."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.storage.trouble import StoreTrouble, Trouble

PATIENCE_SECONDS = 15.0
"""An upgrade copies the whole history."""
PAUSE_SECONDS = 0.02


@contextmanager
def opening_turn(folder: Path) -> Iterator[None]:
    """Waits for the turn and holds it; :class:`StoreTrouble` where another does for long. The folder itself is locked: no file is left."""
    with _held(folder):
        yield


if sys.platform == "win32":

    @contextmanager
    def _held(folder: Path) -> Iterator[None]:  # noqa: ARG001 (a folder cannot be locked there; a file that is open cannot be replaced)
        yield

else:
    import errno
    import fcntl
    import os

    _NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
    """Of a file system that knows none: as before there were turns."""

    @contextmanager
    def _held(folder: Path) -> Iterator[None]:
        handle = os.open(folder, os.O_RDONLY)
        try:
            _wait(handle, folder)
            yield
        finally:
            os.close(handle)

    def _wait(handle: int, folder: Path) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() < end:
                    time.sleep(PAUSE_SECONDS)
                    continue
                words = f"Another process is opening a history in {folder} and does not come to an end. Wait for it, or end it."
                raise StoreTrouble(Trouble.LOCKED, words) from error
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
            return
