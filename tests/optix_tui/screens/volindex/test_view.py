from math import isnan, nan

import numpy as np
import pytest

from engine.domain.columns import floats
from engine.domain.ids import Symbol
from optix_tui.screens.volindex.maturities import COLUMNS, forward_between, maturity_rows
from optix_tui.screens.volindex.view import present, term_of
from tests.kit import compass_facts


def shown(chosen: str = "SPX", *, width: int = 160, height: int = 40, told=None):
    view = present(told or compass_facts.indices(), Symbol(chosen), width=width, height=height)
    assert view is not None
    return view


def cells(symbol: str):
    view = shown()
    row = next(row for row in view.rows if row.told.symbol == symbol)
    return {column.key: column.cell(row).text for column in view.columns}


def test_nothing_is_shown_before_the_indices_are_told():
    assert present(None, Symbol("SPX"), width=160, height=40) is None


def test_a_maturity_beyond_the_expiries_is_a_letter_and_one_that_is_unknown_a_stroke():
    assert cells("IWM")["d365"] == "E"
    assert {cells("XOM")[f"d{days}"] for days in compass_facts.INDEX_DAYS} == {"—"}
    assert (cells("XOM")["line"], cells("SPX")["line"]) == ("not fitted yet", "")


def test_the_wings_are_what_the_smile_adds_to_the_volatility_at_the_forward():
    told = compass_facts.index("SPX")
    assert cells("SPX")["wings"] == f"{(told.value[1] - told.atm_iv[1]) * 100:+.2f}"
    assert cells("XOM")["wings"] == "—"


def test_the_print_stands_beside_ours_where_the_feed_has_it_and_is_empty_where_not():
    spx, apple, ibm = cells("SPX"), cells("AAPL"), cells("JPM")
    assert (spx["official"], spx["print"], spx["gap"]) == ("VIX", "14.12", "+0.24")
    assert (apple["official"], apple["print"], apple["gap"]) == ("VXAPL", "", "")
    assert (ibm["official"], ibm["print"]) == ("", "")


def test_the_slope_is_90_days_less_30_and_unknown_without_one_of_them():
    assert cells("VIX")["slope"].startswith("-")
    lone = compass_facts.index("SPX", value=floats([0.1, 0.2, nan, 0.2, 0.2]))
    (row,) = shown(told=compass_facts.indices("SPX", rows=(lone,))).rows
    assert isnan(row.slope)


def test_the_shape_is_said_in_words():
    assert shown("SPX").term.shape.startswith("upward")
    assert shown("VIX").term.shape.startswith("INVERTED")


def test_marks_of_time_lie_inside_the_picture():
    term = shown().term
    assert [text for _, text in term.marks] == ["7d", "30d", "90d", "180d", "1y"]
    assert all(0 <= share <= 1 for share, _ in term.marks)
    assert np.all(np.diff(term.places) > 0)


def test_published_indices_are_compared_one_by_one():
    def told(symbol, place):
        row = maturity_rows(compass_facts.index(symbol))[place]
        return tuple(column.cell(row).text for column in COLUMNS if column.key in {"official", "print", "value", "gap"})

    assert told("SPX", 1) == ("14.36", "VIX", "14.12", "+0.24")
    assert told("AAPL", 1) == ("23.90", "VXAPL", "no print", "")
    assert told("JPM", 1)[1:] == ("", "", "")


def test_what_lies_between_two_maturities_is_the_variance_that_is_left():
    assert forward_between(30.0, 0.2, 90.0, 0.2) == pytest.approx(0.2)
    assert forward_between(30.0, 0.1, 90.0, 0.2) == pytest.approx((0.04 * 90 - 0.01 * 30) ** 0.5 / 60**0.5)
    assert isnan(forward_between(30.0, 0.4, 90.0, 0.2)), "more time has less variance"
    assert isnan(forward_between(nan, nan, 9.0, 0.2)), "the first has none before it"
    rows = maturity_rows(compass_facts.index("SPX", value=floats([0.2, nan, 0.2, 0.2, nan])))
    assert rows[2].forward == pytest.approx(0.2), "an unknown maturity is passed over"
    assert isnan(rows[4].forward)


def test_a_name_that_is_not_fitted_says_why_in_place_of_its_picture():
    view = shown("XOM")
    assert view.term is None
    assert view.trouble == "XOM: its surface is not fitted yet: names nobody looks at are fitted in turn"


def test_one_known_maturity_makes_a_picture_and_a_single_level_has_a_scale():
    lone = compass_facts.index("SPX", value=floats([nan, 0.2, nan, nan, nan]), atm_iv=floats([nan] * 5), printed=floats([nan] * 5))
    term = term_of(lone)
    assert term is not None
    assert term.scale.low < 20.0 < term.scale.high
    assert term.shape == ""


def test_a_lone_print_of_a_name_that_is_not_fitted_makes_no_picture():
    lone = compass_facts.index("SPX", value=floats([nan] * 5), atm_iv=floats([nan] * 5), refusal="its surface is not fitted yet")
    assert term_of(lone) is None


def test_a_market_without_options_says_so():
    view = shown(told=compass_facts.indices("SPX", rows=()))
    assert view.trouble == "this market lists no name with options"
    assert [one.key for one in view.columns] == ["symbol", "slope", "atm", "wings", "official", "print", "gap", "line"]


def test_a_name_that_is_not_among_them_asks_for_a_choice():
    assert shown("NOSUCH").trouble == "choose a name in the table"


@pytest.mark.parametrize(
    ("width", "height", "side", "below"),
    [(160, 40, False, True), (160, 24, True, False), (160, 10, False, False), (80, 21, False, True), (80, 12, False, False)],
)
def test_the_picture_stands_where_there_is_room(width, height, side, below):
    view = shown(width=width, height=height)
    assert (view.side > 0, view.below > 0) == (side, below)
