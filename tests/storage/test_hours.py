"""How much is stored of a name, hour by hour, and the recorded past across restarts."""

from datetime import date, time
from pathlib import Path

import duckdb
import pytest

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, new_york, new_york_instant
from engine.domain.volatility import SurfaceModel
from engine.storage.store import Store
from tests.kit.market import NOON, listing, quotes, series_of
from tests.kit.marks import exposure, flow, surface
from tests.kit.storage import opened

SPY, SVI, ESSVI = Symbol("SPY"), SurfaceModel.SVI, SurfaceModel.ESSVI
HOUR = NOON // HOUR_NS * HOUR_NS


def record_hour(store: Store, at: int, *, surfaces: int = 3, exposures: int = 2, prints: int = 4) -> None:
    """So many of each, a minute apart; surfaces of both models."""
    for minute in range(surfaces):
        for model in (SVI, ESSVI):
            store.record_surface(surface(at=at + minute * MINUTE_NS, model=model, level=0.2 + minute / 64))
    for minute in range(exposures):
        store.record(exposure(at=at + minute * MINUTE_NS))
    for minute in range(prints):
        store.record(flow([1], 1.0, at=at + minute * MINUTE_NS))


async def test_every_hour_says_how_many_surfaces_exposures_and_prints_it_holds_and_a_gap_is_no_hour(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR)
        record_hour(store, HOUR + 5 * HOUR_NS, surfaces=1, exposures=0, prints=0)
        await store.flush()
        found = await store.stored_hours(SPY)
        assert found.hour.tolist() == [HOUR, HOUR + 5 * HOUR_NS]
        assert (found.surfaces.tolist(), found.exposures.tolist(), found.prints.tolist()) == ([3, 1], [2, 0], [4, 0])
        assert (found.symbol, found.source) == (SPY, "venue")
        later = await store.stored_hours(SPY, UtcNanos(HOUR + HOUR_NS))
        assert later.hour.tolist() == [HOUR + 5 * HOUR_NS]
        assert (await store.stored_hours(SPY, None, UtcNanos(HOUR + 1))).surfaces.tolist() == [1]
        assert (await store.stored_hours(Symbol("QQQ"))).hour.tolist() == []


async def test_an_empty_history_has_no_hours(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert (await store.stored_hours(SPY)).hour.tolist() == []


async def test_hours_of_archived_days_are_counted_with_those_of_today(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR)
        store.record(quotes([1], 1.0, 2.0, at=NOON + DAY_NS))
        await store.vacuum()
        assert list((tmp_path / "archive" / "live").glob("flow_marks/*.parquet"))
        record_hour(store, HOUR + DAY_NS, surfaces=2, exposures=1, prints=1)
        await store.flush()
        found = await store.stored_hours(SPY)
        assert found.hour.tolist() == [HOUR, HOUR + DAY_NS]
        assert found.prints.tolist() == [4, 1]
        assert found.surfaces[1] == 2
        assert found.surfaces[0] >= 1


def archived(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "archive" / "live").glob("*/*.parquet"))


async def test_archived_hours_are_told_without_opening_a_file(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR)
        record_hour(store, HOUR + HOUR_NS, prints=1)
        store.record(quotes([1], 1.0, 2.0, at=NOON + DAY_NS))
        await store.vacuum()
        before = await store.stored_hours(SPY)
        part = await store.stored_hours(SPY, UtcNanos(HOUR + MINUTE_NS), UtcNanos(HOUR + HOUR_NS + 1))
        assert (part.hour.tolist(), part.prints.tolist()) == ([HOUR, HOUR + HOUR_NS], [3, 1]), "a part of an hour is counted itself"
        inside = await store.stored_hours(SPY, UtcNanos(HOUR + MINUTE_NS), UtcNanos(HOUR + 2 * MINUTE_NS))
        assert inside.prints.tolist() == [1]
        for file in archived(tmp_path):
            file.write_bytes(b"nobody reads this")
        found = await store.stored_hours(SPY)
    assert before.hour.tolist() == [HOUR, HOUR + HOUR_NS]
    assert before.prints.tolist() == [4, 1]
    for name in ("hour", "surfaces", "exposures", "prints"):
        assert getattr(found, name).tolist() == getattr(before, name).tolist()


