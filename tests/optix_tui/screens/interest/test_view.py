from math import isnan, nan

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.ids import UtcNanos
from optix_tui.screens.interest.paint import CELL, LABEL, TOTAL, WIDEST_CELL, rooms
from optix_tui.screens.interest.view import (
    MIDDLE_ZOOM,
    ZOOMS,
    InterestPreferences,
    Layer,
    Rights,
    Sides,
    added,
    chosen,
    heat_of,
    present,
    step_of,
    value_text,
)
from tests.kit import flow_facts

MAP = flow_facts.interest("SPX")


def shown(told=MAP, *, rows: int = 20, **preferences: object):
    view = present(told, InterestPreferences(**preferences), rows=rows)
    assert view is not None
    return view


def of_one(call: float, put: float):
    """A map of one strike and one expiry."""
    one = {name: floats([[value]]) for name, value in (("call_open_interest", call), ("put_open_interest", put))}
    unknown = dict.fromkeys(("call_volume", "put_volume", "call_change", "put_change"), floats([[nan]]))
    return replace(MAP, strikes=floats([6700.0]), series=MAP.series[:1], days=longs([0]), **one, **unknown)


def test_nothing_is_shown_before_the_map_is_told():
    assert present(None, InterestPreferences(), rows=20) is None


def test_rows_fall_and_each_strike_is_counted_once():
    view = shown()
    assert np.all(np.diff(view.levels) < 0)
    known = np.nansum(MAP.call_open_interest) + np.nansum(MAP.put_open_interest)
    assert np.nansum(view.values) == pytest.approx(known)
    assert np.nansum(view.strike_totals) == pytest.approx(known)
    assert np.nansum(view.by_expiry) == pytest.approx(known)


def test_an_expiry_of_which_no_open_interest_is_told_is_unknown_and_not_nought():
    view = shown()
    assert np.isnan(view.values[:, -1]).all()
    assert isnan(view.by_expiry[-1])
    assert isnan(view.put_call[-1])
    assert value_text(float(view.by_expiry[-1]), Layer.INTEREST, signed=False) == ""


def test_a_difference_is_known_only_where_both_sides_are():
    view = shown(of_one(100.0, nan), rights=Rights.NET)
    assert isnan(view.values[0, 0])
    assert view.note == "no open interest of any option is known yet"
    assert shown(of_one(100.0, 130.0), rights=Rights.NET).values[0, 0] == -30


def test_one_side_counts_where_the_other_is_not_listed():
    assert shown(of_one(100.0, nan)).values[0, 0] == 100
    assert isnan(shown(of_one(nan, nan)).values[0, 0])
    assert added(Sides(floats([nan, 1.0]), floats([nan, nan])))[1] == 1.0


def test_nought_is_a_number_and_is_shown():
    view = shown(of_one(0.0, 0.0))
    assert view.values[0, 0] == 0
    assert view.heat[0, 0] == 0
    assert value_text(0.0, Layer.INTEREST, signed=False) == "0"


def test_volume_over_nothing_is_unknown():
    told = replace(of_one(0.0, 0.0), call_volume=floats([[40.0]]), put_volume=floats([[2.0]]))
    assert isnan(shown(told, layer=Layer.RATIO).values[0, 0])


def test_a_ratio_of_both_is_of_their_sums_and_not_the_sum_of_ratios():
    told = replace(of_one(100.0, 50.0), call_volume=floats([[100.0]]), put_volume=floats([[200.0]]))
    assert shown(told, layer=Layer.RATIO).values[0, 0] == pytest.approx(2.0)
    assert shown(told, layer=Layer.RATIO, rights=Rights.CALLS).values[0, 0] == pytest.approx(1.0)


