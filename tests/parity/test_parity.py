"""Every message, the same by every way: answers to the bit, errors in type and words, what is watched in its order."""

import asyncio
import math
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from engine.domain.errors import BadInput, EngineGone, OptixError
from engine.domain.ids import Symbol
from engine.domain.market import FeedState
from engine.messages.base import Command, Keep, Query, Receipt, Topic, topic
from engine.messages.compass import GetCompass
from engine.messages.events import NoticePosted, QuoteChanged, WatcherCutOff
from engine.messages.queries import DatabaseInfo, EngineStatus, GetQuotes, GetStatus, TableInfo
from engine.messages.registry import COMMANDS, EVENTS, QUERIES
from engine.runtime.compose import compose
from engine.runtime.local import LocalEngine
from tests.kit import facts
from tests.kit.doors import small_engine
from tests.kit.engine import plan, until
from tests.kit.equal import difference, same
from tests.parity.cases import COMMAND_CASES, EVENT_CASES, QUERY_CASES
from tests.parity.ways import Way, three_ways

FIGURES_OF_THE_MOMENT = {
    "run": "",
    "cpu_seconds": 0.0,
    "resident_bytes": 0,
    "loop_lag_ms": 0.0,
    "threads": 0,
    "updates_per_second": 0.0,
}
"""Of a process, not of a market: they differ from one question to the next."""


async def real(home: Path) -> LocalEngine:
    return await compose(plan(home))


async def at_rest(way: Way) -> None:
    """Until all that the still market says is told and priced."""
    for _ in range(3_000):
        if await is_at_rest(way):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the {way.name} engine did not come to rest")


async def is_at_rest(way: Way) -> bool:
    if (await way.engine.ask(GetStatus())).feed_state is not FeedState.FROZEN:
        return False
    (quote,) = (await way.engine.ask(GetQuotes(symbols=(Symbol("SPY"),)))).quotes
    (row,) = (await way.engine.ask(GetCompass(symbols=(Symbol("SPY"),), window=252))).rows
    return math.isfinite(quote.iv30) and math.isfinite(row.exposure)


async def small(home: Path) -> LocalEngine:
    return await small_engine(home)[0].start()


def test_every_message_has_a_case():
    assert set(QUERY_CASES) == set(QUERIES)
    assert set(COMMAND_CASES) == set(COMMANDS)
    assert set(EVENT_CASES) == set(EVENTS)


async def outcome(way: Way, message: Any) -> Any:
    """The answer, or the error, with the way's own home taken out of the words."""
    try:
        answer = await (way.engine.ask(message) if isinstance(message, Query) else way.engine.do(message))
    except OptixError as error:
        return type(error).__name__, error.code, str(error).replace(str(way.home), "HOME")
    return comparable(answer, way)


def comparable(answer: Any, way: Way) -> Any:
    """An answer without what belongs to one process or one folder."""
    if isinstance(answer, EngineStatus):
        answer = replace(answer, **FIGURES_OF_THE_MOMENT)
    if isinstance(answer, DatabaseInfo):
        answer = replace(answer, size_bytes=0)
    return without_home(answer, str(way.home))


def without_home(value: Any, home: str) -> Any:
    if isinstance(value, str) and type(value) is str:
        return re.sub(r"[\d,]+ bytes", "N bytes", value.replace(home, "HOME"))
    if isinstance(value, Receipt):
        detail = {key: without_home(entry, home) for key, entry in value.detail.items() if "bytes" not in key}
        return Receipt(text=without_home(value.text, home), detail=detail)
    if isinstance(value, TableInfo):
        return value
    if isinstance(value, Struct):
        changed = {name: without_home(getattr(value, name), home) for name in value.__struct_fields__}
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(without_home(entry, home) for entry in value)
    return value


@pytest.mark.parametrize("name", [*QUERY_CASES, *COMMAND_CASES])
async def test_a_message_is_answered_alike_by_every_way(name, tmp_path):
    script = {**QUERY_CASES, **COMMAND_CASES}[name]
    async with three_ways(tmp_path, real) as ways:
        outcomes = []
        for way in ways:
            await at_rest(way)
        for way in ways:
            outcomes.append([await outcome(way, message) for message in script(way.home)])
    assert any(not isinstance(one, tuple) for one in outcomes[0]) or name in {"SetSpeed", "StopEngine"}
    for way, found in zip(ways[1:], outcomes[1:], strict=True):
        for message, one, other in zip(script(way.home), outcomes[0], found, strict=True):
            assert not difference(one, other), f"{way.name}: {message}"


