"""Two rows on a security."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.market import Verdict
from optix_tui.canvas import Canvas
from optix_tui.freshness import Condition, Freshness
from optix_tui.theme import load_palette
from optix_tui.widgets.security_bar import SecurityView, paint_security_bar
from tests.kit import facts

PALETTE = load_palette("amber")
LIVE = Freshness(condition=Condition.LIVE)


def rows(quote, freshness=LIVE, width=160) -> list[str]:
    canvas = Canvas(width, 2, PALETTE.ground, PALETTE.text)
    paint_security_bar(canvas, SecurityView(name="SPY US Equity", security=None, quote=quote, freshness=freshness), PALETTE)
    strips = canvas.strips()
    assert {strip.cell_length for strip in strips} == {width}
    return [strip.text for strip in strips]


def test_price_change_quote_and_volume_come_first():
    first, second = rows(facts.quote("SPY"))
    assert first.startswith(" SPY US Equity   670.12  ▲ +2.53  +0.38%   B 670.11 × 670.13 A")
    assert "Vol 41.27M" in first
    for word in ("IV30 13.38", "IVR 22", "IVP 30", "HV30", "IV-HV +1.9", "RR25 -4.1", "P/C 1.18", "EM 1d ±"):
        assert word in second


def test_the_day_has_a_line_a_high_and_a_low():
    first, second = rows(facts.quote("SPY"))
    assert "H 6" in first
    assert "L 6" in second
    assert any(0x2800 < ord(letter) <= 0x28FF for letter in first + second)


def test_a_fall_has_its_own_mark():
    assert "▼ -" in rows(facts.quote("IWM"))[0]


def test_unknown_numbers_are_dashes_never_zero():
    text = "".join(rows(facts.unknown_quote("SPY")))
    assert "—" in text
    assert "nan" not in text
    assert "0.00" not in text


def test_a_rank_on_too_few_sessions_says_how_many():
    quote = replace(facts.quote("SPY"), iv_rank=float("nan"), iv_percentile=float("nan"), iv_sessions=40)
    assert "IVR — (40 sessions)" in rows(quote)[1]


@pytest.mark.parametrize(("verdict", "word"), [(Verdict.CROSSED, "crossed"), (Verdict.LOCKED, "locked")])
def test_what_is_wrong_with_the_quote_is_said(verdict, word):
    assert word in rows(replace(facts.quote("SPY"), verdict=int(verdict)))[0]


def test_a_quote_that_has_not_come_is_waited_for():
    assert "waiting for its quote" in rows(None)[0]
    assert "disconnected" in rows(None, Freshness(condition=Condition.DISCONNECTED))[0]


def test_a_stale_quote_says_so():
    assert " STALE 40s " in rows(facts.quote("SPY"), Freshness(condition=Condition.STALE, age=40.0))[0]


@pytest.mark.parametrize("line", [[], [5.0], [5.0] * 30, [np.nan, 1.0, np.nan, 2.0]])
def test_any_line_of_the_day_can_be_drawn(line):
    rows(replace(facts.quote("SPY"), day_line=floats(np.array(line, float))))


@pytest.mark.parametrize("width", [10, 60, 98, 110, 140, 400])
def test_no_width_breaks_it(width):
    rows(facts.quote("SPX"), width=width)


@pytest.mark.parametrize("width", range(50, 170, 3))
def test_no_number_is_cut_by_the_word_for_its_condition(width):
    frozen = Freshness(condition=Condition.FROZEN, at=facts.NOW)
    first = rows(facts.quote("SPY"), frozen, width)[0]
    whole = " ".join(rows(facts.quote("SPY"), LIVE, 400)[0].split())
    before, _, after = first.partition("FROZEN")
    assert after, "the word itself stands at every width"
    assert set(before.split()) <= set(whole.split())
