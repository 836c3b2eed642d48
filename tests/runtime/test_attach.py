# ruff: noqa: ASYNC240 (a test may look at a file)
"""The door for other processes: who is let in, what is refused, and that nobody's bad manners cost anybody else."""

import asyncio
import gc
import os
import stat
import sys
from pathlib import Path

import pytest

from engine.domain.errors import BadInput, EngineGone, Refused, UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.messages import wire
from engine.messages.base import topic
from engine.messages.commands import ExportDatabase, SetSpeed
from engine.messages.events import ChainChanged, NoticeLevel, NoticePosted, QuoteChanged, WatcherCutOff
from engine.messages.queries import FindSecurities, GetExpirations, GetQuotes, GetStatus
from engine.messages.registry import fingerprint
from engine.runtime import attach, frames, peer
from engine.runtime.address import Address, new_address
from engine.runtime.remote import RemoteEngine
from tests.kit import facts
from tests.kit.doors import VERSION, RawClient, body, opened
from tests.kit.engine import until
from tests.kit.equal import same

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
SPY = GetExpirations(symbol=Symbol("SPY"))


async def remote(address: Address) -> RemoteEngine:
    return await RemoteEngine.connect(address, version=VERSION)


def notice(number: int) -> NoticePosted:
    return NoticePosted(at=UtcNanos(number), level=NoticeLevel.INFO, title=str(number))


async def test_the_socket_is_its_owners_alone_in_a_folder_that_is(tmp_path):
    async with opened(tmp_path) as (_, _, _, address):
        place = Path(address.socket)
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert len(os.fsencode(place)) <= 100
    assert not place.exists()


