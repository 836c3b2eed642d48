from math import nan

import pytest

from engine.domain.columns import floats
from engine.domain.flow import PRESETS, Place, parse_filter
from engine.domain.market import Side
from engine.domain.marks import FlowFlag, Opening
from optix_tui.screens.flow.arguments import arguments_of, read_arguments
from optix_tui.screens.flow.rows import MOST_KEPT, joined, numbered_anew, rows_of
from optix_tui.screens.flow.view import FlowPreferences, columns, filter_name, flag_words, heat_of, present
from tests.kit import flow_facts

ROWS = rows_of(flow_facts.tape("SPX"))
BY_KEY = {column.key: column for column in columns(whole_market=True, recorded=False)}


def cell(key: str, **changes: object):
    return BY_KEY[key].cell(ROWS[0]._replace(**changes))


def shown(tape=None, *, rows=None, has_prints=True, **preferences: object):
    told = flow_facts.tape("SPX") if tape is None else tape
    view = present(told, rows_of(told) if rows is None else rows, FlowPreferences(**preferences), has_prints=has_prints)
    assert view is not None
    return view


def test_nothing_is_shown_before_a_tape_is_told():
    assert present(None, (), FlowPreferences()) is None


def test_prints_stand_newest_first():
    assert [row.sequence for row in ROWS] == sorted((row.sequence for row in ROWS), reverse=True)
    assert [row.at for row in ROWS] == sorted((row.at for row in ROWS), reverse=True)


def test_a_side_that_is_a_guess_carries_a_tilde_and_one_that_was_said_does_not():
    assert cell("side", side=Side.BUY, is_inferred=True).text == "~BUY"
    assert cell("side", side=Side.BUY, is_inferred=False).text == "BUY"
    assert cell("side", side=Side.UNKNOWN, is_inferred=True).text == "—"


@pytest.mark.parametrize(
    ("place", "word"),
    [(Place.ABOVE, ">ask"), (Place.ASK, "ask"), (Place.MID, "mid"), (Place.BID, "bid"), (Place.BELOW, "<bid"), (Place.UNKNOWN, "—")],
)
def test_where_a_print_met_the_quote_is_a_word(place, word):
    assert cell("place", place=place).text == word


def test_an_open_interest_of_nought_is_new_and_an_unknown_one_a_dash():
    assert cell("ratio", open_interest=0.0, volume=5.0, flags=int(FlowFlag.ABOVE_OPEN_INTEREST)).text == "new"
    assert cell("interest", open_interest=0.0).text == "0"
    for key in ("ratio", "interest"):
        assert cell(key, open_interest=nan, flags=0).text == "—"


def test_volume_over_open_interest_is_hot_only_where_it_is_above():
    hot = cell("ratio", volume=300.0, open_interest=100.0, flags=int(FlowFlag.ABOVE_OPEN_INTEREST))
    assert (hot.text, hot.shade) == ("3.00", 1.0)
    assert cell("ratio", volume=50.0, open_interest=100.0, flags=0).shade == 0
    assert cell("ratio", volume=1e6, open_interest=100.0, flags=0).text == "10,000"


@pytest.mark.parametrize("key", ["price", "premium", "iv", "delta", "money", "spot", "bid", "ask", "size", "volume"])
def test_an_unknown_number_is_a_dash(key):
    names = ("price", "premium", "iv", "delta", "otm", "spot", "bid", "ask", "size", "volume")
    assert cell(key, **dict.fromkeys(names, nan)).text == "—"


def test_the_day_of_expiry_stands_out_and_years_have_room():
    assert cell("days", days=0).tone == "alert"
    assert len(cell("days", days=1127).text) <= BY_KEY["days"].width


def test_flags_tell_guesses_from_what_the_venue_said():
    assert flag_words(ROWS[0]._replace(flags=int(FlowFlag.SWEEP))) == "~SWEEP"
    assert flag_words(ROWS[0]._replace(flags=int(FlowFlag.SWEEP | FlowFlag.SAID_BY_VENUE))) == "SWEEP"
    assert flag_words(ROWS[0]._replace(flags=int(FlowFlag.MULTI_LEG), structure="")) == "LEGS"
    assert flag_words(ROWS[0]._replace(flags=int(FlowFlag.MULTI_LEG | FlowFlag.BLOCK), structure="straddle")) == "BLOCK ~straddle"


