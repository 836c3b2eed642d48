from math import nan

import pytest
from msgspec.structs import replace

from engine.domain.chain import ForwardMethod
from engine.domain.ids import UtcNanos
from optix_tui.screens.expirations.view import COLUMNS, expiry_words, known_sum, present, ratio
from tests.kit import facts

TABLE = facts.expirations("SPX")
BY_KEY = {column.key: column for column in COLUMNS}


def cell(key: str, **changes: object):
    first = replace(TABLE.expiries[0], **changes)
    row = present(replace(TABLE, expiries=(first, *TABLE.expiries[1:])), facts.NOW).rows[0]
    return BY_KEY[key].cell(row)


def test_every_series_is_a_row_and_one_day_may_have_two():
    view = present(TABLE, facts.NOW)
    assert len(view.rows) == len(TABLE.expiries)
    friday = [row.summary.series.settlement.value for row in view.rows if row.summary.series.expiry.day == 20]
    assert friday == ["AM", "PM"]
    assert [row.days for row in view.rows[:4]] == [0, 1, 1, 4]


def test_nothing_is_shown_before_the_table_is_known_and_no_listing_is_said():
    assert present(None, facts.NOW) is None
    empty = present(replace(TABLE, expiries=()), UtcNanos(0))
    assert empty.rows == ()
    assert ("P/C OI", "—") in empty.totals


def test_heat_is_the_share_of_the_largest_open_interest():
    view = present(TABLE, facts.NOW)
    heats = [heat for row in view.rows for heat in (row.call_heat, row.put_heat)]
    assert max(heats) == 1
    assert min(heats) > 0
    unknown = tuple(replace(one, call_open_interest=nan, put_open_interest=nan) for one in TABLE.expiries)
    assert {row.call_heat for row in present(replace(TABLE, expiries=unknown), facts.NOW).rows} == {0.0}


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("atm", "atm_iv"),
        ("move", "expected_move"),
        ("straddle", "straddle"),
        ("forward", "forward"),
        ("rate", "rate"),
        ("reversal", "risk_reversal_25"),
        ("butterfly", "butterfly_25"),
        ("call_oi", "call_open_interest"),
        ("put_volume", "put_volume"),
        ("pain", "max_pain"),
        ("residual", "forward_residual"),
    ],
)
def test_what_is_unknown_is_a_dash(key, field):
    assert cell(key, **{field: nan}).text == "—"


def test_numbers_are_in_points_per_cent_and_prices():
    assert cell("atm", atm_iv=0.1725).text == "17.2"
    assert cell("move", expected_move=14.98).text == "±14.98"
    assert cell("move", expected_move=1095.1).text == "±1,095"
    assert cell("rate", rate=0.0392).text == "3.92%"
    assert cell("reversal", risk_reversal_25=-0.0281).text == "-2.8"


def test_a_forward_that_is_not_from_parity_is_marked():
    assert cell("method").text == "parity"
    assert (cell("method", forward_method=ForwardMethod.CARRY).text, cell("method", forward_method=ForwardMethod.CARRY).tone) == (
        "carry",
        "alert",
    )
    assert cell("rate", forward_method=ForwardMethod.NONE).tone == "dim"


def test_ratios_and_sums_know_what_they_do_not_know():
    assert ratio(50.0, 0.0) == "—"
    assert ratio(nan, 10.0) == "—"
    assert ratio(50.0, 100.0) == "0.50"
    assert known_sum([1.0, nan, 2.0]) == 3.0
    assert known_sum([nan]) != known_sum([nan])


def test_the_term_leaves_out_what_is_over_or_unknown():
    over = replace(TABLE.expiries[0], years=-0.001)
    unknown = replace(TABLE.expiries[1], atm_iv=nan)
    view = present(replace(TABLE, expiries=(over, unknown, *TABLE.expiries[2:])), facts.NOW)
    assert len(view.term) == len(TABLE.expiries) - 2


def test_a_date_is_spelled_as_the_command_line_takes_it():
    assert expiry_words(facts.TODAY) == "19NOV26"
