# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""Keeps the store within its budget by coarser tiers: quotes thin out from the oldest on (a minute, a quarter of an hour, one a day),
surfaces and marks beside them, then snapshots to one a day, and prints become minute bars. Only where all that is not enough, closed
days are forgotten, the oldest first.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.domain.instants import DAY_NS, SECOND_NS, from_nanos
from engine.domain.market import PrintFlag
from engine.storage.archive import Archive
from engine.storage.archive_files import ArchiveFile
from engine.storage.sql import Identity, one, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOUR_NS = 3600 * SECOND_NS
GRADES = (60, 900, 86_400)
"""Seconds between two quotes of a contract, tier by tier."""
HOT_GRADES = ((60, HOUR_NS), (900, 6 * HOUR_NS))
"""The same for the day that is not over: what is older than so long."""
TIGHT_GRADE = (900, HOUR_NS)
FORGOTTEN = (
    ("trade_minutes",),
    ("quotes",),
    ("snapshot_quotes",),
    ("flow_marks",),
    ("surface_points",),
    ("measures", "exposure_marks"),
    ("surfaces", "surface_slices"),
)
"""The order in which closed days lose what is left of them, tables named together day by day; bars, what is kept by day (volatility,
measures, flow) and imported chains stay."""
CONCLUDED = {
    "surface_points": "symbol",
    "surfaces": "symbol, model",
    "surface_slices": "symbol, model",
    "measures": "symbol, measure",
    "exposure_marks": "symbol",
}
"""Tables that thin to the last of each span, all rows of that instant kept: of what each."""
CONCLUDED_GRADES = (900, 86_400)
HOT_CONCLUDED_NS = 6 * HOUR_NS

_HOT_COLUMNS = "ts, instrument_id, bid, ask, bid_size, ask_size, event_at, source_id, run_id"
_MINUTE_NS = 60 * SECOND_NS
_IMPORTED = "kind = 'import'"
_COUNTED = f"(flags & {int(PrintFlag.CANCELLED)}) = 0"


def reduce(connection: "DuckDBPyConnection", archive: Archive, now: int) -> Iterator[str]:
    """Takes one step after another, the least harmful first, each in its own transaction; yields what was done."""
    for grade in GRADES:
        for file in archive.files(connection, "quotes"):
            if file.seconds < grade:
                _thin_file(connection, archive, file, grade)
                yield f"quotes of {_day(file)} to one in {grade} s"
        for hot_grade, keep in HOT_GRADES:
            if hot_grade == grade:
                yield from _thin_hot(connection, now - keep, grade)
        if grade in CONCLUDED_GRADES:
            yield from _thin_concluded(connection, archive, grade)
    yield from _thin_hot_concluded(connection, now - HOT_CONCLUDED_NS, CONCLUDED_GRADES[0])
    yield from _thin_hot(connection, now - TIGHT_GRADE[1], TIGHT_GRADE[0])
    for file in archive.files(connection, "snapshot_quotes"):
        if file.seconds < DAY_NS // SECOND_NS:
            _last_snapshots(connection, archive, file)
            yield f"chain snapshots of {_day(file)} to the day's last"
    if _last_hot_snapshots(connection):
        yield "chain snapshots of the open days to the last of each"
    for file in archive.files(connection, "trades"):
        _prints_to_minutes(connection, archive, file)
        yield f"prints of {_day(file)} to minutes"
    yield from _hot_prints_to_minutes(connection, now - HOUR_NS)


def forget(connection: "DuckDBPyConnection", archive: Archive) -> Iterator[str]:
    """The last resort, step by step: the oldest day's prints go, then the next day's, then in the same way quotes and snapshots."""
    for tables in FORGOTTEN:
        files = [file for table in tables for file in archive.files(connection, table)]
        for file in sorted(files, key=lambda file: file.day):
            if rows := _dropped(connection, archive, file):
                yield f"{file.table} of {_day(file)} are forgotten: {rows:,} rows"


