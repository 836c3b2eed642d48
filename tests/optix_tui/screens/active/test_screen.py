import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.flow import FlowRight
from engine.domain.ids import Symbol
from engine.messages.flow import ActiveBy, GetMostActive
from optix_tui.function import Context
from tests.kit import flow_facts
from tests.kit.stage import Stage, told_engine


def last_question(stage):
    return [one for one in stage.engine.asked if isinstance(one, GetMostActive)][-1]


async def test_v_goes_through_the_rankings_both_ways():
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        seen = [last_question(stage).by]
        for key in ("v", "v", "v", "V"):
            await pilot.press(key)
            await stage.settle(pilot)
            seen.append(last_question(stage).by)
        assert seen == [*ActiveBy, ActiveBy.VOLUME_OVER_OI]


async def test_f_goes_through_calls_and_puts():
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("f")
        await stage.settle(pilot)
        assert last_question(stage).right is FlowRight.CALLS
        assert {row[5:7].strip() for row in stage.rows()[3:10]} == {"C"}
        await pilot.press("f")
        await stage.settle(pilot)
        assert last_question(stage).right is FlowRight.PUTS


async def test_a_shows_all_names():
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("a")
        await stage.settle(pilot)
        assert last_question(stage).symbol == ""
        assert "All names" in stage.rows()[0]


async def test_the_cursor_stays_on_its_contract_as_ranks_change():
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down")
        chosen = stage.tile.active.name[2]
        told = stage.tile.active
        order = [2, 0, 1, *range(3, len(told.name))]
        moved = replace(told, name=tuple(told.name[place] for place in order))
        stage.tile.answered(last_question(stage), moved)
        assert stage.tile.active.name[stage.tile.cursor.row] == chosen


async def test_at_the_top_the_cursor_stays_at_the_top():
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "up")
        told = stage.tile.active
        stage.tile.answered(last_question(stage), replace(told, name=(told.name[1], told.name[0], *told.name[2:])))
        assert stage.tile.cursor.row == 0


async def test_an_answer_to_a_question_before_is_not_taken():
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert not stage.tile.answered(last_question(stage), flow_facts.active("SPX", ActiveBy.PREMIUM))
        assert not stage.tile.answered(last_question(stage), flow_facts.active("SPY"))


async def test_enter_opens_the_chain_of_the_contract():
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("enter")
        row = stage.tile.present().rows[0]
        assert stage.commands == [f"SPX OMON {row.expiry:%d%b%y}".upper()]


async def test_words_say_how_it_is_set_up_and_are_kept():
    stage = Stage("MOSO", "ALL", "VOI", "PUTS", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.lasting_args() == ("ALL", "VOI", "PUTS")
        stage.tile.load(Context(symbol=Symbol("SPX"), args=("SIDEWAYS",)))
        assert stage.tile.misread() == "MOSO knows no SIDEWAYS: there are ALL, VOLUME, PREMIUM, VOI, OICHANGE, BOTH, CALLS, PUTS"


async def test_a_feed_that_tells_no_prints_has_no_empty_columns_and_says_what_is_missing():
    unknown = {name: floats([float("nan")] * len(flow_facts.active("SPX").name)) for name in ("change", "premium", "ask_share")}
    engine = told_engine()
    engine.answers[GetMostActive] = lambda query: flow_facts.active(query.symbol, query.by, query.right, **unknown)
    stage = Stage("MOSO", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "Premium" not in stage.rows()[2]
        assert "not told here: ΔOI, Premium, ~Ask" in stage.text()


@pytest.mark.parametrize("width", [62, 80, 100, 120, 160])
async def test_of_the_ratios_of_puts_over_calls_that_of_volume_comes_first_and_none_stands_without_its_name(width):
    stage = Stage("MOSO", symbol="SPX")
    async with stage.run_test(size=(width, 30)) as pilot:
        await stage.settle(pilot)
        tabs = stage.rows()[1]
        assert ("P/C volume 1.24" in tabs) == (width > 80)
        assert ("P/C 1.24" in tabs) == (width == 80)
        assert width > 80 or ("0.78" not in tabs and "1.18" not in tabs)
