"""What a user can choose of the simulated market, read with care: each refusal says what to write instead."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from msgspec import Struct

from engine.contracts.feed import FeedSettings
from engine.domain.calendar import is_session, next_open, previous_session, session
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import NEW_YORK, new_york, new_york_instant, to_nanos
from engine.domain.instruments import SessionName
from plugins.synthetic.names import NAMES, named

DEFAULT_SEED = 7
OPENING = time(10, 0)
"""New York, of the day it starts on: half an hour of the session is there to be looked at."""
SLOWEST, FASTEST = 1.0, 1_000.0
FIRST_YEAR, LAST_YEAR = 2003, 2095
"""A year of history before and expiries after must be within the exchange calendar."""
KNOWN = frozenset({"seed", "start", "speed", "updates_per_second", "symbols"})
OF_A_SUCCESSOR = frozenset({"reached"})
"""What an engine says that goes on with another one's market; nobody types it."""


class Settings(Struct, frozen=True, kw_only=True):
    """Choices, checked."""

    seed: int = DEFAULT_SEED
    start: UtcNanos
    reached: UtcNanos | None = None
    """A market that another engine began goes on from here: the path is that of its start."""
    speed: float = 1.0
    updates_per_second: float | None = None
    """Rows a second to force; None: whatever moves."""
    symbols: tuple[Symbol, ...] = tuple(name.symbol for name in NAMES)


def read(given: FeedSettings) -> Settings:
    """Settings from the configuration. Raises BadInput."""
    if given.argument:
        raise BadInput(
            f"the synthetic feed takes no argument, but got {given.argument!r}: write --feed synthetic --seed 7 --start 2026-11-20"
        )
    options = {name: value for name, value in given.options.items() if value is not None and value != ""}
    unknown = sorted(set(options) - KNOWN - OF_A_SUCCESSOR)
    if unknown:
        raise BadInput(f"feeds.synthetic has no setting {', '.join(unknown)}: it has {', '.join(sorted(KNOWN))}")
    start = _start(options.get("start"), given.now)
    return Settings(
        seed=_seed(options),
        start=start,
        reached=_reached(options.get("reached"), start),
        speed=speed_of(options.get("speed", 1.0)),
        updates_per_second=_rate(options.get("updates_per_second", 0)),
        symbols=_symbols(options.get("symbols")),
    )


def speed_of(value: object) -> float:
    """A speed between 1 and 1000. Raises BadInput."""
    speed = _number(value, "speed")
    if not SLOWEST <= speed <= FASTEST:
        raise BadInput(f"a speed of {value} is out of reach: the simulated clock runs 1 to 1000 times as fast as the wall's")
    return speed


def _number(value: object, what: str) -> float:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise BadInput(f"{what} must be a number, not {value!r}") from None
    return number


def _seed(options: Mapping[str, Any]) -> int:
    seed = _number(options.get("seed", DEFAULT_SEED), "seed")
    if not 0 <= seed < 2**53 or seed != int(seed):
        raise BadInput(f"the seed {options['seed']!r} is none: any whole number from 0 on is, such as --seed 7")
    return int(seed)


def _rate(value: object) -> float | None:
    rate = _number(value, "updates_per_second")
    if rate == 0.0:
        return None
    if not 10.0 <= rate <= 1_000_000.0:
        raise BadInput(f"updates_per_second = {value} is out of reach: 10 to 1000000, or 0 for whatever moves")
    return rate


def _symbols(value: object) -> tuple[Symbol, ...]:
    if value is None:
        return tuple(name.symbol for name in NAMES)
    parts = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not parts or not all(isinstance(part, str) for part in parts):
        raise BadInput(f'symbols must be a list of names, not {value!r}: write symbols = ["SPY", "SPX"]')
    chosen = {named(part).symbol for part in parts}
    return tuple(name.symbol for name in NAMES if name.symbol in chosen)


def _start(value: object, now: int) -> UtcNanos:
    if value is None:
        return last_morning(now)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return _morning(value)
    if not isinstance(value, str):
        raise _unreadable(value)
    try:
        if len(value.strip()) == 10:
            return _morning(date.fromisoformat(value.strip()))
        return _instant(datetime.fromisoformat(value.strip()))
    except ValueError:
        raise _unreadable(value) from None


def _reached(value: object, start: UtcNanos) -> UtcNanos | None:
    """Where a market is that goes on, in nanoseconds UTC: within a session, or at the open after it."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < start:
        raise BadInput(f"reached = {value!r} is no instant of a market that started at {start}: nanoseconds UTC at or after its start")
    return _within_a_session(value)


def _unreadable(value: object) -> BadInput:
    return BadInput(f"{value!r} is no start: write a day (2026-11-20) or an instant in New York (2026-11-20T14:30)")


def _bounded(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(f"the simulated market can start in the years {FIRST_YEAR} to {LAST_YEAR}, not {year}")


def last_morning(now: int) -> UtcNanos:
    """10:00 New York of the last session day that has come so far."""
    local = new_york(now)
    _bounded(local.year)
    day = local.date()
    if not is_session(SessionName.NYSE, day) or new_york_instant(day, OPENING) > now:
        day = previous_session(SessionName.NYSE, day)
    return new_york_instant(day, OPENING)


def _morning(day: date) -> UtcNanos:
    """10:00 of a session day, or of the last one before a day without a session."""
    _bounded(day.year)
    return new_york_instant(day if is_session(SessionName.NYSE, day) else previous_session(SessionName.NYSE, day), OPENING)


def _instant(moment: datetime) -> UtcNanos:
    """An instant inside a session as it is, any other one moved on to the next open. Without a zone it is New York's time."""
    return _within_a_session(to_nanos(moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)))


def _within_a_session(at: int) -> UtcNanos:
    local = new_york(at)
    _bounded(local.year)
    hours = session(SessionName.NYSE, local.date())
    if hours is not None and hours.open_at <= at < hours.close_at:
        return UtcNanos(at)
    return next_open(SessionName.NYSE, at)
