from math import isfinite, nan

import numpy as np
import pytest

from engine.domain.columns import floats
from engine.domain.ids import UtcNanos
from engine.domain.instants import SECOND_NS
from optix_tui.canvas import Canvas
from optix_tui.screens.compass.columns import COLUMNS, PRESETS
from optix_tui.screens.compass.paint import _paint_line
from optix_tui.screens.compass.view import CompassFilter, CompassPreferences, names_of, present, scatter_of, sortable
from optix_tui.theme import load_palette
from tests.kit import compass_facts, facts

ALL = compass_facts.compass()


def shown(**preferences: object):
    view = present(ALL, CompassPreferences(**preferences), facts.NOW)
    assert view is not None
    return view


def cell(key: str, **changes: object):
    row = compass_facts.row("SPX", **changes)
    (name,) = names_of(compass_facts.compass(rows=(row,)), facts.NOW)
    return COLUMNS[key].cell(name)


def test_nothing_is_shown_before_the_names_are_told():
    assert present(None, CompassPreferences(), facts.NOW) is None


def test_names_stand_by_rank_and_those_without_one_come_last_either_way():
    for descending in (True, False):
        names = [name.row.symbol for name in shown(descending=descending).names]
        assert set(names[-2:]) == {"META", "XOM"}
        ranks = [compass_facts.row(symbol).rank for symbol in names[:-2]]
        assert ranks == sorted(ranks, reverse=descending)


@pytest.mark.parametrize(("line", "is_drawn"), [([], False), ([0.2], False), ([nan, 0.2], False), ([0.2, 0.3], True), ([0.2, 0.2], True)])
def test_one_known_session_is_no_line_of_sixty(line, is_drawn):
    (name,) = names_of(compass_facts.compass(rows=(compass_facts.row("SPX", line=floats(line)),)), facts.NOW)
    canvas = Canvas(20, 1, 0)
    _paint_line(canvas, name, load_palette("amber"))
    assert bool(canvas.lines_of_text()[0].strip()) == is_drawn


@pytest.mark.parametrize("key", sortable(shown()))
def test_every_column_sorts_with_the_unknown_last(key):
    order = COLUMNS[key].order
    assert order is not None
    values = [order(name) for name in shown(sort=key).names]
    known = [value for value in values if isinstance(value, str) or isfinite(value)]
    assert values[: len(known)] == known
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (CompassFilter.HIGH, {"TSLA"}),
        (CompassFilter.LOW, {"VIX"}),
        (CompassFilter.CHEAP, set()),
        (CompassFilter.BROKEN, {"TSLA", "VIX"}),
    ],
)
def test_a_filter_leaves_what_it_says_and_the_unknown_passes_none(chosen, names):
    view = shown(filter=chosen)
    assert {name.row.symbol for name in view.names} == names
    assert view.hidden == len(ALL.rows) - len(names)
    assert "XOM" not in {name.row.symbol for name in shown(filter=CompassFilter.RICH).names}


def test_what_has_no_rank_is_counted_and_the_first_reason_told():
    view = shown()
    assert view.refused == 2
    assert view.why == "META: 40 sessions are known in the window, and rank and percentile need 120"
    assert (view.window, view.least) == (252, 120)


def test_the_map_holds_only_names_that_have_both_figures_and_one():
    scatter = shown().scatter
    assert set(scatter.left_out) == {"META", "XOM"}
    assert all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in scatter.points)
    assert 0 < scatter.even < 1


def test_a_ratio_that_is_nought_or_negative_has_no_place_on_the_map():
    odd = compass_facts.compass(rows=(compass_facts.row("SPX", ratio=0.0), compass_facts.row("SPY", ratio=-1.0)))
    scatter = scatter_of(names_of(odd, facts.NOW))
    assert scatter.points == ()
    assert scatter.left_out == ("SPX", "SPY")


def test_heat_is_the_share_of_names_that_lie_below():
    heats = {name.row.symbol: name.heat for name in names_of(ALL, facts.NOW)}
    known = [name for name in heats if isfinite(heats[name])]
    assert heats["VIX"] == 1
    assert min(heats[name] for name in known) == 0
    assert set(heats) - set(known) == {"XOM"}
    (alone,) = names_of(compass_facts.compass("SPX"), facts.NOW)
    assert alone.heat == 0


def test_a_name_whose_figures_are_old_is_pale():
    old = compass_facts.row("SPX", as_of=UtcNanos(facts.NOW - 400 * SECOND_NS))
    names = names_of(compass_facts.compass(rows=(old, compass_facts.row("SPY"))), facts.NOW)
    assert [name.is_pale for name in names] == [True, False]


@pytest.mark.parametrize("key", [key for key in COLUMNS if key not in {"symbol", "broken", "sessions", "line"}])
def test_an_unknown_number_is_a_dash_in_every_column(key):
    row = compass_facts.row("SPX")
    numbers = {name: nan for name in row.__struct_fields__ if isinstance(getattr(row, name), float)}
    found = cell(key, **numbers)
    assert found.text == "—"
    assert found.shade == 0


def test_what_breaks_a_rule_is_counted_beside_the_name():
    assert cell("broken").text == ""
    assert cell("broken", broken=("a",)).text == "!"
    assert cell("broken", broken=("a", "b", "c")).text == "!3"


def test_an_exposure_has_its_sign_in_a_letter():
    assert cell("exposure", exposure=-2.7e9).text == "-2.70bn"
    assert cell("exposure", exposure=4e6).text == "+4.00mn"
    assert cell("exposure", exposure=0.0).text == "0"


def test_implied_far_above_or_below_realised_is_heated_and_between_it_is_not():
    assert cell("ratio", ratio=1.6).shade > 0
    assert cell("ratio", ratio=0.6).shade > 0
    assert cell("ratio", ratio=1.1).shade == 0


def test_each_preset_begins_with_the_name_and_holds_known_columns():
    for keys in PRESETS.values():
        assert keys[0] == "symbol"
        assert set(keys) <= set(COLUMNS)


def test_a_line_with_gaps_or_of_one_value_is_no_trouble():
    odd = compass_facts.compass(rows=(compass_facts.row("SPX", line=floats([nan, 0.2])), compass_facts.row("SPY", line=floats([0.1]))))
    view = present(odd, CompassPreferences(), facts.NOW)
    assert view is not None
    assert [np.size(name.row.line) for name in view.names] == [2, 1]
