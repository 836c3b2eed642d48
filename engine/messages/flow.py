"""Option flow: prints that were classified, what they add up to, the contracts most traded, and where the open interest lies."""

from enum import StrEnum
from math import isfinite, nan

from msgspec import Struct

from engine.domain.columns import Bytes, Flags, Floats, Longs
from engine.domain.flow import FlowFilter, FlowRight
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instruments import OptionSeries
from engine.domain.market import FeedState
from engine.messages.base import Event, Query

FLOW_ROWS = 200
"""Prints in one event."""


def _ratio(part: float, whole: float) -> float:
    """The quotient; NaN where one is unknown or there is nothing to divide by."""
    return part / whole if isfinite(part) and isfinite(whole) and whole > 0.0 else nan


class Gap(Struct, frozen=True, kw_only=True):
    """From when to when of the day nobody listened: what printed then is in no sum."""

    since: UtcNanos
    until: UtcNanos


class FlowTotals(Struct, frozen=True, kw_only=True):
    """A name's, or the market's, options of the day. Volumes and open interest are the venue's; premiums are of the prints seen here.

    Of the day are the prints that earlier runs of the same source heard and kept, too.
    """

    day: UtcNanos = UtcNanos(0)
    """Start of the session's date; 0 where it is not known yet."""
    since: UtcNanos
    """Market time of the first print seen today; 0 where none was."""
    gaps: tuple[Gap, ...] = ()
    """Since then, the oldest first."""
    prints: int
    volume_day: UtcNanos = UtcNanos(0)
    """Start of the date that the volumes are of: an earlier one than ``day`` until the venue has told of today; 0 where none is known."""
    call_volume: float
    """Contracts; NaN where no contract's volume is known."""
    put_volume: float
    call_open_interest: float
    """Of the last session; contracts of which none is told are left out, NaN where none is told at all."""
    put_open_interest: float
    call_premium: float
    """Dollars, of all seen prints; NaN, as the five below, where none was seen, or the premium of none is known."""
    put_premium: float
    call_bought: float
    """Dollars, of seen calls at the ask or above."""
    call_sold: float
    put_bought: float
    put_sold: float

    @property
    def is_volume_of_before(self) -> bool:
        """The volumes are those of an earlier day."""
        return 0 < self.volume_day < self.day

    @property
    def put_call_volume(self) -> float:
        return _ratio(self.put_volume, self.call_volume)

    @property
    def put_call_open_interest(self) -> float:
        return _ratio(self.put_open_interest, self.call_open_interest)

    @property
    def put_call_premium(self) -> float:
        return _ratio(self.put_premium, self.call_premium)

    @property
    def net_calls(self) -> float:
        """Dollars of calls bought less sold, by inference."""
        return self.call_bought - self.call_sold

    @property
    def net_puts(self) -> float:
        return self.put_bought - self.put_sold


class FlowTape(Struct, frozen=True, kw_only=True):
    """Option prints that pass a filter, newest first, one a row. NaN is "unknown"."""

    symbol: Symbol
    """"" is the whole market."""
    source: SourceId
    state: FeedState
    as_of: UtcNanos
    filtered: FlowFilter
    sequence: Longs
    """Rises by one a print in this engine's life; tells rows apart. 0 in what was recorded."""
    at: Longs
    symbols: tuple[Symbol, ...]
    name: tuple[str, ...]
    """Contract ids."""
    strike: Floats
    right: Bytes
    """+1 call, -1 put."""
    expiry: Longs
    """Start of its date, ns UTC."""
    days: Longs
    """Calendar days to it."""
    price: Floats
    size: Floats
    place: Bytes
    """:class:`engine.domain.flow.Place`."""
    side: Bytes
    """:class:`engine.domain.market.Side`: the venue's word, else inferred from the place."""
    inferred: Bytes
    """1 where the side is inferred."""
    flags: Flags
    """:class:`engine.domain.marks.FlowFlag`."""
    premium: Floats
    """Dollars: price x size x multiplier, of a coin-settled contract at the spot."""
    bid: Floats
    ask: Floats
    spot: Floats
    otm: Floats
    """The strike's distance from the spot, a fraction; negative in the money."""
    iv: Floats
    """Of the print's price: the contract's own, moved by its distance from the middle over vega."""
    delta: Floats
    """The contract's own when it printed."""
    volume: Floats
    """Of the contract's day, this print included."""
    open_interest: Floats
    opening: Bytes
    """:class:`engine.domain.marks.Opening`; unknown until the next session's open interest tells."""
    structure: tuple[str, ...]
    """What the legs are guessed to be together; "" for a print that stands alone."""
    package: Longs
    """Legs of one guess share a number; 0 for a print that stands alone."""
    totals: FlowTotals
    seen: int
    """Option prints of this engine's life, filtered or not."""
    dropped: int
    """Prints that came faster than they could be taken."""
    has_prints: bool = True
    """The feed tells prints at all."""
    recorded: bool = False
    """Read from the history: prints that stood out."""


