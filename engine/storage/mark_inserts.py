# ruff: noqa: S608 (what is put into the statements are column names and numbers of our own)
"""Writes marks: measures, exposures, flagged prints, the day's sums, openings and breaches, each day's last beside the intraday ones."""

from typing import TYPE_CHECKING

import numpy as np

from engine.domain.calendar import session_date
from engine.domain.columns import Ints
from engine.domain.ids import Symbol
from engine.domain.marks import ExposureMark, FlowMarks, FlowSums, MeasureMark, Openings
from engine.storage.board import Columns
from engine.storage.pending_marks import PendingMarks
from engine.storage.roster import Roster
from engine.storage.sql import bound, registered, texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXPOSURE_FLOATS = ("spot", "net", "low", "high", "flip", "positive_wall", "negative_wall")
EXPOSURE_COUNTS = ("contracts", "left_out")
FLOW_FLOATS = ("price", "size", "premium", "bid", "ask", "spot", "iv", "delta", "volume", "open_interest")
SUM_FLOATS = ("call_volume", "put_volume", "call_premium", "put_premium", "call_open_interest", "put_open_interest")
SUM_COUNTS = ("call_prints", "put_prints")
BREACH_FLOATS = ("value", "estimate", "deviation", "threshold")

MEASURES_OF_EXPOSURE = {"gex": "net", "flip": "flip", "wall:positive": "positive_wall", "wall:negative": "negative_wall"}
"""Measures that an exposure says: which column of it."""

_MEASURES = """INSERT INTO measures (ts, symbol_id, measure, value, source_id, run_id)
SELECT ts, symbol_id, measure, value, $source, $run FROM incoming"""

_DAILY = """INSERT INTO daily_measures (symbol_id, measure, ts, value, seen_at, imported, source_id, run_id)
SELECT symbol_id, measure, day, value, ts, false, $source, $run
FROM (FROM incoming QUALIFY row_number() OVER (PARTITION BY symbol_id, measure, day ORDER BY ts DESC, place DESC) = 1)
ON CONFLICT (source_id, symbol_id, measure, ts) DO UPDATE SET value = excluded.value, seen_at = excluded.seen_at,
    run_id = excluded.run_id WHERE excluded.run_id <> daily_measures.run_id OR excluded.seen_at >= daily_measures.seen_at"""
"""The last of a session, not what was written last: what was held back while the market moved comes after what is newer."""

_EXPOSURE_COLUMNS = ", ".join(("ts", "symbol_id", *EXPOSURE_FLOATS, *EXPOSURE_COUNTS))
_EXPOSURES = f"INSERT INTO exposure_marks ({_EXPOSURE_COLUMNS}, source_id, run_id) SELECT {_EXPOSURE_COLUMNS}, $source, $run FROM incoming"

_FLOW_COLUMNS = ", ".join(("ts", "instrument_id", "symbol_id", "side", "flags", *FLOW_FLOATS))
_FLOW = (
    f"INSERT INTO flow_marks ({_FLOW_COLUMNS}, event_at, source_id, run_id) "
    f"SELECT {_FLOW_COLUMNS}, nullif(event_at, 0), $source, $run FROM incoming ORDER BY place"
)

_SUM_COLUMNS = (*SUM_FLOATS, *SUM_COUNTS)
_SUMS = f"""INSERT INTO flow_days (symbol_id, ts, seen_at, {", ".join(_SUM_COLUMNS)}, source_id, run_id)
SELECT symbol_id, ts, seen_at, {", ".join(_SUM_COLUMNS)}, $source, $run
FROM (FROM incoming QUALIFY row_number() OVER (PARTITION BY symbol_id, ts ORDER BY place DESC) = 1)
ON CONFLICT (source_id, symbol_id, ts) DO UPDATE SET seen_at = excluded.seen_at, run_id = excluded.run_id,
    {", ".join(f"{name} = excluded.{name}" for name in _SUM_COLUMNS)}"""

