"""The history of one kind of market: recorded without ever holding up the engine, read without ever holding up the recorder.

One DuckDB file a store and a Parquet archive beside it. ``open`` returns at once: the file is opened (made, upgraded, mended) by the
writer's own thread, what is recorded meanwhile waits, and trouble is told by :meth:`Store.status` and :meth:`Store.take_notices`.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from engine.domain.columns import Floats, Longs
from engine.domain.errors import BadInput, StoreUnavailable
from engine.domain.ids import ContractId, RunId, SourceId, Symbol, UtcNanos
from engine.domain.market import BarBatch, FeedEvent, VolatilityHistory
from engine.domain.volatility import VolatilitySurface
from engine.messages.queries import DatabaseInfo, SnapshotTable, StoreStatus
from engine.storage import copies, reading, reading_chains
from engine.storage.answers import (
    ImportReport,
    StoredChain,
    StoredLatest,
    StoredQuotes,
    StoredTrades,
)
from engine.storage.archive import Archive
from engine.storage.conclusions import EVERY_NAME, Conclusions
from engine.storage.database import Database
from engine.storage.deadline import Deadline
from engine.storage.importing import gather_chains, write_import
from engine.storage.intake import Intake, Recordable
from engine.storage.notice import StoreNotice
from engine.storage.opening import logs_of
from engine.storage.private import private_by_default
from engine.storage.scope import Scope
from engine.storage.series_importing import SeriesReport, write_series
from engine.storage.settings import StoreSettings
from engine.storage.trouble import diagnose
from engine.storage.upkeep import Progress, Upkeep, VacuumReport
from engine.storage.writer import WhoWrites, Writer

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

STORES = ("live", "sim", "file", "tape")
CLOSING_SECONDS = 10.0
FLUSH_AGAIN_SECONDS = 0.5


class Store(Conclusions):
    """Record on any thread, read on any loop."""

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        store: str,
        run: RunId,
        source: SourceId,
        started_at: UtcNanos,
        budget_bytes: int,
        quote_interval: float | None = None,
        surface_interval: float | None = None,
        variant: str = "",
        wall: Callable[[], UtcNanos] | None = None,
        settings: StoreSettings | None = None,
    ) -> "Store":
        """Begins to open ``<folder>/<store>.duckdb``; never blocks, never fails for want of a database.

        ``variant`` tells apart markets of one source that share nothing, such as a synthetic one's seed and start; a ``sim`` store without
        it keeps every run apart. ``wall`` is the clock for the time of the last write (else it is the market's).
        """
        if store not in STORES:
            raise BadInput(f"{store!r} is no store: {', '.join(STORES)}.")
        if budget_bytes <= 0:
            raise BadInput("A store needs a size budget above zero.")
        chosen = settings or StoreSettings()
        if quote_interval is not None:
            chosen = replace(chosen, quote_seconds=quote_interval)
        if surface_interval is not None:
            chosen = replace(chosen, surface_seconds=surface_interval)
        if not (chosen.quote_seconds >= 0 and chosen.surface_seconds >= 0):
            raise BadInput("The time between two recorded quotes of a contract, or two surfaces of a name, cannot be negative.")
        who = WhoWrites(run=run, source=source, variant=variant or (str(run) if store == "sim" else ""), started_at=started_at)
        return cls(folder, store, who, budget_bytes, chosen, wall)

    def __init__(
        self,
        folder: Path,
        store: str,
        who: WhoWrites,
        budget_bytes: int,
        settings: StoreSettings,
        wall: Callable[[], UtcNanos] | None,
    ) -> None:
        private_by_default()
        self.name = store
        self.path = folder / f"{store}.duckdb"
        self._budget = budget_bytes
        self._settings = settings
        self._mixed = store == "live"
        self._archive = Archive(folder / "archive" / store)
        self._database = Database(self.path)
        self._intake = Intake(quote_rows=settings.quote_queue_rows, fact_rows=settings.fact_queue_rows)
        self._upkeep = Upkeep(self._archive, settings, budget_bytes=budget_bytes, restarts_time=store in {"sim", "tape"})
        self._writer = Writer(self._database, self._intake, who, settings, self._upkeep, wall)
        self._readers = ThreadPoolExecutor(settings.readers, thread_name_prefix=f"history-{store}")
        self._closed = False
        self._writer.start()

    def record(self, event: Recordable) -> None:
        """Takes a batch, a surface or a mark for the history and returns at once. A listing comes before what uses its handles.

        Of surfaces, measures, exposures and the day's sums the first of each name is kept, then one a span (``surface_seconds``), and
        the last before the market rests; the other marks are all kept.
        """
        if not self._closed:
            self._intake.put(event)

    def record_surface(self, surface: VolatilitySurface) -> None:
        """Takes a surface just fitted."""
        self.record(surface)

    @property
    def accepted(self) -> int:
        """How many events were handed to :meth:`record`."""
        return self._intake.accepted

    @property
    def flushed_through(self) -> int:
        """The events up to this number, in the order of recording, are on disk whatever happens now: their rows written, or their quotes
        overtaken within a slot by others that are.
        """
        return self._writer.flushed_through

    @property
    def trouble(self) -> str:
        """What is wrong with the store, and what to do; "" while all is well."""
        return self._writer.trouble

    def status(self) -> StoreStatus:
        """How the recorder does; cheap, and never waits."""
        writer = self._writer
        trouble = writer.trouble
        lost = writer.lost_rows
        if lost:
            trouble = f"{trouble} {lost:,} rows of prints, bars or snapshots were not recorded: the writer could not keep up.".strip()
        return StoreStatus(
            path=str(self.path) if self._database.is_open else "",
            healthy=self._database.is_open and not trouble,
            trouble=trouble,
            rows_written=writer.rows_written,
            batches_written=writer.batches_written,
            last_write_at=writer.last_write_at,
            size_bytes=sum(file.stat().st_size for file in (self.path, *logs_of(self.path)) if file.exists()),
            budget_bytes=self._budget,
            queue_rows=writer.waiting_rows,
            shed_rows=writer.shed_rows,
        )

    def take_notices(self) -> tuple[StoreNotice, ...]:
        """What happened since the last time of asking that a person should read."""
        return self._writer.take_notices()

    async def ready(self) -> None:
        """Returns when the database can be read; raises the trouble where it cannot."""
        await self._read(lambda cursor: cursor.execute("SELECT 1").fetchall())

    async def flush(self, seconds: float = CLOSING_SECONDS) -> None:
        """Returns when all that was recorded so far is on disk, unfinished slots included."""
        target = self.accepted
        loop = asyncio.get_running_loop()
        end, again = loop.time() + seconds, loop.time()
        while self.flushed_through < target:
            if loop.time() > end or not self._writer.is_alive():
                raise StoreUnavailable(self.trouble or f"The history {self.path.name} is not written within {seconds:g} s.")
            if loop.time() >= again:
                self._writer.hurry()
                again = loop.time() + FLUSH_AGAIN_SECONDS
            await asyncio.sleep(0.005)

    async def bars(self, symbol: Symbol, seconds: int, until: UtcNanos | None = None, limit: int = 390) -> BarBatch:
        """The newest ``limit`` stored bars of that very length (60 or 86,400) that start before ``until``."""
        return await self._read(lambda cursor: reading.bars(cursor, self._archive, self._scope(), symbol, seconds, until, limit))

    async def volatility_history(self, symbol: Symbol, sessions: int = 252, until: UtcNanos | None = None) -> VolatilityHistory:
        """The newest ``sessions`` days of constant-maturity volatility."""
        return await self._read(lambda cursor: reading.volatility_history(cursor, self._scope(), symbol, sessions, until))

    async def trades(
        self,
        symbol: Symbol,
        limit: int = 200,
        since: UtcNanos | None = None,
        until: UtcNanos | None = None,
        *,
        options_only: bool = True,
    ) -> StoredTrades:
        """The newest ``limit`` prints of a name and its options in [since, until)."""
        return await self._read(
            lambda cursor: reading.trades(cursor, self._archive, self._scope(), symbol, limit, since, until, options_only=options_only)
        )

    async def quotes(self, contract: ContractId | Symbol, since: UtcNanos, until: UtcNanos | None = None) -> StoredQuotes:
        """The recorded quotes of one contract, or of a security by its symbol."""
        return await self._read(lambda cursor: reading.quotes(cursor, self._archive, self._scope(), contract, since, until))

    async def latest(self, symbol: Symbol) -> StoredLatest:
        """What was last recorded of a name and each of its contracts."""
        return await self._read(lambda cursor: reading.latest(cursor, self._scope(), symbol))

    async def snapshots(self, symbol: Symbol = EVERY_NAME, limit: int = 100) -> SnapshotTable:
        """Which chain snapshots the store holds, of all its sources, newest first."""
        return await self._read(lambda cursor: reading_chains.snapshots(cursor, symbol, limit))

    async def chain_at(self, symbol: Symbol, at: UtcNanos) -> StoredChain | None:
        """The newest snapshot of a name's chain not later than ``at``."""
        return await self._read(
            lambda cursor: reading_chains.chain_at(cursor, self._archive, self._scope(), symbol, at, all_sources=self.name != "sim")
        )

    async def import_chain(self, events: Iterable[FeedEvent], *, source: SourceId) -> ImportReport:
        """Puts the chains of a listing with its quotes and summaries into the history; the same chains again change nothing."""
        kept = tuple(events)
        roster, chains = await asyncio.get_running_loop().run_in_executor(self._readers, lambda: gather_chains(kept))

        def write(connection: "DuckDBPyConnection") -> ImportReport:
            return write_import(connection, roster, chains, source=source, whose=self._writer.signed(connection))

        return await asyncio.wrap_future(self._writer.submit(write))

    async def import_series(self, symbol: Symbol, measure: str, day: Longs, value: Floats, *, source: SourceId) -> SeriesReport:
        """Puts a daily series (starts of dates, values as they are kept) into the history; the same again changes nothing."""

        def write(connection: "DuckDBPyConnection") -> SeriesReport:
            whose = self._writer.signed(connection)
            return write_series(connection, symbol, measure, day, value, source=source, whose=whose, store=self.name)

        return await asyncio.wrap_future(self._writer.submit(write))

    async def info(self) -> DatabaseInfo:
        """What has been recorded, and what it takes."""
        await self.flush()
        return await self._read(
            lambda cursor: copies.database_info(cursor, self.path, self._archive, store=self.name, budget_bytes=self._budget)
        )

    async def vacuum(self, progress: Progress | None = None) -> VacuumReport:
        """Rolls closed days, applies the size budget, gives freed space back. ``progress`` is called on the writer's thread."""

        def work(connection: "DuckDBPyConnection") -> VacuumReport:
            del connection
            assert self._writer.identity is not None
            return self._upkeep.vacuum(self._database, self._writer.identity, int(self._writer.market_time), progress)

        return await asyncio.wrap_future(self._writer.submit(work))

    async def export(self, path: Path, progress: Progress | None = None) -> int:
        """Every table as Parquet in a new folder; returns the rows written. Recording goes on."""
        await self.flush()
        return await self._copy(lambda cursor: copies.export_tables(cursor, self._archive, path, progress))

    async def backup(self, path: Path, progress: Progress | None = None) -> int:
        """A copy that opens by itself, the archive's rows among its tables; returns its size. Recording goes on."""
        await self.flush()
        return await self._copy(lambda cursor: copies.backup_store(cursor, self._archive, path, progress))

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Writes what waits and closes the file; blocks for at most ``seconds``."""
        self._closed = True
        self._writer.stop()
        self._writer.join(seconds)
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def aclose(self, seconds: float = CLOSING_SECONDS) -> None:
        """The same from a loop, which it does not block."""
        await asyncio.get_running_loop().run_in_executor(None, lambda: self.close(seconds))

    def _scope(self) -> Scope:
        identity = self._writer.identity
        if identity is None:
            raise StoreUnavailable(self.trouble or f"The history {self.path.name} is not open yet.")
        return Scope(identity=identity, mixed=self._mixed, now=int(self._writer.market_time))

    async def _read(self, query: "Callable[[DuckDBPyConnection], T]") -> T:
        """Runs a query on a cursor of its own in the readers' pool, and ends it when it takes too long."""
        deadline = Deadline(self._settings.read_seconds)

        def work() -> T:
            with self._database.reading(self._settings.open_seconds) as cursor, deadline.over(cursor):
                return query(cursor)

        deadline.watch()
        try:
            return await self._in_pool(work)
        finally:
            deadline.dismiss()

    async def _copy(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        def copy() -> T:
            with self._upkeep.copying, self._database.reading(self._settings.open_seconds) as cursor:
                return work(cursor)

        return await self._in_pool(copy)

    async def _in_pool(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable(f"The history {self.path.name} is closed.")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, work)
        except (StoreUnavailable, BadInput):
            raise
        except Exception as error:
            raise diagnose(error, self.path) from error
