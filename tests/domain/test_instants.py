"""Moments as people write them: New York's clocks, dates, times alone, and the two nights a year on which the clocks change."""

from datetime import date, datetime, time

import pytest

from engine.domain.errors import BadInput
from engine.domain.instants import DAY_NS, HOUR_NS, NEW_YORK, SECOND_NS, iso, new_york_instant, parse_instant, spell_instant, to_nanos

NOW = to_nanos(datetime(2026, 11, 19, 14, 32, 7, tzinfo=NEW_YORK))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-18T15:30", "2026-11-18T20:30:00Z"),
        ("2026-11-18 15:30:05", "2026-11-18T20:30:05Z"),
        ("2026-11-18t20:30z", "2026-11-18T20:30:00Z"),
        ("2026-11-18T21:30+01:00", "2026-11-18T20:30:00Z"),
        ("2026-07-01T15:30", "2026-07-01T19:30:00Z"),
        ("9:45", "2026-11-19T14:45:00Z"),
        ("14:32:10", "2026-11-19T19:32:10Z"),
    ],
)
def test_a_moment_is_new_york_unless_it_says_its_zone(written: str, meant: str) -> None:
    assert iso(parse_instant(written, NOW)) == meant


def test_a_date_alone_is_its_last_instant_on_days_of_23_and_25_hours_too() -> None:
    for day, hours in (("2026-11-18", 24), ("2026-11-01", 25), ("2027-03-14", 23)):
        midnight = new_york_instant(date.fromisoformat(day), time(0))
        assert parse_instant(day) + 1 - midnight == hours * HOUR_NS


@pytest.mark.parametrize("wrong", ["", "teatime", "2026-13-01", "2026-02-30T10:00", "25:00", "14:3", "20261118T1530Z extra"])
def test_anything_else_is_refused_with_how_to_write_it(wrong: str) -> None:
    with pytest.raises(BadInput, match="write it as 2026-11-20T15:30"):
        parse_instant(wrong, NOW)


def test_a_time_alone_needs_a_day() -> None:
    with pytest.raises(BadInput, match="is no time"):
        parse_instant("14:32")


def test_an_hour_that_the_clocks_skip_is_refused_and_of_one_they_strike_twice_the_first_is_meant() -> None:
    with pytest.raises(BadInput, match="clocks skip 2027-03-14T02:30"):
        parse_instant("2027-03-14T02:30")
    assert iso(parse_instant("2026-11-01T01:30")) == "2026-11-01T05:30:00Z"


def test_what_is_spelled_is_read_as_the_same_second_around_both_changes_of_the_clocks() -> None:
    for day in (date(2026, 11, 1), date(2027, 3, 14), date(2026, 11, 19)):
        start = new_york_instant(day, time(0))
        for step in range(0, DAY_NS + HOUR_NS, 10 * 60 * SECOND_NS):
            assert parse_instant(spell_instant(start + step)) == start + step
    assert spell_instant(NOW) == "2026-11-19T14:32:07"
    assert parse_instant(spell_instant(NOW - 1)) == NOW, "never earlier than what it spells"
    assert spell_instant(parse_instant("2026-11-01T01:30")) == "2026-11-01T05:30:00Z"
