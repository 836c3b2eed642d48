"""Where the colours of a layer end, what stands along them, and how a row and a heading are named."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.volatility import Grade, MaturityFlag, PointUse
from optix_tui.screens.surface.coordinates import Coordinate, axis_of
from optix_tui.screens.surface.grades import COLUMNS, fit_blocks, slice_rows, unquoted_money, warning_tone
from optix_tui.screens.surface.heat import heat_view, span_of
from optix_tui.screens.surface.layers import UNITS, Layer, layer_rows
from optix_tui.screens.surface.numbers import numbers_view
from optix_tui.screens.surface.paint_heat import bar_marks, failed_words, short_name
from optix_tui.screens.surface.paint_mesh import _without_holes
from optix_tui.screens.surface.reading import Past, read
from optix_tui.screens.surface.view import TENOR_COLUMNS, tenors, warning_of
from tests.kit import surface_facts
from tests.kit.stage import Stage

SURFACE = read(surface_facts.surface("SPX"))
NOW = SURFACE.surface.as_of
ROWS = slice_rows(SURFACE.slices)


@pytest.mark.parametrize(("layer", "least"), [(Layer.CHANGE, 0.1), (Layer.UNUSUAL, 1.0), (Layer.RICH, 0.5)])
def test_small_numbers_do_not_glow(layer, least):
    span = span_of(np.array([-0.01, 0.0, 0.02]), layer)
    assert (span.low, span.high) == (-least, least)
    wide = span_of(np.linspace(-9.0, 9.0, 50), layer)
    assert wide.high > 4.0


def test_within_bid_and_ask_nothing_is_as_rich_as_the_end_of_the_colours():
    axis = axis_of(Coordinate.MONEYNESS, SURFACE)
    view = heat_view(reading=SURFACE, axis=axis, layer=Layer.RICH, past=Past(), now=NOW, pixels=60, columns=81)
    good = [place for place, one in enumerate(SURFACE.slices) if one.grade is Grade.GOOD]
    assert np.nanmax(np.abs(view.span.share(view.at_slices[good]) - 0.5)) < 0.5
    assert "±0.5 is bid and ask" in UNITS[Layer.RICH]


@pytest.mark.parametrize(("height", "marks"), [(3, 2), (16, 3), (20, 5), (36, 9), (90, 9)])
def test_zero_has_a_number_beside_the_colours_where_there_is_room_for_three(height, marks):
    assert bar_marks(height, diverges=True) == marks
    assert bar_marks(16, diverges=False) == 4


def test_a_date_beyond_a_year_is_told_with_its_year():
    names = [short_name(row) for row in ROWS]
    assert names[0] == ("19-Nov", "")
    assert ("20-Nov", "a") in names
    assert names[-1] == ("Dec-27", "")


def failed(*reasons):
    one = ROWS[1].one
    return tuple(row._replace(one=replace(one, reasons=(why,))) for row, why in zip(ROWS, reasons, strict=False))


def test_neighbours_that_failed_alike_are_told_once_and_counted():
    rows = failed("no quotes", "no quotes", "no quotes", "two strikes", "no quotes")
    told = failed_words(rows, [(0, 0), (1, 1), (2, 2), (3, 3), (5, 4)])
    assert told == [
        (1, "19-Nov-26 to 20-Nov-26, 3 expiries X not fitted: no quotes"),
        (3, "23-Nov-26 X not fitted: two strikes"),
        (5, "24-Nov-26 X not fitted: no quotes"),
    ]
    assert failed_words(rows, []) == []


def cut(one, keep):
    """The slice with only those quotes used whose k is kept."""
    k = np.log(one.strikes / one.forward)
    return replace(one, use=np.where((one.use == PointUse.USED) & ~keep(k), 1, one.use).astype(one.use.dtype))


def test_a_fit_without_quotes_about_the_money_says_that_its_level_there_is_the_models():
    one = ROWS[-1].one
    assert unquoted_money(one) == ""
    hole = cut(one, lambda k: np.abs(k) > 0.15)
    assert unquoted_money(hole).startswith("no quote from ")
    assert unquoted_money(hole).endswith("is used: ATM is the model's")
    assert unquoted_money(cut(one, lambda k: k > 0.02)) == "no quote below the forward is used: ATM is the model's"
    assert unquoted_money(cut(one, lambda k: k < -0.02)) == "no quote above the forward is used: ATM is the model's"
    row = ROWS[-1]._replace(one=hole)
    assert warning_of(row) == unquoted_money(hole), "though it is graded good"
    assert warning_tone(hole) == "alert"
    assert any(unquoted_money(hole) in cell.text for block in fit_blocks(row) for fact in block.facts for cell in fact.values)
    atm = next(column for column in COLUMNS if column.key == "atm")
    assert (atm.cell(row).tone, atm.cell(ROWS[-1]).tone) == ("dim", "vol")


def test_a_name_whose_few_strikes_lie_far_apart_has_no_hole():
    one = ROWS[-1].one
    sparse = replace(one, strikes=one.forward * np.array([0.5, 2.0]), use=np.zeros(2, one.use.dtype))
    assert unquoted_money(sparse) == ""
    assert unquoted_money(ROWS[1].one) == "", "what is not fitted has no level at all"


def test_figures_beyond_the_expiries_are_dim_in_every_column():
    beyond = next(row for row in tenors(SURFACE) if row.flag is MaturityFlag.EXTRAPOLATED)
    between = next(row for row in tenors(SURFACE) if row.flag is MaturityFlag.INTERPOLATED)
    for column in TENOR_COLUMNS:
        if column.key in {"atm", "reversal", "butterfly", "reversal_10", "variance"}:
            assert column.cell(beyond).tone == "dim"
    assert {column.key: column.cell(between).tone for column in TENOR_COLUMNS}["reversal"] == "text"


def test_a_z_score_without_a_past_says_how_much_it_needs():
    k = np.zeros((SURFACE.years.size, 1))
    found = layer_rows(Layer.UNUSUAL, SURFACE, k, Past(trouble="nothing has been recorded yet"), NOW)
    assert found.reason == "a z-score needs 20 stored days: no history: nothing has been recorded yet"
    assert not np.isfinite(found.values).any()


def test_headings_leave_their_sign_to_the_name_of_the_coordinate():
    axis = axis_of(Coordinate.MONEYNESS, SURFACE)
    view = numbers_view(reading=SURFACE, axis=axis, layer=Layer.LEVEL, past=Past(), now=NOW, count=9)
    assert view.titles[view.money] == "100"
    assert not any("%" in title for title in view.titles)


def test_a_field_of_the_mesh_has_no_holes_and_no_edges_that_it_had_not():
    front = np.array([[-1, 4, -1, 4, -1], [-1, 4, -1, -1, -1], [-1, 4, -1, 4, -1]])
    filled = _without_holes(front)
    assert filled[0].tolist() == [-1, 4, 4, 4, -1]
    assert filled[1].tolist() == [-1, 4, -1, 4, -1]
    assert front[0, 2] == -1, "what was given is left as it was"


async def test_the_crosshair_tells_a_strike_once():
    stage = Stage("OVDV", "STRIKE", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.rows()[2].count("6,") == 1


@pytest.mark.parametrize("width", [80, 110, 160])
async def test_what_the_colours_mean_is_told_in_whole_words(width):
    stage = Stage("OVDV", "RICH", symbol="SPX")
    async with stage.run_test(size=(width, 41)) as pilot:
        await stage.settle(pilot)
        assert "…" not in stage.rows()[2][: width // 3 * 2]
