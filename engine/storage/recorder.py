"""Turns what the feed says into rows: maps handles, conflates quotes by market time, takes the snapshots. Touches no database."""

import time

from engine.domain.ids import UtcNanos
from engine.domain.market import (
    BarBatch,
    FeedCondition,
    FeedEvent,
    FeedState,
    Listing,
    QuoteBatch,
    SummaryBatch,
    TradeBatch,
    VolatilityHistory,
)
from engine.domain.marks import Mark
from engine.domain.volatility import VolatilitySurface
from engine.storage.board import Board
from engine.storage.chains import chain_snapshots
from engine.storage.intake import Recordable, Taken
from engine.storage.mark_recorder import MarkRecorder
from engine.storage.pending import Pending
from engine.storage.pending_marks import PendingMarks
from engine.storage.roster import Roster
from engine.storage.settings import StoreSettings

_AT_REST = frozenset({FeedState.CLOSED, FeedState.FROZEN})


class Recorder:
    """Used by the writer's thread alone."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self.interval_ns = round(settings.quote_seconds * 1e9)
        self._snapshot_ns = round(settings.snapshot_seconds * 1e9)
        self.roster = Roster()
        self.board = Board(self.roster, self.interval_ns)
        self.pending = Pending()
        self._marks = MarkRecorder(settings)
        self.at = UtcNanos(0)
        """The market's time: the newest heard."""
        self._through = 0
        self._snapshot_slot = -1
        self._snapshot_taken = -float("inf")
        self._latest_taken = -float("inf")
        self._marks_taken = -float("inf")
        self._condition: tuple[FeedState, str] | None = None
        self._frozen_untold = False
        self.keep_quotes = True
        """Off while the disk is nearly full."""
        self.shed_rows = 0
        self.lost_rows = 0

    def absorb(self, taken: list[Taken], through: int) -> None:
        """Takes events in, in their order; ``through`` is the number up to which none is missing."""
        for entry in taken:
            self._take(entry.event, entry.sequence)
        self._through = max(self._through, through)

    def rest(self) -> None:
        """Nothing new came for a while: writes what waits for its slot to end, and a frozen market's chains."""
        self._sweep(early=True)
        if self._frozen_untold:
            self._frozen_untold = False
            self.pending.chains.extend(chain_snapshots(self.board, self.roster, kind="frozen"))
        if self._condition is not None and self._condition[0] in _AT_REST:
            self.release()

    def release(self) -> None:
        """The market is at rest, or the recording ends: surfaces and marks that wait for their span to end are written."""
        self._marks.release(self.pending.marks)

    @property
    def waits(self) -> bool:
        """Something is held back until time passes."""
        return bool(self.board.pending.any() or self.board.touched.any() or self._frozen_untold)

    def seal(self, *, everything: bool = False) -> Pending | None:
        """The next batch, complete with the latest and the marks where they are due; None where there is nothing to write."""
        now = time.monotonic()
        sealed, held = self.pending, PendingMarks()
        if everything or now - self._marks_taken >= self._settings.marks_seconds:
            self._marks_taken = now if sealed.marks.rows else self._marks_taken
        else:
            held, sealed.marks = sealed.marks, held
        if everything or now - self._latest_taken >= self._settings.latest_seconds:
            self._latest_taken = now
            sealed.latest = self.board.take_latest()
        first_waiting = self.board.first_waiting()
        sealed.sequence = min(self._through, first_waiting - 1) if first_waiting else self._through
        sealed.at = self.at
        if not sealed.rows:
            sealed.marks = held
            return None
        self.pending = Pending()
        self.pending.marks = held
        return sealed

    @property
    def settled_through(self) -> int:
        """With nothing pending: the number of the last event of which nothing waits."""
        first_waiting = self.board.first_waiting()
        return min(self._through, first_waiting - 1) if first_waiting else self._through

    def trim(self) -> None:
        """Keeps what is gathered within bounds while it cannot be written."""
        shed, lost = self.pending.trim(quote_rows=self._settings.quote_queue_rows, fact_rows=self._settings.fact_queue_rows)
        self.shed_rows += shed
        self.lost_rows += lost

    def _take(self, event: Recordable, sequence: int) -> None:
        if isinstance(event, VolatilitySurface):
            self._marks.take_surface(event, self.pending.marks)
            self.at = max(self.at, event.as_of)
        elif isinstance(event, Mark):
            self._marks.take(event, self.pending.marks)
            self.at = max(self.at, event.at)
        else:
            self._take_said(event, sequence)

    def _take_said(self, event: FeedEvent, sequence: int) -> None:
        self._pass_time(event.at)
        if isinstance(event, QuoteBatch):
            if not self.keep_quotes:
                self.shed_rows += event.handle.shape[0]
            self.board.quote(event, sequence)
        elif isinstance(event, TradeBatch):
            rows = self.board.trade(event)
            if rows["handle"].shape[0]:
                self.pending.trades.append(rows)
        elif isinstance(event, SummaryBatch):
            self.board.summarise(event)
        elif isinstance(event, Listing):
            self.roster.add(event)
            self.board.grow()
        elif isinstance(event, BarBatch):
            if event.start.shape[0]:
                self.pending.bars.append(event)
        elif isinstance(event, VolatilityHistory):
            if event.day.shape[0]:
                self.pending.volatility.append(event)
        elif isinstance(event, FeedCondition):
            self._hear(event)
        self._frozen_untold = self._frozen_untold or (
            self._condition is not None and self._condition[0] is FeedState.FROZEN and isinstance(event, QuoteBatch | SummaryBatch)
        )

    def _pass_time(self, at: UtcNanos) -> None:
        slot = self.board.slot_of(at)
        if slot != self.board.slot:
            self._sweep()
            self.board.turn(slot)
        if self._snapshot_ns and self.at:
            snapshot_slot = at // self._snapshot_ns
            if self._snapshot_slot < 0:
                self._snapshot_slot = snapshot_slot
            elif snapshot_slot > self._snapshot_slot:
                self._snapshot_slot = snapshot_slot
                now = time.monotonic()
                if now - self._snapshot_taken >= self._settings.snapshot_pause_seconds:
                    self._snapshot_taken = now
                    self._snapshot("periodic")
        self.at = max(self.at, at)

    def _snapshot(self, kind: str) -> None:
        self.pending.chains.extend(chain_snapshots(self.board, self.roster, kind=kind, at=self.at))

    def _hear(self, condition: FeedCondition) -> None:
        said = (condition.state, condition.reason)
        if said == self._condition:
            return
        before, self._condition = self._condition, said
        self.pending.conditions.append(condition)
        if condition.state is FeedState.CLOSED and before is not None and self._snapshot_ns:
            self._snapshot("close")
        if condition.state is FeedState.CLOSED:
            self.release()
        self._frozen_untold = condition.state is FeedState.FROZEN

    def _sweep(self, *, early: bool = False) -> None:
        if not self.board.pending.any():
            return
        rows, again = self.board.sweep(early=early and self.interval_ns > 0)
        if not self.keep_quotes:
            return
        self.pending.quotes.append(rows)
        self.pending.quotes_replace = self.pending.quotes_replace or again
