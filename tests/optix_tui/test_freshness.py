"""Honest states: live, delayed, frozen, closed, old, stale, disconnected."""

import pytest

from engine.domain.ids import UtcNanos
from engine.domain.market import FeedState
from optix_tui.freshness import Condition, FeedView, judge
from tests.kit.facts import NOW


def feed(state: FeedState | None = FeedState.LIVE, **changes) -> FeedView:
    given = {"connected": True, "was_connected": True, "market_time": NOW, "wall_time": NOW} | changes
    return FeedView(state=state, **given)


def seconds_ago(seconds: float) -> UtcNanos:
    return UtcNanos(NOW - int(seconds * 1e9))


@pytest.mark.parametrize(
    ("state", "condition", "dimmed"),
    [
        (FeedState.LIVE, Condition.LIVE, False),
        (FeedState.DELAYED, Condition.DELAYED, False),
        (FeedState.FROZEN, Condition.FROZEN, False),
        (FeedState.CLOSED, Condition.CLOSED, False),
        (FeedState.DEGRADED, Condition.STALE, True),
        (FeedState.CONNECTING, Condition.STALE, True),
        (FeedState.DISCONNECTED, Condition.DISCONNECTED, True),
    ],
)
def test_what_the_feed_says_of_itself_is_what_the_tile_says(state, condition, dimmed):
    found = judge(feed=feed(state), fact_at=seconds_ago(1), stale_after=15)
    assert (found.condition, found.is_dimmed) == (condition, dimmed)


def test_a_live_feed_whose_fact_is_old_is_stale_with_its_age():
    found = judge(feed=feed(), fact_at=seconds_ago(40), stale_after=15)
    assert found.condition is Condition.STALE
    assert found.label == "STALE 40s"


def test_a_delayed_feed_is_given_its_delay():
    late = feed(FeedState.DELAYED, delay=900.0)
    assert judge(feed=late, fact_at=seconds_ago(890), stale_after=15).condition is Condition.DELAYED
    assert judge(feed=late, fact_at=seconds_ago(930), stale_after=15).condition is Condition.STALE


def test_a_frozen_market_is_never_stale_and_says_its_instant():
    found = judge(feed=feed(FeedState.FROZEN), fact_at=seconds_ago(90_000), stale_after=15)
    assert found.condition is Condition.FROZEN
    assert found.label.startswith("FROZEN 18-Nov-26")


def test_facts_without_a_time_are_never_stale():
    assert judge(feed=feed(), fact_at=UtcNanos(0), stale_after=15).condition is Condition.LIVE
    assert judge(feed=feed(), fact_at=seconds_ago(9999), stale_after=None).condition is Condition.LIVE


def test_a_last_look_is_old_whatever_the_feed():
    found = judge(feed=FeedView(), fact_at=seconds_ago(10), stale_after=15, look_age=10_800.0)
    assert (found.condition, found.label, found.is_dimmed) == (Condition.OLD, "OLD 3h", True)


def test_before_the_first_engine_it_is_loading_after_the_last_disconnected():
    assert judge(feed=FeedView(), fact_at=UtcNanos(0), stale_after=15).condition is Condition.LOADING
    gone = judge(
        feed=feed(None, connected=False, silent_since=seconds_ago(14)),
        fact_at=seconds_ago(20),
        stale_after=15,
    )
    assert (gone.condition, gone.label) == (Condition.DISCONNECTED, "DISCONNECTED 14s")


def test_in_a_market_run_faster_a_silence_is_counted_in_our_own_seconds():
    fast = feed(speed=50.0)
    assert judge(feed=fast, fact_at=seconds_ago(40), stale_after=15).condition is Condition.LIVE, "less than one of our seconds"
    assert judge(feed=fast, fact_at=seconds_ago(800), stale_after=15).condition is Condition.STALE


@pytest.mark.parametrize("state", [FeedState.LIVE, FeedState.DEGRADED, FeedState.CLOSED])
def test_what_was_asked_of_the_history_is_recorded_with_its_instant_and_age_however_the_feed_does(state):
    found = judge(feed=feed(state), fact_at=seconds_ago(86_400 * 3), stale_after=15, recorded=True)
    assert found.condition is Condition.RECORDED
    assert found.label == "RECORDED 16-Nov-26 14:32:07 NY 3d ago"
    assert not found.is_dimmed
    assert judge(feed=feed(state), fact_at=UtcNanos(0), stale_after=15, recorded=True).label == "RECORDED"


def test_what_is_recorded_is_disconnected_where_there_is_no_engine():
    found = judge(feed=feed(connected=False), fact_at=seconds_ago(9), stale_after=15, recorded=True)
    assert found.condition is Condition.DISCONNECTED
