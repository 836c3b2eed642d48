# ruff: noqa: S608 (what is put into the statements are column names and numbers of our own)
"""Exposures, flow and breaches of the past."""

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.domain.calendar import session_date
from engine.domain.columns import Bytes, codes, flags, longs
from engine.domain.ids import Symbol
from engine.domain.instruments import SessionName
from engine.domain.marks import BreachTable, ExposureMarks, FlowDays, FlowTable
from engine.storage.archive import Archive
from engine.storage.mark_inserts import BREACH_FLOATS, EXPOSURE_COUNTS, EXPOSURE_FLOATS, FLOW_FLOATS, SUM_COUNTS, SUM_FLOATS
from engine.storage.scope import MAX_ROWS, Fetched, Scope, bounded, named_rows, runs_of_history
from engine.storage.sql import bound, code_column, float_column, long_column, text_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_FLOW = 100_000


def exposure_marks(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, since: int | None, until: int | None, limit: int
) -> ExposureMarks:
    """The newest ``limit`` in [since, until), oldest first."""
    found = named_rows(
        cursor,
        archive,
        scope,
        "exposure_marks",
        ", ".join(("ts", *EXPOSURE_FLOATS, *EXPOSURE_COUNTS)),
        symbol=symbol,
        since=since or 0,
        until=scope.until(until),
        limit=bounded(limit, MAX_ROWS),
    )
    at, first = np.unique(long_column(found["ts"]), return_index=True)
    return ExposureMarks(
        symbol=symbol,
        at=longs(at),
        **_columns({name: column[first] for name, column in found.items()}, EXPOSURE_FLOATS, EXPOSURE_COUNTS),
    )


def flow_marks(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, since: int | None, until: int | None, limit: int
) -> FlowTable:
    """The newest ``limit`` flagged prints in [since, until), newest first, with what the next day's open interest said of them."""
    found = named_rows(
        cursor,
        archive,
        scope,
        "flow_marks",
        ", ".join(("ts", "name", "side", "flags", "event_at", *FLOW_FLOATS)),
        symbol=symbol,
        since=since or 0,
        until=scope.until(until),
        limit=bounded(limit, MAX_FLOW),
        order="ts DESC, place DESC",
        where="true" if scope.mixed else _of_history(cursor, scope),
        of_every_run=True,
    )
    return FlowTable(
        symbol=symbol,
        at=long_column(found["ts"]),
        name=text_column(found["name"]),
        side=code_column(found["side"]),
        flags=flags(np.ma.filled(np.ma.asarray(found["flags"]), 0).astype(np.uint8)),
        event_at=long_column(found["event_at"]),
        **{name: float_column(found[name]) for name in FLOW_FLOATS},
        opening=_openings(cursor, scope, symbol, found),
    )


def _of_history(cursor: "DuckDBPyConnection", scope: Scope) -> str:
    """Prints that stood out in any run of this market's one history."""
    runs = runs_of_history(cursor, scope)
    return " OR ".join(bound("(run = ? AND ts < ?)", [run, until]) for run, until in runs) or "false"


def flow_days(cursor: "DuckDBPyConnection", scope: Scope, symbol: Symbol, sessions: int, until: int | None) -> FlowDays:
    """The newest ``sessions`` days, oldest first."""
    columns = (*SUM_FLOATS, *SUM_COUNTS)
    found = cursor.execute(
        bound(
            f"""SELECT ts, {", ".join(columns)} FROM named_flow_days WHERE symbol = $symbol AND seen_at < $until
        AND ($mixed OR source_id = $source)
        QUALIFY row_number() OVER (PARTITION BY ts ORDER BY source_id = $source DESC, run_id DESC) = 1 ORDER BY ts DESC LIMIT $limit""",
            {
                "symbol": symbol,
                "until": scope.until(until),
                "mixed": scope.mixed,
                "source": scope.identity.source_id,
                "limit": bounded(sessions, MAX_ROWS),
            },
        )
    ).fetchnumpy()
    return FlowDays(
        symbol=symbol,
        day=longs(long_column(found["ts"])[::-1]),
        **_columns({name: column[::-1] for name, column in found.items()}, SUM_FLOATS, SUM_COUNTS),
    )


def breaches(
    cursor: "DuckDBPyConnection", scope: Scope, symbol: Symbol, rule: str, since: int | None, until: int | None, limit: int
) -> BreachTable:
    """The newest ``limit`` in [since, until), newest first; "" is all names, all rules."""
    found = cursor.execute(
        bound(
            f"""SELECT ts, symbol, rule, measure, entered::TINYINT AS entered, {", ".join(BREACH_FLOATS)} FROM named_breaches
        WHERE ($symbol = '' OR symbol = $symbol) AND ($rule = '' OR rule = $rule) AND ts >= $since AND ts < $until
        AND ($mixed OR run_id = (SELECT max(run_id) FROM breaches WHERE source_id = $source))
        ORDER BY ts DESC, rule LIMIT $limit""",
            {
                "symbol": symbol,
                "rule": rule,
                "since": since or 0,
                "until": scope.until(until),
                "mixed": scope.mixed,
                "source": scope.identity.source_id,
                "limit": bounded(limit, MAX_ROWS),
            },
        )
    ).fetchnumpy()
    return BreachTable(
        at=long_column(found["ts"]),
        symbols=tuple(Symbol(name) for name in text_column(found["symbol"])),
        rules=text_column(found["rule"]),
        measures=text_column(found["measure"]),
        entered=code_column(found["entered"]),
        **{name: float_column(found[name]) for name in BREACH_FLOATS},
    )


def _columns(found: Fetched, numbers: tuple[str, ...], counts: tuple[str, ...]) -> dict[str, Any]:
    return {name: float_column(found[name]) for name in numbers} | {name: long_column(found[name]) for name in counts}


def _openings(cursor: "DuckDBPyConnection", scope: Scope, symbol: Symbol, found: Fetched) -> Bytes:
    """Of each print the verdict on its contract's day; 0 until there is one."""
    if not found["ts"].shape[0]:
        return codes(np.empty(0, np.int8))
    sessions = cursor.execute(
        bound("SELECT session FROM securities s JOIN symbols y ON y.id = s.symbol_id WHERE y.symbol = ?", [symbol])
    ).fetchall()
    calendar = SessionName(sessions[0][0]) if sessions else SessionName.NYSE
    days = [int(session_date(calendar, at)) for at in found["ts"].tolist()]
    rows = cursor.execute(
        bound(
            f"""SELECT name, ts, verdict FROM named_openings WHERE symbol = $symbol AND ts >= {min(days)} AND ts <= {max(days)}
        AND seen_at < $until AND ($mixed OR source_id = $source) ORDER BY source_id = $source, run_id""",
            {"symbol": symbol, "until": scope.until(None), "mixed": scope.mixed, "source": scope.identity.source_id},
        )
    ).fetchall()
    verdicts = {(name, day): verdict for name, day, verdict in rows}
    names = text_column(found["name"])
    return codes([verdicts.get((name, day), 0) for name, day in zip(names, days, strict=True)])
