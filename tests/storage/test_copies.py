import stat
from pathlib import Path

import duckdb
import numpy as np
import pytest

from engine.domain.errors import BadInput
from engine.domain.ids import ContractId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.storage.migration import newest_version
from engine.storage.store import Store
from tests.kit.market import NOON, OPEN, bars, listing, quotes, series_of, trades, volatility
from tests.kit.storage import look, opened

SPY = Symbol("SPY")
LISTED = listing(series_of("SPY"))
CALL = ContractId(LISTED.name[1])


def _record(store: Store) -> None:
    """Three days of everything, two of which are closed."""
    store.record(LISTED)
    store.record(bars("SPY", OPEN + np.arange(3) * DAY_NS, [1.0, 2.0, 3.0], seconds=86_400))
    store.record(bars("SPY", OPEN + np.arange(3) * DAY_NS, [1.0, 2.0, 3.0]))
    store.record(volatility("SPY", [0.2, 0.3]))
    for day in range(3):
        for second in range(4):
            at = NOON + day * DAY_NS + second * SECOND_NS
            store.record(quotes(np.arange(7), 1.0 + day, 9.0, at=at))
            store.record(trades([1], 10.0 * day + second, at=at))


def _counts(path: Path) -> dict[str, int]:
    tables = ("quotes", "trades", "bars", "volatility_history", "snapshots", "snapshot_quotes", "instruments")
    return {table: look(path, f"SELECT count(*) FROM {table}")[0][0] for table in tables}


def _files(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def test_info_counts_what_is_hot_and_what_is_archived(tmp_path: Path) -> None:
    with opened(tmp_path, budget=7 * 10**9) as store:
        _record(store)
        before = await store.info()
        await store.vacuum()
        after = await store.info()
    for info in (before, after):
        tables = {table.name: (table.rows, table.first_at, table.last_at) for table in info.tables}
        assert tables["quotes"] == (84, NOON, NOON + 2 * DAY_NS + 3 * SECOND_NS)
        assert tables["trades"][0] == 12
        assert tables["bars"][0] == 6
        assert tables["instruments"][0] == 7
        assert (info.store, info.schema_version, info.runs, info.budget_bytes) == ("live", newest_version(), 1, 7 * 10**9)
        assert info.path == str(tmp_path / "live.duckdb")
    assert before.archive_bytes == 0
    assert after.archive_bytes > 0


async def test_info_of_an_empty_store_is_all_zeros(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        info = await store.info()
        assert {(table.rows, table.first_at, table.last_at) for table in info.tables} == {(0, 0, 0)}


async def test_a_backup_is_one_file_with_everything_that_opens_by_itself(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "copy.duckdb"
    told: list[float] = []
    with opened(tmp_path, snapshot_seconds=900.0, keep_minute_bars_days=1) as store:
        _record(store)
        await store.flush()
        await store.vacuum()
        size = await store.backup(target, lambda share, what: told.append(share))
        quotes_then = await store.quotes(CALL, UtcNanos(0))
        store.record(trades([1], 99.0, at=NOON + 2 * DAY_NS + 10 * SECOND_NS))
        await store.flush()
    assert _files(tmp_path / "elsewhere") == {"copy.duckdb": 0o600}
    assert size == len(target.read_bytes())
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert _counts(target) == {
        "quotes": 84,
        "trades": 12,
        "bars": 6,
        "volatility_history": 2,
        "snapshots": 2,
        "snapshot_quotes": 12,
        "instruments": 7,
    }
    target.rename(tmp_path / "elsewhere" / "live.duckdb")
    with opened(tmp_path / "elsewhere", run="restored") as store:
        found = await store.quotes(CALL, UtcNanos(0))
        np.testing.assert_array_equal(found.at, quotes_then.at)
        np.testing.assert_array_equal(found.bid, quotes_then.bid)
        assert (await store.bars(SPY, 60)).close.tolist() == [1.0, 2.0, 3.0]
        assert (await store.trades(SPY, 1)).price.tolist() == [23.0]
        chain = await store.chain_at(SPY, UtcNanos(NOON + DAY_NS))
        assert chain is not None
        assert chain.bid.tolist() == [1.0] * 6
        store.record(LISTED)
        store.record(trades([1], 100.0, at=NOON + 3 * DAY_NS))
        await store.flush()
        assert store.take_notices() == ()


async def test_a_backup_goes_nowhere_it_should_not(tmp_path: Path) -> None:
    there = tmp_path / "there.duckdb"
    there.write_bytes(b"mine")
    with opened(tmp_path / "data") as store:
        with pytest.raises(BadInput, match="there already"):
            await store.backup(there)
        with pytest.raises(BadInput, match="no folder"):
            await store.backup(tmp_path / "missing" / "copy.duckdb")
    assert there.read_bytes() == b"mine"


async def test_recording_goes_on_during_a_backup(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _record(store)
        await store.flush()

        def record_more(share: float, what: str) -> None:
            store.record(trades([1], 77.0, at=NOON + 2 * DAY_NS + 20 * SECOND_NS))

        await store.backup(tmp_path / "copy.duckdb", record_more)
        await store.flush()
        assert (await store.trades(SPY, 1)).price.tolist() == [77.0]
    assert look(tmp_path / "copy.duckdb", "SELECT max(price) FROM trades") == [(23.0,)]


async def test_an_export_holds_every_table_with_the_archived_rows(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    with opened(tmp_path / "data", snapshot_seconds=900.0) as store:
        _record(store)
        await store.vacuum()
        rows = await store.export(folder)
        tables = {row[0] for row in await store._read(lambda cursor: cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall())}
        with pytest.raises(BadInput, match="not empty"):
            await store.export(folder)
    files = _files(folder)
    assert set(files) == {f"{table}.parquet" for table in tables}
    assert set(files.values()) == {0o600}
    found = duckdb.execute(
        f"SELECT count(*), count(DISTINCT name), min(symbol), min(source), min(run) FROM '{folder}/quotes.parquet'"
    ).fetchall()
    assert found == [(84, 7, "SPY", "venue", "run-1")]
    assert duckdb.execute(f"SELECT count(*) FROM '{folder}/trades.parquet'").fetchall() == [(12,)]
    assert rows > 84 + 12


async def test_an_export_into_an_empty_folder_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    with opened(tmp_path / "data") as store:
        await store.export(tmp_path / "export")
    assert "quotes.parquet" in _files(tmp_path / "export")
