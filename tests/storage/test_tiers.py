from pathlib import Path

import numpy as np
import pytest

from engine.domain.columns import floats
from engine.domain.ids import ContractId, SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.domain.market import PrintFlag, Side
from engine.domain.volatility import SurfaceModel
from engine.storage.archive import Archive
from engine.storage.migration import apply_migrations
from engine.storage.opening import connect
from engine.storage.store import Store
from engine.storage.tiers import forget, reduce
from engine.storage.upkeep import Upkeep
from tests.kit.market import NOON, listing, quotes, series_of, trades
from tests.kit.marks import exposure, fitted_slice, surface
from tests.kit.storage import look, opened, settings

SPY = Symbol("SPY")
LISTED = listing(series_of("SPY"))
CALL = ContractId(LISTED.name[1])
HOUR = 3600 * SECOND_NS


async def _record(store: Store) -> None:
    """Two closed days and an open one: for half an hour from noon a quote every 20 s and two prints a minute."""
    store.record(LISTED)
    for day in range(3):
        for step in range(90):
            at = NOON + day * DAY_NS + step * 20 * SECOND_NS
            store.record(quotes(np.arange(7), [step] * 7, 1000.0, at=at))
            if step % 3 != 2:
                store.record(trades([1], 1.0 + step, size=2.0, side=[Side.BUY if step % 3 else Side.SELL], at=at))
        store.record(trades([1], 500.0, flag=int(PrintFlag.CANCELLED), at=NOON + day * DAY_NS + 1800 * SECOND_NS))
    store.record(quotes([0], 1.0, 2.0, at=NOON + 2 * DAY_NS + 3 * HOUR))
    await store.flush()


def _steps(store: Store, now: int) -> list[str]:
    future = store._writer.submit(lambda connection: list(reduce(connection, store._archive, now)))
    return future.result(20)


