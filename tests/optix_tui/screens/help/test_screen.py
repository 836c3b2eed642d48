from tests.kit.stage import DISCONNECTED, Stage


async def test_typing_searches_and_enter_opens():
    stage = Stage("HELP")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("t", "a", "p", "e")
        await stage.settle(pilot)
        assert "find tape" in stage.rows()[1]
        assert "Time and Sales" in stage.rows()[3]
        await pilot.press("enter")
        assert stage.commands == ["TAS"]
        await pilot.press("escape")
        assert stage.tile.search == ""


async def test_keys_of_the_frame_are_left_to_it_while_nothing_is_typed():
    stage = Stage("HELP")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        await pilot.press("slash", "question_mark", "backspace", "space")
        assert stage.tile.search == ""
        await pilot.press("down", "down")
        assert stage.tile.cursor.row == 2


async def test_it_may_be_opened_on_a_function():
    stage = Stage("HELP", "OPX")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        assert "OPX  Expirations" in stage.text()


async def test_it_needs_no_engine():
    stage = Stage("HELP")
    async with stage.run_test(size=(120, 40)) as pilot:
        await stage.settle(pilot)
        live = stage.colours()
        await stage.become(pilot, DISCONNECTED)
        assert stage.colours() == live
