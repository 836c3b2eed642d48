"""Time passes: series leave the listing at their settlement instant, and what they took of the memory is given to what is listed next."""

from collections.abc import Callable

import numpy as np

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedState
from engine.kernel.clock import Clock
from engine.services.market.ingest import Ingest
from engine.state.whole import State

PASSING = frozenset({FeedState.LIVE, FeedState.DELAYED, FeedState.CLOSED, FeedState.DEGRADED})
"""Time passes in these; a market that stands still, or is not heard of, keeps what it lists."""
LATE_SECONDS = 3_600
"""Quotes of a feed that is not live may be so much behind the clock: its series leave when they tell a later instant, or after so long."""
REST_SECONDS = 120.0
"""Rows stay so long after they were retired: questions under way, and trades that come late, still speak of them."""
RELEASE_SECONDS = 30.0
"""Between two looks for rows that nothing speaks of any more."""


class Settlements:
    """Follows the market's clock past the settlement of its series."""

    def __init__(self, *, state: State, ingest: Ingest, clock: Clock, on_retired: Callable[[tuple[Symbol, ...]], None]) -> None:
        self._state = state
        self._ingest = ingest
        self._clock = clock
        self._on_retired = on_retired
        self._released_at = clock.monotonic()

    def look(self) -> None:
        """Takes off the listing what has settled, tells of whose names it was, and frees what is at rest."""
        state, now = self._state, self._clock.monotonic()
        if state.health.state in PASSING:
            gone = [symbol for symbol in state.instruments.symbols if state.instruments.retire(symbol, self._instant(symbol), now)]
            if gone:
                self._on_retired(tuple(gone))
        if now - self._released_at >= RELEASE_SECONDS:
            self._released_at = now
            self._release(now - REST_SECONDS)

    def _instant(self, symbol: Symbol) -> UtcNanos:
        now = self._clock.now()
        if self._clock.own or self._state.health.state is FeedState.LIVE:
            return now
        quoted = int(self._state.market.symbol_quoted_at[self._state.instruments.number(symbol)])
        return UtcNanos(max(quoted, now - LATE_SECONDS * SECOND_NS))

    def _release(self, before: float) -> None:
        state = self._state
        if not state.instruments.retired_before(before):
            return
        held = np.concatenate([state.trades.rows(), state.flow.rows()])
        released = state.instruments.release(held, before)
        if released.rows.size or released.series.size:
            state.market.release(released)
            state.flow.release(released.rows)
            self._ingest.release(released.rows)
