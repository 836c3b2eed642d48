"""Variance time: how much of a year's variance passes between two instants.

A session's hours weigh more than its night, its first and last half hours more than noon, and a day without a session next to nothing;
a coin's hours all weigh the same. Prices move, and total implied variance grows, on this one clock.
"""

from datetime import date, timedelta
from typing import Protocol

import numpy as np

from engine.domain.calendar import session, sessions
from engine.domain.columns import Floats, Longs
from engine.domain.instants import MINUTE_NS, YEAR_NS, utc_instant
from engine.domain.instruments import SessionName

HALF_HOUR_NS = 30 * MINUTE_NS
HALVES = 13
"""Half hours of a full session."""
NIGHT = 0.22
"""Share of a session's day that passes while the market is closed."""
IDLE_DAY = 0.10
"""A weekend day or holiday, as a share of a session's day."""
DAYS = 252.0 + 113.0 * IDLE_DAY
"""Session days' worth of variance a year."""
_HOURS = np.arange(HALVES)
SMILE_OF_DAY: Floats = 1.0 + 1.15 * np.exp(-_HOURS / 1.5) + 0.60 * np.exp(-(HALVES - 1.0 - _HOURS) / 1.2)
"""Activity by half hour, in the shape of a U."""
SMILE_OF_DAY /= SMILE_OF_DAY.sum()


class VarianceClock(Protocol):
    """Years of variance since the clock's beginning."""

    def years(self, at: Longs) -> Floats:
        """At each of many instants."""
        ...

    def year(self, at: int) -> float:
        """At one instant."""
        ...


class SessionClock:
    """New York's: nodes at every open, half hour and close, straight lines between them."""

    def __init__(self, first: date, last: date) -> None:
        self.first = first
        self.last = last
        self._draw()

    def reach(self, last: date) -> None:
        """Goes on to at least a day, with room for two months more; what was known stays as it was."""
        if last > self.last:
            self.last = last + timedelta(days=60)
            self._draw()

    def _draw(self) -> None:
        first, last = self.first, self.last
        days = sessions(SessionName.NYSE, first, last)
        hours = [session(SessionName.NYSE, day) for day in days]
        opens = np.array([found.open_at for found in hours if found], dtype=np.int64)
        closes = np.array([found.close_at for found in hours if found], dtype=np.int64)
        self._origin = int(opens[0])
        nodes = opens[:, None] + HALF_HOUR_NS * np.arange(HALVES + 1)
        weights = np.concatenate([np.zeros(1), np.cumsum(SMILE_OF_DAY)]) * (1.0 - NIGHT)
        ordinals = np.array([day.toordinal() for day in days])
        nights = NIGHT + IDLE_DAY * (np.diff(ordinals, prepend=ordinals[0] - 1) - 1)
        lengths = np.where(nodes[:, -1] > closes, weights[np.minimum((closes - opens) // HALF_HOUR_NS, HALVES)], weights[-1])
        opened = np.cumsum(nights + lengths) - lengths
        passed = opened[:, None] + weights
        kept = nodes <= closes[:, None]
        self._seconds = (nodes[kept] - self._origin) / 1e9
        self._years = passed[kept] / DAYS

    def years(self, at: Longs) -> Floats:
        """At each of many instants."""
        passed: Floats = np.interp((at - self._origin) / 1e9, self._seconds, self._years)
        return passed

    def year(self, at: int) -> float:
        """At one instant."""
        return float(np.interp((at - self._origin) / 1e9, self._seconds, self._years))


class CalendarClock:
    """A coin's: every second weighs the same."""

    def __init__(self, first: date) -> None:
        self._origin = utc_instant(first)

    def years(self, at: Longs) -> Floats:
        """At each of many instants."""
        passed: Floats = (at - self._origin) / YEAR_NS
        return passed

    def year(self, at: int) -> float:
        """At one instant."""
        return (at - self._origin) / YEAR_NS


def session_blocks(first: date, last: date) -> Longs:
    """Boundaries of the blocks in which New York's prices move: each open, each half hour, each close; a night is one block."""
    edges: list[int] = []
    for day in sessions(SessionName.NYSE, first, last):
        found = session(SessionName.NYSE, day)
        assert found is not None
        edges.extend(range(found.open_at, found.close_at + 1, HALF_HOUR_NS))
    return np.array(edges, dtype=np.int64)


def calendar_blocks(first: date, last: date) -> Longs:
    """Boundaries of a coin's blocks: every half hour, from the first day's midnight UTC to the end of the last."""
    return np.arange(utc_instant(first), utc_instant(last + timedelta(days=1)) + 1, HALF_HOUR_NS, dtype=np.int64)