def test_opening_or_closing_is_a_question_until_it_is_known():
    assert [cell("opening", opening=one).text for one in (Opening.UNKNOWN, Opening.OPENING, Opening.CLOSING)] == ["?", "open", "close"]


def test_a_bar_grows_by_powers_of_ten_and_of_nothing_there_is_none():
    assert heat_of(10**7) == 1
    assert 0 < heat_of(50_000) < heat_of(500_000) < 1
    assert heat_of(nan) == heat_of(0.0) == heat_of(-5.0) == 0


def test_what_is_shown_adds_up_by_side_and_by_right_and_the_unknown_counts_nowhere():
    tape = flow_facts.tape("SPX", 2, premium=floats([1_000.0, nan]))
    sums = {label: text for label, text, _ in shown(tape).shown}
    assert sorted((sums["Calls"], sums["Puts"])) == ["0", "1,000"]


def test_a_quiet_market_a_feed_without_prints_and_a_strict_filter_say_different_things():
    none = flow_facts.tape("SPX", 0)
    assert shown(none).note == "no option has printed yet"
    assert "tells no prints: flow needs a feed with trades" in shown(none, has_prints=False).note
    filtered = parse_filter("calls >=50m")
    strict = flow_facts.tape("SPX", 0, filtered=filtered, seen=412)
    assert shown(strict, filtered=filtered).note == f"none of 412 prints passes {filtered.text}: o takes the next filter"
    assert "recorded of this name" in shown(none, recorded=True).note


def test_a_preset_is_called_by_its_name_and_a_filter_of_ones_own_by_its_words():
    assert [filter_name(parse_filter(text)) for _, text in PRESETS] == [name for name, _ in PRESETS]
    assert filter_name(parse_filter("puts dte<=7")) == "puts dte<=7"


def test_new_prints_come_in_front_and_none_twice():
    kept = rows_of(flow_facts.tape("SPX", 5, first=1))
    found = joined(kept, flow_facts.tape("SPX", 4, first=4))
    assert [row.sequence for row in found] == [7, 6, 5, 4, 3, 2, 1]


def test_more_than_could_be_told_leaves_a_gap_that_says_so():
    from engine.messages.flow import FLOW_ROWS

    kept = rows_of(flow_facts.tape("SPX", 3, first=1))
    found = joined(kept, flow_facts.tape("SPX", FLOW_ROWS, first=900))
    assert [row.is_gap for row in found].count(True) == 1
    assert found[FLOW_ROWS].is_gap
    assert not any(row.is_gap for row in joined(kept, flow_facts.tape("SPX", 3, first=4)))


def test_the_tape_is_bounded_and_an_empty_one_forgets_nothing_it_should_keep():
    kept = rows_of(flow_facts.tape("SPX", 60, first=1))
    long = tuple(kept[0]._replace(sequence=place) for place in range(MOST_KEPT, 0, -1))
    assert len(joined(long, flow_facts.tape("SPX", 5, first=MOST_KEPT + 1))) == MOST_KEPT
    assert joined((), flow_facts.tape("SPX", 0)) == ()


def test_the_words_behind_the_code_come_back_as_they_were_meant():
    preferences, trouble = read_arguments(("ALL", "OTM", "VOL>OI", ">=50K"))
    assert trouble == ""
    assert preferences.whole_market
    assert read_arguments(arguments_of(preferences)) == (preferences, "")
    assert read_arguments(("UNUSUAL",))[0].filtered == parse_filter(dict(PRESETS)["unusual"])
    assert "SIDEWAYS" in read_arguments(("SIDEWAYS",))[1].upper()


def test_an_engine_is_another_one_where_it_gives_a_known_number_to_another_print():
    kept = rows_of(flow_facts.tape("SPX", 60))
    assert not numbered_anew(kept, flow_facts.tape("SPX", 60))
    assert not numbered_anew(kept, flow_facts.tape("SPX", 60, first=30)), "of the same one more was told"
    assert not numbered_anew((), flow_facts.tape("SPX", 3))
    assert not numbered_anew(kept, flow_facts.tape("SPX", 0))
    assert numbered_anew(kept, flow_facts.tape("SPX", 3))
    assert numbered_anew(rows_of(flow_facts.tape("SPX", 5, first=900)), flow_facts.tape("SPX", 3))
