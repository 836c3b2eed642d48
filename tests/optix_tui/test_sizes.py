"""Every size a terminal can have: nothing breaks, and every row is exactly as wide as the screen."""

import random

import pytest

from tests.kit.terminal import row_widths, screen_text
from tests.kit.workstation import workstation


@pytest.mark.parametrize("place", ["1", "2", "3", "5"])
async def test_no_size_breaks_a_workspace(place):
    dice = random.Random(20261121 + int(place))
    async with workstation((160, 45)) as station:
        await station.press("g", place)
        for _ in range(12):
            size = dice.randint(10, 250), dice.randint(3, 80)
            await station.pilot.resize_terminal(*size)
            await station.settle(1)
            assert row_widths(station.app) == {size[0]}, size
            assert station.app.is_running
            troubles = [tile.trouble for tile in station.app.bench.tiles if "cannot be" in tile.trouble]
            assert troubles == [], size


@pytest.mark.parametrize("size", [(426, 120), (384, 108), (250, 80)])
async def test_a_screen_of_4k_is_filled(size):
    async with workstation(size) as station:
        assert row_widths(station.app) == {size[0]}
        assert station.app.bench.slots["chart"].tile.size.width > 100


@pytest.mark.parametrize(("width", "chain"), [(140, 98), (160, 98), (200, 111), (250, 139)])
async def test_the_chain_grows_with_the_screen_and_is_never_too_narrow(width, chain):
    async with workstation((width, 45)) as station:
        assert abs(station.app.bench.slots["chain"].tile.size.width - chain) <= 1
        await station.pilot.resize_terminal(100, 45)
        await station.settle(1)
        assert station.app.bench.slots["chain"].tile.size.width == 100


async def test_at_80_by_24_one_tile_has_the_screen_and_f6_shows_the_next():
    async with workstation((80, 24)) as station:
        assert station.tile.size == (80, 21)
        assert "1 MAIN" in station.rows[0]
        assert "2 MARKET" not in station.rows[0]
        assert "Bid" in station.text
        await station.press("f6")
        assert "OPX" in station.rows[2]
        assert station.tile.size == (80, 21)


async def test_a_middle_width_shows_one_side_and_a_low_screen_one_tile_a_side():
    async with workstation((120, 45)) as station:
        widths = {name: slot.tile.size.width for name, slot in station.app.bench.slots.items()}
        assert widths == {"chain": 120, "expiries": 120, "chart": 0, "watch": 0}
    async with workstation((160, 30)) as station:
        heights = {name: slot.tile.size.height for name, slot in station.app.bench.slots.items()}
        assert heights["chain"] == 25
        assert heights["expiries"] == 0


@pytest.mark.parametrize("size", [(59, 24), (80, 15), (20, 5)])
async def test_a_screen_that_is_too_small_says_what_is_needed(size):
    async with workstation(size) as station:
        assert "60" in screen_text(station.app).replace("\n", " ")
        await station.pilot.resize_terminal(120, 40)
        await station.settle()
        assert "OMON" in station.text
