# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""Writes one gathered batch into the tables: one transaction, columns registered as they are, its number beside it."""

from typing import TYPE_CHECKING

import numpy as np

from engine.domain.ids import RunId, SourceId, UtcNanos
from engine.storage.board import QUOTE_FLOATS, SUMMARY_FLOATS, Columns
from engine.storage.mark_inserts import name_marks, write_marks
from engine.storage.pending import ChainRows, Pending, bar_columns, joined, volatility_columns
from engine.storage.roster import Roster
from engine.storage.sql import Identity, bound, one, registered, texts
from engine.storage.surface_inserts import write_surfaces

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NOBODY = -1
"""Id of a source or a run that has written nothing yet."""

_QUOTES = """INSERT INTO quotes (ts, instrument_id, bid, ask, bid_size, ask_size, event_at, source_id, run_id)
SELECT ts, instrument_id, bid, ask, bid_size, ask_size, nullif(event_at, 0), $source, $run FROM incoming"""

_TRADES = """INSERT INTO trades (ts, instrument_id, symbol_id, price, size, side, flags, event_at, bid, ask, spot, source_id, run_id)
SELECT ts, instrument_id, symbol_id, price, size, side, flags, nullif(event_at, 0), bid, ask, spot, $source, $run FROM incoming"""

_BARS = """INSERT INTO bars (symbol_id, seconds, ts, open, high, low, close, volume, vwap, source_id, run_id)
SELECT symbol_id, seconds, ts, open, high, low, close, volume, vwap, $source, $run
FROM (FROM incoming QUALIFY row_number() OVER (PARTITION BY symbol_id, seconds, ts ORDER BY place DESC) = 1) i
WHERE NOT EXISTS (FROM bars b WHERE b.source_id = $source AND b.symbol_id = i.symbol_id AND b.seconds = i.seconds AND b.ts = i.ts
    AND b.open IS NOT DISTINCT FROM i.open AND b.high IS NOT DISTINCT FROM i.high AND b.low IS NOT DISTINCT FROM i.low
    AND b.close IS NOT DISTINCT FROM i.close AND b.volume IS NOT DISTINCT FROM i.volume AND b.vwap IS NOT DISTINCT FROM i.vwap)
ON CONFLICT (source_id, symbol_id, seconds, ts) DO UPDATE SET open = excluded.open, high = excluded.high, low = excluded.low,
    close = excluded.close, volume = excluded.volume, vwap = excluded.vwap, run_id = excluded.run_id"""

_VOLATILITY = """INSERT INTO volatility_history (symbol_id, ts, atm_iv, risk_reversal_25, butterfly_25, source_id, run_id)
SELECT symbol_id, ts, atm_iv, risk_reversal_25, butterfly_25, $source, $run
FROM (FROM incoming QUALIFY row_number() OVER (PARTITION BY symbol_id, ts ORDER BY place DESC) = 1) i
WHERE NOT EXISTS (FROM volatility_history b WHERE b.source_id = $source AND b.symbol_id = i.symbol_id AND b.ts = i.ts
    AND b.atm_iv IS NOT DISTINCT FROM i.atm_iv AND b.risk_reversal_25 IS NOT DISTINCT FROM i.risk_reversal_25
    AND b.butterfly_25 IS NOT DISTINCT FROM i.butterfly_25)
ON CONFLICT (source_id, symbol_id, ts) DO UPDATE SET atm_iv = excluded.atm_iv, risk_reversal_25 = excluded.risk_reversal_25,
    butterfly_25 = excluded.butterfly_25, run_id = excluded.run_id"""

_LATEST_COLUMNS = (*QUOTE_FLOATS, *SUMMARY_FLOATS)
_LATEST_UPDATE = (
    "UPDATE latest SET ts = i.ts, last_at = nullif(i.last_at, 0), source_id = $source, run_id = $run, "
    + ", ".join(f"{name} = i.{name}" for name in _LATEST_COLUMNS)
    + " FROM incoming i WHERE latest.instrument_id = i.instrument_id"
)
_LATEST_INSERT = (
    f"INSERT INTO latest (instrument_id, ts, last_at, source_id, run_id, {', '.join(_LATEST_COLUMNS)}) "
    f"SELECT instrument_id, ts, nullif(last_at, 0), $source, $run, {', '.join(_LATEST_COLUMNS)} "
    "FROM incoming ANTI JOIN latest USING (instrument_id)"
)

