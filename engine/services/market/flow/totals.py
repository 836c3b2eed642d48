"""What a name's, or the market's, options traded on the day: the venue's volumes and open interest, the premiums seen here."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Longs
from engine.domain.ids import UtcNanos
from engine.kernel.clock import Clock
from engine.messages.flow import FlowTotals
from engine.services.market.flow.terms import Terms
from engine.state.whole import State

FRESH_SECONDS = 1.0
"""Sums over every contract there is are made at most this often."""


class Sums(NamedTuple):
    """By dense symbol and right (calls, puts); NaN where nothing is told of any contract."""

    volume: Floats
    open_interest: Floats


class Totals:
    """Adds up over all listed contracts that still live."""

    def __init__(self, *, state: State, clock: Clock, terms: Terms) -> None:
        self._state = state
        self._clock = clock
        self._terms = terms
        self._made: tuple[float, int, Sums] | None = None

    def of(self, symbol: int) -> FlowTotals:
        """A name's by its dense number; the whole market's for -1."""
        sums = self._sums()
        day = self._state.flow.day
        count = len(self._state.instruments.symbols)
        day.fit(self._state.instruments.size, count)
        chosen = slice(0, count) if symbol < 0 else slice(symbol, symbol + 1)
        prints = int(day.prints[chosen].sum())
        worth = day.sums[chosen].sum(axis=0) if prints else np.full(day.sums.shape[1], np.nan)
        since = day.since[chosen][day.since[chosen] > 0]
        volume, interest = _known_sums(sums.volume[chosen]), _known_sums(sums.open_interest[chosen])
        return FlowTotals(
            since=UtcNanos(int(since.min()) if since.size else 0),
            prints=prints,
            call_volume=volume[0],
            put_volume=volume[1],
            call_open_interest=interest[0],
            put_open_interest=interest[1],
            call_premium=float(worth[:3].sum()),
            put_premium=float(worth[3:].sum()),
            call_bought=float(worth[1]),
            call_sold=float(worth[2]),
            put_bought=float(worth[4]),
            put_sold=float(worth[5]),
        )

    def living(self) -> NDArray[np.bool_]:
        """By row: options whose series has not settled."""
        instruments = self._state.instruments
        size = instruments.size
        series = instruments.series_of[:size]
        settles_at = self._terms.read(self._clock.monotonic()).settles_at
        if not settles_at.size:
            return np.zeros(size, dtype=np.bool_)
        return (series >= 0) & (settles_at[np.maximum(series, 0)] > self._clock.now())

    def _sums(self) -> Sums:
        now, sequence = self._clock.monotonic(), self._state.market.sequence
        if self._made is not None and self._made[2].volume.shape[0] == len(self._state.instruments.symbols):
            made_at, of, made = self._made
            if of == sequence or now - made_at < FRESH_SECONDS:
                return made
        instruments, market = self._state.instruments, self._state.market
        rows = np.flatnonzero(self.living())
        group = 2 * instruments.symbol_of[rows].astype(np.int64) + (instruments.right[rows] < 0)
        count = 2 * len(instruments.symbols)
        day = self._state.flow.day
        day.fit(instruments.size, len(instruments.symbols))
        seen = day.volume[rows]
        volume = np.fmax(market.volume[rows], np.where(seen > 0.0, seen, np.nan))
        sums = Sums(_grouped(volume, group, count), _grouped(market.open_interest[rows], group, count))
        self._made = now, sequence, sums
        return sums


def _grouped(values: Floats, group: Longs, count: int) -> Floats:
    known = np.isfinite(values)
    sums = np.bincount(group[known], weights=values[known], minlength=count)
    any_known = np.bincount(group[known], minlength=count) > 0
    return np.where(any_known, sums, np.nan).reshape(-1, 2)


def _known_sums(columns: Floats) -> tuple[float, float]:
    found = [float(np.nansum(column)) if np.isfinite(column).any() else float("nan") for column in columns.T]
    return found[0], found[1]
