# ruff: noqa: S608 (what is put into the statements are numbers and quoted paths of our own)
"""What earlier runs of a source heard of a name's options on one day, added up by contract, no print twice.

Runs may overlap: a market that is played anew begins before its predecessor ended, and a source may tell again what it told a run before.
So a run counts up to where the next one begins, and of that one only what came after the last print of those before it.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.domain.columns import codes, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.market import PrintFlag
from engine.storage.answers import StoredFlow
from engine.storage.archive import Archive
from engine.storage.scope import Fetched, Scope, joined, parquet
from engine.storage.sql import bound, code_column, float_column, long_column, one, text_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_RUNS = 64
"""Of one day, the newest."""
HALF_TICK = 1e-9
_SUMS = ("volume", "at_ask", "premium", "bought", "sold")
_COUNTS = ("prints", "priced")

_PLACED = f"""SELECT name, option_right, size, side, heard_at,
    price * size * multiplier * CASE WHEN inverse THEN spot ELSE 1 END AS dollars,
    CASE WHEN price IS NULL OR b > a THEN 0 WHEN price > a + {HALF_TICK} THEN 1 WHEN price < b - {HALF_TICK} THEN -1 WHEN b = a THEN 0
        WHEN price >= a - {HALF_TICK} THEN 1 WHEN price <= b + {HALF_TICK} THEN -1 ELSE 0 END AS met
    FROM (SELECT *, CASE WHEN bid > 0 THEN bid END AS b, CASE WHEN ask > 0 THEN ask END AS a FROM chosen)"""
"""``met`` is 1 at the ask or above, -1 at the bid or below, else 0: as the flow places prints while they come."""

_ADDED = f"""SELECT name, option_right, sum(coalesce(size, 0)) AS volume,
    sum(CASE WHEN met > 0 THEN coalesce(size, 0) ELSE 0 END) AS at_ask, sum(coalesce(dollars, 0)) AS premium,
    sum(CASE WHEN whose > 0 THEN coalesce(dollars, 0) ELSE 0 END) AS bought,
    sum(CASE WHEN whose < 0 THEN coalesce(dollars, 0) ELSE 0 END) AS sold,
    count(*) AS prints, count(dollars) AS priced, min(heard_at) AS earliest, max(heard_at) AS latest
    FROM (SELECT *, CASE WHEN side <> 0 THEN side ELSE met END AS whose FROM ({_PLACED})) GROUP BY ALL ORDER BY name"""

_CHOSEN = f"""SELECT n.name, n.option_right, s.multiplier, s.inverse, f.price, f.size, f.side, f.bid, f.ask, f.spot,
    coalesce(f.event_at, f.ts) AS heard_at FROM $rows f JOIN instruments n ON $same JOIN series s ON s.id = n.series_id
    WHERE n.symbol_id = {{symbol}} AND n.option_right <> 0 AND (f.flags & {int(PrintFlag.CANCELLED)}) = 0 AND $run
    AND f.price > 0 AND NOT coalesce(f.size < 0, false)
    AND f.ts < {{until}} AND coalesce(f.event_at, f.ts) >= {{since}} AND coalesce(f.event_at, f.ts) > {{after}}"""
_HOT = _CHOSEN.replace("$rows", "trades").replace("$same", "n.id = f.instrument_id").replace("$run", "f.run_id = {run}")
_ARCHIVED = _CHOSEN.replace("$rows", "{files}").replace("$same", "n.name = f.name").replace("$run", "f.run = {name}")


class Run(NamedTuple):
    """An earlier run that listened on the day; market times."""

    number: int
    name: str
    begins: int
    ends: int
    """The newest it wrote down."""


def flow_so_far(cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, since: int, until: int) -> StoredFlow | None:
    """Option prints of the day that begins at ``since``, heard before ``until`` by other runs of this source; None where none was."""
    symbol_id = one(cursor, "SELECT id FROM symbols WHERE symbol = ?", [symbol])
    if symbol_id is None or since >= until:
        return None
    runs = _runs(cursor, scope, since, until)
    found: list[Fetched] = []
    heard: list[tuple[int, int]] = []
    after = 0
    for place, run in enumerate(runs):
        end = min([until, *(later.begins for later in runs[place + 1 :])])
        part = _of_run(cursor, archive, run, symbol_id, since=since, until=end, after=after)
        if part["name"].shape[0]:
            found.append(part)
            after = max(after, int(part["latest"].max()))
        elif not _listens(cursor, run, symbol_id, end):
            continue
        if found and end > run.begins:
            heard.append((max(run.begins, since), min(run.ends, end)))
    if not found:
        return None
    whole = joined(found)
    name, row = np.unique(np.array(text_column(whole["name"])), return_inverse=True)
    row = row.reshape(-1)
    right = np.zeros(name.size, dtype=np.int8)
    right[row] = code_column(whole["option_right"])
    columns: dict[str, Any] = {key: floats(np.bincount(row, weights=float_column(whole[key]))) for key in _SUMS}
    columns |= {key: longs(np.bincount(row, weights=long_column(whole[key]))) for key in _COUNTS}
    return StoredFlow(
        symbol=symbol,
        name=tuple(name.tolist()),
        right=codes(right),
        **columns,
        first=UtcNanos(int(long_column(whole["earliest"]).min())),
        last=UtcNanos(after),
        gaps=_gaps(heard, until),
    )


def _runs(cursor: "DuckDBPyConnection", scope: Scope, since: int, until: int) -> list[Run]:
    """The source's other runs that reached into the day, in the order in which they were begun."""
    rows = cursor.execute(
        bound(
            f"""SELECT r.id, r.run, coalesce((SELECT min(f.ts) FROM feed_states f WHERE f.run_id = r.id AND f.ts > 0), 0), p.ts
        FROM runs r JOIN progress p ON p.run_id = r.id
        WHERE r.source_id = $source AND r.id <> $run AND p.ts >= $since ORDER BY r.id DESC LIMIT {MOST_RUNS}""",
            {"source": scope.identity.source_id, "run": scope.identity.run_id, "since": since},
        )
    ).fetchall()
    runs = [Run(number, name, begins or _first_print(cursor, number, since), ends) for number, name, begins, ends in rows]
    return [run for run in runs[::-1] if run.begins < until]