_CHAIN_COLUMNS = ("bid", "ask", "bid_size", "ask_size", "last", "volume", "open_interest", "vendor_iv", "vendor_delta")
_CHAIN = (
    f"INSERT INTO snapshot_quotes (snapshot_id, ts, instrument_id, {', '.join(_CHAIN_COLUMNS)}, quoted_at, source_id, run_id) "
    f"SELECT $snapshot, $ts, instrument_id, {', '.join(_CHAIN_COLUMNS)}, nullif(quoted_at, 0), $source, $run FROM incoming"
)


def known_identity(connection: "DuckDBPyConnection", *, run: RunId, source: SourceId, variant: str) -> Identity:
    """The ids of a run and its source as far as they are given out; writes nothing."""
    source_id = one(connection, "SELECT id FROM sources WHERE name = ? AND variant = ?", [source, variant])
    run_id = one(connection, "SELECT id FROM runs WHERE run = ?", [run])
    return Identity(source_id=NOBODY if source_id is None else source_id, run_id=NOBODY if run_id is None else run_id)


def ensure_identity(connection: "DuckDBPyConnection", *, run: RunId, source: SourceId, variant: str, started_at: UtcNanos) -> Identity:
    """The integer ids of this run and its source, given out once."""
    source_id = ensure_source(connection, source, variant)
    run_id = one(connection, "SELECT id FROM runs WHERE run = ?", [run])
    if run_id is None:
        run_id = one(connection, "SELECT coalesce(max(id), 0) + 1 FROM runs")
        connection.execute(bound("INSERT INTO runs VALUES (?, ?, ?, ?)", [run_id, run, source_id, started_at]))
    connection.execute(bound("INSERT INTO progress VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING", [run_id, source_id]))
    return Identity(source_id=source_id, run_id=run_id)


def ensure_source(connection: "DuckDBPyConnection", source: SourceId, variant: str) -> int:
    """The integer id of a source in one of its variants."""
    source_id = one(connection, "SELECT id FROM sources WHERE name = ? AND variant = ?", [source, variant])
    if source_id is None:
        source_id = one(connection, "SELECT coalesce(max(id), 0) + 1 FROM sources")
        connection.execute(bound("INSERT INTO sources VALUES (?, ?, ?)", [source_id, source, variant]))
    return int(source_id)


def written_batch(connection: "DuckDBPyConnection", identity: Identity) -> int:
    """The last batch of the run that is in the tables; 0 where none is."""
    return int(one(connection, "SELECT batch FROM progress WHERE run_id = ?", [identity.run_id]) or 0)


def write_batch(
    connection: "DuckDBPyConnection", pending: Pending, roster: Roster, identity: Identity, *, batch: int, interval_ns: int
) -> int:
    """Puts a batch into the tables, all of it or nothing; returns the rows written. A failed one may be tried again under its number."""
    connection.execute("BEGIN")
    try:
        rows = _write(connection, pending, roster, identity, interval_ns)
        connection.execute(bound("UPDATE progress SET batch = ?, ts = ? WHERE run_id = ?", [batch, int(pending.at), identity.run_id]))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return rows


def _write(connection: "DuckDBPyConnection", pending: Pending, roster: Roster, identity: Identity, interval_ns: int) -> int:
    whose = {"source": identity.source_id, "run": identity.run_id}
    bar_rows = [roster.symbol_row(batch.symbol) for batch in pending.bars]
    volatility_rows = [roster.symbol_row(history.symbol) for history in pending.volatility]
    name_marks(pending.marks, roster)
    roster.resolve(connection, identity)
    rows = 0
    if pending.quotes:
        rows += _write_quotes(connection, pending, roster, whose, interval_ns)
    if pending.trades:
        columns = _with_instruments(joined(pending.trades), roster)
        columns["symbol_id"] = roster.symbol_ids[roster.symbol[columns.pop("handle")]]
        with registered(connection, "incoming", columns):
            connection.execute(bound(_TRADES, whose))
        rows += columns["ts"].shape[0]
    if pending.bars:
        rows += _upsert(connection, _BARS, bar_columns(pending.bars, bar_rows), roster, whose)
    if pending.volatility:
        rows += _upsert(connection, _VOLATILITY, volatility_columns(pending.volatility, volatility_rows), roster, whose)
    if pending.conditions:
        with registered(
            connection,
            "incoming",
            {
                "ts": np.array([condition.at for condition in pending.conditions], np.int64),
                "state": texts(condition.state for condition in pending.conditions),
                "reason": texts(condition.reason for condition in pending.conditions),
            },
        ):
            connection.execute(bound("INSERT INTO feed_states SELECT ts, state, reason, $source, $run FROM incoming", whose))
        rows += len(pending.conditions)
    if pending.marks.surfaces:
        rows += write_surfaces(connection, pending.marks.surfaces, roster, whose)
    rows += write_marks(connection, pending.marks, roster, whose)
    for chain in pending.chains:
        rows += write_chain(connection, chain, roster, identity)
    if pending.latest and pending.latest["handle"].shape[0]:
        _write_latest(connection, pending.latest, roster, whose)
    return rows


