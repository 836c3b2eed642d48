"""The simulated market as a feed: what comes first, what is asked for, and what the wall's clock has no say in."""

import subprocess
import sys
import threading

import pytest

from engine.domain.market import FeedCondition, FeedState, Listing, QuoteBatch
from plugins.synthetic import MANIFEST
from plugins.synthetic import feed as module
from plugins.synthetic.feed import SyntheticFeed
from tests.kit.feeds import Running
from tests.kit.synthetic import feed


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    """Frames follow one another at once, and nights are short: what is told is the same."""
    monkeypatch.setattr(module, "PACE_SECONDS", 0.001)
    monkeypatch.setattr(module, "NIGHT_SECONDS", 0.0)


def listed(event) -> set[str]:
    return {security.symbol for security in event.securities}


def test_the_manifest_is_light_and_loads_the_feed():
    assert MANIFEST.name == "synthetic"
    assert MANIFEST.simulated
    assert MANIFEST.load() is SyntheticFeed
    program = "import sys, plugins.synthetic; print('numpy' in sys.modules, 'plugins.synthetic.feed' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_feed_needs_numpy_alone():
    program = (
        "import sys, plugins.synthetic.feed; print(*(name for name in ('scipy', 'numba', 'duckdb', 'textual') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


async def test_the_default_name_is_listed_and_quoted_before_any_other_is_listed():
    async with Running(feed("SPX", "SPY", "XOM")) as running:
        await running.sink.until(lambda sink: len(sink.of(Listing)) > 6)
    events = running.sink.events
    assert isinstance(events[0], FeedCondition)
    assert events[0].state is FeedState.LIVE
    assert isinstance(events[1], Listing)
    other = next(place for place, event in enumerate(events) if isinstance(event, Listing) and listed(event) != {"SPY"})
    handles = {handle for event in events[:other] if isinstance(event, Listing) for handle in event.handle.tolist()}
    quoted = {handle for event in events[:other] if isinstance(event, QuoteBatch) for handle in event.handle.tolist()}
    assert quoted == handles


async def test_a_name_in_demand_comes_first():
    async with Running(feed("SPX", "SPY", "XOM"), "XOM") as running:
        await running.sink.until(lambda sink: len(sink.of(Listing)) > 2)
    assert listed(running.sink.of(Listing)[0]) == {"XOM"}


async def test_all_names_have_their_first_markets_within_two_seconds_worth_of_frames():
    source = feed()
    async with Running(source) as running:
        await running.sink.until(lambda _: len(source.market.desks) == len(source.market.settings.symbols), within=30.0)
        assert source.market.frames <= 20


async def test_asking_for_a_name_waits_until_it_is_there_and_says_no_to_a_stranger():
    source = feed("SPX", "SPY", "XOM")
    async with Running(source) as running:
        assert await source.ensure_listed("XOM")
        assert "XOM" in {symbol for event in running.sink.of(Listing) for symbol in listed(event)}
        assert "SPX" not in {symbol for event in running.sink.of(Listing) for symbol in listed(event)}, "it went first"
        assert not await source.ensure_listed("GME")
        assert await source.ensure_listed("SPX")


async def test_the_wall_s_pace_changes_nothing_of_what_is_told(monkeypatch):
    async def told(pace: float) -> list:
        monkeypatch.setattr(module, "PACE_SECONDS", pace)
        async with Running(feed("SPY", "XOM"), "SPY") as running:
            await running.sink.until(lambda sink: len(sink.events) >= 150)
        return running.sink.events[:150]

    slow, quick = await told(0.004), await told(0.0)
    for one, other in zip(slow, quick, strict=True):
        assert type(one) is type(other)
        assert one.at == other.at
        if isinstance(one, QuoteBatch):
            for field in ("handle", "bid", "ask", "bid_size", "ask_size"):
                assert getattr(one, field).tobytes() == getattr(other, field).tobytes()


async def test_time_never_runs_backwards_through_a_night():
    async with Running(feed("SPY", "BTC", speed=1_000, start="2026-11-20T15:50")) as running:
        await running.sink.until(lambda sink: len(sink.of(FeedCondition)) >= 4, within=30.0)
    times = [event.at for event in running.sink.events]
    assert times == sorted(times)
    states = [event.state for event in running.sink.of(FeedCondition)]
    assert states[:4] == [FeedState.LIVE, FeedState.CLOSED, FeedState.LIVE, FeedState.CLOSED]


async def test_a_faster_clock_takes_longer_strides():
    source = feed("XOM")
    async with Running(source) as running:
        await running.sink.until(lambda _: source.market.frames > 3)
        await source.set_speed(100.0)
        begun, frames = source.market.at, source.market.frames
        await running.sink.until(lambda _: source.market.frames > frames + 4)
        strides = source.market.frames - frames
        assert source.market.at - begun == strides * 10_000_000_000


async def test_it_ends_when_cancelled_and_leaves_nothing_behind():
    async with Running(feed("SPY")) as running:
        await running.sink.until(lambda sink: len(sink.events) > 20)
        await running.stop()
        assert running.left_behind() == set()


async def test_no_frame_is_made_on_the_loop(monkeypatch):
    source = feed("XOM", start="2026-11-20T10:00")
    makers = set()
    own = source.market.frame

    def frame(step, wanted):
        makers.add(threading.get_ident())
        return own(step, wanted)

    monkeypatch.setattr(source.market, "frame", frame)
    async with Running(source) as running:
        await running.sink.until(lambda _: makers)
    assert threading.get_ident() not in makers
