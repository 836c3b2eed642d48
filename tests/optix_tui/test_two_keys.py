"""Keys that come together: over a slow line several arrive in one read."""

import asyncio

from textual.events import Key as KeyPressed

from tests.kit.workstation import workstation


def in_one_read(station, keys: str) -> None:
    """Keys as they come over a slow line: all are there before the first one is dealt with."""
    for letter in keys:
        name = {"/": "slash", "\r": "enter"}.get(letter, letter)
        station.app.post_message(KeyPressed(name, letter if letter.isprintable() else None))


async def test_g_and_a_digit_that_come_in_one_read_go_to_the_workspace():
    async with workstation() as station:
        in_one_read(station, "g2")
        await station.settle(3)
        assert station.codes[0] == "HOME"
        in_one_read(station, "g1")
        await station.settle(3)
        assert station.codes[0] == "OMON"


async def test_a_beat_while_a_workspace_is_being_brought_up_finds_its_tile():
    async with workstation() as station:
        going = asyncio.create_task(station.app.show_workspace(2))
        await asyncio.sleep(0)
        assert (station.app.place, station.app.bench.tile.entry.code) == (2, "HOME")
        while not going.done():
            station.app.beat()
            await asyncio.sleep(0)
        await going
        assert station.codes[0] == "HOME"


async def test_a_command_that_comes_in_one_read_is_typed_whole():
    async with workstation() as station:
        in_one_read(station, "/qqq gip\r")
        await station.settle(3)
        assert (station.code_of("chain"), station.tile.context.symbol) == ("GIP", "QQQ")


async def test_g_is_a_letter_where_something_is_being_typed():
    async with workstation() as station:
        in_one_read(station, "/gg")
        await station.settle(2)
        assert station.app.bench.command.typed == "GG"
        await station.press("escape")
        await station.type("help")
        in_one_read(station, "g2")
        await station.settle(2)
        assert station.codes[0] == "HELP"
        assert station.tile.search == "g2"


async def test_letters_of_a_line_keep_their_order_where_g_and_slash_are_among_them():
    async with workstation() as station:
        await station.type("help")
        in_one_read(station, "bogus/log")
        await station.settle(3)
        assert station.codes[0] == "HELP"
        assert station.tile.search == "bogus/log"
