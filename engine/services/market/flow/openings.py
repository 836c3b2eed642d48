"""Opening or closing: said only when the open interest of the next session confirms it, and until then unknown.

Every trade in which both sides open adds its size to the open interest, one in which both close takes it off, any other leaves it. So a
contract whose open interest rose by more than half of its day's volume was mostly opened, one whose fell by more was mostly closed, and
of the rest it does not tell. A change larger than the volume comes from elsewhere (exercise, a split, volume that was not told) and
tells nothing of the trades. Where open interest is told all day long (coins) it is compared once, as the day ends.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.domain.calendar import previous_session, session, session_date
from engine.domain.columns import Floats, codes, floats, ints
from engine.domain.errors import OptixError
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import from_nanos, utc_instant
from engine.domain.instruments import SessionName
from engine.domain.marks import FlowTable, Opening, Openings
from engine.kernel.clock import Clock
from engine.services.market.flow.history import FlowHistory
from engine.state.flow import EndedDay
from engine.state.instruments import Instruments
from engine.state.whole import State
from engine.storage.answers import StoredChain

MOSTLY = 0.5
MOST_MARKS = 20_000


class Verdicts(NamedTuple):
    """What the open interest says of contracts, 0 where it says nothing (yet)."""

    verdict: "np.ndarray[tuple[int], np.dtype[np.int8]]"
    after: Floats


def verdicts_of(ended: EndedDay, after: Floats) -> Verdicts:
    """By contract; an unknown open interest on either day says nothing."""
    with np.errstate(invalid="ignore"):
        change = after - ended.before
        possible = np.abs(change) <= ended.volume
        opened, closed = possible & (change > MOSTLY * ended.volume), possible & (change < -MOSTLY * ended.volume)
    found = np.where(opened, Opening.OPENING, np.where(closed, Opening.CLOSING, Opening.UNKNOWN)).astype(np.int8)
    return Verdicts(found, after)


class OpeningLook:
    """Compares the day that is over with the open interest as it comes."""

    def __init__(self, *, state: State, clock: Clock, record: Callable[[Openings], None]) -> None:
        self._state = state
        self._clock = clock
        self._record = record
        self._loaded: dict[Symbol, int] = {}
        """The date for which the day before was read."""

    def look(self) -> None:
        """One look at every name whose day is over."""
        for symbol, ended in tuple(self._state.flow.ended.items()):
            if ended.rows.size:
                self._settle(symbol, ended)

    def _settle(self, symbol: int, ended: EndedDay) -> None:
        found = verdicts_of(ended, self._state.market.open_interest[ended.rows])
        told = found.verdict != Opening.UNKNOWN
        flow = self._state.flow
        if self._is_counted_all_day(symbol):
            flow.ended[symbol] = EndedDay(ended.day, ended.rows[:0], ended.volume[:0], ended.before[:0])
        if not told.any():
            return
        rows, verdict = ended.rows[told], found.verdict[told]
        flow.confirm(symbol, rows, ended.day, verdict)
        open_ones = ~told & bool(flow.ended[symbol].rows.size)
        flow.ended[symbol] = EndedDay(ended.day, ended.rows[open_ones], ended.volume[open_ones], ended.before[open_ones])
        handles = self._state.instruments.handles_of(rows)
        listed = handles >= 0
        if listed.any():
            self._record(
                Openings(
                    at=self._clock.now(),
                    day=ended.day,
                    handle=ints(handles[listed]),
                    verdict=codes(verdict[listed]),
                    before=floats(ended.before[told][listed]),
                    after=floats(found.after[told][listed]),
                )
            )

    def _is_counted_all_day(self, symbol: int) -> bool:
        """Its open interest is no figure of the night."""
        return self._state.instruments.securities()[symbol].session is SessionName.CRYPTO

    async def recall(self, history: FlowHistory, number: int) -> None:
        """The day before from the history, where this engine did not see it: once for each name and day."""
        state = self._state
        security = state.instruments.securities()[number]
        date = int(state.flow.day.date[number])
        if not date or self._loaded.get(security.symbol) == date or self._is_counted_all_day(number):
            return
        self._loaded[security.symbol] = date
        before = utc_instant(previous_session(security.session, from_nanos(date).date()))
        if number in state.flow.ended and state.flow.ended[number].day >= before:
            return
        try:
            found = await history.flow_marks(security.symbol, before, UtcNanos(date), MOST_MARKS)
            chain = await history.chain_at(security.symbol, UtcNanos(date)) if found.name else None
        except OptixError:  # a history that cannot be read just now tells nothing: it stays unknown
            return
        if chain is not None and not _is_of(chain.at, security.session, before):
            chain = None
        ended = ended_day(found, before, state.instruments, chain)
        if ended.rows.size and number not in state.flow.ended:
            state.flow.ended[number] = ended


def _is_of(at: int, name: SessionName, day: int) -> bool:
    """Whether a chain was stored on a day after its open: before, its volumes are those of the day before it."""
    held = session(name, from_nanos(day).date())
    return session_date(name, at) == day and held is not None and at >= held.open_at


def ended_day(table: FlowTable, day: UtcNanos, instruments: Instruments, chain: StoredChain | None = None) -> EndedDay:
    """What recorded prints say of their day, by contract: those not told of yet, of what is still listed.

    Only prints that stood out are recorded: the day's last stored ``chain`` says what was traded after them.
    """
    rows = np.array([instruments.row(name) for name in table.name], dtype=np.int64)
    known = (rows >= 0) & np.isfinite(table.open_interest) & np.isfinite(table.volume) & (table.opening == Opening.UNKNOWN)
    contracts, place = np.unique(rows[known], return_inverse=True)
    volume, before = np.zeros(contracts.size), np.full(contracts.size, np.nan)
    np.maximum.at(volume, place.reshape(-1), table.volume[known])
    before[place.reshape(-1)] = table.open_interest[known]
    if chain is not None and contracts.size:
        listed = np.array([instruments.row(name) for name in chain.contract], dtype=np.int64)
        at = np.minimum(np.searchsorted(contracts, listed), contracts.size - 1)
        same = contracts[at] == listed
        np.fmax.at(volume, at[same], chain.volume[same])
    return EndedDay(day, contracts, volume, before)
