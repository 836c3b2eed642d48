from engine.domain.errors import BadInput
from engine.messages.commands import SetSetting
from tests.kit.stage import Stage, told_engine


async def test_a_value_is_edited_in_place_and_handed_to_the_engine():
    stage = Stage("SET")
    async with stage.run_test(size=(100, 24)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down", "enter")
        assert stage.tile.facts.typed == "8"
        await pilot.press("backspace", "2", "full_stop", "5")
        await stage.settle(pilot)
        assert "storage.budget_gb = 2.5" in stage.text()
        await pilot.press("enter")
        await stage.settle(pilot)
        assert stage.engine.done == [SetSetting(key="storage.budget_gb", value="2.5")]
        assert stage.tile.facts.typed is None


class RefusingEngine:
    """An engine that keeps no setting."""

    def __init__(self):
        self._engine = told_engine()

    def __getattr__(self, name):
        return getattr(self._engine, name)

    async def do(self, command):
        raise BadInput(f"{command.key}: {command.value!r} is not one of amber, graphite, paper, cvd")


async def test_a_refused_value_says_why_and_can_be_mended():
    stage = Stage("SET", engine=RefusingEngine())
    async with stage.run_test(size=(100, 24)) as pilot:
        await stage.settle(pilot)
        await pilot.press("end", "up", "enter", "ctrl+u", "b", "l", "u", "e", "enter")
        await stage.settle(pilot)
        assert "refused: terminal.theme: 'blue' is not one of amber" in stage.text()
        assert stage.tile.facts.typed == "blue"
        await pilot.press("backspace")
        assert stage.tile.facts.problem == ""
        await pilot.press("escape")
        assert stage.tile.facts.typed is None


async def test_moving_away_gives_up_the_edit():
    stage = Stage("SET")
    async with stage.run_test(size=(100, 24)) as pilot:
        await stage.settle(pilot)
        await pilot.press("enter", "down")
        assert stage.tile.facts.typed is None


async def test_a_setting_may_be_changed_from_the_command_line():
    stage = Stage("SET")
    async with stage.run_test(size=(100, 24)) as pilot:
        await stage.settle(pilot)
        stage.tile.load(stage.context.__class__(args=("Terminal.Theme", "paper")))
        await stage.settle(pilot)
        assert stage.engine.done == [SetSetting(key="terminal.theme", value="paper")]
        assert stage.applied == [("terminal.theme", "amber")], "as the engine says, not as it was typed"
        assert stage.tile.context.args == ()
        stage.tile.load(stage.context.__class__(args=("quality",)))
        await stage.settle(pilot)
        assert "quality.wide_fraction" in stage.rows()[-5]
