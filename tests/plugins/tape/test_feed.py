import asyncio
from pathlib import Path

import pytest

from engine.contracts.event_codec import encode_event
from engine.contracts.feed import FeedSettings, FeedTraits
from engine.contracts.tape import END_OF_TAPE, TapeHeader, TapeReader, TapeWriter, tape_digest
from engine.domain.errors import BadInput
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.market import FeedCondition, FeedEvent, FeedState, Pulse, QuoteBatch, TradeBatch
from plugins.file.feed import FileFeed
from plugins.synthetic.feed import SyntheticFeed
from plugins.tape.feed import TapeFeed
from tests.kit.chainfiles import cboe_csv
from tests.kit.feeds import MONDAY_TEN, SECOND, Running, one_of_each

HEADER = TapeHeader(
    traits=FeedTraits(
        source=SourceId("synthetic"), store="sim", simulated=True, own_clock=True, has_trades=True, default_symbol=Symbol("QQQ")
    ),
    created_at=UtcNanos(MONDAY_TEN),
)


def record(path: Path, events, header: TapeHeader = HEADER) -> Path:
    with TapeWriter(path, header) as tape:
        for event in events:
            tape.write(event)
    return path


def pulses(*seconds: float) -> list[FeedEvent]:
    return [Pulse(at=UtcNanos(MONDAY_TEN + round(second * SECOND))) for second in seconds]


def feed_of(path: Path, **options) -> TapeFeed:
    return TapeFeed(FeedSettings(argument=str(path), options=options))


def frozen(sink) -> bool:
    return any(event.state is FeedState.FROZEN for event in sink.of(FeedCondition))


async def replayed(path: Path, **options) -> list[FeedEvent]:
    async with Running(feed_of(path, **{"speed": "max", **options})) as running:
        await running.sink.until(frozen)
        await asyncio.sleep(0)
        assert not running.task.done(), "the end of a tape is looked at for as long as one likes"
        return running.sink.events


async def test_a_replay_says_what_the_tape_says_and_nothing_else(tmp_path):
    path = record(tmp_path / "a.tape", one_of_each())
    with TapeReader(path) as tape:
        assert [encode_event(event) for event in await replayed(path)] == [encode_event(event) for event in tape]


async def test_the_recording_of_a_replay_is_the_tape_byte_for_byte(tmp_path):
    first = record(tmp_path / "a.tape", one_of_each())
    second = record(tmp_path / "b.tape", await replayed(first))
    assert first.read_bytes() == second.read_bytes()


async def test_a_chain_file_recorded_and_replayed_is_the_file_byte_for_byte(tmp_path):
    chain = tmp_path / "spy.csv"
    chain.write_bytes(cboe_csv())
    feed = FileFeed(FeedSettings(argument=str(chain)))
    async with Running(feed) as running:
        await running.sink.until(frozen)
    header = TapeHeader(traits=feed.traits, created_at=UtcNanos(MONDAY_TEN))
    first = record(tmp_path / "a.tape", running.sink.events, header)
    second = record(tmp_path / "b.tape", await replayed(first), header)
    assert first.read_bytes() == second.read_bytes()
    assert [encode_event(event) for event in running.sink.events] == [encode_event(event) for event in await replayed(second)]


@pytest.mark.fixtures
@pytest.mark.parametrize("name", ["cboe_quotedata_csv/SPX_2022-06-10_eod.csv.gz", "cboe_delayed_json/RUT_2023-09-20.json.gz"])
async def test_a_recorded_chain_of_the_world_replays_byte_for_byte(fixtures, tmp_path, name):
    feed = FileFeed(FeedSettings(argument=str(fixtures / name)))
    async with Running(feed) as running:
        await running.sink.until(frozen)
    header = TapeHeader(traits=feed.traits, created_at=UtcNanos(MONDAY_TEN))
    first = record(tmp_path / "a.tape", running.sink.events, header)
    second = record(tmp_path / "b.tape", await replayed(first), header)
    assert first.read_bytes() == second.read_bytes()
    assert tape_digest(first) == tape_digest(second)


async def test_the_tape_tells_what_it_was_recorded_from(tmp_path):
    traits = feed_of(record(tmp_path / "monday.tape", one_of_each())).traits
    assert (traits.source, traits.store, traits.simulated, traits.own_clock) == ("tape:monday.tape", "tape", True, True)
    assert (traits.has_speed, traits.has_trades, traits.default_symbol) == (True, True, "QQQ")
    assert "recorded from synthetic on Mon 2026-06-29" in traits.note


async def test_a_tape_whose_end_is_missing_is_played_to_its_last_whole_event_and_says_so(tmp_path):
    path = record(tmp_path / "a.tape", one_of_each())
    path.write_bytes(path.read_bytes()[:-10])
    events = await replayed(path)
    assert [encode_event(event) for event in events[:-1]] == [encode_event(event) for event in one_of_each()]
    assert events[-1].reason.startswith(f"{END_OF_TAPE}: its last frame is cut")


async def test_an_empty_tape_stands_still_at_once(tmp_path):
    path = record(tmp_path / "a.tape", [])
    assert await replayed(path) == [FeedCondition(at=UtcNanos(MONDAY_TEN), state=FeedState.FROZEN, reason=END_OF_TAPE)]


async def timed(path: Path, change=None, **options) -> float:
    loop = asyncio.get_running_loop()
    async with Running(feed_of(path, **options)) as running:
        began = loop.time()
        if change is not None:
            await change(running)
        await running.sink.until(frozen)
        return loop.time() - began


async def test_it_plays_no_faster_than_asked(tmp_path):
    path = record(tmp_path / "a.tape", pulses(0, 10, 20, 30))
    assert await timed(path, speed=100) >= 0.29


async def test_the_longest_gap_is_jumped_over(tmp_path):
    path = record(tmp_path / "a.tape", pulses(0, 1, 60_000, 60_001))
    elapsed = await timed(path, speed=20)
    assert elapsed >= 0.09


async def test_the_speed_can_be_changed_in_the_middle_of_a_wait(tmp_path):
    path = record(tmp_path / "a.tape", pulses(0, 250))

    async def hurry(running: Running) -> None:
        await running.sink.until(lambda sink: sink.events)
        await asyncio.sleep(0.02)
        await running.feed.set_speed(1000)

    assert await timed(path, hurry, speed=1) >= 0.2


async def test_what_comes_before_the_start_is_played_at_once(tmp_path):
    path = record(tmp_path / "a.tape", pulses(0, 100, 200, 210))
    async with Running(feed_of(path, start="2026-06-29T10:03:20", speed=1)) as running:
        await running.sink.until(lambda sink: len(sink.events) == 3)


async def test_a_speed_set_before_it_runs_counts(tmp_path):
    feed = feed_of(record(tmp_path / "a.tape", pulses(0, 200)), speed=1)
    await feed.set_speed(0)
    async with Running(feed) as running:
        await running.sink.until(frozen)


async def test_at_full_speed_others_get_their_turn(tmp_path):
    path = record(tmp_path / "a.tape", pulses(*range(500)))
    async with Running(feed_of(path, speed="max")) as running:
        seen = []
        while not frozen(running.sink):
            await asyncio.sleep(0)
            seen.append(len(running.sink.events))
    assert len(set(seen)) > 5


async def test_names_are_there_once_they_were_listed(tmp_path):
    feed = feed_of(record(tmp_path / "a.tape", one_of_each()), speed="max")
    assert not await feed.ensure_listed(Symbol("SPY"))
    async with Running(feed) as running:
        await running.sink.until(frozen)
        assert await feed.ensure_listed(Symbol("SPY"))
        assert not await feed.ensure_listed(Symbol("QQQ"))


@pytest.mark.parametrize(
    "options",
    [{"speed": -1}, {"speed": 5000}, {"speed": "fast"}, {"speed": float("nan")}, {"longest_gap": 0}, {"seed": 3}, {"start": "soon"}],
)
def test_bad_options_are_refused(tmp_path, options):
    path = record(tmp_path / "a.tape", one_of_each())
    with pytest.raises(BadInput):
        feed_of(path, **options)


async def test_a_bad_speed_is_refused_while_it_plays(tmp_path):
    async with Running(feed_of(record(tmp_path / "a.tape", one_of_each()))) as running:
        with pytest.raises(BadInput, match="1 to 1000"):
            await running.feed.set_speed(0.5)


@pytest.mark.parametrize("content", [b"", b"contractSymbol,bid\n", b"OPTIXTAPE\x07"])
def test_what_is_no_tape_is_refused_at_once(tmp_path, content):
    path = tmp_path / "odd.tape"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"odd\.tape"):
        feed_of(path)


def test_a_tape_needs_a_path():
    with pytest.raises(BadInput, match="tape:PATH"):
        TapeFeed(FeedSettings())


async def test_a_simulated_market_recorded_and_replayed_is_itself_byte_for_byte(tmp_path):
    feed = SyntheticFeed(FeedSettings(options={"seed": 11, "start": "2026-06-29", "speed": 200}, now=UtcNanos(MONDAY_TEN)))
    async with Running(feed, "SPY", "BTC") as running:
        await running.sink.until(lambda sink: len(sink.of(QuoteBatch)) >= 12 and sink.of(TradeBatch), within=30.0)
    told = list(running.sink.events)
    header = TapeHeader(traits=feed.traits, created_at=UtcNanos(MONDAY_TEN), parameters={"seed": 11})
    first = record(tmp_path / "a.tape", told, header)
    again = await replayed(first)
    second = record(tmp_path / "b.tape", again, header)
    assert [encode_event(event) for event in again[:-1]] == [encode_event(event) for event in told]
    assert again[-1].reason == END_OF_TAPE
    assert second.read_bytes() == first.read_bytes()
    assert tape_digest(first) == tape_digest(second)
