import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from engine.domain.ids import ContractId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.storage.store import Store
from tests.kit.market import NOON, OPEN, bars, listing, quotes, series_of, trades
from tests.kit.storage import look, opened

SPY = Symbol("SPY")
LISTED = listing(series_of("SPY"))
CALL = ContractId(LISTED.name[1])
ROOT = Path(__file__).parents[2]


def _record_days(store: Store, days: int, *, first: int = 0) -> None:
    store.record(LISTED)
    for day in range(first, first + days):
        for second in range(3):
            at = NOON + day * DAY_NS + second * SECOND_NS
            store.record(quotes(np.arange(7), 1.0 + day, 9.0, at=at))
            store.record(trades([1, 2], [10.0 * day + second, 0.5], at=at))


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.parquet"))


def _modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*.parquet")}


async def test_closed_days_roll_into_files_and_answers_stay_the_same(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _record_days(store, 3)
        await store.flush()
        before = await store.quotes(CALL, UtcNanos(0)), await store.trades(SPY, 100)
        report = await store.vacuum()
        after = await store.quotes(CALL, UtcNanos(0)), await store.trades(SPY, 100)
        assert any("quotes" in step for step in report.steps)
        assert report.within_budget
        for old, new in zip(before, after, strict=True):
            for name in old.__struct_fields__:
                np.testing.assert_array_equal(getattr(old, name), getattr(new, name), err_msg=name)
        assert _names(tmp_path / "archive" / "live") == [
            f"{table}/2026-11-{day}.parquet" for table in ("quotes", "trades") for day in (20, 21)
        ]
        assert _modes(tmp_path) == {0o600}
    assert look(tmp_path / "live.duckdb", "SELECT count(*), min(ts) FROM quotes") == [(21, NOON + 2 * DAY_NS)]


async def test_an_archived_day_explains_itself_and_is_sorted(tmp_path: Path) -> None:
    with opened(tmp_path, source="venue", run="run-1") as store:
        _record_days(store, 2)
        await store.vacuum()
    file = tmp_path / "archive" / "live" / "quotes" / "2026-11-20.parquet"
    found = duckdb.execute(f"SELECT symbol, name, ts, source, run FROM '{file}'").fetchall()
    assert found == sorted(found)
    assert {(row[0], row[3], row[4]) for row in found} == {("SPY", "venue", "run-1")}
    assert duckdb.execute(f"SELECT DISTINCT compression FROM parquet_metadata('{file}')").fetchall() == [("ZSTD",)]


async def test_only_the_files_of_the_days_asked_for_are_read(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _record_days(store, 4)
        await store.vacuum()
        (tmp_path / "archive" / "live" / "quotes" / "2026-11-20.parquet").write_bytes(b"unreadable")
        found = await store.quotes(CALL, UtcNanos(NOON + DAY_NS), UtcNanos(NOON + 2 * DAY_NS))
        assert found.bid.tolist() == [2.0] * 3


async def test_the_newest_prints_are_found_across_table_and_files(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _record_days(store, 3)
        await store.vacuum()
        tape = await store.trades(SPY, 15)
        assert tape.at.shape[0] == 15
        assert np.all(np.diff(tape.at) <= 0)
        assert tape.price[:6:2].tolist() == [22.0, 21.0, 20.0] or tape.price[1:6:2].tolist() == [22.0, 21.0, 20.0]
        older = await store.trades(SPY, 100, None, UtcNanos(NOON + DAY_NS))
        assert sorted(older.price.tolist()) == [0.0, 0.5, 0.5, 0.5, 1.0, 2.0]


async def test_a_day_closed_in_two_runs_is_in_two_files_and_read_as_one(tmp_path: Path) -> None:
    for number, run in enumerate(("a", "b")):
        with opened(tmp_path, run=run) as store:
            store.record(LISTED)
            store.record(trades([1], float(number), at=NOON + number * SECOND_NS))
            store.record(trades([1], 100.0, at=NOON + DAY_NS))
            await store.vacuum()
            if run == "b":
                assert (await store.trades(SPY, 10, None, UtcNanos(NOON + DAY_NS))).price.tolist() == [1.0, 0.0]
    assert _names(tmp_path / "archive" / "live") == ["trades/2026-11-20-2.parquet", "trades/2026-11-20.parquet"]


async def test_a_simulated_run_that_ended_rolls_whatever_its_day(tmp_path: Path) -> None:
    for number, run in enumerate(("a", "b", "c")):
        with opened(tmp_path, store="sim", source="synthetic", variant="7", run=run) as store:
            if run == "c":
                await store.ready()
                assert (await store.trades(SPY)).price.tolist() == [1.0]
            store.record(LISTED)
            store.record(trades([1], float(number)))
            store.record(quotes([1], float(number), 9.0))
            await store.vacuum()
            assert (await store.trades(SPY)).price.tolist() == [float(number)]
            assert (await store.quotes(CALL, UtcNanos(0))).bid.tolist() == [float(number)]
    assert len(_names(tmp_path / "archive" / "sim")) == 4


async def test_old_minute_bars_roll_and_are_still_answered(tmp_path: Path) -> None:
    starts = OPEN + np.arange(5) * DAY_NS
    with opened(tmp_path, keep_minute_bars_days=2) as store:
        store.record(bars("SPY", starts, np.arange(5.0), at=int(starts[-1])))
        store.record(bars("SPY", starts, np.arange(5.0), seconds=86_400, at=int(starts[-1])))
        await store.vacuum()
        assert _names(tmp_path / "archive" / "live") == ["bars/2026-11-20.parquet", "bars/2026-11-21.parquet"]
        assert (await store.bars(SPY, 60)).close.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert (await store.bars(SPY, 60, limit=4)).close.tolist() == [1.0, 2.0, 3.0, 4.0]
        assert (await store.bars(SPY, 60, UtcNanos(int(starts[1])))).close.tolist() == [0.0]
        assert (await store.bars(SPY, 86_400)).close.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
        store.record(bars("SPY", starts[:1], 50.0))
        await store.flush()
        assert (await store.bars(SPY, 60)).close.tolist() == [50.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.bar("F-D-01")
@pytest.mark.parametrize("step", ["after the intent", "after the copy", "after the rename"])
async def test_a_kill_while_a_day_rolls_leaves_every_row_in_one_place(tmp_path: Path, step: str) -> None:
    with opened(tmp_path) as store:
        _record_days(store, 2)
    where = {
        "after the intent": "archive.from_nanos, archive.quoted = archive.from_nanos, die",
        "after the copy": "archive._sync = die",
        "after the rename": "archive.sync_folder = die",
    }
    code = (
        "import asyncio, os; from pathlib import Path; from engine.storage import archive; from tests.kit.storage import opened\n"
        "from tests.kit.market import NOON; from engine.domain.market import Pulse; from engine.domain.instants import DAY_NS\n"
        "die = lambda *_: os.kill(os.getpid(), 9)\n"
        f"{where[step]}\n"
        "async def main():\n"
        f"    with opened(Path({str(tmp_path)!r}), run='killed') as store:\n"
        "        store.record(Pulse(at=NOON + 5 * DAY_NS)); await store.vacuum()\n"
        "asyncio.run(main())"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, env={**os.environ})  # noqa: ASYNC221
    assert ended.returncode == -9
    with opened(tmp_path, run="after") as store:
        assert (await store.quotes(CALL, UtcNanos(0))).bid.tolist() == [1.0] * 3 + [2.0] * 3
        assert (await store.trades(SPY, 100)).at.shape[0] == 12
        assert store.take_notices() == ()
        await store.vacuum()
        assert (await store.trades(SPY, 100)).at.shape[0] == 12


@pytest.mark.bar("F-D-01")
async def test_the_archive_of_a_lost_database_is_taken_in_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _record_days(store, 3)
        await store.vacuum()
    (tmp_path / "live.duckdb").write_bytes(b"lost")
    with opened(tmp_path, run="after") as store:
        found = await store.quotes(CALL, UtcNanos(0))
        assert found.bid.tolist() == [1.0] * 3 + [2.0] * 3
        assert (await store.trades(SPY, 100)).at.shape[0] == 8 + 4
        info = await store.info()
        assert {table.name: table.rows for table in info.tables}["quotes"] == 2 * 21
        assert [notice.serious for notice in store.take_notices()] == [True]
    assert look(tmp_path / "live.duckdb", "SELECT strike, option_right FROM instruments WHERE name LIKE '%00090000' ORDER BY ALL") == [
        (90.0, -1),
        (90.0, 1),
    ]


async def test_a_missing_or_damaged_archived_day_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _record_days(store, 4)
        await store.vacuum()
    folder = tmp_path / "archive" / "live" / "quotes"
    (folder / "2026-11-20.parquet").unlink()
    (folder / "2026-11-30.parquet").write_bytes(b"not parquet at all")
    with opened(tmp_path, run="after") as store:
        assert (await store.quotes(CALL, UtcNanos(0))).bid.tolist() == [2.0] * 3 + [3.0] * 3 + [4.0] * 3
        said = {notice.title for notice in store.take_notices()}
        assert said == {"Archived days are missing", "An archived day cannot be read"}
    assert (folder / "2026-11-30.parquet.damaged").exists()


async def test_a_vacuum_of_a_store_that_nobody_records_to_rolls_its_closed_days(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _record_days(store, 3)
    with opened(tmp_path, run="onlooker") as store:
        await store.vacuum()
        assert (await store.trades(SPY, 100)).at.shape == (18,)
    assert len(_names(tmp_path / "archive" / "live")) == 4


async def test_recording_goes_on_while_days_roll_by_themselves(tmp_path: Path) -> None:
    with opened(tmp_path, upkeep_delay_seconds=0.0, upkeep_seconds=0.01) as store:
        for day in range(3):
            _record_days(store, 1, first=day)
            await store.flush()
        _record_days(store, 1, first=3)
        await store.flush()
        await store.flush()
        assert (await store.trades(SPY, 100)).at.shape[0] == 24
        assert store.status().healthy
    assert len(_names(tmp_path / "archive" / "live" / "trades")) >= 2
