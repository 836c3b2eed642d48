from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pytest

from engine.domain.instants import SECOND_NS
from engine.storage.database import Database
from engine.storage.opening import connect
from engine.storage.residence import give_back, page_bytes
from tests.kit.market import NOON, listing, quotes, series_of
from tests.kit.storage import opened, until

ROWS = 400_000
LIMIT = "1GB"


@contextmanager
def filled(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database whose pages are all in memory: some megabytes that do not compress."""
    connection = connect(path)
    connection.execute(f"CREATE TABLE numbers AS SELECT random() AS one, random() AS two FROM range({ROWS})")
    connection.execute("CHECKPOINT")
    _read_all(connection)
    try:
        yield connection
    finally:
        connection.close()


def _read_all(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute("SELECT count(one + two) FROM numbers").fetchall() == [(ROWS,)]


def _limit(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])


def test_pages_beyond_the_bound_leave_memory_and_can_be_read_again(tmp_path: Path) -> None:
    with filled(tmp_path / "pages.duckdb") as connection:
        held = page_bytes(connection)
        assert held > 4_000_000
        limit = _limit(connection)
        assert give_back(connection, keep_bytes=2_000_000, limit=LIMIT) >= held - 2_000_000
        assert page_bytes(connection) <= 2_000_000
        assert _limit(connection) == limit
        _read_all(connection)
        assert page_bytes(connection) > 4_000_000


def test_within_the_bound_nothing_is_let_go(tmp_path: Path) -> None:
    with filled(tmp_path / "pages.duckdb") as connection:
        held = page_bytes(connection)
        assert give_back(connection, keep_bytes=held, limit=LIMIT) == 0
        assert page_bytes(connection) == held


def test_rows_that_are_not_on_disk_yet_stay_where_they_are(tmp_path: Path) -> None:
    with filled(tmp_path / "pages.duckdb") as connection:
        connection.execute("SET wal_autocheckpoint = '1GB'")
        connection.execute("INSERT INTO numbers SELECT random(), random() FROM range(100000)")
        assert give_back(connection, keep_bytes=1_000_000, limit=LIMIT) > 0
        assert connection.execute("SELECT count(*) FROM duckdb_temporary_files()").fetchall() == [(0,)]
        assert connection.execute("SELECT count(one) FROM numbers").fetchall() == [(ROWS + 100_000,)]


def test_pages_that_are_held_wait_for_a_later_look_and_the_limit_is_in_force_again(tmp_path: Path) -> None:
    with filled(tmp_path / "pages.duckdb") as connection:
        limit = _limit(connection)
        reader = connection.cursor()
        reader.execute("SELECT one, two FROM numbers")
        rows = reader.fetchmany(1)
        give_back(connection, keep_bytes=0, limit=LIMIT)
        assert _limit(connection) == limit
        while more := reader.fetchmany(100_000):
            rows += more
        assert len(rows) == ROWS


def test_while_somebody_reads_nothing_is_let_go(tmp_path: Path) -> None:
    database = Database(tmp_path / "live.duckdb")
    database.open([])
    database.admit_readers()
    try:
        connection = database.connection
        connection.execute("CREATE TABLE numbers AS SELECT random() AS one FROM range(200000)")
        connection.execute("CHECKPOINT")
        connection.execute("SELECT count(one + 1) FROM numbers").fetchall()
        with database.reading(1.0):
            assert database.give_back(0) == 0
        assert database.give_back(0) > 1_000_000
        assert page_bytes(connection) < 1_000_000
    finally:
        database.close(ended=True)


async def test_a_recorder_keeps_no_more_of_its_file_in_memory_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.storage.opening.CHECKPOINT_AT", "200KB")
    strikes = np.arange(1.0, 1001.0).tolist()
    listed = listing(series_of("SPY"), strikes=strikes)
    chance = np.random.default_rng(1)
    with opened(tmp_path, page_bytes=500_000, page_look_seconds=0.01) as store:
        store.record(listed)
        handles = np.arange(2, 2002)
        for second in range(100):
            bid = chance.random(handles.shape[0])
            store.record(quotes(handles, bid, bid + 0.1, at=NOON + second * SECOND_NS))
        await store.flush()
        assert store.path.stat().st_size > 3_000_000
        connection = store._database.connection
        await until(lambda: page_bytes(connection.cursor()) <= 500_000)