async def test_a_process_of_another_user_is_refused_before_it_is_heard(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(peer, "peer_user", lambda *_: os.getuid() + 1)
    async with opened(tmp_path) as (_, service, _, address):
        client = await RawClient.connect(address, greet=False)
        client.say(frames.Ask(1, "GetExpirations", body(SPY)))
        refusal = await client.hear()
        assert refusal.number == 0
        assert "may not talk" in refusal.failure.text
        assert await client.is_sent_away()
        assert service.asked == []


async def test_a_client_of_other_messages_is_refused_with_both_versions(tmp_path):
    async with opened(tmp_path) as (_, _, _, address):
        for hello in (frames.Hello(frames.PROTOCOL, fingerprint() ^ 1, "9.9", ""), frames.Hello(99, fingerprint(), "9.9", "")):
            client = await RawClient.connect(address, greet=False)
            client.say(hello)
            refusal = await client.hear()
            assert refusal.failure.code == "refused"
            assert VERSION in refusal.failure.text
            assert "9.9" in refusal.failure.text
            assert await client.is_sent_away()


async def test_the_refusal_reaches_the_user_of_a_remote_engine(tmp_path, monkeypatch):
    async with opened(tmp_path) as (_, _, _, address):
        monkeypatch.setattr("engine.runtime.remote.fingerprint", lambda: 1)
        with pytest.raises(Refused, match="messages differ"):
            await remote(address)


async def test_questions_commands_and_errors_cross_as_they_are(tmp_path):
    async with opened(tmp_path) as (local, _, _, address):
        engine = await remote(address)
        assert same(await engine.ask(SPY), await local.ask(SPY))
        receipt = await engine.do(SetSpeed(factor=2.0))
        assert (receipt.text, receipt.detail) == ("faster", {"factor": 2.0})
        with pytest.raises(UnknownSymbol, match="NONE is not listed"):
            await engine.ask(GetExpirations(symbol=Symbol("NONE")))
        with pytest.raises(BadInput, match="does not know GetStatus"):
            await engine.ask(GetStatus())
        await engine.close()


async def test_many_questions_at_once_each_get_their_own_answer_though_one_is_slow(tmp_path):
    async with opened(tmp_path) as (_, service, _, address):
        engine = await remote(address)
        slow = asyncio.ensure_future(engine.ask(GetQuotes()))
        names = ("SPY", "QQQ", "NVDA") * 8
        answers = await asyncio.gather(*(engine.ask(GetExpirations(symbol=Symbol(name))) for name in names))
        assert [answer.symbol for answer in answers] == list(names)
        assert not slow.done()
        service.slow.set()
        assert len((await slow).quotes) == 1
        await engine.close()


async def test_a_question_that_is_given_up_is_given_up_there_too(tmp_path):
    async with opened(tmp_path) as (_, service, _, address):
        engine = await remote(address)
        asking = asyncio.ensure_future(engine.ask(GetQuotes()))
        await until(lambda: bool(service.asked))
        asking.cancel()
        await until(lambda: bool(service.cancelled))
        assert (await engine.ask(SPY)).symbol == "SPY"
        await engine.close()


async def test_a_command_under_way_is_finished_though_its_client_goes(tmp_path):
    async with opened(tmp_path) as (_, service, door, address):
        engine = await remote(address)
        doing = asyncio.ensure_future(engine.do(ExportDatabase(path="x")))
        await until(lambda: bool(service.begun))
        await engine.close()
        await asyncio.gather(doing, return_exceptions=True)
        await until(lambda: door.clients == 0)
        assert service.done == []
        service.slow.set()
        await until(lambda: service.done == [ExportDatabase(path="x")])


async def test_more_questions_than_are_served_at_once_wait_and_are_all_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(attach, "MOST_AT_ONCE", 3)
    async with opened(tmp_path) as (_, service, _, address):
        engine = await remote(address)
        asking = [asyncio.ensure_future(engine.ask(GetQuotes())) for _ in range(20)]
        await until(lambda: len(service.asked) == 3)
        await asyncio.sleep(0.02)
        assert len(service.asked) == 3
        service.slow.set()
        assert len(await asyncio.gather(*asking)) == 20
        await engine.close()


async def test_an_answer_too_large_for_a_frame_says_so_and_the_connection_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(attach, "MOST_FROM_SERVER", 20_000)
    async with opened(tmp_path) as (_, _, _, address):
        engine = await remote(address)
        with pytest.raises(BadInput, match="ask for less at a time"):
            await engine.ask(FindSecurities(limit=1_000))
        assert len((await engine.ask(FindSecurities(limit=2))).securities) == 2
        await engine.close()


@pytest.mark.parametrize(
    "bad",
    [
        (frames.MOST_FROM_CLIENT + 1).to_bytes(4, "little") + b"x",
        (2**32 - 1).to_bytes(4, "little"),
        bytes(4),
        b"\x05\x00\x00\x00\xc1\xc1\xc1\xc1\xc1",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        frames.frame(frames.Welcome("x", 1), 1_000),
        frames.frame(frames.Hello(1, 1, "again", ""), 1_000),
    ],
    ids=["oversize", "enormous", "empty", "garbage", "http", "a server's frame", "a second greeting"],
)
@pytest.mark.parametrize("greeted", [True, False], ids=["greeted", "at the door"])
async def test_a_client_that_sends_nonsense_is_sent_away_and_the_others_are_served(tmp_path, bad, greeted):
    async with opened(tmp_path) as (_, _, door, address):
        good = await remote(address)
        client = await RawClient.connect(address, greet=greeted)
        client.writer.write(bad)
        assert await client.is_sent_away()
        assert (await good.ask(SPY)).symbol == "SPY"
        await until(lambda: door.clients == 1)
        await good.close()


async def test_a_message_whose_body_is_nonsense_is_an_error_and_no_more(tmp_path):
    async with opened(tmp_path) as (_, _, _, address):
        client = await RawClient.connect(address)
        for number, (name, content) in enumerate(
            [
                ("GetExpirations", {"symbol": 5}),
                ("GetExpirations", {}),
                ("GetNothing", {}),
                ("__class__", {}),
                ("SetSpeed", {"factor": "x"}),
            ]
        ):
            client.say(frames.Ask(number, name, body(content)))
            answer = await client.hear()
            assert (answer.number, answer.failure.code) == (number, "bad-input")
        client.say(frames.Ask(9, "GetExpirations", body(SPY)))
        assert isinstance(await client.hear(), frames.Answer)
        await client.close()


async def test_half_a_frame_and_then_silence_holds_nobody_up(tmp_path, monkeypatch):
    monkeypatch.setattr(attach, "GREETING_SECONDS", 0.05)
    async with opened(tmp_path) as (_, _, door, address):
        half_greeted = await RawClient.connect(address, greet=False)
        half_greeted.writer.write(b"\x40\x00\x00")
        half_asked = await RawClient.connect(address)
        half_asked.writer.write(b"\x40\x00\x00\x00half")
        good = await remote(address)
        assert (await good.ask(SPY)).symbol == "SPY"
        assert await half_greeted.is_sent_away()
        await half_asked.close()
        await until(lambda: door.clients == 1)
        await good.close()


async def test_more_clients_than_there_is_room_for_are_turned_away(tmp_path, monkeypatch):
    monkeypatch.setattr(attach, "MOST_CLIENTS", 2)
    async with opened(tmp_path) as (_, _, _, address):
        first, second = await remote(address), await remote(address)
        with pytest.raises(EngineGone):
            await remote(address)
        assert (await second.ask(SPY)).symbol == "SPY"
        await first.close()
        await second.close()


async def test_a_watcher_first_gets_what_is_retained_then_what_changes(tmp_path):
    async with opened(tmp_path) as (local, _, _, address):
        local.context.bus.publish(QuoteChanged(quote=facts.quote("SPY")))
        engine = await remote(address)
        watching = engine.watch(topic(QuoteChanged, "SPY"), topic(NoticePosted))
        first = await asyncio.wait_for(anext(watching), 60)
        assert same(first.quote, facts.quote("SPY"))
        local.context.bus.publish(notice(1))
        assert await asyncio.wait_for(anext(watching), 60) == notice(1)
        watching.close()
        await until(lambda: local.context.bus.watchers == 0)
        assert local.context.bus.interest(QuoteChanged) == frozenset()
        await engine.close()


async def test_the_wrong_topic_is_refused_here_and_there(tmp_path):
    async with opened(tmp_path) as (_, _, _, address):
        engine = await remote(address)
        with pytest.raises(BadInput, match="no event 'Nothing'"):
            engine.watch(frames.Topic(event="Nothing"))
        await engine.close()
        client = await RawClient.connect(address)
        client.say(frames.Watch(7, (frames.Topic(event="Nothing"),), 60))
        answer = await client.hear()
        assert (answer.number, answer.failure.code) == (7, "bad-input")
        await client.close()


async def test_a_stalled_reader_costs_neither_the_engine_nor_the_others_anything(tmp_path):
    async with opened(tmp_path) as (local, _, _, address):
        stalled = await RawClient.connect(address)
        stalled.writer.transport.pause_reading()
        stalled.say(frames.Watch(1, (topic(ChainChanged),), 100))
        good = await remote(address)
        watching = good.watch(topic(NoticePosted))
        await until(lambda: local.context.bus.watchers == 2)
        chain = ChainChanged(slice=facts.slice_of())
        for number in range(300):
            local.context.bus.publish(chain)
            if number % 50 == 0:
                await asyncio.sleep(0.03)
        local.context.bus.publish(notice(1))
        assert await asyncio.wait_for(anext(watching), 60) == notice(1)
        assert (await good.ask(SPY)).symbol == "SPY"
        await stalled.close()
        await good.close()


async def test_a_reader_that_takes_nothing_for_too_long_is_dropped_and_of_no_more_interest(tmp_path):
    async with opened(tmp_path, stalled_seconds=0.1) as (local, _, door, address):
        stalled = await RawClient.connect(address)
        stalled.writer.transport.pause_reading()
        stalled.say(frames.Watch(1, (topic(ChainChanged),), 100))
        await until(lambda: local.context.bus.watchers == 1)
        chain = ChainChanged(slice=facts.slice_of())

        def push() -> bool:
            local.context.bus.publish(chain)
            return door.clients == 0

        await until(push, seconds=90, what="the end of the stalled client")
        await until(lambda: local.context.bus.interest(ChainChanged) == frozenset())
        await stalled.close()


async def test_a_slow_reader_gets_the_newest_state_not_every_one(tmp_path):
    async with opened(tmp_path) as (local, _, _, address):
        engine = await remote(address)
        watching = engine.watch(topic(QuoteChanged, "SPY"))
        await until(lambda: local.context.bus.watchers == 1)
        sent = 500
        for number in range(sent):
            local.context.bus.publish(QuoteChanged(quote=facts.quote("SPY", bid=float(number))))
            if number % 100 == 0:
                await asyncio.sleep(0)
        seen: list[float] = []
        async with asyncio.timeout(60):
            async for event in watching:
                seen.append(event.quote.bid)
                if seen[-1] == sent - 1:
                    break
        assert len(seen) < sent / 10
        await engine.close()


async def test_a_reader_cut_off_by_the_engine_is_told_across_the_socket(tmp_path):
    async with opened(tmp_path) as (local, _, _, address):
        engine = await remote(address)
        watching = engine.watch(topic(NoticePosted), capacity=3)
        await until(lambda: local.context.bus.watchers == 1)
        for number in range(10):
            local.context.bus.publish(notice(number))
        events = [event async for event in watching]
        assert events == [WatcherCutOff(missed=4)]
        assert watching.closed
        await engine.close()


async def test_when_the_engine_ends_questions_fail_and_watchings_end(tmp_path):
    async with opened(tmp_path) as (_, service, door, address):
        engine = await remote(address)
        watching = engine.watch(topic(NoticePosted))
        asking = asyncio.ensure_future(engine.ask(GetQuotes()))
        await until(lambda: bool(service.asked))
        await door.close()
        with pytest.raises(EngineGone, match="ended before it answered"):
            await asyncio.wait_for(asking, 60)
        assert [event async for event in watching] == []
        with pytest.raises(EngineGone):
            await engine.ask(SPY)
        with pytest.raises(EngineGone):
            engine.watch(topic(NoticePosted))
        await engine.close()


async def test_a_socket_that_a_dead_engine_left_is_taken_over(tmp_path):
    address = new_address(tmp_path)
    dead = attach._private_socket(Path(address.socket))
    dead.close()
    assert Path(address.socket).exists()
    with pytest.raises(EngineGone, match="no engine answers"):
        await remote(address)
    async with opened(tmp_path, address=address):
        engine = await remote(address)
        assert (await engine.ask(SPY)).symbol == "SPY"
        await engine.close()


async def test_an_engine_that_accepts_and_never_answers_is_given_up(tmp_path):
    address = new_address(tmp_path)
    taken: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_unix_server(lambda _, writer: taken.append(writer), path=address.socket)
    with pytest.raises(EngineGone, match="does not answer"):
        await RemoteEngine.connect(address, version=VERSION, seconds=0.1)
    silent.close()
    for writer in taken:
        writer.transport.abort()
    await asyncio.sleep(0)
    Path(address.socket).unlink(missing_ok=True)


async def test_on_a_system_without_such_sockets_a_port_of_this_machine_and_a_token_do(tmp_path):
    async with opened(tmp_path, address=new_address(tmp_path, platform="win32")) as (local, _, _, address):
        assert address.port > 0
        assert len(address.token) == 64
        assert address.token not in address.text
        engine = await remote(address)
        assert same(await engine.ask(SPY), await local.ask(SPY))
        await engine.close()
        for token in ("", "0" * 64, address.token[:-1]):
            with pytest.raises(Refused, match="token is wrong"):
                await remote(Address(port=address.port, token=token))


async def test_a_hundred_clients_leave_no_task_no_watching_and_no_file_behind(tmp_path):
    def handles() -> int:
        gc.collect()
        open_files = Path("/proc/self/fd")
        return sum(1 for _ in open_files.iterdir()) if open_files.is_dir() else 0

    async with opened(tmp_path) as (local, _, door, address):
        warm = await remote(address)
        await warm.close()
        await until(lambda: door.clients == 0)
        tasks, files = len(asyncio.all_tasks()), handles()
        for _ in range(10):
            engines = [await remote(address) for _ in range(10)]
            for engine in engines:
                engine.watch(topic(QuoteChanged))
                await engine.ask(SPY)
            for engine in engines:
                await engine.close()
        await until(lambda: door.clients == 0 and local.context.bus.watchers == 0)
        await until(lambda: len(asyncio.all_tasks()) <= tasks, what="the end of all tasks")
        assert handles() <= files


async def test_a_mailbox_may_be_closed_from_any_thread(tmp_path):
    async with opened(tmp_path) as (local, _, _, address):
        engine = await remote(address)
        watching = engine.watch(topic(NoticePosted))
        await until(lambda: local.context.bus.watchers == 1)
        await asyncio.to_thread(watching.close)
        await until(lambda: local.context.bus.watchers == 0)
        await engine.close()


async def test_an_answer_of_another_kind_than_was_asked_for_is_malformed(tmp_path):
    async with opened(tmp_path) as (local, _, _, address):
        engine = await remote(address)

        async def wrong(_: GetExpirations) -> object:
            return facts.board("SPY")

        local.context.dispatch._handlers[GetExpirations] = wrong
        with pytest.raises(wire.BadInput):
            await engine.ask(SPY)
        await engine.close()
