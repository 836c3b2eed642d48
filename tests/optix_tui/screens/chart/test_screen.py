from engine.messages.base import topic
from engine.messages.events import BarsChanged, QuoteChanged
from engine.messages.queries import GetBars
from tests.kit import facts
from tests.kit.stage import Stage


async def test_a_chart_watches_its_bars_and_grows_with_them():
    stage = Stage("GIP")
    async with stage.run_test(size=(90, 24)) as pilot:
        await stage.settle(pilot)
        assert stage.engine.subscriptions[-1].topics == (topic(BarsChanged, "SPY/120"), topic(QuoteChanged, "SPY"))
        newest = facts.bars("SPY", 120, 2, close=facts.floats([670.0, 671.5]))
        stage.engine.say(BarsChanged(bars=newest))
        await stage.settle(pilot)
        assert "◀ 671.50" in stage.text()


async def test_keys_choose_the_bar_length_and_the_chart_asks_anew():
    stage = Stage("GIP")
    async with stage.run_test(size=(90, 24)) as pilot:
        await stage.settle(pilot)
        await pilot.press("4")
        await stage.settle(pilot)
        assert stage.tile.preferences.seconds == 900
        assert [query.seconds for query in stage.engine.asked if isinstance(query, GetBars)] == [120, 900]
        assert "SPY 15m candles" in stage.rows()[0]
        await pilot.press("o")
        assert stage.tile.preferences.seconds == 1800


async def test_a_bar_length_may_be_typed_with_the_code():
    stage = Stage("GIP", "5M")
    async with stage.run_test(size=(90, 24)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.preferences.seconds == 300


async def test_the_crosshair_walks_back_and_scrolls_when_it_meets_the_edge():
    stage = Stage("GIP")
    async with stage.run_test(size=(60, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("left", "left", "left")
        assert stage.tile.preferences.crosshair == 2
        for _ in range(40):
            stage.tile.action_crosshair(-1)
        assert stage.tile.preferences.crosshair == 42
        assert stage.tile.preferences.back > 0
        await pilot.press("end")
        assert stage.tile.preferences.crosshair is None
        assert stage.tile.preferences.back == 0


async def test_scrolling_to_the_oldest_bar_asks_for_older_ones_once():
    stage = Stage("GIP")
    async with stage.run_test(size=(60, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("pageup")
        for _ in range(40):
            stage.tile.action_scroll(-1)
        await stage.settle(pilot)
        older = [query for query in stage.engine.asked if isinstance(query, GetBars) and query.until is not None]
        assert len(older) == 1


async def test_a_new_bar_does_not_move_what_is_being_read():
    stage = Stage("GIP")
    async with stage.run_test(size=(60, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("pageup")
        before = stage.tile.present().close.tolist()
        table = stage.tile.facts.bars
        later = facts.bars("SPY", 120, 2, start=facts.longs([int(table.start[-1]), int(table.start[-1]) + 120 * 10**9]))
        stage.engine.say(BarsChanged(bars=later))
        await stage.settle(pilot)
        assert stage.tile.present().close.tolist() == before


async def test_missed_bars_are_asked_for():
    stage = Stage("GIP")
    async with stage.run_test(size=(60, 20)) as pilot:
        await stage.settle(pilot)
        asked = len([query for query in stage.engine.asked if isinstance(query, GetBars)])
        gone = facts.bars("SPY", 120, 2, start=facts.longs([facts.NOW + 600 * 10**9, facts.NOW + 720 * 10**9]))
        stage.engine.say(BarsChanged(bars=gone))
        await stage.settle(pilot)
        assert len([query for query in stage.engine.asked if isinstance(query, GetBars)]) == asked + 1


async def test_toggles_and_zoom_change_the_picture():
    stage = Stage("GIP")
    async with stage.run_test(size=(90, 24)) as pilot:
        await stage.settle(pilot)
        for key in ("e", "y", "u", "w", "v", "plus", "minus"):
            before = stage.tile.preferences
            await pilot.press(key)
            assert stage.tile.preferences != before, key
        assert "EM ●" in stage.tile.subtitle()


async def test_a_click_puts_the_crosshair_on_the_bar_under_the_pointer():
    stage = Stage("GIP")
    async with stage.run_test(size=(60, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.click(offset=(4, 8))
        assert stage.tile.present().crosshair == 2


async def test_another_security_forgets_the_bars_of_the_one_before():
    stage = Stage("GIP")
    async with stage.run_test(size=(60, 20)) as pilot:
        await stage.settle(pilot)
        stage.tile.load(facts.replace(stage.tile.context, symbol="QQQ"))
        assert stage.tile.facts.bars is None
        await stage.settle(pilot)
        assert stage.tile.facts.bars.symbol == "QQQ"


async def test_an_unknown_security_is_said_and_not_waited_for():
    stage = Stage("GIP", symbol="ZZZZ")
    async with stage.run_test(size=(60, 20)) as pilot:
        await stage.settle(pilot)
        assert "ZZZZ is not listed by this feed" in stage.text()


async def test_overlays_are_named_behind_the_code_and_kept_with_the_tile():
    stage = Stage("GIP", "5M", "EM", "LEVELS", symbol="SPX")
    async with stage.run_test(size=(150, 41)) as pilot:
        await stage.settle(pilot)
        assert "EM ●  OI ●  log ○" in stage.rows()[0]
        assert "gamma flip" in stage.text()
        assert stage.tile.lasting_args() == ("5M", "EM", "LEVELS")
        await pilot.press("e", "y")
        assert stage.tile.lasting_args() == ("5M", "LEVELS", "LOG")
        assert not stage.tile.misread()
    stage = Stage("GIP", "SIDEWAYS", symbol="SPX")
    async with stage.run_test(size=(150, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.misread() == "GIP knows no SIDEWAYS: give a bar length (1m, 2m, 5m, 15m, 30m, 60m, 1D) or EM, LEVELS, LOG"
