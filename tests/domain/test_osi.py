from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import BadInput
from engine.domain.instruments import Right
from engine.domain.osi import (
    bare_ticker,
    format_deribit,
    format_osi,
    parse_contract,
    parse_deribit,
    parse_expiry,
    parse_option_name,
    parse_osi,
)

TODAY = date(2026, 11, 20)  # a Friday


@given(
    root=st.from_regex(r"[A-Z]{1,5}[0-9]?", fullmatch=True),
    expiry=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    right=st.sampled_from(Right),
    thousandths=st.integers(1, 99_999_999),
)
def test_an_osi_symbol_comes_back_as_what_it_was_made_of(root, expiry, right, thousandths):
    text = format_osi(root, expiry, right, thousandths / 1000)
    assert len(text) == 21
    for spelling in (text, text.replace(" ", ""), f"  {text.lower()} "):
        parts = parse_osi(spelling)
        assert (parts.root, parts.expiry, parts.right, round(parts.strike * 1000)) == (root, expiry, right, thousandths)


@pytest.mark.parametrize("typed", ["SPY   261218C00000000", "SPY261218C0", ".SPY261218P0.0", "BTC-27NOV26-0-C", "spy 0c dec18"])
def test_a_strike_of_zero_is_refused_in_every_spelling(typed):
    with pytest.raises(BadInput):
        parse_contract(typed, TODAY)


@pytest.mark.parametrize("strike", [0.0, -5.0, 100_000.0, 12.34567, float("nan")])
def test_a_strike_that_osi_cannot_spell_is_refused(strike):
    with pytest.raises((BadInput, ValueError)):
        format_osi("SPY", TODAY, Right.CALL, strike)


@pytest.mark.parametrize(
    "text", ["", "SPY", "SPY261318C00600000", "SPY261218X00600000", "SPY261218C0060000", "<html>", "SPY 261218C00600000 extra"]
)
def test_what_is_no_osi_symbol_is_refused(text):
    with pytest.raises(BadInput):
        parse_osi(text)


def test_deribit_names_go_both_ways():
    assert format_deribit("btc", date(2026, 11, 27), Right.CALL, 100_000) == "BTC-27NOV26-100000-C"
    parts = parse_deribit("BTC-5DEC26-95500-P")
    assert (parts.root, parts.expiry, parts.strike, parts.right) == ("BTC", date(2026, 12, 5), 95_500.0, Right.PUT)
    assert parse_deribit(format_deribit("XRP", date(2026, 11, 27), Right.CALL, 2.5)).strike == 2.5
    with pytest.raises(BadInput):
        parse_deribit("BTC-27NOO26-100000-C")


@pytest.mark.parametrize("name", ["SPXW  261124C06700000", "BTC-27NOV26-95500-C"])
def test_the_name_of_a_listed_option_is_read_in_either_spelling(name):
    parts = parse_option_name(name)
    assert name in {form(parts.root, parts.expiry, parts.right, parts.strike) for form in (format_osi, format_deribit)}
    for other in ("SPY", "BTC-PERPETUAL", "", "-"):
        with pytest.raises(BadInput):
            parse_option_name(other)


@pytest.mark.parametrize(
    ("typed", "ticker", "expiry", "strike", "right"),
    [
        ("spx 3875p nov27", "SPX", date(2026, 11, 27), 3875, "P"),
        ("spx 3875p nov17", "SPX", date(2027, 11, 17), 3875, "P"),  # the 17th has gone by: the next one
        ("SPX NOV27 3875 put", "SPX", date(2026, 11, 27), 3875, "P"),
        ("spx 27 nov 3875p", "SPX", date(2026, 11, 27), 3875, "P"),
        ("spy 600 call 12/18", "SPY", date(2026, 12, 18), 600, "C"),
        ("spy 12/18/27 c600", "SPY", date(2027, 12, 18), 600, "C"),
        ("aapl 18dec26 252.5c", "AAPL", date(2026, 12, 18), 252.5, "C"),
        ("aapl 2026-12-18 250c", "AAPL", date(2026, 12, 18), 250, "C"),
        ("spy 600c fri", "SPY", date(2026, 11, 20), 600, "C"),
        ("spy 600c monday", "SPY", date(2026, 11, 23), 600, "C"),
        ("spy 600c 0dte", "SPY", date(2026, 11, 20), 600, "C"),
        ("spy 600c tomorrow", "SPY", date(2026, 11, 21), 600, "C"),
        ("spy dec 600p", "SPY", date(2026, 12, 18), 600, "P"),
        ("spy oct 600p", "SPY", date(2027, 10, 15), 600, "P"),
        ("spy 600p", "SPY", None, 600, "P"),
        ("c 60c dec", "C", date(2026, 12, 18), 60, "C"),
        ("brk.b 400c dec", "BRK.B", date(2026, 12, 18), 400, "C"),
        ("SPY US Equity 600c dec", "SPY", date(2026, 12, 18), 600, "C"),
        (".SPY261218C600", "SPY", date(2026, 12, 18), 600, "C"),
        ("O:SPY261218C00600000", "SPY", date(2026, 12, 18), 600, "C"),
        ("SPXW  261218C06700000", "SPXW", date(2026, 12, 18), 6700, "C"),
        ("btc-27nov26-100000-c", "BTC", date(2026, 11, 27), 100_000, "C"),
        ("spy 600p 2/29", "SPY", date(2028, 2, 29), 600, "P"),
    ],
)
def test_what_a_trader_types_is_understood(typed, ticker, expiry, strike, right):
    found = parse_contract(typed, TODAY)
    assert (found.ticker, found.expiry, found.strike, found.right) == (ticker, expiry, strike, Right(right))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "type a contract"),
        ("spy 600x", "600X"),
        ("spy", "a strike and C or P"),
        ("600c", "a ticker"),
        ("spy 0c dec", "above zero"),
        ("spy 30feb 600c", "no day 30"),
        ("spy 600c 2026-02-30", "names no day"),
        ("spy 600c 700p", "not understood"),
    ],
)
def test_what_cannot_be_understood_is_answered_in_words(typed, says):
    with pytest.raises(BadInput, match=says):
        parse_contract(typed, TODAY)


@given(st.text(max_size=40))
def test_any_text_gives_a_contract_or_a_clear_refusal(text):
    try:
        found = parse_contract(text, TODAY)
    except BadInput as refusal:
        assert len(str(refusal)) > 10
    else:
        assert found.strike > 0


@pytest.mark.parametrize("typed", ["2026-12-18", "20261218", "dec18", "18dec", "18 dec", "dec 18", "12/18", "18DEC26", "dec"])
def test_an_expiry_is_read_as_it_is_typed(typed):
    assert parse_expiry(typed, TODAY) == date(2026, 12, 18)


@pytest.mark.parametrize("typed", ["", "soon", "dec 18 600", "30feb"])
def test_what_is_no_expiry_is_refused(typed):
    with pytest.raises(BadInput):
        parse_expiry(typed, TODAY)


def test_a_ticker_stands_without_its_yellow_key():
    assert [bare_ticker(text) for text in ("spx index", "SPY US Equity", "btc curncy", " vix ")] == ["SPX", "SPY", "BTC", "VIX"]
    for text in ("", "spx 6700p dec18"):
        with pytest.raises(BadInput):
            bare_ticker(text)