def _first_print(cursor: "DuckDBPyConnection", run: int, since: int) -> int:
    """Of a run whose feed never said how it is."""
    return int(one(cursor, "SELECT min(ts) FROM trades WHERE run_id = ? AND ts >= ?", [run, since]) or since)


def _of_run(
    cursor: "DuckDBPyConnection", archive: Archive, run: Run, symbol_id: int, *, since: int, until: int, after: int
) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.generic]]"]:
    bounds = {"symbol": symbol_id, "since": since, "until": until, "after": after}
    chosen = [_HOT.format(run=run.number, **bounds)]
    files = [file for file in archive.files(cursor, "trades", since=since, until=until) if file.run_id in {0, run.number}]
    if files:
        chosen.append(_ARCHIVED.format(files=parquet(files), name=bound("?", [run.name]), **bounds))
    return cursor.execute(f"WITH chosen AS ({' UNION ALL '.join(chosen)}) {_ADDED}").fetchnumpy()


def _listens(cursor: "DuckDBPyConnection", run: Run, symbol_id: int, until: int) -> bool:
    """Whether a run without a print of a name was told of it at all."""
    return bool(
        one(
            cursor,
            """SELECT count(*) FROM (SELECT 1 FROM quotes f JOIN instruments n ON n.id = f.instrument_id
        WHERE f.run_id = ? AND f.ts < ? AND n.symbol_id = ? AND n.option_right <> 0 LIMIT 1)""",
            [run.number, until, symbol_id],
        )
    )


def _gaps(heard: list[tuple[int, int]], until: int) -> tuple[tuple[int, int], ...]:
    """Between the times in which somebody listened, and up to the present run."""
    gaps, reached = [], heard[0][1] if heard else until
    for begins, ends in [*heard[1:], (until, until)]:
        if begins > reached:
            gaps.append((reached, begins))
        reached = max(reached, ends)
    return tuple(gaps)
