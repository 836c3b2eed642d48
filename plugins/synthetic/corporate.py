"""Dates of dividends and results: invented, but on session days and about where such dates fall."""

from datetime import date, time
from functools import lru_cache

from msgspec import Struct

from engine.domain.calendar import is_session, next_session, previous_session, session
from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york_instant
from engine.domain.instruments import SessionName
from plugins.synthetic.name import Name

AFTER_CLOSE = time(16, 5)
BEFORE_OPEN = time(8, 0)


class Payment(Struct, frozen=True, kw_only=True):
    """A dividend: from the open of this day on a share trades without it."""

    day: date
    at: UtcNanos
    amount: float


class Report(Struct, frozen=True, kw_only=True):
    """Results: the price jumps at the first open after them."""

    day: date
    at: UtcNanos
    move: float
    """One standard deviation of the jump, in log price."""


def _session_near(year: int, month: int, day: int) -> date:
    last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    wanted = date(year, month, min(day, last))
    if is_session(SessionName.NYSE, wanted):
        return wanted
    after = next_session(SessionName.NYSE, wanted)
    return after if after.month == month else previous_session(SessionName.NYSE, wanted)


@lru_cache(maxsize=256)
def payments(name: Name, first: int, last: int) -> tuple[Payment, ...]:
    """All dividends of the years from first to last, the oldest first."""
    if name.dividends is None:
        return ()
    found = []
    for year in range(first, last + 1):
        for month in name.dividends.months:
            day = _session_near(year, month, name.dividends.day)
            hours = session(SessionName.NYSE, day)
            assert hours is not None
            found.append(Payment(day=day, at=hours.open_at, amount=name.dividends.amount))
    return tuple(found)


@lru_cache(maxsize=256)
def reports(name: Name, first: int, last: int) -> tuple[Report, ...]:
    """All results of the years from first to last, the oldest first; never on a Friday evening."""
    if name.earnings is None:
        return ()
    found = []
    for year in range(first, last + 1):
        for month in name.earnings.months:
            day = _session_near(year, month, name.earnings.day)
            if not name.earnings.before_open and not is_session(SessionName.NYSE, date.fromordinal(day.toordinal() + 1)):
                day = previous_session(SessionName.NYSE, day)
            at = new_york_instant(day, BEFORE_OPEN if name.earnings.before_open else AFTER_CLOSE)
            found.append(Report(day=day, at=at, move=name.earnings.move))
    return tuple(found)
