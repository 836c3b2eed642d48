"""Classified option prints, and what each contract and name traded on its day. Written by the flow service alone."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Bytes, Flags, Floats, Ints, Longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.marks import FlowFlag
from engine.state.growing import grown

MARKET_CAPACITY = 8_192
"""Prints kept of the whole market."""
NAME_CAPACITY = 2_048
"""Prints kept of one name."""
FIRST_CAPACITY = 64
MOST_STRUCTURES = 4_096
"""So many different words for legs are kept apart; any name table is far smaller."""


class FlowPrints(NamedTuple):
    """Columns of classified prints; what they mean is said by :class:`engine.messages.flow.FlowTape`."""

    sequence: Longs
    row: Longs
    symbol: Ints
    at: Longs
    price: Floats
    size: Floats
    place: Bytes
    side: Bytes
    inferred: Bytes
    flags: Flags
    premium: Floats
    bid: Floats
    ask: Floats
    spot: Floats
    otm: Floats
    days: Ints
    iv: Floats
    delta: Floats
    volume: Floats
    open_interest: Floats
    day: Longs
    """Start of the session's date."""
    opening: Bytes
    package: Longs
    structure: Ints
    """Number of the word in :attr:`Flow.structures`."""

    def take(self, chosen: NDArray[Any]) -> "FlowPrints":
        """Those at the given places."""
        return FlowPrints._make(column[chosen] for column in self)


_KINDS: tuple[type[np.generic], ...] = (
    np.int64, np.int64, np.int32, np.int64, np.float64, np.float64, np.int8, np.int8, np.int8, np.uint8, np.float64, np.float64,
    np.float64, np.float64, np.float64, np.int32, np.float64, np.float64, np.float64, np.float64, np.int64, np.int8, np.int64, np.int32,
)  # fmt: skip


class FlowRing:
    """The newest prints, oldest overwritten; it grows to its capacity as prints come."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.total = 0
        self.confirmed = 0
        """Rises when something was learnt of prints already told."""
        self._size = min(FIRST_CAPACITY, capacity)
        self._columns = FlowPrints._make(np.zeros(self._size, dtype=kind) for kind in _KINDS)

    def add(self, prints: FlowPrints) -> None:
        """Appends prints in their order."""
        count = prints.row.shape[0]
        self._grow(self.total + count)
        first = max(0, count - self._size)
        places = (self.total + np.arange(first, count)) % self._size
        for name in FlowPrints._fields:
            getattr(self._columns, name)[places] = getattr(prints, name)[first:]
        self.total += count

    def places(self) -> Longs:
        """Where the prints stand, newest first."""
        return (self.total - 1 - np.arange(min(self.total, self._size))) % self._size

    def place(self, sequence: Longs) -> Longs:
        """Where prints of these numbers stand, in a ring that holds all prints there are, from the first numbered 1."""
        return (sequence - 1) % self._size

    @property
    def columns(self) -> FlowPrints:
        """The columns as they stand, to be read at :meth:`places`."""
        return self._columns

    def confirm(self, rows: Longs, day: int, verdict: Bytes) -> None:
        """Writes what the open interest says of some contracts' day."""
        columns = self._columns
        order = np.argsort(rows, kind="stable")
        place = np.minimum(np.searchsorted(rows[order], columns.row), rows.size - 1)
        meant = (rows[order][place] == columns.row) & (columns.day == day)
        columns.opening[meant] = verdict[order][place][meant]
        self.confirmed += 1

    def _grow(self, wanted: int) -> None:
        """Doubles until it holds what is wanted; no print has been overwritten before it is at its capacity."""
        if self._size >= min(wanted, self.capacity):
            return
        size = self._size
        while size < min(wanted, self.capacity):
            size = min(2 * size, self.capacity)
        longer = FlowPrints._make(np.zeros(size, dtype=kind) for kind in _KINDS)
        for name in FlowPrints._fields:
            getattr(longer, name)[: self.total] = getattr(self._columns, name)[: self.total]
        self._columns, self._size = longer, size


class EndedDay(NamedTuple):
    """What was traded on a day that is over, by contract: the next session's open interest will say what it was."""

    day: UtcNanos
    rows: Longs
    volume: Floats
    """Of the whole day, what was traded after the last print seen here too: the venue's own where that is more."""
    before: Floats
    """Open interest on that day."""


