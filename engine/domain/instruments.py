"""What can be quoted: securities, option series and contracts, with the terms that pricing and orders depend on."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from engine.domain.ids import ContractId, SeriesId, Symbol, UtcNanos


class AssetKind(StrEnum):
    """What an underlying is."""

    STOCK = "stock"
    ETF = "etf"
    INDEX = "index"
    CRYPTO = "crypto"
    FUTURE = "future"


class Market(StrEnum):
    """The yellow key behind a ticker: ``SPY US Equity``, ``VIX Index``, ``BTC Curncy``."""

    EQUITY = "Equity"
    INDEX = "Index"
    CURRENCY = "Curncy"
    COMMODITY = "Comdty"


class Right(StrEnum):
    """Call or put."""

    CALL = "C"
    PUT = "P"


class Style(StrEnum):
    """When it may be exercised."""

    EUROPEAN = "european"
    AMERICAN = "american"


class Settlement(StrEnum):
    """Against which print it settles: the opening one (AM), the closing one (PM), or the crypto venues' 08:00 UTC average."""

    AM = "AM"
    PM = "PM"
    UTC8 = "UTC8"


class SettledIn(StrEnum):
    """What changes hands at exercise."""

    CASH = "cash"
    SHARES = "shares"
    COIN = "coin"


class SessionName(StrEnum):
    """Which calendar of sessions it trades in (see ``engine.domain.calendar``)."""

    NYSE = "nyse"
    """Stocks, ETFs and their options: 09:30 to 16:00 New York (ETF options of the broad lists to 16:15)."""
    CBOE_INDEX = "cboe-index"
    """SPX, VIX: regular hours 09:30 to 16:15 New York."""
    CRYPTO = "crypto"
    """All hours of all days, UTC."""


class Security(Struct, frozen=True, kw_only=True):
    """An underlying: share, fund, index or coin."""

    symbol: Symbol
    name: str
    kind: AssetKind
    market: Market
    currency: str = "USD"
    session: SessionName = SessionName.NYSE
    tick: float = 0.01
    """Smallest price step, in its currency."""
    tradable: bool = True
    """An index is quoted, not traded."""
    dividend_yield: float = 0.0
    """Continuous, a fraction a year, as the feed states it; 0 where it states none."""
    next_earnings: date | None = None
    next_ex_dividend: date | None = None
    next_dividend_amount: float | None = None
    """In currency a share."""
    sector: str = ""


class TickRule(Struct, frozen=True, kw_only=True):
    """Price steps of an option: ``small`` under ``threshold``, ``large`` from it on (equal where one step rules)."""

    small: float
    large: float
    threshold: float


class OptionSeries(Struct, frozen=True, kw_only=True):
    """All strikes that share root, expiry, settlement, style and multiplier: the unit in which a chain is listed, fitted and watched."""

    id: SeriesId
    underlying: Symbol
    root: str
    expiry: date
    """The date in the contract's name. An AM series last trades on the session before."""
    settlement: Settlement
    style: Style
    settled_in: SettledIn
    multiplier: float
    """Units of the underlying a contract."""
    currency: str
    tick_rule: TickRule
    settles_at: UtcNanos
    """The instant whose price decides: time to expiry runs to it."""
    last_trade_at: UtcNanos
    inverse: bool = False
    """Premium paid and settled in the coin itself."""
    weekly: bool = False
    adjusted: bool = False
    """The deliverable is not the plain one (a split, a merger, a special dividend)."""
    deliverable: str = ""
    """In words, where it is not the plain one."""


class Contract(Struct, frozen=True, kw_only=True):
    """One option: a series, a strike and a right."""

    id: ContractId
    series: OptionSeries
    strike: float
    right: Right


def series_id(root: str, expiry: date, settlement: Settlement) -> SeriesId:
    """The one spelling of a series: ``SPXW/2026-11-24/PM``."""
    return SeriesId(f"{root}/{expiry.isoformat()}/{settlement}")
