"""What the history answers beside the market's own batches: rows by name, since handles are gone. NaN is "unknown", instant 0 is "never".

Bars and daily volatility are answered as the feed told them: :class:`engine.domain.market.BarBatch` and ``VolatilityHistory``.
"""

from msgspec import Struct

from engine.domain.columns import Bytes, Floats, Longs
from engine.domain.ids import Symbol, UtcNanos


class StoredTrades(Struct, frozen=True, kw_only=True):
    """Prints, newest first."""

    symbol: Symbol
    at: Longs
    name: tuple[str, ...]
    price: Floats
    size: Floats
    side: Bytes
    flags: Bytes
    event_at: Longs
    bid: Floats
    """Quote in force at the print."""
    ask: Floats
    spot: Floats


class StoredFlow(Struct, frozen=True, kw_only=True):
    """What was heard of a name's option prints on one day, by contract."""

    symbol: Symbol
    name: tuple[str, ...]
    """Contract ids."""
    right: Bytes
    """+1 call, -1 put."""
    volume: Floats
    at_ask: Floats
    """Of the volume, what met the ask or was above it."""
    premium: Floats
    """Dollars, as the two below; prints of which it is unknown add nothing."""
    bought: Floats
    sold: Floats
    prints: Longs
    priced: Longs
    """Prints whose premium is known."""
    first: UtcNanos
    """Market time of the first print."""
    last: UtcNanos
    gaps: tuple[tuple[int, int], ...]
    """From when to when nobody listened, after the first run that did."""


class StoredQuotes(Struct, frozen=True, kw_only=True):
    """Recorded quotes of one contract, oldest first."""

    contract: str
    at: Longs
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    event_at: Longs
    seconds: Longs
    """Width of the sample; 0 as recorded."""


class StoredLatest(Struct, frozen=True, kw_only=True):
    """What was last recorded of a name and all its contracts."""

    symbol: Symbol
    name: tuple[str, ...]
    at: Longs
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    last: Floats
    open: Floats
    high: Floats
    low: Floats
    previous_close: Floats
    volume: Floats
    open_interest: Floats
    last_at: Longs
    vendor_iv: Floats
    vendor_delta: Floats


class StoredChain(Struct, frozen=True, kw_only=True):
    """One chain snapshot, by contract."""

    symbol: Symbol
    source: str
    kind: str
    at: UtcNanos
    spot: float
    contract: tuple[str, ...]
    strike: Floats
    right: Bytes
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    last: Floats
    volume: Floats
    open_interest: Floats
    vendor_iv: Floats
    vendor_delta: Floats
    quoted_at: Longs


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import put into the history."""

    symbols: tuple[Symbol, ...]
    """Whose chains the file holds."""
    contracts: int
    snapshots_added: int
    """0 where the history held them already."""
    rows_added: int
    at: UtcNanos
    """Instant of the chain."""
