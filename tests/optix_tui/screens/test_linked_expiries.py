"""An expiry that is chosen in one tile is offered to its link group, and a tile about one expiry takes it."""

import asyncio

import pytest

from engine.messages.surface import SurfaceChanged
from tests.kit import surface_facts
from tests.kit.stage import Stage

CHOOSERS = {
    "OVDV": ("right_square_bracket",),
    "SKEW": ("down",),
    "OMON": ("right_square_bracket",),
    "OPX": ("down",),
    "OMST": ("right_square_bracket",),
    "GEX": ("right_square_bracket",),
    "REPL": ("down",),
}
"""Code of a screen, and keys that choose an expiry in it."""


def chosen(stage):
    """The expiry a tile stands on."""
    tile = stage.tile
    match tile.entry.code:
        case "OVDV":
            return tile.preferences.series
        case "GEX":
            return tile.preferences.series
        case "REPL":
            return tile.preferences.look.series
        case "OMON":
            return tile.cursor.series
        case "OPX":
            return tile.table.expiries[tile.cursor.row].series.id
        case "OMST":
            return tile.interest.series[tile.preferences.column].id
    return tile.reading.slices[tile.cursor.row].series.id


@pytest.mark.parametrize("code", CHOOSERS)
async def test_a_chosen_expiry_is_offered_to_the_group(code):
    stage = Stage(code, symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.expiries == [], "nothing was chosen yet"
        await pilot.press(*CHOOSERS[code])
        await stage.settle(pilot)
        assert [one for _, one in stage.expiries] == [chosen(stage)]


@pytest.mark.parametrize("code", CHOOSERS)
async def test_an_expiry_of_the_group_is_taken_without_being_offered_again(code):
    stage = Stage(code, symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press(*CHOOSERS[code])
        await stage.settle(pilot)
        first = chosen(stage)
        stage.expiries.clear()
        await pilot.press(*CHOOSERS[code])
        await stage.settle(pilot)
        assert chosen(stage) != first
        stage.expiries.clear()
        stage.tile.take_expiry(first)
        await stage.settle(pilot)
        assert chosen(stage) == first
        stage.tile.take_expiry("NONE/OF/2031-01-17/PM")
        await stage.settle(pilot)
        assert chosen(stage) == first, "one that is not listed changes nothing"
        assert stage.expiries == []


class Silent:
    """An engine that is being waited for."""

    async def ask(self, _query):
        await asyncio.sleep(3600)

    def watch(self, *_topics):
        return type("Nothing", (), {"drain": lambda _self: [], "close": lambda _self: None, "closed": False})()


@pytest.mark.parametrize("code", CHOOSERS)
async def test_an_expiry_before_anything_is_known_takes_nothing_down(code):
    stage = Stage(code, symbol="SPX", engine=Silent())
    async with stage.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        stage.tile.take_expiry("NONE/OF/2031-01-17/PM")
        await pilot.press(*CHOOSERS[code])
        stage.tile.flush()
        await pilot.pause()
        assert not stage.tile.trouble
        assert stage.expiries == []


async def test_dealers_gamma_of_all_expiries_stays_that_of_all():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        stage.tile.take_expiry(stage.tile.facts.whole.expiries[1])
        await stage.settle(pilot)
        assert stage.tile.preferences.series is None


async def test_a_chain_that_follows_keeps_one_followed_expiry_open_and_all_that_were_opened_by_hand():
    stage = Stage("OMON", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        board = stage.tile.board
        first, second, third, fourth = list(board.summaries)[:4]
        assert board.opened == [first] or tuple(board.opened) == (first,)
        stage.tile.take_expiry(second)
        stage.tile.take_expiry(third)
        assert set(board.opened) == {first, third}
        stage.tile.take_expiry(first)
        assert set(board.opened) == {first}
        stage.tile.take_expiry(fourth)
        await stage.settle(pilot)
        assert set(board.opened) == {first, fourth}
        assert stage.tile.cursor.series == fourth


async def test_a_followed_expiry_that_was_closed_and_opened_by_hand_stays_open():
    stage = Stage("OMON", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        first, second, third = list(stage.tile.board.summaries)[:3]
        stage.tile.take_expiry(second)
        await stage.settle(pilot)
        await pilot.press("enter", "enter")
        stage.tile.take_expiry(third)
        await stage.settle(pilot)
        assert set(stage.tile.board.opened) == {first, second, third}


async def test_a_surface_that_comes_later_keeps_the_taken_expiry():
    stage = Stage("SKEW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        wanted = stage.tile.reading.slices[4].series.id
        stage.tile.take_expiry(wanted)
        stage.engine.say(SurfaceChanged(surface=surface_facts.surface("SPX")))
        await stage.settle(pilot)
        assert chosen(stage) == wanted
