"""OVDV as a tile: keys, questions, its past, and what it says when something is missing."""

import random

import pytest
from msgspec.structs import replace

from engine.domain.errors import OptixError
from engine.domain.volatility import SurfaceModel
from engine.messages.surface import GetStoredSurfaces, GetSurface, GetSurfaceTimes, SurfaceChanged
from optix_tui.colour import use_monochrome
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.view import Picture
from tests.kit import surface_facts
from tests.kit.stage import Stage, told_engine
from tests.kit.terminal import row_widths


async def test_v_goes_round_the_pictures_and_numbers_jump():
    stage = Stage("OVDV", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        seen = []
        for _ in range(5):
            seen.append(stage.tile.preferences.picture)
            await pilot.press("v")
        assert seen == list(Picture)
        await pilot.press("4")
        assert stage.tile.preferences.picture is Picture.TERM


@pytest.mark.parametrize("picture", [one.value for one in Picture])
async def test_every_picture_survives_every_size_and_coordinate(picture):
    dice = random.Random(picture)
    stage = Stage("OVDV", picture, symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        for size in [(24, 5), (71, 9), (72, 12), (300, 12), (dice.randint(24, 250), dice.randint(5, 90))]:
            await pilot.resize_terminal(*size)
            await pilot.press("o")
            await stage.settle(pilot, turns=1)
            assert row_widths(stage) == {size[0]}
            assert not stage.tile.trouble, (size, stage.tile.trouble)


async def test_brackets_choose_the_expiry_and_enter_says_what_its_fit_is_worth():
    stage = Stage("OVDV", "SMILE", "24NOV26", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        assert "POOR FIT: the median quote is 1.6 bid-ask widths" in stage.text()
        await pilot.press("enter")
        await stage.settle(pilot)
        assert "the density is negative near 6,420" in stage.text()
        assert "Quotes left out" in stage.text()
        await pilot.press("enter", "left_square_bracket", "left_square_bracket", "left_square_bracket")
        await stage.settle(pilot)
        assert "NO FIT" in stage.text()
        assert "two strikes are quoted on both sides" in stage.text()


async def test_a_narrow_tile_shows_the_fit_in_place_of_the_picture():
    stage = Stage("OVDV", "24NOV26", symbol="SPX")
    async with stage.run_test(size=(60, 24)) as pilot:
        await stage.settle(pilot)
        await pilot.press("enter")
        await stage.settle(pilot)
        assert "Quotes left out" in stage.text()
        assert "POOR FIT" in stage.text()


async def test_the_past_is_asked_for_only_when_a_picture_needs_it():
    stage = Stage("OVDV", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        assert not [one for one in stage.engine.asked if isinstance(one, GetSurfaceTimes)]
        await pilot.press("f")
        await stage.settle(pilot)
        assert stage.tile.preferences.layer is Layer.CHANGE
        assert len([one for one in stage.engine.asked if isinstance(one, GetStoredSurfaces)]) == 1
        assert "same expiry" in stage.text() or "vol points" in stage.text()
        await pilot.press("f")
        await stage.settle(pilot, turns=5)
        assert len(stage.tile.facts.past.days) == stage.tile.facts.past.wanted > 30


async def test_a_history_that_is_too_short_is_said_in_words():
    engine = surface_facts.teach(told_engine(), days=3)
    stage = Stage("OVDV", "Z", symbol="SPX", engine=engine)
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        assert "a z-score needs 20 stored days" in " ".join(stage.text().split())


async def test_a_history_that_cannot_be_read_is_said_in_words():
    engine = told_engine()

    def refuse(_query):
        raise OptixError("the store is closed")

    engine.answers[GetSurfaceTimes] = refuse
    stage = Stage("OVDV", "CHANGE", symbol="SPX", engine=engine)
    async with stage.run_test(size=(170, 40)) as pilot:
        await stage.settle(pilot)
        assert "no history: the store is closed" in stage.text()
        await pilot.press("3")
        await stage.settle(pilot)
        assert "no history" in stage.text()


async def test_new_surfaces_replace_the_old_and_those_of_other_names_do_not():
    stage = Stage("OVDV", "TABLE", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(surface_facts.changed("SPX", lift=0.1))
        stage.engine.say(surface_facts.changed("NVDA"))
        await stage.settle(pilot)
        assert stage.tile.facts.reading.surface.symbol == "SPX"
        assert "26.5" in stage.text()


async def test_space_spins_the_mesh_here_and_not_over_a_slow_line():
    stage = Stage("OVDV", "MESH", symbol="SPX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.preferences.camera.azimuth
        await pilot.press("space")
        assert stage.tile.preferences.spins
        stage.tile._spin()
        assert stage.tile.preferences.camera.azimuth != before
        await pilot.press("space")
        assert not stage.tile.preferences.spins
        stage.is_remote = True
        await pilot.press("space")
        assert not stage.tile.preferences.spins
        assert "local terminal" in stage.told[-1]


async def test_a_mesh_stops_spinning_when_the_keys_go_elsewhere():
    stage = Stage("OVDV", "MESH", symbol="SPX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        await pilot.press("space")
        stage.set_focus(None)
        await pilot.pause()
        stage.tile._spin()
        assert not stage.tile.preferences.spins


async def test_arrows_turn_the_mesh_without_making_its_net_anew():
    stage = Stage("OVDV", "MESH", symbol="SPX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.present().body
        await pilot.press("right", "up")
        after = stage.tile.present().body
        assert after.camera != before.camera
        assert after.heights is before.heights


async def test_the_risk_curve_is_asked_for_and_drawn():
    stage = Stage("OVDV", "SMILE", symbol="SPX")
    async with stage.run_test(size=(150, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("e")
        await stage.settle(pilot)
        assert any(isinstance(one, GetSurface) and one.model is SurfaceModel.ESSVI for one in stage.engine.asked)
        assert "eSSVI (risk)" in stage.text()


async def test_a_saved_tile_comes_back_as_it_was():
    stage = Stage("OVDV", "SMILE", "SD", "18DEC26SPXW", symbol="SPX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.lasting_args() == ("SMILE", "SD", "18DEC26SPXW")
        assert not stage.tile.misread()
        await pilot.press("v", "o", "f")
        assert stage.tile.lasting_args()[0] == "TERM"


async def test_a_word_that_means_nothing_is_refused_with_those_that_do():
    stage = Stage("OVDV", "WOBBLE", symbol="SPX")
    async with stage.run_test(size=(80, 24)):
        assert "OVDV knows no WOBBLE" in stage.tile.misread()
        assert "MESH" in stage.tile.misread()


async def test_an_expiry_that_is_not_there_is_told():
    stage = Stage("OVDV", "17MAR99", symbol="SPX")
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        assert "no fitted expiry 17MAR99" in stage.told[0]


async def test_the_list_and_the_tabs_can_be_clicked():
    stage = Stage("OVDV", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.click(offset=(110, 6))
        await stage.settle(pilot, turns=1)
        assert stage.tile.preferences.series == stage.tile.facts.reading.slices[2].series.id
        await pilot.click(offset=(11, 1))
        assert stage.tile.preferences.picture is Picture.MESH


async def test_without_colours_the_heat_map_has_densities():
    use_monochrome(True)
    try:
        stage = Stage("OVDV", symbol="SPX")
        async with stage.run_test(size=(100, 30)) as pilot:
            await stage.settle(pilot)
            assert "▓" in stage.text()
            assert "░" in stage.text()
    finally:
        use_monochrome(False)


async def test_a_recorded_surface_says_that_it_is_one():
    engine = told_engine()
    engine.answers[GetSurface] = lambda query: surface_facts.stored(query.symbol, 2.0)
    stage = Stage("OVDV", symbol="SPX", engine=engine)
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        assert "recorded" in stage.rows()[0]


async def test_the_chosen_expiry_stays_when_others_come_and_go():
    stage = Stage("OVDV", "18DEC26SPXW", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        chosen = stage.tile.preferences.series
        surface = surface_facts.surface("SPX")
        stage.engine.say(SurfaceChanged(surface=replace(surface, slices=surface.slices[3:])))
        await stage.settle(pilot)
        assert stage.tile.preferences.series == chosen
        assert stage.tile.present().rows[stage.tile.present().chosen].one.series.id == chosen
