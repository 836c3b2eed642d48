# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""The chain snapshots that the history holds, and what one of them says."""

from typing import TYPE_CHECKING

from engine.domain.ids import Symbol, UtcNanos
from engine.messages.queries import SnapshotTable
from engine.storage.answers import StoredChain
from engine.storage.archive import Archive
from engine.storage.scope import MAX_ROWS, Scope, bounded, listed, parquet
from engine.storage.sql import bound, code_column, float_column, long_column, text_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FLOATS = ("bid", "ask", "bid_size", "ask_size", "last", "volume", "open_interest", "vendor_iv", "vendor_delta")


def snapshots(cursor: "DuckDBPyConnection", symbol: Symbol, limit: int) -> SnapshotTable:
    """Which chain snapshots there are, newest first; "" is all names."""
    found = cursor.execute(
        bound(
            """SELECT y.symbol, o.name AS source, h.ts, h.contracts FROM snapshots h JOIN symbols y ON y.id = h.symbol_id
        JOIN sources o ON o.id = h.source_id WHERE ($symbol = '' OR y.symbol = $symbol)
        ORDER BY h.ts DESC, h.id DESC LIMIT $limit""",
            {"symbol": symbol, "limit": bounded(limit, MAX_ROWS)},
        ),
    ).fetchnumpy()
    return SnapshotTable(
        symbols=tuple(Symbol(name) for name in text_column(found["symbol"])),
        sources=text_column(found["source"]),
        at=long_column(found["ts"]),
        contracts=long_column(found["contracts"]),
    )


def chain_at(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, at: int, *, all_sources: bool
) -> StoredChain | None:
    """The newest snapshot of a name that is not later than ``at``."""
    whose = "" if all_sources else f"AND h.source_id = {scope.identity.source_id}"
    head = cursor.execute(
        bound(
            f"""SELECT h.id, h.ts, h.kind, h.spot, h.content, o.name, r.run FROM snapshots h JOIN symbols y ON y.id = h.symbol_id
        JOIN sources o ON o.id = h.source_id JOIN runs r ON r.id = h.run_id
        WHERE y.symbol = ? AND h.ts <= ? {whose} ORDER BY h.ts DESC, h.id DESC LIMIT 1""",
            [symbol, at],
        ),
    ).fetchall()
    if not head:
        return None
    number, ts, kind, spot, content, source, run = head[0]
    columns = f"name, strike, option_right, quoted_at, {', '.join(_FLOATS)}"
    found = cursor.execute(
        bound(
            f"""SELECT n.name, n.strike, n.option_right, f.quoted_at, {listed("f", _FLOATS)} FROM snapshot_quotes f
        JOIN instruments n ON n.id = f.instrument_id WHERE f.snapshot_id = ? ORDER BY n.name""",
            [number],
        ),
    ).fetchnumpy()
    files = archive.files(cursor, "snapshot_quotes", since=ts, until=ts + 1)
    if not found["name"].shape[0] and files:
        found = cursor.execute(
            bound(
                f"SELECT {columns} FROM {parquet(files)} "
                "WHERE symbol = ? AND ts = ? AND content = ? AND run = ? AND kind = ? ORDER BY name",
                [symbol, ts, content, run, kind],
            ),
        ).fetchnumpy()
    return StoredChain(
        symbol=symbol,
        source=source,
        kind=kind,
        at=UtcNanos(ts),
        spot=float("nan") if spot is None else float(spot),
        contract=text_column(found["name"]),
        strike=float_column(found["strike"]),
        right=code_column(found["option_right"]),
        quoted_at=long_column(found["quoted_at"]),
        **{name: float_column(found[name]) for name in _FLOATS},
    )
