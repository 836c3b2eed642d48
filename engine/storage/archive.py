# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""The Parquet archive of closed days: files that explain themselves (names, not numbers), and the catalogue that says which of them count.

A file is first announced in the catalogue as 'writing', then built under another name and renamed; only the transaction that takes its
rows out of the hot table makes it 'ready'. So a crash at any moment leaves every row in exactly one place.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.instants import DAY_NS, from_nanos
from engine.kernel.paths import private_folder
from engine.storage.archive_files import ArchiveFile
from engine.storage.archived_hours import count_hours, forget_hours
from engine.storage.notice import StoreNotice
from engine.storage.private import OWNER_ONLY_FILE, free_name, sync_folder
from engine.storage.sql import Identity, bound, one, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ORDER = {
    "quotes": "symbol, name, ts",
    "trades": "symbol, ts, place",
    "trade_minutes": "symbol, name, ts",
    "snapshot_quotes": "symbol, ts, name",
    "bars": "symbol, seconds, ts",
    "surfaces": "symbol, ts, model",
    "surface_slices": "symbol, ts, model, number",
    "surface_points": "symbol, ts, model, series, strike",
    "measures": "symbol, measure, ts",
    "exposure_marks": "symbol, ts",
    "flow_marks": "symbol, ts, place",
}
"""The tables that roll into the archive, and how their files are sorted."""

PLAIN_ROW_GROUP = 122_880
ROW_GROUPS = {"surface_slices": 16_384, "surface_points": 16_384}
"""Rows that are read together: of surfaces one instant is asked for at a time."""

_OF_CONTRACTS = frozenset({"quotes", "trades", "trade_minutes", "snapshot_quotes", "flow_marks"})
"""Their rows name instruments; the others' name symbols alone."""

_FILE = re.compile(r"\d{4}-\d{2}-\d{2}(-\d+)?\.parquet")


