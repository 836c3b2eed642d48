import pytest
from msgspec.structs import replace

from engine.domain.ids import Symbol
from engine.messages.compass import GetVolatilityIndices
from optix_tui.function import Context
from tests.kit import compass_facts
from tests.kit.stage import Stage, told_engine


async def test_the_cursor_chooses_whose_term_structure_is_drawn():
    stage = Stage("VIX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "SPX term structure" in stage.text()
        await pilot.press("down", "down")
        await stage.settle(pilot)
        assert "QQQ term structure" in stage.text()
        await pilot.press("end")
        await stage.settle(pilot)
        assert "ETH term structure" in stage.text()


async def test_keys_lead_to_its_history_its_surface_and_take_it_over():
    stage = Stage("VIX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "i", "v", "enter")
        assert stage.commands == ["SPY HIVG VIX", "SPY OVDV TERM"]
        assert stage.linked == [(0, "SPY")]
        stage.tile.context = replace(stage.tile.context, group=None)
        await pilot.press("enter")
        assert "pinned" in stage.told[-1]


async def test_a_click_in_the_table_chooses_and_one_in_the_picture_does_not():
    stage = Stage("VIX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.click(offset=(5, 5))
        await stage.settle(pilot)
        assert "IWM term structure" in stage.text()
        await pilot.click(offset=(120, 30))
        await stage.settle(pilot)
        assert "IWM term structure" in stage.text()


async def test_a_tile_about_a_name_without_options_begins_with_one_that_is_published():
    stage = Stage("VIX", symbol="NOSUCH")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "SPX term structure" in stage.text()


async def test_another_name_of_the_group_is_drawn():
    stage = Stage("VIX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        stage.tile.load(Context(symbol=Symbol("NVDA")))
        await stage.settle(pilot)
        assert "NVDA term structure" in stage.text()


async def test_the_foot_says_whose_figure_it_is_in_full_sentences_at_every_width():
    for width in (160, 80, 50):
        stage = Stage("VIX", symbol="SPX")
        async with stage.run_test(size=(width, 30)) as pilot:
            await stage.settle(pilot)
            assert stage.rows()[-1].rstrip().endswith("E beyond the expiries")


@pytest.mark.parametrize("size", [(160, 41), (80, 21), (40, 10)])
async def test_a_market_without_options_says_so_once(size):
    engine = told_engine()
    engine.answers[GetVolatilityIndices] = lambda _: compass_facts.indices("SPX", rows=())
    stage = Stage("VIX", symbol="SPX", engine=engine)
    async with stage.run_test(size=size) as pilot:
        await stage.settle(pilot)
        assert stage.text().count("this market lists no name with") == 1
        await pilot.press("enter", "down")
        assert not stage.tile.is_whole()


async def test_a_name_that_is_not_fitted_has_words_instead_of_a_picture():
    stage = Stage("VIX", symbol="XOM")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "XOM: its surface is not fitted yet" in stage.text()
        assert "nan" not in stage.text()
        assert "15 names, 1 not fitted yet" in stage.rows()[0]


async def test_a_name_under_the_cursor_does_not_wait_for_its_turn():
    def told(query):
        if query.symbols:
            return compass_facts.indices(rows=(replace(compass_facts.index("SPX"), symbol=Symbol("XOM")),))
        return compass_facts.indices()

    engine = told_engine()
    engine.answers[GetVolatilityIndices] = told
    stage = Stage("VIX", symbol="XOM", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "XOM term structure" in stage.text()
        alone = [one.symbols for one in engine.asked if isinstance(one, GetVolatilityIndices) and one.symbols]
        assert alone == [("XOM",)]
        await pilot.press("up", "down")
        await stage.settle(pilot)
        assert "XOM term structure" in stage.text()
        assert [one.symbols for one in engine.asked if isinstance(one, GetVolatilityIndices) and one.symbols] == alone
