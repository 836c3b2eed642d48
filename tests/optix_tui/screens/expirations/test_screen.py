from msgspec.structs import replace

from engine.messages.events import ExpirationsChanged
from tests.kit import facts
from tests.kit.stage import Stage


async def test_enter_opens_the_chain_of_the_chosen_expiry():
    stage = Stage("OPX", symbol="SPX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "enter")
        assert stage.commands == ["SPX OMON 20NOV26"]


async def test_the_term_can_be_put_away():
    stage = Stage("OPX", symbol="SPX")
    async with stage.run_test(size=(120, 34)) as pilot:
        await stage.settle(pilot)
        assert "ATM IV by expiry" in stage.text()
        await pilot.press("v")
        await stage.settle(pilot)
        assert "ATM IV by expiry" not in stage.text()


async def test_new_numbers_replace_the_old_and_those_of_other_names_do_not():
    stage = Stage("OPX", symbol="SPX")
    async with stage.run_test(size=(120, 34)) as pilot:
        await stage.settle(pilot)
        table = facts.expirations("SPX")
        changed = replace(table, expiries=(replace(table.expiries[0], max_pain=1234.0), *table.expiries[1:]))
        stage.engine.say(ExpirationsChanged(table=changed))
        stage.engine.say(ExpirationsChanged(table=facts.expirations("SPY")))
        await stage.settle(pilot)
        assert "1234" in stage.text()
        assert stage.tile.table.symbol == "SPX"


async def test_a_name_without_options_says_so():
    stage = Stage("OPX", symbol="SPX")
    async with stage.run_test(size=(80, 20)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(ExpirationsChanged(table=facts.expirations("SPX", expiries=())))
        await stage.settle(pilot)
        assert "no options are listed" in stage.text()
