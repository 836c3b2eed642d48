import asyncio

import pytest

from engine.domain.errors import BadInput, Refused, UpstreamFailed
from engine.domain.market import FeedCondition, FeedState, Pulse
from engine.kernel.tasks import Tasks
from engine.messages.base import topic
from engine.messages.commands import SetSpeed
from engine.messages.events import NoticeLevel, NoticePosted
from engine.services.market import feed_runner
from tests.kit.engine import until
from tests.kit.market import NOON, listing, series_of
from tests.kit.market_room import MarketRoom, ScriptedFeed

LIVE = FeedCondition(at=NOON, state=FeedState.LIVE, expected_gap=5.0)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def notices(room: MarketRoom) -> list[NoticePosted]:
    return [event for event in room.notices.drain() if isinstance(event, NoticePosted)]


@pytest.mark.bar("F-F-01")
def test_a_live_feed_that_falls_silent_is_not_believed_and_says_so() -> None:
    room = MarketRoom()
    runner = room.runner(ScriptedFeed())
    room.emit(LIVE)
    room.clock.pass_time(4.9)
    runner.watch_silence()
    assert room.state.health.state is FeedState.LIVE
    room.clock.pass_time(0.2)
    runner.watch_silence()
    assert room.state.health.state is FeedState.DEGRADED
    assert room.state.health.stale
    assert "no data for 5 s" in room.state.health.reason
    assert [notice.level for notice in notices(room)] == [NoticeLevel.WARNING]


def test_a_feed_that_speaks_again_is_live_again_and_the_gap_is_kept() -> None:
    room = MarketRoom()
    runner = room.runner(ScriptedFeed())
    room.emit(LIVE)
    room.clock.pass_time(8.0)
    runner.watch_silence()
    room.emit(Pulse(at=NOON))
    assert room.state.health.state is FeedState.LIVE
    assert not room.state.health.stale
    assert list(room.state.health.gaps) == ["12:00:08 New York: silent for 8 s"]


@pytest.mark.parametrize("state", [FeedState.CLOSED, FeedState.FROZEN, FeedState.DELAYED])
def test_a_market_that_does_not_say_it_is_live_may_be_silent(state: FeedState) -> None:
    room = MarketRoom()
    runner = room.runner(ScriptedFeed())
    room.emit(FeedCondition(at=NOON, state=state))
    room.clock.pass_time(3_600.0)
    runner.watch_silence()
    assert room.state.health.state is state


async def test_a_crashed_feed_is_disconnected_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_runner, "FIRST_PAUSE", 3_600.0)
    room, tasks = MarketRoom(), Tasks()
    room.runner(ScriptedFeed(LIVE, then=ZeroDivisionError("oh")), tasks=tasks).start()
    await settle()
    assert room.state.health.state is FeedState.DISCONNECTED
    assert "ZeroDivisionError" in room.state.health.reason
    assert notices(room)[0].title == "The feed crashed"
    await tasks.close()


async def test_a_crashed_feed_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_runner, "FIRST_PAUSE", 0.01)
    room, tasks = MarketRoom(), Tasks()
    second = ScriptedFeed(listing(series_of("SPY")), LIVE)
    runner = room.runner(ScriptedFeed(LIVE, then=ZeroDivisionError("oh")), second, tasks=tasks)
    runner.start()
    await until(lambda: runner.feed is second and room.state.health.state is FeedState.LIVE)
    assert room.state.health.restarts == 1
    await tasks.close()


@pytest.mark.parametrize("error", [BadInput("a cut file"), UpstreamFailed("a refused key")])
async def test_a_feed_that_says_going_on_is_useless_is_not_started_again(error: Exception) -> None:
    room, tasks = MarketRoom(), Tasks()
    runner = room.runner(ScriptedFeed(then=error), tasks=tasks)
    runner.start()
    await settle()
    assert runner.failure is error
    assert room.state.health.state is FeedState.DISCONNECTED
    assert room.state.health.reason == str(error)
    await tasks.close()


async def test_a_feed_that_ends_leaves_a_market_that_stands_still() -> None:
    room, tasks = MarketRoom(), Tasks()
    runner = room.runner(ScriptedFeed(listing(series_of("SPY")), LIVE, waits=False), tasks=tasks)
    runner.start()
    await settle()
    assert room.state.health.state is FeedState.FROZEN
    assert runner.failure is None
    await tasks.close()


@pytest.mark.bar("F-F-02")
async def test_pauses_between_starts_double_up_to_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    room, tasks = MarketRoom(), Tasks()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 10:
            await asyncio.Event().wait()

    monkeypatch.setattr(feed_runner.asyncio, "sleep", sleep)
    runner = room.runner(ScriptedFeed(then=RuntimeError("down")), tasks=tasks)
    running = tasks.spawn(runner._keep_running(), name="feed")
    while len(slept) <= 10 and not running.done():
        await asyncio.wait([running], timeout=0.01)
    assert slept[:9] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    await tasks.close()


async def test_speed_is_checked_and_handed_to_the_feed() -> None:
    room = MarketRoom()
    feed = ScriptedFeed()
    runner = room.runner(feed)
    with pytest.raises(Refused, match="clock of its own"):
        await runner.set_speed(SetSpeed(factor=10.0))
    runner.feed = feed
    with pytest.raises(BadInput, match="1 to 1000"):
        await runner.set_speed(SetSpeed(factor=0.5))
    receipt = await runner.set_speed(SetSpeed(factor=60.0))
    assert feed.speed == 60.0
    assert room.state.health.speed == 60.0
    assert "60 times" in receipt.text


async def test_a_useless_feed_tells_one_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    room, tasks = MarketRoom(), Tasks()
    mailbox = room.bus.subscribe(topic(NoticePosted))
    runner = room.runner(ScriptedFeed(then=UpstreamFailed("no such host")), tasks=tasks)
    runner.start()
    await settle()
    assert [getattr(event, "text", "") for event in mailbox.drain()] == ["no such host"]
    await tasks.close()