_OPENINGS = """INSERT INTO openings (instrument_id, ts, seen_at, verdict, before, after, source_id, run_id)
SELECT instrument_id, ts, seen_at, verdict, before, after, $source, $run
FROM (FROM incoming QUALIFY row_number() OVER (PARTITION BY instrument_id, ts ORDER BY place DESC) = 1)
ON CONFLICT (source_id, instrument_id, ts) DO UPDATE SET seen_at = excluded.seen_at, verdict = excluded.verdict,
    before = excluded.before, after = excluded.after, run_id = excluded.run_id"""

_BREACHES = f"""INSERT INTO breaches (ts, symbol_id, rule, measure, entered, {", ".join(BREACH_FLOATS)}, source_id, run_id)
SELECT ts, symbol_id, rule, measure, entered, {", ".join(BREACH_FLOATS)}, $source, $run FROM incoming"""


def name_marks(marks: PendingMarks, roster: Roster) -> None:
    """Tells the roster of all names and series in them, so that they are resolved with the rest."""
    for kept in marks.surfaces:
        for entry in kept.surface.slices:
            roster.add_series(entry.series)
    for symbol in marks.symbols:
        roster.symbol_row(symbol)


def write_marks(connection: "DuckDBPyConnection", marks: PendingMarks, roster: Roster, whose: dict[str, int]) -> int:
    """All but the surfaces, part of the caller's transaction; the roster is resolved. Returns the rows written."""
    rows = 0
    if marks.measures:
        rows += _write_measures(connection, marks.measures, roster, whose)
    if marks.exposures:
        rows += _write_exposures(connection, marks.exposures, roster, whose)
    if marks.flow:
        rows += _write(connection, _FLOW, _flow(marks.flow, roster), whose)
    if marks.sums:
        rows += _write(connection, _SUMS, _sums(marks.sums, roster), whose)
    if marks.openings:
        rows += _write(connection, _OPENINGS, _openings(marks.openings, roster), whose)
    if marks.breaches:
        columns: Columns = {
            "ts": np.array([mark.at for mark in marks.breaches], np.int64),
            "symbol_id": _ids([mark.symbol for mark in marks.breaches], roster),
            "rule": texts(mark.rule for mark in marks.breaches),
            "measure": texts(mark.measure for mark in marks.breaches),
            "entered": np.array([mark.entered for mark in marks.breaches]),
        }
        columns |= {name: np.array([getattr(mark, name) for mark in marks.breaches], np.float64) for name in BREACH_FLOATS}
        rows += _write(connection, _BREACHES, columns, whose)
    return rows


def _write(connection: "DuckDBPyConnection", statement: str, columns: Columns, whose: dict[str, int]) -> int:
    rows = int(columns["symbol_id" if "symbol_id" in columns else "instrument_id"].shape[0])
    if rows:
        with registered(connection, "incoming", columns):
            connection.execute(bound(statement, whose))
    return rows


def _ids(symbols: list[Symbol], roster: Roster) -> Ints:
    return roster.symbol_ids[[roster.symbol_row(symbol) for symbol in symbols]]


def _write_measures(connection: "DuckDBPyConnection", marks: list[MeasureMark], roster: Roster, whose: dict[str, int]) -> int:
    counts = [len(mark.measures) for mark in marks]
    columns = _dated([mark.symbol for mark in marks], [mark.at for mark in marks], counts, roster)
    columns["measure"] = texts(name for mark in marks for name in mark.measures)
    columns["value"] = np.concatenate([mark.values for mark in marks])
    columns = _known(columns)
    rows = _write(connection, _MEASURES, columns, whose)
    _write(connection, _DAILY, columns, whose)
    return rows


