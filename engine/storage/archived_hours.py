# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""The index of the archive by name and hour: counted as a file is made, so that nobody has to open it to learn what is in it."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.ids import Symbol
from engine.domain.instants import HOUR_NS
from engine.storage.archive_files import ArchiveFile
from engine.storage.sql import bound, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_log = logging.getLogger(__name__)
COUNTED = {"surfaces": "count(DISTINCT ts)", "exposure_marks": "count(DISTINCT ts)", "flow_marks": "count(*)"}
"""What of a table counts as one."""


def count_hours(connection: "DuckDBPyConnection", table: str, number: int, path: Path) -> None:
    """Enters a file, as part of the caller's transaction; a table that nobody scrubs through has no entries.

    Numbers are given again: whatever was left of an older file of this one goes.
    """
    forget_hours(connection, number)
    if table in COUNTED:
        connection.execute(
            f"INSERT INTO archived_hours SELECT {number}, symbol, ts // {HOUR_NS}, {COUNTED[table]} "
            f"FROM read_parquet({quoted(path)}) GROUP BY ALL"
        )


def forget_hours(connection: "DuckDBPyConnection", number: int) -> None:
    """A file that counts no more."""
    connection.execute(bound("DELETE FROM archived_hours WHERE archive_id = ?", [number]))


def count_the_uncounted(connection: "DuckDBPyConnection", files: Iterable[ArchiveFile]) -> Iterator[str]:
    """Enters the files that were made before there was an index, one a step; one that cannot be read holds up nothing."""
    entered = {number for (number,) in connection.execute("SELECT DISTINCT archive_id FROM archived_hours").fetchall()}
    for file in files:
        if file.table not in COUNTED or file.id in entered:
            continue
        try:
            count_hours(connection, file.table, file.id, file.path)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with a file: it is said, and the days that follow are kept all the same)
            _log.warning("%s cannot be counted by hour: %s", file.path, error)
            yield f"{file.table}: {file.path.name} cannot be read, and is not counted by hour"
        else:
            yield f"{file.table}: {file.path.name} is counted by hour"


def hours_of(
    cursor: "DuckDBPyConnection", files: list[ArchiveFile], symbol: Symbol, since: int, until: int
) -> tuple[dict[int, int], list[ArchiveFile]]:
    """What files hold of a name in whole hours from ``since`` to ``until`` (hours since the epoch), and those that are not entered."""
    if not files:
        return {}, []
    numbers = ", ".join(str(file.id) for file in files)
    rows = cursor.execute(
        bound(
            f"SELECT hour, sum(stored) FROM archived_hours WHERE archive_id IN ({numbers}) "
            "AND symbol = $symbol AND hour >= $since AND hour < $until GROUP BY hour",
            {"symbol": symbol, "since": since, "until": until},
        )
    ).fetchall()
    entered = {
        number for (number,) in cursor.execute(f"SELECT DISTINCT archive_id FROM archived_hours WHERE archive_id IN ({numbers})").fetchall()
    }
    return {int(hour): int(stored) for hour, stored in rows}, [file for file in files if file.id not in entered]
