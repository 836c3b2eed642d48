# ruff: noqa: S608 (what is put into the statements are column names, numbers and quoted paths of our own)
"""What the store does for itself between batches: rolls closed days into the archive, watches the budget, gives space and memory back."""

import shutil
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.domain.instants import DAY_NS
from engine.storage.archive import ORDER, Archive
from engine.storage.archived_hours import count_the_uncounted
from engine.storage.database import Database
from engine.storage.notice import StoreNotice
from engine.storage.opening import discard_draft, draft_of, logs_of, publish
from engine.storage.settings import StoreSettings
from engine.storage.sql import Identity, one, quoted
from engine.storage.tiers import forget, reduce

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Progress = Callable[[float, str], None]
"""Told the share done, 0 to 1, and what is being done."""

ACT_ABOVE = 0.9
"""Of the budget."""
CONTENT_BELOW = 0.8
SLICE_SECONDS = 1.0
"""Upkeep lets the writer go on after so long."""


class Sizes(Struct, frozen=True, kw_only=True):
    """What the store takes, in bytes."""

    file: int
    """On disk, logs included."""
    free: int
    """Of it: emptied, to be used again."""
    archive: int

    @property
    def used(self) -> int:
        return self.file - self.free + self.archive

    @property
    def total(self) -> int:
        return self.file + self.archive


class VacuumReport(Struct, frozen=True, kw_only=True):
    """What a vacuum did."""

    before_bytes: int
    after_bytes: int
    steps: tuple[str, ...]
    within_budget: bool