def _dropped(connection: "DuckDBPyConnection", archive: Archive, file: ArchiveFile) -> int:
    """Takes a file away but for the imports in it; returns how many rows went."""
    snapshots = file.table == "snapshot_quotes"
    kept = archive.write(
        connection,
        table=file.table,
        day=file.day,
        whose=Identity(source_id=file.source_id, run_id=file.run_id),
        selection=f"SELECT * FROM read_parquet({quoted(file.path)}) WHERE {_IMPORTED if snapshots else 'false'}",
        seconds=file.seconds,
        replaces=file,
    )
    if snapshots:
        connection.execute(f"DELETE FROM snapshots WHERE NOT ({_IMPORTED}) AND run_id = {file.run_id} AND {_of_day(file)}")
    return file.rows - kept


def _of_day(file: ArchiveFile) -> str:
    return f"ts >= {file.day} AND ts < {file.day + DAY_NS}"


def _day(file: ArchiveFile) -> str:
    return from_nanos(file.day).date().isoformat()


def _thin_file(connection: "DuckDBPyConnection", archive: Archive, file: ArchiveFile, grade: int) -> None:
    archive.write(
        connection,
        table="quotes",
        day=file.day,
        whose=Identity(source_id=file.source_id, run_id=file.run_id),
        selection=f"SELECT * REPLACE ({grade} AS seconds) FROM read_parquet({quoted(file.path)}) "
        f"QUALIFY row_number() OVER (PARTITION BY run, name, ts // {grade * SECOND_NS} ORDER BY ts DESC) = 1",
        seconds=grade,
        replaces=file,
    )


def _thin_hot(connection: "DuckDBPyConnection", before: int, grade: int) -> Iterator[str]:
    """Hour by hour, the oldest first."""
    before = before // HOUR_NS * HOUR_NS
    while True:
        oldest = one(connection, "SELECT min(ts) FROM quotes WHERE seconds < ? AND ts < ?", [grade, before])
        if oldest is None:
            return
        hour = oldest // HOUR_NS * HOUR_NS
        chosen = f"ts >= {hour} AND ts < {hour + HOUR_NS}"
        connection.execute("BEGIN")
        try:
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE thinned AS SELECT {_HOT_COLUMNS} FROM quotes WHERE {chosen} "
                f"QUALIFY row_number() OVER (PARTITION BY run_id, instrument_id, ts // {grade * SECOND_NS} ORDER BY ts DESC) = 1"
            )
            connection.execute(f"DELETE FROM quotes WHERE {chosen}")
            connection.execute(f"INSERT INTO quotes ({_HOT_COLUMNS}, seconds) SELECT {_HOT_COLUMNS}, {grade} FROM thinned ORDER BY ts")
            connection.execute("DROP TABLE thinned")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        yield f"quotes of {from_nanos(hour):%Y-%m-%d %H:00} to one in {grade} s"


def _thin_concluded(connection: "DuckDBPyConnection", archive: Archive, grade: int) -> Iterator[str]:
    for table, each in CONCLUDED.items():
        for file in archive.files(connection, table):
            if file.seconds >= grade:
                continue
            archive.write(
                connection,
                table=table,
                day=file.day,
                whose=Identity(source_id=file.source_id, run_id=file.run_id),
                selection=f"SELECT * FROM read_parquet({quoted(file.path)}) "
                f"QUALIFY ts = max(ts) OVER (PARTITION BY run, {each}, ts // {grade * SECOND_NS})",
                seconds=grade,
                replaces=file,
            )
            yield f"{table} of {_day(file)} to one in {grade} s"


def _thin_hot_concluded(connection: "DuckDBPyConnection", before: int, grade: int) -> Iterator[str]:
    before = before // HOUR_NS * HOUR_NS
    for table, each in CONCLUDED.items():
        keys = each.replace("symbol", "symbol_id")
        gone = one(
            connection,
            f"DELETE FROM {table} WHERE ts < {before} AND rowid NOT IN (SELECT rowid FROM {table} WHERE ts < {before} "
            f"QUALIFY ts = max(ts) OVER (PARTITION BY run_id, {keys}, ts // {grade * SECOND_NS}))",
        )
        if gone:
            yield f"{table} of the open days to one in {grade} s"