class FlowDay:
    """What each contract traded on its name's day, as far as prints were seen here; by row, and by name."""

    def __init__(self) -> None:
        self.volume: Floats = np.zeros(64)
        """Contracts in seen prints."""
        self.traded: Floats = np.zeros(64)
        """Contracts of the day as of the last print, seen or told by the venue."""
        self.told: Floats = np.full(64, np.nan)
        """The venue's volume as it was told last; NaN where none was."""
        self.told_of: Longs = np.zeros(64, dtype=np.int64)
        """Start of the date that this volume is of; 0 where none was told."""
        self.told_at: Longs = np.zeros(64, dtype=np.int64)
        """Market time at which it was told."""
        self.is_settled = np.zeros(64, dtype=np.bool_)
        """Its volume has gone into :attr:`settled`."""
        self.at_ask: Floats = np.zeros(64)
        """Of these at the ask or above."""
        self.premium: Floats = np.zeros(64)
        """Dollars."""
        self.before: Floats = np.full(64, np.nan)
        """Open interest when it first printed, or as soon as it was told; NaN while it is not."""
        self.sums: Floats = np.zeros((8, 6))
        """By dense symbol, dollars: calls of unknown side, bought, sold, then puts."""
        self.prints: Longs = np.zeros((8, 2), dtype=np.int64)
        """By dense symbol: calls, puts."""
        self.priced: Longs = np.zeros((8, 2), dtype=np.int64)
        """By dense symbol: those among them whose premium is known."""
        self.settled: Floats = np.full((8, 2), np.nan)
        """By dense symbol: volume of the day in calls and puts that have settled since; NaN where none was known."""
        self.since: Longs = np.zeros(8, dtype=np.int64)
        """By dense symbol: the first print of the day; 0 before it."""
        self.date: Longs = np.zeros(8, dtype=np.int64)
        """By dense symbol: start of the session's date; 0 before the first look."""
        self.begins: Longs = np.zeros(8, dtype=np.int64)
        """By dense symbol: the first instant of that date."""
        self.begun: Longs = np.zeros(8, dtype=np.int64)
        """By dense symbol: market time from which this run listens to the day; 0 before the first look."""
        self.covered: Longs = np.zeros(8, dtype=np.int64)
        """By dense symbol: prints up to this time are in the sums already, heard by an earlier run; 0 where none was."""
        self.gaps: dict[int, tuple[tuple[int, int], ...]] = {}
        """By dense symbol: between the first print and now, from when to when nobody listened."""
        self.version = 0
        """Rises with what is counted, and with the day."""

    def fit(self, rows: int, symbols: int) -> None:
        """Makes room for what was listed since."""
        self.volume, self.at_ask, self.premium, self.traded = (
            grown(column, rows, 0.0) for column in (self.volume, self.at_ask, self.premium, self.traded)
        )
        self.before, self.told = grown(self.before, rows, np.nan), grown(self.told, rows, np.nan)
        self.told_of, self.told_at = grown(self.told_of, rows, 0), grown(self.told_at, rows, 0)
        self.is_settled = grown(self.is_settled, rows, False)
        self.since, self.date = grown(self.since, symbols, 0), grown(self.date, symbols, 0)
        self.begins, self.begun = grown(self.begins, symbols, 0), grown(self.begun, symbols, 0)
        self.covered = grown(self.covered, symbols, 0)
        if self.sums.shape[0] < symbols:
            size = max(symbols, 2 * self.sums.shape[0])
            self.sums, self.prints, self.priced = (_lengthened(table, size) for table in (self.sums, self.prints, self.priced))
            self.settled = _lengthened(self.settled, size, np.nan)

    def release(self, rows: Longs) -> None:
        """Contracts that have settled give their rows away: what is listed there next has traded nothing."""
        rows = rows[rows < self.volume.shape[0]]
        self.volume[rows] = self.at_ask[rows] = self.premium[rows] = self.traded[rows] = 0.0
        self.before[rows] = self.told[rows] = np.nan
        self.told_of[rows], self.is_settled[rows] = 0, False
        self.version += 1

    def end(self, symbol: int, rows: Longs, day: int, volume: Floats) -> EndedDay:
        """The day of a name is over: what it was, and a new one begins. ``rows`` are all of the name's options, ``volume`` the venue's."""
        self.traded[rows] = np.fmax(self.traded[rows], np.where(self.told_of[rows] == day, volume, np.nan))
        traded = rows[self.volume[rows] > 0.0]
        ended = EndedDay(UtcNanos(day), traded, self.traded[traded], self.before[traded])
        self.volume[rows] = self.at_ask[rows] = self.premium[rows] = self.traded[rows] = 0.0
        self.before[rows] = np.nan
        self.sums[symbol], self.prints[symbol], self.priced[symbol], self.since[symbol] = 0.0, 0, 0, 0
        self.covered[symbol] = 0
        self.gaps.pop(symbol, None)
        return ended

    def begin(self, symbol: int, date: int, begins: int, begun: int) -> None:
        """A name's day begins, and is listened to from ``begun`` on."""
        self.date[symbol], self.begins[symbol], self.begun[symbol] = date, begins, begun
        self.settled[symbol] = np.nan
        self.version += 1


