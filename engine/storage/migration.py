"""Schema versions, forward only: numbered SQL files, each applied in one transaction together with its own number."""

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.storage.sql import bound

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FOLDER = Path(__file__).parent / "migrations"
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


class Migration(Struct, frozen=True, kw_only=True):
    """One step from the version before to ``version``."""

    version: int
    name: str
    sql: str


@lru_cache(maxsize=1)
def migrations() -> tuple[Migration, ...]:
    """All steps, in order, without a gap."""
    found = []
    for path in sorted(_FOLDER.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"{path.name} is not named NNNN_what_it_does.sql")
        found.append(Migration(version=int(match.group(1)), name=match.group(2), sql=path.read_text(encoding="utf-8")))
    if [step.version for step in found] != list(range(1, len(found) + 1)):
        raise ValueError("the migrations are not numbered 1, 2, 3 ...")
    return tuple(found)


def newest_version() -> int:
    """The schema this program writes."""
    return migrations()[-1].version


def schema_version(connection: "DuckDBPyConnection") -> int:
    """The schema of an open database; 0 where it is not one of ours."""
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_version' AND NOT temporary").fetchall()
    if not known[0][0]:
        return 0
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchall()
    return int(row[0][0])


def apply_migrations(connection: "DuckDBPyConnection", *, upto: int | None = None) -> tuple[int, ...]:
    """Brings an open database forward, step by step, and writes it all to its file; returns the versions applied."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name VARCHAR NOT NULL)")
    present = schema_version(connection)
    applied = []
    for step in migrations():
        if step.version <= present or (upto is not None and step.version > upto):
            continue
        connection.execute("BEGIN")
        try:
            connection.execute(step.sql)
            connection.execute(bound("INSERT INTO schema_version VALUES (?, ?)", [step.version, step.name]))
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
        applied.append(step.version)
    return tuple(applied)
