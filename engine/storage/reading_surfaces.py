# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""Surfaces of the past: at which instants there are any, and what one of them was."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.domain.columns import Floats, codes, flags, floats, longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.instruments import OptionSeries
from engine.domain.market import FeedState
from engine.domain.volatility import Grade, Maturities, PointUse, SliceModel, SurfaceModel, SurfaceSlice, VolatilitySurface
from engine.messages.surface import SurfaceTimes
from engine.storage.archive import Archive
from engine.storage.reading_series import series_named
from engine.storage.scope import MAX_ROWS, Scope, bounded, named_rows, parquet, run_with
from engine.storage.sql import bound, float_column, long_column, one, text_column
from engine.storage.surface_inserts import MATURITY_FLOATS, PARAMETERS, POINT_FLOATS, SLICE_DOUBLES, SLICE_FLOATS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SLICE_TEXTS = ("series", "fit", "grade", "reasons", "left_out")
SLICE_COLUMNS = (*_SLICE_TEXTS, "as_of", "butterfly_ok", "calendar_ok", "quotes", *SLICE_DOUBLES, *PARAMETERS, *SLICE_FLOATS)
HEAD_COLUMNS = ("ts", "run", "source", "state", "spot", "days", *MATURITY_FLOATS, "flags")
_POINT_COLUMNS = ("series", "ts", "model", "strike", "option_right", "use", *POINT_FLOATS)
_UNKNOWN = np.nan
Row = dict[str, Any]
_NO_MARKET: Row = {
    **dict.fromkeys(("strikes", "bid_iv", "mid_iv", "ask_iv", "fit_iv", "residual"), floats(np.empty(0))),
    **dict.fromkeys(("right", "use"), codes(np.empty(0))),
}


class Head(NamedTuple):
    """Which surface it is."""

    at: int
    run: str
    row: Row
    whose: str
    """Whose rows of the hot tables they are, of any run."""
    hot: str
    """Whose rows of the hot tables are its own."""
    archived: str
    """The same of the archive's files."""


def surface_times(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, since: int | None, until: int | None, limit: int
) -> SurfaceTimes:
    """The newest ``limit`` instants; between two bounds all of them, thinned evenly to ``limit``, the last one kept."""
    count = bounded(limit, MAX_ROWS)
    found = named_rows(
        cursor,
        archive,
        scope,
        "surfaces",
        "ts, model, spot, atm_iv_30, source",
        symbol=symbol,
        since=since or 0,
        until=scope.until(until),
        limit=MAX_ROWS if since is not None else 2 * count,
    )
    displayed = np.array(text_column(found["model"]), np.str_) == str(SurfaceModel.SVI)
    shown = np.argsort(~displayed, kind="stable")
    at, first = np.unique(long_column(found["ts"][shown]), return_index=True)
    chosen = shown[first]
    if at.shape[0] > count:
        some = (
            np.linspace(0, at.shape[0] - 1, count).round().astype(np.int64)
            if since is not None
            else np.arange(at.shape[0] - count, at.shape[0])
        )
        at, chosen = at[some], chosen[some]
    return SurfaceTimes(
        symbol=symbol,
        source=SourceId(text_column(found["source"])[0] if found["ts"].shape[0] else ""),
        at=longs(at),
        spot=float_column(found["spot"][chosen]),
        atm_iv_30=float_column(found["atm_iv_30"][chosen]),
    )


def surface_at(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, model: SurfaceModel, at: int
) -> VolatilitySurface | None:
    """The newest surface of a model that is not later than ``at``; None where there is none.

    Market points are of that very instant where they were kept with it; otherwise only strikes are, of the last time before, and the fit.
    """
    head = head_at(cursor, archive, scope, symbol, model, min(at + 1, scope.until(None)))
    if head is None:
        return None
    slices = _slice_rows(cursor, archive, model, head)
    terms = series_named(cursor, symbol, [row["series"] for row in slices], {row["series"]: settles_at(row) for row in slices})
    return assembled(symbol, model, head, slices, terms, points_of(cursor, archive, model, head))


