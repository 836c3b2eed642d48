from engine.domain.columns import longs
from engine.messages.events import TradesChanged
from engine.messages.queries import GetTrades
from tests.kit import facts
from tests.kit.stage import Stage


def later(count: int = 3):
    return facts.trades("SPX", count, at=longs([facts.NOW + (count - i) * 10**9 for i in range(count)]))


async def test_new_prints_come_in_at_the_top():
    stage = Stage("TAS", symbol="SPX")
    async with stage.run_test(size=(120, 20)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(TradesChanged(trades=later()))
        await stage.settle(pilot)
        assert stage.rows()[2].strip().startswith("14:32:10")


async def test_a_paused_tape_stands_still_and_says_how_much_waits():
    stage = Stage("TAS", symbol="SPX")
    async with stage.run_test(size=(120, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("space")
        before = stage.tile.present().rows
        stage.engine.say(TradesChanged(trades=later()))
        await stage.settle(pilot)
        assert stage.tile.present().rows == before
        assert "PAUSED +3" in stage.rows()[0]
        await pilot.press("space")
        assert len(stage.tile.present().rows) == len(before) + 3


async def test_the_row_that_is_read_is_not_pushed_away():
    stage = Stage("TAS", symbol="SPX")
    async with stage.run_test(size=(120, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down")
        chosen = stage.tile.present().rows[stage.tile.cursor.row]
        stage.engine.say(TradesChanged(trades=later()))
        await stage.settle(pilot)
        assert stage.tile.present().rows[stage.tile.cursor.row] == chosen


async def test_keys_go_through_the_filters():
    stage = Stage("TAS", symbol="SPX")
    async with stage.run_test(size=(120, 20)) as pilot:
        await stage.settle(pilot)
        await pilot.press("f")
        assert stage.tile.preferences.which == "bought"
        await pilot.press("v")
        assert stage.tile.preferences.least_premium == 10_000
        await pilot.press("o")
        await stage.settle(pilot)
        assert [query.options_only for query in stage.engine.asked if isinstance(query, GetTrades)] == [True, False]
        assert "≥ 10,000" in stage.rows()[0]


async def test_a_filter_that_nothing_passes_says_so():
    stage = Stage("TAS", symbol="SPX")
    async with stage.run_test(size=(120, 20)) as pilot:
        await stage.settle(pilot)
        stage.tile.preferences = facts.replace(stage.tile.preferences, least_premium=1e12)
        stage.tile.touch()
        await stage.settle(pilot)
        assert "none of 60 prints passes the filters" in stage.text()


async def test_prints_that_were_missed_leave_a_gap_in_the_tape_that_is_no_print():
    stage = Stage("TAS", symbol="SPX")
    async with stage.run_test(size=(120, 20)) as pilot:
        await stage.settle(pilot)
        first = facts.replace(later(3), total=1_003)
        stage.engine.say(TradesChanged(trades=first))
        await stage.settle(pilot)
        assert "missed" not in stage.text()
        newer = facts.trades("SPX", 2, at=longs([facts.NOW + 60 * 10**9, facts.NOW + 59 * 10**9]))
        stage.engine.say(TradesChanged(trades=facts.replace(newer, total=1_150)))
        await stage.settle(pilot)
        assert "145 prints missed" in stage.rows()[4]
        assert "Shown 65 of 65" in stage.rows()[-1]
        stage.tile.preferences = facts.replace(stage.tile.preferences, least_premium=1e12)
        stage.tile.touch()
        await stage.settle(pilot)
        assert "145 prints missed" in stage.text()
        assert "Shown 0 of 65" in stage.rows()[-1]


async def test_a_tape_that_reaches_back_to_what_is_known_has_no_gap():
    stage = Stage("TAS", symbol="SPX")
    async with stage.run_test(size=(120, 20)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(TradesChanged(trades=facts.replace(later(3), total=1_003)))
        await stage.settle(pilot)
        again = facts.trades("SPX", 4, at=longs([facts.NOW + (4 - i) * 10**9 for i in range(4)]))
        stage.engine.say(TradesChanged(trades=facts.replace(again, total=1_004)))
        await stage.settle(pilot)
        assert "missed" not in stage.text()
