"""What a market says, in columns: one frozen struct a batch, never an object a tick.

Rows name instruments by the feed's own dense *handles* (0, 1, 2 ...), given out by :class:`Listing`. Every batch carries the market's time
``at``: for a live feed the moment of receipt, for a synthetic, recorded or frozen market its own clock.
"""

from enum import IntEnum, IntFlag, StrEnum

from msgspec import Struct

from engine.domain.columns import Bytes, Floats, Ints, Longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import OptionSeries, Security


class Side(IntEnum):
    """Who was the aggressor of a print, where it is known."""

    UNKNOWN = 0
    BUY = 1
    SELL = -1


class Verdict(IntFlag):
    """What is wrong with a quote; 0 is a quote to trust."""

    FINE = 0
    NO_BID = 1
    NO_ASK = 2
    LOCKED = 4
    CROSSED = 8
    WIDE = 16
    STALE = 32
    BELOW_INTRINSIC = 64
    MALFORMED = 128


class PrintFlag(IntFlag):
    """What is special about a trade print."""

    PLAIN = 0
    SWEEP = 1
    BLOCK = 2
    MULTI_LEG = 4
    OPENING = 8
    CLOSING = 16
    CANCELLED = 32


class FeedState(StrEnum):
    """Whether a feed can be believed now."""

    CONNECTING = "connecting"
    LIVE = "live"
    DELAYED = "delayed"
    FROZEN = "frozen"
    """A market that stands still at its own instant: a file, the end of a tape."""
    CLOSED = "closed"
    """Its session is over; it will open again by itself."""
    DEGRADED = "degraded"
    DISCONNECTED = "disconnected"


class Listing(Struct, frozen=True, kw_only=True, tag="listing"):
    """New instruments: row i of the columns is the instrument with handle ``handle[i]``."""

    at: UtcNanos
    securities: tuple[Security, ...]
    series: tuple[OptionSeries, ...]
    handle: Ints
    security: Ints
    """Index into ``securities``; -1 for an option."""
    series_index: Ints
    """Index into ``series``; -1 for a security."""
    strike: Floats
    """NaN for a security."""
    right: Bytes
    """+1 call, -1 put, 0 security."""
    name: tuple[str, ...]
    """Contract ids, or the symbol of a security."""


class QuoteBatch(Struct, frozen=True, kw_only=True, tag="quotes"):
    """Best bid and offer of many instruments; NaN is "none". Later rows win over earlier ones of the same handle."""

    at: UtcNanos
    handle: Ints
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    event_at: Longs
    """The venue's own time, ns UTC; 0 where it says none."""


class TradeBatch(Struct, frozen=True, kw_only=True, tag="trades"):
    """Prints, in their order."""

    at: UtcNanos
    handle: Ints
    price: Floats
    size: Floats
    side: Bytes
    """:class:`Side`."""
    flags: Bytes
    """:class:`PrintFlag`."""
    event_at: Longs


class SummaryBatch(Struct, frozen=True, kw_only=True, tag="summaries"):
    """The day's state of instruments; NaN is "not said" and leaves what was known."""

    at: UtcNanos
    handle: Ints
    last: Floats
    open: Floats
    high: Floats
    low: Floats
    previous_close: Floats
    volume: Floats
    open_interest: Floats
    last_at: Longs
    """Time of the last trade, ns UTC; 0 where not said."""
    vendor_iv: Floats
    """The vendor's own implied volatility, a fraction, beside ours; NaN where it gives none."""
    vendor_delta: Floats


class BarBatch(Struct, frozen=True, kw_only=True, tag="bars"):
    """History of one security in bars of one length, oldest first; a bar's time is its start."""

    at: UtcNanos
    symbol: Symbol
    seconds: int
    """Length of a bar: 60, or 86_400 for daily sessions."""
    start: Longs
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats


class VolatilityHistory(Struct, frozen=True, kw_only=True, tag="volatility_history"):
    """Daily closes of constant-maturity (30-day) volatility of one underlying, oldest first."""

    at: UtcNanos
    symbol: Symbol
    day: Longs
    """Start of the session's date, ns UTC."""
    atm_iv: Floats
    """Fraction a year, at-the-money-forward."""
    risk_reversal_25: Floats
    """iv(25-delta call) - iv(25-delta put), a fraction."""
    butterfly_25: Floats
    """(iv(25-delta call) + iv(25-delta put)) / 2 - atm_iv, a fraction."""


class FeedCondition(Struct, frozen=True, kw_only=True, tag="condition"):
    """The feed's own word on its health."""

    at: UtcNanos
    state: FeedState
    reason: str = ""
    expected_gap: float = 5.0
    """Seconds without data after which a LIVE feed is to be taken as stale."""


class Pulse(Struct, frozen=True, kw_only=True, tag="pulse"):
    """Time passed and nothing else: keeps the clock of a market that has its own."""

    at: UtcNanos


FeedEvent = Listing | QuoteBatch | TradeBatch | SummaryBatch | BarBatch | VolatilityHistory | FeedCondition | Pulse
"""Everything a feed can say. A tape is a row of these."""
