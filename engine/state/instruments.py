"""What is listed: every instrument has one dense row, whatever handle a feed gives it and however often it is listed again.

A series that has settled leaves the listing at once (:meth:`Instruments.retire`). Its rows stay for a while, since questions under way and
prints in memory still speak of them, and are then given to what is listed next (:meth:`Instruments.release`), so that an engine that runs
for weeks holds what lives and no more.
"""

from bisect import insort
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Bytes, Floats, Ints, Longs, codes, floats, ints
from engine.domain.ids import ContractId, SeriesId, Symbol, UtcNanos
from engine.domain.instruments import Contract, OptionSeries, Right, Security
from engine.domain.market import Listing
from engine.domain.roots import make_security
from engine.state.growing import grown
from engine.state.settled import Settled, SettledSeries

NOWHERE = -1
"""The row of what is not listed."""
SETTLED = -2
"""The row behind a handle whose contract has settled: the feed may go on to speak of it, and nobody listens."""


_NO_STRIKES: Floats = np.empty(0)
_NO_ROWS: Longs = np.empty((2, 0), dtype=np.int64)


class Ladder(Struct, frozen=True, kw_only=True):
    """The strikes of one series and where their quotes stand."""

    index: int
    """Dense number of the series."""
    symbol: int
    """Dense number of its underlying."""
    series: OptionSeries
    strikes: Floats
    rows: Longs
    """(2, strikes): calls, puts; -1 where that contract is not listed."""
    names: tuple[str, ...]
    """2n contract ids, calls first; "" where not listed."""


class Listed(Struct, frozen=True, kw_only=True):
    """What a listing changed."""

    symbols: tuple[Symbol, ...]
    """Underlyings that are new or whose series or strikes changed."""
    new_rows: int


class Released(NamedTuple):
    """What is free to be used anew."""

    rows: Longs
    series: Longs
    """Dense numbers."""


