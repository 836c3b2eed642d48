"""What is remembered of measures, exposures, flow and breaches."""

from pathlib import Path

import numpy as np
import pytest

from engine.domain.errors import BadInput
from engine.domain.ids import ContractId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, utc_instant
from engine.domain.market import FeedCondition, FeedState
from engine.domain.marks import Opening
from engine.domain.volatility import SurfaceModel
from engine.storage.store import Store
from engine.storage.tiers import forget, reduce
from tests.kit.market import NAN, NOON, TODAY, listing, quotes, series_of, volatility
from tests.kit.marks import breach, exposure, flow, measure, openings, sums, surface
from tests.kit.storage import look, opened

SPY, BTC = Symbol("SPY"), Symbol("BTC")
LISTED = listing(series_of("SPY"))
CALL = ContractId(LISTED.name[1])
DAY = utc_instant(TODAY)


async def test_measures_are_read_as_they_were_recorded_one_a_minute(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for second in range(0, 125, 5):
            store.record(measure(at=NOON + second * SECOND_NS, atm_30=0.2 + second / 1000, rr25_30=-0.04, term_30_90=NAN))
        await store.flush()
        found = await store.measure_series(SPY, "ATM:30")
        assert (found.symbol, found.measure) == (SPY, "atm:30")
        assert [(at - NOON) // SECOND_NS for at in found.at.tolist()] == [0, 60, 120]
        assert found.value == pytest.approx([0.2, 0.26, 0.32])
        assert (await store.measure_series(SPY, "atm:30", limit=1)).value == pytest.approx([0.32])
        between = await store.measure_series(SPY, "atm:30", UtcNanos(NOON + 1), UtcNanos(NOON + 120 * SECOND_NS))
        assert between.value == pytest.approx([0.26])
        assert (await store.measure_series(SPY, "term:30:90")).value.tolist() == [], "an unknown value is not kept"
        assert (await store.measure_series(Symbol("QQQ"), "atm:30")).at.tolist() == []
        with pytest.raises(BadInput, match="no measure"):
            await store.measure_series(SPY, "atm")


async def test_of_each_session_the_last_value_is_its_daily_one(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for day in range(3):
            for minute, value in enumerate((0.2, 0.3, 0.25 + day / 100)):
                store.record(measure(at=NOON + day * DAY_NS + minute * MINUTE_NS, index_30=value))
        await store.flush()
        found = await store.daily_measures(SPY, "index:30")
        assert found.at.tolist() == [DAY + day * DAY_NS for day in range(3)]
        assert found.value == pytest.approx([0.25, 0.26, 0.27])
        assert found.origin == ("venue",) * 3
        assert (await store.daily_measures(SPY, "index:30", limit=1)).value == pytest.approx([0.27])
        assert (await store.daily_measures(SPY, "index:30", UtcNanos(DAY + DAY_NS), UtcNanos(DAY + 2 * DAY_NS))).value == pytest.approx(
            [0.26]
        )


async def test_what_was_held_back_and_comes_late_does_not_replace_the_last_value_of_a_session(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(measure(at=NOON, atm_30=0.1, pcr_volume=0.5))
        store.record(measure(at=NOON + MINUTE_NS // 2, atm_30=0.2, pcr_volume=0.6))
        store.record(measure(at=NOON + 5 * MINUTE_NS, atm_30=0.3))
        store.record(FeedCondition(at=UtcNanos(NOON + 6 * MINUTE_NS), state=FeedState.CLOSED))
        await store.flush()
        assert (await store.daily_measures(SPY, "atm:30")).value == pytest.approx([0.3])
        assert (await store.measure_series(SPY, "atm:30")).value == pytest.approx([0.1, 0.2, 0.3])


async def test_an_evening_in_new_york_is_of_that_date_and_a_coins_day_is_of_utc(tmp_path: Path) -> None:
    late = DAY + 26 * HOUR_NS
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY"), series_of("BTC")))
        store.record(measure("SPY", at=late, atm_30=0.2))
        store.record(measure("BTC", at=late, atm_30=0.6))
        await store.flush()
        assert (await store.daily_measures(SPY, "atm:30")).at.tolist() == [DAY]
        assert (await store.daily_measures(BTC, "atm:30")).at.tolist() == [DAY + DAY_NS]


async def test_the_volatility_history_is_the_past_of_its_measures_and_no_session_counts_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(volatility("SPY", [0.10, 0.11, 0.12]))
        await store.flush()
        told = await store.volatility_history(SPY)
        last = int(told.day[-1])
        store.record(measure(at=last + 17 * HOUR_NS, atm_30=0.5))
        store.record(measure(at=last + DAY_NS + 17 * HOUR_NS, atm_30=0.13))
        await store.flush()
        found = await store.daily_measures(SPY, "atm:30")
        assert found.at.tolist() == [*told.day.tolist(), last + DAY_NS]
        assert found.value == pytest.approx([0.10, 0.11, 0.12, 0.13]), "the session's own close, not what was seen within it"
        assert {"atm:30", "rr25:30", "bf25:30"} <= set(await store.measures_of(SPY))
        assert (await store.daily_measures(SPY, "rr25:30")).value.shape == (3,)
        assert (await store.daily_measures(SPY, "atm:60")).value.shape == (0,)


async def test_exposures_are_kept_with_their_measures(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(exposure(net=1e9))
        store.record(exposure(net=9e9, at=NOON + SECOND_NS))
        store.record(exposure(net=-2e9, flip=NAN, at=NOON + MINUTE_NS))
        await store.flush()
        found = await store.exposure_marks(SPY)
        assert found.at.tolist() == [NOON, NOON + MINUTE_NS]
        assert found.net.tolist() == [1e9, -2e9]
        assert (found.low[0], found.high[0], found.contracts[0], found.left_out[0]) == (5e8, 2e9, 100, 3)
        assert np.isnan(found.flip[1])
        assert (await store.measure_series(SPY, "gex")).value.tolist() == [1e9, -2e9]
        assert (await store.measure_series(SPY, "flip")).value.tolist() == [99.0]
        assert (await store.measure_series(SPY, "wall:negative")).value.tolist() == [95.0, 95.0]
        assert (await store.daily_measures(SPY, "gex")).value.tolist() == [-2e9]
        assert (await store.daily_measures(SPY, "flip")).value.tolist() == [99.0]


async def test_flagged_prints_are_opening_or_closing_once_the_next_days_open_interest_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(flow([1, 2], [1.0, 2.0], flag=5))
        store.record(flow([1], 3.0, at=NOON + SECOND_NS, side=-1))
        await store.flush()
        before = await store.flow_marks(SPY)
        assert before.price.tolist() == [3.0, 2.0, 1.0]
        assert before.name == (CALL, LISTED.name[2], CALL)
        assert before.opening.tolist() == [Opening.UNKNOWN] * 3
        assert (before.flags.tolist(), before.side.tolist()) == ([1, 5, 5], [-1, 1, 1])
        assert np.isnan(before.open_interest).all(), "missing open interest is not zero"
        store.record(openings([1], DAY, at=NOON + DAY_NS))
        store.record(openings([2], DAY, Opening.CLOSING, at=NOON + DAY_NS))
        store.record(openings([2], DAY + DAY_NS, Opening.OPENING, at=NOON + DAY_NS))
        await store.flush()
        assert (await store.flow_marks(SPY)).opening.tolist() == [1, -1, 1]
        store.record(openings([1], DAY, Opening.CLOSING, at=NOON + 2 * DAY_NS))
        await store.flush()
        assert (await store.flow_marks(SPY)).opening.tolist() == [-1, -1, -1]
        await store.vacuum()


async def test_flow_of_a_closed_day_is_read_from_the_archive_with_what_was_learnt_since(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(flow([1, 2], [1.0, 2.0]))
        store.record(quotes([1], 1.0, 2.0, at=NOON + DAY_NS))
        await store.vacuum()
        assert (tmp_path / "archive" / "live" / "flow_marks" / "2026-11-20.parquet").exists()
        store.record(openings([1], DAY, at=NOON + DAY_NS))
        await store.flush()
        found = await store.flow_marks(SPY)
        assert found.name == LISTED.name[2:0:-1]
        assert found.opening.tolist() == [0, 1]
        assert (await store.flow_marks(SPY, limit=0)).name == ()


async def test_prints_of_what_was_never_listed_are_left_out(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(flow([1, 999], 1.0))
        await store.flush()
        assert (await store.flow_marks(SPY)).name == (CALL,)


async def test_the_days_sums_are_kept_as_last_said_and_give_put_call_ratios(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for step in range(3):
            store.record(sums(DAY, at=NOON + step * MINUTE_NS, puts=50.0 * (step + 1)))
        store.record(sums(DAY + DAY_NS, at=NOON + DAY_NS, puts=10.0, calls=0.0))
        await store.flush()
        found = await store.flow_days(SPY)
        assert found.day.tolist() == [DAY, DAY + DAY_NS]
        assert found.put_volume.tolist() == [150.0, 10.0]
        assert np.isnan(found.call_open_interest).all()
        assert (await store.daily_measures(SPY, "pcr:volume")).value.tolist() == [1.5], "without calls there is no ratio"
        assert (await store.daily_measures(SPY, "pcr:premium")).value.tolist() == [2.0, 2.0]
        assert (await store.daily_measures(SPY, "pcr:oi")).value.tolist() == []


async def test_breaches_are_read_newest_first_by_name_and_rule(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(breach())
        store.record(breach(at=NOON + SECOND_NS, entered=False, deviation=1.0, estimate=NAN))
        store.record(breach("flat term", "QQQ", at=NOON + 2 * SECOND_NS, measure="term:30:90"))
        await store.flush()
        found = await store.breaches()
        assert found.rules == ("flat term", "rich skew", "rich skew")
        assert found.symbols == ("QQQ", "SPY", "SPY")
        assert found.measures == ("term:30:90", "rr25:30", "rr25:30")
        assert found.entered.tolist() == [1, 0, 1]
        assert np.isnan(found.estimate[1])
        assert (await store.breaches(SPY)).at.tolist() == [NOON + SECOND_NS, NOON]
        assert (await store.breaches(rule="flat term")).symbols == ("QQQ",)
        assert (await store.breaches(since=UtcNanos(NOON + 1), until=UtcNanos(NOON + 2 * SECOND_NS))).entered.tolist() == [0]


async def _record_days(store: Store, days: int) -> None:
    store.record(LISTED)
    for day in range(days):
        for minute in range(40):
            at = NOON + day * DAY_NS + minute * MINUTE_NS
            store.record(measure(at=at, atm_30=minute / 100))
            store.record(exposure(at=at, net=float(minute)))
    store.record(quotes([0], 1.0, 2.0, at=NOON + days * DAY_NS))
    await store.flush()


async def test_marks_thin_with_age_and_the_daily_ones_stay_when_all_else_is_forgotten(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await _record_days(store, 2)
        await store.vacuum()
        now = NOON + 2 * DAY_NS

        def steps(work: object) -> list[str]:
            return store._writer.submit(lambda connection: list(work(connection))).result(20)  # type: ignore[operator]

        told = steps(lambda connection: reduce(connection, store._archive, now))
        assert "measures of 2026-11-20 to one in 900 s" in told
        assert "exposure_marks of 2026-11-21 to one in 86400 s" in told
        assert (await store.measure_series(SPY, "atm:30")).value == pytest.approx([0.39, 0.39])
        assert (await store.exposure_marks(SPY)).net.tolist() == [39.0, 39.0]
        gone = steps(lambda connection: forget(connection, store._archive))
        assert [step.partition(" are forgotten")[0] for step in gone] == [
            f"{table} of 2026-11-{day}" for day in (20, 21) for table in ("measures", "exposure_marks")
        ]
        assert (await store.measure_series(SPY, "atm:30")).value.tolist() == []
        assert (await store.daily_measures(SPY, "atm:30")).value == pytest.approx([0.39, 0.39])


async def test_of_a_day_that_goes_on_the_hours_past_thin_out(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await _record_days(store, 1)
        now = NOON + 8 * HOUR_NS
        told = store._writer.submit(lambda connection: list(reduce(connection, store._archive, now))).result(20)
        assert told == ["measures of the open days to one in 900 s", "exposure_marks of the open days to one in 900 s"]
        assert (await store.measure_series(SPY, "atm:30")).value == pytest.approx([0.14, 0.29, 0.39])


async def test_a_simulated_market_started_anew_does_not_know_the_end_of_the_day(tmp_path: Path) -> None:
    with opened(tmp_path, store="sim", source="synthetic", variant="7", run="a") as store:
        store.record(measure(at=NOON - DAY_NS, atm_30=0.1))
        store.record(measure(at=NOON + 3 * HOUR_NS, atm_30=0.3))
        await store.flush()
    with opened(tmp_path, store="sim", source="synthetic", variant="7", run="b") as store:
        store.record(quotes([0], 1.0, 2.0, at=NOON))
        await store.flush()
        assert (await store.daily_measures(SPY, "atm:30")).value == pytest.approx([0.1])
        store.record(measure(at=NOON, atm_30=0.2))
        await store.flush()
        assert (await store.daily_measures(SPY, "atm:30")).value == pytest.approx([0.1, 0.2])
        assert (await store.measure_series(SPY, "atm:30")).value == pytest.approx([0.2]), "of this run alone"
    with opened(tmp_path, store="sim", source="synthetic", variant="8", run="c") as store:
        await store.ready()
        assert (await store.daily_measures(SPY, "atm:30")).value.tolist() == [], "another seed is another world"


async def _prints_of(folder: Path, run: str, begins: int, *prices: float) -> list[float]:
    """A run of one simulated market that keeps a print a minute; what is read at its end, oldest first."""
    with opened(folder, store="sim", source="synthetic", variant="7", run=run) as store:
        store.record(LISTED)
        store.record(FeedCondition(at=UtcNanos(begins), state=FeedState.LIVE, reason=""))
        for minute, price in enumerate(prices):
            store.record(flow([1], price, at=begins + minute * MINUTE_NS))
        await store.flush()
        return (await store.flow_marks(SPY)).price.tolist()[::-1]


async def test_prints_of_a_market_that_is_gone_on_with_are_one_history_and_one_played_anew_takes_its_place(tmp_path: Path) -> None:
    assert await _prints_of(tmp_path, "a", NOON, 1.0, 2.0, 3.0) == [1.0, 2.0, 3.0]
    assert await _prints_of(tmp_path, "b", NOON + 5 * MINUTE_NS, 4.0) == [1.0, 2.0, 3.0, 4.0]
    assert await _prints_of(tmp_path, "c", NOON + 2 * MINUTE_NS, 5.0) == [1.0, 2.0, 5.0]
    assert await _prints_of(tmp_path, "d", NOON, 6.0) == [6.0]


async def test_a_copy_holds_what_was_concluded_and_the_archive_is_taken_in_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(flow([1], 1.0))
        store.record(surface(model=SurfaceModel.ESSVI))
        await _record_days(store, 1)
        await store.vacuum()
        info = {table.name: table.rows for table in (await store.info()).tables}
        assert (info["surfaces"], info["surface_slices"], info["surface_points"], info["flow_marks"]) == (1, 2, 6, 1)
        assert (info["measures"], info["exposure_marks"], info["daily_measures"]) == (40, 40, 5)
        await store.backup(tmp_path / "copy.duckdb")
        await store.export(tmp_path / "out")
    for table, rows in (("surfaces", 1), ("surface_slices", 2), ("surface_points", 6), ("measures", 40), ("flow_marks", 1)):
        assert look(tmp_path / "copy.duckdb", f"SELECT count(*) FROM named_{table}") == [(rows,)]
        assert (tmp_path / "out" / f"{table}.parquet").exists()
    (tmp_path / "live.duckdb").unlink()
    with opened(tmp_path, run="later") as store:
        await store.ready()
        assert (await store.surface_at(SPY, SurfaceModel.ESSVI, UtcNanos(NOON))).slices[1].quotes == 3
        assert (await store.flow_marks(SPY)).name == (CALL,)
        assert (await store.measure_series(SPY, "atm:30")).value.shape == (40,)
