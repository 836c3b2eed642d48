"""What earlier runs of this source heard of the day: after a restart its sums go on from there, and the time between is named."""

import asyncio
import logging
from collections.abc import Iterable

import numpy as np

from engine.domain.calendar import session
from engine.domain.columns import Floats
from engine.domain.errors import OptixError
from engine.domain.flow import Place
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS, from_nanos
from engine.domain.instruments import SessionName
from engine.kernel.clock import Clock
from engine.kernel.tasks import Tasks
from engine.services.market.flow.history import FlowHistory
from engine.state.flow import FlowRing
from engine.state.whole import State
from engine.storage.answers import StoredFlow

AGAIN_SECONDS = 60.0
"""A history that could not be read is tried again after so long."""
SHORTEST_GAP_NS = SECOND_NS
CENT = 0.01
_log = logging.getLogger(__name__)


class EarlierRuns:
    """Reads the day so far of each name from the history, once a day, and puts it under what this run hears."""

    def __init__(self, *, state: State, clock: Clock, tasks: Tasks, history: FlowHistory | None) -> None:
        self._state = state
        self._clock = clock
        self._tasks = tasks
        self._history = history
        self._settled: dict[int, int] = {}
        """By dense symbol: the date for which it was read."""
        self._failed: dict[int, float] = {}
        self._reading: dict[int, asyncio.Task[None]] = {}

    def is_settled(self, number: int) -> bool:
        """Whether all that is known of a name's day is in its sums."""
        date = int(self._state.flow.day.date[number])
        return self._history is None or (date > 0 and self._settled.get(number) == date)

    def note_unread(self) -> None:
        """Of names not read yet the time before this run is a gap in sums over all names, where others know it already."""
        day = self._state.flow.day
        names = min(len(self._state.instruments.symbols), day.date.shape[0])
        for number in range(names):
            if day.date[number] > 0 and number not in day.gaps and not self.is_settled(number):
                day.gaps[number] = self._gaps(number, ((int(day.begins[number]), int(day.begun[number])),))

    async def ensure(self, symbols: Iterable[Symbol], seconds: float) -> None:
        """Waits so long until the day so far of these names is read; what takes longer goes on by itself."""
        if self._history is None:
            return
        numbers = [self._state.instruments.number(symbol) for symbol in symbols]
        tasks = {self._task(number) for number in numbers if 0 <= number < self._state.flow.day.date.shape[0] and self._is_due(number)}
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def recall(self, number: int) -> None:
        """Reads one name's day so far where that is due."""
        if self._history is not None and self._is_due(number):
            await asyncio.shield(self._task(number))

    def _is_due(self, number: int) -> bool:
        late = self._clock.monotonic() - self._failed.get(number, float("-inf")) >= AGAIN_SECONDS
        return self._state.flow.day.date[number] > 0 and not self.is_settled(number) and late

    def _task(self, number: int) -> "asyncio.Task[None]":
        task = self._reading.get(number)
        if task is None:
            task = self._reading[number] = self._tasks.spawn(self._read(number), name="flow of the day so far")
            task.add_done_callback(lambda _: self._reading.pop(number, None))
        return task

    async def _read(self, number: int) -> None:
        day = self._state.flow.day
        date, begins, begun = int(day.date[number]), int(day.begins[number]), int(day.begun[number])
        found = None
        if begun > begins and self._history is not None:
            symbol = Symbol(self._state.instruments.symbols[number])
            try:
                found = await self._history.flow_so_far(symbol, UtcNanos(begins), UtcNanos(begun))
            except OptixError as error:
                _log.info("the day so far of %s is not known: %s", symbol, error)
                self._failed[number] = self._clock.monotonic()
                return
        if int(self._state.flow.day.date[number]) != date:
            return
        self._settled[number] = date
        day.gaps.pop(number, None)
        if found is not None:
            self._join(number, found)

    def _join(self, number: int, found: StoredFlow) -> None:
        """The sums of the day are those heard before and those of this run, of which what is told again does not count."""
        state = self._state
        day = state.flow.day
        day.fit(state.instruments.size, len(state.instruments.symbols))
        if 0 < day.since[number] <= found.last and not self._take_back(number, found.last):
            _log.info("prints of %s came faster than the day so far was read: it is told from this run alone", found.symbol)
            return
        listed = np.array([state.instruments.row(name) for name in found.name], dtype=np.int64)
        heard: Floats = np.zeros(state.instruments.size)
        known = listed >= 0
        rows = listed[known]
        heard[rows] = found.volume[known]
        day.volume[rows] += found.volume[known]
        day.at_ask[rows] += found.at_ask[known]
        day.premium[rows] += found.premium[known]
        day.traded[rows] = np.maximum(day.traded[rows], day.volume[rows])
        self._note_interest(number, rows)
        unsided = found.premium - found.bought - found.sold
        for put, right in ((0, 1), (1, -1)):
            mine = found.right == right
            worth = [unsided[mine].sum(), found.bought[mine].sum(), found.sold[mine].sum()]
            day.sums[number, 3 * put : 3 * put + 3] += np.maximum(worth, 0.0)
            day.prints[number, put] += found.prints[mine].sum()
            day.priced[number, put] += found.priced[mine].sum()
        day.since[number], day.covered[number] = found.first, found.last
        day.gaps[number] = self._gaps(number, found.gaps)
        day.version += 1
        state.flow.lift_volumes(number, int(found.last), heard)

    def _note_interest(self, number: int, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> None:
        """A share's open interest is one for the day; a coin's of the time of its first print is not known any more."""
        day = self._state.flow.day
        if self._state.instruments.securities()[number].session is SessionName.CRYPTO:
            day.before[rows] = np.nan
        else:
            day.before[rows] = np.where(np.isnan(day.before[rows]), self._state.market.open_interest[rows], day.before[rows])

    def _take_back(self, number: int, until: int) -> bool:
        """Takes prints up to an instant out of the sums again; false where not all of them are in memory any more."""
        flow = self._state.flow
        ring: FlowRing | None = flow.names.get(number)
        if ring is None or ring.total > ring.capacity:
            return False
        day, columns, places = flow.day, ring.columns, ring.places()
        places = places[columns.day[places] == day.date[number]]
        own = columns.at[places]
        gone = places[(own <= until) & (own >= day.begins[number])]
        kept = own[own > until]
        rows, size = columns.row[gone], np.nan_to_num(columns.size[gone])
        priced = np.isfinite(columns.premium[gone])
        worth = np.where(priced, columns.premium[gone], 0.0)
        put = (self._state.instruments.right[rows] < 0).astype(np.int64)
        side = columns.side[gone]
        np.subtract.at(day.volume, rows, size)
        np.subtract.at(day.at_ask, rows, np.where(columns.place[gone] >= Place.ASK, size, 0.0))
        np.subtract.at(day.premium, rows, worth)
        day.premium[rows[np.abs(day.premium[rows]) < CENT]] = 0.0
        np.subtract.at(day.sums[number], 3 * put + np.where(side > 0, 1, np.where(side < 0, 2, 0)), worth)
        np.subtract.at(day.prints[number], put, 1)
        np.subtract.at(day.priced[number], put, priced.astype(np.int64))
        day.since[number] = int(kept.min()) if kept.size else 0
        return True

    def _gaps(self, number: int, gaps: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        """Those within the session."""
        name = self._state.instruments.securities()[number].session
        held = session(name, from_nanos(int(self._state.flow.day.date[number])).date())
        if held is None:
            return ()
        inside = ((max(since, held.open_at), min(until, held.close_at)) for since, until in gaps)
        return tuple((since, until) for since, until in inside if until - since >= SHORTEST_GAP_NS)
