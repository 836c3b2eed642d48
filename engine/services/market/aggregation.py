"""One-minute bars into longer ones, aligned to the session: hours of a share start at half past, as its session does."""

from datetime import date

import numpy as np

from engine.domain.calendar import session
from engine.domain.columns import Floats, Longs
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS, SECOND_NS, from_nanos, new_york, utc_instant
from engine.domain.instruments import SessionName
from engine.state.bars import BarColumns

LENGTHS = (60, 120, 300, 900, 1_800, 3_600, 86_400)
"""Seconds of a bar that can be asked for."""


def aggregate(minutes: BarColumns, seconds: int, name: SessionName) -> BarColumns:
    """Bars of ``seconds`` (up to an hour) from minutes; volume is summed, VWAP is weighted by it, NaN where nothing traded."""
    if not minutes.start.size or seconds == 60:
        return minutes
    # 09:30 New York stands at half past the UTC hour all year, and every length divides an hour: one offset aligns all days.
    offset = 0 if name is SessionName.CRYPTO else 30 * MINUTE_NS
    length = seconds * SECOND_NS
    return _grouped(minutes, (minutes.start - offset) // length * length + offset)


def days_of(minutes: BarColumns, name: SessionName) -> BarColumns:
    """Sessions from minutes: a bar starts at midnight UTC of its session's date."""
    if not minutes.start.size:
        return minutes
    return _grouped(minutes, np.array([day_start(at, name) for at in minutes.start.tolist()], dtype=np.int64))


def day_start(at: int, name: SessionName) -> UtcNanos:
    """Midnight UTC of the session's date that an instant belongs to; an instant that already is such a midnight stays."""
    if name is SessionName.CRYPTO or at % DAY_NS == 0:
        return UtcNanos(at - at % DAY_NS)
    return utc_instant(new_york(at).date())


def by_date(days: BarColumns, name: SessionName) -> BarColumns:
    """Daily bars by midnight UTC of their date, however their teller dates them."""
    if not days.start.size or not (days.start % DAY_NS).any():
        return days
    return days._replace(start=np.array([day_start(at, name) for at in days.start.tolist()], dtype=np.int64))


def session_open(at: int, name: SessionName) -> UtcNanos:
    """When the session began that an instant belongs to (of a day without one: that day's midnight UTC)."""
    midnight = day_start(at, name)
    day: date = from_nanos(midnight).date()
    found = session(name, day)
    return found.open_at if found is not None else midnight


def _grouped(bars: BarColumns, group: Longs) -> BarColumns:
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    last = np.r_[first[1:], group.shape[0]] - 1
    volume = _sum(bars.volume, first)
    traded = np.isfinite(bars.vwap) & (bars.volume > 0.0)
    worth = np.add.reduceat(np.where(traded, bars.vwap * bars.volume, 0.0), first)
    weight = np.add.reduceat(np.where(traded, bars.volume, 0.0), first)
    with np.errstate(invalid="ignore", divide="ignore"):
        vwap = np.where(weight > 0.0, worth / weight, np.nan)
    return BarColumns(
        group[first],
        bars.open[first],
        np.fmax.reduceat(bars.high, first),
        np.fmin.reduceat(bars.low, first),
        bars.close[last],
        volume,
        vwap,
    )


def _sum(volume: Floats, first: Longs) -> Floats:
    known = np.isfinite(volume)
    total = np.add.reduceat(np.where(known, volume, 0.0), first)
    anything = np.logical_or.reduceat(known, first)
    return np.where(anything, total, np.nan)