def assembled(
    symbol: Symbol, model: SurfaceModel, head: Head, slices: list[Row], terms: dict[str, OptionSeries], points: "dict[str, Points]"
) -> VolatilitySurface:
    """From its rows, the terms of its series, and of each series the points that are known."""
    return VolatilitySurface(
        symbol=symbol,
        source=SourceId(head.row["source"]),
        state=FeedState(head.row["state"]),
        as_of=UtcNanos(head.at),
        spot=_number(head.row["spot"]),
        model=model,
        slices=tuple(_slice(row, terms[row["series"]], points.get(row["series"], _NO_POINTS), head.at, model) for row in slices),
        maturities=Maturities(
            days=longs(np.array(head.row["days"], np.int64)),
            flags=flags(np.array(head.row["flags"], np.uint8)),
            **{name: floats(np.array(head.row[name], np.float64)) for name in MATURITY_FLOATS},
        ),
        recorded=True,
    )


def head_at(cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, model: SurfaceModel, until: int) -> Head | None:
    """The newest surface of a model before an instant."""
    symbol_id = one(cursor, "SELECT id FROM symbols WHERE symbol = ?", [symbol])
    if symbol_id is None:
        return None
    run_id = None if scope.mixed else run_with(cursor, archive, scope, "surfaces", f"symbol_id = {symbol_id}", "symbol", symbol)
    whose = "" if run_id is None else f" AND run_id = {run_id}"
    chosen = bound("model = $model AND ts < $until", {"model": str(model), "until": until})
    named = bound("symbol = ?", [symbol])
    newest = one(cursor, f"SELECT max(ts) FROM surfaces WHERE symbol_id = {symbol_id} AND {chosen}{whose}")
    found: list[Row] = []
    if newest is not None:
        found = rows_of(cursor, HEAD_COLUMNS, f"FROM named_surfaces WHERE {named} AND {chosen}{whose} AND ts = {newest} LIMIT 1")
    for file in reversed(archive.files(cursor, "surfaces", since=0 if newest is None else newest + 1, until=until, run_id=run_id)):
        older = rows_of(cursor, HEAD_COLUMNS, f"FROM {parquet([file])} WHERE {named} AND {chosen} ORDER BY ts DESC LIMIT 1")
        if older and (not found or older[0]["ts"] > found[0]["ts"]):
            found = older
        if found and file.day <= found[0]["ts"] - DAY_NS:
            break
    if not found:
        return None
    return head_of(cursor, symbol, symbol_id, found[0])


def head_of(cursor: "DuckDBPyConnection", symbol: Symbol, symbol_id: int, row: Row) -> Head:
    """From its row of the surfaces."""
    number = one(cursor, "SELECT id FROM runs WHERE run = ?", [row["run"]])
    return Head(
        at=int(row["ts"]),
        run=row["run"],
        row=row,
        whose=f"symbol_id = {symbol_id}",
        hot=f"symbol_id = {symbol_id} AND run_id = {number}",
        archived=f"{bound('symbol = ?', [symbol])} AND {bound('run = ?', [row['run']])}",
    )


def _slice_rows(cursor: "DuckDBPyConnection", archive: Archive, model: SurfaceModel, head: Head) -> list[Row]:
    chosen = bound("model = $model AND ts = $ts ORDER BY number", {"model": str(model), "ts": head.at})
    found = rows_of(cursor, SLICE_COLUMNS, f"FROM surface_slices WHERE {head.hot} AND {chosen}")
    files = [] if found else archive.files(cursor, "surface_slices", since=head.at, until=head.at + 1)
    return rows_of(cursor, SLICE_COLUMNS, f"FROM {parquet(files)} WHERE {head.archived} AND {chosen}") if files else found


class Points(NamedTuple):
    """What was kept of a slice's market: of which instant and model, and its columns."""

    at: int
    model: str
    columns: dict[str, Any]


_NO_POINTS = Points(0, "", {})


