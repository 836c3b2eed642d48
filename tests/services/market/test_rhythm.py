import asyncio

import pytest

from engine.kernel.tasks import Tasks
from engine.services.market import rhythm as rhythm_module
from engine.services.market.rhythm import Rhythm
from tests.kit.market_room import MarketRoom


async def test_a_step_that_fails_is_told_of_once_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rhythm_module, "REST_SECONDS", 0.0)
    room, tasks = MarketRoom(), Tasks()
    calls = 0
    enough = asyncio.Event()

    def step() -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            enough.set()
        if calls < 3:
            raise KeyError("SPY")

    Rhythm(bus=room.bus, clock=room.clock, tasks=tasks).every(0.001, "quotes", step)
    await asyncio.wait_for(enough.wait(), 60.0)
    await tasks.close()
    assert [getattr(event, "title", "") for event in room.notices.drain()] == ["quotes failed"]
