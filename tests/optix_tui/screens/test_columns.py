from math import nan

import pytest

from engine.domain.columns import floats
from engine.domain.market import FeedState, Verdict
from optix_tui.screens.columns import COLUMNS, QuoteRow, chosen, plus_minus, spark_cell
from tests.kit import facts


def shown(key: str, **changes: object) -> str:
    return COLUMNS[key].cell(QuoteRow(facts.SYMBOLS[1], facts.quote("SPY", **changes))).text


def test_every_column_says_dash_for_what_is_unknown_and_never_zero():
    row = QuoteRow(facts.SYMBOLS[1], facts.unknown_quote("SPY"))
    for key in COLUMNS.keys() - {"symbol", "arrow", "note", "spark", "sessions"}:
        assert COLUMNS[key].cell(row).text == "—", key
    assert COLUMNS["arrow"].cell(row).text.strip() == ""
    assert spark_cell(row, 10).text == ""


def test_a_name_nothing_was_heard_of_is_awaited_and_one_the_market_lacks_is_named():
    assert COLUMNS["last"].cell(QuoteRow(facts.SYMBOLS[0])).text == "…"
    missing = COLUMNS["last"].cell(QuoteRow(facts.SYMBOLS[0], is_unknown=True))
    assert (missing.text, missing.tone) == ("not listed", "alert")
    for key in COLUMNS.keys() - {"symbol", "last"}:
        assert COLUMNS[key].cell(QuoteRow(facts.SYMBOLS[0])).text.strip() == "", key


def test_numbers_are_in_their_conventions():
    assert shown("iv30") == "13.4"
    assert shown("rank") == "22"
    assert shown("reversal") == "-4.1"
    assert shown("move") == "±4.69"
    assert shown("percent") == "+0.38%"
    assert shown("premium") == "+1.9"
    assert shown("put_call") == "1.18"
    assert plus_minus(2211.4) == "±2,211"


def test_direction_is_an_arrow_and_a_sign_and_not_only_a_colour():
    assert shown("arrow", change=-1.0) == "▼"
    assert shown("change", change=-1.0) == "-1.00"
    assert COLUMNS["change"].cell(QuoteRow(facts.SYMBOLS[1], facts.quote("SPY", change=0.0))).tone == "text"


@pytest.mark.parametrize(
    ("verdict", "word"),
    [(Verdict.CROSSED, "crossed"), (Verdict.LOCKED, "locked"), (Verdict.STALE, "stale"), (Verdict.WIDE, "wide"), (Verdict.FINE, "")],
)
def test_what_is_wrong_with_a_quote_is_said_in_a_word(verdict, word):
    assert shown("note", verdict=int(verdict)) == word
    assert (COLUMNS["bid"].cell(QuoteRow(facts.SYMBOLS[1], facts.quote("SPY", verdict=int(verdict)))).tone == "alert") == (
        verdict in {Verdict.CROSSED, Verdict.LOCKED}
    )


def test_a_state_other_than_live_is_written_beside_the_name():
    assert shown("note", state=FeedState.FROZEN) == "frozen"
    assert shown("note", state=FeedState.LIVE) == ""


def test_unknown_columns_are_left_out_and_the_symbol_always_leads():
    assert [column.key for column in chosen(("iv30", "nonsense", "symbol", "last"))] == ["symbol", "iv30", "last"]


def test_the_place_in_the_days_range_needs_a_range():
    assert shown("place", low=10.0, high=10.0) == "—"
    assert shown("place", low=10.0, high=20.0, last=15.0) == "50%"
    assert shown("place", low=nan) == "—"


def test_a_volatility_rank_stands_out_from_a_half_on():
    assert COLUMNS["rank"].cell(QuoteRow(facts.SYMBOLS[1], facts.quote("SPY", iv_rank=0.58))).tone == "alert"
    assert COLUMNS["rank"].cell(QuoteRow(facts.SYMBOLS[1], facts.quote("SPY", iv_rank=0.1))).tone == "dim"
    assert spark_cell(QuoteRow(facts.SYMBOLS[1], facts.quote("SPY", day_line=floats([1, 2]))), 4).text != ""
