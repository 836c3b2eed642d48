"""Everything the engine can be asked, each with the struct that answers it."""

from enum import StrEnum

from msgspec import Struct

from engine.domain.chain import ChainSlice, SeriesSummary
from engine.domain.columns import Bytes, Floats, Longs
from engine.domain.ids import RunId, SeriesId, SourceId, Symbol, UtcNanos
from engine.domain.instruments import Contract, Security
from engine.domain.market import FeedState
from engine.messages.base import Query


class EngineRole(StrEnum):
    """How an engine stands to its data folder."""

    OWNER = "owner"
    """Others may attach to it."""
    PRIVATE = "private"
    """On a scratch store, for itself alone: a one-shot command, a replay, a feed other than the owner's."""


class StoreStatus(Struct, frozen=True, kw_only=True):
    """How the recorder and its database do."""

    path: str
    """"" while no store is open."""
    healthy: bool
    trouble: str
    rows_written: int
    batches_written: int
    last_write_at: UtcNanos
    size_bytes: int
    budget_bytes: int
    queue_rows: int
    """Waiting to be written."""
    shed_rows: int
    """Not written because the writer was too slow."""


class EngineStatus(Struct, frozen=True, kw_only=True):
    """The engine at a glance: SYS shows it, the app bar has its badge. The tier is ``numpy`` or ``numba``, the lag the p99 of a minute."""

    version: str
    run: RunId
    role: EngineRole
    pid: int
    source: SourceId
    simulated: bool
    own_clock: bool
    delayed_minutes: float
    feed_state: FeedState
    feed_reason: str
    feed_note: str
    speed: float
    """Factor of the feed's own clock; 1 for a wall clock."""
    market_time: UtcNanos
    wall_time: UtcNanos
    started_at: UtcNanos
    default_symbol: Symbol
    store: StoreStatus
    instruments: int
    updates: int
    """Rows of quotes and trades applied since the start."""
    updates_per_second: float
    loop_lag_ms: float
    cpu_seconds: float
    resident_bytes: int
    watchers: int
    numeric_tier: str
    threads: int
    recording_to: str
    """The tape being written; "" where none is."""
    saved_at: UtcNanos = UtcNanos(0)
    """When a frozen file was saved, where its market stands at another instant; 0 otherwise."""
    continuation: dict[str, str | int | float | bool] = {}
    """Options of the feed with which another engine goes on with this market from where it is; empty where none can."""


class GetStatus(Query[EngineStatus], frozen=True):
    """How is the engine?"""


class PluginInfo(Struct, frozen=True, kw_only=True):
    """An installed plugin and whether it can be used."""

    name: str
    role: str
    title: str
    summary: str
    distribution: str
    shipped: bool
    allowed: bool
    usable: bool
    trouble: str
    """Why not, and what to do; "" where it is usable."""
    takes_argument: str
    simulated: bool
    delayed_minutes: float


class PluginList(Struct, frozen=True, kw_only=True):
    """All installed plugins."""

    plugins: tuple[PluginInfo, ...]


class ListPlugins(Query[PluginList], frozen=True):
    """Which feeds (and, later, brokers) are there?"""


class Quote(Struct, frozen=True, kw_only=True):
    """An underlying now: the security bar and a watchlist's row. NaN is "unknown"."""

    security: Security
    source: SourceId
    state: FeedState
    as_of: UtcNanos
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    last: float
    previous_close: float
    change: float
    """last - previous_close."""
    change_fraction: float
    open: float
    high: float
    low: float
    volume: float
    verdict: int
    iv30: float
    """30-day constant-maturity at-the-forward IV, total variance interpolated; a fraction."""
    iv_rank: float
    """(iv - min) / (max - min) over the stored sessions, 0 to 1; NaN under 120 of them."""
    iv_percentile: float
    iv_sessions: int
    """How many stored sessions rank and percentile stand on."""
    realized_30: float
    """Close-to-close, 30 sessions, annualised by 252; a fraction."""
    risk_reversal_25: float
    """At 30 days; iv(25-delta call) - iv(25-delta put)."""
    put_call_volume: float
    """Put volume over call volume, all listed expiries."""
    expected_move_day: float
    """One standard deviation to the end of one calendar day, from iv30."""
    day_line: Floats
    """About 80 points of today's price, oldest first: the sparkline."""


