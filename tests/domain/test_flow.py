"""Filters of flow: one spelling for the screen, the command line and the event."""

import pytest

from engine.domain.errors import BadInput
from engine.domain.flow import PRESETS, WORDS, FlowFilter, FlowKind, FlowSide, is_filter_word, parse_filter, with_word


@pytest.mark.parametrize("text", [text for _, text in PRESETS] + ["bid puts itm sweep size>=250 dte<=0", "ask calls >=1.5m"])
def test_a_filter_says_itself_in_words_that_are_read_again(text: str) -> None:
    found = parse_filter(text)
    assert parse_filter(found.text) == found
    assert set(found.text.split()) == set(text.split())


def test_words_are_taken_in_any_order_case_and_spelling() -> None:
    assert parse_filter("OTM ≥50K ASK") == parse_filter("ask otm >=$50000") == parse_filter("50k otm bought")
    assert parse_filter(parse_filter(">=1234.5").text).least_premium == 1_234.5
    assert parse_filter("0DTE").most_days == 0
    assert parse_filter("v>oi").above_open_interest
    assert parse_filter("ask>=62.5%").ask_share == 0.625


def test_a_word_of_the_same_kind_replaces_the_one_before() -> None:
    assert with_word(parse_filter("ask sweep"), "bid") == FlowFilter(side=FlowSide.BID, kind=FlowKind.SWEEP)


@pytest.mark.parametrize(
    "word", ["nonsense", ">=", "-5", ">=5x", "ask>=101%", "ask>=-1%", "dte<=x", "dte<=99999", "size>=", "nan", ">=nan"]
)
def test_a_word_that_filters_nothing_is_refused_with_those_that_do(word: str) -> None:
    with pytest.raises(BadInput, match=r"filters no flow|0 to 100|whole number"):
        parse_filter(word)
    assert not is_filter_word(word)


def test_every_example_is_a_word() -> None:
    assert all(map(is_filter_word, WORDS))
