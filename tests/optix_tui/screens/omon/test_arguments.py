"""What follows OMON: an expiry, a window, a preset, in any order."""

import pytest

from optix_tui.screens.omon.arguments import find_expiry, read_arguments
from optix_tui.screens.omon.columns import preset_named
from optix_tui.screens.omon.window import Kind, Rule
from tests.kit import facts

SUMMARIES = facts.expirations("SPX").expiries


def test_words_are_sorted_out_in_any_order():
    for words in (("20NOV26", "±15", "GREEKS"), ("GREEKS", "20NOV26", "±15")):
        wish = read_arguments(words)
        assert (wish.expiry, wish.rule, wish.preset, wish.trouble) == ("20NOV26", Rule(Kind.STRIKES, 15), preset_named("GREEKS"), "")


def test_words_that_mean_nothing_are_told():
    assert "OMON knows no QUACK" in read_arguments(("QUACK",)).trouble
    assert "too wide" in read_arguments(("±9999",)).trouble


@pytest.mark.parametrize("spelling", ["{d}{m}{y}", "{m}{d}", "{d}{m}", "{m}{d}{y}", "{d}-{m}-{y}", "20{y}-{n}-{d}"])
def test_an_expiry_in_any_usual_spelling(spelling):
    summary = SUMMARIES[4]
    day = summary.series.expiry
    word = spelling.format(d=f"{day:%d}", m=f"{day:%b}".upper(), y=f"{day:%y}", n=f"{day:%m}")
    found = find_expiry(word, SUMMARIES)
    assert found is not None
    assert found.split("/")[1] == day.isoformat()


def test_an_expiry_by_its_days_and_by_its_root():
    near = min(SUMMARIES, key=lambda summary: abs(summary.years * 365 - 8))
    assert find_expiry("8D", SUMMARIES) == near.series.id
    monthly = next(summary for summary in SUMMARIES if summary.series.root == "SPX")
    day = f"{monthly.series.expiry:%d%b%y}".upper()
    assert find_expiry(f"{day}SPX", SUMMARIES) == monthly.series.id


def test_no_such_expiry_is_none():
    assert find_expiry("31DEC99", SUMMARIES) is None
    assert find_expiry("8D", ()) is None
