"""The bounded way from the engine's loop to the writer's thread: when it is too slow quotes are shed, facts only when all room is gone."""

from collections import deque
from threading import Event, Lock
from typing import NamedTuple

from engine.domain.market import BarBatch, FeedCondition, FeedEvent, Listing, Pulse, QuoteBatch, SummaryBatch, TradeBatch, VolatilityHistory
from engine.domain.marks import Mark
from engine.domain.volatility import VolatilitySurface
from engine.storage.pending_marks import rows_of_mark

Recordable = FeedEvent | VolatilitySurface | Mark
"""Everything the history takes."""


class Taken(NamedTuple):
    """An event and its number in the order of recording."""

    sequence: int
    event: Recordable
    rows: int


def rows_of(event: Recordable) -> int:
    """How many rows an event brings."""
    if isinstance(event, QuoteBatch | TradeBatch | SummaryBatch):
        return int(event.handle.shape[0])
    if isinstance(event, BarBatch):
        return int(event.start.shape[0])
    if isinstance(event, VolatilityHistory):
        return int(event.day.shape[0])
    if isinstance(event, VolatilitySurface):
        return len(event.slices)
    return 0 if isinstance(event, Listing | FeedCondition | Pulse) else rows_of_mark(event)


class Intake:
    """Two lanes under one numbering. Listings and conditions are always taken: without them nothing else could be told."""

    def __init__(self, *, quote_rows: int, fact_rows: int) -> None:
        self._lock = Lock()
        self._quotes: deque[Taken] = deque()
        self._facts: deque[Taken] = deque()
        self._quote_room = quote_rows
        self._fact_room = fact_rows
        self._quote_rows = 0
        self._fact_rows = 0
        self.work = Event()
        """Set while something waits."""
        self.accepted = 0
        self.shed_rows = 0
        self.lost_rows = 0

    @property
    def waiting_rows(self) -> int:
        return self._quote_rows + self._fact_rows

    def put(self, event: Recordable) -> None:
        """Never blocks; full means that the oldest waiting quotes go, and that facts are refused and counted."""
        with self._lock:
            self.accepted += 1
            taken = Taken(self.accepted, event, rows_of(event))
            if isinstance(event, QuoteBatch):
                self._quotes.append(taken)
                self._quote_rows += taken.rows
                while self._quote_rows > self._quote_room and len(self._quotes) > 1:
                    gone = self._quotes.popleft()
                    self._quote_rows -= gone.rows
                    self.shed_rows += gone.rows
            elif taken.rows and self._fact_rows + taken.rows > self._fact_room:
                self.lost_rows += taken.rows
            elif isinstance(event, Pulse) and self._facts and isinstance(self._facts[-1].event, Pulse) and not self._quotes:
                self._facts[-1] = taken
            else:
                self._facts.append(taken)
                self._fact_rows += taken.rows
        if not self.work.is_set():
            self.work.set()

    def take(self) -> tuple[list[Taken], int]:
        """Everything that waits, in the order of recording, and the number up to which all has been taken."""
        with self._lock:
            quotes, self._quotes = self._quotes, deque()
            facts, self._facts = self._facts, deque()
            self._quote_rows = self._fact_rows = 0
            through = self.accepted
            self.work.clear()
        return sorted([*quotes, *facts], key=_order), through


def _order(taken: Taken) -> int:
    return taken.sequence
