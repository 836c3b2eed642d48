"""Instants between their three spellings: nanoseconds UTC (how OPTIX keeps them), datetimes, and New York's wall clock."""

import re
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


def parse_instant(text: str, now: int | None = None, *, day_begins: bool = False) -> UtcNanos:
    """A moment as a person writes it, on New York's clocks unless it says its zone: ``2026-11-20T15:30``, ``2026-11-20T20:30Z``.

    A date alone is its last instant, or its first where ``day_begins``; a time alone is of the day of ``now``. Of an hour that the clocks
    strike twice it is the first; an hour that they skip, and anything else, is `BadInput`.
    """
    written = text.strip().upper()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        day = _date(written, text)
        return new_york_instant(day, time(0)) if day_begins else UtcNanos(new_york_instant(day + timedelta(days=1), time(0)) - 1)
    if now is not None and re.fullmatch(r"\d\d?:\d\d(:\d\d)?", written):
        written = (
            f"{new_york(now).date().isoformat()}T{written:0>5}" if written.count(":") == 1 else f"{new_york(now).date()}T{written:0>8}"
        )
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise _no_time(text) from error
    if found.tzinfo is not None:
        return to_nanos(found)
    instant = to_nanos(found.replace(tzinfo=NEW_YORK))
    if new_york(instant).replace(tzinfo=None) != found:
        raise BadInput(f"New York's clocks skip {text.strip()}: write an hour later, or UTC with a Z behind it")
    return instant


def spell_instant(instant: int) -> str:
    """The same as :func:`parse_instant` reads it, the next whole second: New York's clock, or UTC where that strikes an hour twice."""
    whole = -(-instant // SECOND_NS) * SECOND_NS
    local = new_york(whole)
    if local.fold or local.replace(fold=1).utcoffset() != local.utcoffset():
        return iso(whole)
    return local.replace(tzinfo=None).isoformat(timespec="seconds" if local.second else "minutes")


def _date(written: str, text: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise _no_time(text) from error


def _no_time(text: str) -> BadInput:
    return BadInput(f"{text!r} is no time: write it as 2026-11-20T15:30 (New York) or 2026-11-20T20:30Z")
