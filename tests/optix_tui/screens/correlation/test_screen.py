"""CORR as a tile: names and lists, the cursor and its pair, window and lag, and what it says when something is missing."""

import random

import pytest

from engine.messages.queries import GetWatchlists, WatchlistSet
from engine.messages.realized import GetCorrelation
from tests.kit import realized_facts
from tests.kit.stage import Stage, told_engine
from tests.kit.terminal import row_widths


def questions(stage):
    return [query for query in stage.engine.asked if isinstance(query, GetCorrelation)]


async def test_without_names_the_first_watchlist_is_compared_and_o_takes_the_next():
    stage = Stage("CORR")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert questions(stage)[0].symbols[:3] == ("SPX", "SPY", "QQQ")
        await pilot.press("o")
        await stage.settle(pilot)
        assert questions(stage)[-1].symbols[0] == "AAPL"
        assert stage.told == ["Megacaps: 6 names"]


async def test_a_list_is_named_and_names_are_typed():
    for words, first in ((("megacaps",), "AAPL"), (("tsla", "btc"), "TSLA")):
        stage = Stage("CORR", *words)
        async with stage.run_test(size=(120, 40)) as pilot:
            await stage.settle(pilot)
            assert questions(stage)[0].symbols[0] == first
            assert stage.tile.lasting_args() == tuple(word.upper() for word in words)


async def test_the_pair_under_the_cursor_is_asked_for_and_drawn():
    stage = Stage("CORR", "SPY", "QQQ", "VIX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert "SPY / QQQ over 63 sessions" in stage.text()
        await pilot.press("right")
        await stage.settle(pilot)
        assert questions(stage)[-1].pair == ("SPY", "VIX")
        assert "SPY / VIX over 63 sessions" in stage.text()


async def test_on_the_diagonal_the_pair_before_stays():
    stage = Stage("CORR", "SPY", "QQQ", "VIX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down")
        await stage.settle(pilot)
        assert "QQQ / QQQ" in stage.text()
        assert "SPY / QQQ over 63 sessions" in stage.text()
        await pilot.press("enter")
        assert stage.told == ["choose two names: the cursor stands on one with itself"]


async def test_names_that_are_not_listed_do_not_stand_between_the_cursor_and_its_pair():
    stage = Stage("CORR", "NOSUCH", "SPY", "QQQ")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot, turns=5)
        assert "no past: NOSUCH" in stage.text()
        assert questions(stage)[-1].pair == ("SPY", "QQQ")
        assert "SPY / QQQ over 63 sessions" in stage.text()
        assert len(questions(stage)) == 2


async def test_an_answer_to_the_question_before_is_not_shown_for_this_one():
    stage = Stage("CORR", "SPY", "QQQ", "VIX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        late = GetCorrelation(symbols=("SPY", "QQQ", "VIX"), window=21)
        assert not stage.tile.answered(late, realized_facts.correlation(late))
        assert stage.tile.table.window == 63


async def test_enter_gives_the_pair_the_screen_and_takes_it_back():
    stage = Stage("CORR", "SPY", "QQQ", "VIX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        await pilot.press("enter")
        await stage.settle(pilot)
        assert "Vol" not in stage.text()
        assert "SPY / QQQ over 63 sessions" in stage.text()
        await pilot.press("enter")
        await stage.settle(pilot)
        assert "Vol" in stage.text()


async def test_brackets_choose_the_window_and_plus_and_minus_the_lag():
    stage = Stage("CORR", "SPY", "QQQ", "126", "LAG", "-1")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert (questions(stage)[0].window, questions(stage)[0].lag) == (126, -1)
        assert stage.tile.lasting_args() == ("SPY", "QQQ", "126", "LAG", "-1")
        await pilot.press("left_square_bracket", "plus", "plus")
        await stage.settle(pilot)
        assert (questions(stage)[-1].window, questions(stage)[-1].lag) == (63, 1)
        assert "SPY 1 before QQQ" in stage.text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("SPY", "QQQ", "LAG"), "LAG is followed by sessions from -20 to 20"),
        (("SPY", "QQQ", "LAG", "90"), "LAG is followed by sessions from -20 to 20"),
        (("SPY", "QQQ", "5"), "a window has 20 to 2520 common sessions, not 5"),
        (tuple(f"N{number}" for number in range(30)), "30 names are too many for one table: 24 at most"),
    ],
)
def test_wrong_wishes_are_refused_in_words(words, said):
    assert Stage("CORR", *words).tile.misread() == said


async def test_without_any_list_it_says_what_to_type():
    engine = told_engine()
    engine.answers[GetWatchlists] = lambda _query: WatchlistSet(lists=())
    stage = Stage("CORR", engine=engine)
    async with stage.run_test(size=(100, 24)) as pilot:
        await stage.settle(pilot)
        assert "type them behind CORR, such as CORR SPY QQQ" in stage.text()
        await pilot.press("o")
        assert stage.told == ["there is no watchlist: W NEW makes one"]


async def test_a_click_chooses_a_pair_and_a_double_click_gives_it_the_screen():
    stage = Stage("CORR", "SPY", "QQQ", "VIX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        pitch = stage.tile.present().pitch
        await pilot.click(offset=(7 + 2 * pitch + 1, 3))
        await stage.settle(pilot)
        assert (stage.tile.preferences.row, stage.tile.preferences.column) == (0, 2)
        await pilot.click(offset=(7 + 2 * pitch + 1, 3), times=2)
        assert stage.tile.preferences.alone


async def test_it_survives_every_size_with_many_names_and_with_two():
    dice = random.Random("CORR")
    for words in ((), ("SPY", "META")):
        stage = Stage("CORR", *words)
        async with stage.run_test(size=(120, 40)) as pilot:
            await stage.settle(pilot)
            await pilot.press("down", "right")
            for size in [(24, 5), (30, 9), (81, 22), (300, 14), (dice.randint(24, 250), dice.randint(5, 90))]:
                await pilot.resize_terminal(*size)
                await pilot.press("enter")
                await stage.settle(pilot, turns=1)
                assert row_widths(stage) == {size[0]}
                assert not stage.tile.trouble, (size, stage.tile.trouble)
