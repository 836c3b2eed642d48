"""Tiles that follow one another: a security or an expiry that is chosen in one is shown by its whole link group."""

from tests.kit.stage import told_engine
from tests.kit.workstation import workstation


async def test_a_security_alone_keeps_the_function_and_moves_the_link_group():
    async with workstation() as station:
        await station.type("aapl")
        assert station.code_of("chain") == "OMON"
        assert {tile.context.symbol for tile in station.app.bench.tiles if tile.entry.needs_security} == {"AAPL"}
        assert station.rows[2].startswith(" AAPL US Equity ")


async def test_a_pinned_tile_stays_with_its_own_security():
    async with workstation() as station:
        await station.press("f6", "g", "0")
        await station.press("shift+f6")
        await station.type("aapl")
        assert station.app.bench.slots["expiries"].tile.context.symbol == "SPY"
        assert station.app.bench.slots["chart"].tile.context.symbol == "AAPL"


async def test_an_expiry_chosen_in_one_tile_is_shown_by_the_others_of_its_group():
    def stands_on(tile):
        if tile.entry.code == "OMON":
            return tile.cursor.series
        if tile.entry.code == "OVDV":
            return tile.preferences.series
        return tile.table.expiries[tile.cursor.row].series.id

    async with workstation(engine=told_engine()) as station:
        await station.type("spx")
        slots = station.app.bench.slots
        chain, expiries = slots["chain"].tile, slots["expiries"].tile
        await station.press("right_square_bracket", "right_square_bracket")
        assert stands_on(chain) == stands_on(expiries) == expiries.table.expiries[2].series.id
        station.app.bench.focus_tile("chart")
        await station.type("ovdv")
        await station.press("right_square_bracket")
        surface = slots["chart"].tile
        assert stands_on(surface) == stands_on(expiries)
        assert stands_on(chain) in {stands_on(surface), expiries.table.expiries[2].series.id}
        await station.press("g", "0")
        before = stands_on(expiries)
        await station.press("right_square_bracket", "right_square_bracket")
        assert stands_on(surface) != before
        assert stands_on(expiries) == before, "a pinned tile leads no other"


async def test_joining_a_link_group_takes_its_security():
    async with workstation() as station:
        station.app.session.links[1] = "MSFT"
        await station.press("g", "c")
        assert (station.tile.context.group, station.tile.context.symbol) == (1, "MSFT")
        assert "■C" in station.rows[4]
