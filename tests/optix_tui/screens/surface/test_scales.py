"""Where the colours of a layer end, what stands along them, and how a row and a heading are named."""

import numpy as np
import pytest

from engine.domain.volatility import Grade
from optix_tui.screens.surface.coordinates import Coordinate, axis_of
from optix_tui.screens.surface.grades import slice_rows
from optix_tui.screens.surface.heat import heat_view, span_of
from optix_tui.screens.surface.layers import UNITS, Layer, layer_rows
from optix_tui.screens.surface.numbers import numbers_view
from optix_tui.screens.surface.paint_heat import bar_marks, short_name
from optix_tui.screens.surface.paint_mesh import _without_holes
from optix_tui.screens.surface.reading import Past, read
from tests.kit import surface_facts
from tests.kit.stage import Stage

SURFACE = read(surface_facts.surface("SPX"))
NOW = SURFACE.surface.as_of


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
    names = [short_name(row) for row in slice_rows(SURFACE.slices)]
    assert names[0] == "19-Nov"
    assert "20-Nova" in names
    assert names[-1] == "Dec-27"


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