def _lengthened(table: "NDArray[Any]", size: int, fill: float = 0.0) -> "NDArray[Any]":
    """The same table with more rows."""
    longer = np.full((size, table.shape[1]), fill, dtype=table.dtype)
    longer[: table.shape[0]] = table
    return longer


class Flow:
    """All of it."""

    def __init__(self) -> None:
        self.market = FlowRing(MARKET_CAPACITY)
        self.names: dict[int, FlowRing] = {}
        """By dense symbol."""
        self.day = FlowDay()
        self.ended: dict[int, EndedDay] = {}
        """By dense symbol: the newest day that is over and not told of yet."""
        self.structures: list[str] = [""]
        """Words for legs by their number; 0 is a print that stands alone."""
        self.previous: Floats = np.full(64, np.nan)
        """By row: open interest of the stored session before; NaN where none is stored."""
        self.previous_at: dict[Symbol, UtcNanos] = {}
        """When that was stored; 0 where nothing is."""
        self.dropped = 0
        """Prints that came faster than they could be taken."""
        self._numbers: dict[str, int] = {"": 0}

    def rows(self) -> Longs:
        """The rows that prints in memory, and days not told of yet, speak of, each once."""
        rings = [ring.columns.row[ring.places()] for ring in (self.market, *self.names.values())]
        return np.unique(np.concatenate([*rings, *(ended.rows for ended in self.ended.values())]))

    def release(self, rows: Longs) -> None:
        """Forgets what is known of contracts that have settled, by row."""
        self.day.release(rows)
        self.previous[rows[rows < self.previous.shape[0]]] = np.nan

    def structure(self, word: str) -> int:
        """The number of a word for legs."""
        found = self._numbers.get(word)
        if found is None:
            if len(self.structures) >= MOST_STRUCTURES:
                return 0
            found = self._numbers[word] = len(self.structures)
            self.structures.append(word)
        return found

    def ring(self, symbol: int) -> FlowRing:
        """The prints of one name."""
        ring = self.names.get(symbol)
        if ring is None:
            ring = self.names[symbol] = FlowRing(NAME_CAPACITY)
        return ring

    def add(self, prints: FlowPrints) -> None:
        """Takes classified prints in, to the market's and each name's ring."""
        self.market.add(prints)
        for symbol in np.unique(prints.symbol).tolist():
            self.ring(symbol).add(prints.take(np.flatnonzero(prints.symbol == symbol)))

    def lift_volumes(self, symbol: int, since: int, heard: Floats) -> None:
        """Adds what was traded before to the volumes beside a name's prints after ``since``; ``heard`` is by row."""
        ring = self.names.get(symbol)
        if ring is None:
            return
        columns = ring.columns
        places = ring.places()[::-1]
        places = places[(columns.at[places] > since) & (columns.day[places] == self.day.date[symbol])]
        rows = columns.row[places]
        own = running_sums(rows, np.nan_to_num(columns.size[places]))
        volume = np.fmax(columns.volume[places], heard[rows] + own)
        with np.errstate(invalid="ignore"):
            above = np.where(volume > columns.open_interest[places], FlowFlag.ABOVE_OPEN_INTEREST, 0).astype(np.uint8)
        market, newest = self.market, self.market.total
        told = newest - (columns.sequence[places] - 1) <= market.places().size
        for of, where, chosen in ((columns, places, slice(None)), (market.columns, market.place(columns.sequence[places][told]), told)):
            of.volume[where] = volume[chosen]
            of.flags[where] |= above[chosen]
        ring.confirmed += 1
        market.confirmed += 1

    def confirm(self, symbol: int, rows: Longs, day: int, verdict: Bytes) -> None:
        """Writes what the open interest says of a name's day."""
        if not rows.size:
            return
        self.market.confirm(rows, day, verdict)
        if symbol in self.names:
            self.names[symbol].confirm(rows, day, verdict)


def running_sums(key: Longs, values: Floats) -> Floats:
    """The sum so far within each key, the own value included."""
    order = np.argsort(key, kind="stable")
    sums = np.cumsum(values[order])
    ordered = key[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if key.size else np.empty(0, dtype=np.int64)
    start = np.repeat(sums[first] - values[order][first], np.diff(np.r_[first, key.size]))
    found = np.empty_like(sums)
    found[order] = sums - start
    return found
