"""SKEW: its figures, its signs, its overlay, its keys."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from optix_tui.canvas import Canvas
from optix_tui.screens.skew.paint import _paint_names
from optix_tui.screens.skew.view import COLUMNS, SkewPicture, SkewPreferences, formula, present, skew_rows, usual_marks
from optix_tui.screens.surface.coordinates import Coordinate
from optix_tui.screens.surface.reading import read
from optix_tui.theme import load_palette
from tests.kit import surface_facts
from tests.kit.stage import DISCONNECTED, Stage
from tests.kit.terminal import row_widths

READING = read(surface_facts.surface("SPX"))


def rows(**changes):
    return skew_rows(READING, SkewPreferences(**changes))


def test_the_wings_are_those_that_the_reversal_is_made_of():
    for row in rows():
        if math.isfinite(row.reversal):
            assert row.call - row.put == pytest.approx(row.reversal, abs=3e-4)
            assert row.ratio == pytest.approx(row.put / row.call)
            assert row.normed == pytest.approx(row.reversal / row.fit.one.atm_iv)


def test_turning_the_sign_turns_the_reversal_and_the_formula_and_nothing_else():
    for one, other in zip(rows(), rows(puts_first=True), strict=True):
        if math.isfinite(one.reversal):
            assert one.reversal == -other.reversal
            assert one.butterfly == other.butterfly
            assert one.slope == other.slope
    assert "call) − IV(25Δ put)" in formula(puts_first=False)
    assert "put) − IV(25Δ call)" in formula(puts_first=True)
    assert present(READING, SkewPreferences(puts_first=True), width=120, height=40).tenors[2].reversal > 0


def test_the_far_wings_are_read_off_the_same_smile_and_told_faintly_beyond_the_quotes():
    by_key = {column.key: column for column in COLUMNS}
    seen = set()
    for row in rows():
        if not math.isfinite(row.reversal):
            continue
        assert row.reversal_10 == pytest.approx(row.call_10 - row.put_10)
        assert row.butterfly_10 == pytest.approx((row.call_10 + row.put_10) / 2 - row.fit.one.atm_iv)
        assert row.put_10 > row.put
        assert (by_key["put_10"].cell(row).fade > 0) == row.beyond[2]
        assert (by_key["reversal"].cell(row).fade > 0) == (row.beyond[0] or row.beyond[1])
        seen.add(row.beyond[2])
    narrow = read(surface_facts.surface("SPX"))
    cut = narrow._replace(lows=np.full_like(narrow.lows, -1e-6), highs=np.full_like(narrow.highs, 1e-6))
    assert all(all(row.beyond) for row in skew_rows(cut, SkewPreferences()) if math.isfinite(row.reversal))
    assert False in seen
    assert [-row.reversal_10 for row in rows(puts_first=True)][2] == rows()[2].reversal_10


async def test_what_is_no_risk_reversal_is_not_called_one():
    stage = Stage("SKEW", "TABLE", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "P−C25" not in stage.text()
        await pilot.press("f")
        await stage.settle(pilot)
        assert "RR" not in stage.text()
        assert stage.text().count("P−C25") == 3, "of the expiries, of the constant maturities, in the formula"
        await pilot.press("2")
        await stage.settle(pilot)
        assert "P−C25 vol points by expiry" in stage.text()


async def test_a_wide_table_stands_beside_its_constant_maturities():
    stage = Stage("SKEW", "TABLE", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        heads = stage.rows()[2]
        assert "RR10" in heads.split("│")[0]
        assert "Constant maturity" in heads.split("│")[1]
        assert "17-Dec-27" in stage.text(), "all expiries have a row"
        await pilot.resize_terminal(100, 41)
        await stage.settle(pilot)
        assert "│" not in stage.rows()[2]


def test_an_expiry_without_a_fit_has_dashes_and_no_line():
    row = rows()[1]
    assert math.isnan(row.put)
    assert math.isnan(row.ratio)
    assert row.mark == -1
    assert READING.slices[1].series.id not in usual_marks(READING)


def test_the_slope_is_what_volatility_changes_for_one_per_cent_of_strike():
    one = READING.slices[12]
    k = np.array([-0.005, 0.005])
    low, high = surface_facts.vols(one.parameters, k, one.years)
    assert rows()[12].slope == pytest.approx(high - low, rel=0.02)


@pytest.mark.parametrize("coordinate", list(Coordinate))
def test_smiles_are_laid_over_one_another_in_every_coordinate(coordinate):
    view = present(READING, SkewPreferences(coordinate=coordinate), width=140, height=40)
    assert len(view.overlay.curves) == 5
    assert all(np.isfinite(curve).any() for curve in view.overlay.curves)
    assert 0 <= view.overlay.money <= 1


def test_a_poor_fit_in_the_overlay_is_named_as_one():
    view = present(READING, SkewPreferences(marks=(READING.slices[4].series.id,)), width=140, height=40)
    assert view.overlay.weak == (True,)


@pytest.mark.parametrize("width", [40, 48, 60, 80, 160])
def test_every_line_of_the_overlay_is_named_whatever_the_width(width):
    view = present(READING, SkewPreferences(), width=160, height=40)
    canvas = Canvas(width, 20, 0)
    _paint_names(canvas, view.overlay, load_palette("amber"))
    head = canvas.lines_of_text()[0]
    for mark, name in enumerate(view.overlay.names, 1):
        assert f"{mark} " in head
        assert any(part in head for part in name.split(" "))


def test_a_name_without_quotes_or_fits_says_so():
    nothing = present(read(surface_facts.empty_surface()), SkewPreferences(), width=100, height=30)
    assert nothing.problem == "no option of this name has a quote"
    whole = surface_facts.surface("SPX")
    unfitted = present(read(replace(whole, slices=(whole.slices[1],))), SkewPreferences(), width=100, height=30)
    assert "no expiry is fitted" in unfitted.problem
    assert present(None, SkewPreferences(), width=100, height=30) is None


async def test_keys_turn_pictures_sign_and_axis():
    stage = Stage("SKEW", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        assert "− puts are dearer" in stage.text()
        await pilot.press("f", "o", "v")
        await stage.settle(pilot)
        assert "+ puts are dearer" in stage.text()
        assert stage.tile.lasting_args() == ("TERM", "STRIKE", "P-C")
        await pilot.press("3")
        assert stage.tile.preferences.picture is SkewPicture.TABLE


async def test_space_lays_an_expiry_over_the_others_and_takes_it_away():
    stage = Stage("SKEW", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        before = len(stage.tile.present().overlay.curves)
        await pilot.press("space")
        await stage.settle(pilot)
        assert len(stage.tile.present().overlay.curves) == before - 1
        await pilot.press("down", "space", "down", "space")
        assert "take one away first" in stage.told[-1]


async def test_enter_opens_the_smile_of_the_expiry():
    stage = Stage("SKEW", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("enter")
        assert stage.commands == ["SPX OVDV SMILE 18DEC26SPXW"]


async def test_a_skew_survives_sizes_states_and_new_surfaces():
    stage = Stage("SKEW", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down")
        chosen = stage.tile.cursor.row
        stage.engine.say(surface_facts.changed("SPX", lift=0.05))
        stage.engine.say(surface_facts.changed("NVDA"))
        await stage.settle(pilot)
        assert stage.tile.cursor.row == chosen
        assert stage.tile.reading.surface.symbol == "SPX"
        for size in ((24, 5), (72, 12), (71, 9), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.press("v")
            await stage.settle(pilot, turns=1)
            assert row_widths(stage) == {size[0]}
            assert not stage.tile.trouble
        await stage.become(pilot, DISCONNECTED)
        assert "DISCONNECTED" in stage.rows()[0]


async def test_words_it_does_not_know_are_refused():
    stage = Stage("SKEW", "SIDEWAYS", symbol="SPX")
    async with stage.run_test(size=(100, 30)):
        assert "SKEW knows no SIDEWAYS" in stage.tile.misread()
