"""No size takes a screen down: every row stays as wide as the tile, and no painter fails."""

import random

import pytest

from tests.kit import facts
from tests.kit.stage import Stage
from tests.kit.terminal import row_widths

CODES = (
    "HOME",
    "W",
    "DES",
    "GP",
    "GIP",
    "GPC",
    "OPX",
    "TAS",
    "DATA",
    "SYS",
    "SET",
    "HELP",
    "OVDV",
    "SKEW",
    "GEX",
    "VEX",
    "CEX",
    "FLOW",
    "MOSO",
    "OMST",
    "OVME",
    "HVT",
    "HVG",
    "CORR",
    "VCA",
    "HIVG",
    "VIX",
    "REPL",
)
EDGES = ((10, 3), (24, 5), (25, 6), (400, 8), (30, 100))


@pytest.mark.parametrize("code", CODES)
async def test_a_screen_survives_every_size(code):
    dice = random.Random(code)
    sizes = [*EDGES, *((dice.randint(10, 250), dice.randint(3, 80)) for _ in range(4))]
    stage = Stage(code, symbol="SPX")
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        for width, height in sizes:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            stage.tile.touch()
            stage.tile.flush()
            assert row_widths(stage) == {width}, (width, height)
            assert not stage.tile.trouble, (width, height)


@pytest.mark.parametrize("code", CODES)
async def test_a_screen_of_which_nothing_is_known_says_so_and_does_not_invent(code):
    class Silent:
        async def ask(self, query):
            import asyncio

            await asyncio.sleep(3600)

        def watch(self, *_topics):
            return type("Nothing", (), {"drain": lambda _self: [], "close": lambda _self: None})()

    stage = Stage(code, symbol="SPX", engine=Silent())
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        stage.tile.flush()
        await pilot.pause()
        if code != "HELP":
            assert "waiting for" in stage.text()


@pytest.mark.parametrize("code", ["HOME", "W", "DES"])
async def test_quotes_without_a_number_are_painted_as_dashes(code):
    from engine.messages.queries import GetQuotes, QuoteBoard
    from tests.kit.stage import told_engine

    engine = told_engine()
    engine.retained.clear()
    engine.answers[GetQuotes] = lambda query: QuoteBoard(
        quotes=tuple(facts.unknown_quote(symbol) for symbol in query.symbols or facts.SYMBOLS), unknown=()
    )
    stage = Stage(code, engine=engine)
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert "—" in stage.text()
        assert "nan" not in stage.text().lower().replace("nano", "")
        assert not stage.tile.trouble
