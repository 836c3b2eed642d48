"""Names the terminal has not heard of: asked of the engine, waited for, refused in the engine's own words."""

import asyncio

from engine.domain.errors import UpstreamFailed
from engine.messages.queries import GetSecurity
from optix_tui.navigator import or_a_function
from tests.kit import facts
from tests.kit.fake_engine import FakeEngine
from tests.kit.workstation import workstation


async def test_a_ticker_typed_before_any_name_is_listed_is_asked_of_the_engine_and_taken():
    async with workstation() as station:
        station.app.session.listed.clear()
        await station.type("qqq")
        assert station.tile.context.symbol == "QQQ"
        assert GetSecurity(symbol="QQQ") in station.engine.asked


async def test_while_the_engine_looks_for_a_name_the_terminal_says_so_and_then_shows_it():
    listed = asyncio.Event()
    engine = FakeEngine()

    async def slowly(_query):
        await listed.wait()
        return facts.security("GME")

    engine.answers[GetSecurity] = slowly
    async with workstation(engine=engine) as station:
        await station.press("slash", *"gme", "enter")
        async with asyncio.timeout(60):
            while station.app.notices.last is None:  # noqa: ASYNC110 (the word comes after a time, not at an event)
                await asyncio.sleep(0.02)
        assert station.app.notices.last.text == f"asking {facts.SOURCE} for GME …"
        assert station.tile.context.symbol == "SPY"
        listed.set()
        await station.settle()
        assert station.tile.context.symbol == "GME"


async def test_a_command_that_still_waits_gives_way_to_the_next():
    listed = asyncio.Event()
    engine = FakeEngine()

    async def slowly(_query):
        await listed.wait()
        return facts.security("GME")

    engine.answers[GetSecurity] = slowly
    async with workstation(engine=engine) as station:
        await station.pilot.press("slash", *"gme", "enter")
        await station.pilot.press("slash", *"qqq", "enter")
        listed.set()
        await station.settle()
        assert station.tile.context.symbol == "QQQ"


async def test_a_name_nobody_lists_comes_back_to_the_line_unless_the_user_went_on():
    async with workstation() as station:
        await station.press("slash", *"zzzz", "enter")
        assert (station.app.bench.command.has_focus, station.app.bench.command.typed) == (True, "ZZZZ")
        assert station.app.bench.command.is_marked
    refused = asyncio.Event()
    engine = FakeEngine()

    async def slowly(_query):
        await refused.wait()
        raise UpstreamFailed("429: slow down")

    engine.answers[GetSecurity] = slowly
    async with workstation(engine=engine) as station:
        await station.pilot.press("slash", *"zzzz", "enter")
        await station.pilot.press("j")
        refused.set()
        await station.settle()
        assert not station.app.bench.command.has_focus
        assert station.app.notices.last.text == "429: slow down"


def test_functions_that_may_have_been_meant_join_the_engines_sentence():
    assert or_a_function("X is not listed: did you mean XOM?", ()) == "X is not listed: did you mean XOM?"
    assert or_a_function("X is not listed: did you mean XOM?", ("OPX",)) == "X is not listed: did you mean XOM, or the function OPX?"
    assert (
        or_a_function("X is not listed: it has SPY", ("OPX", "DES")) == "X is not listed: it has SPY; did you mean the function OPX or DES?"
    )


async def test_commands_that_come_faster_than_tiles_change_are_run_one_after_another():
    async with workstation() as station:
        tile = station.tile
        for command in ("SPY OPX", "QQQ GP", "DES"):
            station.app.go(command, tile)
        await station.settle(4)
        assert (station.code_of("chain"), station.tile.context.symbol) == ("DES", "QQQ")
        station.app.go("SPY GP", tile)
        await station.settle(4)
        assert (station.code_of("chain"), station.tile.context.symbol) == ("GP", "SPY"), "a tile that has left means the current place"


async def test_a_command_whose_workspace_was_left_meanwhile_changes_no_other_one():
    async with workstation() as station:
        station.app.go("SPY OPX", station.tile)
        await station.app.show_workspace(2)
        shown = station.codes
        await station.settle(4)
        assert station.codes == shown
        assert station.app.notices.last.text == "SPY OPX was not opened: another workspace is shown"
