"""Whether the data can be believed: counts by verdict, ages and lag, every other second and on request."""

import numpy as np

from engine.domain.columns import Longs, floats, longs
from engine.domain.instants import SECOND_NS
from engine.domain.market import Verdict
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.messages.events import FeedQualityChanged
from engine.messages.queries import FeedQuality, GetFeedQuality, SymbolQuality
from engine.state.age import stale_rows
from engine.state.condition import LAG_EDGES_MS
from engine.state.instruments import Ladder
from engine.state.whole import State


class Quality:
    """Answers and publishes the feed's quality."""

    def __init__(self, *, state: State, bus: Bus, clock: Clock) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock

    async def report(self, _: GetFeedQuality) -> FeedQuality:
        """The quality now."""
        return self.quality()

    def publish(self) -> None:
        """Tells watchers, if there are any."""
        if self._bus.interest(FeedQualityChanged):
            self._bus.publish(FeedQualityChanged(quality=self.quality()))

    def quality(self) -> FeedQuality:
        """All names, and the feed itself."""
        health = self._state.health
        symbols = self._state.instruments.symbols
        return FeedQuality(
            source=health.traits.source,
            state=health.state,
            reason=health.reason,
            since=health.since,
            last_event_at=health.last_event_at,
            updates_per_second=health.updates_per_second,
            batches=health.batches,
            rows=health.rows,
            dropped_rows=health.dropped_rows,
            lag_edges_ms=floats(LAG_EDGES_MS.copy()),
            lag_counts=longs(health.lag_counts.copy()),
            symbols=tuple(self._symbol(number) for number in range(len(symbols))),
            gaps=tuple(health.gaps),
        )

    def _symbol(self, number: int) -> SymbolQuality:
        state = self._state
        symbol = state.instruments.symbols[number]
        ladders = self._open(number)
        every: list[Longs] = [ladder.rows.ravel() for ladder in ladders]
        rows = np.concatenate(every) if every else np.empty(0, dtype=np.int64)
        rows = rows[rows >= 0]
        verdict = state.market.verdict[rows]
        quoted = state.market.quoted_at[rows]
        ages = (self._clock.now() - quoted[quoted > 0]) / SECOND_NS

        def count(bit: int) -> int:
            return int(np.count_nonzero(verdict & bit))

        return SymbolQuality(
            symbol=symbol,
            contracts=int(rows.shape[0]),
            two_sided=int(np.count_nonzero((verdict & (Verdict.NO_BID | Verdict.NO_ASK)) == 0)),
            no_bid=count(Verdict.NO_BID),
            no_ask=count(Verdict.NO_ASK),
            locked=count(Verdict.LOCKED),
            crossed=count(Verdict.CROSSED),
            wide=count(Verdict.WIDE),
            stale=int(np.count_nonzero(stale_rows(state.market, state.health, number, rows))),
            malformed=count(Verdict.MALFORMED),
            below_intrinsic=sum(state.priced.below_intrinsic.get(ladder.series.id, 0) for ladder in ladders),
            median_age=float(np.median(ages)) if ages.size else float("nan"),
            oldest_age=float(ages.max()) if ages.size else float("nan"),
            updates=int(state.market.symbol_updates[number]),
        )

    def _open(self, number: int) -> list[Ladder]:
        """Series that have not settled: an expired contract is not a bad quote."""
        now = self._clock.now()
        chain = self._state.instruments.chain(self._state.instruments.symbols[number])
        return [ladder for ladder in chain if ladder.series.settles_at > now]
