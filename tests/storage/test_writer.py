import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.storage import writer as writer_module
from engine.storage.inserts import write_batch
from tests.kit.market import NOON, OPEN, bars, listing, quotes, series_of, trades
from tests.kit.storage import killed_while_recording, look, opened, until

SPY = Symbol("SPY")
LISTED = listing(series_of("SPY"))
ROOT = Path(__file__).parents[2]


@contextmanager
def _held_by_another_process(path: Path) -> Iterator[tuple[int, Callable[[], object]]]:
    """Its number, and what makes it let go."""
    code = f"import duckdb; held = duckdb.connect({str(path)!r}); print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield holder.pid, lambda: holder.communicate("go\n")
        finally:
            holder.kill()


@pytest.mark.bar("F-J-01")
@pytest.mark.parametrize("acknowledged", [1, 200])
async def test_a_kill_while_recording_loses_nothing_acknowledged_and_needs_nobody(tmp_path: Path, acknowledged: int) -> None:
    told = killed_while_recording(tmp_path, "killed", acknowledged)
    with opened(tmp_path, run="after") as store:
        await store.ready()
        assert store.take_notices() == ()
        assert store.status().trouble == ""
        tape = await store.trades(SPY, 100_000)
    seconds = (told - 1) // 2  # event 1 is the listing, then one of quotes and one of prints a second
    assert tape.at.shape[0] % 3 == 0
    found = np.unique(tape.price)
    assert found.shape[0] >= (told - 2) // 2
    np.testing.assert_array_equal(found, np.arange(1, found.shape[0] + 1))
    recorded = look(tmp_path / "live.duckdb", "SELECT count(DISTINCT ts), count(*) FROM quotes")[0]
    assert recorded[1] == recorded[0] * 6
    assert recorded[0] >= seconds - 1


async def test_after_a_kill_the_next_run_goes_on_in_the_same_file(tmp_path: Path) -> None:
    killed_while_recording(tmp_path, "a", 20)
    with opened(tmp_path, run="b") as store:
        store.record(LISTED)
        store.record(trades([1], 99.0, at=NOON + 10**6 * SECOND_NS))
        await store.flush()
        assert (await store.trades(SPY, 1)).price.tolist() == [99.0]
    assert look(tmp_path / "live.duckdb", "SELECT count(*) FROM runs") == [(2,)]


