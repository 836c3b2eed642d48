"""An engine that is there and says nothing: told of with its age, given up in the end, and believed again when it speaks."""

import asyncio
import signal
import sys

import pytest

from engine.api import EngineGone, FeedState, GetExpirations, GetQuotes, GetStatus, NoticePosted, StatusChanged, Symbol, connect, topic
from engine.domain.ids import UtcNanos
from engine.runtime import heartbeat as heartbeat_module
from engine.runtime.handover import LastingEngine
from engine.runtime.heartbeat import LOST_BEATS, SILENT_BEATS, Heartbeat
from engine.runtime.remote import RemoteEngine
from tests.kit import engine_facts
from tests.kit.doors import VERSION, opened
from tests.kit.engine import until
from tests.kit.hosts import Host

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets and signals")


class Listener:
    """A heartbeat and what it said."""

    def __init__(self) -> None:
        self.pings = 0
        self.silent: list[float] = []
        self.voice: list[float] = []
        self.lost: list[float] = []
        self.heart = Heartbeat(self._ping)
        self.heart.on_silent, self.heart.on_voice, self.heart.on_lost = self.silent.append, self.voice.append, self.lost.append

    def _ping(self) -> None:
        self.pings += 1


def test_an_engine_that_answers_every_beat_is_never_silent():
    listener = Listener()
    for _ in range(50):
        listener.heart.beat()
        listener.heart.heard()
    assert (listener.pings, listener.silent, listener.voice) == (50, [], [])


def test_a_silence_is_told_at_each_beat_with_its_age_and_its_end_once():
    listener = Listener()
    for _ in range(SILENT_BEATS + 2):
        listener.heart.beat()
    assert listener.heart.is_silent
    assert listener.silent == [SILENT_BEATS, SILENT_BEATS + 1, SILENT_BEATS + 2]
    listener.heart.heard()
    listener.heart.heard()
    assert listener.voice == [SILENT_BEATS + 2]
    assert not listener.heart.is_silent
    assert listener.lost == []


def test_what_was_asked_is_given_up_after_a_long_silence_only():
    listener = Listener()
    for _ in range(LOST_BEATS):
        assert listener.lost == []
        listener.heart.beat()
    assert listener.lost == [LOST_BEATS]


@posix_only
async def test_a_ping_is_answered_even_while_nothing_is_watched(tmp_path):
    async with opened(tmp_path) as (_, _, _, address):
        remote = await RemoteEngine.connect(address, version=VERSION)
        heard = asyncio.Event()
        before = remote.heartbeat.heard
        remote.heartbeat.heard = lambda: (before(), heard.set())
        remote.heartbeat.beat()
        await asyncio.wait_for(heard.wait(), 60)
        await remote.close()


@posix_only
async def test_a_question_to_an_engine_that_stays_silent_fails_in_words_and_the_connection_stays(tmp_path):
    async with opened(tmp_path) as (_, service, _, address):
        remote = await RemoteEngine.connect(address, version=VERSION)
        asking = asyncio.ensure_future(remote.ask(GetQuotes()))
        await until(lambda: bool(service.asked))
        remote.heartbeat.on_lost(15.0)
        with pytest.raises(EngineGone, match="has not answered for 15 s"):
            await asking
        assert (await remote.ask(GetExpirations(symbol=Symbol("SPY")))).symbol == "SPY"
        await remote.close()


@posix_only
async def test_watchers_are_told_disconnected_with_the_age_and_what_is_true_again_afterwards(tmp_path):
    async with opened(tmp_path) as (engine, _, _, address):
        remote = await RemoteEngine.connect(address, version=VERSION)
        lasting = LastingEngine(remote, None, lambda: UtcNanos(5))  # type: ignore[arg-type]
        watching = lasting.watch(topic(StatusChanged), topic(NoticePosted))
        await until(lambda: engine.context.bus.watchers == 2)
        said = engine_facts.status()
        engine.context.bus.publish(StatusChanged(status=said))
        async with asyncio.timeout(60):
            assert await anext(watching) == StatusChanged(status=said)
            await until(lambda: lasting._last_status() == said)
            for seconds in (4.0, 5.0):
                remote.heartbeat.on_silent(seconds)
            told = watching.drain()
        (notice,) = (event for event in told if isinstance(event, NoticePosted))
        assert "has not answered for 4 s" in notice.text
        (status,) = (event.status for event in told if isinstance(event, StatusChanged))
        assert status.feed_state is FeedState.DISCONNECTED
        assert status.feed_reason == f"the engine in process {remote.pid} has not answered for 5 s"
        assert status.market_time == said.market_time
        remote.heartbeat.on_voice(6.0)
        told = watching.drain()
        assert [event.status for event in told if isinstance(event, StatusChanged)] == [said]
        assert [event.title for event in told if isinstance(event, NoticePosted)] == ["The engine answers again"]
        await lasting.close()


@posix_only
async def test_a_stopped_owner_is_noticed_and_when_it_is_continued_all_is_as_before(still, monkeypatch):
    monkeypatch.setattr(heartbeat_module, "BEAT_SECONDS", 0.05)
    host = Host(still)
    try:
        await asyncio.to_thread(host.wait_until_open)
        terminal = await connect()
        watching = terminal.watch(topic(StatusChanged))
        states: list[FeedState] = []

        def look() -> FeedState | None:
            states.extend(event.status.feed_state for event in watching.drain() if isinstance(event, StatusChanged))
            return states[-1] if states else None

        await until(lambda: look() is FeedState.FROZEN, seconds=60)
        host.process.send_signal(signal.SIGSTOP)
        await until(lambda: look() is FeedState.DISCONNECTED, seconds=60)
        host.process.send_signal(signal.SIGCONT)
        await until(lambda: look() is FeedState.FROZEN, seconds=60)
        assert (await terminal.ask(GetStatus())).pid == host.process.pid
        await terminal.close()
    finally:
        host.process.send_signal(signal.SIGCONT)
        host.end()
