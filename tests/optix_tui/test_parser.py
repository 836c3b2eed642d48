"""The command line's grammar, sentence by sentence."""

import pytest

from engine.domain.instruments import Market
from engine.domain.roots import make_security
from optix_tui.parser import HitKind, Instruction, Problem, choose_by_number, complete, full_name, parse
from optix_tui.registry import FUNCTIONS

LISTED = {symbol: make_security(symbol) for symbol in ("SPY", "SPX", "QQQ", "AAPL", "VIX", "BTC", "W", "GP", "MSFT")}


def said(text: str, listed=LISTED) -> tuple[str | None, str | None, tuple[str, ...]]:
    found = parse(text, listed)
    assert isinstance(found, Instruction), found
    return found.symbol, found.entry.code if found.entry else None, found.args


@pytest.mark.parametrize(
    ("text", "symbol", "code", "args"),
    [
        ("OMON", None, "OMON", ()),
        ("omon", None, "OMON", ()),
        ("CHAIN", None, "OMON", ()),
        ("AAPL OMON", "AAPL", "OMON", ()),
        ("OMON AAPL", "AAPL", "OMON", ()),
        ("aapl us equity omon", "AAPL", "OMON", ()),
        ("AAPL US OMON", "AAPL", "OMON", ()),
        ("AAPL Equity OMON ±15", "AAPL", "OMON", ("±15",)),
        ("OMON AAPL US Equity ±15", "AAPL", "OMON", ("±15",)),
        ("OMON ±15 GREEKS", None, "OMON", ("±15", "GREEKS")),
        ("OMON GREEKS", None, "OMON", ("GREEKS",)),
        ("OMON 20NOV26", None, "OMON", ("20NOV26",)),
        ("SPX OMON 20NOV26 2SD", "SPX", "OMON", ("20NOV26", "2SD")),
        ("AAPL", "AAPL", None, ()),
        ("AAPL US Equity", "AAPL", None, ()),
        ("VIX Index", "VIX", None, ()),
        ("VIX GP", "VIX", "GP", ()),
        ("BTC Curncy GP", "BTC", "GP", ()),
        ("DES SPX 3875P NOV17", "SPX", "DES", ("3875P", "NOV17")),
        ("GIP 5m", None, "GIP", ("5M",)),
        ("W TECH", None, "W", ("TECH",)),
        ("  SPY   GIP  ", "SPY", "GIP", ()),
    ],
)
def test_a_command_line_says_a_security_a_function_and_its_arguments(text, symbol, code, args):
    assert said(text) == (symbol, code, args)


@pytest.mark.parametrize("word", ["W", "GP"])
def test_a_word_that_is_both_a_code_and_a_ticker_is_the_code(word):
    assert said(word) == (None, word, ())


@pytest.mark.parametrize(("text", "symbol", "code"), [("W US Equity", "W", None), ("W GP", "W", "GP"), ("GP US Equity GIP", "GP", "GIP")])
def test_a_market_or_a_function_behind_it_makes_that_word_the_security(text, symbol, code):
    assert said(text)[:2] == (symbol, code)


def test_going_back_has_a_word():
    found = parse("LAST", LISTED)
    assert isinstance(found, Instruction)
    assert found.goes_back


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("OMNO", ("OMNO is neither a function nor a security", "OMON")),
        ("AAPL OMNO", ("there is no function OMNO", "OMON")),
        ("SYPX", ("SYPX is neither", "SP")),
        ("", ("type a security",)),
        ("OPX 5D", ("OPX takes nothing after it",)),
        ("???", ("neither a function nor a security",)),
    ],
)
def test_what_cannot_be_read_is_said_in_words_with_what_may_be_meant(text, words):
    found = parse(text, LISTED)
    assert isinstance(found, Problem)
    assert all(word in found.sentence for word in words)


def test_a_security_the_market_does_not_list_is_left_to_the_engine_to_judge():
    found = parse("TSLA OMON", LISTED)
    assert isinstance(found, Instruction)
    assert (found.symbol, found.is_listed) == ("TSLA", False)


def test_while_no_market_is_known_a_ticker_is_taken_at_its_word():
    assert said("TSLA OMON", {}) == ("TSLA", "OMON", ())
    assert said("OMON TSLA", {}) == ("TSLA", "OMON", ())


def test_every_code_and_alias_is_understood_alone():
    for entry in FUNCTIONS:
        for code in entry.codes:
            assert said(code) == (None, entry.code, ())


def test_securities_are_spelled_with_their_market():
    assert full_name(LISTED["SPY"]) == "SPY US Equity"
    assert full_name(LISTED["VIX"]) == "VIX Index"
    assert LISTED["BTC"].market is Market.CURRENCY
    assert full_name(LISTED["BTC"]) == "BTC Curncy"


def test_the_ghost_is_what_the_first_hit_would_add():
    assert complete("SPY OM", LISTED).ghost == "ON"
    assert complete("om", LISTED).ghost == "ON"
    assert complete("AAP", LISTED).ghost == "L US Equity"


def test_a_function_is_found_by_its_title_too():
    labels = [hit.label for hit in complete("SPY EXPIR", LISTED).hits]
    assert "OPX" in labels


def test_behind_a_security_only_functions_are_offered():
    assert {hit.kind for hit in complete("SPY O", LISTED).hits} == {HitKind.FUNCTION}


def test_behind_a_function_securities_are_offered_and_its_grammar_is_told():
    found = complete("OMON A", LISTED)
    assert next(hit.label for hit in found.hits) == "AAPL"
    assert found.hint.startswith("OMON [expiry]")


def test_a_word_that_is_both_offers_the_code_first_and_the_security_second():
    hits = complete("W", LISTED).hits
    assert [(hit.kind, hit.label) for hit in hits[:2]] == [(HitKind.FUNCTION, "W"), (HitKind.SECURITY, "W")]
    assert hits[1].text == "W US Equity "
    assert said(hits[1].text) == ("W", None, ())


def test_at_most_nine_hits_so_that_each_has_a_digit():
    many = {f"A{n}": make_security(f"A{n}") for n in range(40)}
    assert len(complete("A", many).hits) == 9


def test_a_digit_takes_the_hit_of_that_number():
    found = complete("SPY O", LISTED)
    assert choose_by_number(found, "SPY O", "2") == found.hits[1]


def test_a_digit_that_belongs_to_the_word_being_typed_is_a_letter_of_it():
    listed = {"ES1": make_security("ES1"), "ES2": make_security("ES2")}
    assert choose_by_number(complete("ES", listed), "ES", "1") is None
    assert choose_by_number(complete("OMON ", LISTED), "OMON ", "2") is None
    assert choose_by_number(complete("SPY O", LISTED), "SPY O", "9") is None or len(complete("SPY O", LISTED).hits) == 9
