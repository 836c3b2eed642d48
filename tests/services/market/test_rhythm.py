import asyncio
from collections.abc import Iterator

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


async def test_a_step_in_pieces_lets_others_in_between_and_a_piece_that_fails_is_told() -> None:
    room, tasks = MarketRoom(), Tasks()
    seen: list[str] = []
    enough = asyncio.Event()

    def step() -> Iterator[None]:
        asyncio.get_running_loop().call_soon(seen.append, "another")
        seen.append("first")
        yield
        seen.append("second")
        enough.set()
        raise KeyError("SPY")

    Rhythm(bus=room.bus, clock=room.clock, tasks=tasks).every(0.001, "flow", step)
    await asyncio.wait_for(enough.wait(), 60.0)
    await tasks.close()
    assert seen[:3] == ["first", "another", "second"]
    assert [getattr(event, "title", "") for event in room.notices.drain()] == ["flow failed"]
