# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""The history queries, each bounded in time and rows: the hot tables, and of the archive only the days that were asked for."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Longs
from engine.domain.ids import ContractId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.domain.market import BarBatch, VolatilityHistory
from engine.storage.answers import StoredLatest, StoredQuotes, StoredTrades
from engine.storage.archive import Archive
from engine.storage.scope import FOREVER, MAX_ROWS, Fetched, Scope, bounded, joined, listed, parquet, run_with
from engine.storage.sql import bound, code_column, float_column, long_column, one, quoted, text_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_TRADES = 100_000
_LOOK_BACK = (600 * SECOND_NS, 3600 * SECOND_NS, DAY_NS)
"""How far the newest prints are looked for, step by step, before the whole table is."""

_BAR_FLOATS = ("open", "high", "low", "close", "volume", "vwap")
_QUOTE_FLOATS = ("bid", "ask", "bid_size", "ask_size")
_LATEST_FLOATS = (*_QUOTE_FLOATS, "last", "open", "high", "low", "previous_close", "volume", "open_interest", "vendor_iv", "vendor_delta")
_TRADE_COLUMNS = "name, ts, price, size, side, flags, event_at, bid, ask, spot"


def bars(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, symbol: Symbol, seconds: int, until: int | None, limit: int
) -> BarBatch:
    """The newest ``limit`` bars that start before ``until``."""
    end, count = scope.until(until), bounded(limit, MAX_ROWS)
    source_id = scope.identity.source_id
    whose = "" if scope.mixed else f"AND b.source_id = {source_id}"
    found = cursor.execute(
        bound(
            f"""SELECT b.ts, {listed("b", _BAR_FLOATS)} FROM bars b JOIN symbols y ON y.id = b.symbol_id
        WHERE y.symbol = $symbol AND b.seconds = $seconds AND b.ts < $until {whose}
        QUALIFY row_number() OVER (PARTITION BY b.ts ORDER BY b.source_id = {source_id} DESC, b.run_id DESC) = 1
        ORDER BY b.ts DESC LIMIT $limit""",
            {"symbol": symbol, "seconds": seconds, "until": end, "limit": count},
        ),
    ).fetchnumpy()
    if seconds < DAY_NS // SECOND_NS:
        found = _with_archived_bars(cursor, archive, scope, found, symbol, seconds, end, count)
    order = np.argsort(found["ts"], kind="stable")[-count:] if count else slice(0)
    start = long_column(found["ts"][order])
    return BarBatch(
        at=_newest(start),
        symbol=symbol,
        seconds=seconds,
        start=start,
        **{name: float_column(found[name][order]) for name in _BAR_FLOATS},
    )


def volatility_history(cursor: "DuckDBPyConnection", scope: Scope, symbol: Symbol, sessions: int, until: int | None) -> VolatilityHistory:
    """The newest ``sessions`` days."""
    source_id = scope.identity.source_id
    whose = "" if scope.mixed else f"AND v.source_id = {source_id}"
    found = cursor.execute(
        bound(
            f"""SELECT v.ts, v.atm_iv, v.risk_reversal_25, v.butterfly_25 FROM volatility_history v JOIN symbols y ON y.id = v.symbol_id
        WHERE y.symbol = $symbol AND v.ts < $until {whose}
        QUALIFY row_number() OVER (PARTITION BY v.ts ORDER BY v.source_id = {source_id} DESC, v.run_id DESC) = 1
        ORDER BY v.ts DESC LIMIT $limit""",
            {"symbol": symbol, "until": scope.until(until), "limit": bounded(sessions, MAX_ROWS)},
        ),
    ).fetchnumpy()
    day = long_column(found["ts"][::-1])
    return VolatilityHistory(
        at=_newest(day),
        symbol=symbol,
        day=day,
        atm_iv=float_column(found["atm_iv"][::-1]),
        risk_reversal_25=float_column(found["risk_reversal_25"][::-1]),
        butterfly_25=float_column(found["butterfly_25"][::-1]),
    )


def _newest(instants: Longs) -> UtcNanos:
    """The last of rising instants; 0 where there is none."""
    return UtcNanos(int(instants[-1]) if instants.size else 0)


def trades(
    cursor: "DuckDBPyConnection",
    archive: Archive,
    scope: Scope,
    symbol: Symbol,
    limit: int,
    since: int | None,
    until: int | None,
    *,
    options_only: bool,
) -> StoredTrades:
    """The newest ``limit`` prints in [since, until), from the hot table and then day by day from the archive."""
    count, end, start = bounded(limit, MAX_TRADES), scope.until(until), since or 0
    symbol_id = one(cursor, "SELECT id FROM symbols WHERE symbol = ?", [symbol])
    if symbol_id is None:
        return _trades_of(symbol, {})
    run_id = None if scope.mixed else run_with(cursor, archive, scope, "trades", f"symbol_id = {symbol_id}", "symbol", symbol)
    found = _hot_trades(cursor, symbol_id, run_id, count, start, end, options_only=options_only)
    parts = [found]
    have = found["ts"].shape[0]
    for file in reversed(archive.files(cursor, "trades", since=start, until=end, run_id=run_id)):
        if have >= count:
            break
        part = cursor.execute(
            bound(
                f"""SELECT {_TRADE_COLUMNS} FROM read_parquet({quoted(file.path)})
            WHERE symbol = $symbol AND ts >= $since AND ts < $until {"AND option_right <> 0" if options_only else ""}
            ORDER BY ts DESC, place DESC LIMIT $limit""",
                {"symbol": symbol, "since": start, "until": end, "limit": count - have},
            ),
        ).fetchnumpy()
        have += part["ts"].shape[0]
        parts.append(part)
    whole = joined(parts)
    order = np.argsort(-whole["ts"].astype(np.int64), kind="stable")[:count]
    return _trades_of(symbol, {name: column[order] for name, column in whole.items()})


