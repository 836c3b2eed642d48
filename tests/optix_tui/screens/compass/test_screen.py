import pytest
from msgspec.structs import replace

from engine.domain.errors import OptixError
from engine.messages.breaches import GetBreachRules
from engine.messages.compass import GetCompass
from optix_tui.function import Context
from optix_tui.screens.compass.view import CompassFilter, CompassPicture
from tests.kit import compass_facts
from tests.kit.stage import Stage, told_engine


async def test_the_cursor_stays_on_its_name_when_the_order_changes():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down")
        chosen = stage.tile._on_row
        await pilot.press("r")
        await stage.settle(pilot)
        assert stage.tile._on_row == chosen
        assert stage.tile.cursor.row == 12 - 2  # of 13 names with a rank


async def test_enter_takes_the_name_over_and_a_pinned_tile_says_how():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("enter")
        assert stage.linked == [(0, "TSLA")]
        stage.tile.context = replace(stage.tile.context, group=None)
        await pilot.press("enter")
        assert stage.told == ["this tile is pinned: g and a letter link it to others"]


async def test_i_opens_its_history():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "i")
        assert stage.commands == ["IWM HIVG"]


async def test_v_shows_the_map_and_the_table_again():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(90, 24)) as pilot:
        await stage.settle(pilot)
        assert "against IV rank" not in stage.text()
        await pilot.press("v")
        await stage.settle(pilot)
        assert stage.tile.preferences.picture is CompassPicture.SCATTER
        assert "against IV rank" in stage.text()
        assert "not here: META, XOM" in stage.text()
        await pilot.press("v")
        await stage.settle(pilot)
        assert "IVR▾" in stage.text()


async def test_o_goes_through_the_sets_of_columns():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        heads = []
        for _ in range(4):
            heads.append(stage.rows()[1].split())
            await pilot.press("o")
            await stage.settle(pilot)
        assert len({tuple(one) for one in heads}) == 4
        assert stage.tile.preferences.preset == "All"


async def test_f_narrows_to_what_is_said_at_the_foot_and_an_empty_one_says_how_to_go_on():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("f")
        await stage.settle(pilot)
        assert "rank 50 and above (14 hidden)" in stage.text()
        await pilot.press("f", "f", "f")
        await stage.settle(pilot)
        assert stage.tile.preferences.filter is CompassFilter.CHEAP
        assert "none of 15 names is implied below realised: f takes the next filter" in stage.text()
        assert stage.tile.count() == 0
        await pilot.press("enter", "i", "down")
        assert not stage.linked
        assert not stage.commands


async def test_s_sorts_by_the_next_column_and_a_click_on_a_heading_by_that():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("s")
        assert stage.tile.preferences.sort == "percentile"
        await pilot.press("S", "S")
        assert stage.tile.preferences.sort == "change"
        column = stage.rows()[1].index("IV30") + 1
        await pilot.click(offset=(column, 1))
        assert (stage.tile.preferences.sort, stage.tile.preferences.descending) == ("iv30", True)
        await pilot.click(offset=(column, 1))
        assert not stage.tile.preferences.descending
        await stage.settle(pilot)
        assert "IV30▴" in stage.text()


async def test_w_ranks_over_another_window_and_asks_for_it():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("w")
        await stage.settle(pilot)
        assert [one.window for one in stage.engine.asked if isinstance(one, GetCompass)][-1] == 504
        assert "504 sessions n≥120" in stage.text()


async def test_a_breach_asks_again_at_once():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        asked = len(stage.engine.asked)
        stage.engine.say(compass_facts.happened())
        await stage.settle(pilot)
        assert len(stage.engine.asked) > asked


async def test_words_say_how_it_is_set_up_and_are_kept():
    words = ("SCATTER", "2Y", "PREMIUM", "DEAR", "RATIO", "RISING")
    stage = Stage("VCA", *words, symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.lasting_args() == words
        assert stage.tile.misread() == ""
        stage.tile.load(Context(symbol=stage.context.symbol))
        assert stage.tile.lasting_args() == ()
        stage.tile.load(Context(symbol=stage.context.symbol, args=("LINE", "SIDEWAYS")))
        assert stage.tile.misread().startswith("VCA knows no LINE SIDEWAYS: there are TABLE, SCATTER")


@pytest.mark.parametrize("picture", ["TABLE", "SCATTER"])
async def test_the_foot_says_which_rules_the_name_under_the_cursor_breaks(picture):
    broken = compass_facts.row("NVDA", broken=("Term inverted", "Filter jumps"))
    engine = told_engine()
    engine.answers[GetCompass] = lambda _: compass_facts.compass(rows=(broken, compass_facts.row("SPX")))
    stage = Stage("VCA", picture, symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "NVDA breaks: Term inverted, Filter jumps" in stage.rows()[-1]
        await pilot.press("down")
        await stage.settle(pilot)
        assert "breaks:" not in stage.rows()[-1]
        await pilot.resize_terminal(44, 12)
        await pilot.press("up")
        await stage.settle(pilot)
        assert "NVDA breaks 2" in stage.rows()[-1]


async def test_the_help_lists_the_rules_and_the_foot_says_since_when_one_is_broken():
    stage = Stage("VCA", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "TSLA breaks: Term inverted since 14:29" in stage.rows()[-1]
        assert "ATM 1M jumps (atm:30 beyond 4 standard errors)" in stage.tile.help_notes()[-1]
        assert "Term inverted (term:30:90 below -0.5 vol points)" in stage.tile.help_notes()[-1]


async def test_rules_that_cannot_be_read_leave_the_names():
    def refuse(_query):
        raise OptixError("the rules cannot be read")

    engine = told_engine()
    engine.answers[GetBreachRules] = refuse
    stage = Stage("VCA", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "TSLA breaks: Term inverted" in stage.rows()[-1]
        assert "since" not in stage.rows()[-1]
        assert not stage.tile.trouble


@pytest.mark.parametrize("picture", ["TABLE", "SCATTER"])
async def test_a_market_without_options_says_so(picture):
    engine = told_engine()
    engine.answers[GetCompass] = lambda _: compass_facts.compass(rows=())
    stage = Stage("VCA", picture, symbol="SPX", engine=engine)
    async with stage.run_test(size=(100, 24)) as pilot:
        await stage.settle(pilot)
        assert "no name" in stage.text()
        assert not stage.tile.is_whole()


@pytest.mark.parametrize("size", [(160, 41), (80, 21), (40, 12)])
async def test_names_of_which_nothing_is_known_are_dashes_in_every_form(size):
    engine = told_engine()
    engine.answers[GetCompass] = lambda _: compass_facts.compass(rows=(compass_facts.row("XOM"),))
    stage = Stage("VCA", symbol="SPX", engine=engine)
    async with stage.run_test(size=size) as pilot:
        for _ in range(2):
            await stage.settle(pilot)
            assert "nan" not in stage.text()
            assert not stage.tile.trouble
            await pilot.press("v")
