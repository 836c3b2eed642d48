from math import nan

from engine.messages.base import topic
from engine.messages.commands import DeleteWatchlist, SaveWatchlist
from engine.messages.events import QuoteChanged
from engine.messages.queries import GetWatchlists, Watchlist, WatchlistSet
from optix_tui.screens.watch.flashes import STEPS, Flashes
from tests.kit import engine_facts, facts
from tests.kit.stage import STALE, Stage, told_engine


async def test_only_the_names_of_the_list_are_watched():
    stage = Stage("W", "MEGACAPS")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        names = engine_facts.watchlists().lists[1].symbols
        assert set(stage.engine.subscriptions[-1].topics) == {topic(QuoteChanged, name) for name in names}
        assert len(stage.engine.subscriptions) == 1


async def test_a_quote_moves_its_row():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(QuoteChanged(quote=facts.quote("SPY", last=671.99)))
        await stage.settle(pilot)
        assert "671.99" in stage.text()


async def test_enter_hands_the_chosen_name_to_the_linked_tiles():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down", "enter")
        assert stage.linked == [(0, "QQQ")]


async def test_the_cursor_stays_on_its_name_when_the_order_changes():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down")
        stage.tile.preferences = facts.replace(stage.tile.preferences, sort="percent")
        stage.tile.touch()
        await stage.settle(pilot)
        await pilot.press("enter")
        assert stage.linked == [(0, "SPY")]


async def test_a_name_is_typed_and_added_and_letters_do_not_run_commands_meanwhile():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("a", "ctrl+u", "g", "l", "d", "x", "backspace")
        assert stage.tile.preferences.prompt == "GLD"
        await stage.settle(pilot)
        assert "add GLD" in stage.text()
        await pilot.press("enter")
        await stage.settle(pilot)
        main = engine_facts.watchlists().lists[0]
        assert stage.engine.done == [SaveWatchlist(name="Main", symbols=(*main.symbols, "GLD"))]
        assert stage.tile.preferences.prompt is None


async def test_escape_leaves_the_list_as_it_is():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("a", "z", "escape")
        assert stage.tile.preferences.prompt is None
        assert not stage.engine.done


async def test_x_takes_the_chosen_name_out():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "x")
        await stage.settle(pilot)
        assert "SPY" not in stage.engine.done[0].symbols
        assert len(stage.engine.done[0].symbols) == len(facts.SYMBOLS) - 1


async def test_a_verb_after_the_code_is_done_once_and_forgotten():
    stage = Stage("W", "ADD", "NVDA", "GLD")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        assert len(stage.engine.done) == 1
        assert stage.engine.done[0].symbols[-1] == "GLD"
        assert stage.engine.done[0].symbols.count("NVDA") == 1
        stage.tile.load(stage.tile.context)
        await stage.settle(pilot)
        assert len(stage.engine.done) == 1
        assert stage.tile.context.args == ()


async def test_lists_are_made_deleted_and_switched():
    stage = Stage("W", "NEW", "EARNINGS")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        assert stage.engine.done == [SaveWatchlist(name="EARNINGS", symbols=())]
        stage.tile.load(facts.replace(stage.tile.context, args=("DELETE", "megacaps")))
        await stage.settle(pilot)
        assert stage.engine.done[-1] == DeleteWatchlist(name="Megacaps")
        await pilot.press("right_square_bracket")
        await stage.settle(pilot)
        assert "list 2/2" in stage.rows()[0]


async def test_fifty_names_scroll_and_only_rows_in_sight_are_written():
    many = tuple(f"N{place:02d}" for place in range(60))
    engine = told_engine()
    engine.answers[GetWatchlists] = lambda _query: WatchlistSet(lists=(Watchlist(name="Many", symbols=many),))
    stage = Stage("W", engine=engine)
    async with stage.run_test(size=(80, 20)) as pilot:
        await stage.settle(pilot)
        assert "N17" in stage.text()
        assert "N18" not in stage.text()
        await pilot.press("end")
        await stage.settle(pilot)
        assert "N59" in stage.text()
        await pilot.press("pageup", "up")
        assert stage.tile.cursor.row == 59 - 17 - 1


async def test_a_stale_feed_fades_the_whole_tile():
    stage = Stage("W")
    async with stage.run_test(size=(80, 8)) as pilot:
        await stage.settle(pilot)
        live = stage.colours()
        await stage.become(pilot, STALE)
        assert "STALE" in stage.rows()[0]
        assert stage.colours() != live
        assert "white" not in stage.colours()


async def test_a_last_price_that_moves_flashes_and_fades():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        assert "up_ground" not in stage.colours()
        stage.tile.received(QuoteChanged(quote=facts.quote("SPY", last=671.99)))
        stage.tile.touch()
        stage.tile.flush()
        assert "up_ground" in stage.colours()
        for _ in range(8):
            stage.tile.drain()
            stage.tile.flush()
        assert "up_ground" not in stage.colours()


def quote_at(last: float):
    return facts.quote("SPY", last=last)


def test_a_move_too_small_to_matter_an_unknown_price_and_a_first_one_do_not_flash():
    flashes = Flashes()
    flashes.see(None, quote_at(670.0))
    flashes.see(quote_at(670.0), quote_at(670.02))
    flashes.see(quote_at(nan), quote_at(670.0))
    flashes.see(quote_at(670.0), quote_at(nan))
    assert flashes.shares() == {}
    flashes.see(quote_at(670.0), quote_at(669.90))
    assert flashes.shares() == {"SPY": -1.0}
    assert [flashes.fade() for _ in range(STEPS + 1)] == [True] * STEPS + [False]


async def test_the_row_of_the_cursor_is_paler_where_the_tile_does_not_have_the_keys():
    stage = Stage("W")
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        assert "selected" in stage.colours()
        stage.set_focus(None)
        await stage.settle(pilot)
        assert "selected" not in stage.colours()
