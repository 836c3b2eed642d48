# ruff: noqa: S608 (what is put into the statements are column names and numbers of our own)
"""Writes fitted surfaces: a row a surface, a row a slice, and from time to time a row a market point."""

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.domain.volatility import Grade, SliceModel, SurfaceSlice, VolatilitySurface
from engine.storage.board import Columns
from engine.storage.pending_marks import KeptSurface
from engine.storage.roster import Roster
from engine.storage.sql import bound, registered, texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MATURITY_FLOATS = ("atm_iv", "risk_reversal_25", "butterfly_25", "risk_reversal_10", "butterfly_10", "variance_iv")
SLICE_DOUBLES = ("years", "forward", "rate")
PARAMETERS = ("a", "b", "rho", "m", "sigma")
SLICE_FLOATS = (
    "least_k",
    "greatest_k",
    "atm_iv",
    "risk_reversal_25",
    "butterfly_25",
    "rmse_vol",
    "median_residual",
    "inside",
)
POINT_FLOATS = ("bid_iv", "mid_iv", "ask_iv", "fit_iv")
THIRTY_DAYS = 30

_HEAD = f"""INSERT INTO surfaces (ts, symbol_id, model, state, spot, atm_iv_30, days, {", ".join(MATURITY_FLOATS)}, flags,
    source_id, run_id)
SELECT h.ts, h.symbol_id, h.model, h.state, h.spot, h.atm_iv_30, coalesce(m.days, []),
    {", ".join(f"coalesce(m.{name}, [])" for name in MATURITY_FLOATS)}, coalesce(m.flags, []), $source, $run
FROM heads h LEFT JOIN (SELECT place, list(day ORDER BY number) AS days,
    {", ".join(f"list({name} ORDER BY number) AS {name}" for name in MATURITY_FLOATS)}, list(flag ORDER BY number) AS flags
    FROM maturities GROUP BY place) m USING (place) ORDER BY place"""

_SLICE_COLUMNS = (
    "number, series, as_of, fit, grade, reasons, butterfly_ok, calendar_ok, quotes, left_out, "
    f"{', '.join((*SLICE_DOUBLES, *PARAMETERS, *SLICE_FLOATS))}"
)
_SLICES = f"""INSERT INTO surface_slices (ts, symbol_id, model, {_SLICE_COLUMNS}, source_id, run_id)
SELECT ts, symbol_id, model, {_SLICE_COLUMNS}, $source, $run FROM incoming"""

_POINT_COLUMNS = f"series, strike, option_right, use, {', '.join(POINT_FLOATS)}"
_POINTS = f"""INSERT INTO surface_points (ts, symbol_id, model, {_POINT_COLUMNS}, source_id, run_id)
SELECT ts, symbol_id, model, {_POINT_COLUMNS}, $source, $run FROM incoming"""


def write_surfaces(connection: "DuckDBPyConnection", kept: list[KeptSurface], roster: Roster, whose: dict[str, int]) -> int:
    """Surfaces with their slices and points, part of the caller's transaction; the roster is resolved. Returns the rows written."""
    surfaces = [entry.surface for entry in kept]
    heads = _shared(surfaces, [1] * len(surfaces), roster)
    heads["place"] = np.arange(len(surfaces))
    heads["state"] = texts(surface.state for surface in surfaces)
    heads["spot"] = np.array([surface.spot for surface in surfaces])
    heads["atm_iv_30"] = np.array([_thirty_days(surface) for surface in surfaces])
    with registered(connection, "heads", heads), registered(connection, "maturities", _maturities(surfaces)):
        connection.execute(bound(_HEAD, whose))
    slices = _slices(surfaces, roster)
    with registered(connection, "incoming", slices):
        connection.execute(bound(_SLICES, whose))
    points = _points(kept, roster)
    rows = len(surfaces) + int(slices["ts"].shape[0])
    if points is None:
        return rows
    with registered(connection, "incoming", points):
        connection.execute(bound(_POINTS, whose))
    return rows + int(points["ts"].shape[0])


