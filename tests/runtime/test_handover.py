"""When the engine behind a terminal ends: the mailboxes stay, the next engine feeds them, and the user is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.domain.errors import EngineGone, Refused
from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import topic
from engine.messages.commands import ExportDatabase
from engine.messages.events import EngineChanged, NoticeLevel, NoticePosted, QuoteChanged
from engine.messages.queries import EngineStatus, GetExpirations, GetQuotes
from engine.runtime.attach import Door
from engine.runtime.engine import Attachable
from engine.runtime.handover import LastingEngine
from engine.runtime.local import LocalEngine
from engine.runtime.remote import RemoteEngine
from tests.kit import facts
from tests.kit.doors import VERSION, opened, small_engine
from tests.kit.engine import until

SPY = GetExpirations(symbol=Symbol("SPY"))


class Relay:
    """A lasting engine on a remote one whose owner can be ended, and the local one that comes after it."""

    def __init__(self, lasting: LastingEngine, door: Door, first: LocalEngine, second: LocalEngine) -> None:
        self.lasting, self.door, self.first, self.second = lasting, door, first, second
        self.tries = 0
        self.last: EngineStatus | None = None
        self.trouble: list[Exception] = []
        self.allowed = asyncio.Event()
        self.allowed.set()

    async def reconnect(self, last: EngineStatus | None) -> tuple[Attachable, str]:
        self.tries += 1
        self.last = last
        await self.allowed.wait()
        if self.trouble:
            raise self.trouble.pop()
        return self.second, "another engine"


@asynccontextmanager
async def relay(folder: Path) -> AsyncIterator[Relay]:
    homes = [folder / name for name in ("first", "second")]
    for home in homes:
        home.mkdir()
    async with opened(homes[0]) as (first, service, door, address):
        second, _ = small_engine(homes[1])
        await second.start()
        remote = await RemoteEngine.connect(address, version=VERSION)
        held: list[Relay] = []
        lasting = LastingEngine(remote, lambda last: held[0].reconnect(last), lambda: UtcNanos(5))  # noqa: PLW0108 (held is filled below)
        held.append(Relay(lasting, door, first, second))
        held[0].service = service
        try:
            yield held[0]
        finally:
            await lasting.close()
            await second.close()


async def test_mailboxes_stay_and_are_told_before_the_new_engine_feeds_them(tmp_path):
    async with relay(tmp_path) as chain:
        watching = chain.lasting.watch(topic(EngineChanged), topic(QuoteChanged, "SPY"))
        quotes_only = chain.lasting.watch(topic(QuoteChanged, "SPY"))
        await until(lambda: chain.first.context.bus.watchers == 3)  # its own look at the status, too
        chain.second.context.bus.publish(QuoteChanged(quote=facts.quote("SPY")))
        await chain.door.close()
        async with asyncio.timeout(60):
            assert await anext(watching) == EngineChanged(at=UtcNanos(5), text="another engine")
            assert isinstance(await anext(watching), QuoteChanged)
            assert isinstance(await anext(quotes_only), QuoteChanged)
        assert chain.lasting.engine is chain.second
        assert chain.second.context.bus.watchers == 2
        watching.close()
        quotes_only.close()
        assert chain.second.context.bus.watchers == 0


async def test_a_question_asked_while_there_is_no_engine_waits_for_the_next(tmp_path):
    async with relay(tmp_path) as chain:
        chain.allowed.clear()
        await chain.door.close()
        await until(lambda: chain.tries == 1)
        asking = asyncio.ensure_future(chain.lasting.ask(SPY))
        watching = chain.lasting.watch(topic(NoticePosted))
        await asyncio.sleep(0.02)
        assert not asking.done()
        chain.allowed.set()
        assert (await asyncio.wait_for(asking, 60)).symbol == "SPY"
        notice = NoticePosted(at=UtcNanos(1), level=NoticeLevel.INFO, title="x")
        chain.second.context.bus.publish(notice)
        assert await asyncio.wait_for(anext(watching), 60) == notice


async def test_a_question_under_way_is_asked_again_and_a_command_is_not(tmp_path):
    async with relay(tmp_path) as chain:
        asking = asyncio.ensure_future(chain.lasting.ask(GetQuotes()))
        doing = asyncio.ensure_future(chain.lasting.do(ExportDatabase(path="x")))
        await until(lambda: bool(chain.service.asked) and bool(chain.service.begun))
        next_service = chain.second._services[0]
        next_service.slow.set()
        await chain.door.close()
        assert len((await asyncio.wait_for(asking, 60)).quotes) == 1
        with pytest.raises(EngineGone):
            await asyncio.wait_for(doing, 60)
        assert next_service.done == []


async def test_what_goes_wrong_on_the_way_to_the_next_engine_is_tried_again(tmp_path):
    async with relay(tmp_path) as chain:
        chain.trouble = [Refused("held"), EngineGone("not yet")]
        await chain.door.close()
        assert (await asyncio.wait_for(chain.lasting.ask(SPY), 60)).symbol == "SPY"
        assert chain.tries == 3


async def test_without_any_next_engine_a_question_is_given_up_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runtime.handover.RETURN_SECONDS", 0.05)
    async with relay(tmp_path) as chain:
        chain.allowed.clear()
        await chain.door.close()
        await until(lambda: chain.tries == 1)
        with pytest.raises(EngineGone, match="no other could be started"):
            await chain.lasting.ask(SPY)


async def test_a_mailbox_closed_while_there_is_no_engine_is_not_fed_by_the_next(tmp_path):
    async with relay(tmp_path) as chain:
        watching = chain.lasting.watch(topic(QuoteChanged))
        chain.allowed.clear()
        await chain.door.close()
        await until(lambda: chain.tries == 1)
        watching.close()
        chain.allowed.set()
        await chain.lasting.ask(SPY)
        assert chain.second.context.bus.watchers == 0


async def test_closing_ends_the_search_for_another_engine(tmp_path):
    async with relay(tmp_path) as chain:
        watching = chain.lasting.watch(topic(QuoteChanged))
        chain.allowed.clear()
        await chain.door.close()
        await until(lambda: chain.tries == 1)
        await asyncio.wait_for(chain.lasting.close(), 60)
        assert [event async for event in watching] == []
        with pytest.raises(EngineGone):
            await chain.lasting.ask(SPY)
        with pytest.raises(EngineGone):
            chain.lasting.watch(topic(QuoteChanged))