def test_a_contract_of_which_one_part_is_unknown_is_in_neither_sum_of_a_ratio():
    unknown_interest = replace(of_one(nan, 50.0), call_volume=floats([[900.0]]), put_volume=floats([[100.0]]))
    view = shown(unknown_interest, layer=Layer.RATIO)
    assert (view.values[0, 0], view.by_expiry[0], view.strike_totals[0]) == pytest.approx((2.0, 2.0, 2.0))
    assert view.volume.calls[0, 0] == 900.0, "beside the cursor it is told all the same"
    unknown_volume = replace(of_one(1_000.0, 50.0), call_volume=floats([[nan]]), put_volume=floats([[100.0]]))
    view = shown(unknown_volume, layer=Layer.RATIO)
    assert view.values[0, 0] == pytest.approx(2.0)
    assert view.put_call[0] == pytest.approx(0.05), "of open interest, of all contracts"


def test_a_change_without_a_stored_session_says_so():
    none = replace(MAP, call_change=floats(MAP.call_change * nan), put_change=floats(MAP.put_change * nan), compared_with=UtcNanos(0))
    view = shown(none, layer=Layer.CHANGE)
    assert view.note == "the change of open interest needs a stored session before this one, and none is stored yet"
    assert view.told == "no session before is stored"
    assert "18-Nov" in shown(layer=Layer.CHANGE).told


def test_a_name_without_options_says_so():
    nothing = floats(np.empty((0, 0)))
    names = ("call_volume", "put_volume", "call_open_interest", "put_open_interest", "call_change", "put_change")
    view = shown(replace(MAP, strikes=floats([]), series=(), days=longs([]), **dict.fromkeys(names, nothing)))
    assert view.note == "no option of this name is listed"
    assert view.levels.size == 0


def test_the_row_of_the_spot_begins_at_or_under_it():
    view = shown()
    assert view.levels[view.spot_row] <= view.spot
    assert view.spot_row == 0 or view.levels[view.spot_row - 1] > view.spot
    unknown = shown(replace(MAP, spot=nan))
    assert 0 <= unknown.spot_row < unknown.levels.size


def test_a_row_is_never_finer_than_the_strikes_nor_coarser_than_the_screen_needs():
    steps = [step_of(MAP, 20, zoom) for zoom in ZOOMS]
    assert steps == sorted(steps)
    assert steps[0] >= float(np.diff(MAP.strikes).min())
    assert step_of(replace(MAP, strikes=floats([6700.0])), 20, 1.0) == 1.0
    assert ZOOMS[MIDDLE_ZOOM] == 1.0


def test_heat_is_of_the_hottest_few_and_keeps_the_sign():
    heat = heat_of(floats([[-400.0, 100.0, 0.0, nan]]))
    assert heat[0, 0] == -1
    assert 0 < heat[0, 1] < 1
    assert heat[0, 2] == 0
    assert isnan(heat[0, 3])
    assert np.isnan(heat_of(floats([[nan]]))).all()


@pytest.mark.parametrize("rights", list(Rights))
def test_every_choice_of_rights_has_the_shape_of_the_map(rights):
    sides = Sides(MAP.call_volume, MAP.put_volume)
    assert chosen(sides, rights).shape == MAP.call_volume.shape


def test_a_cell_is_six_characters_at_most_whatever_it_holds():
    for value in (0.0, 5.0, 99_999.0, 1_234_567.0, -38_000_000.0):
        for layer in (Layer.INTEREST, Layer.VOLUME, Layer.CHANGE):
            assert len(value_text(value, layer, signed=True)) <= 6


@pytest.mark.parametrize("expiries", [1, 6, 17, 55])
@pytest.mark.parametrize("width", [80, 120, 160, 240])
def test_few_expiries_get_wider_cells_and_nothing_runs_over_the_edge(width, expiries):
    room = rooms(width, 40, expiries)
    assert CELL <= room.cell <= WIDEST_CELL
    assert room.shown <= max(expiries, 1)
    assert LABEL + room.shown * room.cell + room.total < width
    assert room.total >= TOTAL
    if room.shown < expiries:
        assert LABEL + (room.shown + 1) * CELL + TOTAL >= width
