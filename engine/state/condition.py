"""Whether the data can be believed: the feed's word on itself, corrected by how long it has been silent."""

from collections import deque

import numpy as np

from engine.contracts.feed import FeedTraits
from engine.domain.columns import Floats, Longs
from engine.domain.ids import SourceId, UtcNanos
from engine.domain.market import FeedState

LAG_EDGES_MS: Floats = np.array([0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 5_000.0, 60_000.0, 3_600_000.0])
MOST_GAPS = 20
UNTOLD = FeedTraits(source=SourceId(""), store="")


class FeedHealth:
    """State, silence and counts of the one feed. Written by ingest and the feed runner."""

    def __init__(self, traits: FeedTraits = UNTOLD) -> None:
        self.traits = traits
        self.speed = 1.0
        self.state = FeedState.CONNECTING
        self.reason = ""
        self.since = UtcNanos(0)
        """When the state began."""
        self.told = FeedState.CONNECTING
        """What the feed itself said last; ``state`` is worse where the watchdog knows better."""
        self.told_reason = ""
        self.expected_gap = 5.0
        """Seconds without data after which a live feed is silent."""
        self.last_event_at = UtcNanos(0)
        """Wall time of the newest batch."""
        self.last_heard = 0.0
        """The same on the monotonic clock."""
        self.batches = 0
        self.rows = 0
        self.unknown_rows = 0
        """Rows whose handle was never listed."""
        self.late_rows = 0
        """Rows older than what is already in force."""
        self.malformed_rows = 0
        """Rows with a negative or infinite number in them."""
        self.repeated_rows = 0
        """Trades that were sent again after a reconnection."""
        self.lag_counts: Longs = np.zeros(LAG_EDGES_MS.shape[0] - 1, dtype=np.int64)
        self.gaps: deque[str] = deque(maxlen=MOST_GAPS)
        self.updates_per_second = 0.0
        self.restarts = 0
        self.silent = False
        """The watchdog found a live feed without data for longer than it promised."""

    @property
    def dropped_rows(self) -> int:
        """Rows that did not get into the market."""
        return self.unknown_rows + self.late_rows + self.malformed_rows + self.repeated_rows

    @property
    def stale(self) -> bool:
        """Every quote of this feed is old: it is silent or gone."""
        return self.silent or self.state is FeedState.DISCONNECTED

    def turn(self, state: FeedState, reason: str, at: UtcNanos) -> bool:
        """Takes a new state; false where it already was so."""
        if state is self.state and reason == self.reason:
            return False
        if state is not self.state:
            self.since = at
        self.state, self.reason = state, reason
        return True
