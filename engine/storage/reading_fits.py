"""Surfaces of the past in a row, without the market's points: what is gone through instant by instant."""

from typing import TYPE_CHECKING

from engine.domain.ids import Symbol
from engine.domain.volatility import SliceModel, SurfaceModel, VolatilitySurface
from engine.storage.archive import Archive
from engine.storage.reading_series import series_named
from engine.storage.reading_surfaces import (
    HEAD_COLUMNS,
    SLICE_COLUMNS,
    Head,
    Row,
    assembled,
    head_at,
    head_of,
    points_of,
    rows_of,
    settles_at,
)
from engine.storage.scope import Scope, bounded, parquet, run_with
from engine.storage.sql import bound, one

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = 400
"""Of one answer."""
Slices = dict[tuple[int, str], list[Row]]
"""By instant and run."""


def surfaces_between(
    cursor: "DuckDBPyConnection",
    archive: Archive,
    scope: Scope,
    symbol: Symbol,
    model: SurfaceModel,
    since: int,
    until: int,
    limit: int,
) -> tuple[VolatilitySurface, ...]:
    """The one that stands at ``since`` and those after it before ``until``, oldest first, at most ``limit`` of them."""
    end, count = scope.until(until), bounded(limit, MOST)
    standing = head_at(cursor, archive, scope, symbol, model, min(since + 1, end))
    heads = [standing] if standing is not None else []
    heads = [*heads, *_heads(cursor, archive, scope, symbol, model, since + 1, end, count)][:count]
    if not heads:
        return ()
    slices = _slices(cursor, archive, symbol, model, heads)
    every = {row["series"]: settles_at(row) for rows in slices.values() for row in rows}
    terms = series_named(cursor, symbol, list(every), every)
    found = []
    for head in heads:
        rows = slices.get((head.at, head.run), [])
        drawn = {row["series"] for row in rows if row["fit"] == SliceModel.SPLINE}
        points = points_of(cursor, archive, model, head) if drawn else {}  # a spline has no parameters: it is where its points are
        found.append(assembled(symbol, model, head, rows, terms, {name: points[name] for name in drawn & points.keys()}))
    return tuple(found)


def _heads(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, model: SurfaceModel, since: int, until: int, count: int
) -> list[Head]:
    symbol_id = one(cursor, "SELECT id FROM symbols WHERE symbol = ?", [symbol])
    if symbol_id is None or since >= until:
        return []
    run_id = None if scope.mixed else run_with(cursor, archive, scope, "surfaces", f"symbol_id = {symbol_id}", "symbol", symbol)
    chosen = bound(
        "symbol = $symbol AND model = $model AND ts >= $since AND ts < $until",
        {"symbol": symbol, "model": str(model), "since": since, "until": until},
    )
    whose = "" if run_id is None else f" AND run_id = {run_id}"
    sources = [f"named_surfaces WHERE {chosen}{whose}"]
    files = archive.files(cursor, "surfaces", since=since, until=until, run_id=run_id)
    if files:
        sources.insert(0, f"{parquet(files)} WHERE {chosen}")
    found: dict[int, Row] = {}
    for source in sources:
        found.update((int(row["ts"]), row) for row in rows_of(cursor, HEAD_COLUMNS, f"FROM {source} ORDER BY ts LIMIT {count}"))
    return [head_of(cursor, symbol, symbol_id, found[at]) for at in sorted(found)[:count]]


def _slices(cursor: "DuckDBPyConnection", archive: Archive, symbol: Symbol, model: SurfaceModel, heads: list[Head]) -> Slices:
    """The rows of each surface, from the hot table or from the archive."""
    instants = ", ".join(str(head.at) for head in heads)
    chosen = f"{bound('model = ?', [str(model)])} AND ts IN ({instants}) ORDER BY ts, number"
    hot = f"FROM surface_slices JOIN runs ON runs.id = run_id WHERE {heads[0].whose} AND {chosen}"
    found = _gathered(rows_of(cursor, ("ts", "run", *SLICE_COLUMNS), hot))
    missing = [head.at for head in heads if (head.at, head.run) not in found]
    files = archive.files(cursor, "surface_slices", since=min(missing), until=max(missing) + 1) if missing else []
    if files:
        archived = f"FROM {parquet(files)} WHERE {bound('symbol = ?', [symbol])} AND {chosen}"
        found = _gathered(rows_of(cursor, ("ts", "run", *SLICE_COLUMNS), archived)) | found
    return found


def _gathered(rows: list[Row]) -> Slices:
    found: Slices = {}
    for row in rows:
        found.setdefault((int(row["ts"]), row["run"]), []).append(row)
    return found