def quotes(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, contract: ContractId | Symbol, since: int, until: int | None
) -> StoredQuotes:
    """What was recorded of one contract (or security) in [since, until), oldest first."""
    end = scope.until(until)
    instrument_id = one(cursor, "SELECT id FROM instruments WHERE name = ?", [contract])
    columns = f"ts, {', '.join(_QUOTE_FLOATS)}, event_at, seconds"
    if instrument_id is None:
        instrument_id = -1
    run_id = None if scope.mixed else run_with(cursor, archive, scope, "quotes", f"instrument_id = {instrument_id}", "name", contract)
    whose = "" if run_id is None else f"AND run_id = {run_id}"
    parts = [
        cursor.execute(
            bound(
                f"SELECT {columns} FROM quotes WHERE instrument_id = ? AND ts >= ? AND ts < ? {whose} ORDER BY ts LIMIT {MAX_ROWS}",
                [instrument_id, since, end],
            ),
        ).fetchnumpy()
    ]
    files = archive.files(cursor, "quotes", since=since, until=end, run_id=run_id)
    if files:
        parts.append(
            cursor.execute(
                bound(
                    f"SELECT {columns} FROM {parquet(files)} WHERE name = ? AND ts >= ? AND ts < ? ORDER BY ts LIMIT {MAX_ROWS}",
                    [contract, since, end],
                ),
            ).fetchnumpy()
        )
    whole = joined(parts)
    order = np.argsort(whole["ts"], kind="stable")[:MAX_ROWS]
    return StoredQuotes(
        contract=contract,
        at=long_column(whole["ts"][order]),
        event_at=long_column(whole["event_at"][order]),
        seconds=long_column(whole["seconds"][order]),
        **{name: float_column(whole[name][order]) for name in _QUOTE_FLOATS},
    )


def latest(cursor: "DuckDBPyConnection", scope: Scope, symbol: Symbol) -> StoredLatest:
    """One row a contract, out of the maintained table."""
    whose = "" if scope.mixed else f"AND l.source_id = {scope.identity.source_id}"
    found = cursor.execute(
        bound(
            f"""SELECT n.name, l.ts, l.last_at, {listed("l", _LATEST_FLOATS)} FROM latest l JOIN instruments n ON n.id = l.instrument_id
        JOIN symbols y ON y.id = n.symbol_id WHERE y.symbol = ? {whose} ORDER BY n.name""",
            [symbol],
        ),
    ).fetchnumpy()
    return StoredLatest(
        symbol=symbol,
        name=text_column(found["name"]),
        at=long_column(found["ts"]),
        last_at=long_column(found["last_at"]),
        **{name: float_column(found[name]) for name in _LATEST_FLOATS},
    )


def _hot_trades(
    cursor: "DuckDBPyConnection", symbol_id: int, run_id: int | None, count: int, since: int, until: int, *, options_only: bool
) -> Fetched:
    conditions = f"f.symbol_id = {symbol_id}" + ("" if run_id is None else f" AND f.run_id = {run_id}")
    if options_only:
        conditions += " AND n.option_right <> 0"
    newest = one(cursor, "SELECT max(ts) FROM trades WHERE ts < ?", [until])
    found: Fetched = {}
    for reach in (*_LOOK_BACK, FOREVER):
        start = max(since, (newest or 0) - reach)
        found = cursor.execute(
            bound(
                f"""SELECT n.name, f.ts, f.price, f.size, f.side, f.flags, f.event_at, f.bid, f.ask, f.spot
            FROM trades f JOIN instruments n ON n.id = f.instrument_id
            WHERE {conditions} AND f.ts >= $since AND f.ts < $until ORDER BY f.ts DESC, f.rowid DESC LIMIT $limit""",
                {"since": start, "until": until, "limit": count},
            ),
        ).fetchnumpy()
        if newest is None or start == since or found["ts"].shape[0] >= count:
            break
    return found


def _trades_of(symbol: Symbol, found: Fetched) -> StoredTrades:
    empty: NDArray[Any] = np.empty(0)
    return StoredTrades(
        symbol=symbol,
        at=long_column(found.get("ts", empty)),
        name=text_column(found.get("name", empty)),
        side=code_column(found.get("side", empty)),
        flags=code_column(found.get("flags", empty)),
        event_at=long_column(found.get("event_at", empty)),
        **{name: float_column(found.get(name, empty)) for name in ("price", "size", "bid", "ask", "spot")},
    )


def _with_archived_bars(
    cursor: "DuckDBPyConnection", archive: Archive, scope: Scope, hot: Fetched, symbol: Symbol, seconds: int, end: int, count: int
) -> Fetched:
    """The archive's bars among the hot ones, newest day first until there are enough; what is hot was said later, and wins."""
    source_id = None if scope.mixed else scope.identity.source_id
    found = hot
    for file in reversed(archive.files(cursor, "bars", until=end, source_id=source_id)):
        if int((found["ts"] >= file.day + DAY_NS).sum()) >= count:
            break
        part = cursor.execute(
            bound(
                f"""SELECT ts, {", ".join(_BAR_FLOATS)} FROM read_parquet({quoted(file.path)})
            WHERE symbol = ? AND seconds = ? AND ts < ? ORDER BY ts DESC""",
                [symbol, seconds, end],
            ),
        ).fetchnumpy()
        whole = joined([found, part])
        _, first = np.unique(whole["ts"], return_index=True)
        found = {name: column[first] for name, column in whole.items()}
    return found
