"""What a cell writes where its text is wider than its column."""

import pytest

from optix_tui.screens.painting import fitting


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("+10.4", 4, "+10"),
        ("-10.46", 5, "-10.5"),
        ("+9.96", 4, "+10"),
        ("1,234.56", 7, "1,234.6"),
        ("±104.17", 5, "±104"),
        ("12.34", 5, "12.34"),
    ],
)
def test_a_number_too_wide_loses_digits_behind_its_point_and_stays_a_number(text, width, shown):
    assert fitting(text, width) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("synthetic", 5, "synt…"), ("+1234.5", 4, "+12…"), ("12:30:15", 5, "12:3…"), ("abc", 0, "…")]
)
def test_what_cannot_be_shortened_loses_its_end_with_a_mark(text, width, shown):
    assert fitting(text, width) == shown
