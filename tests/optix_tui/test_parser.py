"""The command line's grammar, sentence by sentence."""

import pytest

from engine.domain.instruments import Market
from engine.domain.roots import make_security
from optix_tui.completion import HitKind, choose_by_number, complete
from optix_tui.parser import Instruction, Problem, parse
from optix_tui.registry import FUNCTIONS, PLANNED
from optix_tui.security_words import full_name

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


@pytest.mark.parametrize(
    ("text", "symbol", "args"),
    [
        ("SPX 6700P DEC18 DES", "SPX", ("6700P", "DEC18")),
        ("SPX DES 6700P DEC18", "SPX", ("6700P", "DEC18")),
        ("DES SPX 6700P DEC18", "SPX", ("6700P", "DEC18")),
        ("SPX Index 6700P DEC18 DES", "SPX", ("6700P", "DEC18")),
        ("6700P DEC18 DES", None, ("6700P", "DEC18")),
        ("DEC18 6700P DES", None, ("DEC18", "6700P")),
        ("18DEC26 6700 P", None, ("18DEC26", "6700", "P")),
        ("DES 6700P DEC18", None, ("6700P", "DEC18")),
        ("spx 3875p nov17", "SPX", ("3875P", "NOV17")),
        ("SPY 600C FRI", "SPY", ("600C", "FRI")),
        ("SPY 600C MON", "SPY", ("600C", "MON")),
        ("SPY 600 call 12/18", "SPY", ("600", "CALL", "12/18")),
        ("SPY 600P", "SPY", ("600P",)),
        ("SPX MAR18 6700P", "SPX", ("MAR18", "6700P")),
        ("aapl us equity 18dec26 250c des", "AAPL", ("18DEC26", "250C")),
        ("SPXW261124C06700000", "SPX", ("SPXW261124C06700000",)),
        ("SPXW  261124C06700000 DES", "SPX", ("SPXW261124C06700000",)),
        ("DES SPXW261124C06700000", "SPX", ("SPXW261124C06700000",)),
        ("SPX DES SPXW261124C06700000", "SPX", ("SPXW261124C06700000",)),
        (".SPY261218C600", "SPY", (".SPY261218C600",)),
        ("BTC-27NOV26-100000-C", "BTC", ("BTC-27NOV26-100000-C",)),
        ("btc-27nov26-100000-c des", "BTC", ("BTC-27NOV26-100000-C",)),
        ("SPXW 6700P NOV24", "SPX", ("SPXW", "6700P", "NOV24")),
        ("DES SPXW 6700P NOV24", "SPX", ("SPXW", "6700P", "NOV24")),
    ],
)
@pytest.mark.parametrize("listed", [LISTED, {}], ids=["a market", "no market yet"])
def test_a_contract_is_read_wherever_it_stands_and_alone_means_its_description(text, symbol, args, listed):
    assert said(text, listed) == (symbol, "DES", args)


def test_a_contract_behind_a_word_that_is_also_a_code_makes_it_the_security():
    assert said("W 40C DEC18") == ("W", "DES", ("40C", "DEC18"))
    assert said("W 40C DEC18", {}) == (None, "W", ("40C", "DEC18"))


