from math import isnan, nan

import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.market import FeedState
from optix_tui.canvas import Canvas
from optix_tui.screens.quality.paint import paint_quality
from optix_tui.screens.quality.view import COLUMNS, QualityFacts, lag_at, lag_bars, present, together
from optix_tui.screens.table import Cursor
from optix_tui.theme import load_palette
from tests.kit import engine_facts, facts

PALETTE = load_palette("amber")
FACTS = QualityFacts(quality=engine_facts.quality(), status=engine_facts.status(), now=facts.NOW)
BY_KEY = {column.key: column for column in COLUMNS}


def said(view) -> dict[str, str]:
    return {fact.label: "".join(cell.text for cell in fact.values) for block in (view.feed, view.recorder) for fact in block.facts}


def test_all_names_are_added_up_in_the_first_row():
    rows = present(FACTS).rows
    assert rows[0].symbol == "ALL"
    assert rows[0].crossed == sum(row.crossed for row in rows[1:]) == 3
    assert rows[0].oldest_age == max(row.oldest_age for row in rows[1:])


def test_the_median_age_of_all_is_weighted_by_contracts():
    many = engine_facts.symbol_quality("SPX", contracts=900, median_age=1.0)
    few = engine_facts.symbol_quality("BTC", contracts=10, median_age=50.0)
    assert together((many, few)).median_age == 1.0
    assert isnan(together((engine_facts.symbol_quality("SPX", median_age=nan, oldest_age=nan),)).median_age)


def test_the_state_is_said_with_its_reason_and_how_long():
    found = said(present(FACTS))
    assert found["State"].strip() == "live"
    assert found["Since NY"] == "19-Nov-26 10:00:00  4h 32m 7s"
    broken = replace(FACTS, quality=engine_facts.quality(FeedState.DISCONNECTED))
    assert said(present(broken))["State"] == "disconnected  no data for 42 s"
    assert present(broken).feed.facts[0].values[0].tone == "down"


def test_lag_percentiles_come_from_the_histogram():
    edges, counts = floats([0, 10, 20, 40]), longs([50, 50, 0])
    assert lag_at(edges, counts, 0.5) == 10
    assert lag_at(edges, counts, 0.25) == 5
    assert isnan(lag_at(edges, longs([0, 0, 0]), 0.5))
    assert [bar.share for bar in lag_bars(edges, longs([2, 1, 0]))] == [1, 0.5, 0]
    assert [bar.label for bar in lag_bars(floats([0, 1, 1000, 5000]), longs([1, 1, 1]))] == ["<1", "<1s", "<5s"]
    assert lag_bars(floats([]), longs([])) == ()


def test_a_feed_without_times_of_its_own_says_so():
    silent = replace(FACTS.quality, lag_counts=longs([0] * 11))
    assert present(replace(FACTS, quality=silent)).lag_note == "the venue gives no times"


@pytest.mark.parametrize("key", ["crossed", "locked", "stale", "malformed"])
def test_a_verdict_that_should_not_be_is_marked_from_the_first_on(key):
    clean = engine_facts.symbol_quality("SPY", **{key: 0})
    assert BY_KEY[key].cell(clean).text == "·"
    assert BY_KEY[key].cell(engine_facts.symbol_quality("SPY", **{key: 1})).tone == "alert"


def test_common_verdicts_are_marked_only_when_there_are_many():
    assert BY_KEY["wide"].cell(engine_facts.symbol_quality("SPY", wide=3)).tone == "text"
    assert BY_KEY["wide"].cell(engine_facts.symbol_quality("SPY", wide=300)).tone == "alert"


def test_unknown_ages_and_empty_names_are_dashes():
    row = engine_facts.symbol_quality("SPY", contracts=0, median_age=nan, oldest_age=nan)
    assert [BY_KEY[key].cell(row).text for key in ("two_sided", "median", "oldest")] == ["—", "—", "—"]


def test_a_sick_recorder_is_said_and_none_is_no_fault():
    sick = engine_facts.store_status(healthy=False, trouble="the disk is full", shed_rows=12)
    view = present(replace(FACTS, status=engine_facts.status(store=sick)))
    assert said(view)["Health"] == "the disk is full"
    none = replace(FACTS, status=engine_facts.status(store=engine_facts.store_status(path="")))
    assert "no store is open" in said(present(none))[""]


def test_nothing_is_shown_before_the_quality_is_known_and_no_names_is_no_row():
    assert present(QualityFacts()) is None
    assert present(replace(FACTS, quality=engine_facts.quality(symbols=()))).rows == ()


def frozen_file(note: str, reason: str) -> QualityFacts:
    quality = replace(engine_facts.quality(FeedState.FROZEN), reason=reason)
    return replace(FACTS, quality=quality, status=engine_facts.status(FeedState.FROZEN, simulated=False, own_clock=True, feed_note=note))


def test_a_file_is_frozen_at_its_own_instant_and_has_no_lag():
    view = present(frozen_file("stands at noon", "a file of 3 contracts; stands at noon"))
    assert said(view)["Kind"] == "frozen at its own instant"
    assert said(view)["State"] == "frozen  a file of 3 contracts", "its instant is said once"
    assert said(view)["Note"] == "stands at noon"
    assert view.lag == ()
    assert view.lag_note.startswith("none")


@pytest.mark.parametrize("width", [60, 120, 200])
def test_a_long_note_is_read_to_its_end(width):
    note = "stands at Fri 2026-06-26 16:00:00 New York: saved Sat 2026-06-27 20:47:00, the time in the file; the last close before it"
    canvas = Canvas(width, 40, PALETTE.ground, PALETTE.text)
    paint_quality(canvas, present(frozen_file(note, "a file")), PALETTE, lambda *_: Cursor(0, 0))
    text = " ".join(strip.text[: width // 2 if width >= 90 else width].strip() for strip in canvas.strips())
    assert " ".join(note.split()) in " ".join(text.split())
