"""What the numbers say: the newest slice and summary of every series, and each name's 30-day figures. Written by analytics alone."""

from msgspec import Struct

from engine.domain.chain import ChainSlice, SeriesSummary
from engine.domain.ids import SeriesId, Symbol, UtcNanos


class ThirtyDays(Struct, frozen=True, kw_only=True):
    """Constant-maturity figures of a name; NaN is "unknown"."""

    as_of: UtcNanos
    iv: float
    """At the forward, total variance interpolated; a fraction a year."""
    risk_reversal_25: float
    butterfly_25: float


class Priced:
    """The newest numbers by series and by name."""

    def __init__(self) -> None:
        self.slices: dict[SeriesId, ChainSlice] = {}
        self.summaries: dict[SeriesId, SeriesSummary] = {}
        self.versions: dict[SeriesId, int] = {}
        """The market's sequence of each series at the time its numbers were made."""
        self.below_intrinsic: dict[SeriesId, int] = {}
        """Contracts a series whose ask is under intrinsic value."""
        self.thirty: dict[Symbol, ThirtyDays] = {}
        self.rates = 0
        """Rises when the rates that series are priced with really changed."""
        self.sequence = 0
        """Rises with every write."""

    def forget(self, series: SeriesId) -> None:
        """An expired series has no numbers."""
        for kept in (self.slices, self.summaries, self.versions, self.below_intrinsic):
            kept.pop(series, None)
