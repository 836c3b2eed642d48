# ruff: noqa: S608 (what is put into the statements are column names and quoted paths of our own)
"""How much is stored of a name, hour by hour: what a scrubber draws before it asks for anything."""

from typing import TYPE_CHECKING

import numpy as np

from engine.domain.columns import Longs, longs
from engine.domain.ids import SourceId, Symbol
from engine.domain.instants import HOUR_NS
from engine.messages.surface import StoredHours
from engine.storage.archive import Archive
from engine.storage.scope import Scope, parquet, run_with
from engine.storage.sql import bound, one

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COUNTED = {"surfaces": "count(DISTINCT ts)", "exposure_marks": "count(DISTINCT ts)", "flow_marks": "count(*)"}


def stored_hours(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, since: int | None, until: int | None
) -> StoredHours:
    """Every hour in [since, until) in which a surface, an exposure or a flagged print was stored, oldest first."""
    found = {table: _hours(cursor, archive, scope, table, symbol, since or 0, scope.until(until)) for table in _COUNTED}
    hours = np.array(sorted(set().union(*found.values())), np.int64)
    surfaces, exposures, prints = (_column(found[table], hours) for table in _COUNTED)
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
    within = bound("ts >= $since AND ts < $until", {"since": since, "until": until})
    whose = "" if run_id is None else f" AND run_id = {run_id}"
    sources = [f"{table} WHERE symbol_id = {symbol_id} AND {within}{whose}"]
    files = archive.files(cursor, table, since=since, until=until, run_id=run_id)
    if files:
        sources.append(f"{parquet(files)} WHERE {bound('symbol = ?', [symbol])} AND {within}")
    counts: dict[int, int] = {}
    for source in sources:
        for hour, count in cursor.execute(f"SELECT ts // {HOUR_NS} AS hour, {_COUNTED[table]} FROM {source} GROUP BY hour").fetchall():
            counts[int(hour)] = counts.get(int(hour), 0) + int(count)
    return counts


def _column(counts: dict[int, int], hours: Longs) -> Longs:
    return longs(np.array([counts.get(hour, 0) for hour in hours.tolist()], np.int64))
