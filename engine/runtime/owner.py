"""One engine a data folder: who holds the lock owns it, and the lock's file says where the owner is reached.

The system lets go of the lock when its process ends, however it ends, so a file left by a killed or copied engine deceives nobody.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.domain.errors import NotConfigured
from engine.domain.ids import RunId
from engine.kernel.paths import usable_folder
from engine.runtime.address import Address

LOCK_FILE = "engine.lock"
LARGEST_NOTE = 16 * 1024
_LOCKED_BYTE = 1 << 30
"""On Windows a lock covers bytes, and locked bytes cannot be read: one far behind the text is taken."""


class OwnerNote(Struct, frozen=True, kw_only=True):
    """What an owner says of itself."""

    pid: int
    version: str
    run: RunId
    feed: str
    """As after ``--feed``."""
    options: Mapping[str, str | int | float | bool] = {}
    """What was given with it: seed, start, speed."""
    address: Address | None = None
    """None while it is starting."""


class Ownership:
    """The lock, held until :meth:`release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @staticmethod
    def take(folder: Path) -> "Ownership | None":
        """The lock of the data folder; None where another engine (or somebody who looks for one) holds it just now."""
        path = usable_folder(folder) / LOCK_FILE
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as trouble:
            raise NotConfigured(f"{path} cannot be opened ({trouble.strerror}): check who owns the folder, or set OPTIX_HOME") from trouble
        try:
            _lock(descriptor, shared=False)
        except OSError:
            os.close(descriptor)
            return None
        os.ftruncate(descriptor, 0)
        return Ownership(descriptor)

    def note(self, note: OwnerNote) -> None:
        """Writes down who owns the folder and where it is reached."""
        content = msgspec.json.encode(note)
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, content)

    def release(self) -> None:
        """Lets the next one own it. May be called twice."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
        os.close(descriptor)


def owner_note(folder: Path) -> OwnerNote | None:
    """What the living owner says of itself; None where there is none, or it has not said anything yet."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        content = os.read(descriptor, LARGEST_NOTE)
        return _read(content) if content and _is_held(descriptor) else None
    finally:
        os.close(descriptor)


def _read(content: bytes) -> OwnerNote | None:
    try:
        return msgspec.json.decode(content, type=OwnerNote)
    except msgspec.MsgspecError:  # being written just now, or by another version: it has said nothing we know
        return None


def _is_held(descriptor: int) -> bool:
    try:
        _lock(descriptor, shared=True)
    except OSError:
        return True
    return False  # closing the descriptor lets go of it again


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, shared: bool) -> None:  # noqa: ARG001 (there is one kind of lock here)
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int, *, shared: bool) -> None:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
