"""What is wrong with a database, told from DuckDB's words: who holds it, whether it is too new, damaged, or will do again later."""

import re
from enum import StrEnum
from pathlib import Path

from engine.domain.errors import StoreUnavailable


class Trouble(StrEnum):
    """What can be done about it."""

    LOCKED = "locked"
    """Another process has it: wait."""
    TOO_NEW = "too new"
    """Written by a later OPTIX or DuckDB: leave it alone."""
    DAMAGED = "damaged"
    """Set it aside and go on."""
    PASSING = "passing"
    """The disk, a permission: try again later."""
    UNCLEAR = "unclear"
    """Nothing is known to be wrong with the file."""


class StoreTrouble(StoreUnavailable):
    """A store that cannot be used, and why."""

    def __init__(self, kind: Trouble, text: str) -> None:
        super().__init__(text)
        self.kind = kind


_LOCKED = re.compile(r"could not set lock|conflicting lock|being used by another process|different configuration", re.IGNORECASE)
_HOLDER = re.compile(r"\(PID (\d+)\)")
_TOO_NEW = re.compile(r"version number \d+, but we can only read|storage version greater|newer version of DuckDB", re.IGNORECASE)
_PASSING = re.compile(
    r"no space left|not enough space|disk quota|permission denied|read-only file system|input/output error|too many open files"
    r"|out of memory|failed to allocate|invalidated",
    re.IGNORECASE,
)
_DAMAGED = re.compile(
    r"corrupt|not a valid duckdb|could not read enough bytes|replaying wal|checksum|deseriali[sz]|serialization",
    re.IGNORECASE,
)


def diagnose(error: BaseException, path: Path) -> StoreTrouble:
    """The trouble behind an error of DuckDB or of the system, with a text that says what to do."""
    if isinstance(error, StoreTrouble):
        return error
    words = str(error).strip()
    if "interrupted" in words.lower():
        return StoreTrouble(
            Trouble.PASSING, "A look into the history was ended because it took too long, or the history was closed. Ask for less."
        )
    if _LOCKED.search(words):
        holder = _HOLDER.search(words)
        who = f"process {holder.group(1)}" if holder else "another process"
        return StoreTrouble(
            Trouble.LOCKED,
            f"The history {path.name} is held by {who}. Close that program (or ask through it); it is tried again meanwhile.",
        )
    if _TOO_NEW.search(words):
        return StoreTrouble(
            Trouble.TOO_NEW,
            f"The history {path} was written by a newer DuckDB than this one reads. It is left as it is: get a newer OPTIX, "
            "or set OPTIX_HOME to another folder to begin a new history.",
        )
    if _PASSING.search(words) or (isinstance(error, OSError) and not _DAMAGED.search(words)):
        return StoreTrouble(
            Trouble.PASSING, f"The history {path} cannot be used just now: {first_line(words)}. Check the disk and its permissions."
        )
    if _DAMAGED.search(words):
        return StoreTrouble(Trouble.DAMAGED, f"The history {path} is damaged: {first_line(words)}.")
    return StoreTrouble(Trouble.UNCLEAR, f"The history {path} answered: {first_line(words)}.")


def first_line(text: str) -> str:
    """What matters of an error: its first line, without the full stop."""
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else "no reason given"
