"""What a name's, or the market's, options traded on the day: the venue's volumes and open interest, the premiums seen here."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Longs
from engine.domain.ids import UtcNanos
from engine.domain.instants import SECOND_NS
from engine.kernel.clock import Clock
from engine.messages.flow import FlowTotals, Gap
from engine.services.market.flow.terms import Terms
from engine.services.market.flow.venue import volumes_of
from engine.state.flow import FlowDay
from engine.state.whole import State

FRESH_SECONDS = 1.0
"""Sums over every contract there is are made at most this often."""


class Sums(NamedTuple):
    """By dense symbol and right (calls, puts); NaN where nothing is told of any contract."""

    volume: Floats
    """Of each name's newest day."""
    volume_day: Longs
    """By dense symbol: start of that date; 0 where no volume is known."""
    open_interest: Floats


class Totals:
    """Adds up over all listed contracts that still live, and the volume of what settled today."""

    def __init__(self, *, state: State, clock: Clock, terms: Terms) -> None:
        self._state = state
        self._clock = clock
        self._terms = terms
        self._made: tuple[float, tuple[int, int, int], Sums] | None = None

    def of(self, symbol: int) -> FlowTotals:
        """A name's by its dense number; the whole market's for -1."""
        sums = self._sums()
        day = self._state.flow.day
        count = len(self._state.instruments.symbols)
        day.fit(self._state.instruments.size, count)
        chosen = slice(0, count) if symbol < 0 else slice(symbol, symbol + 1)
        since = day.since[chosen][day.since[chosen] > 0]
        date = int(day.date[chosen].max(initial=0))
        volume_day = self.volume_day(symbol)
        same_day = sums.volume_day[chosen] == volume_day
        volume, interest = _known_sums(sums.volume[chosen][same_day]), _known_sums(sums.open_interest[chosen])
        calls, puts = _worth(day, chosen, 0), _worth(day, chosen, 1)
        return FlowTotals(
            day=UtcNanos(date),
            since=UtcNanos(int(since.min()) if since.size else 0),
            gaps=self._gaps(chosen, int(since.min())) if since.size else (),
            prints=int(day.prints[chosen].sum()),
            volume_day=UtcNanos(volume_day),
            call_volume=volume[0],
            put_volume=volume[1],
            call_open_interest=interest[0],
            put_open_interest=interest[1],
            call_premium=float(calls.sum()),
            put_premium=float(puts.sum()),
            call_bought=float(calls[1]),
            call_sold=float(calls[2]),
            put_bought=float(puts[1]),
            put_sold=float(puts[2]),
        )

    def volume_day(self, symbol: int) -> int:
        """Start of the newest date of which a volume is known of a name, or (-1) of any; 0 where none is."""
        days = self._sums().volume_day
        return int(days.max(initial=0)) if symbol < 0 else int(days[symbol]) if symbol < days.size else 0

    def living(self) -> NDArray[np.bool_]:
        """By row: options whose series has not settled."""
        instruments = self._state.instruments
        size = instruments.size
        series = instruments.series_of[:size]
        settles_at = self._terms.read(self._clock.monotonic()).settles_at
        if not settles_at.size:
            return np.zeros(size, dtype=np.bool_)
        return (series >= 0) & (settles_at[np.maximum(series, 0)] > self._clock.now())

    def _gaps(self, chosen: slice, first: int) -> tuple[Gap, ...]:
        """Those of the names together after the first print of any, where they overlap as one."""
        day = self._state.flow.day
        spans = (span for number in range(*chosen.indices(day.date.shape[0])) for span in day.gaps.get(number, ()))
        found = sorted((max(since, first), until) for since, until in spans if until - max(since, first) >= SECOND_NS)
        joined: list[list[int]] = []
        for since, until in found:
            if joined and since <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], until)
            else:
                joined.append([since, until])
        return tuple(Gap(since=UtcNanos(since), until=UtcNanos(until)) for since, until in joined)

    def _sums(self) -> Sums:
        state = self._state
        names = len(state.instruments.symbols)
        now, stands_on = self._clock.monotonic(), (state.market.sequence, state.flow.day.version, names)
        if self._made is not None:
            made_at, before, made = self._made
            same_day = before[2] == names and made.volume_day.shape[0] == names
            if before == stands_on or (same_day and now - made_at < FRESH_SECONDS):
                return made
        instruments, market = state.instruments, state.market
        day, size = state.flow.day, instruments.size
        day.fit(size, names)
        rows = np.flatnonzero((instruments.series_of[:size] >= 0) & ~day.is_settled[:size])
        symbols = instruments.symbol_of[rows].astype(np.int64)
        group = 2 * symbols + (instruments.right[rows] < 0)
        volume, of = volumes_of(state, rows)
        newest = np.zeros(names, dtype=np.int64)
        np.maximum.at(newest, symbols, of)
        date, settled = day.date[:names], day.settled[:names]
        newest = np.where(np.isfinite(settled).any(axis=1), np.maximum(newest, date), newest)
        volume = _grouped(np.where(of == newest[symbols], volume, np.nan), group, 2 * names)
        volume = added(volume, np.where((newest == date)[:, None], settled, np.nan))
        interest = np.where(self.living()[rows], market.open_interest[rows], np.nan)
        sums = Sums(volume, newest, _grouped(interest, group, 2 * names))
        self._made = now, stands_on, sums
        return sums


def _worth(day: FlowDay, chosen: slice, right: int) -> Floats:
    """Dollars of unknown side, bought, sold; NaN where no print was seen at all, or some of this right and the premium of none is known."""
    prints, priced = day.prints[chosen].sum(axis=0), day.priced[chosen, right].sum()
    if not prints.sum() or (prints[right] and not priced):
        return np.full(3, np.nan)
    worth: Floats = day.sums[chosen, 3 * right : 3 * right + 3].sum(axis=0)
    return worth


def _grouped(values: Floats, group: Longs, count: int) -> Floats:
    known = np.isfinite(values)
    sums = np.bincount(group[known], weights=values[known], minlength=count)
    any_known = np.bincount(group[known], minlength=count) > 0
    return np.where(any_known, sums, np.nan).reshape(-1, 2)


def added(one: Floats, other: Floats) -> Floats:
    """Both together; what is known of one where the other is not."""
    return np.where(np.isfinite(one) & np.isfinite(other), one + other, np.where(np.isfinite(one), one, other))


def _known_sums(columns: Floats) -> tuple[float, float]:
    found = [float(np.nansum(column)) if np.isfinite(column).any() else float("nan") for column in columns.T]
    return found[0], found[1]
