from datetime import date, time

import numpy as np
import pytest

from engine.domain.instants import MINUTE_NS, new_york_instant, utc_instant
from engine.domain.instruments import SessionName
from engine.services.market.aggregation import LENGTHS, aggregate, day_start, days_of, session_open
from engine.state.bars import BarColumns, columns_of
from tests.kit.market import OPEN, TODAY, bars


def session_of_minutes(count: int, start: int = OPEN) -> BarColumns:
    return columns_of(bars("SPY", start + MINUTE_NS * np.arange(count), 100.0 + np.arange(count), volume=100.0 * (1 + np.arange(count))))


def test_two_minutes_make_one_bar_with_its_own_volume_weighted_price() -> None:
    two = aggregate(session_of_minutes(4), 120, SessionName.NYSE)
    assert two.start.tolist() == [OPEN, OPEN + 2 * MINUTE_NS]
    assert [float(column[0]) for column in two[1:6]] == [100.0, 102.0, 99.0, 101.0, 300.0]
    assert two.vwap[0] == pytest.approx((100.0 * 100.0 + 101.0 * 200.0) / 300.0)


def test_an_hour_of_a_share_begins_at_half_past_and_of_a_coin_at_the_full_hour() -> None:
    minutes = session_of_minutes(90)
    assert aggregate(minutes, 3_600, SessionName.NYSE).start.tolist() == [OPEN, OPEN + 60 * MINUTE_NS]
    assert aggregate(minutes, 3_600, SessionName.CRYPTO).start[0] == OPEN - 30 * MINUTE_NS


@pytest.mark.parametrize("day", [date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 30), date(2026, 11, 2)])
@pytest.mark.parametrize("seconds", LENGTHS[:-1])
def test_the_first_bar_begins_with_the_session_on_both_sides_of_a_clock_change(day: date, seconds: int) -> None:
    start = new_york_instant(day, time(9, 30))
    assert aggregate(session_of_minutes(60, start), seconds, SessionName.NYSE).start[0] == start


def test_a_gap_leaves_no_bar_and_a_part_bar_is_as_long_as_it_is() -> None:
    minutes = session_of_minutes(10)
    holed = minutes.take(np.array([0, 7, 8, 9]))
    assert aggregate(holed, 300, SessionName.NYSE).start.tolist() == [OPEN, OPEN + 5 * MINUTE_NS]


def test_bars_without_volume_have_no_weighted_price_and_unknown_volume_stays_unknown() -> None:
    minutes = session_of_minutes(2)
    quiet = minutes._replace(volume=np.zeros(2), vwap=np.full(2, np.nan))
    two = aggregate(quiet, 120, SessionName.NYSE)
    assert two.volume[0] == 0.0
    assert np.isnan(two.vwap[0])
    unknown = aggregate(minutes._replace(volume=np.full(2, np.nan)), 120, SessionName.NYSE)
    assert np.isnan(unknown.volume[0])


def test_no_minutes_make_no_bars() -> None:
    assert aggregate(BarColumns.empty(), 120, SessionName.NYSE).start.size == 0
    assert days_of(BarColumns.empty(), SessionName.NYSE).start.size == 0


def test_a_session_is_one_bar_that_starts_at_its_date() -> None:
    friday = session_of_minutes(390)
    monday = session_of_minutes(5, new_york_instant(date(2026, 11, 23), time(9, 30)))
    days = days_of(friday.merged(monday), SessionName.NYSE)
    assert days.start.tolist() == [utc_instant(TODAY), utc_instant(date(2026, 11, 23))]
    assert (days.open[0], days.close[0]) == (100.0, 489.0)


def test_the_evening_in_new_york_belongs_to_its_own_date() -> None:
    evening = new_york_instant(TODAY, time(19, 59))
    assert day_start(evening, SessionName.NYSE) == utc_instant(TODAY)
    assert day_start(utc_instant(TODAY), SessionName.NYSE) == utc_instant(TODAY)


def test_a_session_opens_by_the_calendar_and_a_holiday_at_its_midnight() -> None:
    assert session_open(OPEN + 90 * MINUTE_NS, SessionName.NYSE) == OPEN
    thanksgiving = new_york_instant(date(2026, 11, 26), time(12))
    assert session_open(thanksgiving, SessionName.NYSE) == utc_instant(date(2026, 11, 26))
