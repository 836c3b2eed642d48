"""One calendar of sessions, and the one audited clock to expiry: every contract's own settlement instant, in nanoseconds.

New York holidays by rule (NYSE Rule 7.2 and the exchange's published closings), half days (13:00 New York, 13:15 for index options), Cboe's
longer index hours, and crypto's unbroken days. Rules are right from 2000 on; single closings that no rule gives are listed by date.
"""

from datetime import date, time, timedelta
from functools import lru_cache

from msgspec import Struct

from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.domain.instants import (
    DAY_NS,
    YEAR_NS,
    from_nanos,
    iso,
    new_york,
    new_york_instant,
    to_nanos,
    utc_instant,
)
from engine.domain.instruments import SessionName, Settlement

__all__ = [
    "YEAR_NS",
    "Session",
    "from_nanos",
    "is_half_day",
    "is_session",
    "iso",
    "last_close",
    "last_trade_instant",
    "new_york",
    "next_session",
    "previous_session",
    "session",
    "session_at",
    "session_date",
    "sessions",
    "settlement_instant",
    "third_friday",
    "to_nanos",
    "years_to",
]

OPEN = time(9, 30)
CLOSE = time(16, 0)
HALF_DAY_CLOSE = time(13, 0)
INDEX_OPTIONS_CLOSE = time(16, 15)
INDEX_OPTIONS_HALF_DAY_CLOSE = time(13, 15)
CRYPTO_EXPIRY = time(8, 0)
"""UTC; Deribit settles at the average of the half hour before it."""

FIRST_YEAR, LAST_YEAR = 2000, 2100

_CLOSINGS = {
    **{date(2001, 9, d): "11 September 2001" for d in (11, 12, 13, 14)},
    date(2004, 6, 11): "funeral of Ronald Reagan",
    date(2007, 1, 2): "funeral of Gerald Ford",
    date(2012, 10, 29): "hurricane Sandy",
    date(2012, 10, 30): "hurricane Sandy",
    date(2018, 12, 5): "funeral of George H. W. Bush",
    date(2025, 1, 9): "funeral of Jimmy Carter",
}
_EARLY_CLOSINGS = {date(2003, 12, 26)}

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


class Session(Struct, frozen=True, kw_only=True):
    """One trading day of one calendar; the half-open interval [open_at, close_at)."""

    name: SessionName
    day: date
    open_at: UtcNanos
    close_at: UtcNanos
    half_day: bool


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, ch. 8)."""
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    u = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * u) // 433
    month = (h + u - 7 * m + 90) // 25
    return date(year, month, (h + u - 7 * m + 33 * month + 19) % 32)


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th (1 to 5) such weekday of a month, or the last one for n = -1."""
    if n == -1:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def third_friday(year: int, month: int) -> date:
    """The day standard monthly options are named after."""
    return nth_weekday(year, month, FRIDAY, 3)


def _observed(day: date) -> date:
    """A fixed holiday moves from a Saturday to the Friday before it and from a Sunday to the Monday after it."""
    return day - timedelta(days=1) if day.weekday() == SATURDAY else day + timedelta(days=1) if day.weekday() == SUNDAY else day


