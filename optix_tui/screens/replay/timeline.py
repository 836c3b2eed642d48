"""What is stored of a name as days and instants: which there are, how dense, where the gaps are, and which comes next."""

from datetime import date, time, timedelta
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Longs
from engine.domain.ids import UtcNanos
from engine.domain.instants import HOUR_NS, new_york, new_york_instant
from engine.domain.marks import BreachTable, ExposureMarks
from engine.messages.flow import FlowTape
from engine.messages.surface import StoredHours, SurfaceTimes

OPENS, CLOSES = time(9, 30), time(16)
"""What a day's line shows at least."""
HALF_HOUR = HOUR_NS // 2


class StoredDay(NamedTuple):
    """One date of New York on which anything is stored."""

    day: date
    surfaces: int
    exposures: int
    prints: int

    @property
    def begins(self) -> UtcNanos:
        """Midnight."""
        return new_york_instant(self.day, time(0))

    @property
    def ends(self) -> UtcNanos:
        """The next midnight: 23 or 25 hours later when the clocks change."""
        return new_york_instant(self.day + timedelta(days=1), time(0))


def days_of(hours: StoredHours) -> tuple[StoredDay, ...]:
    """The hours gathered to dates of New York, oldest first."""
    found: dict[date, list[int]] = {}
    for hour, *counts in zip(hours.hour.tolist(), hours.surfaces.tolist(), hours.exposures.tolist(), hours.prints.tolist(), strict=True):
        sums = found.setdefault(new_york(hour).date(), [0, 0, 0])
        for place, count in enumerate(counts):
            sums[place] += count
    return tuple(StoredDay(day, *sums) for day, sums in sorted(found.items()))


def place_of(days: tuple[StoredDay, ...], at: int) -> int:
    """The day an instant is in, else the last before it, else the first."""
    day = new_york(at).date()
    before = [place for place, one in enumerate(days) if one.day <= day]
    return before[-1] if before else 0


class DayFacts(Struct, frozen=True, kw_only=True):
    """Everything stored of one day but its surfaces themselves."""

    day: StoredDay
    times: SurfaceTimes
    exposures: ExposureMarks
    flow: FlowTape | None
    """Flagged prints, newest first; None where they cannot be read."""
    breaches: BreachTable | None = None
    """Of the rules, up to the end of the day; None where they cannot be read."""
    no_exposures: str = ""
    """Why they cannot be read."""
    no_flow: str = ""
    """Why it cannot be read, or not all of it."""
    no_breaches: str = ""
    """Why they cannot be read."""

    @property
    def instants(self) -> Longs:
        """Where the cursor can stand, oldest first: at surfaces; on a day without any at exposures, else at prints."""
        if self.times.at.size:
            return self.times.at
        if self.exposures.at.size:
            return self.exposures.at
        return np.unique(self.flow.at) if self.flow is not None else self.times.at


def newest_before(instants: Longs, at: int) -> int | None:
    """The place of the newest that is not after an instant; None where all are."""
    place = int(np.searchsorted(instants, at, side="right")) - 1
    return place if place >= 0 else None


def span_of(day: DayFacts) -> tuple[int, int]:
    """From when to when the day's line runs: half hours around what is stored, and the session at least."""
    stored = [column for column in (day.times.at, day.exposures.at, *((day.flow.at,) if day.flow is not None else ())) if column.size]
    session = (new_york_instant(day.day.day, OPENS), new_york_instant(day.day.day, CLOSES))
    if not stored:
        return session
    first, last = min(int(column.min()) for column in stored), max(int(column.max()) for column in stored)
    begins, ends = min(first // HALF_HOUR * HALF_HOUR, session[0]), max(-(-last // HALF_HOUR) * HALF_HOUR, session[1])
    return max(begins, day.day.begins), min(ends, day.day.ends)


def density(instants: Longs, span: tuple[int, int], columns: int) -> Longs:
    """How many instants fall on each column of a line over the span."""
    if columns < 1:
        return np.zeros(0, np.int64)
    edges = np.linspace(span[0], span[1], columns + 1)
    found: Longs = np.histogram(np.asarray(instants, np.float64), edges)[0].astype(np.int64)
    return found


def share_of(at: int, span: tuple[int, int]) -> float:
    """How far along the span an instant stands, 0 to 1."""
    return (at - span[0]) / max(span[1] - span[0], 1)


def hour_marks(span: tuple[int, int], most: int) -> tuple[tuple[float, str], ...]:
    """Whole hours along the span as New York's clocks show them, at most so many: an hour that is struck twice stands there twice."""
    first = -(-span[0] // HOUR_NS) * HOUR_NS
    hours = range(first, span[1] + 1, HOUR_NS)
    every = next((step for step in (1, 2, 3, 4, 6, 12) if len(hours) / step <= max(most, 1)), 24)
    return tuple((share_of(hour, span), f"{new_york(hour):%H:%M}") for hour in hours if new_york(hour).hour % every == 0)