def _last_snapshots(connection: "DuckDBPyConnection", archive: Archive, file: ArchiveFile) -> None:
    archive.write(
        connection,
        table="snapshot_quotes",
        day=file.day,
        whose=Identity(source_id=file.source_id, run_id=file.run_id),
        selection=f"SELECT * FROM read_parquet({quoted(file.path)}) "
        "QUALIFY kind = 'import' OR rank() OVER (PARTITION BY run, symbol ORDER BY ts DESC) = 1",
        seconds=DAY_NS // SECOND_NS,
        replaces=file,
    )
    _forget_snapshots_without_rows(connection, file)


def _forget_snapshots_without_rows(connection: "DuckDBPyConnection", file: ArchiveFile) -> None:
    connection.execute(
        f"""DELETE FROM snapshots h WHERE kind <> 'import' AND run_id = {file.run_id} AND {_of_day(file)}
        AND ts < (SELECT max(ts) FROM snapshots o WHERE o.symbol_id = h.symbol_id AND o.run_id = h.run_id AND o.kind <> 'import'
            AND o.ts // {DAY_NS} = h.ts // {DAY_NS})"""
    )


def _last_hot_snapshots(connection: "DuckDBPyConnection") -> int:
    """Returns how many snapshots went."""
    connection.execute("BEGIN")
    try:
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE superseded AS SELECT id FROM snapshots
            WHERE kind <> 'import' AND id IN (SELECT snapshot_id FROM snapshot_quotes)
            QUALIFY ts < max(ts) OVER (PARTITION BY run_id, symbol_id, ts // {DAY_NS})"""
        )
        gone = int(one(connection, "SELECT count(*) FROM superseded") or 0)
        connection.execute("DELETE FROM snapshot_quotes WHERE snapshot_id IN (SELECT id FROM superseded)")
        connection.execute("DELETE FROM snapshots WHERE id IN (SELECT id FROM superseded)")
        connection.execute("DROP TABLE superseded")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return gone


_MINUTE = f"""arg_min(price, ts) AS open, max(price) AS high, min(price) AS low, arg_max(price, ts) AS close, sum(size) AS size,
    sum(price * size) / nullif(sum(size), 0) AS vwap, count(*)::INTEGER AS prints,
    coalesce(sum(size) FILTER (side > 0), 0) AS bought, coalesce(sum(size) FILTER (side < 0), 0) AS sold, {_MINUTE_NS} AS width"""


def _prints_to_minutes(connection: "DuckDBPyConnection", archive: Archive, file: ArchiveFile) -> None:
    archive.write(
        connection,
        table="trade_minutes",
        day=file.day,
        whose=Identity(source_id=file.source_id, run_id=file.run_id),
        selection=f"""SELECT symbol, name, series, strike, option_right, minute AS ts, * EXCLUDE (symbol, name, series,
            strike, option_right, minute, width, source, variant, run), source, variant, run FROM (
            SELECT symbol, name, series, strike, option_right, ts // {_MINUTE_NS} * {_MINUTE_NS} AS minute, source, variant, run, {_MINUTE}
            FROM read_parquet({quoted(file.path)}) WHERE {_COUNTED} GROUP BY ALL)""",
        seconds=60,
        replaces=file,
    )


def _hot_prints_to_minutes(connection: "DuckDBPyConnection", before: int) -> Iterator[str]:
    before = before // HOUR_NS * HOUR_NS
    if not one(connection, "SELECT count(*) FROM trades WHERE ts < ?", [before]):
        return
    connection.execute("BEGIN")
    try:
        connection.execute(
            f"""INSERT INTO trade_minutes (ts, instrument_id, symbol_id, source_id, run_id, open, high, low, close, size, vwap, prints,
                bought, sold)
            SELECT minute, instrument_id, symbol_id, source_id, run_id, open, high, low, close, size, vwap, prints, bought, sold FROM (
            SELECT ts // {_MINUTE_NS} * {_MINUTE_NS} AS minute, instrument_id, symbol_id, source_id, run_id, {_MINUTE}
            FROM trades WHERE ts < {before} AND {_COUNTED} GROUP BY ALL)"""
        )
        connection.execute(f"DELETE FROM trades WHERE ts < {before}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    yield "prints of the open days to minutes"
