"""The one thread that writes: gathers what was recorded, puts it into the tables batch by batch, and mends what fails."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import RunId, SourceId, UtcNanos
from engine.storage.database import Database
from engine.storage.disk import DiskGuard
from engine.storage.inserts import NOBODY, ensure_identity, known_identity, write_batch, written_batch
from engine.storage.intake import Intake
from engine.storage.jobs import Jobs
from engine.storage.notice import StoreNotice
from engine.storage.opening import set_aside
from engine.storage.pending import Pending
from engine.storage.recorder import Recorder
from engine.storage.settings import StoreSettings
from engine.storage.sql import Identity
from engine.storage.trouble import Trouble, diagnose, first_line
from engine.storage.upkeep import Upkeep

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

TRIES_OF_AN_UNCLEAR_BATCH = 3
"""A batch that the database refuses for a reason of its own is given up then: better a counted gap than no recording at all."""


class WhoWrites(Struct, frozen=True, kw_only=True):
    """Who writes, since when."""

    run: RunId
    source: SourceId
    variant: str
    started_at: UtcNanos


class Writer(Thread):
    """Owns the database's connection from opening to closing."""

    def __init__(
        self,
        database: Database,
        intake: Intake,
        who: WhoWrites,
        settings: StoreSettings,
        upkeep: Upkeep,
        wall: Callable[[], UtcNanos] | None,
    ) -> None:
        super().__init__(name=f"store-{database.path.stem}", daemon=True)
        self._database = database
        self._intake = intake
        self._who = who
        self._settings = settings
        self._upkeep = upkeep
        self._wall = wall
        self._recorder = Recorder(settings)
        self._jobs = Jobs()
        self._disk = DiskGuard(database.path.parent, settings.free_disk_bytes)
        self._lock = Lock()
        self._notices: list[StoreNotice] = []
        self._in_flight: Pending | None = None
        self._batch = 0
        self._tries = 0
        self._next_try = 0.0
        self._pause = settings.retry_seconds
        self._damaged_before = False
        self._heard_at = time.monotonic()
        self._stopping = False
        self._urgent = Event()
        """Somebody waits: the next batch comes at once."""
        self._told = ""
        self.identity: Identity | None = None
        self.trouble = ""
        self.rows_written = 0
        self.batches_written = 0
        self.last_write_at = UtcNanos(0)
        self.flushed_through = 0

    @property
    def market_time(self) -> UtcNanos:
        """The newest instant the feed said."""
        return self._recorder.at

    @property
    def waiting_rows(self) -> int:
        in_flight = self._in_flight
        return self._intake.waiting_rows + self._recorder.pending.rows + (in_flight.rows if in_flight is not None else 0)

    @property
    def shed_rows(self) -> int:
        return self._intake.shed_rows + self._recorder.shed_rows

    @property
    def lost_rows(self) -> int:
        return self._intake.lost_rows + self._recorder.lost_rows

    @property
    def unknown_rows(self) -> int:
        return self._recorder.board.unknown_rows

    def submit(self, job: Callable[["DuckDBPyConnection"], T]) -> "Future[T]":
        """Runs a job between two batches, after all that was recorded before it."""
        future = self._jobs.ask(job)
        self.hurry()
        return future

    def hurry(self) -> None:
        """Writes everything now, unfinished slots included, and tries a database in trouble at once."""
        self._urgent.set()
        self._intake.work.set()

    def stop(self) -> None:
        """Writes what there is and ends; a database that cannot be written is not waited for."""
        self._stopping = True
        self.hurry()

    def take_notices(self) -> tuple[StoreNotice, ...]:
        """What happened since the last time of asking."""
        with self._lock:
            taken, self._notices = tuple(self._notices), []
        return taken

    def run(self) -> None:
        """Until stopped; a fault of our own ends the recording, said loudly, and never the engine."""
        try:
            self._open(time.monotonic(), hurry=True)
            self._let_the_engine_start()
            while not self._stopping:
                self._wait()
                self._turn()
            self._turn()
        except BaseException as error:
            self.trouble = f"The recorder has ended: {type(error).__name__}: {first_line(str(error))}. Start anew to record again."
            self._tell("The recorder has ended", self.trouble)
            raise
        finally:
            self._stopping = True
            self._jobs.refuse(StoreUnavailable(self.trouble or f"The history {self._database.path.name} is closed."))
            self._database.close(trouble=self.trouble, ended=True)

    def _let_the_engine_start(self) -> None:
        self._urgent.wait(self._settings.first_batch_seconds)

    def _wait(self) -> None:
        if not self._database.is_open and self._tries == 0:
            return
        restless = self._in_flight is not None or self._recorder.waits or self._recorder.pending.rows > 0
        self._intake.work.wait(self._settings.batch_seconds if restless else self._settings.upkeep_seconds / 10)
        self._urgent.wait(self._settings.batch_seconds)

    def _turn(self) -> None:
        hurry = self._urgent.is_set()
        if hurry:
            self._urgent.clear()
        self._jobs.begin_turn()
        taken, through = self._intake.take()
        now = time.monotonic()
        changed = self._disk.look(now)
        if changed:
            self._recorder.keep_quotes = self._disk.roomy
            self._tell("The disk", changed)
        if taken:
            self._heard_at = now
            self._recorder.absorb(taken, through)
        elif through:
            self._recorder.absorb([], through)
        if hurry or now - self._heard_at >= self._settings.idle_seconds:
            self._recorder.rest()
        if self._stopping:
            self._recorder.release()
        if self._open(now, hurry=hurry):
            self._flush(everything=hurry)
        self._recorder.trim()
        self._jobs.do_due(self._writable, self._mended)
        if self._database.is_open and not self._stopping:
            self._keep_up(now)

    def _open(self, now: float, *, hurry: bool) -> bool:
        if self._database.is_open:
            return True
        if now < self._next_try and not hurry:
            return False
        told: list[StoreNotice] = []
        try:
            self._database.open(told)
            connection = self._database.connection
            self.identity = known_identity(connection, run=self._who.run, source=self._who.source, variant=self._who.variant)
            self._upkeep.begin(connection, told)
            self._database.admit_readers()
        except Exception as error:  # noqa: BLE001 (told, and tried again)
            self._fail(error)
            return False
        finally:
            with self._lock:
                self._notices.extend(told)
        self._recorder.roster.forget_ids()
        if self._in_flight is None:
            self._recovered()
        return True

    def _recovered(self) -> None:
        self.trouble = self._told = ""
        self._tries, self._pause, self._damaged_before = 0, self._settings.retry_seconds, False

    def _flush(self, *, everything: bool) -> None:
        for _ in range(2):
            if self._in_flight is None:
                self._in_flight = self._recorder.seal(everything=everything)
                if self._in_flight is None:
                    self.flushed_through = max(self.flushed_through, self._recorder.settled_through)
                    return
                self._batch += 1
            if not self._write(self._in_flight):
                return

    def signed(self, connection: "DuckDBPyConnection") -> Identity:
        """Whose rows are about to be written: from the first of them on the run stands in the store."""
        if self.identity is None or NOBODY in (self.identity.run_id, self.identity.source_id):
            self.identity = ensure_identity(
                connection, run=self._who.run, source=self._who.source, variant=self._who.variant, started_at=self._who.started_at
            )
        return self.identity

    def _write(self, pending: Pending) -> bool:
        connection = self._database.connection
        try:
            identity = self.signed(connection)
            present = written_batch(connection, identity) if self._tries else 0
            if present < self._batch:
                self.rows_written += write_batch(
                    connection,
                    pending,
                    self._recorder.roster,
                    identity,
                    batch=self._batch,
                    interval_ns=self._recorder.interval_ns,
                )
        except Exception as error:  # noqa: BLE001 (told, and tried again)
            self._fail(error)
            return False
        self._in_flight = None
        self._recovered()
        self.batches_written += 1
        self.flushed_through = max(self.flushed_through, pending.sequence)
        self.last_write_at = self._wall() if self._wall is not None else pending.at
        return True

    def _fail(self, error: Exception) -> None:
        trouble = diagnose(error, self._database.path)
        self.trouble = str(trouble)
        if self._told != self.trouble:
            self._told = self.trouble
            self._tell("The history is not being written", self.trouble)
        self._tries += 1
        self._next_try = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, self._settings.retry_longest_seconds)
        was_open = self._database.is_open
        self._database.close(trouble=self.trouble)
        self._recorder.roster.forget_ids()
        if trouble.kind is Trouble.DAMAGED and was_open:
            self._put_damaged_aside()
        given_up = trouble.kind is Trouble.UNCLEAR and was_open and self._tries >= TRIES_OF_AN_UNCLEAR_BATCH
        if given_up and self._in_flight is not None:
            self._recorder.lost_rows += self._in_flight.rows
            self._tell("A batch could not be written", f"{self._in_flight.rows:,} rows are missing from the history: {trouble}")
            self._in_flight = None

    def _put_damaged_aside(self) -> None:
        """A damaged block that shows again after the file was opened anew will not go away: begin a new file."""
        if not self._damaged_before:
            self._damaged_before = True
            return
        kept = set_aside(self._database.path)
        self._damaged_before = False
        self._tell(
            "The history was damaged",
            f"{self._database.path.name} could not be written and is kept as {kept.name}; a new one was begun.",
        )

    def _writable(self) -> "DuckDBPyConnection":
        if self._in_flight is not None:
            raise StoreUnavailable(self.trouble or f"The history {self._database.path.name} cannot be written just now.")
        return self._database.connection

    def _mended(self, error: Exception) -> Exception:
        """After a job that broke off: the database is opened anew, whatever it left behind."""
        self._database.close(trouble="")
        self._recorder.roster.forget_ids()
        return diagnose(error, self._database.path)

    def _keep_up(self, now: float) -> None:
        assert self.identity is not None
        try:
            told = self._upkeep.step(self._database, self.identity, self._recorder.at, now)
        except Exception as error:  # noqa: BLE001 (upkeep is tried again; recording goes on)
            trouble = diagnose(error, self._database.path)
            if trouble.kind is not Trouble.UNCLEAR:
                self._fail(error)
            elif self._told != str(trouble):
                self._told = str(trouble)
                self._tell("The history could not be kept in order", self._told)
            return
        for notice in told:
            with self._lock:
                self._notices.append(notice)

    def _tell(self, title: str, text: str) -> None:
        with self._lock:
            self._notices.append(StoreNotice(title=title, text=text, serious=True))
