"""What HVT says of a cone: its windows, the implied in it, and why there is none."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.messages.realized import VolatilityEstimator
from optix_tui.canvas import Canvas
from optix_tui.screens.cone.paint import paint_cone
from optix_tui.screens.cone.view import ConePreferences, ConeRow, band, present
from optix_tui.screens.table import Cursor
from optix_tui.theme import load_palette
from tests.kit import realized_facts
from tests.kit.facts import NAN

WIDE = {"width": 160, "height": 40}
SMALL = {"width": 80, "height": 20}


def shown(facts=None, cursor=0, *, width=160, height=40, **chosen):
    view = present(facts or realized_facts.realized(), ConePreferences(**chosen), cursor, width=width, height=height)
    assert view is not None
    return view


def painted(view, *, width=160, height=40):
    canvas = Canvas(width, height, 0)
    paint_cone(canvas, view, load_palette("amber"), lambda _line, _lines: Cursor())
    return "\n".join(canvas.lines_of_text())


def words(view):
    return "".join(text for text, _ in view.readout)


def test_nothing_is_shown_until_something_is_known():
    assert present(None, ConePreferences(), width=80, height=20) is None


def test_a_row_says_where_now_and_the_implied_stand_in_the_cone():
    row = ConeRow(21, 300, 14, (0.05, 0.06, 0.08, 0.10, 0.14, 0.20, 0.30), 0.09, 0.4, 0.17, "")
    assert row.implied_place == pytest.approx(0.85)
    assert row.premium == pytest.approx(0.08)
    assert row._replace(implied=0.5).implied_place == 1.0
    assert row._replace(implied=0.01).implied_place == 0.0


@pytest.mark.parametrize("changes", [{"implied": NAN}, {"quantiles": (NAN,) * 7, "refusal": "6 windows"}])
def test_the_implied_has_no_place_where_it_or_the_cone_is_not_known(changes):
    row = ConeRow(21, 300, 14, (0.05, 0.06, 0.08, 0.10, 0.14, 0.20, 0.30), 0.09, 0.4, 0.17, "")._replace(**changes)
    assert np.isnan(row.implied_place)


def test_the_chosen_window_is_told_in_a_sentence():
    view = shown(cursor=2)
    row = view.rows[2]
    assert row.window == 21
    assert words(view) == (
        f"21 sessions  now {row.now * 100:.1f} above {row.rank * 100:.0f} % of {row.windows} windows"
        f"  implied {row.implied * 100:.1f} at {row.implied_place * 100:.0f} % ({row.premium * 100:+.1f})"
    )


def test_a_window_that_is_refused_says_why_in_whole_whatever_the_width():
    view = shown(realized_facts.realized("META"), cursor=6, **SMALL)
    assert "refused: 11 sessions hold no window of 252; 20 are needed" in words(view)
    assert words(view) in painted(view, **SMALL)


def test_the_cone_belongs_to_the_chosen_estimator_and_all_estimators_stand_beside_it():
    close, parkinson = shown(), shown(estimator=VolatilityEstimator.PARKINSON)
    assert [row.now for row in close.rows] != [row.now for row in parkinson.rows]
    assert [one.estimator for one in close.estimators] == list(VolatilityEstimator)
    assert close.estimators[:-1] == parkinson.estimators[:-1]
    assert band(close.rows, 3) == pytest.approx([row.quantiles[3] * 100 for row in close.rows])


@pytest.mark.parametrize("estimator", list(VolatilityEstimator))
def test_estimators_that_see_the_session_alone_say_so_beside_an_implied_that_has_the_nights(estimator):
    said = " ".join(shown(estimator=estimator).notes)
    assert ("nights are not in it" in said) == (estimator.value in {"parkinson", "garman-klass", "rogers-satchell"})


def test_few_windows_end_to_end_are_marked_and_explained():
    view = shown()
    weak = [row.window for row in view.rows if row.is_weak]
    assert weak == [42, 63, 126, 252]
    assert "293~" in painted(view)
    assert "fewer than 10 windows end to end" in view.notes[0]


def test_a_missing_implied_is_a_dash_and_its_reason_comes_first():
    facts = realized_facts.realized(implied=floats([NAN] * 7), implied_reason="no option of SPX has a quote")
    view = shown(facts)
    assert view.notes[0] == "no implied volatility: no option of SPX has a quote"
    assert "no option of SPX has a quote" in painted(view)
    assert "implied" not in words(view)


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_name_without_a_finished_session_says_so_and_invents_nothing(size):
    view = shown(realized_facts.nothing_known(), **size)
    text = painted(view, **size)
    assert view.scale is None
    assert view.chart_rows == 0
    assert "no finished session of SPX is known yet" in " ".join(text.split())
    assert "nan" not in text.lower()


def test_a_cone_of_which_every_window_is_refused_gives_the_reason_where_it_would_be():
    view = shown(realized_facts.realized("META"))
    assert view.problem == "there is no cone: 11 sessions hold 6 windows of 5; 20 are needed"
    assert view.problem in painted(view)
    assert view.chart_rows > 0


def test_a_low_tile_folds_the_cone_away_and_keeps_the_numbers():
    view = shown(width=80, height=13)
    assert view.chart_rows == 0
    text = painted(view, width=80, height=13)
    assert text.count("\n") == 12
    assert all(f" {row.window} " in text for row in view.rows)
    assert shown(chart=False).chart_rows == 0


def test_one_wild_week_does_not_flatten_the_cone():
    known = realized_facts.realized()
    cones = []
    for one in known.cones:
        quantiles = np.array(one.quantiles)
        quantiles[0, -1] = 3.0
        cones.append(replace(one, quantiles=floats(quantiles)))
    view = shown(replace(known, cones=tuple(cones)))
    assert view.scale is not None
    assert max(row.quantiles[-2] for row in view.rows) * 100 < view.scale.high < 100
    assert "300.0" in painted(view)


def test_the_implied_is_in_sight_beside_a_realised_that_is_the_same():
    view = shown(width=100)
    same = replace(view, rows=tuple(row._replace(implied=row.now) for row in view.rows))
    chart = painted(same, width=100).split("25-75 %")[0]
    assert chart.count("◆") == len([row for row in view.rows if np.isfinite(row.now)])


def test_bands_lie_between_their_quantiles_and_have_a_ground_each():
    view = shown(width=100, height=40)
    canvas = Canvas(100, 40, 0)
    paint_cone(canvas, view, load_palette("amber"), lambda _line, _lines: Cursor())
    column = canvas.back[1 : view.chart_rows - 1, 12].tolist()
    grounds = list(dict.fromkeys(column))
    assert len(grounds) == 4
    assert column.index(grounds[1]) < column.index(grounds[2]) < column.index(grounds[3])