async def test_the_answers_of_all_ways_are_of_the_declared_types_all_the_way_down(tmp_path):
    async with three_ways(tmp_path, real) as ways:
        for way in ways:
            answer = await way.engine.ask(GetStatus())
            assert msgspec.convert(msgspec.to_builtins(answer), EngineStatus) == answer
            assert answer.role == "owner"
            assert type(answer.role).__name__ == "EngineRole"


async def first(way: Way, mailbox: Any, count: int = 1) -> list[Any]:
    found: list[Any] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            found += await mailbox.batch()
    return found


@pytest.mark.parametrize("name", EVENT_CASES)
async def test_an_event_is_retained_if_it_is_a_state_and_comes_to_the_bit(name, tmp_path):
    before, after = EVENT_CASES[name]
    async with three_ways(tmp_path, small) as ways:
        for way in ways:
            await way.publish(before)
            for key in (None, before.key):
                watching = way.engine.watch(Topic(event=name, key=key))
                if before.keep is Keep.LATEST:
                    (retained,) = await first(way, watching)
                    assert same(retained, before), way.name
                else:
                    await way.settled()
                    assert watching.drain() == [], way.name
                await way.publish(after)
                (came,) = await first(way, watching)
                assert same(came, after), way.name
                watching.close()
                await way.publish(before)


async def test_a_burst_of_one_key_is_conflated_and_its_newest_value_comes(tmp_path):
    burst = [QuoteChanged(quote=facts.quote("SPY", bid=float(number))) for number in range(400)]
    async with three_ways(tmp_path, small) as ways:
        for way in ways:
            watching = way.engine.watch(topic(QuoteChanged, "SPY"))
            await way.settled()
            await way.publish(*burst)
            seen: list[float] = []
            while not seen or seen[-1] != 399.0:
                seen += [event.quote.bid for event in await first(way, watching)]
            assert len(seen) <= 3, way.name


async def test_facts_are_lossless_and_in_order(tmp_path):
    facts_said = [replace(EVENT_CASES["NoticePosted"][0], title=str(number)) for number in range(500)]
    async with three_ways(tmp_path, small) as ways:
        for way in ways:
            watching = way.engine.watch(topic(NoticePosted))
            await way.settled()
            await way.publish(*facts_said)
            assert await first(way, watching, 500) == facts_said, way.name


async def test_a_reader_too_slow_for_facts_is_cut_off_and_told_so(tmp_path):
    fact = EVENT_CASES["NoticePosted"][0]
    async with three_ways(tmp_path, small) as ways:
        for way in ways:
            watching = way.engine.watch(topic(NoticePosted), capacity=3)
            await way.settled()
            await way.publish(*[fact] * 10)
            async with asyncio.timeout(60):
                assert [event async for event in watching] == [WatcherCutOff(missed=4)], way.name
            assert watching.closed
            await until(lambda way=way: way.bus.watchers == 0)


async def test_what_is_watched_is_of_interest_and_no_longer_when_it_is_not(tmp_path):
    async with three_ways(tmp_path, small) as ways:
        for way in ways:
            watching = way.engine.watch(topic(QuoteChanged, "SPY"), topic(QuoteChanged, "QQQ"))
            await until(lambda way=way: way.bus.interest(QuoteChanged) == {"SPY", "QQQ"})
            watching.close()
            await until(lambda way=way: way.bus.interest(QuoteChanged) == frozenset())


async def test_what_cannot_be_asked_done_or_watched_is_refused_in_the_same_words(tmp_path):
    async with three_ways(tmp_path, small) as ways:
        words = set()
        for way in ways:
            with pytest.raises(BadInput) as topic_refused:
                way.engine.watch(Topic(event="Nothing"))
            with pytest.raises(BadInput) as nothing_refused:
                way.engine.watch()
            with pytest.raises(BadInput) as unknown:
                await way.engine.ask(GetStatus())
            words.add((str(topic_refused.value), str(nothing_refused.value), str(unknown.value)))
        assert len(words) == 1


async def test_asking_a_command_or_doing_a_question_is_refused_by_every_way(tmp_path):
    async with three_ways(tmp_path, small) as ways:
        for way in ways:
            with pytest.raises(OptixError):
                await way.engine.ask(COMMANDS["StopEngine"]())
            with pytest.raises(OptixError):
                await way.engine.do(QUERIES["GetStatus"]())
            assert isinstance(COMMANDS["StopEngine"](), Command)


async def test_an_engine_that_was_closed_says_so_by_every_way(tmp_path):
    async with three_ways(tmp_path, small) as ways:
        for way in ways:
            watching = way.engine.watch(topic(NoticePosted))
            await way.engine.close()
            with pytest.raises(EngineGone):
                await way.engine.ask(GetStatus())
            with pytest.raises(EngineGone):
                way.engine.watch(topic(NoticePosted))
            assert [event async for event in watching] == [], way.name
            await way.engine.close()
