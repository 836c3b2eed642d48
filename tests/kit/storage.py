"""Stores for tests: quick to write, closed at the end, and looked into from outside once they are."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from engine.domain.ids import RunId, SourceId, UtcNanos
from engine.kernel.paths import private_folder
from engine.storage.opening import open_store_file
from engine.storage.settings import StoreSettings
from engine.storage.store import Store

MEBIBYTE = 2**20
QUICK = {
    "first_batch_seconds": 0.0,
    "batch_seconds": 0.005,
    "idle_seconds": 0.05,
    "latest_seconds": 0.0,
    "snapshot_seconds": 0.0,
    "snapshot_pause_seconds": 0.0,
    "retry_seconds": 0.02,
    "upkeep_delay_seconds": 1e6,
    "free_disk_bytes": 0,
}
"""Figures that keep a test short: small batches, no upkeep but on demand."""


def settings(**changed: Any) -> StoreSettings:
    """Quick settings, with some changed."""
    return StoreSettings(**{**QUICK, **changed})


@lru_cache(maxsize=1)
def _empty_store() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.duckdb"
        open_store_file(path, []).close()
        return path.read_bytes()


@contextmanager
def opened(
    folder: Path,
    *,
    store: str = "live",
    run: str = "run-1",
    source: str = "venue",
    variant: str = "",
    budget: int = 1024 * MEBIBYTE,
    **changed: Any,
) -> Iterator[Store]:
    """A store that is closed when the block ends; a new one begins with the file that an empty store is."""
    path = private_folder(folder) / f"{store}.duckdb"
    if not path.exists():
        path.write_bytes(_empty_store())
    history = Store.open(
        folder,
        store=store,
        run=RunId(run),
        source=SourceId(source),
        started_at=UtcNanos(1),
        budget_bytes=budget,
        variant=variant,
        settings=settings(**changed),
    )
    try:
        yield history
    finally:
        history.close()


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Returns once it is true; fails when it never becomes so."""
    end = asyncio.get_running_loop().time() + seconds
    while not true():
        assert asyncio.get_running_loop().time() < end, "it never came true"
        await asyncio.sleep(0.005)


def look(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a closed database answers."""
    connection = duckdb.connect(str(path), read_only=True)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


_RECORDING = """
import sys, time
from pathlib import Path
from engine.domain.instants import SECOND_NS
from tests.kit.market import NOON, listing, quotes, series_of, trades
from tests.kit.storage import opened
with opened(Path(sys.argv[1]), run=sys.argv[2], batch_seconds=0.002) as store:
    store.record(listing(series_of("SPY")))
    told, second = 0, 0
    while True:
        second += 1
        store.record(quotes(range(1, 7), 1.0, 1.2, at=NOON + second * SECOND_NS))
        store.record(trades([1, 2, 3], float(second), at=NOON + second * SECOND_NS))
        if store.flushed_through > told:
            told = store.flushed_through
            print(told, flush=True)
        time.sleep(0.0005)
"""


def killed_while_recording(folder: Path, run: str, acknowledged: int) -> int:
    """Records in a process of its own (a listing, then six quotes and three prints a second), kills it; the last event known to be safe."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RECORDING, str(folder), run], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    told = 0
    for line in process.stdout:
        told = int(line)
        if told >= acknowledged:
            process.kill()
            break
    rest = process.stdout.read().split()
    assert process.wait() == -9
    process.stdout.close()
    return int(rest[-1]) if rest else told
