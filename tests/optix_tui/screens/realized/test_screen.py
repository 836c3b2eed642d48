"""HVG as a tile: keys, questions, words behind the code, and what it says while models are fitted."""

import asyncio
import random

import pytest

from engine.messages.realized import GetForecasts, GetRealized, VolatilityEstimator
from optix_tui.screens.realized.view import Shown
from tests.kit import realized_facts
from tests.kit.stage import Stage, told_engine
from tests.kit.terminal import row_widths


def horizons(stage):
    return [query.horizon for query in stage.engine.asked if isinstance(query, GetForecasts)]


async def test_arrows_ask_for_forecasts_further_and_less_far_ahead():
    stage = Stage("HVG", symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("right")
        await stage.settle(pilot)
        assert "Forecasts 42 sessions ahead" in stage.text()
        await pilot.press("left", "left")
        await stage.settle(pilot)
        assert "Forecasts 10 sessions ahead" in stage.text()
        assert horizons(stage) == [21, 42, 21, 10]


async def test_an_answer_of_another_horizon_or_window_is_not_shown_for_this_one():
    stage = Stage("HVG", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        assert not stage.tile.answered(GetForecasts(symbol="SPX", horizon=5), realized_facts.forecasts(horizon=5))
        late = GetRealized(symbol="SPX", rolling=(5,))
        assert not stage.tile.answered(late, realized_facts.realized("SPX", late))
        assert stage.tile.table.horizon == 21


async def test_brackets_choose_the_window_and_plus_and_minus_how_far_back():
    stage = Stage("HVG", symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("right_square_bracket", "plus")
        await stage.settle(pilot)
        assert stage.tile.preferences.window == 42
        assert stage.tile.preferences.span == 126
        assert "Close to close, 42 sessions" in stage.text()
        await pilot.press(*["left_square_bracket"] * 5, *["minus"] * 9)
        await stage.settle(pilot)
        assert stage.tile.preferences.window == 10
        assert stage.tile.preferences.span == 1_008


async def test_the_cursor_chooses_whose_forecast_is_drawn():
    stage = Stage("HVG", symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert "● HAR forecast" in stage.text()
        await pilot.press("down")
        await stage.settle(pilot)
        assert "● Implied forecast" in stage.text()


async def test_v_goes_round_graph_and_table_and_f_shows_every_estimator():
    stage = Stage("HVG", symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        seen = []
        for _ in range(3):
            seen.append(stage.tile.preferences.shown)
            await pilot.press("v")
        assert seen == list(Shown)
        await pilot.press("f", "o")
        await stage.settle(pilot)
        assert "all estimators, 21 sessions" in stage.text()
        assert stage.tile.preferences.estimator is VolatilityEstimator.PARKINSON


async def test_the_graph_stands_while_the_models_are_still_being_fitted():
    engine = told_engine()

    async def never(_query):
        await asyncio.sleep(3600)

    engine.answers[GetForecasts] = never
    stage = Stage("HVG", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 40)) as pilot:
        for _ in range(4):
            await pilot.pause()
        stage.tile.flush()
        await pilot.pause()
        assert "the models are being fitted and scored" in stage.text()
        assert "Realised 21 less implied" in stage.text()


async def test_words_behind_the_code_choose_and_come_back_with_the_workspace():
    stage = Stage("HVG", "yz", "63", "ahead", "5", "table", symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.lasting_args() == ("YZ", "63", "AHEAD", "5", "TABLE")
        assert horizons(stage) == [5]
        assert stage.tile.misread() == ""


@pytest.mark.parametrize("words", [("AHEAD",), ("AHEAD", "90"), ("1",), ("900",), ("HESTON",)])
def test_words_that_mean_nothing_are_named_with_those_there_are(words):
    said = Stage("HVG", *words).tile.misread()
    assert said.startswith("HVG knows no ")
    assert "AHEAD 1 to 63" in said


async def test_a_young_name_has_reasons_instead_of_scores():
    stage = Stage("HVG", symbol="META")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert "no score: 12 sessions in a row are known" in stage.text()
        assert stage.text().count("60 are needed") == 8
        assert "nan" not in stage.text().lower()


@pytest.mark.parametrize("words", [(), ("YZ", "GRAPH"), ("TABLE",)])
async def test_every_part_survives_every_size(words):
    dice = random.Random(len(words))
    stage = Stage("HVG", *words, symbol="SPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("f")
        for size in [(24, 5), (30, 12), (80, 21), (300, 14), (dice.randint(24, 250), dice.randint(5, 90))]:
            await pilot.resize_terminal(*size)
            await stage.settle(pilot, turns=1)
            assert row_widths(stage) == {size[0]}
            assert not stage.tile.trouble, (size, stage.tile.trouble)