class GetFlow(Query[FlowTape], frozen=True):
    """What is traded in options? The newest ``limit`` prints that pass; ``recorded`` takes those of the history (of one name)."""

    symbol: Symbol = Symbol("")
    filtered: FlowFilter = FlowFilter()
    limit: int = FLOW_ROWS
    recorded: bool = False
    since: UtcNanos | None = None
    """Of what was recorded: only from this instant on."""
    until: UtcNanos | None = None
    """Of what was recorded: only before this instant."""


def flow_key(symbol: Symbol, filtered: FlowFilter) -> str:
    """What a watcher of these prints names: ``SPY``, ``SPY otm >=50k``, "" for the whole market, `` otm`` for a part of it."""
    return f"{symbol} {filtered.text}" if filtered.text else symbol


class FlowChanged(Event, frozen=True):
    """The newest prints of a name (or all) that pass a filter. Watching a key is what makes the engine tell it."""

    flow: FlowTape

    @property
    def key(self) -> str:
        return flow_key(self.flow.symbol, self.flow.filtered)


class ActiveBy(StrEnum):
    """What the most active contracts are ranked by."""

    VOLUME = "volume"
    PREMIUM = "premium"
    VOLUME_OVER_OI = "volume/OI"
    OI_CHANGE = "OI change"


class ActiveContracts(Struct, frozen=True, kw_only=True):
    """The contracts most traded, best first. NaN is "unknown"; what is ranked by an unknown number is left out."""

    symbol: Symbol
    source: SourceId
    state: FeedState
    as_of: UtcNanos
    by: ActiveBy
    right: FlowRight
    symbols: tuple[Symbol, ...]
    name: tuple[str, ...]
    strike: Floats
    contract_right: Bytes
    """+1 call, -1 put."""
    expiry: Longs
    days: Longs
    last: Floats
    bid: Floats
    ask: Floats
    spot: Floats
    otm: Floats
    volume: Floats
    open_interest: Floats
    change: Floats
    """Open interest less that of the stored session before; NaN where none is stored."""
    premium: Floats
    """Dollars, of the prints seen today; NaN where none was seen."""
    ask_share: Floats
    """Of the seen volume, what met the ask; NaN where no print was seen."""
    iv: Floats
    delta: Floats
    totals: FlowTotals
    compared_with: UtcNanos
    """When the open interest was stored that ``change`` is against; 0 where none is."""
    contracts: int
    """How many had a number to be ranked by."""


class GetMostActive(Query[ActiveContracts], frozen=True):
    """Which contracts are traded most, of a name or ("") of all?"""

    symbol: Symbol = Symbol("")
    by: ActiveBy = ActiveBy.VOLUME
    right: FlowRight = FlowRight.ANY
    limit: int = 100


class InterestMap(Struct, frozen=True, kw_only=True):
    """Volume and open interest of a name by strike (rows) and expiry (columns, nearest first); NaN where nothing is listed or told."""

    symbol: Symbol
    source: SourceId
    state: FeedState
    as_of: UtcNanos
    spot: float
    strikes: Floats
    series: tuple[OptionSeries, ...]
    days: Longs
    call_volume: Floats
    put_volume: Floats
    call_open_interest: Floats
    put_open_interest: Floats
    call_change: Floats
    """Open interest less that of the stored session before."""
    put_change: Floats
    compared_with: UtcNanos
    totals: FlowTotals


class GetOpenInterestMap(Query[InterestMap], frozen=True):
    """Where do volume and open interest lie?"""

    symbol: Symbol
