"""The volatility compass: volatility across names, and the volatility indices that each name's surface implies."""

from msgspec import Struct

from engine.domain.columns import Flags, Floats, Longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.market import FeedState
from engine.messages.base import Query


class CompassRow(Struct, frozen=True, kw_only=True):
    """One name's volatility. Volatilities and their differences are fractions a year; NaN is "unknown"."""

    symbol: Symbol
    name: str
    state: FeedState
    as_of: UtcNanos
    """Of the volatility; 0 where none is known."""
    spot: float
    change_fraction: float
    iv30: float
    """30-day constant-maturity, at the forward."""
    iv_change: float
    """Less its value at the last stored session's end."""
    rank: float
    """(iv - least) / (greatest - least), 0 to 1, of the sessions within the window and now."""
    percentile: float
    """Share of those sessions below now, 0 to 1."""
    sessions: int
    """How many rank and percentile stand on."""
    refusal: str
    """Why there is no rank; "" where there is one."""
    realized_20: float
    """Close to close, of so many sessions, without the present one; annualised by the sessions of a year."""
    realized_30: float
    premium: float
    """iv30 less realized_30."""
    ratio: float
    """iv30 over realized_30."""
    risk_reversal_25: float
    """At 30 days: iv(25-delta call) - iv(25-delta put)."""
    butterfly_25: float
    """At 30 days: (iv(25-delta call) + iv(25-delta put)) / 2 less that at the forward."""
    slope: float
    """At-the-forward volatility of 90 days less that of 30."""
    index: float
    """VIX-style, 30 days: root of the fair variance that the fitted smiles replicate."""
    put_call: float
    """Volume of the puts over that of the calls."""
    exposure: float
    """The dealers' net gamma exposure in the default convention, $ per 1 % of spot; a model. NaN where it was not computed."""
    filter: float
    """The Volatility Filter's estimate: volatility of the newest minutes beyond what their autoregression expects."""
    line: Floats
    """iv30 of the newest sessions (60 at most) and now, oldest first."""
    broken: tuple[str, ...]
    """Rules it breaks just now."""


class Compass(Struct, frozen=True, kw_only=True):
    """The names asked for, in that order."""

    source: SourceId
    as_of: UtcNanos
    window: int
    least: int
    """Sessions under which rank and percentile are refused."""
    rows: tuple[CompassRow, ...]
    unknown: tuple[str, ...]


class GetCompass(Query[Compass], frozen=True):
    """How does volatility stand across names? (None named: all that have options.)"""

    symbols: tuple[Symbol, ...] = ()
    window: int = 252
    """Sessions that rank and percentile look back on."""
    complete: bool = False
    """Asked but once: wait, some seconds at most, until all figures of the names are there that can be."""


class VolatilityIndex(Struct, frozen=True, kw_only=True):
    """A name's VIX-style term structure. Columns hold one number a maturity."""

    symbol: Symbol
    state: FeedState
    as_of: UtcNanos
    """Of the surface; 0 where there is none."""
    days: Longs
    value: Floats
    """Root of the fair variance the fitted smiles replicate, a fraction a year; NaN where no expiry lies on both sides."""
    atm_iv: Floats
    """At the forward, at the same maturities."""
    flags: Flags
    """:class:`engine.domain.volatility.MaturityFlag`."""
    official: tuple[str, ...]
    """The published index of each maturity; "" where there is none."""
    printed: Floats
    """Its print as a fraction a year; NaN where the feed has none."""
    printed_at: Longs
    expiry_days: Floats
    """Of the fitted expiries, for the picture of the term structure."""
    expiry_iv: Floats
    """At the forward."""
    refusal: str
    """Why there is no index; "" where there is one."""


class VolatilityIndexTable(Struct, frozen=True, kw_only=True):
    """The names asked for, in that order."""

    source: SourceId
    as_of: UtcNanos
    rows: tuple[VolatilityIndex, ...]
    unknown: tuple[str, ...]


class GetVolatilityIndices(Query[VolatilityIndexTable], frozen=True):
    """What is the VIX of this name? (None named: all that have options.) Days are calendar days."""

    symbols: tuple[Symbol, ...] = ()
    days: tuple[int, ...] = (9, 30, 90, 180, 365)
    complete: bool = False
    """Asked but once: fit what was not fitted yet."""
