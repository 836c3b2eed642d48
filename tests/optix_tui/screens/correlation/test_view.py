"""What CORR says: a number a pair with how sure it is, a refusal, a lag, and the pair through time."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from optix_tui.canvas import Canvas
from optix_tui.colour import use_monochrome
from optix_tui.screens.correlation.paint import paint_correlation
from optix_tui.screens.correlation.view import CorrelationPreferences, Form, PairCell, present, signed
from optix_tui.theme import load_palette
from tests.kit import facts, realized_facts
from tests.kit.facts import NAN


def shown(table=None, *, width=160, height=40, **chosen):
    view = present(table or realized_facts.table(), CorrelationPreferences(**chosen), width=width, height=height)
    assert view is not None
    return view


def canvas_of(view, *, width=160, height=40):
    canvas = Canvas(width, height, load_palette("amber").ground)
    paint_correlation(canvas, view, load_palette("amber"))
    return canvas


def painted(view, *, width=160, height=40):
    return "\n".join(canvas_of(view, width=width, height=height).lines_of_text())


def words(view):
    return "".join(text for text, _ in view.readout)


def test_nothing_is_shown_until_something_is_known():
    assert present(None, CorrelationPreferences(), width=80, height=20) is None


@pytest.mark.parametrize(
    ("value", "text"), [(0.931, "+.93"), (-0.5, "-.50"), (0.0, " .00"), (-0.003, " .00"), (0.999, "+1.0"), (-0.998, "-1.0"), (NAN, "—")]
)
def test_a_correlation_carries_its_sign_and_never_its_zero(value, text):
    assert PairCell(value, "", 63, False, False, False).text == text


def test_a_pair_is_marked_by_how_sure_it_is():
    table = realized_facts.table()
    sure = replace(table, p_value=floats([[NAN, 0.009, 0.04, 0.06], *[[0.009] * 4] * 3]))
    assert [cell.mark for cell in shown(sure).cells[0]] == ["", "**", "*", ""]


def test_the_pair_under_the_cursor_is_told_in_whole():
    table = realized_facts.table()
    view = shown(table, row=0, column=2)
    value, low, high = (float(one[0, 2]) for one in (table.value, table.low, table.high))
    assert words(view) == f"SPY / VIX  {value:+.3f}  95 % {low:+.2f} to {high:+.2f}  n 63  p <.001  significant at 1 %"


@pytest.mark.parametrize(
    ("value", "text"), [(0.93, "+0.93"), (0.9991, "+0.999"), (-0.9972, "-0.997"), (0.99996, "+1.0000"), (1.0, "+1.0000")]
)
def test_what_is_not_one_is_not_told_as_one(value, text):
    assert signed(value) == text


def test_what_may_be_chance_is_said_to_be():
    view = shown(row=0, column=3)
    assert view.cells[0][3].mark == ""
    assert words(view).endswith("may be chance")


def test_on_the_diagonal_a_name_tells_its_own_volatility():
    view = shown(row=2, column=2)
    assert words(view) == f"VIX / VIX  itself; volatility {float(realized_facts.table().volatility[2]) * 100:.1f}"


def test_too_few_common_sessions_are_refused_with_the_count_and_never_a_number():
    view = shown(realized_facts.table("SPY", "META"), row=0, column=1)
    assert view.cells[0][1].text == "—"
    assert words(view) == "SPY / META  refused: 10 common sessions, 20 are needed"
    text = painted(view)
    assert "n 10" in text
    assert "META have too few common sessions for 63 of them through time" in text
    assert "nan" not in text.lower()


def test_a_name_that_does_not_move_has_no_number_and_says_why():
    table = realized_facts.table("SPY", "QQQ")
    still = replace(table, value=floats([[1.0, NAN], [NAN, NAN]]), p_value=floats(np.full((2, 2), NAN)))
    assert words(shown(still)) == "SPY / QQQ  one of them does not move"


def test_a_lag_says_who_comes_first_and_the_diagonal_is_no_longer_a_name_with_itself():
    later, earlier = (shown(realized_facts.table(lag=lag), lag=lag) for lag in (2, -2))
    assert words(later).startswith("SPY 2 before QQQ")
    assert words(earlier).startswith("SPY 2 after QQQ")
    assert "row leads by 2" in later.head
    assert not later.cells[0][0].is_self
    assert later.cells[0][1].value == pytest.approx(earlier.cells[1][0].value)


def test_names_that_are_not_known_stand_first_in_the_head():
    view = shown(realized_facts.table("SPY", "NOSUCH", "QQQ"), width=80, height=20)
    assert view.head.startswith("no past: NOSUCH")
    assert "NOSUCH" in painted(view, width=80, height=20)


def test_a_market_without_a_past_says_so_once():
    table = realized_facts.table()
    none = replace(table, symbols=(), unknown=("SPX", "SPY"), value=floats(np.empty((0, 0))), p_value=floats(np.empty((0, 0))))
    view = shown(none)
    assert view.head == "63 sessions"
    assert view.problem.startswith("no sessions are known of SPX, SPY:")


def test_one_name_alone_is_told_to_take_others():
    view = shown(realized_facts.correlation(realized_facts.GetCorrelation(symbols=("SPY",))))
    assert "one name alone moves with nothing" in painted(view)


def test_ten_names_fit_into_eighty_columns_with_marks_and_signs():
    names = facts.SYMBOLS[:10]
    view = shown(realized_facts.table(*names), width=80, height=21)
    assert (view.columns, view.form) == (10, Form.LINE)
    rows = painted(view, width=80, height=21).splitlines()
    assert rows[2].startswith(" SPX     ·    +1.0**")


def test_more_names_than_fit_are_pointed_to_and_the_cursor_is_always_in_sight():
    names = facts.SYMBOLS
    for row, column in ((0, 1), (14, 13), (7, 7)):
        view = shown(realized_facts.table(*names), width=80, height=21, row=row, column=column)
        assert view.top <= row < view.top + view.lines
        assert view.left <= column < view.left + view.columns
    text = painted(shown(realized_facts.table(*names), width=80, height=21, row=7, column=7), width=80, height=21)
    assert {"▲", "▼", "‹", "›"} <= set(text)


def test_the_pair_alone_has_the_screen_and_zero_in_sight():
    view = shown(alone=True)
    assert view.lines == 0
    assert view.rolling.scale.low <= 0.0 <= view.rolling.scale.high
    assert view.rolling_rows == 38
    assert "SPY / QQQ over 63 sessions" in painted(view)


def test_a_pair_far_from_zero_has_its_scale_to_itself_beside_the_matrix():
    view = shown()
    assert view.rolling.scale.low > 0.4
    assert view.rolling.scale.high == 1.0


def test_strong_pairs_have_a_stronger_ground_and_the_sign_decides_its_colour():
    view = shown(row=3, column=3)
    canvas = canvas_of(view)
    ground = load_palette("amber").ground

    def strength(column):
        packed = int(canvas.back[2, 7 + column * view.pitch])
        return [(packed >> shift & 255) - (ground >> shift & 255) for shift in (16, 8, 0)]

    (red_up, green_up, _), (red_down, green_down, _) = strength(1), strength(2)
    assert green_up > red_up
    assert red_down > green_down
    assert sum(strength(1)) > sum(strength(3))


def test_without_colours_numbers_signs_and_marks_stay():
    use_monochrome(True)
    try:
        text = painted(shown())
    finally:
        use_monochrome(False)
    assert "**" in text
    assert "+." in text
    assert "-." in text
