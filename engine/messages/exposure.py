"""Dealer exposure by the open interest: gamma, vanna and charm, in every convention."""

from enum import StrEnum

from msgspec import Struct

from engine.domain.columns import Floats
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.market import FeedState
from engine.domain.marks import ExposureMarks
from engine.messages.base import Event, Query


class ExposureGreek(StrEnum):
    """What moves with what."""

    GAMMA = "gamma"
    """GEX: the dealers' delta with the spot."""
    VANNA = "vanna"
    """VEX: their delta with volatility."""
    CHARM = "charm"
    """CEX: their delta with time."""


class ExposureUnit(StrEnum):
    """What one unit is; vanna is for one vol point and charm for one calendar day in each."""

    DOLLARS_PER_PERCENT = "$ per 1 %"
    DOLLARS_PER_POINT = "$ per point"
    SHARES_PER_POINT = "shares per point"


class ExposureSigns(StrEnum):
    """Which side the dealers are taken to hold."""

    CALLS_LONG_PUTS_SHORT = "calls +, puts -"
    CALLS_SHORT_PUTS_LONG = "calls -, puts +"
    UNSIGNED = "all +"


class ExposureCount(StrEnum):
    """How many contracts."""

    OPEN_INTEREST = "open interest"
    VOLUME = "volume"


class ExposureConvention(Struct, frozen=True, kw_only=True):
    """One way to count; the default is the one most used."""

    greek: ExposureGreek = ExposureGreek.GAMMA
    unit: ExposureUnit = ExposureUnit.DOLLARS_PER_PERCENT
    signs: ExposureSigns = ExposureSigns.CALLS_LONG_PUTS_SHORT
    counted: ExposureCount = ExposureCount.OPEN_INTEREST
    half: bool = False
    """With the ½ of the second-order term."""
    without_boxes: bool = True
    """Box spreads of index options, guessed from the open interest, taken off both sides."""


class ExposureLadder(Struct, frozen=True, kw_only=True):
    """Sums over rungs that rise: strikes, or the settlement instants of the expiries."""

    rungs: Floats
    calls: Floats
    puts: Floats


class Exposure(Struct, frozen=True, kw_only=True):
    """A name's exposure in one convention. NaN is "unknown"; a contract without greek or count is left out and counted, never zero."""

    symbol: Symbol
    source: SourceId
    state: FeedState
    as_of: UtcNanos
    spot: float
    convention: ExposureConvention
    in_words: str
    """The convention in words: it stands under every figure."""
    net: float
    low: float
    """If dealers hold between a quarter and three quarters of the calls, and of the puts."""
    high: float
    by_strike: ExposureLadder
    by_expiry: ExposureLadder
    expiries: tuple[str, ...]
    """The series' ids of ``by_expiry``, in its order."""
    profile_spots: Floats
    """Spot levels, 15 % down to 15 % up."""
    profile_calls: Floats
    """Exposure with the spot there, every contract priced anew at its own volatility."""
    profile_puts: Floats
    flip: float
    """Spot where the repriced net crosses zero, nearest to the spot; NaN where it does not within the profile."""
    positive_wall: float
    negative_wall: float
    contracts: int
    left_out: int
    """Without a greek or a count."""
    boxed: float
    """Contracts taken off as boxes, each side."""
    left_out_expiries: tuple[str, ...] = ()
    """Series that are not counted: their deliverable is not the plain one."""
    trouble: str = ""
    """Why there is nothing to show: an index nobody holds, no open interest."""


class GetExposure(Query[Exposure], frozen=True):
    """What do the dealers have to trade when the spot, volatility or the day moves?"""

    symbol: Symbol
    convention: ExposureConvention = ExposureConvention()
    series: tuple[str, ...] = ()
    """Only these expiries (none named: all)."""


class GetExposureMarks(Query[ExposureMarks], frozen=True):
    """How has a name's gamma exposure in the default convention been recorded? The newest ``limit`` in [since, until), oldest first."""

    symbol: Symbol
    since: UtcNanos | None = None
    until: UtcNanos | None = None
    limit: int = 2_000


class ExposureChanged(Event, frozen=True):
    """A name's gamma exposure in the default convention, new. Watching it makes the engine keep it fresh."""

    exposure: Exposure

    @property
    def key(self) -> str:
        return self.exposure.symbol
