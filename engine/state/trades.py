"""The newest prints of every name, with the quote and the spot that were in force when they printed."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Bytes, Floats, Longs

CAPACITY = 1024


class Prints(NamedTuple):
    """Columns of prints."""

    row: Longs
    at: Longs
    side: Bytes
    flags: Bytes
    price: Floats
    size: Floats
    bid: Floats
    ask: Floats
    spot: Floats

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All of them, in the order of the fields."""
        return self

    def take(self, chosen: Longs) -> "Prints":
        """Those at the given places."""
        return Prints._make(column[chosen] for column in self)

    def merged(self, other: "Prints", limit: int) -> "Prints":
        """Two newest-first tapes as one, newest first."""
        both = Prints._make(np.concatenate([mine, theirs]) for mine, theirs in zip(self.columns(), other.columns(), strict=True))
        return both.take(np.argsort(-both.at, kind="stable")[:limit])


class TradeRing:
    """The newest prints of one name, oldest overwritten."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.total = 0
        """Prints since the start; the ring holds the newest ``capacity`` of them."""
        self.row: Longs = np.zeros(capacity, dtype=np.int64)
        self.at: Longs = np.zeros(capacity, dtype=np.int64)
        self.side: Bytes = np.zeros(capacity, dtype=np.int8)
        self.flags: Bytes = np.zeros(capacity, dtype=np.int8)
        self.price: Floats = np.full(capacity, np.nan)
        self.size: Floats = np.full(capacity, np.nan)
        self.bid: Floats = np.full(capacity, np.nan)
        self.ask: Floats = np.full(capacity, np.nan)
        self.spot: Floats = np.full(capacity, np.nan)

    def add(self, prints: Prints) -> None:
        """Appends prints in their order."""
        count = prints.row.shape[0]
        first = max(0, count - self.capacity)
        places = (self.total + np.arange(first, count)) % self.capacity
        for name, column in zip(Prints._fields, prints.columns(), strict=True):
            getattr(self, name)[places] = column[first:]
        self.total += count

    def newest(self, limit: int) -> Prints:
        """Up to ``limit`` prints, newest first."""
        count = min(limit, self.total, self.capacity)
        places = (self.total - 1 - np.arange(count)) % self.capacity
        return Prints._make(getattr(self, name)[places] for name in Prints._fields)


class Trades:
    """Two tapes a name: its options and itself, so that a busy share does not wash its options away. Written by ingest."""

    def __init__(self) -> None:
        self._options: dict[int, TradeRing] = {}
        self._own: dict[int, TradeRing] = {}

    def add(self, symbols: Longs, options: Longs, prints: Prints) -> None:
        """Takes a batch of prints in; ``symbols`` are dense numbers, ``options`` is 1 for a print of an option."""
        group = symbols * 2 + options
        for key in np.unique(group).tolist():
            symbol, is_option = divmod(key, 2)
            rings = self._options if is_option else self._own
            ring = rings.get(symbol)
            if ring is None:
                ring = rings[symbol] = TradeRing()
            ring.add(prints.take(np.nonzero(group == key)[0]))

    def rows(self) -> Longs:
        """The rows that prints in memory speak of, each once."""
        held = [ring.row[: min(ring.total, ring.capacity)] for rings in (self._options, self._own) for ring in rings.values()]
        return np.unique(np.concatenate(held)) if held else np.empty(0, dtype=np.int64)

    def all_newest(self) -> list[Prints]:
        """The newest prints of every tape, newest first."""
        return [ring.newest(ring.capacity) for rings in (self._options, self._own) for ring in rings.values()]

    def total(self, symbol: int, *, options_only: bool) -> int:
        """Prints of a name since the start."""
        rings = (self._options,) if options_only else (self._options, self._own)
        return sum(side[symbol].total for side in rings if symbol in side)

    def newest(self, symbol: int, limit: int, *, options_only: bool) -> Prints:
        """The newest prints of a name and its options, or of its options alone, newest first."""
        empty = TradeRing(1)
        prints = self._options.get(symbol, empty).newest(limit)
        return prints if options_only else prints.merged(self._own.get(symbol, empty).newest(limit), limit)