class Upkeep:
    """Runs on the writer's thread."""

    def __init__(self, archive: Archive, settings: StoreSettings, *, budget_bytes: int, restarts_time: bool) -> None:
        self._archive = archive
        self._settings = settings
        self._budget = budget_bytes
        self._restarts_time = restarts_time
        self._next = time.monotonic() + settings.upkeep_delay_seconds
        self._next_look = time.monotonic() + settings.page_look_seconds
        self._rolled_for = -1
        self._helpless = False
        self.copying = Lock()
        """Held while a copy of the store is made: files of the archive must stay where they are."""

    def begin(self, connection: "DuckDBPyConnection", notices: list[StoreNotice]) -> None:
        """After an opening."""
        self._rolled_for = -1
        self._archive.tidy(connection, notices)

    def step(self, database: Database, whose: Identity, at: int, now: float) -> list[StoreNotice]:
        """A slice of what there is to do, if it is time."""
        if now >= self._next_look:
            self._next_look = now + self._settings.page_look_seconds
            database.give_back(self._settings.page_bytes)
        if now < self._next or not at or not self.copying.acquire(blocking=False):
            return []
        try:
            self._next = now + self._settings.upkeep_seconds
            if self._spend(self._roll(database.connection, whose, at)):
                self._next = now
                return []
            return self._keep_budget(database, at)
        finally:
            self.copying.release()

    def vacuum(self, database: Database, whose: Identity, at: int, progress: Progress | None) -> VacuumReport:
        """All there is to do, at once, freed space given back; of a market that says nothing now, as of its last recorded instant."""
        tell = progress or _silent
        at = at or int(one(database.connection, "SELECT max(ts) FROM progress") or 0)
        with self.copying:
            before = self.sizes(database).total
            tell(0.0, "rolling closed days into the archive")
            steps = list(self._roll(database.connection, whose, at)) if at else []
            tell(0.4, "applying the size budget")
            for step in self._reduce(database, at):
                steps.append(step)
                tell(0.6, step)
            tell(0.8, "giving freed space back")
            steps.extend(self._compact(database))
            after = self.sizes(database)
            tell(1.0, "done")
        return VacuumReport(before_bytes=before, after_bytes=after.total, steps=tuple(steps), within_budget=after.total <= self._budget)

    def sizes(self, database: Database) -> Sizes:
        """What the store takes just now."""
        return sizes(database.connection, database.path, self._archive)

    def _roll(self, connection: "DuckDBPyConnection", whose: Identity, at: int) -> Iterator[str]:
        """One (table, day, run) after another; of a market that starts its time anew, all of the runs before too."""
        today = at // DAY_NS * DAY_NS
        if self._rolled_for == today:
            return
        yield from count_the_uncounted(connection, self._archive.files(connection))
        for table in ORDER:
            closed = f"ts < {today}"
            if table == "bars":
                closed = f"seconds < 86400 AND ts < {today - self._settings.keep_minute_bars_days * DAY_NS}"
            elif self._restarts_time:
                closed = f"(ts < {today} OR run_id <> {whose.run_id})"
            days = connection.execute(
                f"SELECT DISTINCT ts // {DAY_NS} * {DAY_NS}, source_id, run_id FROM {table} WHERE {closed} ORDER BY ALL"
            ).fetchall()
            for day, source_id, run_id in days:
                chosen = f"ts >= {day} AND ts < {day + DAY_NS} AND source_id = {source_id} AND run_id = {run_id}"
                if table == "bars":
                    chosen += " AND seconds < 86400"
                rows = self._archive.write(
                    connection,
                    table=table,
                    day=day,
                    whose=Identity(source_id=source_id, run_id=run_id),
                    selection=f"SELECT * EXCLUDE (source_id, run_id) FROM named_{table} WHERE {chosen}",
                    deletion=f"DELETE FROM {table} WHERE {chosen}",
                )
                yield f"{table}: {rows:,} rows into the archive"
        self._rolled_for = today

    def _reduce(self, database: Database, at: int) -> Iterator[str]:
        sizes = self.sizes(database)
        if sizes.used <= ACT_ABOVE * self._budget:
            self._helpless = False
            return
        for step in chain(reduce(database.connection, self._archive, at), forget(database.connection, self._archive)):
            yield step
            checkpoint(database.connection)
            if self.sizes(database).used <= CONTENT_BELOW * self._budget:
                return

    def _keep_budget(self, database: Database, at: int) -> list[StoreNotice]:
        if self._spend(self._reduce(database, at)):
            self._next = time.monotonic()
            return []
        sizes = self.sizes(database)
        if sizes.used <= self._budget:
            self._helpless = False
            if sizes.total > self._budget:
                list(self._compact(database))
            return []
        if self._helpless:
            return []
        self._helpless = True
        return [
            StoreNotice(
                title="The history is larger than its budget",
                text=f"{sizes.used // 2**20:,} MiB of {self._budget // 2**20:,} MiB, and no closed day is left. Raise the budget.",
                serious=True,
            )
        ]

    def _compact(self, database: Database) -> Iterator[str]:
        """Rewrites the file without its holes; readers finish first, and wait meanwhile."""
        checkpoint(database.connection)
        sizes = self.sizes(database)
        content = sizes.file - sizes.free
        if sizes.free < max(1 << 20, sizes.file // 10) or shutil.disk_usage(database.path.parent).free < content * 1.2:
            return
        draft = draft_of(database.path, "compacting")
        discard_draft(draft)
        copy_database(database.connection, draft)
        notices: list[StoreNotice] = []
        database.close(interrupt=False)
        if logs_of(database.path):
            discard_draft(draft)
        else:
            publish(draft, database.path)
        database.open(notices)
        database.admit_readers()
        yield f"{(sizes.file - self.sizes(database).file) // 2**20:,} MiB given back"

    @staticmethod
    def _spend(steps: Iterator[str]) -> bool:
        """Takes steps for a slice of time; true where more are left."""
        end = time.monotonic() + SLICE_SECONDS
        return any(time.monotonic() >= end for _ in steps)


def sizes(connection: "DuckDBPyConnection", path: Path, archive: Archive) -> Sizes:
    """What a store takes just now."""
    block, free = connection.execute(
        "SELECT block_size, free_blocks FROM pragma_database_size() WHERE database_name = current_database()"
    ).fetchall()[0]
    on_disk = sum(file.stat().st_size for file in (path, *logs_of(path)) if file.exists())
    return Sizes(file=on_disk, free=int(block) * int(free), archive=sum(file.bytes for file in archive.files(connection)))


def checkpoint(connection: "DuckDBPyConnection") -> None:
    """Brings the log into the file and frees what was deleted; left for later where a reader is busy."""
    import duckdb

    try:
        connection.execute("CHECKPOINT")
    except duckdb.TransactionException:
        return


def copy_database(connection: "DuckDBPyConnection", draft: Path) -> None:
    """All tables, keys and views into a new file that opens by itself."""
    name = connection.execute("SELECT current_database()").fetchall()[0][0]
    connection.execute(f"ATTACH {quoted(draft)} AS fresh_copy")
    try:
        connection.execute(f'COPY FROM DATABASE "{name}" TO fresh_copy')
        connection.execute("CHECKPOINT fresh_copy")
    finally:
        connection.execute("DETACH fresh_copy")


def _silent(share: float, what: str) -> None:
    del share, what
