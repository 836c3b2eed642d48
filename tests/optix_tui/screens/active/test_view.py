from math import nan

import pytest

from engine.domain.columns import floats
from engine.domain.ids import UtcNanos
from engine.messages.flow import ActiveBy
from optix_tui.screens.active.view import ActivePreferences, columns, measure_of, present
from optix_tui.screens.table import fit
from tests.kit import flow_facts

FIRST = present(flow_facts.active("SPX"), ActivePreferences()).rows[0]


def cell(key: str, **changes: object):
    by_key = {column.key: column for column in columns(ActivePreferences(whole_market=True))}
    return by_key[key].cell(FIRST._replace(**changes))


def test_nothing_is_shown_before_the_ranks_are_told():
    assert present(None, ActivePreferences()) is None


@pytest.mark.parametrize("by", list(ActiveBy))
def test_ranks_fall_and_the_bar_of_the_first_is_full(by):
    view = present(flow_facts.active("SPX", by), ActivePreferences(by=by))
    measures = [measure_of(row, by) for row in view.rows]
    assert measures == sorted(measures, reverse=True)
    assert [row.rank for row in view.rows] == list(range(1, len(view.rows) + 1))
    assert view.rows[0].share == 1
    assert all(0 <= row.share <= 1 for row in view.rows)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (ActiveBy.VOLUME, "no volume of any option is known yet"),
        (ActiveBy.PREMIUM, "no option has printed here yet"),
        (ActiveBy.VOLUME_OVER_OI, "traded 100 or more with an open interest that is known"),
        (ActiveBy.OI_CHANGE, "needs a stored session before this one"),
    ],
)
def test_why_there_is_nothing_depends_on_what_is_ranked(by, words):
    empty = flow_facts.active("SPX", by)
    empty = type(empty)(**{name: getattr(empty, name)[:0] if name in ROWS else getattr(empty, name) for name in empty.__struct_fields__})
    view = present(empty, ActivePreferences(by=by))
    assert view.rows == ()
    assert words in view.note


ROWS = frozenset(
    "symbols name strike contract_right expiry days last bid ask spot otm volume open_interest change premium ask_share iv delta".split()
)


def test_a_first_one_whose_measure_is_unknown_has_no_bar():
    told = flow_facts.active("SPX")
    odd = type(told)(**{name: getattr(told, name) for name in told.__struct_fields__} | {"volume": floats([nan] * len(told.name))})
    assert {row.share for row in present(odd, ActivePreferences()).rows} == {0.0}


def test_a_change_without_a_stored_session_says_so_and_with_one_says_which():
    assert "against 18-Nov" in present(flow_facts.active("SPX", ActiveBy.OI_CHANGE), ActivePreferences()).convention
    lone = flow_facts.active("SPX", ActiveBy.OI_CHANGE, compared_with=UtcNanos(0))
    assert present(lone, ActivePreferences()).convention == "OI change: no session before is stored"


def test_an_open_interest_of_nought_is_new_and_an_unknown_one_a_dash():
    assert cell("ratio", open_interest=0.0).text == "new"
    assert cell("ratio", open_interest=nan).text == "—"
    assert cell("interest", open_interest=nan).text == "—"
    assert cell("change", change=nan).text == "—"


def test_what_met_the_ask_leads_with_an_arrow():
    assert cell("ask_share", ask_share=0.8).text == "▲80%"
    assert cell("ask_share", ask_share=0.2).text == "▼20%"
    assert cell("ask_share", ask_share=nan).text == "—"


@pytest.mark.parametrize("key", ["last", "bid", "ask", "iv", "delta", "money", "spot", "premium", "volume"])
def test_an_unknown_number_is_a_dash(key):
    assert cell(key, last=nan, bid=nan, ask=nan, iv=nan, delta=nan, otm=nan, spot=nan, premium=nan, volume=nan).text == "—"


@pytest.mark.parametrize(
    ("by", "key"),
    [(ActiveBy.VOLUME, "volume"), (ActiveBy.PREMIUM, "premium"), (ActiveBy.VOLUME_OVER_OI, "ratio"), (ActiveBy.OI_CHANGE, "change")],
)
def test_what_is_ranked_stays_on_the_narrowest_screen(by, key):
    kept = {one.column.key for one in fit(columns(ActivePreferences(by=by)), 44)}
    assert {"strike", "expiry", key} <= kept


def test_columns_of_which_nothing_is_told_are_left_away_and_named():
    told = flow_facts.active("SPX")
    unknown = {name: floats([nan] * len(told.name)) for name in ("change", "premium", "ask_share")}
    quiet = type(told)(**{name: getattr(told, name) for name in told.__struct_fields__} | unknown)
    view = present(quiet, ActivePreferences())
    assert view.untold == ("ΔOI", "Premium", "~Ask")
    assert not {"change", "premium", "ask_share"} & {column.key for column in columns(ActivePreferences(), view.untold)}
    assert present(told, ActivePreferences()).untold == ()
    by_change = present(
        type(told)(**{name: getattr(quiet, name) for name in told.__struct_fields__}), ActivePreferences(by=ActiveBy.OI_CHANGE)
    )
    assert "ΔOI" not in by_change.untold