class Archive:
    """The archive of one store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(
        self,
        connection: "DuckDBPyConnection",
        table: str = "",
        *,
        since: int | None = None,
        until: int | None = None,
        run_id: int | None = None,
        source_id: int | None = None,
    ) -> list[ArchiveFile]:
        """The files that count, oldest day first; of one table, with rows in [since, until), of one run or source."""
        conditions, parameters = ["state = 'ready'"], list[object]()
        for condition, value in (
            ("table_name = ?", table or None),
            ("last_ts >= ?", since),
            ("first_ts < ?", until),
            ("run_id = ?", run_id),
            ("source_id = ?", source_id),
        ):
            if value is not None:
                conditions.append(condition)
                parameters.append(value)
        found = connection.execute(
            bound(
                "SELECT id, table_name, day, file, seconds, rows, bytes, source_id, run_id FROM archives WHERE "
                + " AND ".join(conditions)
                + " ORDER BY day, id",
                parameters,
            ),
        ).fetchall()
        return [
            ArchiveFile(
                id=row[0],
                table=row[1],
                day=row[2],
                path=self.folder / row[3],
                seconds=row[4],
                rows=row[5],
                bytes=row[6],
                source_id=row[7],
                run_id=row[8],
            )
            for row in found
        ]

    def write(
        self,
        connection: "DuckDBPyConnection",
        *,
        table: str,
        day: int,
        whose: Identity,
        selection: str,
        seconds: int = 0,
        replaces: ArchiveFile | None = None,
        deletion: str = "",
    ) -> int:
        """Builds a day's file; in one transaction it takes the place of the rows ``deletion`` names and of the file before.

        Returns the rows in it. A selection without rows leaves no file, but the deletion and the replacement happen.
        """
        folder = private_folder(self.folder / table)
        path = free_name(folder / f"{from_nanos(day).date().isoformat()}.parquet")
        file = f"{table}/{path.name}"
        number = one(connection, "SELECT coalesce(max(id), 0) + 1 FROM archives")
        connection.execute(
            bound(
                "INSERT INTO archives VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 'writing', ?, ?)",
                [number, table, day, file, seconds, whose.source_id, whose.run_id],
            ),
        )
        draft = path.with_name(f"{path.name}.tmp")
        connection.execute(
            f"COPY (SELECT * FROM ({selection}) ORDER BY {ORDER[table]}) TO {quoted(draft)} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUPS.get(table, PLAIN_ROW_GROUP)})"
        )
        rows, first, last = connection.execute(f"SELECT count(*), min(ts), max(ts) FROM read_parquet({quoted(draft)})").fetchall()[0]
        if rows:
            draft.chmod(OWNER_ONLY_FILE)
            _sync(draft)
            draft.replace(path)
            sync_folder(folder)
        else:
            draft.unlink()
        connection.execute("BEGIN")
        try:
            if deletion:
                connection.execute(deletion)
            if replaces is not None:
                connection.execute(bound("DELETE FROM archives WHERE id = ?", [replaces.id]))
                forget_hours(connection, replaces.id)
            if rows:
                connection.execute(
                    bound(
                        "UPDATE archives SET state = 'ready', rows = ?, bytes = ?, first_ts = ?, last_ts = ? WHERE id = ?",
                        [rows, path.stat().st_size, first, last, number],
                    ),
                )
                count_hours(connection, table, number, path)
            else:
                connection.execute(bound("DELETE FROM archives WHERE id = ?", [number]))
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        if replaces is not None:
            replaces.path.unlink(missing_ok=True)
        return int(rows)

    def tidy(self, connection: "DuckDBPyConnection", notices: list[StoreNotice]) -> None:
        """Brings folder and catalogue together: unfinished files go, unknown ones are taken in, missing ones are named."""
        for (file,) in connection.execute("SELECT file FROM archives WHERE state = 'writing'").fetchall():
            (self.folder / file).unlink(missing_ok=True)
        connection.execute("DELETE FROM archives WHERE state = 'writing'")
        known = {entry.path: entry for entry in self.files(connection)}
        missing = [entry for path, entry in known.items() if not path.exists()]
        for entry in missing:
            connection.execute(bound("DELETE FROM archives WHERE id = ?", [entry.id]))
            forget_hours(connection, entry.id)
        if missing:
            named = ", ".join(sorted(f"{entry.table}/{entry.path.name}" for entry in missing)[:5])
            notices.append(
                StoreNotice(
                    title="Archived days are missing", text=f"{len(missing)} files are gone from {self.folder}: {named}.", serious=True
                )
            )
        for table in ORDER:
            for path in sorted((self.folder / table).glob("*.parquet*")):
                if path.suffix == ".tmp":
                    path.unlink(missing_ok=True)
                elif path not in known and _FILE.fullmatch(path.name):
                    self._adopt(connection, table, path, notices)

    def _adopt(self, connection: "DuckDBPyConnection", table: str, path: Path, notices: list[StoreNotice]) -> None:
        """Takes in a file whose database was lost, or that was copied here: its names get numbers again."""
        source = f"read_parquet({quoted(path)})"
        grade = "max(seconds)" if table == "quotes" else "0"
        try:
            rows, first, last, seconds = connection.execute(
                f"SELECT count(*), min(ts), max(ts), coalesce({grade}, 0) FROM {source}"
            ).fetchall()[0]
            runs = connection.execute(f"SELECT DISTINCT source, variant, run FROM {source}").fetchall()
        except Exception as error:  # noqa: BLE001 (whatever is wrong with a file: it is kept aside and said)
            kept = free_name(path.with_name(f"{path.name}.damaged"))
            path.replace(kept)
            notices.append(
                StoreNotice(title="An archived day cannot be read", text=f"{path.name} is kept as {kept.name}: {error}", serious=True)
            )
            return
        if not rows:
            return
        connection.execute("BEGIN")
        try:
            whose = [_known_run(connection, *row) for row in runs]
            owner = whose[0] if len(whose) == 1 else Identity(source_id=0, run_id=0)
            _known_names(connection, table, source, whose[0])
            number = one(connection, "SELECT coalesce(max(id), 0) + 1 FROM archives")
            connection.execute(
                bound(
                    "INSERT INTO archives SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, 'ready', ?, ?",
                    [
                        number,
                        table,
                        first // DAY_NS * DAY_NS,
                        f"{table}/{path.name}",
                        seconds,
                        rows,
                        path.stat().st_size,
                        first,
                        last,
                        owner.source_id,
                        owner.run_id,
                    ],
                ),
            )
            count_hours(connection, table, number, path)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _known_run(connection: "DuckDBPyConnection", source: str, variant: str, run: str) -> Identity:
    connection.execute(
        bound(
            """INSERT INTO sources SELECT (SELECT coalesce(max(id), 0) + 1 FROM sources), $source, $variant
        WHERE NOT EXISTS (FROM sources WHERE name = $source AND variant = $variant)""",
            {"source": source, "variant": variant},
        ),
    )
    source_id = one(connection, "SELECT id FROM sources WHERE name = ? AND variant = ?", [source, variant])
    connection.execute(
        bound(
            """INSERT INTO runs SELECT (SELECT coalesce(max(id), 0) + 1 FROM runs), $run, $source, 0
        WHERE NOT EXISTS (FROM runs WHERE run = $run)""",
            {"run": run, "source": source_id},
        ),
    )
    return Identity(source_id=source_id, run_id=one(connection, "SELECT id FROM runs WHERE run = ?", [run]))


def _known_names(connection: "DuckDBPyConnection", table: str, source: str, whose: Identity) -> None:
    ids = [whose.source_id, whose.run_id]
    connection.execute(
        bound(
            f"""INSERT INTO symbols SELECT (SELECT coalesce(max(id), 0) FROM symbols) + row_number() OVER (ORDER BY symbol), symbol, ?, ?
        FROM (SELECT DISTINCT symbol FROM {source}) ANTI JOIN symbols USING (symbol)""",
            ids,
        ),
    )
    if table not in _OF_CONTRACTS:
        return
    connection.execute(
        bound(
            f"""INSERT INTO series (id, series, symbol_id, source_id, run_id)
        SELECT (SELECT coalesce(max(id), 0) FROM series) + row_number() OVER (ORDER BY f.series), f.series, y.id, ?, ?
        FROM (SELECT DISTINCT series, symbol FROM {source} WHERE series IS NOT NULL) f JOIN symbols y USING (symbol)
        ANTI JOIN series s ON s.series = f.series""",
            ids,
        ),
    )
    connection.execute(
        bound(
            f"""INSERT INTO instruments
        SELECT (SELECT coalesce(max(id), 0) FROM instruments) + row_number() OVER (ORDER BY f.name), f.name, y.id, s.id, f.strike,
            f.option_right, ?, ?
        FROM (SELECT DISTINCT ON (name) name, symbol, series, strike, option_right FROM {source}) f JOIN symbols y USING (symbol)
        LEFT JOIN series s ON s.series = f.series ANTI JOIN instruments n ON n.name = f.name""",
            ids,
        ),
    )


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
