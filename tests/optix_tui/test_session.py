"""The terminal's side of an engine."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.ids import UtcNanos
from engine.domain.market import FeedState
from engine.messages.events import EngineChanged, NoticeLevel, NoticePosted, QuoteChanged, StatusChanged, UniverseChanged
from optix_tui import session as module
from optix_tui.session import Session, median_of_histogram
from tests.kit import engine_facts, facts
from tests.kit.fake_engine import FakeEngine


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def session(told, clock) -> Session:
    return Session(lambda text, level: told.append((text, level)))


def test_a_status_gives_the_clock_and_the_default_name(session):
    session.attach(FakeEngine())
    session.drain()
    assert session.market_time() == facts.NOW
    assert set(session.links) == {"SPY"}


def test_the_clock_runs_on_between_two_statuses_but_not_for_ever(session, clock):
    engine = FakeEngine()
    session.attach(engine)
    session.drain()
    clock[0] += 2.0
    assert session.market_time() == facts.NOW + 2_000_000_000
    clock[0] += 600
    assert session.market_time() == facts.NOW + 3_000_000_000


def test_a_market_run_ten_times_faster_has_a_clock_to_match(session, clock):
    engine = FakeEngine()
    engine.say(StatusChanged(status=engine_facts.status(speed=10.0, own_clock=True)))
    session.attach(engine)
    session.drain()
    clock[0] += 1.0
    assert session.market_time() == facts.NOW + 10_000_000_000


def test_the_clock_never_runs_backwards_where_a_busy_machine_falls_behind_its_speed(session, clock):
    engine = FakeEngine()
    session.attach(engine)
    shown = [session.market_time()]
    for second in range(8):
        true_time = UtcNanos(facts.NOW + second * 4 * 10**9)
        engine.say(StatusChanged(status=replace(engine_facts.status(speed=10.0, own_clock=True), market_time=true_time)))
        session.drain()
        for _ in range(4):
            shown.append(session.market_time())
            clock[0] += 0.25
    assert shown == sorted(shown)
    assert abs(shown[-1] - (facts.NOW + 31 * 10**9)) < 10**9, "it is carried at the pace it has, not at the one it was asked for"


def test_a_market_that_starts_anew_has_its_own_clock_at_once(session, clock):
    engine = FakeEngine()
    session.attach(engine)
    session.drain()
    clock[0] += 1.0
    earlier = UtcNanos(facts.NOW - 3_600 * 10**9)
    engine.say(StatusChanged(status=replace(engine_facts.status(), market_time=earlier)))
    session.drain()
    assert session.market_time() == earlier


def test_a_frozen_market_stands_still(session, clock):
    engine = FakeEngine()
    engine.say(StatusChanged(status=engine_facts.status(FeedState.FROZEN, own_clock=True)))
    session.attach(engine)
    session.drain()
    clock[0] += 2.0
    assert session.market_time() == facts.NOW


def test_a_lost_feed_remembers_since_when(session, clock):
    engine = FakeEngine()
    session.attach(engine)
    session.drain()
    engine.say(StatusChanged(status=engine_facts.status(FeedState.DISCONNECTED)))
    session.drain()
    engine.say(StatusChanged(status=replace(engine_facts.status(FeedState.DISCONNECTED), market_time=UtcNanos(facts.NOW + 9_000_000_000))))
    clock[0] += 9.0
    session.drain()
    assert session.feed_view().silent_since == facts.NOW
    engine.say(StatusChanged(status=engine_facts.status()))
    session.drain()
    assert session.feed_view().silent_since == 0


def test_the_bar_follows_one_name_and_hears_of_no_other(session):
    engine = FakeEngine()
    session.attach(engine)
    session.look_at("QQQ")
    session.drain()
    assert session.quote.security.symbol == "QQQ"
    engine.say(QuoteChanged(quote=facts.quote("SPY")))
    session.drain()
    assert session.quote.security.symbol == "QQQ"
    session.look_at("SPY")
    assert session.quote is None


async def test_names_are_learnt_and_learnt_anew_when_the_listing_changes(session):
    engine = FakeEngine(("SPY", "QQQ"))
    session.attach(engine)
    assert session.needs_names
    await session.learn_names()
    assert set(session.listed) == {"SPY", "QQQ"}
    assert not session.needs_names
    engine.say(UniverseChanged(symbols=("SPY", "QQQ", "IWM")))
    session.drain()
    assert session.needs_names


def test_notices_and_a_change_of_engine_are_told(session, told):
    engine = FakeEngine()
    session.attach(engine)
    session.engine_is_new = False
    engine.say(NoticePosted(at=facts.NOW, level=NoticeLevel.ERROR, title="Disk full", text="recording stopped"))
    engine.say(EngineChanged(at=facts.NOW, text="this terminal hosts now"))
    session.drain()
    assert told == [("Disk full: recording stopped", "error"), ("this terminal hosts now", "warning")]
    assert session.engine_is_new


def test_a_reader_that_was_cut_off_watches_again(session, clock):
    engine = FakeEngine()
    session.attach(engine)
    first = session._subscription
    first.closed = True
    session.drain()
    assert session._subscription is first, "not at once"
    clock[0] += 2.0
    session.drain()
    assert session._subscription is not first


def test_without_an_engine_it_says_why(session):
    session.attach(FakeEngine())
    session.drain()
    session.detach("the owner ended")
    view = session.feed_view()
    assert (view.connected, view.was_connected, view.reason) == (False, True, "the owner ended")
    assert view.silent_since == facts.NOW


@pytest.mark.parametrize(
    ("counts", "median"),
    [([0, 10, 0], 3.0), ([10, 0, 0], 0.5), ([0, 0, 4], 5.0), ([0, 0, 0], None), ([], None)],
)
def test_the_median_lag_of_a_histogram(counts, median):
    edges = floats(np.array([0.0, 1.0, 5.0, np.inf]))
    found = median_of_histogram(edges, longs(np.array(counts, np.int64)))
    assert found == median if median is not None else np.isnan(found)


def test_a_silence_is_counted_though_the_markets_own_clock_stands(session, clock):
    session._take_status(replace(engine_facts.status(FeedState.DISCONNECTED), own_clock=True))
    clock[0] += 42.5
    view = session.feed_view()
    assert view.market_time == facts.NOW
    assert view.market_time - view.silent_since == 42 * 10**9
