# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""What is in the store, and copies of it: every table as Parquet, and one database file that opens by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.kernel.paths import private_folder
from engine.messages.queries import DatabaseInfo, TableInfo
from engine.storage.archive import ORDER, Archive
from engine.storage.migration import schema_version
from engine.storage.opening import discard_draft, draft_of, publish
from engine.storage.private import OWNER_ONLY_FILE
from engine.storage.sql import bound, one, quoted
from engine.storage.upkeep import copy_database, sizes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Progress = Callable[[float, str], None]

FACTS = (
    "quotes",
    "trades",
    "trade_minutes",
    "bars",
    "volatility_history",
    "snapshot_quotes",
    "latest",
    "surfaces",
    "surface_slices",
    "surface_points",
    "measures",
    "daily_measures",
    "exposure_marks",
    "flow_marks",
    "flow_days",
    "openings",
    "breaches",
)
"""Tables with a readable view beside them."""
NAMES = (
    "symbols",
    "securities",
    "series",
    "instruments",
    "sources",
    "runs",
    "snapshots",
    "feed_states",
    "progress",
    "archives",
    "archived_hours",
    "schema_version",
)


def database_info(cursor: "DuckDBPyConnection", path: Path, archive: Archive, *, store: str, budget_bytes: int) -> DatabaseInfo:
    """Tables with their rows, the archived ones included, and what all of it takes."""
    taken = sizes(cursor, path, archive)
    return DatabaseInfo(
        path=str(path),
        store=store,
        schema_version=schema_version(cursor),
        size_bytes=taken.file,
        archive_bytes=taken.archive,
        budget_bytes=budget_bytes,
        tables=tuple(_table_info(cursor, table) for table in (*FACTS, "snapshots", "instruments", "symbols")),
        runs=int(one(cursor, "SELECT count(*) FROM runs") or 0),
    )


