"""The engine on a thread of its own: reached from any loop and thread, and gone without a trace when closed."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from engine.domain.errors import BadInput, EngineGone
from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import topic
from engine.messages.events import NoticeLevel, NoticePosted, QuoteChanged
from engine.messages.queries import GetExpirations, GetQuotes
from engine.runtime.hosted import HostedEngine
from engine.runtime.local import LocalEngine
from tests.kit import facts
from tests.kit.doors import SmallService, small_engine
from tests.kit.engine import until

SPY = GetExpirations(symbol=Symbol("SPY"))


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("optix")]


class Hosting:
    """A hosted small engine and what is inside it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.local: LocalEngine | None = None
        self.service: SmallService | None = None
        self.thread = 0

    async def build(self) -> LocalEngine:
        self.thread = threading.get_ident()
        self.local, self.service = small_engine(self.home)
        return await self.local.start()

    def publish(self, engine: HostedEngine, *events: object) -> None:
        for event in events:
            engine._loop.call_soon_threadsafe(self.local.context.bus.publish, event)


@pytest.fixture
def hosting(tmp_path: Path) -> Hosting:
    return Hosting(tmp_path)


async def test_it_runs_on_another_thread_and_answers_here(hosting):
    engine = await HostedEngine.start(hosting.build)
    assert hosting.thread != threading.get_ident()
    assert (await engine.ask(SPY)).symbol == "SPY"
    await engine.close()
    await engine.close()
    await until(lambda: threads() == [])


async def test_every_loop_of_every_thread_may_ask_at_the_same_time(hosting):
    engine = await HostedEngine.start(hosting.build)
    answers: list[str] = []

    def ask_there(symbol: str) -> None:
        async def ask() -> None:
            for _ in range(20):
                answers.append((await engine.ask(GetExpirations(symbol=Symbol(symbol)))).symbol)

        asyncio.run(ask())

    askers = [threading.Thread(target=ask_there, args=(symbol,)) for symbol in ("SPY", "QQQ", "NVDA", "TSLA")]
    for asker in askers:
        asker.start()
    for asker in askers:
        await asyncio.to_thread(asker.join)
    assert sorted(answers) == sorted(["SPY", "QQQ", "NVDA", "TSLA"] * 20)
    await engine.close()


async def test_a_face_that_is_busy_does_not_delay_the_engine(hosting):
    engine = await HostedEngine.start(hosting.build)
    watching = engine.watch(topic(QuoteChanged))
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.perf_counter())
        hosting.local.context.bus.publish(QuoteChanged(quote=facts.quote("SPY", bid=float(len(ticks)))))
        if len(ticks) < 50:
            engine._loop.call_later(0.002, tick)

    engine._loop.call_soon_threadsafe(tick)
    end = time.perf_counter() + 60
    while len(ticks) < 50 and time.perf_counter() < end:
        time.sleep(0.001)  # noqa: ASYNC251 (this loop is held up on purpose)
    assert len(ticks) == 50
    (newest,) = watching.drain()
    assert newest.quote.bid == 50.0
    await engine.close()


async def test_a_mailbox_crosses_threads_and_may_be_read_without_a_loop(hosting):
    engine = await HostedEngine.start(hosting.build)
    watching = engine.watch(topic(NoticePosted))
    notices = [NoticePosted(at=UtcNanos(number), level=NoticeLevel.INFO, title="x") for number in range(200)]
    hosting.publish(engine, *notices)
    seen: list[object] = []

    def drain() -> None:
        end = time.monotonic() + 60
        while len(seen) < 200 and time.monotonic() < end:
            seen.extend(watching.drain())
            time.sleep(0.001)

    await asyncio.to_thread(drain)
    assert seen == notices
    await asyncio.to_thread(watching.close)
    await until(lambda: hosting.local.context.bus.watchers == 0)
    await engine.close()


async def test_a_question_given_up_here_is_given_up_there(hosting):
    engine = await HostedEngine.start(hosting.build)
    asking = asyncio.ensure_future(engine.ask(GetQuotes()))
    await until(lambda: bool(hosting.service.asked))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: bool(hosting.service.cancelled))
    await engine.close()


async def test_questions_under_way_when_it_ends_are_told_so(hosting):
    engine = await HostedEngine.start(hosting.build)
    asking = asyncio.ensure_future(engine.ask(GetQuotes()))
    await until(lambda: bool(hosting.service.asked))
    await engine.close()
    with pytest.raises(EngineGone, match="ended before it answered"):
        await asking
    with pytest.raises(EngineGone):
        await engine.ask(SPY)


async def test_an_engine_that_cannot_start_says_why_and_leaves_no_thread(hosting):
    ended = []

    async def broken() -> LocalEngine:
        raise BadInput("there is no such feed")

    with pytest.raises(BadInput, match="no such feed"):
        await HostedEngine.start(broken, None, lambda: ended.append(1))
    await until(lambda: threads() == [])
    assert ended == [1]


async def test_what_cannot_be_opened_beside_it_ends_the_engine_again(hosting):
    async def no_door(_: LocalEngine) -> None:
        raise BadInput("no door")

    with pytest.raises(BadInput, match="no door"):
        await HostedEngine.start(hosting.build, no_door)
    await until(lambda: threads() == [])
    with pytest.raises(EngineGone):
        await hosting.local.ask(SPY)


async def test_a_start_that_nobody_waits_for_any_more_ends_by_itself(hosting):
    entered, go_on = threading.Event(), threading.Event()

    async def slow() -> LocalEngine:
        entered.set()
        await asyncio.to_thread(go_on.wait, 10)
        return await hosting.build()

    starting = asyncio.ensure_future(HostedEngine.start(slow))
    await asyncio.to_thread(entered.wait, 10)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    go_on.set()
    await until(lambda: threads() == [])
