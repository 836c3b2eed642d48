from msgspec.structs import replace

from engine.messages.events import StatusChanged
from tests.kit import engine_facts
from tests.kit.stage import Stage


async def test_each_status_adds_a_beat_and_an_old_one_none():
    stage = Stage("SYS")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        first = engine_facts.status()
        later = replace(first, wall_time=first.wall_time + 10**9, cpu_seconds=first.cpu_seconds + 0.5)
        stage.engine.say(StatusChanged(status=later))
        stage.engine.say(StatusChanged(status=first))
        await stage.settle(pilot)
        assert stage.tile.facts.status == later
        assert stage.tile.facts.history[-1].cpu == 0.5
        assert "50.0%  of a core" in stage.text()
