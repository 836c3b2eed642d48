"""Where the simulated clock starts, and what is refused with advice."""

from datetime import date, datetime, time

import pytest

from engine.contracts.feed import FeedSettings
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york, new_york_instant
from plugins.synthetic.settings import read, speed_of
from tests.kit.synthetic import SATURDAY, feed

AT_HALF_PAST_TWO = datetime(2026, 11, 20, 14, 30)  # noqa: DTZ001 (as a configuration file has it)


def started(now: int = SATURDAY, **options: object) -> str:
    return new_york(read(FeedSettings(options=options, now=UtcNanos(now))).start).replace(tzinfo=None).isoformat()


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ((date(2026, 11, 21), time(7, 0)), "2026-11-20T10:00:00"),  # a Saturday
        ((date(2026, 11, 22), time(23, 0)), "2026-11-20T10:00:00"),  # a Sunday night
        ((date(2026, 11, 23), time(9, 59)), "2026-11-20T10:00:00"),  # a Monday before ten
        ((date(2026, 11, 23), time(10, 0)), "2026-11-23T10:00:00"),
        ((date(2026, 11, 23), time(23, 0)), "2026-11-23T10:00:00"),
        ((date(2026, 11, 26), time(12, 0)), "2026-11-25T10:00:00"),  # Thanksgiving
        ((date(2026, 11, 27), time(12, 0)), "2026-11-27T10:00:00"),  # the half day after it
        ((date(2027, 1, 1), time(12, 0)), "2026-12-31T10:00:00"),
    ],
)
def test_it_opens_at_ten_of_the_last_session_day_whatever_the_real_hour(wall, expected):
    assert started(new_york_instant(*wall)) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-06-10", "2026-06-10T10:00:00"),
        (date(2026, 6, 10), "2026-06-10T10:00:00"),
        ("2026-11-21", "2026-11-20T10:00:00"),  # a Saturday: the session before it
        ("2026-11-20T14:30", "2026-11-20T14:30:00"),
        ("2026-11-20T19:30:00+00:00", "2026-11-20T14:30:00"),
        (AT_HALF_PAST_TWO, "2026-11-20T14:30:00"),
        ("2026-11-20T06:00", "2026-11-20T09:30:00"),  # before the open: the open
        ("2026-11-20T17:00", "2026-11-23T09:30:00"),  # after the close: the next open
        ("2026-11-27T13:30", "2026-11-30T09:30:00"),  # after a half day's close
        ("2026-11-26T11:00", "2026-11-27T09:30:00"),  # a holiday
    ],
)
def test_start_is_a_day_or_an_instant_in_new_york(start, expected):
    assert started(start=start) == expected


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"start": "yesterday"}, "2026-11-20"),
        ({"start": "1999-01-04"}, "2003 to 2095"),
        ({"start": 20261120}, "2026-11-20"),
        ({"speed": 0.5}, "1 to 1000"),
        ({"speed": 2_000}, "1 to 1000"),
        ({"speed": float("nan")}, "1 to 1000"),
        ({"speed": "fast"}, "must be a number"),
        ({"seed": 1.5}, "whole number"),
        ({"seed": float("nan")}, "whole number"),
        ({"seed": -1}, "whole number"),
        ({"seed": True}, "must be a number"),
        ({"updates_per_second": 3}, "10 to 1000000"),
        ({"symbols": ["SPY", "GME"]}, "choose from"),
        ({"symbols": []}, "write symbols"),
        ({"symbols": 5}, "write symbols"),
        ({"velocity": 3}, "it has seed"),
        ({"start": "2026-11-20", "reached": 5}, "no instant of a market"),
        ({"start": "2026-11-20", "reached": "noon"}, "no instant of a market"),
    ],
)
def test_a_bad_setting_is_refused_and_the_refusal_says_what_to_write(options, advice):
    with pytest.raises(BadInput, match=advice):
        read(FeedSettings(options=options, now=SATURDAY))


def test_an_argument_is_refused():
    with pytest.raises(BadInput, match="no argument"):
        read(FeedSettings(argument="spy", now=SATURDAY))


def test_settings_from_an_environment_are_text_and_taken_as_such():
    chosen = read(FeedSettings(options={"seed": "11", "speed": "20", "updates_per_second": "10000", "symbols": "spx, spy"}, now=SATURDAY))
    assert (chosen.seed, chosen.speed, chosen.updates_per_second, chosen.symbols) == (11, 20.0, 10_000.0, ("SPX", "SPY"))
    assert read(FeedSettings(options={"seed": None, "start": "", "updates_per_second": 0}, now=SATURDAY)).updates_per_second is None


async def test_the_speed_can_be_changed_while_it_runs_but_not_beyond_reach():
    source = feed("SPY")
    await source.set_speed(60.0)
    with pytest.raises(BadInput, match="1 to 1000"):
        await source.set_speed(1_001.0)
    assert speed_of("7") == 7.0
