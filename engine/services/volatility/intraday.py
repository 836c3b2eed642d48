"""Variances of whole sessions from five-minute bars: squared five-minute returns, and the squared overnight return of the daily bars."""

from typing import NamedTuple

import numpy as np

from engine.domain.calendar import Session, session
from engine.domain.columns import Floats
from engine.domain.instants import MINUTE_NS, SECOND_NS, from_nanos
from engine.domain.instruments import SessionName
from engine.messages.queries import BarTable
from engine.quant.volatility.intraday import realized_variances
from engine.services.volatility.sessions import DailySessions

BAR_SECONDS = 300
MOST_BARS = 20_000
"""Of one reading, of five minutes each: a year of sessions, ten weeks of a coin."""


class IntradayVariances(NamedTuple):
    """As long as the sessions they stand beside; fractions squared, NaN where a session has too few bars."""

    variances: Floats
    """Of a whole day: its session's, and the squared overnight return."""
    quarticities: Floats

    @property
    def known(self) -> int:
        """Sessions with a variance."""
        return int(np.isfinite(self.variances).sum())

    def newest(self, count: int) -> "IntradayVariances":
        """Of the newest so many sessions; the first of them has no night, as that of any past."""
        kept = slice(max(self.variances.size - count, 0), None)
        variances = self.variances[kept].copy()
        variances[:1] = np.nan
        return IntradayVariances(variances, self.quarticities[kept])

    def before(self, count: int) -> "IntradayVariances":
        """The newest of so many sessions; those before them have none."""
        older = np.full(count - self.variances.size, np.nan)
        return IntradayVariances(np.concatenate([older, self.variances]), np.concatenate([older, self.quarticities]))

    def filled(self, older: "IntradayVariances") -> "IntradayVariances":
        """With another reading's where this one has none."""
        mine = np.isfinite(self.variances)
        return IntradayVariances(np.where(mine, self.variances, older.variances), np.where(mine, self.quarticities, older.quarticities))


def nothing_of(days: DailySessions) -> IntradayVariances:
    """No session has one."""
    nothing = np.full(days.day.size, np.nan)
    return IntradayVariances(nothing, nothing.copy())


def whole_from(days: DailySessions, bars: BarTable) -> int | None:
    """Open of the first session all of whose bars a reading can hold: the one before it may begin in an older reading.

    None where the reading holds a part of one session alone, and no older one could be told from it.
    """
    hours = [_hours(days.name, day) for day in days.day.tolist()]
    opens = np.array([one.open_at for one in hours if one], dtype=np.int64)
    whole = opens[(opens > bars.start[0]) & (opens <= bars.start[-1])]
    return int(whole[0]) if whole.size else None


def _hours(name: SessionName, day: int) -> Session | None:
    return session(name, from_nanos(day).date())


def intraday_variances(days: DailySessions, bars: BarTable, since: int | None = None) -> IntradayVariances:
    """Of bars of five minutes; those outside a session, before and after the market's hours, do not count, nor those before an instant."""
    found = nothing_of(days)
    placed = _placed(days, bars)
    if since is not None:
        placed = placed[:, bars.start[placed[3].astype(np.int64)] >= since]
    if not placed.shape[1]:
        return found
    number, minute, length, row = placed
    rows = row.astype(np.int64)
    told = realized_variances(
        sessions=number, minutes=minute, closes=bars.close[rows], opens=bars.open[rows], session_minutes=length, subsampled=False
    )
    at = told.sessions.astype(np.int64)
    found.variances[at] = told.variances + days.nights()[at]
    found.quarticities[at] = told.quarticities
    return found


def _placed(days: DailySessions, bars: BarTable) -> Floats:
    """Session number, minute at which the bar ends, minutes of the session, and row of each bar that lies in a finished session."""
    if not bars.start.size or not days.day.size:
        return np.empty((4, 0))
    hours = [_hours(days.name, day) for day in days.day.tolist()]
    opens = np.array([one.open_at if one else 0 for one in hours], dtype=np.int64)
    closes = np.array([one.close_at if one else 0 for one in hours], dtype=np.int64)
    place = np.searchsorted(opens, bars.start, side="right") - 1
    row = np.flatnonzero((place >= 0) & (bars.start < closes[place]) & np.isfinite(bars.close))
    number, start = place[row], bars.start[row]
    end = np.minimum(start + bars.seconds * SECOND_NS, closes[number])
    return np.array([number, (end - opens[number]) / MINUTE_NS, (closes[number] - opens[number]) / MINUTE_NS, row], dtype=np.float64)
