"""Waiting for a feed that has just started: as long as it needs, and no longer than a person would."""

import asyncio
from collections.abc import Callable

from engine.domain.market import FeedState
from engine.state.condition import FeedHealth

LOOK_SECONDS = 0.02
AT_REST = frozenset({FeedState.FROZEN, FeedState.DISCONNECTED})
"""A market in these states has said what it had to say."""


async def until(so: Callable[[], bool], *, seconds: float) -> bool:
    """Whether it became so within that time, by the loop's own clock."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not so():
        if loop.time() >= end:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True


async def first_word(so: Callable[[], bool], *, health: FeedHealth, seconds: float) -> None:
    """Waits until it is so, the time is over, or the market stands still anyhow."""
    await until(lambda: so() or health.state in AT_REST, seconds=seconds)
