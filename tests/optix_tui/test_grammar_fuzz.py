"""Whatever is typed, the command line answers: with what it means, or with a sentence."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.errors import BadInput
from engine.domain.osi import OsiParts, bare_ticker, format_osi, parse_contract, parse_deribit, parse_expiry, parse_osi
from engine.domain.roots import make_security
from optix_tui.parser import Instruction, Problem, parse
from optix_tui.registry import FUNCTIONS

LISTED = {symbol: make_security(symbol) for symbol in ("SPX", "SPY", "QQQ", "W", "DES", "BTC", "F", "T", "GP", "VIX")}
NAMES = (
    "SPXW261124C06700000",
    "SPY   261218C00600000",
    "O:SPY261218C00600000",
    ".SPY261218C600",
    "BTC-27NOV26-100000-C",
    "spx 3875p nov17",
    "spy 600 call 12/18",
    "aapl 18dec26 250c",
    "spy 600c 0dte",
    "29feb",
    "SPY US Equity",
)
WORDS = [
    *(code for entry in FUNCTIONS for code in entry.codes),
    *"SPY SPX SPXW BTC F DES US Equity Index Curncy 6700P DEC18 dec 18 fri 0dte ±10 LAST 2m 600 C P call 12/18 / ? ! ß ﬁ ٣ ı".split(),
    "\u2028",
    "\x00",
    *NAMES,
]
DAYS = (date(2024, 2, 29), date(2026, 11, 20), date(2027, 12, 31), date(2099, 12, 31))
words = st.one_of(st.sampled_from(WORDS), st.text(max_size=6))
mutated = st.tuples(st.sampled_from(NAMES), st.integers(0, 25), st.integers(0, 3), st.text(max_size=3)).map(
    lambda parts: parts[0][: parts[1]] + parts[3] + parts[0][parts[1] + parts[2] :]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(words, max_size=7).map(" ".join))
def test_any_line_means_something_or_is_answered_in_words(line):
    for listed in (LISTED, {}):
        found = parse(line, listed)
        assert isinstance(found, Instruction | Problem)
        if isinstance(found, Problem):
            assert found.sentence


@settings(max_examples=150, deadline=None)
@given(mutated, st.sampled_from(DAYS))
def test_a_damaged_contract_is_another_contract_or_refused_in_words(text, today):
    for read in (
        parse_osi,
        parse_deribit,
        bare_ticker,
        lambda typed: parse_contract(typed, today),
        lambda typed: parse_expiry(typed, today),
    ):
        try:
            found = read(text)
        except BadInput as refusal:
            assert str(refusal)
            continue
        if isinstance(found, OsiParts) and len(found.root) <= 6 and found.strike < 99_999:
            assert parse_osi(format_osi(found.root, found.expiry, found.right, found.strike)) == found