def _write_exposures(connection: "DuckDBPyConnection", marks: list[ExposureMark], roster: Roster, whose: dict[str, int]) -> int:
    columns = _dated([mark.symbol for mark in marks], [mark.at for mark in marks], [1] * len(marks), roster)
    columns |= {name: np.array([getattr(mark, name) for mark in marks], np.float64) for name in EXPOSURE_FLOATS}
    columns |= {name: np.array([getattr(mark, name) for mark in marks], np.int64) for name in EXPOSURE_COUNTS}
    rows = _write(connection, _EXPOSURES, columns, whose)
    of_day = {name: np.tile(columns[name], len(MEASURES_OF_EXPOSURE)) for name in ("ts", "symbol_id", "day")}
    of_day["measure"] = np.repeat(texts(MEASURES_OF_EXPOSURE), len(marks))
    of_day["value"] = np.concatenate([columns[name] for name in MEASURES_OF_EXPOSURE.values()])
    of_day["place"] = np.arange(of_day["ts"].shape[0])
    _write(connection, _DAILY, _known(of_day), whose)
    return rows


def _dated(symbols: list[Symbol], instants: list[int], counts: list[int], roster: Roster) -> Columns:
    """Name, instant and session's date of marks, each so many times."""
    days = [session_date(roster.session(symbol), at) for symbol, at in zip(symbols, instants, strict=True)]
    columns: Columns = {
        "symbol_id": np.repeat(_ids(symbols, roster), counts),
        "ts": np.repeat(np.array(instants, np.int64), counts),
        "day": np.repeat(np.array(days, np.int64), counts),
    }
    columns["place"] = np.arange(columns["ts"].shape[0])
    return columns


def _known(columns: Columns) -> Columns:
    """Rows whose value is a number."""
    known = np.isfinite(columns["value"])
    return columns if known.all() else {name: column[known] for name, column in columns.items()}


def _flow(marks: list[FlowMarks], roster: Roster) -> Columns:
    columns: Columns = {
        name: np.concatenate([getattr(mark, name) for mark in marks]) for name in (*FLOW_FLOATS, "side", "flags", "event_at")
    }
    columns["ts"] = np.repeat(np.array([mark.at for mark in marks], np.int64), [mark.handle.shape[0] for mark in marks])
    return _of_listed(columns, np.concatenate([mark.handle for mark in marks]), roster, with_symbol=True)


def _openings(marks: list[Openings], roster: Roster) -> Columns:
    counts = [mark.handle.shape[0] for mark in marks]
    columns: Columns = {name: np.concatenate([getattr(mark, name) for mark in marks]) for name in ("verdict", "before", "after")}
    columns["ts"] = np.repeat(np.array([mark.day for mark in marks], np.int64), counts)
    columns["seen_at"] = np.repeat(np.array([mark.at for mark in marks], np.int64), counts)
    return _of_listed(columns, np.concatenate([mark.handle for mark in marks]), roster)


def _of_listed(columns: Columns, handle: Ints, roster: Roster, *, with_symbol: bool = False) -> Columns:
    """Rows of instruments that were listed, with the database's numbers for them."""
    listed = roster.known(handle)
    columns = {name: column[listed] for name, column in columns.items()}
    columns["instrument_id"] = roster.instrument_ids[handle[listed]]
    if with_symbol:
        columns["symbol_id"] = roster.symbol_ids[roster.symbol[handle[listed]]]
    columns["place"] = np.arange(columns["instrument_id"].shape[0])
    return columns


def _sums(marks: list[FlowSums], roster: Roster) -> Columns:
    columns: Columns = {
        "symbol_id": _ids([mark.symbol for mark in marks], roster),
        "ts": np.array([mark.day for mark in marks], np.int64),
        "seen_at": np.array([mark.at for mark in marks], np.int64),
        "place": np.arange(len(marks)),
    }
    columns |= {name: np.array([getattr(mark, name) for mark in marks], np.float64) for name in SUM_FLOATS}
    columns |= {name: np.array([getattr(mark, name) for mark in marks], np.int64) for name in SUM_COUNTS}
    return columns
