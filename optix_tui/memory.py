"""What a terminal remembers of itself from one start to the next: the name it looked at, the workspace, the theme."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec
from msgspec import Struct

FILE = "terminal.json"


class Memory(Struct, frozen=True, kw_only=True):
    """Empty where nothing is remembered."""

    symbol: str = ""
    place: int = 0
    theme: str = ""


def recall(folder: Path) -> Memory:
    """What was kept; nothing where there is no file, or one that cannot be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError):
        return Memory()


def remember(memory: Memory, folder: Path) -> None:
    """Keeps it, whole or not at all. A folder that cannot be written costs the memory and nothing else."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile("wb", dir=folder, prefix=".", suffix=".tmp", delete=False) as file:
            file.write(msgspec.json.encode(memory))
        os.replace(file.name, folder / FILE)  # noqa: PTH105 (one step, on every platform)
    except OSError:
        return
