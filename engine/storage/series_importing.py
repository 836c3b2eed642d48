# ruff: noqa: S608 (what is put into the statements are column names and numbers of our own)
"""Puts a daily series that somebody imported into the history: once, however often and from whatever file it comes."""

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.ids import SourceId, Symbol
from engine.domain.instants import DAY_NS
from engine.storage.inserts import ensure_source
from engine.storage.roster import Roster
from engine.storage.sql import Identity, bound, one, registered

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class SeriesReport(Struct, frozen=True, kw_only=True):
    """What an import of a series did."""

    added: int
    changed: int
    """Days whose imported value was another one."""
    store: str


def write_series(
    connection: "DuckDBPyConnection",
    symbol: Symbol,
    measure: str,
    day: Longs,
    value: Floats,
    *,
    source: SourceId,
    whose: Identity,
    store: str,
) -> SeriesReport:
    """All of its days, or none."""
    if day.shape != value.shape or not np.isfinite(value).all() or np.unique(day).shape != day.shape:
        raise ValueError("a series to import has one number a day")
    roster = Roster()
    row = roster.symbol_row(symbol)
    connection.execute("BEGIN")
    try:
        owner = Identity(source_id=ensure_source(connection, source, ""), run_id=whose.run_id)
        roster.resolve(connection, owner)
        names = {"symbol": int(roster.symbol_ids[row]), "measure": measure}
        imported = bound("imported AND symbol_id = $symbol AND measure = $measure", names)
        with registered(connection, "incoming", {"day": day, "value": value}):
            changed = one(
                connection,
                f"DELETE FROM daily_measures d USING incoming i WHERE d.ts = i.day AND d.value <> i.value AND {imported}",
            )
            written = one(
                connection,
                bound(
                    "INSERT INTO daily_measures (symbol_id, measure, ts, value, seen_at, imported, source_id, run_id) "
                    f"SELECT $symbol, $measure, day, value, day + {DAY_NS - 1}, true, $source, $run FROM incoming i "
                    f"WHERE NOT EXISTS (FROM daily_measures d WHERE d.ts = i.day AND {imported})",
                    {**names, "source": owner.source_id, "run": owner.run_id},
                ),
            )
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return SeriesReport(added=int(written or 0) - int(changed or 0), changed=int(changed or 0), store=store)