class QuoteBoard(Struct, frozen=True, kw_only=True):
    """Several underlyings, in the order asked for; unknown names are left out and named."""

    quotes: tuple[Quote, ...]
    unknown: tuple[str, ...]


class GetQuotes(Query[QuoteBoard], frozen=True):
    """Where are these names? (Empty: all listed underlyings.)"""

    symbols: tuple[Symbol, ...] = ()
    complete: bool = False
    """Asked but once: wait, some seconds at most, until all figures of the names are there that can be."""


class SecurityMatches(Struct, frozen=True, kw_only=True):
    """Names that fit what was typed, best first."""

    securities: tuple[Security, ...]


class FindSecurities(Query[SecurityMatches], frozen=True):
    """Which names start with, or contain, this?"""

    text: str = ""
    limit: int = 20


class GetSecurity(Query[Security], frozen=True):
    """Which security has this symbol? The feed is asked before the answer is `UnknownSymbol`, with the names that come near."""

    symbol: Symbol


class ExpirationTable(Struct, frozen=True, kw_only=True):
    """All series of a name, nearest first."""

    symbol: Symbol
    source: SourceId
    spot: float
    as_of: UtcNanos
    expiries: tuple[SeriesSummary, ...]


class LastLook(Struct, frozen=True, kw_only=True):
    """What was on the screen of a name when it was looked at last: the first paint of the next start, marked old."""

    symbol: Symbol
    source: SourceId
    written_at: UtcNanos
    """Wall time."""
    market_time: UtcNanos
    quote: Quote
    expirations: ExpirationTable
    slices: tuple[ChainSlice, ...]


class GetExpirations(Query[ExpirationTable], frozen=True):
    """Which expiries are there, and what does each imply?"""

    symbol: Symbol


class Chain(Struct, frozen=True, kw_only=True):
    """Some or all series of a name, nearest first, with their numbers."""

    symbol: Symbol
    source: SourceId
    spot: float
    as_of: UtcNanos
    state: FeedState
    slices: tuple[ChainSlice, ...]


class GetChain(Query[Chain], frozen=True):
    """The chain: of the named series, or (none named) of the nearest, or of all; with the Greeks at the fitted smile where asked for."""

    symbol: Symbol
    series: tuple[SeriesId, ...] = ()
    everything: bool = False
    fit_greeks: bool = False


class ContractDetail(Struct, frozen=True, kw_only=True):
    """One contract and the security under it."""

    contract: Contract
    security: Security


class GetContract(Query[ContractDetail], frozen=True):
    """What is this contract? Accepts its id or a forgiving spelling (``spx 3875p nov17``)."""

    text: str


class BarTable(Struct, frozen=True, kw_only=True):
    """Bars, oldest first, each with the vwap of its own prints; the last one may still be growing: complete, once it is over."""

    symbol: Symbol
    source: SourceId
    seconds: int
    start: Longs
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats
    complete: bool
    session_open: UtcNanos
    """Start of the newest session in the table: VWAP lines are anchored to it."""
    filled: tuple[UtcNanos, ...] = ()
    """Starts of the daily bars among them that nobody recorded, and the feed was asked for afterwards."""


class GetBars(Query[BarTable], frozen=True):
    """Bars of an underlying: ``seconds`` is 60, 120, 300, 900, 1800, 3600 or 86_400; the newest ``limit`` of them."""

    symbol: Symbol
    seconds: int = 120
    limit: int = 390
    until: UtcNanos | None = None
    """Only bars that start before this instant."""


class VolatilityTable(Struct, frozen=True, kw_only=True):
    """Daily constant-maturity volatility of a name, oldest first."""

    symbol: Symbol
    source: SourceId
    day: Longs
    atm_iv: Floats
    risk_reversal_25: Floats
    butterfly_25: Floats


