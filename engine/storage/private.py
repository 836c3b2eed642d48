"""Files that are the user's alone, and that are either the old one or the new one after a crash, never half of each."""

import os
from contextlib import suppress
from pathlib import Path

OWNER_ONLY_FOLDER = 0o700
OWNER_ONLY_FILE = 0o600


def private_by_default() -> None:
    """From here on this process makes files and folders for their owner alone: databases write logs and spill files of their own."""
    os.umask(os.umask(0o077) | 0o077)


def private_folder(folder: Path) -> Path:
    """The folder, made with its parents where it is missing, closed to others."""
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    folder.chmod(OWNER_ONLY_FOLDER)
    return folder


def sync_folder(folder: Path) -> None:
    """Makes a rename in the folder survive a power cut, where the system can promise that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_atomically(path: Path, payload: bytes) -> None:
    """Replaces the file's content at once: whoever reads it, whenever, sees all of the old or all of the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), OWNER_ONLY_FILE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def free_name(path: Path) -> Path:
    """The path itself, or the first of ``name-2``, ``name-3`` ... that nothing stands at."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate
