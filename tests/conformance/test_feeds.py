"""What every feed promises: the same tests for a simulation, a file, a tape and a venue."""

import asyncio
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.contracts.event_codec import check_event, decode_event, encode_event
from engine.contracts.feed import Feed, FeedSettings, PastFeed
from engine.contracts.plugin import Role
from engine.domain.errors import BadInput, OptixError, Refused, UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.market import FeedCondition, FeedEvent, FeedState, Listing, QuoteBatch, SummaryBatch, TradeBatch
from engine.domain.osi import parse_deribit, parse_osi
from tests.conformance.feeds import CANARY, CASES, Case
from tests.kit.feeds import MONDAY_TEN, Running

TWENTY_YEARS_NS = 20 * 365 * 86_400 * 10**9
COLUMN_KINDS = {np.dtype(kind) for kind in (np.float64, np.int64, np.int32, np.int8, np.uint8)}
each_feed = pytest.mark.parametrize("case", CASES, ids=[case.manifest.name for case in CASES])


def columns(event: FeedEvent) -> dict[str, np.ndarray]:
    return {name: value for name in event.__struct_fields__ if isinstance(value := getattr(event, name), np.ndarray)}


async def build(case: Case, settings: FeedSettings, **options) -> Feed:
    more = msgspec.structs.replace(settings, options={**settings.options, **options})
    return await asyncio.to_thread(case.manifest.load(), more)


@pytest.fixture
async def told(request, tmp_path) -> list[FeedEvent]:
    """What the feed says until it may be judged."""
    case = request.getfixturevalue("case")
    async with case.place(tmp_path) as settings:
        feed = await build(case, settings)
        async with Running(feed, case.listed) as running:
            await running.sink.until(case.settled, within=30.0)
        return running.sink.events


@each_feed
def test_its_manifest_says_who_it_is(case):
    manifest = case.manifest
    assert manifest.role is Role.FEED
    assert manifest.name.isidentifier()
    assert manifest.title
    assert manifest.summary
    assert callable(manifest.load())


@each_feed
def test_its_manifest_is_light(case):
    heavy = "numpy", "httpx", "scipy", "duckdb", "textual", "polars"
    name = case.manifest.name
    program = f"import sys, plugins.{name} as p; assert p.MANIFEST.name == {name!r}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"


@each_feed
async def test_its_traits_fit_its_manifest(case, tmp_path):
    async with case.place(tmp_path) as settings:
        traits = (await build(case, settings)).traits
    assert traits.source.split(":")[0] == case.manifest.name
    assert traits.store == {"file": "file", "tape": "tape", "synthetic": "sim"}.get(case.manifest.name, "live")
    assert traits.delayed_minutes == case.manifest.delayed_minutes
    assert traits.simulated or not case.manifest.simulated
    assert traits.own_clock or not traits.has_speed


@each_feed
async def test_every_column_is_flat_read_only_of_its_kind_and_as_long_as_its_neighbours(case, told):
    for event in told:
        check_event(event)
        for name, column in columns(event).items():
            assert not column.flags.writeable, (type(event), name)
            assert column.dtype in COLUMN_KINDS
            assert column.ndim == 1
        again = decode_event(encode_event(event))
        assert {name: column.dtype for name, column in columns(again).items()} == {
            name: column.dtype for name, column in columns(event).items()
        }


@each_feed
async def test_every_event_survives_a_tape(case, told):
    for event in told:
        data = encode_event(event)
        assert encode_event(decode_event(data)) == data


@each_feed
async def test_market_time_never_runs_backwards(case, told):
    instants = [event.at for event in told]
    assert instants == sorted(instants)
    assert all(isinstance(at, int) and abs(at - MONDAY_TEN) < TWENTY_YEARS_NS for at in instants)


@each_feed
async def test_names_are_listed_before_anything_is_said_of_them_and_handles_are_dense(case, told):
    listed: dict[int, str] = {}
    for event in told:
        if isinstance(event, Listing):
            for handle, name in zip(event.handle.tolist(), event.name, strict=True):
                assert listed.setdefault(handle, name) == name, "a handle stays with its name"
        elif isinstance(event, QuoteBatch | SummaryBatch | TradeBatch):
            assert set(event.handle.tolist()) <= set(listed)
    assert set(listed) == set(range(len(listed)))
    assert len(set(listed.values())) == len(listed), "a name has one handle"
    assert listed


@each_feed
async def test_each_contract_is_listed_once_and_says_what_its_row_says(case, told):
    names: list[str] = []
    securities: set[str] = set()
    for event in (event for event in told if isinstance(event, Listing)):
        securities.update(security.symbol for security in event.securities)
        for row, name in enumerate(event.name):
            if event.security[row] >= 0:
                assert name == event.securities[event.security[row]].symbol
                assert np.isnan(event.strike[row])
                assert event.right[row] == 0
                continue
            names.append(name)
            series = event.series[event.series_index[row]]
            parts = parse_deribit(name) if "-" in name else parse_osi(name)
            assert (parts.root, parts.expiry, parts.strike) == (series.root, series.expiry, event.strike[row])
            assert event.right[row] == (1 if parts.right == "C" else -1)
            assert series.underlying in securities
            assert series.multiplier > 0
            assert series.last_trade_at <= series.settles_at
    assert len(names) == len(set(names))


@each_feed
async def test_numbers_are_prices_or_unknown_never_infinite_or_below_zero(case, told):
    for event in told:
        if isinstance(event, QuoteBatch):
            fields: Iterable[str] = ("bid", "ask", "bid_size", "ask_size")
        elif isinstance(event, TradeBatch):
            fields = ("price", "size")
        elif isinstance(event, SummaryBatch):
            fields = ("last", "open", "high", "low", "previous_close", "volume", "open_interest", "vendor_iv")
        else:
            continue
        for name in fields:
            column = getattr(event, name)
            assert not np.isinf(column).any(), name
            assert not (column < 0).any(), name


@each_feed
async def test_instants_of_rows_are_instants(case, told):
    for event in told:
        for name in {"event_at", "last_at", "start", "day"} & set(columns(event)):
            column = getattr(event, name)
            assert column.dtype == np.int64
            assert ((column == 0) | ((column > 0) & (column <= event.at + 60 * 10**9))).all(), name


@each_feed
async def test_it_says_how_it_is_and_a_delayed_or_still_market_is_never_called_live(case, told):
    states = {event.state for event in told if isinstance(event, FeedCondition)}
    assert states
    if case.manifest.delayed_minutes:
        assert FeedState.LIVE not in states
    assert all(event.reason or event.state is FeedState.LIVE for event in told if isinstance(event, FeedCondition))


@each_feed
async def test_cancelled_it_ends_at_once_and_leaves_no_task(case, tmp_path):
    async with case.place(tmp_path) as settings:
        before = asyncio.all_tasks()
        async with Running(await build(case, settings)) as running:
            await running.sink.until(lambda sink: sink.of(Listing), within=30.0)
            loop = asyncio.get_running_loop()
            began = loop.time()
            await running.stop()
            assert loop.time() - began < 2.0
            own = {task for task in asyncio.all_tasks() - before if "fake_cboe" not in repr(task)}
            assert not own


@each_feed
async def test_cancelled_before_its_first_word_it_ends_as_well(case, tmp_path):
    async with case.place(tmp_path) as settings, Running(await build(case, settings)) as running:
        await running.stop()
        assert running.task.cancelled()


@each_feed
async def test_it_knows_its_names_and_no_others(case, tmp_path):
    async with case.place(tmp_path) as settings, Running(await build(case, settings)) as running:
        await running.sink.until(case.settled, within=30.0)
        async with asyncio.timeout(10.0):
            assert await running.feed.ensure_listed(Symbol(case.listed))
            assert not await running.feed.ensure_listed(Symbol("ZZZZZ"))


@each_feed
async def test_what_is_watched_may_change_at_any_time(case, tmp_path):
    async with case.place(tmp_path) as settings, Running(await build(case, settings)) as running:
        await running.sink.until(lambda sink: sink.of(Listing), within=30.0)
        series = running.sink.of(Listing)[0].series
        for symbols in ((), (case.listed,), ("ZZZZZ", "QQQ"), ("..", "", "S P Y"), (case.listed,)):
            running.demand.want(*symbols, series=[entry.id for entry in series[:2]])
            await asyncio.sleep(0.02)
        await running.sink.until(case.settled, within=30.0)
        assert not running.task.done()


@each_feed
async def test_its_speed_is_what_its_traits_say(case, tmp_path):
    async with case.place(tmp_path) as settings, Running(await build(case, settings)) as running:
        await running.sink.until(lambda sink: sink.of(Listing), within=30.0)
        if running.feed.traits.has_speed:
            await running.feed.set_speed(10.0)
            with pytest.raises((BadInput, Refused)):
                await running.feed.set_speed(1e9)
        else:
            with pytest.raises(Refused):
                await running.feed.set_speed(10.0)
        assert not running.task.done()


@pytest.mark.parametrize(
    ("case", "options"),
    [pytest.param(case, options, id=f"{case.manifest.name} {options}") for case in CASES for options in case.bad_options],
)
async def test_bad_options_are_refused_with_words(case, options, tmp_path):
    async with case.place(tmp_path) as settings:
        with pytest.raises(OptixError) as refusal:
            await build(case, settings, **options)
        assert isinstance(refusal.value, BadInput)
        assert len(str(refusal.value)) > 20


@each_feed
async def test_a_market_with_its_own_clock_says_the_same_again(case, tmp_path):
    async with case.place(tmp_path) as settings:
        if not (await build(case, settings)).traits.own_clock:
            return
        runs = []
        for _ in range(2):
            async with Running(await build(case, settings), case.listed) as running:
                await running.sink.until(case.settled, within=30.0)
            runs.append([encode_event(event) for event in running.sink.events])
    shorter = min(len(run) for run in runs)
    assert shorter > 0
    assert runs[0][:shorter] == runs[1][:shorter]


@each_feed
async def test_no_secret_is_ever_said(case, tmp_path, caplog):
    async with case.place(tmp_path) as settings:
        feed = await build(case, settings)
        async with Running(feed, case.listed) as running:
            await running.sink.until(case.settled, within=30.0)
    said = b"".join(encode_event(event) for event in running.sink.events) + repr(feed.traits).encode() + repr(feed).encode()
    assert CANARY.encode() not in said
    assert CANARY not in caplog.text


@each_feed
async def test_a_feed_that_can_be_asked_for_its_past_tells_what_was_before_an_instant_and_no_more_than_was_asked(case, tmp_path):
    async with case.place(tmp_path) as settings:
        feed = await build(case, settings)
        async with Running(feed, case.listed) as running:
            await running.sink.until(case.settled, within=30.0)
            if not isinstance(feed, PastFeed):
                assert not hasattr(feed, "bars_before"), "half a past is none"
                return
            symbol, before = Symbol(case.listed), UtcNanos(int(running.sink.events[-1].at))
            for seconds in (60, 86_400):
                bars = await feed.bars_before(symbol, seconds, before, 100)
                check_event(bars)
                assert (bars.symbol, bars.seconds) == (symbol, seconds)
                assert 0 < bars.start.size <= 100
                assert (np.diff(bars.start) > 0).all()
                assert bars.start[-1] < before
                assert (await feed.bars_before(symbol, seconds, UtcNanos(int(bars.start[0])), 1)).start[-1] < bars.start[0]
                assert (await feed.bars_before(symbol, seconds, before, 0)).start.size == 0
            told = await feed.volatility_before(symbol, before, 100)
            assert told is not None
            check_event(told)
            assert 0 < told.day.size <= 100
            assert (np.diff(told.day) > 0).all()
            assert told.day[-1] < before
            (index,) = await feed.measures_before(symbol, ("index:30", "pcr:oi"), before, 100)
            assert (index.symbol, index.measure) == (symbol, "index:30")
            assert 0 < index.at.size <= 100
            assert (np.diff(index.at) > 0).all()
            assert index.at[-1] < before
            with pytest.raises(UnknownSymbol):
                await feed.bars_before(Symbol("NOSUCH"), 60, before, 1)
