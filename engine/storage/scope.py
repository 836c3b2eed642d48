"""Whose rows may be in an answer, and how an answer is put together.

A store of real markets (``live``) is one history: all sources and runs; where two sources have the same
bar, the present source wins, then the newest run. In ``sim``, ``file`` and ``tape`` stores time starts anew and other seeds are other
worlds: bars, volatility and the latest are those of the present source in its present variant (seed and start), quotes and prints those
of one run alone: the present one, or, while it has none, the newest run of that variant. No answer lies in the market's future.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.storage.archive import ArchiveFile
from engine.storage.sql import Identity, quoted

MAX_ROWS = 1_000_000
"""Of one answer."""
FOREVER = 2**62

Fetched = dict[str, NDArray[Any]]


class Scope(Struct, frozen=True, kw_only=True):
    """Whose rows may be read, and the market's present instant."""

    identity: Identity
    mixed: bool
    """A store of real markets: all sources and runs are one history."""
    now: int
    """Nothing after it is answered; 0 where the market has not said the time yet."""

    def until(self, asked: int | None) -> int:
        """The exclusive upper bound of an answer."""
        present = self.now + 1 if self.now else FOREVER
        return present if asked is None else min(asked, present)


def bounded(asked: int, most: int) -> int:
    """What is asked for, within reason."""
    return max(0, min(asked, most))


def listed(alias: str, names: Sequence[str]) -> str:
    """Columns of one table of a join."""
    return ", ".join(f"{alias}.{name}" for name in names)


def parquet(files: Sequence[ArchiveFile]) -> str:
    """Several files of the archive as one table."""
    return f"read_parquet([{', '.join(quoted(file.path) for file in files)}], union_by_name = true)"


def joined(parts: Sequence[Fetched]) -> Fetched:
    """Several fetched tables as one, NULLs kept."""
    together: Callable[[list[NDArray[Any]]], NDArray[Any]] = np.ma.concatenate
    return {name: together([part[name] for part in parts]) for name in parts[0]}
