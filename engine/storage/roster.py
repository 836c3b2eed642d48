"""Who is who: the feed's handles, and the database's own small integer ids for the names behind them, the same after every restart."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Bytes, Floats, Ints
from engine.domain.ids import Symbol
from engine.domain.instruments import OptionSeries, Security, SessionName
from engine.domain.market import Listing
from engine.storage.sql import Identity, bound, registered, texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNKNOWN = -1

_TERMS = (
    "root settlement style settled_in multiplier currency settles_at last_trade_at inverse weekly adjusted deliverable "
    "tick_small tick_large tick_threshold"
).split()
_FILL_TERMS = (
    "UPDATE series SET expiry = i.expiry::DATE, "  # noqa: S608 (column names of our own)
    + ", ".join(f"{name} = i.{name}" for name in _TERMS)
    + " FROM incoming i WHERE series.series = i.series AND series.tick_small IS NULL"
)
"""Of a series that an older version or the archive alone knew."""


class Roster:
    """Names by handle, as listed; ids by handle, as resolved. Used by one thread."""

    def __init__(self) -> None:
        self.name: list[str] = []
        self.strike: Floats = np.empty(0)
        self.right: Bytes = np.empty(0, np.int8)
        self.listed: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.symbol: Ints = np.empty(0, np.int32)
        """Row in ``symbols``."""
        self.symbols: list[Symbol] = []
        self.symbol_ids: Ints = np.empty(0, np.int32)
        self.spot_handle: list[int] = []
        """The security's own handle by row of ``symbols``; -1 where it is not quoted."""
        self.instrument_ids: Ints = np.empty(0, np.int32)
        self._series: Ints = np.empty(0, np.int32)
        self._series_terms: list[OptionSeries] = []
        self._series_rows: dict[str, int] = {}
        self._securities: dict[Symbol, Security] = {}
        self._rows: dict[Symbol, int] = {}
        self._dirty = False

    @property
    def size(self) -> int:
        """Handles run below it."""
        return len(self.name)

    def known(self, handle: Ints) -> NDArray[np.bool_]:
        """Which of these were listed."""
        inside = (handle >= 0) & (handle < self.size)
        if inside.all():
            return self.listed[handle]
        found = np.zeros(handle.shape[0], np.bool_)
        found[inside] = self.listed[handle[inside]]
        return found

    def settled(self, handle: Ints, instant: int) -> NDArray[np.bool_]:
        """Which of these options had settled by an instant."""
        settles_at = np.array([*(series.settles_at for series in self._series_terms), np.iinfo(np.int64).max], np.int64)
        found: NDArray[np.bool_] = settles_at[self._series[handle]] <= instant  # what is of no series takes the last: never
        return found

    def symbol_row(self, symbol: Symbol) -> int:
        """The row of a symbol, new or old."""
        row = self._rows.get(symbol)
        if row is None:
            row = self._rows[symbol] = len(self.symbols)
            self.symbols.append(symbol)
            self.spot_handle.append(UNKNOWN)
            self.symbol_ids = np.append(self.symbol_ids, np.int32(UNKNOWN))
            self._dirty = True
        return row

    def add_series(self, series: OptionSeries) -> None:
        """A series that a surface names; its terms are kept where they are not yet."""
        if series.id not in self._series_rows:
            self.symbol_row(series.underlying)
            self._series_row(series)
            self._dirty = True

    def session(self, symbol: Symbol) -> SessionName:
        """The calendar of a name, as listed."""
        security = self._securities.get(symbol)
        return security.session if security is not None else SessionName.NYSE

    def add(self, listing: Listing) -> None:
        """Takes a listing in; a handle listed anew is whatever it is called now."""
        if not listing.handle.shape[0]:
            return
        self._grow(int(listing.handle.max()) + 1)
        for security in listing.securities:
            self.symbol_row(security.symbol)
            self._securities[security.symbol] = security
        series_rows = [self._series_row(series) for series in listing.series]
        underlying = [self.symbol_row(series.underlying) for series in listing.series]
        for handle, security_index, series_index, name in zip(
            listing.handle.tolist(), listing.security.tolist(), listing.series_index.tolist(), listing.name, strict=True
        ):
            self.name[handle] = name
            if series_index >= 0:
                self.symbol[handle] = underlying[series_index]
                self._series[handle] = series_rows[series_index]
            else:
                row = self.symbol_row(listing.securities[security_index].symbol if security_index >= 0 else Symbol(name))
                self.symbol[handle] = row
                self._series[handle] = UNKNOWN
                self.spot_handle[row] = handle
        self.strike[listing.handle] = listing.strike
        self.right[listing.handle] = listing.right
        self.instrument_ids[listing.handle] = UNKNOWN
        self.listed[listing.handle] = True
        self._dirty = True

    def forget_ids(self) -> None:
        """The database was opened anew or a batch failed: look the ids up again."""
        self.symbol_ids = np.full(len(self.symbols), UNKNOWN, np.int32)
        self.instrument_ids = np.full(self.size, UNKNOWN, np.int32)
        self._dirty = True

    def resolve(self, connection: "DuckDBPyConnection", identity: Identity) -> None:
        """Looks up, and gives out, ids for all that is listed; part of the caller's transaction."""
        if not self._dirty:
            return
        self._resolve_symbols(connection, identity)
        self._keep_securities(connection, identity)
        series_ids = self._resolve_series(connection, identity)
        handles = np.flatnonzero(self.listed & (self.instrument_ids < 0)).astype(np.int32)
        if handles.shape[0]:
            self._resolve_instruments(connection, identity, handles, series_ids)
        self._dirty = False

    def _grow(self, size: int) -> None:
        more = size - self.size
        if more <= 0:
            return
        self.name.extend([""] * more)
        self.strike = np.append(self.strike, np.full(more, np.nan))
        self.right = np.append(self.right, np.zeros(more, np.int8))
        self.listed = np.append(self.listed, np.zeros(more, np.bool_))
        self.symbol = np.append(self.symbol, np.full(more, UNKNOWN, np.int32))
        self.instrument_ids = np.append(self.instrument_ids, np.full(more, UNKNOWN, np.int32))
        self._series = np.append(self._series, np.full(more, UNKNOWN, np.int32))

    def _series_row(self, series: OptionSeries) -> int:
        row = self._series_rows.get(series.id)
        if row is None:
            row = self._series_rows[series.id] = len(self._series_terms)
            self._series_terms.append(series)
        else:
            self._series_terms[row] = series
        return row

    def _resolve_symbols(self, connection: "DuckDBPyConnection", identity: Identity) -> None:
        rows = np.flatnonzero(self.symbol_ids < 0).astype(np.int32)
        if not rows.shape[0]:
            return
        columns = {"place": rows, "symbol": texts(self.symbols[row] for row in rows.tolist())}
        with registered(connection, "incoming", columns):
            connection.execute(
                bound(
                    """INSERT INTO symbols (id, symbol, source_id, run_id)
                SELECT (SELECT coalesce(max(id), 0) FROM symbols) + row_number() OVER (ORDER BY place), symbol, ?, ?
                FROM incoming ANTI JOIN symbols USING (symbol)""",
                    [identity.source_id, identity.run_id],
                ),
            )
            found = connection.execute("SELECT place, id FROM incoming JOIN symbols USING (symbol)").fetchnumpy()
        self.symbol_ids[found["place"]] = found["id"]

    def _keep_securities(self, connection: "DuckDBPyConnection", identity: Identity) -> None:
        """What is said of a security now replaces what was said."""
        if not self._securities:
            return
        known = list(self._securities.values())
        columns = {
            "symbol_id": self.symbol_ids[[self._rows[entry.symbol] for entry in known]],
            "name": texts(entry.name for entry in known),
            "kind": texts(entry.kind for entry in known),
            "market": texts(entry.market for entry in known),
            "currency": texts(entry.currency for entry in known),
            "session": texts(entry.session for entry in known),
            "tick": np.array([entry.tick for entry in known]),
        }
        with registered(connection, "incoming", columns):
            connection.execute(
                bound(
                    """INSERT INTO securities SELECT symbol_id, name, kind, market, currency, session, tick, ?, ? FROM incoming
                ANTI JOIN securities USING (symbol_id, name, kind, market, currency, session, tick)
                ON CONFLICT (symbol_id) DO UPDATE SET name = excluded.name, kind = excluded.kind, market = excluded.market,
                currency = excluded.currency, session = excluded.session, tick = excluded.tick""",
                    [identity.source_id, identity.run_id],
                ),
            )

    def _resolve_series(self, connection: "DuckDBPyConnection", identity: Identity) -> Ints:
        terms = self._series_terms
        ids = np.full(len(terms), UNKNOWN, np.int32)
        if not terms:
            return ids
        columns = {
            "place": np.arange(len(terms), dtype=np.int32),
            "symbol_id": self.symbol_ids[[self._rows[entry.underlying] for entry in terms]],
            "series": texts(entry.id for entry in terms),
            "root": texts(entry.root for entry in terms),
            "expiry": texts(entry.expiry.isoformat() for entry in terms),
            "settlement": texts(entry.settlement for entry in terms),
            "style": texts(entry.style for entry in terms),
            "settled_in": texts(entry.settled_in for entry in terms),
            "multiplier": np.array([entry.multiplier for entry in terms]),
            "currency": texts(entry.currency for entry in terms),
            "settles_at": np.array([entry.settles_at for entry in terms], np.int64),
            "last_trade_at": np.array([entry.last_trade_at for entry in terms], np.int64),
            "inverse": np.array([entry.inverse for entry in terms]),
            "weekly": np.array([entry.weekly for entry in terms]),
            "adjusted": np.array([entry.adjusted for entry in terms]),
            "deliverable": texts(entry.deliverable for entry in terms),
            "tick_small": np.array([entry.tick_rule.small for entry in terms]),
            "tick_large": np.array([entry.tick_rule.large for entry in terms]),
            "tick_threshold": np.array([entry.tick_rule.threshold for entry in terms]),
        }
        with registered(connection, "incoming", columns):
            connection.execute(
                bound(
                    """INSERT INTO series (id, series, symbol_id, root, expiry, settlement, style, settled_in, multiplier, currency,
                    settles_at, last_trade_at, inverse, weekly, adjusted, deliverable, source_id, run_id, tick_small, tick_large,
                    tick_threshold)
                SELECT (SELECT coalesce(max(id), 0) FROM series) + row_number() OVER (ORDER BY place), series, symbol_id, root,
                    expiry::DATE, settlement, style, settled_in, multiplier, currency, settles_at, last_trade_at, inverse, weekly,
                    adjusted, deliverable, ?, ?, tick_small, tick_large, tick_threshold
                FROM incoming ANTI JOIN series USING (series)""",
                    [identity.source_id, identity.run_id],
                ),
            )
            connection.execute(_FILL_TERMS)
            found = connection.execute("SELECT i.place, s.id FROM incoming i JOIN series s USING (series)").fetchnumpy()
        ids[found["place"]] = found["id"]
        return ids

    def _resolve_instruments(self, connection: "DuckDBPyConnection", identity: Identity, handles: Ints, series_ids: Ints) -> None:
        places = self._series[handles]
        series = series_ids[places] if series_ids.shape[0] else places
        columns = {
            "place": handles,
            "name": texts(self.name[handle] for handle in handles.tolist()),
            "symbol_id": self.symbol_ids[self.symbol[handles]],
            "series_id": np.where(places < 0, UNKNOWN, series).astype(np.int32),
            "strike": self.strike[handles],
            "option_right": self.right[handles],
        }
        with registered(connection, "incoming", columns):
            connection.execute(
                bound(
                    """INSERT INTO instruments
                SELECT (SELECT coalesce(max(id), 0) FROM instruments) + row_number() OVER (ORDER BY place), name, symbol_id,
                    nullif(series_id, -1), strike, option_right, ?, ?
                FROM (FROM incoming QUALIFY row_number() OVER (PARTITION BY name ORDER BY place) = 1) ANTI JOIN instruments USING (name)""",
                    [identity.source_id, identity.run_id],
                ),
            )
            found = connection.execute("SELECT i.place, n.id FROM incoming i JOIN instruments n USING (name)").fetchnumpy()
        self.instrument_ids[found["place"]] = found["id"]
