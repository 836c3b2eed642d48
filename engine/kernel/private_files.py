"""Files for their owner's eyes, and either the old one or the new one after a crash."""

import os
from pathlib import Path

from engine.kernel.paths import private_folder

OWNER_ONLY_FILE = 0o600


def create_private(path: Path) -> int:
    """Opens a file for writing that nobody else may read; the descriptor."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), OWNER_ONLY_FILE)
    if os.name != "nt":
        os.fchmod(handle, OWNER_ONLY_FILE)
    return handle


def replace_private(path: Path, content: bytes) -> None:
    """Replaces the file's content at once; whoever reads it sees all of the old or all of the new."""
    private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(create_private(draft), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