class Instruments:
    """Handles to rows, symbols to series, series to strikes. Written by ingest, and by the look at what has settled."""

    def __init__(self) -> None:
        self.size = 0
        """Rows lie below it; some of them may be free."""
        self.version = 0
        """Rises whenever a series is listed, retired or released."""
        self.settled = SettledSeries()
        self.names: list[str] = []
        self.symbol_of: Ints = np.full(64, NOWHERE, dtype=np.int32)
        """Row -> dense number of the underlying."""
        self.series_of: Ints = np.full(64, NOWHERE, dtype=np.int32)
        """Row -> dense number of the series; -1 for a security."""
        self.strike: Floats = np.full(64, np.nan)
        self.right: Bytes = np.zeros(64, dtype=np.int8)
        self.tick: Floats = np.full(64, np.nan)
        """Smallest price step."""
        self.symbols: list[Symbol] = []
        """Dense number -> symbol."""
        self.security_row: Longs = np.full(8, NOWHERE, dtype=np.int64)
        """Dense symbol number -> row of the security itself."""
        self.ladders: list[Ladder] = []
        """Dense number -> its ladder; an empty one where the number is free."""
        self._row: dict[str, int] = {}
        self._handles: Longs = np.full(64, NOWHERE, dtype=np.int64)
        self._handle_of: Longs | None = None
        """By row, made when it is asked for; None since the last listing."""
        self._securities: list[Security] = []
        self._number: dict[Symbol, int] = {}
        self._series: dict[SeriesId, int] = {}
        self._by_symbol: list[list[tuple[UtcNanos, int]]] = []
        self._members: list[dict[tuple[float, int], int]] = []
        self._retired: dict[int, float] = {}
        """By dense number of the series: when it was retired, in monotonic seconds."""
        self._free_rows: list[int] = []
        self._free_series: list[int] = []
        self._followers: list[Callable[[tuple[Ladder, ...]], None]] = []

    @property
    def count(self) -> int:
        """Instruments that are listed, and those that have settled and are not released yet."""
        return self.size - len(self._free_rows)

    def enlist(self, listing: Listing) -> Listed:
        """Takes a listing in: known names keep their rows, new ones get the next; handles point to them from now on."""
        before = self.count
        touched: dict[int, None] = {}
        numbers = [self._take_security(security, touched) for security in listing.securities]
        series = [self._take_series(entry, touched, listing.at) for entry in listing.series]
        highest = int(listing.handle.max()) + 1 if listing.handle.size else 0
        self._handles = grown(self._handles, highest, NOWHERE)
        self._handle_of = None
        self._grow(self.size + len(listing.name))
        stale: dict[int, None] = {}
        columns = zip(
            listing.handle.tolist(),
            listing.security.tolist(),
            listing.series_index.tolist(),
            listing.strike.tolist(),
            listing.right.tolist(),
            listing.name,
            strict=True,
        )
        for handle, security, place, strike, right, name in columns:
            if handle < 0 or (place < 0 and security < 0):
                continue
            if place < 0:
                row = self._take_row(name, numbers[security], NOWHERE, np.nan, 0)
                self.security_row[numbers[security]] = row
                self.tick[row] = listing.securities[security].tick
            else:
                number = series[place]
                if number == SETTLED:
                    self._handles[handle] = SETTLED
                    continue
                row = self._take_row(name, self.ladders[number].symbol, number, strike, right)
                self.tick[row] = listing.series[place].tick_rule.small
                if self._members[number].get((strike, right)) != row:
                    self._members[number][strike, right] = row
                    stale[number] = None
            self._handles[handle] = row
        for number in stale:
            self._rebuild(number)
            touched[self.ladders[number].symbol] = None
        return Listed(symbols=tuple(self.symbols[number] for number in touched), new_rows=self.count - before)

    def on_retired(self, follow: Callable[[tuple[Ladder, ...]], None]) -> None:
        """Calls ``follow`` with the series that leave the listing."""
        self._followers.append(follow)

    def retire(self, symbol: Symbol, at: UtcNanos, now: float) -> tuple[Ladder, ...]:
        """Takes the series of a name that have settled by an instant off the listing; ``now`` in monotonic seconds."""
        number = self._number.get(symbol)
        entries = self._by_symbol[number] if number is not None else []
        gone = [index for settles_at, index in entries if settles_at <= at]
        if not gone:
            return ()
        del entries[: len(gone)]
        ladders = tuple(self.ladders[index] for index in gone)
        for ladder in ladders:
            del self._series[ladder.series.id]
            self._retired[ladder.index] = now
            self.settled.keep(Settled(ladder.series, ladder.strikes, ladder.rows >= 0))
        self.version += 1
        for follow in self._followers:
            follow(ladders)
        return ladders

    def retired_before(self, when: float) -> bool:
        """Whether a series was retired so long ago that its rows may be given away."""
        return any(since <= when for since in self._retired.values())

    def release(self, held: Longs, before: float) -> Released:
        """Frees the rows of series retired before a monotonic second, but for those that are ``held``."""
        due = [index for index, since in self._retired.items() if since <= before]
        kept = set(held.tolist())
        rows: list[int] = []
        for index in due:
            members = self._members[index]
            free = {key: row for key, row in members.items() if row not in kept}
            rows += free.values()
            for key in free:
                del members[key]
        series = [index for index in due if not self._members[index]]
        freed = np.array(rows, dtype=np.int64)
        self._free(freed)
        for index in series:
            old = self.ladders[index]
            self.ladders[index] = Ladder(index=index, symbol=old.symbol, series=old.series, strikes=_NO_STRIKES, rows=_NO_ROWS, names=())
            del self._retired[index]
        self._free_series += series
        self.version += bool(due)
        return Released(freed, np.array(series, dtype=np.int64))

    def _free(self, rows: Longs) -> None:
        for row in rows.tolist():
            del self._row[self.names[row]]
            self.names[row] = ""
        self.symbol_of[rows] = self.series_of[rows] = NOWHERE
        self.strike[rows] = self.tick[rows] = np.nan
        self.right[rows] = 0
        gone = np.zeros(max(self.size, 1), dtype=np.bool_)
        gone[rows] = True
        self._handles[(self._handles >= 0) & gone[np.maximum(self._handles, 0)]] = SETTLED
        self._handle_of = None
        self._free_rows += rows.tolist()

    def forget_handles(self) -> None:
        """A feed starts anew: its handles mean nothing until it lists again; rows and quotes stay."""
        self._handle_of = None
        self._handles = np.full(64, NOWHERE, dtype=np.int64)

    def rows_of(self, handles: Ints) -> Longs:
        """Handles to rows in one take; below 0 where a handle was never given out, or its contract has settled."""
        if handles.size and (int(handles.min()) < 0 or int(handles.max()) >= self._handles.shape[0]):
            known = (handles >= 0) & (handles < self._handles.shape[0])
            return np.where(known, self._handles.take(np.where(known, handles, 0)), NOWHERE)
        return self._handles.take(handles)

    def row(self, name: str) -> int:
        """The row of a contract id or a symbol; -1 where it is not listed."""
        return self._row.get(name, NOWHERE)

    def number(self, symbol: Symbol) -> int:
        """The dense number of an underlying; -1 where it is not listed."""
        return self._number.get(symbol, NOWHERE)

    def security(self, symbol: Symbol) -> Security | None:
        """The underlying by its symbol."""
        number = self._number.get(symbol)
        return None if number is None else self._securities[number]

    def securities(self) -> tuple[Security, ...]:
        """All underlyings, in the order they were first listed."""
        return tuple(self._securities)

    def chain(self, symbol: Symbol) -> tuple[Ladder, ...]:
        """All series of a name, the first to settle first."""
        number = self._number.get(symbol)
        return () if number is None else tuple(self.ladders[index] for _, index in self._by_symbol[number])

    def has_series(self, symbol: Symbol) -> bool:
        """Whether options of a name are listed."""
        number = self._number.get(symbol)
        return number is not None and bool(self._by_symbol[number])

    def ladder(self, series: SeriesId) -> Ladder | None:
        """One series."""
        index = self._series.get(series)
        return None if index is None else self.ladders[index]

    def contract(self, name: ContractId) -> Contract | None:
        """One option by its id, one that has settled too; None for a name that is not listed or is a security."""
        row = self._row.get(name)
        if row is None:
            return self.settled.contract(name)
        if self.series_of[row] == NOWHERE:
            return None
        right = Right.CALL if self.right[row] > 0 else Right.PUT
        return Contract(id=name, series=self.ladders[self.series_of[row]].series, strike=float(self.strike[row]), right=right)

    def listing(self, at: UtcNanos) -> Listing:
        """All that is listed, by the handles in force: what a tape begins with that is started in mid-session."""
        handles, rows = self.handles()
        own = self.series_of[rows] < 0
        living = sorted(self._series.values())
        place = np.full(len(self.ladders) + 1, NOWHERE, dtype=np.int64)
        place[living] = np.arange(len(living))
        return Listing(
            at=at,
            securities=tuple(self._securities),
            series=tuple(self.ladders[index].series for index in living),
            handle=ints(handles),
            security=ints(np.where(own, self.symbol_of[rows], NOWHERE)),
            series_index=ints(place[self.series_of[rows]]),
            strike=floats(self.strike[rows]),
            right=codes(self.right[rows]),
            name=tuple(self.names[row] for row in rows.tolist()),
        )

    def handles(self) -> tuple[Ints, Longs]:
        """Handles of what is listed, and the row of each."""
        living = np.zeros(len(self.ladders) + 1, dtype=np.bool_)
        living[[*self._series.values(), NOWHERE]] = True
        handles = np.flatnonzero(self._handles >= 0)
        handles = handles[living[self.series_of[self._handles[handles]]]]
        return ints(handles), self._handles[handles]

    def handles_of(self, rows: Longs) -> Longs:
        """The feed's handles of rows; -1 where it has given none since it started anew."""
        known = self._handle_of
        if known is None:
            handles = np.flatnonzero(self._handles >= 0)
            theirs = self._handles[handles]
            known = self._handle_of = np.full(max(self.size, 1), NOWHERE, dtype=np.int64)
            known[theirs] = handles
        return known[rows]

    def _take_security(self, security: Security, touched: dict[int, None]) -> int:
        number = self._number.get(security.symbol)
        if number is None:
            number = len(self.symbols)
            self._number[security.symbol] = number
            self.symbols.append(security.symbol)
            self._securities.append(security)
            self._by_symbol.append([])
            self.security_row = grown(self.security_row, number + 1, NOWHERE)
            touched[number] = None
        elif self._securities[number] != security:
            self._securities[number] = security
            touched[number] = None
        return number

    def _take_series(self, series: OptionSeries, touched: dict[int, None], at: UtcNanos) -> int:
        index = self._series.get(series.id)
        if index is None and series.id in self.settled:
            if series.settles_at <= at:
                return SETTLED
            self.settled.forget(series.id)
            index = self._listed_again(series.id, touched)
        if index is None:
            number = self._number.get(series.underlying)
            if number is None:
                number = self._take_security(make_security(series.underlying), touched)
            index = self._new_series(number, series)
            insort(self._by_symbol[number], (series.settles_at, index))
            touched[number] = None
        elif self.ladders[index].series != series:
            self._relist(index, series)
            touched[self.ladders[index].symbol] = None
        return index

    def _new_series(self, symbol: int, series: OptionSeries) -> int:
        index = self._free_series.pop() if self._free_series else len(self.ladders)
        empty = Ladder(index=index, symbol=symbol, series=series, strikes=_NO_STRIKES, rows=_NO_ROWS, names=())
        if index == len(self.ladders):
            self.ladders.append(empty)
            self._members.append({})
        else:
            self.ladders[index] = empty
        self._series[series.id] = index
        self.version += 1
        return index

    def _listed_again(self, series: SeriesId, touched: dict[int, None]) -> int | None:
        """The number of a series that was retired and still has its rows: the feed tells an earlier time. None where it has none."""
        index = next((one for one in self._retired if self.ladders[one].series.id == series), None)
        if index is None:
            return None
        del self._retired[index]
        self._rebuild(index)
        ladder = self.ladders[index]
        self._series[series] = index
        insort(self._by_symbol[ladder.symbol], (ladder.series.settles_at, index))
        self.version += 1
        touched[ladder.symbol] = None
        return index

    def _relist(self, index: int, series: OptionSeries) -> None:
        old = self.ladders[index]
        entries = self._by_symbol[old.symbol]
        entries.remove((old.series.settles_at, index))
        insort(entries, (series.settles_at, index))
        self.version += 1
        self.ladders[index] = Ladder(index=index, symbol=old.symbol, series=series, strikes=old.strikes, rows=old.rows, names=old.names)

    def _take_row(self, name: str, symbol: int, series: int, strike: float, right: int) -> int:
        row = self._row.get(name)
        if row is None:
            row = self._next_row()
            self._row[name] = row
            self.names[row] = name
        self.symbol_of[row] = symbol
        self.series_of[row] = series
        self.strike[row] = strike
        self.right[row] = right
        return row

    def _next_row(self) -> int:
        if self._free_rows:
            return self._free_rows.pop()
        self.names.append("")
        self.size += 1
        return self.size - 1

    def _rebuild(self, number: int) -> None:
        old = self.ladders[number]
        members = self._members[number]
        strikes = sorted({strike for strike, _ in members})
        place = {strike: column for column, strike in enumerate(strikes)}
        rows = np.full((2, len(strikes)), NOWHERE, dtype=np.int64)
        for (strike, right), row in members.items():
            rows[0 if right > 0 else 1, place[strike]] = row
        names = tuple(self.names[row] if row >= 0 else "" for row in rows.ravel().tolist())
        rows.flags.writeable = False
        ladder = np.array(strikes)
        ladder.flags.writeable = False
        self.ladders[number] = Ladder(index=number, symbol=old.symbol, series=old.series, strikes=ladder, rows=rows, names=names)

    def _grow(self, size: int) -> None:
        self.symbol_of = grown(self.symbol_of, size, NOWHERE)
        self.series_of = grown(self.series_of, size, NOWHERE)
        self.strike = grown(self.strike, size, np.nan)
        self.right = grown(self.right, size, 0)
        self.tick = grown(self.tick, size, np.nan)
