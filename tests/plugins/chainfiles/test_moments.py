from datetime import UTC, date

import pytest

from engine.domain.instants import from_nanos
from plugins.chainfiles.moments import month_of, read_moment


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("June 11, 2022, 8:47 PM EDT", "2022-06-12T00:47"),
        ("December 12, 2022 at 8:30 PM EST", "2022-12-13T01:30"),
        ("22 March 2024, 9:46 PM EDT", "2024-03-23T01:46"),
        ("9 June 2023, 1:40 PM EDT", "2023-06-09T17:40"),
        ("9 декабря 2023 г. в 13:49 GMT-5", "2023-12-09T18:49"),
        ("11. Juni 2022 um 20:47 GMT-4", "2022-06-12T00:47"),
        ("1. März 2024 um 09:05 MEZ", "2024-03-01T14:05"),
        ("11 juin 2022 à 20:47 UTC−4", "2022-06-12T00:47"),
        ("22 août 2025 à 10:00 UTC−4", "2025-08-22T14:00"),
        ("11 de junio de 2022, 20:47 EDT", "2022-06-12T00:47"),
        ("11 giugno 2022 alle ore 20:47 GMT-4", "2022-06-12T00:47"),
        ("11 de dezembro de 2022 às 20:47 EST", "2022-12-12T01:47"),
        ("11 czerwca 2022 20:47 GMT-4", "2022-06-12T00:47"),
        ("11 червня 2022 р. о 20:47 GMT-4", "2022-06-12T00:47"),
        ("2022年6月11日 GMT-4 下午8:47", "2022-06-12T00:47"),
        ("2022년 6월 11일 오후 8:47 GMT-4", "2022-06-12T00:47"),
        ("6/11/2022, 8:47 PM", "2022-06-12T00:47"),
        ("13/6/2022 20:47 EDT", "2022-06-14T00:47"),
        ("11.06.2022, 20:47", "2022-06-12T00:47"),
        ("2022-06-11 20:47", "2022-06-12T00:47"),
        ("2022-06-11T20:47:09.5-04:00", "2022-06-12T00:47"),
        ("2022-06-12T00:47Z", "2022-06-12T00:47"),
        ("January 5, 2025 12:05 AM EST", "2025-01-05T05:05"),
        ("January 5, 2025 12:05 p.m. EST", "2025-01-05T17:05"),
    ],
)
def test_a_date_line_is_read_in_the_language_it_was_written_in(text, utc):
    moment = read_moment(text)
    assert moment is not None
    assert from_nanos(moment.at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == utc


def test_a_bare_day_has_no_clock():
    moment = read_moment("June 11, 2022")
    assert moment is not None
    assert moment.clock is None
    assert moment.day == date(2022, 6, 11)
    assert not moment.zone_said


def test_without_a_zone_it_is_new_york_summer_and_winter():
    summer, winter = read_moment("2025-07-01 12:00"), read_moment("2025-01-02 12:00")
    assert summer is not None
    assert winter is not None
    assert [from_nanos(moment.at).hour for moment in (summer, winter)] == [16, 17]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "yesterday",
        "June 31, 2022",
        "13/13/2022",
        "June 11",
        "2022",
        "2022-13-01",
        "June 11, 99999",
        "x" * 5000,
        "0001-01-01 00:00",
    ],
)
def test_what_is_no_day_is_none(text):
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("word", "month"), [("Sept.", 9), ("февраля", 2), ("mai", 5), ("August", 8), ("Date", 0), ("EDT", 0), ("luglio", 7)]
)
def test_words_that_mean_months(word, month):
    assert month_of(word) == month


@pytest.mark.parametrize(
    "text", ["0026-02-03 10:00", "1969-12-31", "2200-01-01", "9026-07-08 14:02:42+00:00", "202026-02-3026-07-08 14:02"]
)
def test_a_year_that_no_instant_can_hold_is_a_slip(text):
    assert read_moment(text) is None
