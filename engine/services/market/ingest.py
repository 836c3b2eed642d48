"""Where a feed's batches go: looked at, put in order, put in force, remembered; whole columns at a time."""

from collections.abc import Callable
from math import isnan, nan
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.contracts.feed import FeedTraits
from engine.domain.columns import Ints, Longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import AssetKind
from engine.domain.market import (
    BarBatch,
    FeedCondition,
    FeedEvent,
    FeedState,
    Listing,
    PrintFlag,
    Pulse,
    QuoteBatch,
    SummaryBatch,
    TradeBatch,
    VolatilityHistory,
)
from engine.kernel.clock import Clock
from engine.services.market.repeats import Repeats
from engine.services.market.verdicts import judge, market_times
from engine.state.bars import batch_of
from engine.state.condition import LAG_EDGES_MS
from engine.state.growing import grown
from engine.state.instruments import NOWHERE
from engine.state.trades import Prints
from engine.state.whole import State

FLOWING = frozenset({FeedState.LIVE, FeedState.DELAYED})
"""Prices come; after any other state the feed may tell again what it told before."""


class Recorder(Protocol):
    """Who remembers what the feed said."""

    def record(self, event: FeedEvent) -> None:
        """Takes an event without waiting."""
        ...


class Ingest:
    """The one writer of the market's state (a ``FeedSink``)."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._ordered_at: Longs = np.empty(0, dtype=np.int64)
        self._taps: list[Recorder] = []
        self._repeats = Repeats(state, clock.monotonic)
        self._begun = False
        self.on_listed: Callable[[tuple[Symbol, ...]], None] = lambda _: None
        self.on_minute: Callable[[BarBatch], None] = lambda _: None
        """A minute of our own making is over."""
        self.on_option_prints: Callable[[Prints], None] = lambda _: None
        """Options printed, with the quote and the spot in force."""
        self.on_told: Callable[[], None] = lambda: None
        """The feed said how it is, or spoke after a silence."""
        self._take: dict[type, Callable[..., None]] = {
            Listing: self._take_listing,
            QuoteBatch: self._take_quotes,
            TradeBatch: self._take_trades,
            SummaryBatch: self._take_summaries,
            BarBatch: self._take_bars,
            VolatilityHistory: self._take_volatility,
            FeedCondition: self._take_condition,
            Pulse: lambda _: None,
        }

    def tap(self, recorder: Recorder) -> None:
        """Lets a recorder hear everything from now on."""
        self._taps.append(recorder)

    def untap(self, recorder: Recorder) -> None:
        """Ends that."""
        self._taps.remove(recorder)

    def begin(self, traits: FeedTraits) -> None:
        """A feed starts, or starts anew: its handles and, from its first word on, its time are its own."""
        self._state.instruments.forget_handles()
        self._ordered_at[:] = 0
        self._repeats.reconnected()
        self._state.health.traits = traits
        self._begun = False

    def emit(self, event: FeedEvent) -> None:
        """Takes one batch in."""
        health = self._state.health
        if not self._begun:
            self._start_time(health.traits)
        if self._clock.own:
            self._clock.advance(event.at)
        health.last_event_at = self._clock.wall()
        health.last_heard = self._clock.monotonic()
        health.batches += 1
        if health.silent:
            self._repeats.reconnected()
        if isinstance(event, TradeBatch):
            event = self._repeats.without(event)
        self._take[type(event)](event)
        for recorder in self._taps:
            recorder.record(event)
        if health.silent:
            self.on_told()

    def release(self, rows: Longs) -> None:
        """Rows of contracts that have settled: what is listed in their place may tell any time."""
        self._ordered_at[rows] = 0

    def _start_time(self, traits: FeedTraits) -> None:
        self._begun = True
        self._clock.restart(own=traits.own_clock)
        self._state.market.forget_times()

    def _take_listing(self, event: Listing) -> None:
        listed = self._state.instruments.enlist(event)
        self._state.market.fit()
        self._ordered_at = grown(self._ordered_at, self._state.instruments.size, 0)
        if listed.symbols:
            self.on_listed(listed.symbols)

    def _take_quotes(self, event: QuoteBatch) -> None:
        at = market_times(event.event_at, event.at)
        rows, kept = self._in_order(event.handle, at)
        if not rows.size:
            return
        at = at[kept]
        self._count_lag(at[event.event_at[kept] > 0])
        instruments = self._state.instruments
        judged = judge(
            bid=event.bid[kept],
            ask=event.ask[kept],
            bid_size=event.bid_size[kept],
            ask_size=event.ask_size[kept],
            tick=instruments.tick[rows],
            option=instruments.series_of[rows] >= 0,
        )
        self._state.health.malformed_rows += int((judged.verdict >= 128).sum())
        moved = self._state.market.apply_quotes(
            rows,
            bid=judged.bid,
            ask=judged.ask,
            bid_size=judged.bid_size,
            ask_size=judged.ask_size,
            at=at,
            verdict=judged.verdict,
        )
        self._grow_bars(moved, event.at)

    def _take_trades(self, event: TradeBatch) -> None:
        rows, kept = self._known(event.handle)
        good = np.isfinite(event.price[kept]) & (event.price[kept] > 0.0) & ~(event.size[kept] < 0.0)
        self._state.health.malformed_rows += int((~good).sum())
        rows, kept = rows[good], kept[good]
        if not rows.size:
            return
        state = self._state
        market = state.market
        at = market_times(event.event_at, event.at)[kept]
        symbols = state.instruments.symbol_of[rows].astype(np.int64)
        options = (state.instruments.series_of[rows] >= 0).astype(np.int64)
        prints = Prints(
            row=rows,
            at=at,
            side=event.side[kept],
            flags=event.flags[kept],
            price=event.price[kept],
            size=event.size[kept],
            bid=market.bid[rows],
            ask=market.ask[rows],
            spot=market.spot[symbols],
        )
        state.trades.add(symbols, options, prints)
        if options.any():
            self.on_option_prints(prints if options.all() else prints.take(np.flatnonzero(options)))
        valid = (prints.flags & PrintFlag.CANCELLED) == 0
        moved = market.apply_last(rows[valid], price=prints.price[valid], at=at[valid])
        own = valid & (options == 0)
        volume = np.bincount(symbols[own], weights=np.nan_to_num(prints.size[own]), minlength=len(state.instruments.symbols))
        told = np.isfinite(market.volume[state.instruments.security_row[moved]])
        self._grow_bars(moved, event.at, np.where(told, 0.0, volume[moved]))

    def _take_summaries(self, event: SummaryBatch) -> None:
        rows, kept = self._known(event.handle)
        if not rows.size:
            return
        moved, grew = self._state.market.apply_summaries(rows, event, kept)
        self._grow_bars(moved, event.at, grew)

    def _take_bars(self, event: BarBatch) -> None:
        self._state.bars.merge(event)

    def _take_volatility(self, event: VolatilityHistory) -> None:
        self._state.history.merge(event)

    def _take_condition(self, event: FeedCondition) -> None:
        health = self._state.health
        if event.state in FLOWING and health.told not in FLOWING:
            self._repeats.reconnected()
        health.told, health.told_reason = event.state, event.reason
        health.expected_gap = event.expected_gap if event.expected_gap > 0.0 else health.expected_gap
        self.on_told()

    def _known(self, handles: Ints) -> tuple[Longs, Longs]:
        """Rows of known handles and their places in the batch; the others are counted."""
        self._state.health.rows += handles.shape[0]
        rows = self._state.instruments.rows_of(handles)
        kept = np.flatnonzero(rows >= 0)
        if kept.shape[0] != rows.shape[0]:
            self._state.health.unknown_rows += int((rows == NOWHERE).sum())
        return rows[kept], kept

    def _in_order(self, handles: Ints, at: Longs) -> tuple[Longs, Longs]:
        """Known rows that are not older than what is in force, the oldest first; the others are counted."""
        rows, kept = self._known(handles)
        times = at[kept]
        if times.size > 1 and bool((times[1:] < times[:-1]).any()):
            order = np.argsort(times, kind="stable")
            rows, kept, times = rows[order], kept[order], times[order]
        fresh: NDArray[np.bool_] = times >= self._ordered_at[rows]
        if not fresh.all():
            self._state.health.late_rows += int((~fresh).sum())
            rows, kept, times = rows[fresh], kept[fresh], times[fresh]
        self._ordered_at[rows] = times
        return rows, kept

    def _count_lag(self, at: Longs) -> None:
        if not at.size:
            return
        lag_ms = (self._clock.now() - at) / 1e6
        place = np.searchsorted(LAG_EDGES_MS, lag_ms, side="right") - 1
        counts = self._state.health.lag_counts
        counts += np.bincount(np.clip(place, 0, counts.shape[0] - 1), minlength=counts.shape[0])

    def _grow_bars(self, moved: Ints, at: UtcNanos, volume: NDArray[np.float64] | None = None) -> None:
        state = self._state
        prices = state.market.spot[moved].tolist()
        volumes = [0.0] * len(prices) if volume is None else volume.tolist()
        for number, price, grew in zip(moved.tolist(), prices, volumes, strict=True):
            if isnan(price):
                continue
            symbol = state.instruments.symbols[number]
            minutes = state.bars.minutes(symbol)
            if minutes.grow(at, price, grew if grew > 0.0 or self._tells_volume(number) else nan):
                self.on_minute(batch_of(symbol, 60, minutes.before_last(), at))

    def _tells_volume(self, number: int) -> bool:
        """Whether the name's volume is known: told for the day, or seen in its own prints. An index of which 0 is told has none."""
        state = self._state
        told = state.market.volume[state.instruments.security_row[number]]
        if told > 0.0 or state.trades.total(number, options_only=False) > state.trades.total(number, options_only=True):
            return True
        security = state.instruments.security(Symbol(state.instruments.symbols[number]))
        return bool(told == 0.0) and security is not None and security.kind is not AssetKind.INDEX
