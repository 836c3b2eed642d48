import asyncio

from engine.domain.market import FeedState
from engine.state.condition import FeedHealth
from engine.state.patience import first_word, until


async def test_what_becomes_so_is_waited_for_and_what_never_does_is_given_up() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0.03, done.set)
    assert await until(done.is_set, seconds=5.0)
    assert not await until(lambda: False, seconds=0.03)


async def test_a_market_that_stands_still_is_not_waited_for() -> None:
    health = FeedHealth()
    health.turn(FeedState.FROZEN, "", health.since)
    async with asyncio.timeout(0.5):
        await first_word(lambda: False, health=health, seconds=60.0)