def export_tables(cursor: "DuckDBPyConnection", archive: Archive, folder: Path, progress: Progress | None) -> int:
    """Every table as one Parquet file in a new folder, the archive's rows among them; returns the rows written."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is there already and not empty: name a new folder.")
    if not folder.parent.is_dir():
        raise BadInput(f"There is no folder {folder.parent}: make it first.")
    private_folder(folder)
    rows = 0
    tables = (*FACTS, *NAMES)
    for number, table in enumerate(tables):
        if progress is not None:
            progress(number / len(tables), table)
        rows += _export(cursor, archive, table, folder / f"{table}.parquet")
    if progress is not None:
        progress(1.0, "done")
    return rows


def backup_store(cursor: "DuckDBPyConnection", archive: Archive, target: Path, progress: Progress | None) -> int:
    """One file with everything, the archive's rows back in their tables, that opens as it is or as a store's file; returns its size."""
    if target.exists():
        raise BadInput(f"{target} is there already: name a new file.")
    if not target.parent.is_dir():
        raise BadInput(f"There is no folder {target.parent}: make it first.")
    tell = progress or _silent
    draft = draft_of(target, "backup")
    discard_draft(draft)
    try:
        tell(0.0, "copying the tables")
        copy_database(cursor, draft)
        files = archive.files(cursor)
        if files:
            cursor.execute(f"ATTACH {quoted(draft)} AS fresh_copy")
            try:
                for number, file in enumerate(files):
                    tell(0.4 + 0.6 * number / len(files), f"{file.table} {file.path.stem}")
                    cursor.execute(_RESTORE[file.table].format(source=f"read_parquet({quoted(file.path)})"))
                cursor.execute("DELETE FROM fresh_copy.archives")
                cursor.execute("DELETE FROM fresh_copy.archived_hours")
                cursor.execute("CHECKPOINT fresh_copy")
            finally:
                cursor.execute("DETACH fresh_copy")
        publish(draft, target)
    except BaseException:
        discard_draft(draft)
        raise
    tell(1.0, "done")
    return target.stat().st_size


def _table_info(cursor: "DuckDBPyConnection", table: str) -> TableInfo:
    timed = table not in {"instruments", "symbols"}
    bounds = "min(ts), max(ts)" if timed else "NULL, NULL"
    rows, first, last = cursor.execute(f"SELECT count(*), {bounds} FROM {table}").fetchall()[0]
    archived, archive_first, archive_last = cursor.execute(
        bound("SELECT coalesce(sum(rows), 0), min(first_ts), max(last_ts) FROM archives WHERE table_name = ? AND state = 'ready'", [table])
    ).fetchall()[0]
    firsts = [value for value in (first, archive_first) if value is not None]
    lasts = [value for value in (last, archive_last) if value is not None]
    return TableInfo(
        name=table,
        rows=int(rows) + int(archived),
        first_at=UtcNanos(min(firsts, default=0)),
        last_at=UtcNanos(max(lasts, default=0)),
    )


def _export(cursor: "DuckDBPyConnection", archive: Archive, table: str, target: Path) -> int:
    selection = f"SELECT * FROM {table}"
    if table in FACTS:
        selection = f"SELECT * EXCLUDE (source_id, run_id) FROM named_{table}"
        files = archive.files(cursor, table)
        if files:
            listed = ", ".join(quoted(file.path) for file in files)
            selection += f" UNION ALL BY NAME SELECT * FROM read_parquet([{listed}], union_by_name = true)"
    order = f" ORDER BY {ORDER[table]}" if table in ORDER else ""
    draft = target.with_name(f"{target.name}.tmp")
    found = cursor.execute(f"COPY (SELECT * FROM ({selection}){order}) TO {quoted(draft)} (FORMAT parquet, COMPRESSION zstd)").fetchall()
    draft.chmod(OWNER_ONLY_FILE)
    draft.replace(target)
    return int(found[0][0])


_WHO = "JOIN fresh_copy.sources o ON o.name = f.source AND o.variant = f.variant JOIN fresh_copy.runs r ON r.run = f.run"
_WHAT = f"JOIN fresh_copy.instruments n ON n.name = f.name {_WHO}"

_RESTORE = {
    "quotes": f"""INSERT INTO fresh_copy.quotes
        (ts, instrument_id, bid, ask, bid_size, ask_size, event_at, seconds, source_id, run_id)
        SELECT f.ts, n.id, f.bid, f.ask, f.bid_size, f.ask_size, f.event_at, f.seconds, o.id, r.id FROM {{source}} f {_WHAT}""",
    "trades": f"""INSERT INTO fresh_copy.trades
        (ts, instrument_id, symbol_id, price, size, side, flags, event_at, bid, ask, spot, source_id, run_id)
        SELECT f.ts, n.id, n.symbol_id, f.price, f.size, f.side, f.flags, f.event_at, f.bid, f.ask, f.spot, o.id, r.id
        FROM {{source}} f {_WHAT}""",
    "trade_minutes": f"""INSERT INTO fresh_copy.trade_minutes
        (ts, instrument_id, symbol_id, open, high, low, close, size, vwap, prints, bought, sold, source_id, run_id)
        SELECT f.ts, n.id, n.symbol_id, f.open, f.high, f.low, f.close, f.size, f.vwap, f.prints, f.bought, f.sold, o.id, r.id
        FROM {{source}} f {_WHAT}""",
    "bars": f"""INSERT INTO fresh_copy.bars
        (symbol_id, seconds, ts, open, high, low, close, volume, vwap, source_id, run_id)
        SELECT y.id, f.seconds, f.ts, f.open, f.high, f.low, f.close, f.volume, f.vwap, o.id, r.id
        FROM {{source}} f JOIN fresh_copy.symbols y ON y.symbol = f.symbol {_WHO} ON CONFLICT DO NOTHING""",
    "snapshot_quotes": f"""INSERT INTO fresh_copy.snapshot_quotes
        (snapshot_id, ts, instrument_id, bid, ask, bid_size, ask_size, last, volume, open_interest, vendor_iv, vendor_delta, quoted_at,
        source_id, run_id)
        SELECT h.id, f.ts, n.id, f.bid, f.ask, f.bid_size, f.ask_size, f.last, f.volume, f.open_interest, f.vendor_iv, f.vendor_delta,
        f.quoted_at, o.id, r.id
        FROM {{source}} f {_WHAT} JOIN fresh_copy.snapshots h ON h.symbol_id = n.symbol_id AND h.ts = f.ts AND h.kind = f.kind
        AND h.content = f.content AND h.run_id = r.id AND h.source_id = o.id""",
    **{
        table: f"""INSERT INTO fresh_copy.{table} BY NAME SELECT f.* EXCLUDE (symbol, source, variant, run), y.id AS symbol_id,
        o.id AS source_id, r.id AS run_id FROM {{source}} f JOIN fresh_copy.symbols y ON y.symbol = f.symbol {_WHO}"""
        for table in ("surfaces", "surface_slices", "surface_points", "measures", "exposure_marks")
    },
    "flow_marks": f"""INSERT INTO fresh_copy.flow_marks BY NAME
        SELECT f.* EXCLUDE (symbol, name, series, strike, option_right, place, source, variant, run), n.id AS instrument_id, n.symbol_id,
        o.id AS source_id, r.id AS run_id FROM {{source}} f {_WHAT}""",
}
"""How the rows of an archived file get back into the tables of a copy."""


def _silent(share: float, what: str) -> None:
    del share, what
