"""Instants between their three spellings: nanoseconds UTC (how OPTIX keeps them), datetimes, and New York's wall clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos

NEW_YORK = ZoneInfo("America/New_York")
SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
YEAR_NS = 365 * DAY_NS
"""ACT/365 fixed: the year of every time to expiry in OPTIX."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_nanos(moment: datetime) -> UtcNanos:
    """Nanoseconds UTC of an aware datetime (exact: no float is involved)."""
    if moment.tzinfo is None:
        raise BadInput(f"{moment.isoformat()} has no time zone: say which, as in {moment.isoformat()}Z")
    gone = moment - _EPOCH
    return UtcNanos((gone.days * 86_400 + gone.seconds) * SECOND_NS + gone.microseconds * 1_000)


def from_nanos(instant: int) -> datetime:
    """The UTC datetime of an instant, cut to the microsecond."""
    return _EPOCH + timedelta(microseconds=instant // 1_000)


def new_york(instant: int) -> datetime:
    """The same instant on New York's wall clock."""
    return from_nanos(instant).astimezone(NEW_YORK)


def new_york_instant(day: date, clock: time) -> UtcNanos:
    """The instant at which New York's clocks show ``clock`` on ``day``."""
    return to_nanos(datetime.combine(day, clock, tzinfo=NEW_YORK))


def utc_instant(day: date, clock: time = time(0)) -> UtcNanos:
    """The instant of ``clock`` UTC on ``day``."""
    return to_nanos(datetime.combine(day, clock, tzinfo=UTC))


def iso(instant: int) -> str:
    """ISO 8601 in UTC with a Z, to the microsecond where there is a fraction: ``2026-11-20T15:00:00Z``."""
    return from_nanos(instant).isoformat().replace("+00:00", "Z")
