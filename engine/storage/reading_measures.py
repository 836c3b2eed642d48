# ruff: noqa: S608 (what is put into the statements are column names and numbers of our own)
"""Measures through time: as they were recorded, and the last of each session with what was told or imported of the past."""

from typing import TYPE_CHECKING

import numpy as np

from engine.domain.columns import longs
from engine.domain.ids import Symbol
from engine.domain.instants import DAY_NS
from engine.domain.marks import MeasureSeries
from engine.domain.measures import Measure, MeasureKind
from engine.storage.archive import Archive
from engine.storage.mark_inserts import MEASURES_OF_EXPOSURE
from engine.storage.scope import MAX_ROWS, Scope, bounded, named_rows
from engine.storage.sql import bound, float_column, literal, long_column, text_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOLD = {"atm:30": "atm_iv", "rr25:30": "risk_reversal_25", "bf25:30": "butterfly_25"}
"""Measures that feeds tell of the past, and the session's end keeps: which column of the volatility history."""
SUMMED = {"pcr:volume": "volume", "pcr:premium": "premium", "pcr:oi": "open_interest"}
"""Measures that the day's flow says: puts of it over calls of it."""


def measure_series(
    cursor: "DuckDBPyConnection",
    archive: Archive,
    scope: Scope,
    symbol: Symbol,
    measure: Measure,
    since: int | None,
    until: int | None,
    limit: int,
) -> MeasureSeries:
    """The newest ``limit`` recorded values in [since, until), oldest first."""
    column = MEASURES_OF_EXPOSURE.get(measure.text)
    found = named_rows(
        cursor,
        archive,
        scope,
        "exposure_marks" if column else "measures",
        f"ts, {column} AS value" if column else "ts, value",
        symbol=symbol,
        since=since or 0,
        until=scope.until(until),
        limit=bounded(limit, MAX_ROWS),
        where=f"isfinite({column})" if column else f"measure = {literal(measure.text)}",
    )
    at, first = np.unique(long_column(found["ts"]), return_index=True)
    return MeasureSeries(symbol=symbol, measure=measure.text, at=longs(at), value=float_column(found["value"][first]))


def daily_measures(
    cursor: "DuckDBPyConnection", scope: Scope, symbol: Symbol, measure: Measure, since: int | None, until: int | None, limit: int
) -> MeasureSeries:
    """The newest ``limit`` sessions in [since, until), oldest first; each session once.

    Where several know a session, the history that the feed told or the session's end left counts, then what was recorded within the
    session, then what was imported; the present source before others, the newest run before older ones.
    """
    found = cursor.execute(
        bound(
            f"""SELECT day, value, source FROM ({" UNION ALL ".join(_sources(measure))})
        WHERE day >= $since QUALIFY row_number() OVER (PARTITION BY day ORDER BY rank, source_id = $source DESC, run_id DESC) = 1
        ORDER BY day DESC LIMIT $limit""",
            {
                "symbol": symbol,
                "measure": measure.text,
                "mixed": scope.mixed,
                "source": scope.identity.source_id,
                "since": since or 0,
                "until": scope.until(until),
                "limit": bounded(limit, MAX_ROWS),
            },
        )
    ).fetchnumpy()
    return MeasureSeries(
        symbol=symbol,
        measure=measure.text,
        at=longs(long_column(found["day"])[::-1]),
        value=float_column(found["value"][::-1]),
        origin=text_column(found["source"])[::-1],
    )


def measures_of(cursor: "DuckDBPyConnection", scope: Scope, symbol: Symbol) -> tuple[str, ...]:
    """Which measures have a daily history, in the order of their spelling."""
    found = cursor.execute(
        bound(
            f"""SELECT DISTINCT measure FROM named_daily_measures WHERE symbol = $symbol AND seen_at < $until AND {_MINE_OR_IMPORTED}
        UNION SELECT unnest({[*TOLD]}) WHERE EXISTS (FROM named_volatility_history WHERE symbol = $symbol AND ts < $until AND {_MINE})
        UNION SELECT unnest({[*SUMMED]}) WHERE EXISTS (FROM named_flow_days WHERE symbol = $symbol AND seen_at < $until AND {_MINE})
        ORDER BY ALL""",
            {"symbol": symbol, "mixed": scope.mixed, "source": scope.identity.source_id, "until": scope.until(None)},
        )
    ).fetchall()
    return tuple(row[0] for row in found)


_MINE = "($mixed OR source_id = $source)"
_MINE_OR_IMPORTED = "($mixed OR imported OR source_id = $source)"


def _sources(measure: Measure) -> list[str]:
    """What says a measure's past: day, value, who, and how much it counts."""
    sources = [
        f"""SELECT ts AS day, value, source, source_id, run_id, CASE WHEN imported THEN 2 ELSE 1 END AS rank FROM named_daily_measures
        WHERE symbol = $symbol AND measure = $measure AND ts < $until AND (imported OR seen_at < $until) AND {_MINE_OR_IMPORTED}"""
    ]
    if measure.text in TOLD:
        column = TOLD[measure.text]
        sources.append(
            f"""SELECT ts // {DAY_NS} * {DAY_NS} AS day, {column} AS value, source, source_id, run_id, 0 AS rank
            FROM named_volatility_history WHERE symbol = $symbol AND ts < $until AND isfinite({column}) AND {_MINE}"""
        )
    if measure.kind is MeasureKind.PUT_CALL:
        what = SUMMED[measure.text]
        sources.append(
            f"""SELECT ts AS day, put_{what} / call_{what} AS value, source, source_id, run_id, 0 AS rank
            FROM named_flow_days WHERE symbol = $symbol AND seen_at < $until AND call_{what} > 0 AND isfinite(put_{what}) AND {_MINE}"""
        )
    return sources
