"""Numbers as they are read; the unknown is a dash everywhere."""

from datetime import date

import pytest

from engine.domain.ids import UtcNanos
from optix_tui import format as shown
from tests.kit import facts

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "tick", "text"),
    [
        (11.7, 0.05, "11.70"),
        (0.0005, 0.0005, "0.0005"),
        (604.123, 0.01, "604.12"),
        (91240, 1, "91240"),
        (2.5, 0.0, "2.50"),
        (NAN, 0.01, "—"),
    ],
)
def test_a_price_has_the_digits_of_its_tick(value, tick, text):
    assert shown.price(value, tick) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (827, "827"),
        (12_345, "12,345"),
        (123_456, "123.5k"),
        (41_270_000, "41.27M"),
        (1.2e9, "1.20B"),
        (-1500, "-1,500"),
        (NAN, "—"),
    ],
)
def test_a_count_fits_six_cells(value, text):
    assert shown.compact(value) == text
    assert len(text) <= 6


@pytest.mark.parametrize(("value", "text"), [(2.53, "+2.53"), (-0.004, "0.00"), (0, "0.00"), (-1234.5, "-1,234.50"), (NAN, "—")])
def test_a_change_carries_its_sign_and_zero_none(value, text):
    assert shown.signed(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.52, ".52"), (-0.25, "-.25"), (1.0, "1.00"), (-0.001, ".00"), (NAN, "—")])
def test_a_delta_has_no_zero_before_its_point(value, text):
    assert shown.small(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "200ms"), (4, "4s"), (75, "1m"), (7200, "2h"), (90_000, "25h"), (432_000, "5d"), (-1, "0ms"), (NAN, "—")]
)
def test_an_age_is_in_its_largest_unit(seconds, text):
    assert shown.age(seconds) == text


@pytest.mark.parametrize(("value", "text"), [(605.0, "605"), (602.5, "602.5"), (6700.0, "6700"), (91_000.0, "91,000"), (NAN, "—")])
def test_a_strike_has_no_digit_it_does_not_need(value, text):
    assert shown.strike(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.014712, ".0147"), (1.2345, "1.23"), (0, "0"), (NAN, "—"), (1e-12, "1e-12")])
def test_significant_digits(value, text):
    assert shown.significant(value) == text


def test_dates_and_clocks_are_new_yorks():
    assert shown.day(date(2026, 11, 21)) == "21-Nov-26"
    assert shown.clock(facts.NOW) == "14:32:07"
    assert shown.minute(facts.NOW) == "14:32"
    assert shown.moment(facts.NOW) == "19-Nov-26 14:32:07"
    assert shown.clock(UtcNanos(0)) == "—"


def test_percentages_and_points():
    assert (shown.percent(0.134), shown.signed_percent(0.0042), shown.points(0.134)) == ("13.4%", "+0.42%", "13.4")
    assert (shown.percent(NAN), shown.signed_percent(NAN), shown.points(NAN)) == ("—", "—", "—")


def test_direction_is_a_mark_too():
    assert [shown.arrow(value) for value in (1, -1, 0, NAN)] == ["▲", "▼", " ", " "]


def test_bytes_have_units():
    assert [shown.size_of(value) for value in (512, 38.2e6, 5e9, NAN)] == ["512 B", "38.2 MB", "5.0 GB", "—"]


def test_the_time_between_unknown_instants_is_unknown():
    assert shown.seconds_between(UtcNanos(1), UtcNanos(2_000_000_001)) == 2
    assert shown.seconds_between(UtcNanos(0), UtcNanos(5)) != shown.seconds_between(UtcNanos(0), UtcNanos(5))
