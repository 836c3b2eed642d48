"""HVT as a tile: keys, words behind the code, drilling, and what it says when something is missing."""

import random

import pytest

from engine.messages.realized import GetRealized, VolatilityEstimator
from optix_tui.colour import use_monochrome
from optix_tui.screens.cone.estimators import ESTIMATORS
from tests.kit import realized_facts
from tests.kit.stage import DISCONNECTED, Stage, told_engine
from tests.kit.terminal import row_widths


async def test_o_goes_round_the_estimators_and_back():
    stage = Stage("HVT", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        seen = []
        for _ in ESTIMATORS:
            seen.append(stage.tile.preferences.estimator)
            await pilot.press("o")
        assert seen == list(ESTIMATORS)
        await pilot.press("O")
        assert stage.tile.preferences.estimator is VolatilityEstimator.INTRADAY


async def test_enter_follows_the_chosen_window_of_the_chosen_estimator_through_time():
    stage = Stage("HVT", "YZ", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down", "enter")
        assert stage.commands == ["SPX HVG YZ 21"]


async def test_f_asks_for_the_corrected_cone_and_says_so():
    stage = Stage("HVT", symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("f")
        await stage.settle(pilot)
        asked = [query for query in stage.engine.asked if isinstance(query, GetRealized)]
        assert [query.corrected for query in asked] == [False, True]
        assert "spread corrected for overlap" in stage.text()
        assert stage.tile.lasting_args() == ("CORRECTED",)


async def test_an_answer_to_the_question_before_is_not_shown_for_this_one():
    stage = Stage("HVT", "CORRECTED", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.facts
        assert not stage.tile.answered(GetRealized(symbol="SPX"), realized_facts.realized())
        assert not stage.tile.answered(GetRealized(symbol="SPY", corrected=True), realized_facts.realized("SPY"))
        assert stage.tile.facts is before


async def test_v_leaves_the_table_alone_and_brings_the_cone_back():
    stage = Stage("HVT", symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert "min-max" in stage.text()
        await pilot.press("v")
        await stage.settle(pilot)
        assert "min-max" not in stage.text()
        assert "Window" in stage.text()


async def test_words_behind_the_code_choose_and_an_unknown_one_is_named():
    stage = Stage("HVT", "gk", "corrected", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.preferences.estimator is VolatilityEstimator.GARMAN_KLASS
        assert stage.tile.preferences.corrected
        assert stage.tile.misread() == ""
        assert stage.tile.lasting_args() == ("GK", "CORRECTED")
    assert "HVT knows no HESTON: there are CLOSE" in Stage("HVT", "HESTON").tile.misread()


async def test_a_name_without_a_past_says_so_and_one_that_is_disconnected_too():
    engine = told_engine()
    engine.answers[GetRealized] = lambda query: realized_facts.nothing_known(query.symbol)
    stage = Stage("HVT", symbol="SPX", engine=engine)
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        assert "no finished session of SPX is known yet" in stage.text()
        assert "nan" not in stage.text().lower()
        await stage.become(pilot, DISCONNECTED)
        assert "DISCONNECTED" in stage.text()


@pytest.mark.parametrize("word", ["CLOSE", "PARK", "RV"])
async def test_every_estimator_survives_every_size(word):
    dice = random.Random(word)
    stage = Stage("HVT", word, symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        for size in [(24, 5), (109, 15), (110, 15), (300, 14), (dice.randint(24, 250), dice.randint(5, 90))]:
            await pilot.resize_terminal(*size)
            await stage.settle(pilot, turns=1)
            assert row_widths(stage) == {size[0]}
            assert not stage.tile.trouble, (size, stage.tile.trouble)


async def test_without_colours_the_bands_are_glyphs():
    use_monochrome(True)
    try:
        stage = Stage("HVT", symbol="SPX")
        async with stage.run_test(size=(100, 40)) as pilot:
            await stage.settle(pilot)
            assert {"·", "░", "▒"} <= set(stage.text())
            assert not stage.tile.trouble
    finally:
        use_monochrome(False)