def points_of(cursor: "DuckDBPyConnection", archive: Archive, model: SurfaceModel, head: Head) -> dict[str, Points]:
    """The last points of each series within a day: first when they were kept, then what they say at those instants."""
    since = head.at - DAY_NS
    within = f"ts > {since} AND ts <= {head.at}"
    sources = [f"surface_points WHERE {head.hot} AND {within}"]
    files = archive.files(cursor, "surface_points", since=since, until=head.at + 1)
    if files:
        sources.append(f"{parquet(files)} WHERE {head.archived} AND {within}")
    kept: dict[str, Points] = {}
    for source in sources:
        instants = cursor.execute(f"SELECT DISTINCT max(ts) FROM {source} GROUP BY series").fetchall()
        if not instants:
            continue
        last = ", ".join(str(row[0]) for row in instants)
        found = cursor.execute(
            f"SELECT {', '.join(_POINT_COLUMNS)} FROM {source} AND ts IN ({last}) "
            + bound("QUALIFY rank() OVER (PARTITION BY series ORDER BY ts DESC, model = $model DESC) = 1", {"model": str(model)})
            + " ORDER BY series, strike"
        ).fetchnumpy()
        names = np.array(text_column(found["series"]), np.str_)
        for name in np.unique(names):
            rows = np.flatnonzero(names == name)
            at = int(found["ts"][rows[0]])
            if str(name) not in kept or at > kept[str(name)].at:
                kept[str(name)] = Points(at, str(found["model"][rows[0]]), {key: column[rows] for key, column in found.items()})
    return kept


def _slice(row: Row, series: OptionSeries, points: Points, at: int, model: SurfaceModel) -> SurfaceSlice:
    parameters = np.array([_number(row[name]) for name in PARAMETERS])
    numbers: Row = {name: _number(row[name]) for name in (*SLICE_DOUBLES, *SLICE_FLOATS)}
    return SurfaceSlice(
        series=series,
        as_of=UtcNanos(int(row["as_of"])),
        model=SliceModel(row["fit"]),
        parameters=floats(parameters),
        **numbers,
        grade=Grade(row["grade"]),
        reasons=tuple(row["reasons"].splitlines()),
        butterfly_ok=bool(row["butterfly_ok"]),
        calendar_ok=bool(row["calendar_ok"]),
        quotes=int(row["quotes"]),
        left_out=_counts(row["left_out"]),
        **(_market(row, parameters, points, at, model) if points.columns else _NO_MARKET),
    )


def _market(row: Row, parameters: Floats, points: Points, at: int, model: SurfaceModel) -> dict[str, Any]:
    """The columns of a slice that are a number a strike."""
    known = points.columns
    strikes, use = float_column(known["strike"]), codes(known["use"])
    present = points.at == at
    market = {name: float_column(known[name]) if present else np.full(strikes.shape, _UNKNOWN) for name in POINT_FLOATS}
    fit = market["fit_iv"] if points.model == model else np.full(strikes.shape, _UNKNOWN)
    if strikes.size and np.isfinite(parameters).all():
        fit = _fit(strikes, parameters, forward=_number(row["forward"]), years=_number(row["years"]))
    return {
        "strikes": strikes,
        "right": codes(known["option_right"]),
        "use": use,
        "bid_iv": floats(market["bid_iv"]),
        "mid_iv": floats(market["mid_iv"]),
        "ask_iv": floats(market["ask_iv"]),
        "fit_iv": floats(fit),
        "residual": _residuals(fit, market, use),
    }


def _fit(strikes: Floats, parameters: Floats, *, forward: float, years: float) -> Floats:
    from engine.quant.smiles.svi import RawSvi, vols

    with np.errstate(all="ignore"):
        return vols(log_moneyness=np.log(strikes / forward), slices=RawSvi(*parameters), years=years)


def _residuals(fit: Floats, market: dict[str, Floats], use: Any) -> Floats:
    """In bid-ask widths, of the quotes that the fit stands on."""
    with np.errstate(all="ignore"):
        width = market["ask_iv"] - market["bid_iv"]
        measured = (width > 0.0) & (use == PointUse.USED)
        return floats(np.where(measured, (fit - market["mid_iv"]) / np.where(width > 0.0, width, 1.0), _UNKNOWN))


def _counts(text: str) -> dict[str, int]:
    pairs = (line.rpartition("=") for line in text.splitlines())
    return {why: int(count) for why, _, count in pairs}


def settles_at(row: Row) -> int:
    """The settlement instant, from the time to it."""
    years = _number(row["years"])
    return int(row["as_of"]) + (round(years * 365 * DAY_NS) if np.isfinite(years) else 0)


def _number(value: float | None) -> float:
    return _UNKNOWN if value is None else float(value)


def rows_of(cursor: "DuckDBPyConnection", columns: tuple[str, ...], rest: str) -> list[Row]:
    """Rows by the names of their columns."""
    return [dict(zip(columns, row, strict=True)) for row in cursor.execute(f"SELECT {', '.join(columns)} {rest}").fetchall()]
