"""Date lines in the languages browsers write them: ``June 11, 2022, 8:47 PM EDT``, ``9 декабря 2023 г. в 13:49 GMT-5``."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from msgspec import Struct

from engine.domain.ids import UtcNanos
from engine.domain.instants import NEW_YORK, to_nanos

FIRST_YEAR, LAST_YEAR = 1971, 2199
"""Instants are nanoseconds since 1970 in 64 bits, whatever the zone; what is said of another year is a slip."""

_MONTH_STEMS = {
    1: "jan ene gen янв січ sty stycz oca",
    2: "feb fev fév лют фев lut subat",
    3: "mar mär mrz мар бер marz maa",
    4: "apr abr avr апр кві kwi nis",
    5: "mai may maj mag май мая тра mei",
    6: "jun juin giu июн чер cze haz",
    7: "jul juil lug июл лип lip tem",
    8: "aug ago aou авг сер sie agu",
    9: "sep set сен вер wrz eyl",
    10: "oct okt ott out окт жов paz eki",
    11: "nov ноя лис lis kas",
    12: "dec dez dic déc дек гру gru ara",
}
_STEMS = sorted(
    ((unicodedata.normalize("NFC", stem), month) for month, stems in _MONTH_STEMS.items() for stem in stems.split()),
    key=lambda pair: -len(pair[0]),
)
_ZONES: dict[str, tzinfo] = {
    "ET": NEW_YORK,
    "EST": timezone(timedelta(hours=-5)),
    "EDT": timezone(timedelta(hours=-4)),
    "CST": timezone(timedelta(hours=-6)),
    "CDT": timezone(timedelta(hours=-5)),
    "MST": timezone(timedelta(hours=-7)),
    "MDT": timezone(timedelta(hours=-6)),
    "PST": timezone(timedelta(hours=-8)),
    "PDT": timezone(timedelta(hours=-7)),
    "UTC": timezone(timedelta(0)),
    "GMT": timezone(timedelta(0)),
    "Z": timezone(timedelta(0)),
}
_OFFSET = re.compile(r"(?:GMT|UTC)\s*([+\u2212-])\s*(\d{1,2})(?::?(\d{2}))?")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?(?!\d)")
_AFTERNOON = re.compile(r"(?<![^\W\d_])p\.?\s?m\b|下午|午後|오후|μ\.μ", re.IGNORECASE)
_MORNING = re.compile(r"(?<![^\W\d_])a\.?\s?m\b|上午|午前|오전|π\.μ", re.IGNORECASE)
_ASIAN_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]{3,}\.?")


class Moment(Struct, frozen=True, kw_only=True):
    """A point in time as somebody wrote it down."""

    day: date
    clock: time | None
    """None where only a day was written."""
    zone: tzinfo
    zone_said: bool

    @property
    def at(self) -> UtcNanos:
        """The instant; midnight where only a day was written."""
        return to_nanos(datetime.combine(self.day, self.clock or time(0), tzinfo=self.zone))


def month_of(word: str) -> int:
    """The month a word means in one of a dozen languages, 0 for none."""
    word = unicodedata.normalize("NFC", word.lower())
    bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
    for stem, month in _STEMS:
        if word.startswith(stem) or (bare.startswith(stem) and bare.isascii()):
            return month
    return 0


def names_a_month(word: str) -> bool:
    """Whether a word means a month."""
    return month_of(word) > 0


def read_moment(text: str, zone: tzinfo = NEW_YORK) -> Moment | None:
    """The day and, if written, the time in a line of text; without a zone of its own it is read in ``zone``. None where it says no day."""
    text = text.strip()
    if not text or len(text) > 200:
        return None
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return _spelled_out(text, zone)
    if not FIRST_YEAR <= stamp.year <= LAST_YEAR:
        return None
    written = len(text) > 10
    return Moment(day=stamp.date(), clock=stamp.time() if written else None, zone=stamp.tzinfo or zone, zone_said=stamp.tzinfo is not None)


def _spelled_out(text: str, zone: tzinfo) -> Moment | None:
    said = _zone(text)
    clock, rest = _clock(_OFFSET.sub(" ", text))
    day = _day(rest)
    if day is None:
        return None
    return Moment(day=day, clock=clock, zone=said or zone, zone_said=said is not None)


def _zone(text: str) -> tzinfo | None:
    if found := _OFFSET.search(text):
        sign, hours, minutes = found.groups()
        gap = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(gap if sign == "+" else -gap) if gap < timedelta(hours=24) else None
    words = re.findall(r"[A-Z]{1,4}", text)
    return next((_ZONES[word] for word in reversed(words) if word in _ZONES), None)


def _clock(text: str) -> tuple[time | None, str]:
    found = _CLOCK.search(text)
    if not found:
        return None, text
    hour, minute, second = (int(part or 0) for part in found.groups())
    if _AFTERNOON.search(text) and hour < 12:
        hour += 12
    elif _MORNING.search(text) and hour == 12:
        hour = 0
    rest = text[: found.start()] + " " + text[found.end() :]
    return (time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None), rest


def _day(text: str) -> date | None:
    if found := _ASIAN_DATE.search(text) or _YEAR_FIRST.search(text):
        year, month, day = (int(part) for part in found.groups())
        return _real_day(year, month, day)
    if found := _YEAR_LAST.search(text):
        first, second, year = (int(found.group(place)) for place in (1, 3, 4))
        day_first = found.group(2) == "." or first > 12
        return _real_day(year, second, first) if day_first else _real_day(year, first, second)
    months = [month for word in _WORD.findall(text) if (month := month_of(word))]
    years = _YEAR.search(text)
    if not months or not years:
        return None
    days = _DAY.findall(text[: years.start()] + " " + text[years.end() :])
    return _real_day(int(years.group()), months[0], int(days[0])) if days else None


def _real_day(year: int, month: int, day: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
