"""Which expiries a venue lists on a day: dailies, weeklies, monthlies, quarterlies and the long ones, by the venues' own patterns."""

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from engine.domain.calendar import is_session, next_session, previous_session, third_friday
from engine.domain.instruments import OptionSeries, SessionName
from engine.domain.roots import make_series
from plugins.synthetic.name import Name

NYSE = SessionName.NYSE
FRIDAY, WEDNESDAY = 4, 2


class Cycle(StrEnum):
    """What kind of expiry it is; open interest and the ladder of strikes go by it."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    LONG = "long"


class Expiry(Struct, frozen=True, kw_only=True):
    """A series to list."""

    series: OptionSeries
    cycle: Cycle


def listed(name: Name, day: date) -> tuple[Expiry, ...]:
    """All expiries of a name that are listed on a session day (of an AM series that day is after its last), the nearest first."""
    symbol = name.symbol
    if symbol == "SPX":
        found = _index(day)
    elif symbol == "VIX":
        found = _volatility(day)
    elif name.is_coin:
        found = _coin(symbol, day)
    elif symbol in {"SPY", "QQQ", "IWM"}:
        found = _fund(symbol, day)
    else:
        found = _share(symbol, day)
    unique = {entry.series.id: entry for entry in found}
    return tuple(sorted(unique.values(), key=lambda entry: (entry.series.settles_at, entry.series.root)))


def _month(day: date, ahead: int) -> tuple[int, int]:
    return day.year + (day.month - 1 + ahead) // 12, (day.month - 1 + ahead) % 12 + 1


def _trading_day(day: date) -> date:
    """The day itself, or the session before it where the market is closed."""
    return day if is_session(NYSE, day) else previous_session(NYSE, day)


def _month_end(year: int, month: int) -> date:
    return previous_session(NYSE, date(year + month // 12, month % 12 + 1, 1))


def _monthlies(day: date, count: int) -> list[date]:
    found = [_trading_day(third_friday(*_month(day, ahead))) for ahead in range(count + 1)]
    return [expiry for expiry in found if expiry >= day][:count]


def _fridays(day: date, count: int) -> list[date]:
    first = day + timedelta(days=(FRIDAY - day.weekday()) % 7)
    return [_trading_day(first + timedelta(weeks=week)) for week in range(count)]


def _dailies(day: date, count: int) -> list[date]:
    found = [day]
    while len(found) < count:
        found.append(next_session(NYSE, found[-1]))
    return found


def _month_ends(day: date, months: range) -> list[date]:
    found = [_month_end(*_month(day, ahead)) for ahead in months]
    return [expiry for expiry in found if expiry >= day]


def _of(root: str, cycle: Cycle, days: list[date]) -> list[Expiry]:
    return [Expiry(series=make_series(root=root, expiry=expiry), cycle=cycle) for expiry in days]


def _long_dates(day: date, pairs: tuple[tuple[int, int], ...]) -> list[date]:
    """Third Fridays of (years ahead, month)."""
    return [_trading_day(third_friday(day.year + ahead, month)) for ahead, month in pairs]


def _index(day: date) -> list[Expiry]:
    far = [expiry for expiry in _long_dates(day, ((1, 12), (2, 6), (2, 12), (3, 12))) if expiry > day]
    return [
        *_of("SPXW", Cycle.DAILY, _dailies(day, 23)),
        *_of("SPXW", Cycle.WEEKLY, _fridays(day, 10)),
        *_of("SPXW", Cycle.MONTHLY, _monthlies(day, 6)),
        *_of("SPXW", Cycle.QUARTERLY, _month_ends(day, range(10))),
        *_of("SPX", Cycle.MONTHLY, [expiry for expiry in _monthlies(day, 13) if expiry > day]),
        *_of("SPX", Cycle.LONG, far),
    ]


def _fund(root: str, day: date) -> list[Expiry]:
    far = [expiry for expiry in _long_dates(day, ((1, 1), (1, 6), (1, 12), (2, 1), (2, 6), (2, 12))) if expiry > day]
    quarters = [expiry for expiry in _month_ends(day, range(13)) if expiry.month % 3 == 0]
    return [
        *_of(root, Cycle.LONG, far),
        *_of(root, Cycle.DAILY, _dailies(day, 10)),
        *_of(root, Cycle.WEEKLY, _fridays(day, 8)),
        *_of(root, Cycle.QUARTERLY, quarters),
        *_of(root, Cycle.MONTHLY, _monthlies(day, 6)),
    ]


def _share(root: str, day: date) -> list[Expiry]:
    far = [expiry for expiry in _long_dates(day, ((1, 1), (1, 6), (1, 9), (2, 1), (2, 6))) if expiry > day]
    return [
        *_of(root, Cycle.LONG, far),
        *_of(root, Cycle.WEEKLY, _fridays(day, 7)),
        *_of(root, Cycle.MONTHLY, _monthlies(day, 7)),
    ]


def _volatility(day: date) -> list[Expiry]:
    """Wednesdays; the monthly ones 30 days before the third Friday of the month after."""
    standard = [_trading_day(third_friday(*_month(day, ahead + 1)) - timedelta(days=30)) for ahead in range(10)]
    first = day + timedelta(days=(WEDNESDAY - day.weekday()) % 7)
    weekly = [_trading_day(first + timedelta(weeks=week)) for week in range(6)]
    months = [expiry for expiry in standard if expiry > day][:8]
    return [
        *_of("VIX", Cycle.MONTHLY, months),
        *_of("VIXW", Cycle.WEEKLY, [expiry for expiry in weekly if expiry > day and expiry not in standard]),
    ]


def _last_friday(year: int, month: int) -> date:
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - FRIDAY) % 7)


def _coin(root: str, day: date) -> list[Expiry]:
    """Deribit's pattern, 08:00 UTC: the next days, weeks, months and quarters; what settled this morning is gone."""
    first = day + timedelta(days=1)
    friday = first + timedelta(days=(FRIDAY - first.weekday()) % 7)
    months = [_last_friday(*_month(day, ahead)) for ahead in range(4)]
    quarters = [_last_friday(*_month(day, ahead)) for ahead in range(13) if _month(day, ahead)[1] % 3 == 0]
    return [
        *_of(root, Cycle.DAILY, [first + timedelta(days=ahead) for ahead in range(3)]),
        *_of(root, Cycle.WEEKLY, [friday + timedelta(weeks=week) for week in range(4)]),
        *_of(root, Cycle.MONTHLY, [expiry for expiry in months if expiry >= first][:3]),
        *_of(root, Cycle.QUARTERLY, [expiry for expiry in quarters if expiry >= first][:4]),
    ]
