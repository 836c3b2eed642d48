"""How far what a tile shows can be believed: live, delayed, frozen, closed, old, stale, disconnected."""

from enum import StrEnum

from msgspec import Struct

from engine.domain.ids import UtcNanos
from engine.domain.market import FeedState
from optix_tui.format import age, moment, seconds_between


class Condition(StrEnum):
    """What stands in the title band where it is not plainly live."""

    LOADING = "loading"
    LIVE = "live"
    DELAYED = "delayed"
    FROZEN = "frozen"
    CLOSED = "closed"
    RECORDED = "recorded"
    """Read from the history because an instant was asked for: never the present."""
    OLD = "old"
    """From the last look of an earlier session: nothing has been heard yet in this one."""
    STALE = "stale"
    DISCONNECTED = "disconnected"


class Freshness(Struct, frozen=True, kw_only=True):
    """A condition, how old, and why."""

    condition: Condition
    age: float = float("nan")
    at: UtcNanos = UtcNanos(0)
    reason: str = ""

    @property
    def is_dimmed(self) -> bool:
        """What is shown, and everything derived from it, is faded."""
        return self.condition in {Condition.OLD, Condition.STALE, Condition.DISCONNECTED}

    @property
    def label(self) -> str:
        """For the title band; "" where nothing needs to be said."""
        match self.condition:
            case Condition.LIVE | Condition.LOADING | Condition.DELAYED:
                return ""
            case Condition.FROZEN:
                return f"FROZEN {moment(self.at)}" if self.at else "FROZEN"
            case Condition.CLOSED:
                return "CLOSED"
            case Condition.RECORDED:
                old = f" {age(self.age)} ago" if self.age >= 1 else ""
                return f"RECORDED {moment(self.at)} NY{old}" if self.at else "RECORDED"
            case _:
                word = self.condition.value.upper()
                return f"{word} {age(self.age)}" if self.age >= 1 else word


class FeedView(Struct, frozen=True, kw_only=True):
    """What the frame knows of the engine and its feed just now."""

    connected: bool = False
    was_connected: bool = False
    state: FeedState | None = None
    reason: str = ""
    market_time: UtcNanos = UtcNanos(0)
    wall_time: UtcNanos = UtcNanos(0)
    delay: float = 0.0
    """Seconds by which the feed is late by its nature."""
    speed: float = 1.0
    """Market seconds in one of ours: how long a silence may last is meant in ours."""
    silent_since: UtcNanos = UtcNanos(0)
    """So long before ``market_time`` as the connection or the feed is lost, in whole seconds of this machine; 0 while it is there."""


_OF_FEED = {
    FeedState.LIVE: Condition.LIVE,
    FeedState.DELAYED: Condition.DELAYED,
    FeedState.FROZEN: Condition.FROZEN,
    FeedState.CLOSED: Condition.CLOSED,
    FeedState.CONNECTING: Condition.STALE,
    FeedState.DEGRADED: Condition.STALE,
    FeedState.DISCONNECTED: Condition.DISCONNECTED,
}


def judge(
    *, feed: FeedView, fact_at: UtcNanos, stale_after: float | None, look_age: float | None = None, recorded: bool = False
) -> Freshness:
    """The freshness of facts of market time ``fact_at`` (0: they have no time of their own); of a last look, its age is given.

    What was asked of the history is recorded, however the feed does.
    """
    old = seconds_between(fact_at, feed.market_time)
    if look_age is not None:
        return Freshness(condition=Condition.OLD, age=look_age, at=fact_at)
    if not feed.connected:
        gone = seconds_between(feed.silent_since or fact_at, feed.market_time)
        condition = Condition.DISCONNECTED if feed.was_connected else Condition.LOADING
        return Freshness(condition=condition, age=gone, at=fact_at, reason=feed.reason)
    if recorded:
        return Freshness(condition=Condition.RECORDED, age=old, at=fact_at)
    if feed.state is None:
        return Freshness(condition=Condition.LIVE, age=old, at=fact_at)
    condition = _OF_FEED[feed.state]
    if (
        condition in {Condition.LIVE, Condition.DELAYED}
        and stale_after is not None
        and old > stale_after * max(feed.speed, 1.0) + feed.delay
    ):
        condition = Condition.STALE
    if condition is Condition.DISCONNECTED:
        old = seconds_between(feed.silent_since or fact_at, feed.market_time)
    return Freshness(condition=condition, age=old, at=fact_at or feed.market_time, reason=feed.reason)
