"""The market as it stands: columns by row, written by ingest alone, read by everybody on the engine's loop.

Nothing here is said tick by tick. Each write moves a sequence number and stamps it on the series and the names it touched; a reader
keeps the number it last saw and asks what is newer.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Flags, Floats, Ints, Longs
from engine.domain.market import SummaryBatch, Verdict
from engine.state.growing import grown
from engine.state.instruments import Instruments, Released

NO_MID = Verdict.NO_BID | Verdict.NO_ASK | Verdict.CROSSED | Verdict.MALFORMED
"""A quote that bears one of these has no middle to speak of."""

_NUMBERS = (
    "bid", "ask", "bid_size", "ask_size", "last", "open", "high", "low", "previous_close", "volume", "open_interest",
    "vendor_iv", "vendor_delta",
)  # fmt: skip
_INSTANTS = ("quoted_at", "last_at")
_SUMMARY = ("last", "open", "high", "low", "previous_close", "volume", "open_interest", "vendor_iv", "vendor_delta")


class Market:
    """Columns of what is known of each row, and what changed when."""

    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    last: Floats
    open: Floats
    high: Floats
    low: Floats
    previous_close: Floats
    volume: Floats
    open_interest: Floats
    vendor_iv: Floats
    vendor_delta: Floats
    quoted_at: Longs
    """Market time of the quote, 0 never."""
    last_at: Longs

    def __init__(self, instruments: Instruments) -> None:
        self.instruments = instruments
        for name in _NUMBERS:
            setattr(self, name, np.empty(0))
        for name in _INSTANTS:
            setattr(self, name, np.empty(0, dtype=np.int64))
        self.verdict: Flags = np.empty(0, dtype=np.uint8)
        """What is wrong with the quote by itself; age and intrinsic value are judged where they are read."""
        self.sequence = 0
        """Rises with every write."""
        self.updates = 0
        """Rows of quotes and trades applied since the start."""
        self.spot: Floats = np.empty(0)
        """By dense symbol: the middle of a two-sided quote, else the last price; NaN where neither is known."""
        self.symbol_updates: Longs = np.empty(0, dtype=np.int64)
        self.symbol_version: Longs = np.empty(0, dtype=np.int64)
        """Sequence of the newest word on the security itself."""
        self.symbol_quoted_at: Longs = np.empty(0, dtype=np.int64)
        """Market time of the newest quote of the security or any of its options."""
        self.series_version: Longs = np.empty(0, dtype=np.int64)
        self.series_quoted_at: Longs = np.empty(0, dtype=np.int64)
        self.fit()

    def fit(self) -> None:
        """Makes room for what was listed since."""
        rows, symbols, series = self.instruments.size, len(self.instruments.symbols), len(self.instruments.ladders)
        for name in _NUMBERS:
            setattr(self, name, grown(getattr(self, name), rows, np.nan))
        for name in _INSTANTS:
            setattr(self, name, grown(getattr(self, name), rows, 0))
        self.verdict = grown(self.verdict, rows, Verdict.NO_BID | Verdict.NO_ASK)
        self.spot = grown(self.spot, symbols, np.nan)
        self.symbol_updates = grown(self.symbol_updates, symbols, 0)
        self.symbol_version = grown(self.symbol_version, symbols, 0)
        self.symbol_quoted_at = grown(self.symbol_quoted_at, symbols, 0)
        self.series_version = grown(self.series_version, series, 0)
        self.series_quoted_at = grown(self.series_quoted_at, series, 0)

    def release(self, released: Released) -> None:
        """What was known of contracts that have settled goes, so that whatever is listed in their place begins with nothing."""
        for name in _NUMBERS:
            getattr(self, name)[released.rows] = np.nan
        for name in _INSTANTS:
            getattr(self, name)[released.rows] = 0
        self.verdict[released.rows] = Verdict.NO_BID | Verdict.NO_ASK
        self.series_version[released.series] = 0
        self.series_quoted_at[released.series] = 0

    def forget_times(self) -> None:
        """A feed starts anew and may tell an earlier time than its predecessor."""
        self.symbol_quoted_at[:] = 0
        self.series_quoted_at[:] = 0

    def apply_quotes(self, rows: Longs, *, bid: Floats, ask: Floats, bid_size: Floats, ask_size: Floats, at: Longs, verdict: Flags) -> Ints:
        """Puts quotes in force, later rows over earlier ones of the same instrument; answers the dense symbols whose own quote moved."""
        self.bid[rows] = bid
        self.ask[rows] = ask
        self.bid_size[rows] = bid_size
        self.ask_size[rows] = ask_size
        self.quoted_at[rows] = at
        self.verdict[rows] = verdict
        symbols = self._stamp(rows)
        np.maximum.at(self.symbol_quoted_at, symbols, at)
        series = self.instruments.series_of[rows]
        options = series >= 0
        np.maximum.at(self.series_quoted_at, series[options], at[options])
        self.updates += rows.shape[0]
        return self._move_spots(symbols[~options])

    def apply_summaries(self, rows: Longs, batch: SummaryBatch, kept: Longs) -> tuple[Ints, Floats]:
        """Puts the day's figures in force, NaN leaving what was known; answers the symbols moved and by how much their volume grew."""
        securities = self.instruments.series_of[rows] < 0
        before = self.volume[rows[securities]]
        for name in _SUMMARY:
            said = getattr(batch, name)[kept]
            known = np.isfinite(said)
            getattr(self, name)[rows[known]] = said[known]
        at = batch.last_at[kept]
        self.last_at[rows[at > 0]] = at[at > 0]
        symbols = self._stamp(rows)[securities]
        after = self.volume[rows[securities]]
        # A day's volume that falls to less than half begins a new day; a smaller fall corrects it and is no trade.
        grew = np.where(after >= before, after - before, np.where(after < 0.5 * before, after, 0.0))
        self._move_spots(symbols)
        return symbols, np.nan_to_num(grew)

    def apply_last(self, rows: Longs, *, price: Floats, at: Longs) -> Ints:
        """Prints move the last price; answers the dense symbols whose own price printed."""
        self.last[rows] = price
        self.last_at[rows] = at
        symbols = self._stamp(rows)
        self.updates += rows.shape[0]
        return self._move_spots(symbols[self.instruments.series_of[rows] < 0])

    def mid(self, rows: Longs) -> Floats:
        """(bid + ask) / 2 of two-sided, uncrossed quotes; NaN for the rest."""
        good = (self.verdict[rows] & NO_MID) == 0
        return np.where(good, 0.5 * (self.bid[rows] + self.ask[rows]), np.nan)

    def gather(self, name: str, rows: Longs) -> NDArray[Any]:
        """One column at a ladder's rows, a copy in its shape; what is not listed is NaN, or 0 for instants."""
        column: NDArray[Any] = getattr(self, name)
        taken = column[rows]
        missing = rows < 0
        if missing.any():
            taken[missing] = np.nan if column.dtype.kind == "f" else 0
        return taken

    def _stamp(self, rows: Longs) -> Ints:
        self.sequence += 1
        series = self.instruments.series_of[rows]
        symbols = self.instruments.symbol_of[rows]
        options = series >= 0
        self.series_version[series[options]] = self.sequence
        self.symbol_version[symbols[~options]] = self.sequence
        counts = np.bincount(symbols)
        self.symbol_updates[: counts.shape[0]] += counts
        return symbols

    def _move_spots(self, symbols: Ints) -> Ints:
        if not symbols.size:
            return symbols
        moved = np.unique(symbols)
        rows = self.instruments.security_row[moved]
        middle = self.mid(rows)
        wide = (self.verdict[rows] & Verdict.WIDE) != 0
        last = self.last[rows]
        self.spot[moved] = np.where(np.isfinite(middle) & ~(wide & np.isfinite(last)), middle, last)
        return moved
