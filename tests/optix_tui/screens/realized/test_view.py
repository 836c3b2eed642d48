"""What HVG says: lines and their ends, realised less implied, the order of models, and why there is no score."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.messages.realized import ForecastModel, ForecastVerdict, GetRealized, VolatilityEstimator
from optix_tui.canvas import Canvas
from optix_tui.screens.realized.models import COLUMNS, foot_words, in_order, model_name, score_words
from optix_tui.screens.realized.paint import paint_realized
from optix_tui.screens.realized.view import GraphPreferences, Shown, present, windows_asked
from optix_tui.screens.table import Cursor
from optix_tui.theme import load_palette
from tests.kit import realized_facts
from tests.kit.facts import NAN

FACTS = realized_facts.realized("SPX", GetRealized(symbol="SPX", windows=(21,), rolling=(10, 21, 42, 63)))
TABLE = realized_facts.forecasts()
COLUMN = {column.key: column for column in COLUMNS}


def shown(facts=FACTS, table=TABLE, cursor=0, *, width=160, height=40, **chosen):
    view = present(facts, table, GraphPreferences(**chosen), cursor, width=width, height=height)
    assert view is not None
    return view


def painted(view, *, width=160, height=40):
    canvas = Canvas(width, height, 0)
    paint_realized(canvas, view, load_palette("amber"), lambda _line, _lines: Cursor())
    return "\n".join(canvas.lines_of_text())


def test_nothing_is_shown_until_the_past_is_known_and_the_models_may_come_later():
    assert present(None, TABLE, GraphPreferences(), 0, width=160, height=40) is None
    view = shown(table=None)
    assert view.waiting
    assert view.graph.outlook is None
    assert "being fitted and scored" in painted(view)


def test_the_chosen_window_lies_over_its_neighbours_and_each_is_named_where_it_ends():
    view = shown()
    assert [(line.name, line.is_chosen) for line in view.graph.lines] == [("10", False), ("42", False), ("21", True)]
    text = painted(view)
    assert all(f"│{name}" in text for name in ("IV", "10", "21", "42"))


def test_a_narrow_tile_draws_the_chosen_window_alone():
    assert [line.name for line in shown(width=99).graph.lines] == ["21"]
    assert len(shown(width=99, all_estimators=True).graph.lines) == 6


def test_all_estimators_are_told_apart_by_a_letter():
    view = shown(all_estimators=True)
    assert [line.short for line in view.graph.lines] == ["P", "G", "R", "Y", "M", "C"]
    assert "Yang-Zhang: " in painted(view)


def test_the_windows_asked_for_are_the_chosen_one_its_neighbours_and_the_implieds_month():
    assert windows_asked(GraphPreferences()) == (10, 21, 42)
    assert windows_asked(GraphPreferences(window=126)) == (21, 63, 126)
    assert windows_asked(GraphPreferences(window=50)) == (10, 21, 50)


def test_realised_less_implied_is_of_the_same_day_and_unknown_where_either_is():
    view = shown(span=1_008)
    month = next(one for one in FACTS.rolling if one.estimator is VolatilityEstimator.CLOSE and one.window == 21)
    np.testing.assert_allclose(view.graph.premium, (month.values - FACTS.implied_30) * 100)
    assert np.isnan(view.graph.premium[47])
    assert "Realised 21 less implied 30d, same day" in painted(view)


def test_without_a_stored_implied_its_absence_is_told_and_the_bars_are_gone():
    bare = replace(FACTS, implied_30=floats(np.full(FACTS.day.size, NAN)))
    view = shown(bare)
    assert view.graph.premium_rows == 0
    assert "implied 30d: none stored" in painted(view)


def test_ranked_models_come_first_then_the_walk_then_the_losers_then_those_without_a_score():
    order = [one.model for one in in_order(TABLE.forecasts)]
    assert order[:4] == [ForecastModel.HAR, ForecastModel.IMPLIED, ForecastModel.GARCH, ForecastModel.LAST]
    assert order[4:6] == [ForecastModel.EWMA, ForecastModel.AR]
    assert set(order[6:]) == {ForecastModel.HARQ, ForecastModel.GJR}


def test_a_model_that_loses_says_so_in_a_word_and_has_no_rank():
    loser = next(one for one in TABLE.forecasts if one.verdict is ForecastVerdict.LOSES)
    assert COLUMN["verdict"].cell(loser).text == "LOSES"
    assert COLUMN["rank"].cell(loser).text == ""
    assert COLUMN["against"].cell(loser).text == "+0.019"
    best = in_order(TABLE.forecasts)[0]
    assert (COLUMN["rank"].cell(best).text, COLUMN["verdict"].cell(best).text) == ("1", "beats")


def test_a_model_without_a_score_has_dashes_and_its_reason():
    harq = next(one for one in TABLE.forecasts if one.model is ForecastModel.HARQ)
    texts = {key: column.cell(harq).text for key, column in COLUMN.items()}
    assert texts["why"] == "HARQ needs minute bars on each of 60 sessions and more: 30 have them"
    assert {texts[key] for key in ("volatility", "range", "qlike", "against", "p", "rmse", "r2", "scored")} == {"—"}


def test_where_reasons_have_no_column_the_chosen_models_stands_below():
    order = in_order(TABLE.forecasts)
    harq = next(place for place, one in enumerate(order) if one.model is ForecastModel.HARQ)
    small = shown(cursor=harq, width=80, height=21)
    assert small.foot == ("HARQ: HARQ needs minute bars on each of 60 sessions and more: 30 have them", "alert")
    assert small.foot[0] in painted(small, width=80, height=21)
    assert "outcome: Garman-Klass" in shown(cursor=harq).foot[0]


def test_the_score_says_how_many_days_it_stands_on_and_how_many_are_apart():
    assert score_words(TABLE) == "scored on 190 days out of sample, 9 of them apart"
    assert score_words(TABLE, 40) == "scored on 190 days, 9 of them apart"
    assert score_words(realized_facts.no_forecasts()) == "no score: 12 sessions in a row are known"
    assert foot_words(None, None, 160) == ("", "dim")


def test_the_cursors_model_is_drawn_ahead_with_its_range_and_the_others_without():
    view = shown(cursor=0)
    assert view.graph.outlook.name == model_name(ForecastModel.HAR)
    assert view.graph.outlook.low[3] < view.graph.outlook.level[3] < view.graph.outlook.high[3]
    assert len(view.graph.others) == len(TABLE.forecasts) - 1
    assert "● HAR forecast" in painted(view)


def test_a_model_that_speaks_of_one_horizon_has_one_point_and_an_upright_range():
    view = shown(cursor=1)
    assert view.graph.outlook.name == "Implied"
    text = painted(view)
    assert text.count("●") == 2
    assert "● Implied forecast" in text


def test_a_refused_model_under_the_cursor_draws_nothing_ahead():
    view = shown(cursor=7)
    assert view.graph.outlook is None
    assert "●" not in painted(view)


@pytest.mark.parametrize(("shown_as", "graph", "rows"), [(Shown.BOTH, True, 11), (Shown.GRAPH, True, 0), (Shown.TABLE, False, 39)])
def test_graph_and_table_each_have_what_is_asked(shown_as, graph, rows):
    view = shown(shown=shown_as)
    assert (view.graph is not None) is graph
    assert view.table_rows == rows


def test_a_low_tile_keeps_the_graph_and_folds_the_table_away():
    view = shown(width=80, height=19)
    assert view.table_rows == 0
    assert view.graph is not None


@pytest.mark.parametrize("size", [(160, 40), (80, 21), (24, 5)])
def test_a_name_without_a_past_says_so_in_every_size(size):
    width, height = size
    view = shown(realized_facts.nothing_known(), realized_facts.no_forecasts("SPX"), width=width, height=height)
    text = painted(view, width=width, height=height)
    assert view.graph is None
    assert "no finished session" in " ".join(text.split())
    assert "nan" not in text.lower()


def test_one_session_alone_is_no_line_and_no_error():
    one = replace(
        FACTS,
        known=1,
        day=longs(FACTS.day[-1:]),
        close=floats(FACTS.close[-1:]),
        implied_30=floats([NAN]),
        rolling=tuple(replace(series, values=floats([NAN])) for series in FACTS.rolling),
    )
    text = painted(shown(one, None))
    assert "1 session is known: too few" in text
