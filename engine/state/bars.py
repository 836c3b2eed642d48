"""Bars of every underlying: what the feed told of the past, and the minute that grows now."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.market import BarBatch
from engine.state.growing import grown

MOST_MINUTES = 8_192
"""Kept in memory a name: twenty sessions; older ones are in the store."""


class BarColumns(NamedTuple):
    """Bars, oldest first; a bar's time is its start."""

    start: Longs
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats

    @classmethod
    def empty(cls) -> "BarColumns":
        """No bars."""
        none = np.empty(0)
        return cls(np.empty(0, dtype=np.int64), none, none, none, none, none, none)

    def take(self, chosen: Longs | slice) -> "BarColumns":
        """Those at the given places."""
        return BarColumns._make(column[chosen] for column in self)

    def merged(self, newer: "BarColumns") -> "BarColumns":
        """Both, by start; where both have a bar the newer word wins."""
        if not newer.start.size:
            return self
        both = BarColumns._make(np.concatenate(pair) for pair in zip(self, newer, strict=True))
        backwards = both.start[::-1]
        _, first = np.unique(backwards, return_index=True)
        return both.take(both.start.shape[0] - 1 - first)


def columns_of(batch: BarBatch) -> BarColumns:
    """A feed's bars as columns."""
    return BarColumns(batch.start, batch.open, batch.high, batch.low, batch.close, batch.volume, batch.vwap)


def batch_of(symbol: Symbol, seconds: int, columns: BarColumns, at: UtcNanos) -> BarBatch:
    """Columns as a feed would tell them."""
    return BarBatch(
        at=at,
        symbol=symbol,
        seconds=seconds,
        start=longs(columns.start),
        open=floats(columns.open),
        high=floats(columns.high),
        low=floats(columns.low),
        close=floats(columns.close),
        volume=floats(columns.volume),
        vwap=floats(columns.vwap),
    )


class GrowingBars:
    """One name's bars of one length; the last may still grow."""

    def __init__(self, seconds: int) -> None:
        self.length = seconds * SECOND_NS
        self.seconds = seconds
        self.version = 0
        """Rises with every change."""
        self.size = 0
        self._start: Longs = np.empty(0, dtype=np.int64)
        self._numbers: Floats = np.empty((0, 6))

    def grow(self, at: int, price: float, volume: float) -> bool:
        """Moves the bar of instant ``at``; true where that closed the bar before. A price older than the last bar is left out.

        ``volume`` is what was traded since the last price; NaN where the name's volume is not known at all.
        """
        start = at - at % self.length
        last = self.size - 1
        self.version += 1
        if last >= 0 and start < self._start[last]:
            return False
        if last >= 0 and start == self._start[last]:
            bar = self._numbers[last]
            bar[1] = max(bar[1], price)
            bar[2] = min(bar[2], price)
            bar[3] = price
            if volume >= 0.0:
                known = bar[4] if bar[4] == bar[4] else 0.0
                worth = bar[5] * known if known > 0.0 and bar[5] == bar[5] else 0.0
                bar[4] = known + volume
                bar[5] = (worth + price * volume) / bar[4] if bar[4] > 0.0 else np.nan
            return False
        self._reserve(self.size + 1)
        self._start[self.size] = start
        self._numbers[self.size] = (price, price, price, price, volume, price if volume > 0.0 else np.nan)
        self.size += 1
        return last >= 0

    def merge(self, history: BarColumns) -> None:
        """Takes in what the feed tells of the past; its word wins over ours."""
        merged = self.columns().merged(history).take(slice(-MOST_MINUTES, None))
        self.size = merged.start.shape[0]
        self._start = merged.start.copy()
        self._numbers = np.stack([np.asarray(column, dtype=np.float64) for column in merged[1:]], axis=1)
        self.version += 1

    def columns(self) -> BarColumns:
        """All of them, as copies that stand still."""
        numbers = self._numbers[: self.size]
        return BarColumns(longs(self._start[: self.size].copy()), *(floats(numbers[:, place].copy()) for place in range(6)))

    def since(self, start: int) -> BarColumns:
        """Those that start at or after an instant."""
        first = int(np.searchsorted(self._start[: self.size], start))
        numbers = self._numbers[first : self.size]
        return BarColumns(self._start[first : self.size].copy(), *(numbers[:, place].copy() for place in range(6)))

    def before_last(self) -> BarColumns:
        """The bar that was closed when the newest began."""
        return self.since(int(self._start[self.size - 2])).take(slice(0, 1)) if self.size > 1 else BarColumns.empty()

    def closed_since(self, instant: int) -> bool:
        """Whether a bar before the newest began at or after an instant."""
        return self.size > 1 and bool(self._start[self.size - 2] >= instant)

    def last_start(self) -> UtcNanos:
        """Start of the newest bar, 0 where there is none."""
        return UtcNanos(int(self._start[self.size - 1]) if self.size else 0)

    def _reserve(self, size: int) -> None:
        if size > 2 * MOST_MINUTES:
            keep = slice(self.size - MOST_MINUTES, self.size)
            self._start, self._numbers, self.size = self._start[keep].copy(), self._numbers[keep].copy(), MOST_MINUTES
            size = MOST_MINUTES + 1
        self._start = grown(self._start, size, 0)
        if self._numbers.shape[0] < self._start.shape[0]:
            longer = np.full((self._start.shape[0], 6), np.nan)
            longer[: self._numbers.shape[0]] = self._numbers
            self._numbers = longer


class Bars:
    """Minutes and sessions of every name. Written by ingest."""

    def __init__(self) -> None:
        self._minutes: dict[Symbol, GrowingBars] = {}
        self._days: dict[Symbol, GrowingBars] = {}

    def minutes(self, symbol: Symbol) -> GrowingBars:
        """One-minute bars."""
        return self._minutes.setdefault(symbol, GrowingBars(60))

    def days(self, symbol: Symbol) -> GrowingBars:
        """Daily sessions, as the feed told them."""
        return self._days.setdefault(symbol, GrowingBars(86_400))

    def merge(self, batch: BarBatch) -> bool:
        """Takes a feed's history in; false for a length that is neither a minute nor a day."""
        if batch.seconds not in {60, 86_400}:
            return False
        (self.minutes if batch.seconds == 60 else self.days)(batch.symbol).merge(columns_of(batch))
        return True