def write_chain(connection: "DuckDBPyConnection", chain: ChainRows, roster: Roster, identity: Identity) -> int:
    """One chain snapshot; 0 rows where the store holds that very chain already. The roster is resolved."""
    if chain.content and one(connection, "SELECT count(*) FROM snapshots WHERE content = ?", [chain.content]):
        return 0
    columns = _with_instruments(chain.rows, roster)
    contracts = columns.pop("handle").shape[0]
    snapshot = one(connection, "SELECT coalesce(max(id), 0) + 1 FROM snapshots")
    connection.execute(
        bound(
            "INSERT INTO snapshots (id, symbol_id, ts, kind, spot, contracts, source_id, run_id, content) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                snapshot,
                int(roster.symbol_ids[chain.symbol]),
                int(chain.at),
                chain.kind,
                None if np.isnan(chain.spot) else float(chain.spot),
                contracts,
                identity.source_id,
                identity.run_id,
                chain.content,
            ],
        ),
    )
    with registered(connection, "incoming", columns):
        connection.execute(bound(_CHAIN, {"snapshot": snapshot, "ts": int(chain.at), "source": identity.source_id, "run": identity.run_id}))
    return int(contracts)


def _write_quotes(connection: "DuckDBPyConnection", pending: Pending, roster: Roster, whose: dict[str, int], interval_ns: int) -> int:
    columns = _with_instruments(joined(pending.quotes), roster)
    columns.pop("handle")
    if not pending.quotes_replace:
        with registered(connection, "incoming", columns):
            connection.execute(bound(_QUOTES, whose))
        return int(columns["ts"].shape[0])
    columns["place"] = np.arange(columns["ts"].shape[0])
    columns["slot"] = columns["ts"] // interval_ns
    first = int(columns["slot"].min()) * interval_ns
    with registered(connection, "incoming", columns):
        connection.execute(
            bound(
                "DELETE FROM quotes USING incoming i WHERE quotes.ts >= $first AND quotes.run_id = $run "
                "AND quotes.instrument_id = i.instrument_id AND quotes.ts // $interval = i.slot",
                {"first": first, "interval": interval_ns, "run": whose["run"]},
            ),
        )
        connection.execute(bound(_QUOTES + " QUALIFY row_number() OVER (PARTITION BY instrument_id, slot ORDER BY place DESC) = 1", whose))
    return int(columns["ts"].shape[0])


def _write_latest(connection: "DuckDBPyConnection", latest: Columns, roster: Roster, whose: dict[str, int]) -> None:
    columns = _with_instruments(latest, roster)
    columns.pop("handle")
    newest_first = columns["instrument_id"][::-1]
    chosen = newest_first.shape[0] - 1 - np.unique(newest_first, return_index=True)[1]
    with registered(connection, "incoming", {name: column[chosen] for name, column in columns.items()}):
        connection.execute(bound(_LATEST_UPDATE, whose))
        connection.execute(bound(_LATEST_INSERT, whose))


def _upsert(connection: "DuckDBPyConnection", statement: str, columns: Columns, roster: Roster, whose: dict[str, int]) -> int:
    columns["symbol_id"] = roster.symbol_ids[columns.pop("symbol")]
    with registered(connection, "incoming", columns):
        found = connection.execute(bound(statement, whose)).fetchall()
    return int(found[0][0]) if found else 0


def _with_instruments(rows: Columns, roster: Roster) -> Columns:
    return {**rows, "instrument_id": roster.instrument_ids[rows["handle"]]}
