"""What storage asks of files beyond being private: that a rename survives a power cut, and that nothing is ever overwritten by chance."""

import os
from contextlib import suppress
from pathlib import Path

from engine.kernel.private_files import OWNER_ONLY_FILE, replace_private

__all__ = ["OWNER_ONLY_FILE", "free_name", "private_by_default", "sync_folder", "write_atomically"]


def private_by_default() -> None:
    """From here on this process makes files and folders for their owner alone: databases write logs and spill files of their own."""
    os.umask(os.umask(0o077) | 0o077)


def sync_folder(folder: Path) -> None:
    """Makes a rename in the folder survive a power cut, where the system can promise that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_atomically(path: Path, payload: bytes) -> None:
    """Replaces the file's content, all of it or nothing, for good."""
    replace_private(path, payload)
    sync_folder(path.parent)


def free_name(path: Path) -> Path:
    """The path itself, or the first of ``name-2``, ``name-3`` ... that nothing stands at."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate
