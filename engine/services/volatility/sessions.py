"""Finished sessions of a name on the exchange's calendar: a row each, those that nobody recorded left open."""

from typing import NamedTuple, TypeAlias

import numpy as np

from engine.domain.calendar import is_half_day, session, sessions
from engine.domain.columns import Floats, Longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, from_nanos, utc_instant
from engine.domain.instruments import Security, SessionName
from engine.messages.queries import BarTable
from engine.quant.volatility.realized import SESSIONS_A_YEAR

COIN_DAYS_A_YEAR = 365.0
HALF_DAY = 3.5 / 6.5
"""A half day's part of a full session."""


Stamp: TypeAlias = tuple[int, int, int, float]


class DailySessions(NamedTuple):
    """Every session of the calendar from the first known one to the last, oldest first; NaN where none was recorded."""

    symbol: Symbol
    source: SourceId
    name: SessionName
    as_of: UtcNanos
    """Close of the newest; 0 where none is known."""
    day: Longs
    """Start (UTC) of its date."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    lengths: Floats
    """Part of a full session."""
    filled: tuple[UtcNanos, ...] = ()
    """Starts of those that nobody recorded, and the feed was asked for."""

    @property
    def a_year(self) -> float:
        """Sessions of a year."""
        return COIN_DAYS_A_YEAR if self.name is SessionName.CRYPTO else SESSIONS_A_YEAR

    @property
    def known(self) -> int:
        """Sessions with a close."""
        return int(np.isfinite(self.close).sum())

    @property
    def stamp(self) -> Stamp:
        """While it is the same, no session is new: the newest date, how many there are and are known, and the last close."""
        last = self.day.size - 1
        return (int(self.day[last]), self.day.size, self.known, float(self.close[last])) if last >= 0 else (0, 0, 0, 0.0)

    def newest(self, count: int) -> "DailySessions":
        """The newest so many."""
        kept = slice(max(self.day.size - count, 0), None)
        first = int(self.day[kept][0]) if self.day[kept].size else 0
        return self._replace(
            day=self.day[kept],
            open=self.open[kept],
            high=self.high[kept],
            low=self.low[kept],
            close=self.close[kept],
            lengths=self.lengths[kept],
            filled=tuple(one for one in self.filled if one >= first),
        )

    def unbroken(self) -> "DailySessions":
        """The newest sessions in a row, none missing."""
        gaps = np.flatnonzero(~np.isfinite(self.close))
        return self.newest(self.day.size - (int(gaps[-1]) + 1 if gaps.size else 0))

    def nights(self) -> Floats:
        """Squared log return from the close before to each open; NaN for the first and where either is not known."""
        found = np.full(self.close.size, np.nan)
        with np.errstate(all="ignore"):
            found[1:] = np.log(self.open[1:] / self.close[:-1]) ** 2
        return found

    def returns(self) -> Floats:
        """Log return of each session over the one before; NaN for the first and where either is not known."""
        found = np.full(self.close.size, np.nan)
        with np.errstate(all="ignore"):
            found[1:] = np.diff(np.log(self.close))
        return found


def sessions_of(security: Security, bars: BarTable, now: UtcNanos) -> DailySessions:
    """A table of daily bars as finished sessions; a session that runs, a day without one and a close that is no price do not count."""
    name = security.session
    kept = np.array([_is_over(name, int(start), now) for start in bars.start.tolist()], dtype=bool)
    kept &= np.isfinite(bars.close) & (bars.close > 0.0)
    starts = bars.start[kept] - bars.start[kept] % DAY_NS
    if not starts.size:
        none = np.empty(0)
        return DailySessions(security.symbol, bars.source, name, UtcNanos(0), np.empty(0, np.int64), none, none, none, none, none)
    days = sessions(name, from_nanos(int(starts[0])).date(), from_nanos(int(starts[-1])).date())
    grid = np.array([utc_instant(day) for day in days], dtype=np.int64)
    place = np.searchsorted(grid, starts)
    columns = np.full((4, grid.size), np.nan)
    columns[:, place] = np.stack([bars.open, bars.high, bars.low, bars.close])[:, kept]
    halves = np.array([name is not SessionName.CRYPTO and is_half_day(day) for day in days])
    last = session(name, days[-1])
    filled = tuple(one for one in bars.filled if grid[0] <= one <= grid[-1])
    at, lengths = last.close_at if last else UtcNanos(0), np.where(halves, HALF_DAY, 1.0)
    return DailySessions(security.symbol, bars.source, name, at, grid, columns[0], columns[1], columns[2], columns[3], lengths, filled)


def _is_over(name: SessionName, start: int, now: UtcNanos) -> bool:
    found = session(name, from_nanos(start).date())
    return found is not None and found.close_at <= now
