"""Measures of a name through time: their series, where the newest stands against its past, and putting a past into the history."""

from enum import StrEnum

from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.messages.base import Command, Query


class MeasureHistory(Struct, frozen=True, kw_only=True):
    """One measure (spelled as :mod:`engine.domain.measures` does), its series, and how its newest daily value stands."""

    measure: str
    words: str
    unit: str
    """Volatilities and their differences are fractions a year."""
    in_percent: bool
    """To be shown in percent."""
    at: Longs
    """Oldest first: of a daily series the start of each session's date, else instants."""
    value: Floats
    origins: tuple[str, ...]
    """Who said it: sources and imports, of the daily series."""
    now: float
    """The newest daily value."""
    now_at: UtcNanos
    """Start of its session's date; 0 where none is known."""
    rank: float
    """(now - least) / (greatest - least) over the sessions before and now; NaN where it is refused."""
    percentile: float
    """Share of the sessions before that lie below now."""
    sessions: int
    """Known ones before, within the window: what both stand on."""
    window: int
    low: float
    high: float
    mean: float
    deviation: float
    """Standard deviation of the sessions before."""
    refusal: str
    """Why there is no rank; "" where there is one."""


class MeasureTable(Struct, frozen=True, kw_only=True):
    """The measures asked for, in that order."""

    symbol: Symbol
    source: SourceId
    daily: bool
    histories: tuple[MeasureHistory, ...]


class GetMeasures(Query[MeasureTable], frozen=True):
    """How has this coordinate of a name moved, and where does it stand? (No measure named: all that have a daily past.)"""

    symbol: Symbol
    measures: tuple[str, ...] = ()
    daily: bool = True
    """The last value of each session; else as recorded within sessions."""
    since: UtcNanos | None = None
    until: UtcNanos | None = None
    limit: int = 252
    """The newest so many values."""
    window: int = 252
    """Sessions that rank and percentile look back on."""


class SeriesUnit(StrEnum):
    """How a file writes volatilities."""

    AUTO = "auto"
    """Percent where the middle one is 2 or more; of differences 1 or more, and between 0.1 and 1 it is asked which."""
    PERCENT = "percent"
    FRACTION = "fraction"


class ImportSeries(Command, frozen=True):
    """Puts a daily series from a CSV file into the history; all of it or nothing, and doing it twice changes nothing."""

    path: str
    symbol: str = ""
    """"" takes the name that the file's header says."""
    measure: str = ""
    """"" takes what the name is published as: VIX is index:30."""
    column: str = ""
    """"" takes the close, or the only column of numbers."""
    unit: SeriesUnit = SeriesUnit.AUTO
