"""What the engine concludes from the market and remembers of it: measures, exposures, flagged prints, the day's flow, breaches.

Marks are recorded beside what the feed said. In each NaN is "unknown" and the instant is market time.
"""

from enum import IntEnum, StrEnum

from msgspec import Struct

from engine.domain.columns import Bytes, Flags, Floats, Ints, Longs
from engine.domain.ids import Symbol, UtcNanos


class MeasureMark(Struct, frozen=True, kw_only=True):
    """Some coordinates of a name at one instant."""

    at: UtcNanos
    symbol: Symbol
    measures: tuple[str, ...]
    """Spelled as :class:`engine.domain.measures.Measure` is."""
    values: Floats
    """An unknown one is not recorded."""


class ExposureMark(Struct, frozen=True, kw_only=True):
    """The dealers' gamma exposure of a name in the default convention at one instant."""

    at: UtcNanos
    symbol: Symbol
    spot: float
    net: float
    """$ per 1 % of spot, as the two below."""
    low: float
    """Of the band of dealers' shares."""
    high: float
    flip: float
    positive_wall: float
    negative_wall: float
    contracts: int
    left_out: int


class Opening(IntEnum):
    """What the next day's open interest says of a day's trading in a contract."""

    UNKNOWN = 0
    """Not said yet, or it does not tell."""
    OPENING = 1
    CLOSING = -1


class FlowFlag(IntEnum):
    """Bits of what a print was taken for; an inference, but for those that the venue said itself."""

    SWEEP = 1
    BLOCK = 2
    MULTI_LEG = 4
    ABOVE_OPEN_INTEREST = 8
    """The contract's volume of the day has passed its open interest."""
    SAID_BY_VENUE = 16
    """Sweep, block or leg by the venue's own word."""
    SIDE_SAID = 32
    """Of a recorded print: its aggressor is the venue's word, no inference."""


class FlowMarks(Struct, frozen=True, kw_only=True):
    """Prints of options that stand out, of one instant, in their order; rows name instruments by the feed's handles."""

    at: UtcNanos
    handle: Ints
    price: Floats
    size: Floats
    side: Bytes
    """:class:`engine.domain.market.Side`, by the quote in force."""
    flags: Flags
    """:class:`FlowFlag`."""
    premium: Floats
    """price x size x multiplier, in the contract's currency."""
    bid: Floats
    ask: Floats
    spot: Floats
    iv: Floats
    delta: Floats
    volume: Floats
    """Of the contract's day, this print included."""
    open_interest: Floats
    event_at: Longs
    """The venue's own time; 0 where it said none."""


class FlowSums(Struct, frozen=True, kw_only=True):
    """A name's options traded on one day so far; a later word replaces an earlier one."""

    at: UtcNanos
    symbol: Symbol
    day: UtcNanos
    """Start of the session's date, ns UTC."""
    call_volume: float
    put_volume: float
    call_premium: float
    put_premium: float
    call_prints: int
    put_prints: int
    call_open_interest: float
    put_open_interest: float


class Openings(Struct, frozen=True, kw_only=True):
    """What the next day's open interest says of a day's flow, by contract; said again it replaces what was said."""

    at: UtcNanos
    """When it was learnt."""
    day: UtcNanos
    """Start of the date that the prints are of, ns UTC."""
    handle: Ints
    verdict: Bytes
    """:class:`Opening`."""
    before: Floats
    """Open interest on that day."""
    after: Floats
    """On the next session."""


class BreachSide(StrEnum):
    """Which way a measure must go to break a rule."""

    ABOVE = "above"
    BELOW = "below"
    EITHER = "either"


class BreachBasis(StrEnum):
    """What a rule's threshold is compared with."""

    VALUE = "value"
    DEVIATION = "deviation"
    """(value - estimate) / standard error of the estimate."""


class BreachRule(Struct, frozen=True, kw_only=True):
    """When a measure of a name is worth a word; kept in a document, as watchlists are."""

    name: str
    measure: str
    symbols: tuple[Symbol, ...] = ()
    """None: every watched name."""
    side: BreachSide = BreachSide.EITHER
    basis: BreachBasis = BreachBasis.DEVIATION
    threshold: float = 2.0
    release: float = 1.5
    """Inside of which it is over again: the hysteresis."""
    enabled: bool = True


class BreachRules(Struct, frozen=True, kw_only=True):
    """All rules, in the user's order: one document."""

    rules: tuple[BreachRule, ...]


BREACH_RULES = "breach-rules"
"""The name of that document."""


class BreachMark(Struct, frozen=True, kw_only=True):
    """A rule was broken, or is kept again."""

    at: UtcNanos
    symbol: Symbol
    rule: str
    measure: str
    entered: bool
    """False: it is over."""
    value: float
    estimate: float
    """NaN where the rule looks at the value alone."""
    deviation: float
    threshold: float


Mark = MeasureMark | ExposureMark | FlowMarks | FlowSums | Openings | BreachMark
"""Everything concluded that is recorded."""


class MeasureSeries(Struct, frozen=True, kw_only=True):
    """One coordinate through time, oldest first."""

    symbol: Symbol
    measure: str
    at: Longs
    """Instants; of a daily series the start of each session's date."""
    value: Floats
    origin: tuple[str, ...] = ()
    """Of a daily series, who said each: a feed, an import."""


class ExposureMarks(Struct, frozen=True, kw_only=True):
    """Recorded exposures of a name, oldest first."""

    symbol: Symbol
    at: Longs
    spot: Floats
    net: Floats
    low: Floats
    high: Floats
    flip: Floats
    positive_wall: Floats
    negative_wall: Floats
    contracts: Longs
    left_out: Longs


class FlowTable(Struct, frozen=True, kw_only=True):
    """Recorded flow, newest first."""

    symbol: Symbol
    at: Longs
    name: tuple[str, ...]
    """Contract ids."""
    price: Floats
    size: Floats
    side: Bytes
    flags: Flags
    premium: Floats
    bid: Floats
    ask: Floats
    spot: Floats
    iv: Floats
    delta: Floats
    volume: Floats
    open_interest: Floats
    event_at: Longs
    opening: Bytes
    """:class:`Opening`; unknown until the next day's open interest is there."""


class FlowDays(Struct, frozen=True, kw_only=True):
    """Sums of the days of a name, oldest first."""

    symbol: Symbol
    day: Longs
    call_volume: Floats
    put_volume: Floats
    call_premium: Floats
    put_premium: Floats
    call_prints: Longs
    put_prints: Longs
    call_open_interest: Floats
    put_open_interest: Floats


class BreachTable(Struct, frozen=True, kw_only=True):
    """Breaches, newest first."""

    at: Longs
    symbols: tuple[Symbol, ...]
    rules: tuple[str, ...]
    measures: tuple[str, ...]
    entered: Bytes
    """1, or 0 where it was over."""
    value: Floats
    estimate: Floats
    deviation: Floats
    threshold: Floats
