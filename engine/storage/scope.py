# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""Whose rows may be in an answer, and how an answer is put together.

A store of real markets (``live``) is one history: all sources and runs; where two sources have the same
bar, the present source wins, then the newest run. In ``sim``, ``file`` and ``tape`` stores time starts anew and other seeds are other
worlds: bars, volatility and the latest are those of the present source in its present variant (seed and start), quotes and prints those
of one run alone: the present one, or, while it has none, the newest run of that variant. No answer lies in the market's future.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.storage.archive import Archive
from engine.storage.archive_files import ArchiveFile
from engine.storage.sql import Identity, bound, one, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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


def run_with(cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, table: str, hot_condition: str, column: str, value: str) -> int:
    """The present run where it has such rows, else the newest of its variant that has."""
    source_id = scope.identity.source_id
    hot = int(one(cursor, f"SELECT max(run_id) FROM {table} WHERE source_id = {source_id} AND {hot_condition}") or 0)
    files = archive.files(cursor, table, source_id=source_id)
    for run_id in sorted({file.run_id for file in files}, reverse=True):
        if run_id <= hot:
            break
        of_run = parquet([file for file in files if file.run_id == run_id])
        if cursor.execute(bound(f"SELECT 1 FROM {of_run} WHERE {column} = ? LIMIT 1", [value])).fetchall():
            return run_id
    return hot


def runs_of_history(cursor: "DuckDBPyConnection", scope: Scope) -> list[tuple[str, int]]:
    """The runs of the present source in its present variant that make one history, newest first, and up to when each counts.

    A market that was gone on with goes on in another run; one that was played anew begins before its predecessor ended, and takes its
    place from there on.
    """
    rows = cursor.execute(
        bound(
            """SELECT r.id, r.run, (SELECT min(f.ts) FROM feed_states f WHERE f.run_id = r.id AND f.ts > 0)
        FROM runs r WHERE r.source_id = ? ORDER BY r.id DESC""",
            [scope.identity.source_id],
        )
    ).fetchall()
    found, until = [], scope.until(None)
    for _, run, begins in rows:
        if begins is not None and begins >= until:
            continue
        found.append((str(run), until))
        until = until if begins is None else min(until, int(begins))
    return found


def named_rows(
    cursor: "DuckDBPyConnection",
    archive: Archive,
    scope: Scope,
    table: str,
    columns: str,
    *,
    symbol: str,
    since: int,
    until: int,
    limit: int,
    where: str = "true",
    order: str = "ts DESC",
    of_every_run: bool = False,
) -> Fetched:
    """The newest ``limit`` rows of a name in [since, until), newest first: the hot table's, then the archive's, the newest days first.

    ``where`` narrows by columns that the readable view and the files share; ``of_every_run`` leaves it to that whose rows count.
    """
    symbol_id = one(cursor, "SELECT id FROM symbols WHERE symbol = ?", [symbol])
    run_id = (
        None
        if scope.mixed or of_every_run
        else run_with(cursor, archive, scope, table, f"symbol_id = {-1 if symbol_id is None else symbol_id}", "symbol", symbol)
    )
    chosen = bound(
        f"WHERE symbol = $symbol AND ts >= $since AND ts < $until AND ({where})", {"symbol": symbol, "since": since, "until": until}
    )
    whose = "" if run_id is None else f" AND run_id = {run_id}"
    parts = [cursor.execute(f"SELECT {columns} FROM named_{table} {chosen}{whose} ORDER BY {order} LIMIT {limit}").fetchnumpy()]
    have = parts[0]["ts"].shape[0]
    files = archive.files(cursor, table, since=since, until=until, run_id=run_id)[::-1]
    days = 1
    while files and have < limit:
        some, files = files[:days], files[days:]
        days *= 4
        part = cursor.execute(f"SELECT {columns} FROM {parquet(some)} {chosen} ORDER BY {order} LIMIT {limit - have}").fetchnumpy()
        have += part["ts"].shape[0]
        parts.append(part)
    whole = joined(parts)
    newest = np.argsort(-whole["ts"].astype(np.int64), kind="stable")[:limit]
    return {name: column[newest] for name, column in whole.items()}