async def test_files_of_before_the_index_are_counted_themselves_and_entered_in_time(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR)
        store.record(quotes([1], 1.0, 2.0, at=NOON + DAY_NS))
        await store.vacuum()
        before = await store.stored_hours(SPY)
    connection = duckdb.connect(str(tmp_path / "live.duckdb"))
    assert connection.execute("DELETE FROM archived_hours").fetchall()[0][0] > 0
    connection.close()
    with opened(tmp_path) as store:
        store.record(quotes([1], 1.0, 2.0, at=NOON + DAY_NS))
        await store.flush()
        assert (await store.stored_hours(SPY)).prints.tolist() == before.prints.tolist()
        await store.vacuum()
        assert (await store.stored_hours(SPY)).prints.tolist() == before.prints.tolist()
    connection = duckdb.connect(str(tmp_path / "live.duckdb"), read_only=True)
    assert connection.execute("SELECT sum(stored) FROM archived_hours WHERE symbol = 'SPY'").fetchall()[0][0] > 0
    connection.close()


async def test_a_file_of_before_the_index_that_cannot_be_read_keeps_no_later_day_out_of_the_archive(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR)
        store.record(quotes([1], 1.0, 2.0, at=NOON + DAY_NS))
        await store.vacuum()
    connection = duckdb.connect(str(tmp_path / "live.duckdb"))
    connection.execute("DELETE FROM archived_hours")
    connection.close()
    folder = tmp_path / "archive" / "live"
    for file in folder.glob("exposure_marks/*.parquet"):
        file.write_bytes(b"half written")
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR + DAY_NS)
        store.record(quotes([1], 1.0, 2.0, at=NOON + 2 * DAY_NS))
        report = await store.vacuum()
        assert sum("cannot be read" in step for step in report.steps) == 1
        assert len(list(folder.glob("flow_marks/*.parquet"))) == 2
        assert len(list(folder.glob("exposure_marks/*.parquet"))) == 2


async def test_the_index_forgets_a_file_that_is_gone(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR)
        store.record(quotes([1], 1.0, 2.0, at=NOON + DAY_NS))
        await store.vacuum()
    for file in archived(tmp_path):
        file.unlink()
    with opened(tmp_path) as store:
        await store.ready()
        assert (await store.stored_hours(SPY)).hour.tolist() == []
        store.take_notices()


async def test_the_past_is_read_after_a_restart_at_an_instant_between_two_and_refused_before_the_first(tmp_path: Path) -> None:
    with opened(tmp_path, run="run-1") as store:
        store.record(listing(series_of("SPY")))
        record_hour(store, HOUR)
        await store.flush()
    with opened(tmp_path, run="run-2") as store:
        store.record(quotes([1], 1.0, 2.0, at=HOUR + 2 * HOUR_NS))
        record_hour(store, HOUR + HOUR_NS, surfaces=1)
        await store.flush()
        for asked, stored in ((0, 0), (MINUTE_NS + 1, MINUTE_NS), (HOUR_NS - 1, 2 * MINUTE_NS), (HOUR_NS, HOUR_NS)):
            found = await store.surface_at(SPY, SVI, UtcNanos(HOUR + asked))
            assert (found.recorded, found.as_of - HOUR) == (True, stored)
        assert (await store.stored_hours(SPY)).surfaces.tolist() == [3, 1]
        with pytest.raises(StoreUnavailable, match=r"No svi surface of SPY is stored up to .*: one is kept each minute"):
            await store.surface_at(SPY, SVI, UtcNanos(HOUR - 1))


async def test_on_the_day_the_clocks_go_back_both_half_past_ones_are_hours_of_their_own(tmp_path: Path) -> None:
    first = new_york_instant(date(2026, 11, 1), time(1, 30))
    second = first + HOUR_NS
    assert new_york(first).hour == new_york(second).hour == 1
    with opened(tmp_path) as store:
        for at, level in ((first, 0.2), (second, 0.3)):
            store.record_surface(surface(at=at, level=level))
        await store.flush()
        assert len(await _hours(store)) == 2
        assert (await store.surface_at(SPY, SVI, UtcNanos(second - 1))).slices[0].atm_iv == pytest.approx(0.2)
        assert (await store.surface_at(SPY, SVI, UtcNanos(second))).slices[0].atm_iv == pytest.approx(0.3)


async def _hours(store: Store) -> list[int]:
    found: list[int] = (await store.stored_hours(SPY)).hour.tolist()
    return found