@pytest.mark.bar("F-D-03")
async def test_a_file_held_by_another_process_is_said_with_its_number_and_taken_once_it_is_free(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await store.ready()
    with _held_by_another_process(tmp_path / "live.duckdb") as (holder, let_go), opened(tmp_path, run="second") as store:
        store.record(LISTED)
        store.record(trades([1], 1.0))
        with pytest.raises(StoreUnavailable, match=f"held by process {holder}"):
            await store.ready()
        await until(lambda: store.status().queue_rows > 0)
        status = store.status()
        assert not status.healthy
        assert f"process {holder}" in status.trouble
        assert [notice.title for notice in store.take_notices()] == ["The history is not being written"]
        let_go()
        await store.flush()
        assert store.status().healthy
        assert (await store.trades(SPY)).price.tolist() == [1.0]


async def test_a_second_store_of_the_same_file_in_one_process_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as first, opened(tmp_path, run="b") as second:
        await until(lambda: bool(first.trouble or second.trouble))
        assert "already open in this very process" in first.trouble + second.trouble


class Faults:
    """Puts errors of DuckDB into the way of batches, before or after they are committed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.batches: list[int] = []
        monkeypatch.setattr(writer_module, "write_batch", self._write)

    def _write(self, *arguments: Any, **named: Any) -> int:
        self.batches.append(named["batch"])
        if self.before:
            raise self.before.pop(0)
        rows = write_batch(*arguments, **named)
        if self.after:
            raise self.after.pop(0)
        return rows


FULL = "IO Error: Could not write file: No space left on device"
COMMITTED = "FATAL Error: Transaction COMMIT succeeded, but the autocheckpoint failed: the database has been invalidated"


@pytest.mark.bar("F-D-02")
@pytest.mark.parametrize("error", [duckdb.IOException(FULL), duckdb.FatalException(COMMITTED), OSError(28, "No space left on device")])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_full_disk_costs_nothing_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, when: str
) -> None:
    faults = Faults(monkeypatch)
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(trades([1], 1.0))
        await store.flush()
        (faults.before if when == "before" else faults.after).extend([error] * 3)
        store.record(trades([1, 2], 2.0))
        await until(lambda: bool(store.trouble))
        assert not store.status().healthy
        store.record(trades([3], 3.0))
        await store.flush()
        assert store.status().healthy
        assert sorted((await store.trades(SPY)).price.tolist()) == [1.0, 2.0, 2.0, 3.0]
        assert sum(notice.title == "The history is not being written" for notice in store.take_notices()) >= 1


async def test_what_comes_while_nothing_can_be_written_is_kept_within_bounds_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(monkeypatch)
    faults.before.extend([duckdb.IOException(FULL)] * 10**4)
    with opened(tmp_path, quote_queue_rows=100, fact_queue_rows=50, retry_seconds=0.01, retry_longest_seconds=0.01) as store:
        store.record(LISTED)
        for second in range(100):
            store.record(quotes(np.arange(1, 7), 1.0, 1.2, at=NOON + second * SECOND_NS))
            store.record(trades([1, 2], float(second), at=NOON + second * SECOND_NS))
            await asyncio.sleep(0.001)
        await until(lambda: store.status().shed_rows > 300 and "were not recorded" in store.status().trouble)
        assert store.status().queue_rows < 1000
        faults.before.clear()
        await store.flush()
        kept = (await store.trades(SPY, 1000)).at.shape[0]
        assert 0 < kept < 200
        assert kept + store._writer.lost_rows == 200
        assert f"{200 - kept:,} rows" in store.status().trouble


async def test_a_batch_the_database_will_not_have_is_given_up_counted_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faults(monkeypatch)
    with opened(tmp_path) as store:
        await store.ready()
        faults.before.extend([duckdb.ConversionException("Conversion Error: no such number")] * 3)
        store.record(bars("SPY", [OPEN], 1.0))
        await until(lambda: store._writer.lost_rows == 1)
        store.record(bars("SPY", [OPEN + 60 * SECOND_NS], 2.0))
        await until(lambda: store.status().rows_written == 1)
        assert (await store.bars(SPY, 60)).close.tolist() == [2.0]
        assert "A batch could not be written" in [notice.title for notice in store.take_notices()]
        assert "1 rows" in store.status().trouble


@pytest.mark.bar("F-D-01")
async def test_a_file_that_turns_out_damaged_while_recording_is_put_aside_and_recording_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(monkeypatch)
    with opened(tmp_path) as store:
        await store.ready()
        faults.before.extend(
            [duckdb.IOException("IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2")] * 2
        )
        store.record(bars("SPY", [OPEN], 1.0))
        await store.flush()
        assert (await store.bars(SPY, 60)).close.tolist() == [1.0]
        assert (tmp_path / "live.damaged.duckdb").exists()
        assert "The history was damaged" in [notice.title for notice in store.take_notices()]


async def test_a_nearly_full_disk_stops_quotes_but_not_prints(tmp_path: Path) -> None:
    with opened(tmp_path, free_disk_bytes=2**62) as store:
        store.record(LISTED)
        store.record(quotes(np.arange(1, 7), 1.0, 1.2))
        store.record(trades([1], 1.0))
        await store.flush()
        assert (await store.trades(SPY)).price.tolist() == [1.0]
        assert (await store.quotes(SPY, UtcNanos(0))).at.shape == (0,)
        assert store.status().shed_rows == 6
        assert "nearly full" in store.take_notices()[0].text


async def test_the_recorder_never_holds_up_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*arguments: Any, **named: Any) -> int:
        time.sleep(0.2)
        return write_batch(*arguments, **named)

    monkeypatch.setattr(writer_module, "write_batch", slowly)
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(trades([1], 1.0))
        await until(lambda: store._writer._in_flight is not None)
        written = store.status().batches_written
        for number in range(200):
            store.record(trades([1], float(number)))
        assert store.status().batches_written == written


async def test_the_first_batch_waits_for_the_engine_to_start_unless_somebody_asks(tmp_path: Path) -> None:
    with opened(tmp_path, first_batch_seconds=60.0) as store:
        store.record(LISTED)
        store.record(trades([1], 1.0))
        await store.ready()
        await asyncio.sleep(0.05)
        assert store.status().batches_written == 0
        assert store.status().queue_rows == 1
        await store.flush()
        assert (await store.trades(SPY)).price.tolist() == [1.0]


async def test_jobs_run_after_what_was_recorded_before_them_and_their_errors_come_back(tmp_path: Path) -> None:
    def fail(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("SELECT * FROM no_such_table")

    def count(connection: duckdb.DuckDBPyConnection) -> object:
        return connection.execute("SELECT count(*) FROM trades").fetchall()

    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(trades([1, 2], 1.0))
        assert await asyncio.wrap_future(store._writer.submit(count)) == [(2,)]
        with pytest.raises(StoreUnavailable, match="no_such_table"):
            await asyncio.wrap_future(store._writer.submit(fail))
        assert await asyncio.wrap_future(store._writer.submit(count)) == [(2,)]


def test_opening_returns_before_the_database_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.kit import market\n"
        "from engine.storage.store import Store\n"
        "print('duckdb' in sys.modules)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ})
    assert found.stdout.strip() == "False"