@lru_cache(maxsize=128)
def holidays(year: int) -> frozenset[date]:
    """The weekdays of a year on which New York's exchanges stay closed."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(f"the exchange calendar knows the years {FIRST_YEAR} to {LAST_YEAR}, not {year}")
    new_year = date(year, 1, 1)
    days = {
        nth_weekday(year, 1, MONDAY, 3),
        nth_weekday(year, 2, MONDAY, 3),
        easter(year) - timedelta(days=2),
        nth_weekday(year, 5, MONDAY, -1),
        _observed(date(year, 7, 4)),
        nth_weekday(year, 9, MONDAY, 1),
        nth_weekday(year, 11, THURSDAY, 4),
        _observed(date(year, 12, 25)),
    }
    if new_year.weekday() != SATURDAY:  # the exchange does not close on the last day of a year for it
        days.add(_observed(new_year))
    if year >= 2022:
        days.add(_observed(date(year, 6, 19)))
    return frozenset(days | {day for day in _CLOSINGS if day.year == year})


@lru_cache(maxsize=128)
def half_days(year: int) -> frozenset[date]:
    """The sessions of a year that close at 13:00 New York."""
    days = {nth_weekday(year, 11, THURSDAY, 4) + timedelta(days=1)}
    eve = date(year, 7, 3)
    if eve.weekday() in {MONDAY, TUESDAY, THURSDAY} or (eve.weekday() == WEDNESDAY and year >= 2013):
        days.add(eve)
    if eve.weekday() == WEDNESDAY and year < 2013:
        days.add(date(year, 7, 5))
    christmas_eve = date(year, 12, 24)
    if christmas_eve.weekday() <= THURSDAY:
        days.add(christmas_eve)
    return frozenset((days | {day for day in _EARLY_CLOSINGS if day.year == year}) - holidays(year))


def is_session(name: SessionName, day: date) -> bool:
    """Whether this calendar trades on this date."""
    return name is SessionName.CRYPTO or (day.weekday() < SATURDAY and day not in holidays(day.year))


def is_half_day(day: date) -> bool:
    """Whether New York closes early on this date."""
    return day in half_days(day.year)


@lru_cache(maxsize=8192)
def session(name: SessionName, day: date) -> Session | None:
    """The session of a date, or None where there is none."""
    if name is SessionName.CRYPTO:
        start = utc_instant(day)
        return Session(name=name, day=day, open_at=start, close_at=UtcNanos(start + DAY_NS), half_day=False)
    if not is_session(name, day):
        return None
    half = is_half_day(day)
    if name is SessionName.CBOE_INDEX:
        close = INDEX_OPTIONS_HALF_DAY_CLOSE if half else INDEX_OPTIONS_CLOSE
    else:
        close = HALF_DAY_CLOSE if half else CLOSE
    return Session(name=name, day=day, open_at=new_york_instant(day, OPEN), close_at=new_york_instant(day, close), half_day=half)


def _seek(name: SessionName, day: date, step: int) -> date:
    for _ in range(15):
        day += timedelta(days=step)
        if is_session(name, day):
            return day
    raise BadInput(f"no {name} session within 15 days of {day}")


def next_session(name: SessionName, day: date) -> date:
    """The first session after a date."""
    return _seek(name, day, 1)


def previous_session(name: SessionName, day: date) -> date:
    """The last session before a date."""
    return _seek(name, day, -1)


def sessions(name: SessionName, first: date, last: date) -> list[date]:
    """The sessions from first to last, both included."""
    return [day for day in (first + timedelta(days=n) for n in range((last - first).days + 1)) if is_session(name, day)]


def _local_day(name: SessionName, at: int) -> date:
    return from_nanos(at).date() if name is SessionName.CRYPTO else new_york(at).date()


def session_date(name: SessionName, at: int) -> UtcNanos:
    """Start (UTC) of the date that an instant belongs to: the calendar's own date, a coin's UTC day."""
    return utc_instant(_local_day(name, at))


def session_at(name: SessionName, at: int) -> Session | None:
    """The session in progress at an instant, or None."""
    found = session(name, _local_day(name, at))
    return found if found and found.open_at <= at < found.close_at else None


def last_close(name: SessionName, at: int) -> UtcNanos:
    """The newest session close at or before an instant; for a calendar without closes, the instant itself."""
    if name is SessionName.CRYPTO:
        return UtcNanos(at)
    day = _local_day(name, at)
    found = session(name, day)
    while found is None or found.close_at > at:
        day = previous_session(name, day)
        found = session(name, day)
    return found.close_at


def next_open(name: SessionName, at: int) -> UtcNanos:
    """The first session open after an instant; for a calendar that never closes, the instant itself."""
    if name is SessionName.CRYPTO:
        return UtcNanos(at)
    day = _local_day(name, at)
    found = session(name, day)
    while found is None or found.open_at <= at:
        day = next_session(name, day)
        found = session(name, day)
    return found.open_at


def settlement_day(expiry: date) -> date:
    """The session whose print settles an expiry: its date, or the session before it (old Saturday monthlies, holidays)."""
    return expiry if is_session(SessionName.NYSE, expiry) else previous_session(SessionName.NYSE, expiry)


@lru_cache(maxsize=8192)
def settlement_instant(root: str, expiry: date, settlement: Settlement) -> UtcNanos:  # noqa: ARG001 (venues differ by root in what follows)
    """When a contract's price is decided: the open (AM) or the close (PM) of its settlement day in New York, or 08:00 UTC."""
    if settlement is Settlement.UTC8:
        return utc_instant(expiry, CRYPTO_EXPIRY)
    day = settlement_day(expiry)
    if settlement is Settlement.AM:
        return new_york_instant(day, OPEN)
    return new_york_instant(day, HALF_DAY_CLOSE if is_half_day(day) else CLOSE)


@lru_cache(maxsize=8192)
def last_trade_instant(root: str, expiry: date, settlement: Settlement) -> UtcNanos:
    """When trading in it ends: AM series on the close of the session before, PM and crypto series at their settlement."""
    if settlement is not Settlement.AM:
        return settlement_instant(root, expiry, settlement)
    eve = session(SessionName.CBOE_INDEX, previous_session(SessionName.NYSE, settlement_day(expiry)))
    assert eve is not None  # previous_session gives sessions
    return eve.close_at


def years_to(settles_at: int, at: int) -> float:
    """Time to expiry in years, ACT/365, from integer nanoseconds; negative once it is over."""
    return (settles_at - at) / YEAR_NS