async def test_tiers_thin_the_oldest_first_and_prints_last(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await _record(store)
        await store.vacuum()
        steps = _steps(store, NOON + 2 * DAY_NS + 3 * HOUR)
        assert steps == [
            "quotes of 2026-11-20 to one in 60 s",
            "quotes of 2026-11-21 to one in 60 s",
            "quotes of 2026-11-22 17:00 to one in 60 s",
            "quotes of 2026-11-20 to one in 900 s",
            "quotes of 2026-11-21 to one in 900 s",
            "quotes of 2026-11-20 to one in 86400 s",
            "quotes of 2026-11-21 to one in 86400 s",
            "quotes of 2026-11-22 17:00 to one in 900 s",
            "prints of 2026-11-20 to minutes",
            "prints of 2026-11-21 to minutes",
            "prints of the open days to minutes",
        ]
        found = await store.quotes(CALL, UtcNanos(0))
        assert found.bid.tolist() == [89.0, 89.0, 44.0, 89.0]
        assert found.seconds.tolist() == [86_400, 86_400, 900, 900]
        assert _steps(store, NOON + 2 * DAY_NS + 3 * HOUR) == []


async def test_of_each_minute_the_last_quote_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await _record(store)
        await store.vacuum()

        def first_step(connection: object) -> str:
            return next(iter(reduce(connection, store._archive, NOON + 3 * DAY_NS)))  # type: ignore[arg-type]

        assert store._writer.submit(first_step).result(20) == "quotes of 2026-11-20 to one in 60 s"
        found = await store.quotes(CALL, UtcNanos(0), UtcNanos(NOON + DAY_NS))
        assert found.bid.tolist() == [float(step) for step in range(2, 90, 3)]
        assert set(found.seconds.tolist()) == {60}


async def test_prints_become_minutes_without_the_cancelled(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await _record(store)
        await store.vacuum()
        _steps(store, NOON + 2 * DAY_NS + 3 * HOUR)
        assert (await store.trades(SPY)).at.shape == (0,)
        info = {table.name: table.rows for table in (await store.info()).tables}
        assert info["trade_minutes"] == 90
        await store.backup(tmp_path / "copy.duckdb")
    minutes = look(
        tmp_path / "copy.duckdb", "SELECT open, high, low, close, size, vwap, prints, bought, sold FROM trade_minutes ORDER BY ts LIMIT 1"
    )
    assert minutes == [(1.0, 2.0, 1.0, 2.0, 4.0, 1.5, 2, 2.0, 2.0)]
    assert look(tmp_path / "copy.duckdb", "SELECT count(*), max(high), sum(size) FROM trade_minutes") == [(90, 89.0, 360.0)]


async def test_snapshots_thin_to_the_last_of_each_day(tmp_path: Path) -> None:
    with opened(tmp_path, snapshot_seconds=900.0) as store:
        store.record(LISTED)
        for day in range(2):
            for quarter in range(4):
                store.record(quotes(np.arange(7), day * 10.0 + quarter, 99.0, at=NOON + day * DAY_NS + quarter * 900 * SECOND_NS))
        await store.vacuum()
        assert (await store.snapshots(SPY)).at.shape == (7,)
        assert "chain snapshots of 2026-11-20 to the day's last" in _steps(store, NOON + DAY_NS + 5 * HOUR)
        held = await store.snapshots(SPY)
        assert held.at.tolist() == [NOON + DAY_NS + 1800 * SECOND_NS, NOON + 2700 * SECOND_NS]
        for at, bid in zip(held.at.tolist(), (12.0, 3.0), strict=True):
            chain = await store.chain_at(SPY, UtcNanos(at))
            assert chain is not None
            assert chain.bid.tolist() == [bid] * 6


async def test_as_the_last_resort_closed_days_are_forgotten_the_oldest_first_and_imports_stay(tmp_path: Path) -> None:
    with opened(tmp_path, snapshot_seconds=900.0) as store:
        await _record(store)
        imported = quotes(np.arange(7), 5.0, 6.0, at=NOON)
        await store.import_chain([LISTED, imported], source=SourceId("file:spy.csv"))
        await store.vacuum()
        _steps(store, NOON + 2 * DAY_NS + 3 * HOUR)
        gone = store._writer.submit(lambda connection: list(forget(connection, store._archive))).result(20)
        assert [step.partition(" are forgotten")[0] for step in gone][:4] == [
            "trade_minutes of 2026-11-20",
            "trade_minutes of 2026-11-21",
            "quotes of 2026-11-20",
            "quotes of 2026-11-21",
        ]
        assert (await store.quotes(CALL, UtcNanos(0))).seconds.tolist() == [900, 900], "the open day is never forgotten"
        assert NOON in (await store.snapshots(SPY)).at.tolist(), "what was imported stays"
        assert store._writer.submit(lambda connection: list(forget(connection, store._archive))).result(20) == []


async def test_a_store_that_goes_on_for_days_stays_within_its_budget(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    listed = listing(series_of("SPY"), strikes=np.arange(1.0, 201.0).tolist())
    budget = 9 * 2**20
    steps: list[str] = []
    with opened(tmp_path, budget=budget) as store:
        store.record(listed)
        for day in range(12):
            for minute in range(20):
                store.record(trades(np.arange(401), random.random(401), at=NOON + day * DAY_NS + minute * 60 * SECOND_NS))
            await store.flush(30)
            report = await store.vacuum()
            steps.extend(report.steps)
            assert report.after_bytes < 1.1 * budget, (day, report)
    assert any("forgotten" in step for step in steps), report


async def test_a_store_over_its_budget_thins_until_it_fits(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    listed = listing(series_of("SPY"), strikes=np.arange(1.0, 501.0).tolist())
    with opened(tmp_path, budget=12 * 2**20) as store:
        store.record(listed)
        for day in range(3):
            for second in range(90):
                prices = np.round(random.random(1001) * 100, 2)
                store.record(quotes(np.arange(1001), prices, prices + 1, at=NOON + day * DAY_NS + second * SECOND_NS))
        await store.flush(30)
        size = store.status().size_bytes
        report = await store.vacuum()
        assert report.within_budget
        assert report.after_bytes <= 12 * 2**20 < size or size <= 12 * 2**20
        info = await store.info()
        assert info.size_bytes + info.archive_bytes == report.after_bytes
        assert info.archive_bytes > 0
        assert (await store.quotes(ContractId(listed.name[1]), UtcNanos(0))).at.shape[0] > 0


async def test_a_budget_that_cannot_be_met_is_said_once(tmp_path: Path) -> None:
    with opened(tmp_path, budget=1000, upkeep_delay_seconds=0.0, upkeep_seconds=0.01) as store:
        store.record(LISTED)
        for second in range(5):
            store.record(quotes(np.arange(7), 1.0, 2.0, at=NOON + second * SECOND_NS))
            await store.flush()
        await store.flush()
        titles = [notice.title for notice in store.take_notices()]
        assert titles == ["The history is larger than its budget"]


def test_upkeep_waits_while_a_copy_is_made(tmp_path: Path) -> None:
    connection = connect(tmp_path / "live.duckdb")
    apply_migrations(connection)
    upkeep = Upkeep(Archive(tmp_path / "archive"), settings(upkeep_delay_seconds=0.0), budget_bytes=10**9, restarts_time=False)
    database = type("Open", (), {"connection": connection, "path": tmp_path / "live.duckdb", "give_back": lambda _self, _keep: 0})()
    with upkeep.copying:
        assert upkeep.step(database, None, NOON, 1e12) == []  # type: ignore[arg-type]
    connection.close()


@pytest.mark.parametrize("free", [0.0, 0.5])
async def test_space_given_free_is_given_back_by_a_vacuum(tmp_path: Path, free: float) -> None:
    random = np.random.default_rng(2)
    told: list[tuple[float, str]] = []
    listed = listing(series_of("SPY"), strikes=np.arange(1.0, 501.0).tolist())
    with opened(tmp_path) as store:
        store.record(listed)
        for second in range(120):
            prices = np.round(random.random(1001) * 100, 2)
            store.record(quotes(np.arange(1001), prices, prices + 1, at=NOON + second * SECOND_NS))
        await store.flush(30)

        def thin(connection: object) -> None:
            connection.execute(f"DELETE FROM quotes WHERE ts % 100 < {100 - free * 100}")  # type: ignore[attr-defined]
            connection.execute("CHECKPOINT")  # type: ignore[attr-defined]

        store._writer.submit(thin).result(20)
        report = await store.vacuum(lambda share, what: told.append((share, what)))
        assert report.after_bytes <= report.before_bytes
        assert [share for share, _ in told] == sorted(share for share, _ in told)
        assert told[-1] == (1.0, "done")
        store.record(quotes([1], 7.0, 8.0, at=NOON + 200 * SECOND_NS))
        await store.flush()
        assert (await store.quotes(ContractId(listed.name[1]), UtcNanos(NOON + 200 * SECOND_NS))).bid.tolist() == [7.0]


async def test_surfaces_and_marks_keep_to_the_budget_too_and_their_daily_values_stay(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    budget = 11 * 2**20
    steps: list[str] = []
    with opened(tmp_path, budget=budget, surface_points_seconds=0.0) as store:
        store.record(LISTED)
        for day in range(2):
            for minute in range(12):
                at = NOON + day * DAY_NS + minute * 60 * SECOND_NS
                slices = [fitted_slice(at=at, strikes=1500, bid_iv=floats(random.random(1500))) for _ in range(2)]
                store.record_surface(surface(at=at, level=0.2 + minute / 1000, slices=tuple(slices)))
                store.record(exposure(at=at, net=float(minute)))
            await store.flush(30)
            report = await store.vacuum()
            steps.extend(report.steps)
            assert report.after_bytes < 1.1 * budget, (day, report)
        assert (await store.daily_measures(SPY, "atm:30")).value.shape == (2,)
        assert (await store.daily_measures(SPY, "gex")).value.tolist() == [11.0] * 2
        assert (await store.surface_at(SPY, SurfaceModel.SVI, UtcNanos(NOON + 2 * DAY_NS))).as_of == NOON + DAY_NS + 11 * 60 * SECOND_NS
    assert any(step.startswith("surface_points") and " to one in " in step for step in steps), report


async def test_a_surface_is_forgotten_with_its_slices_day_by_day(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for day in range(3):
            for minute in range(20):
                store.record_surface(surface(at=NOON + day * DAY_NS + minute * 60 * SECOND_NS))
        await store.vacuum()
        thinned = _steps(store, NOON + 2 * DAY_NS + HOUR)
        assert "surface_slices of 2026-11-20 to one in 900 s" in thinned
        times = (await store.surface_times(SPY)).at.tolist()
        assert [(at - NOON) // 60 // SECOND_NS for at in times[:2]] == [19, 24 * 60 + 19], "the last of each closed day"
        assert len((await store.surface_at(SPY, SurfaceModel.SVI, UtcNanos(times[0]))).slices) == 2
        gone = store._writer.submit(lambda connection: list(forget(connection, store._archive))).result(20)
        assert [step.partition(" are forgotten")[0] for step in gone if "surface" in step] == [
            "surface_points of 2026-11-20",
            "surface_points of 2026-11-21",
            "surfaces of 2026-11-20",
            "surface_slices of 2026-11-20",
            "surfaces of 2026-11-21",
            "surface_slices of 2026-11-21",
        ]