def _shared(surfaces: list[VolatilitySurface], rows: list[int], roster: Roster) -> Columns:
    """Whose rows they are, each surface so many times."""
    ids = roster.symbol_ids[[roster.symbol_row(surface.symbol) for surface in surfaces]]
    return {
        "ts": np.repeat(np.array([surface.as_of for surface in surfaces], np.int64), rows),
        "symbol_id": np.repeat(ids, rows),
        "model": np.repeat(texts(surface.model for surface in surfaces), rows),
    }


def _thirty_days(surface: VolatilitySurface) -> float:
    found = np.flatnonzero(surface.maturities.days == THIRTY_DAYS)
    return float(surface.maturities.atm_iv[found[0]]) if found.size else float("nan")


def _maturities(surfaces: list[VolatilitySurface]) -> Columns:
    rows = [surface.maturities for surface in surfaces]
    counts = [row.days.shape[0] for row in rows]
    columns: Columns = {
        "place": np.repeat(np.arange(len(rows)), counts),
        "number": _joined([np.arange(count) for count in counts]),
        "day": _joined([row.days for row in rows]),
        "flag": _joined([row.flags for row in rows]),
    }
    for name in MATURITY_FLOATS:
        columns[name] = _joined([getattr(row, name) for row in rows]).astype(np.float32)
    return columns


def _slices(surfaces: list[VolatilitySurface], roster: Roster) -> Columns:
    slices = [entry for surface in surfaces for entry in surface.slices]
    columns = _shared(surfaces, [len(surface.slices) for surface in surfaces], roster)
    columns["number"] = _joined([np.arange(len(surface.slices)) for surface in surfaces])
    columns["series"] = texts(entry.series.id for entry in slices)
    columns["as_of"] = np.array([entry.as_of for entry in slices], np.int64)
    columns["fit"] = texts(entry.model for entry in slices)
    columns["grade"] = texts(entry.grade for entry in slices)
    columns["reasons"] = texts("\n".join(entry.reasons) for entry in slices)
    columns["left_out"] = texts("\n".join(f"{why}={count}" for why, count in entry.left_out.items()) for entry in slices)
    columns["quotes"] = np.array([entry.quotes for entry in slices], np.int64)
    for name in ("butterfly_ok", "calendar_ok"):
        columns[name] = np.array([getattr(entry, name) for entry in slices], np.bool_)
    for name in (*SLICE_DOUBLES, *SLICE_FLOATS):
        columns[name] = np.array([getattr(entry, name) for entry in slices], np.float64)
    parameters = np.array([entry.parameters for entry in slices], np.float64).reshape(-1, len(PARAMETERS))
    columns.update({name: np.ascontiguousarray(parameters[:, place]) for place, name in enumerate(PARAMETERS)})
    return columns


def _points(kept: list[KeptSurface], roster: Roster) -> Columns | None:
    """The market's points, and each time the fit of slices that have no parameters to draw it from; None where there are none."""
    chosen = [[entry for entry in one.surface.slices if entry.strikes.size and (one.with_points or _by_points(entry))] for one in kept]
    slices = [entry for entries in chosen for entry in entries]
    if not slices:
        return None
    columns = _shared([one.surface for one in kept], [sum(entry.strikes.size for entry in entries) for entries in chosen], roster)
    columns["series"] = np.repeat(texts(entry.series.id for entry in slices), [entry.strikes.size for entry in slices])
    columns["strike"] = _joined([entry.strikes for entry in slices])
    columns["option_right"] = _joined([entry.right for entry in slices])
    columns["use"] = _joined([entry.use for entry in slices])
    for name in POINT_FLOATS:
        columns[name] = _joined([getattr(entry, name) for entry in slices])
    return columns


def _by_points(entry: SurfaceSlice) -> bool:
    return entry.model is SliceModel.SPLINE and entry.grade is not Grade.FAILED


def _joined(parts: list[Any]) -> Any:
    return np.concatenate(parts) if parts else np.empty(0)
