# ruff: noqa: S608 (what is put into the statements are column names and quoted paths of our own)
"""How much is stored of a name, hour by hour: what a scrubber draws before it asks for anything."""

from typing import TYPE_CHECKING

import numpy as np

from engine.domain.columns import Longs, longs
from engine.domain.ids import SourceId, Symbol
from engine.domain.instants import HOUR_NS
from engine.messages.surface import StoredHours
from engine.storage.archive import Archive
from engine.storage.archive_files import ArchiveFile
from engine.storage.archived_hours import COUNTED, hours_of
from engine.storage.scope import Scope, parquet, run_with
from engine.storage.sql import bound, one

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Span = tuple[int, int]


def stored_hours(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, since: int | None, until: int | None
) -> StoredHours:
    """Every hour in [since, until) in which a surface, an exposure or a flagged print was stored, oldest first."""
    found = {table: _hours(cursor, archive, scope, table, symbol, since or 0, scope.until(until)) for table in COUNTED}
    hours = np.array(sorted(set().union(*found.values())), np.int64)
    surfaces, exposures, prints = (_column(found[table], hours) for table in COUNTED)
    source = one(cursor, "SELECT name FROM sources WHERE id = ?", [scope.identity.source_id])
    return StoredHours(
        symbol=symbol,
        source=SourceId(source or ""),
        hour=longs(hours * HOUR_NS),
        surfaces=surfaces,
        exposures=exposures,
        prints=prints,
    )


def _hours(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, table: str, symbol: Symbol, since: int, until: int
) -> dict[int, int]:
    """Rows in each hour since the epoch: the hot table's and the archive's, of the run that is answered from."""
    symbol_id = one(cursor, "SELECT id FROM symbols WHERE symbol = ?", [symbol])
    if symbol_id is None:
        return {}
    run_id = None if scope.mixed else run_with(cursor, archive, scope, table, f"symbol_id = {symbol_id}", "symbol", symbol)
    hot = f"{table} WHERE symbol_id = {symbol_id}" + ("" if run_id is None else f" AND run_id = {run_id}")
    counts = _counted(cursor, table, f"{hot} AND {_within((since, until))}")
    first, last = -(-since // HOUR_NS), until // HOUR_NS
    files = archive.files(cursor, table, since=since, until=until, run_id=run_id)
    indexed, unindexed = hours_of(cursor, files, symbol, first, last)
    _add(counts, indexed)
    whose = bound("symbol = ?", [symbol])
    spans = [span for span in ((since, min(first * HOUR_NS, until)), (max(last * HOUR_NS, since), until)) if span[0] < span[1]]
    for span in dict.fromkeys(spans if first <= last else [(since, until)]):  # parts of an hour are in no index
        _add(counts, _archived(cursor, table, archive.files(cursor, table, since=span[0], until=span[1], run_id=run_id), whose, span))
    whole = (first * HOUR_NS, last * HOUR_NS)
    _add(counts, _archived(cursor, table, unindexed, whose, whole))
    return counts


def _archived(cursor: "DuckDBPyConnection", table: str, files: list[ArchiveFile], whose: str, span: Span) -> dict[int, int]:
    """Counted in the files themselves."""
    return _counted(cursor, table, f"{parquet(files)} WHERE {whose} AND {_within(span)}") if files and span[0] < span[1] else {}


def _within(span: Span) -> str:
    return bound("ts >= $since AND ts < $until", {"since": span[0], "until": span[1]})


def _counted(cursor: "DuckDBPyConnection", table: str, source: str) -> dict[int, int]:
    found = cursor.execute(f"SELECT ts // {HOUR_NS} AS hour, {COUNTED[table]} FROM {source} GROUP BY hour").fetchall()
    return {int(hour): int(count) for hour, count in found}


def _add(counts: dict[int, int], more: dict[int, int]) -> None:
    for hour, count in more.items():
        counts[hour] = counts.get(hour, 0) + count


def _column(counts: dict[int, int], hours: Longs) -> Longs:
    return longs(np.array([counts.get(hour, 0) for hour in hours.tolist()], np.int64))
