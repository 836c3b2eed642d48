"""A chain file, understood: one underlying, its options in columns, both its instants, and what was odd about it."""

from msgspec import Struct

from engine.domain.columns import Bytes, Floats, Ints, Longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import OptionSeries, Security
from plugins.chainfiles.shapes import Shape


class Skipped(Struct, frozen=True, kw_only=True):
    """Rows that could not be used, for one reason."""

    reason: str
    count: int
    first_line: int
    """Counted from 1; for JSON the number of the entry."""


class Underlying(Struct, frozen=True, kw_only=True):
    """What the file says of the security itself; NaN is "not said"."""

    last: float
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    open: float
    high: float
    low: float
    previous_close: float
    volume: float
    last_at: UtcNanos
    """Time of its last trade, 0 where not said."""


class Contracts(Struct, frozen=True, kw_only=True):
    """All options of the file, by expiry, root, strike, call before put. Prices as the file has them: a bid of 0 is 0 here."""

    name: tuple[str, ...]
    """OSI, 21 characters."""
    series: Ints
    """Index into ``ChainFile.series``."""
    strike: Floats
    right: Bytes
    """+1 call, -1 put."""
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
    vendor_iv: Floats
    """A fraction; NaN where the vendor computed none, placeholders included."""
    vendor_delta: Floats
    last_at: Longs
    """Time of the last trade, ns UTC, 0 where not said."""

    def __len__(self) -> int:
        return len(self.name)


class ChainFile(Struct, frozen=True, kw_only=True):
    """One file, read."""

    name: str
    """Without its folder."""
    shape: Shape
    symbol: Symbol
    security: Security
    underlying: Underlying
    spot: float
    """NaN where it is neither said nor to be had from parity."""
    spot_from: str
    saved_at: UtcNanos
    """The file's own instant."""
    saved_from: str
    """How that instant was found."""
    market_at: UtcNanos
    """The instant the market stands at: time to expiry runs from here."""
    market_from: str
    series: tuple[OptionSeries, ...]
    contracts: Contracts
    skipped: tuple[Skipped, ...]
    troubles: tuple[str, ...]
    """What a reader has to know before trusting it, a sentence each: cut, spoiled, a spot of another moment."""
    counts: tuple[str, ...]
    """How many contracts are odd, a phrase a kind."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Everything odd about it."""
        return (*self.troubles, *self.counts)

    @property
    def skipped_rows(self) -> int:
        """How many rows could not be used."""
        return sum(entry.count for entry in self.skipped)