@pytest.mark.parametrize(
    ("text", "symbol", "code", "args"),
    [
        ("SPY OMON", "SPY", "OMON", ()),
        ("NVDA", "NVDA", None, ()),
        ("SPX OPX", "SPX", "OPX", ()),
        ("QQQ GIP", "QQQ", "GIP", ()),
        ("W", None, "W", ()),
        ("W ADD NVDA", None, "W", ("ADD", "NVDA")),
        ("HOME", None, "HOME", ()),
        ("TAS", None, "TAS", ()),
        ("SPX 6700P DEC18 DES", "SPX", "DES", ("6700P", "DEC18")),
        ("SPX 6700P DEC18 OVME", "SPX", "OVME", ("6700P", "DEC18")),
        ("SPXW261124C06700000 OVME", "SPX", "OVME", ("SPXW261124C06700000",)),
        ("OVME SPXW261124C06700000", "SPX", "OVME", ("SPXW261124C06700000",)),
        ("OVME SPXW 6700P NOV24", "SPX", "OVME", ("SPXW", "6700P", "NOV24")),
        ("OVME SPX 6700P DEC18 MATRIX", "SPX", "OVME", ("6700P", "DEC18", "MATRIX")),
        ("SPX OVME PAYOFF", "SPX", "OVME", ("PAYOFF",)),
        ("DATA", None, "DATA", ()),
        ("SYS", None, "SYS", ()),
        ("SET", None, "SET", ()),
        ("HELP", None, "HELP", ()),
        ("GP", None, "GP", ()),
        ("GPC", None, "GPC", ()),
        ("AAPL OMON", "AAPL", "OMON", ()),
        ("OMON AAPL", "AAPL", "OMON", ()),
        ("OMON 18DEC ±5", None, "OMON", ("18DEC", "±5")),
        ("SPX OMON 20NOV26", "SPX", "OMON", ("20NOV26",)),
        ("VIX", None, "VIX", ()),
        ("VIX Index", "VIX", None, ()),
        ("VIX GP", "VIX", "GP", ()),
        ("MON", None, "W", ()),
        ("SPY MON", "SPY", "W", ()),
        ("GIP 15m", None, "GIP", ("15M",)),
        ("SET terminal.theme paper", None, "SET", ("terminal.theme", "paper")),
        ("W NEW 0DTE", None, "W", ("NEW", "0DTE")),
    ],
)
def test_every_row_of_the_readme_and_every_plain_case_of_the_grammar_is_understood(text, symbol, code, args):
    assert said(text, LISTED | {"NVDA": make_security("NVDA")}) == (symbol, code, args)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SPX 6700P DEC18 OMON", "OMON takes no contract"),
        ("SPX 6700P DEC18 OMNO", "no function OMNO"),
        ("SPX 6700P DEC18 DES NOW", "nothing can follow DES"),
        ("SPX 6700P DEC18 OVME NOW", "nothing can follow OVME"),
        ("SPX 6700P FEB30", "no day 30"),
        ("SPX 6700P 1ZY", "'1ZY' is not understood"),
        ("6700", "6700 is neither"),
    ],
)
def test_a_contract_that_cannot_be_read_or_shown_is_refused_with_the_reason(text, words):
    found = parse(text, LISTED)
    assert isinstance(found, Problem)
    assert words in found.sentence


def test_a_day_typed_behind_its_month_takes_no_hit_of_the_drop_down():
    found = complete("SPX MAR", LISTED)
    assert found.hits
    assert choose_by_number(found, "SPX MAR", "1") is None


@pytest.mark.parametrize("text", ["MARS", "SPY MARS", "MARS SPY"])
def test_a_code_that_is_yet_to_come_is_said_to_be_planned(text):
    found = parse(text, LISTED)
    assert isinstance(found, Problem)
    assert found.sentence == "MARS is planned, not built yet"


def test_no_planned_code_is_one_that_exists():
    assert not PLANNED & {code for entry in FUNCTIONS for code in entry.codes}


def test_of_two_words_without_a_function_the_wrong_one_is_named():
    found = parse("NOPE SPY", LISTED)
    assert isinstance(found, Problem)
    assert found.text == "there is no function NOPE"
    unknown = parse("NOPE SPY", {})
    assert isinstance(unknown, Problem)
    assert unknown.text == "neither NOPE nor SPY is a function"


def test_going_back_has_a_word():
    found = parse("LAST", LISTED)
    assert isinstance(found, Instruction)
    assert found.goes_back


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AAPL OMNO", ("there is no function OMNO", "OMON")),
        ("", ("type a security",)),
        ("OPX 5D", ("OPX takes nothing after it",)),
        ("???", ("??? is neither a function nor a ticker",)),
        ("0MON", ("0MON is neither a function nor a ticker", "OMON")),
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


@pytest.mark.parametrize("listed", [LISTED, {}], ids=["a market", "no market yet"])
def test_a_word_spelled_like_a_ticker_is_the_engines_to_judge_with_the_functions_it_may_have_meant(listed):
    found = parse("OMNO", listed)
    assert isinstance(found, Instruction)
    assert (found.symbol, found.is_listed, found.instead) == ("OMNO", False, ("OMON",))
    known = parse("AAPL", listed)
    assert isinstance(known, Instruction)
    assert (known.is_listed, known.instead) == (bool(listed), ())


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