class GetVolatilityHistory(Query[VolatilityTable], frozen=True):
    """How has 30-day implied volatility moved?"""

    symbol: Symbol
    sessions: int = 252


class TradeTable(Struct, frozen=True, kw_only=True):
    """Prints, newest first."""

    symbol: Symbol
    source: SourceId
    at: Longs
    name: tuple[str, ...]
    """Contract id, or the symbol itself for a print of the underlying."""
    price: Floats
    size: Floats
    side: Bytes
    flags: Bytes
    bid: Floats
    """Quote in force at the print."""
    ask: Floats
    spot: Floats
    total: int
    """Prints of this name since the engine started; the table holds the newest of them."""


class GetTrades(Query[TradeTable], frozen=True):
    """The tape of a name and its options."""

    symbol: Symbol
    limit: int = 200
    options_only: bool = True


class SymbolQuality(Struct, frozen=True, kw_only=True):
    """How good the quotes of one name's options are just now."""

    symbol: Symbol
    contracts: int
    two_sided: int
    no_bid: int
    no_ask: int
    locked: int
    crossed: int
    wide: int
    stale: int
    malformed: int
    below_intrinsic: int
    median_age: float
    """Seconds since the last quote, by market time."""
    oldest_age: float
    updates: int


class FeedQuality(Struct, frozen=True, kw_only=True):
    """What DATA shows. ``since`` is when the state began, ``last_event_at`` the wall time of the newest batch."""

    source: SourceId
    state: FeedState
    reason: str
    since: UtcNanos
    last_event_at: UtcNanos
    updates_per_second: float
    batches: int
    rows: int
    dropped_rows: int
    """Rows with unknown handles or nonsense in them, late ones, and trades sent again."""
    lag_edges_ms: Floats
    """Edges of the lag histogram (venue's time to applied), one more than counts."""
    lag_counts: Longs
    symbols: tuple[SymbolQuality, ...]
    gaps: tuple[str, ...]
    """The newest interruptions, in words."""


class GetFeedQuality(Query[FeedQuality], frozen=True):
    """Can the data be believed?"""


class Watchlist(Struct, frozen=True, kw_only=True):
    """A named list of underlyings and the columns it is shown with."""

    name: str
    symbols: tuple[Symbol, ...]
    columns: tuple[str, ...] = ()


class WatchlistSet(Struct, frozen=True, kw_only=True):
    """All lists, in the user's order."""

    lists: tuple[Watchlist, ...]


class GetWatchlists(Query[WatchlistSet], frozen=True):
    """Which watchlists are there?"""


class TableInfo(Struct, frozen=True, kw_only=True):
    """One table of the store."""

    name: str
    rows: int
    first_at: UtcNanos
    last_at: UtcNanos


class DatabaseInfo(Struct, frozen=True, kw_only=True):
    """The store: where, how big, since when."""

    path: str
    store: str
    schema_version: int
    size_bytes: int
    archive_bytes: int
    budget_bytes: int
    tables: tuple[TableInfo, ...]
    runs: int


class GetDatabaseInfo(Query[DatabaseInfo], frozen=True):
    """What has been recorded?"""


class SnapshotTable(Struct, frozen=True, kw_only=True):
    """Chains put into the history, newest first."""

    symbols: tuple[Symbol, ...]
    sources: tuple[str, ...]
    at: Longs
    contracts: Longs


class GetSnapshots(Query[SnapshotTable], frozen=True):
    """Which chain snapshots does the history hold? ("" is all names.)"""

    symbol: Symbol = Symbol("")
    limit: int = 100


class SettingValue(Struct, frozen=True, kw_only=True):
    """One setting, its value and where it was set."""

    key: str
    value: str | int | float | bool | tuple[str, ...]
    default: str | int | float | bool | tuple[str, ...]
    origin: str
    """``default``, ``file``, ``environment`` or ``flag``, and which."""
    unit: str
    what: str


class SettingTable(Struct, frozen=True, kw_only=True):
    """All settings."""

    settings: tuple[SettingValue, ...]
    path: str


class GetSettings(Query[SettingTable], frozen=True):
    """What is set, and by whom?"""
