"""What the recorder knows of each handle: the day's state, the quote of the present time slot, and what of it is not written yet.

Conflation: of each contract at most one row a slot of market time, the last quote said in it, written when the slot is over.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats
from engine.domain.instants import HOUR_NS
from engine.domain.market import QuoteBatch, SummaryBatch, TradeBatch
from engine.storage.roster import UNKNOWN, Roster

Columns = dict[str, NDArray[Any]]

QUOTE_FLOATS = ("bid", "ask", "bid_size", "ask_size")
SUMMARY_FLOATS = ("last", "open", "high", "low", "previous_close", "volume", "open_interest", "vendor_iv", "vendor_delta")
LONGS = ("ts", "quote_ts", "event_at", "last_at", "first_sequence", "written_slot")
NEVER = -1
SETTLED_FOR_NS = 12 * HOUR_NS
"""Between the last chain that shows a series that has settled, and its settlement."""


class Board:
    """Columns by handle, grown with the roster. Used by one thread."""

    def __init__(self, roster: Roster, interval_ns: int) -> None:
        self._roster = roster
        self._interval = interval_ns
        self.floats: dict[str, Floats] = {name: np.empty(0) for name in QUOTE_FLOATS + SUMMARY_FLOATS}
        self.longs: dict[str, NDArray[np.int64]] = {name: np.empty(0, np.int64) for name in LONGS}
        self.pending: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.touched: NDArray[np.bool_] = np.empty(0, np.bool_)
        """Not yet in the table of the latest."""
        self.slot = NEVER
        self.swept_early = False
        """Quotes of the present slot were written before it was over: those that follow replace them."""
        self.unknown_rows = 0

    def grow(self) -> None:
        """Makes room for all that the roster lists."""
        more = self._roster.size - self.pending.shape[0]
        if more <= 0:
            return
        for name, column in self.floats.items():
            self.floats[name] = np.append(column, np.full(more, np.nan))
        for name, longs in self.longs.items():
            self.longs[name] = np.append(longs, np.full(more, NEVER if name == "written_slot" else 0, np.int64))
        self.pending = np.append(self.pending, np.zeros(more, np.bool_))
        self.touched = np.append(self.touched, np.zeros(more, np.bool_))

    def slot_of(self, at: int) -> int:
        """Which slot of market time an instant falls in; without conflation every batch is one of its own."""
        return at // self._interval if self._interval else self.slot + 1

    def quote(self, batch: QuoteBatch, sequence: int) -> None:
        """Takes quotes in; the caller has swept if the slot is a new one."""
        handle, chosen = self._known(batch.handle)
        if not handle.shape[0]:
            return
        for name in QUOTE_FLOATS:
            self.floats[name][handle] = getattr(batch, name)[chosen]
        self.longs["event_at"][handle] = batch.event_at[chosen]
        self.longs["quote_ts"][handle] = batch.at
        self.longs["ts"][handle] = batch.at
        fresh = handle[~self.pending[handle]]
        self.longs["first_sequence"][fresh] = sequence
        self.pending[handle] = True
        self.touched[handle] = True

    def summarise(self, batch: SummaryBatch) -> None:
        """Takes the day's figures in; what is not said stays as known."""
        handle, chosen = self._known(batch.handle)
        for name in SUMMARY_FLOATS:
            said = getattr(batch, name)[chosen]
            spoken = ~np.isnan(said)
            self.floats[name][handle[spoken]] = said[spoken]
        last_at = batch.last_at[chosen]
        self.longs["last_at"][handle[last_at > 0]] = last_at[last_at > 0]
        self.longs["ts"][handle] = np.maximum(self.longs["ts"][handle], batch.at)
        self.touched[handle] = True

    def trade(self, batch: TradeBatch) -> Columns:
        """The prints as rows, with the quote and the spot in force."""
        handle, chosen = self._known(batch.handle)
        price = batch.price[chosen]
        rows: Columns = {
            "handle": handle,
            "ts": np.full(handle.shape[0], batch.at, np.int64),
            "price": price,
            "size": batch.size[chosen],
            "side": batch.side[chosen],
            "flags": batch.flags[chosen],
            "event_at": batch.event_at[chosen],
            "bid": self.floats["bid"][handle],
            "ask": self.floats["ask"][handle],
            "spot": self.spot(self._roster.symbol[handle]),
        }
        self.floats["last"][handle] = price
        self.longs["last_at"][handle] = batch.at
        self.longs["ts"][handle] = np.maximum(self.longs["ts"][handle], batch.at)
        self.touched[handle] = True
        return rows

    def sweep(self, *, early: bool = False) -> tuple[Columns, bool]:
        """The waiting quotes as rows, and whether some replace rows of this slot that were written before it was over."""
        handle = np.flatnonzero(self.pending).astype(np.int32)
        rows: Columns = {"handle": handle, "ts": self.longs["quote_ts"][handle], "event_at": self.longs["event_at"][handle]}
        for name in QUOTE_FLOATS:
            rows[name] = self.floats[name][handle]
        again = bool(self.swept_early and (self.longs["written_slot"][handle] == self.slot).any())
        if early:
            self.longs["written_slot"][handle] = self.slot
        self.swept_early = early or (self.swept_early and again)
        self.pending[handle] = False
        return rows, again

    def turn(self, slot: int) -> None:
        """A new slot begins."""
        self.slot, self.swept_early = slot, False

    def first_waiting(self) -> int:
        """The number of the oldest event whose quotes are not written; 0 where none waits."""
        waiting = self.longs["first_sequence"][self.pending]
        return int(waiting.min()) if waiting.shape[0] else 0

    def take_latest(self) -> Columns:
        """All that changed since the last taking, for the table of the latest."""
        handle = np.flatnonzero(self.touched).astype(np.int32)
        rows: Columns = {"handle": handle, "ts": self.longs["ts"][handle], "last_at": self.longs["last_at"][handle]}
        for name, column in self.floats.items():
            rows[name] = column[handle]
        self.touched[handle] = False
        return rows

    def chain(self, symbol: int, at: int | None = None) -> Columns:
        """The whole chain of a symbol (row in the roster) as it stands: every option that was ever quoted or summed up.

        At an instant, without those that had settled well before it: how a series ended stays in the last chains of its own day.
        """
        roster = self._roster
        quoted = (self.longs["ts"] > 0) & roster.listed & (roster.right != 0) & (roster.symbol == symbol)
        handle = np.flatnonzero(quoted).astype(np.int32)
        if at is not None:
            handle = handle[~roster.settled(handle, at - SETTLED_FOR_NS)]
        event_at, quote_ts = self.longs["event_at"][handle], self.longs["quote_ts"][handle]
        rows: Columns = {"handle": handle, "quoted_at": np.where(event_at > 0, event_at, quote_ts)}
        for name in (*QUOTE_FLOATS, "last", "volume", "open_interest", "vendor_iv", "vendor_delta"):
            rows[name] = self.floats[name][handle]
        return rows

    def spot(self, symbol: NDArray[np.int32]) -> Floats:
        """Of each symbol (row in the roster): the mid of a sound two-sided quote, else the last price, else NaN."""
        handle = np.array(self._roster.spot_handle, np.int32)[symbol]
        safe = np.maximum(handle, 0)
        bid, ask = self.floats["bid"][safe], self.floats["ask"][safe]
        sound = (bid > 0) & (ask >= bid)
        spot = np.where(sound, (bid + ask) / 2, self.floats["last"][safe])
        return np.where(handle == UNKNOWN, np.nan, spot)

    def _known(self, handle: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.bool_] | slice]:
        known = self._roster.known(handle)
        if known.all():
            return handle, slice(None)
        self.unknown_rows += int((~known).sum())
        return handle[known], known
