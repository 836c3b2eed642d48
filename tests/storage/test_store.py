import asyncio
import stat
from pathlib import Path

import numpy as np
import pytest

from engine.domain.columns import longs
from engine.domain.errors import BadInput, StoreUnavailable
from engine.domain.ids import ContractId, RunId, SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.domain.market import FeedCondition, FeedState, Pulse, Side
from engine.storage.store import Store
from tests.kit.market import NAN, NOON, OPEN, bars, listing, quotes, series_of, summaries, trades, volatility
from tests.kit.marks import breach, exposure, flow, measure, openings, sums, surface
from tests.kit.storage import look, opened, until

SPY = Symbol("SPY")
LISTED = listing(series_of("SPY"), series_of("SPXW"), symbols=("QQQ",))
FIRST = LISTED.name.index("SPY") + 3
CALL = ContractId(LISTED.name[FIRST])
"""The first option of SPY, a call."""


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


async def test_what_was_recorded_can_be_read(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(quotes([FIRST, FIRST + 1], [1.0, NAN], [1.2, 0.3]))
        store.record(trades([FIRST], [1.1], size=7.0, side=[Side.BUY], at=NOON + 1))
        await store.flush()
        found = await store.quotes(CALL, UtcNanos(NOON - 1))
        assert found.at.tolist() == [NOON]
        assert (found.bid[0], found.ask[0], found.bid_size[0]) == (1.0, 1.2, 10.0)
        tape = await store.trades(SPY)
        assert tape.name == (CALL,)
        assert (tape.price[0], tape.size[0], tape.side[0], tape.bid[0], tape.ask[0]) == (1.1, 7.0, Side.BUY, 1.0, 1.2)
        assert np.isnan(tape.spot[0])


async def test_unknown_numbers_come_back_unknown_never_zero(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(quotes([FIRST], NAN, NAN, size=NAN, event_at=[0]))
        await store.flush()
        found = await store.quotes(CALL, UtcNanos(0))
        assert np.isnan(found.bid).all()
        assert np.isnan(found.ask).all()
        assert np.isnan(found.bid_size).all()
        assert found.event_at.tolist() == [0]
        latest = await store.latest(SPY)
        assert np.isnan(latest.open_interest).all()
    assert look(tmp_path / "live.duckdb", "SELECT bid, event_at FROM quotes") == [(None, None)]


async def test_names_never_recorded_have_empty_answers(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        nothing = Symbol("NONE")
        assert (await store.bars(nothing, 60)).start.shape == (0,)
        assert (await store.volatility_history(nothing)).day.shape == (0,)
        assert (await store.trades(nothing)).at.shape == (0,)
        assert (await store.quotes(nothing, UtcNanos(0))).at.shape == (0,)
        assert (await store.latest(nothing)).name == ()
        assert (await store.snapshots(nothing)).at.shape == (0,)
        assert await store.chain_at(nothing, UtcNanos(NOON)) is None


async def test_every_row_carries_source_and_run(tmp_path: Path) -> None:
    with opened(tmp_path, source="venue", run="run-7", snapshot_seconds=1.0) as store:
        store.record(LISTED)
        store.record(FeedCondition(at=UtcNanos(NOON), state=FeedState.LIVE))
        store.record(quotes([FIRST], 1.0, 1.2))
        store.record(trades([FIRST], 1.1))
        store.record(bars("SPY", [OPEN], 500.0))
        store.record(volatility("SPY", [0.2]))
        for mark in (surface(), measure(atm_30=0.2), exposure(), flow([FIRST]), sums(OPEN), openings([FIRST], OPEN), breach()):
            store.record(mark)
        store.record(quotes([FIRST], 1.0, 1.2, at=NOON + 5 * SECOND_NS))
        await store.flush()
    path = tmp_path / "live.duckdb"
    tables = [row[0] for row in look(path, "SELECT table_name FROM duckdb_tables()")]
    carriers = set(tables) - {"sources", "runs", "schema_version", "archives", "archived_hours"}
    assert {"quotes", "trades", "bars", "volatility_history", "latest", "snapshots", "snapshot_quotes", "feed_states"} <= carriers
    assert {"surfaces", "surface_slices", "surface_points", "measures", "daily_measures", "exposure_marks"} <= carriers
    assert {"flow_marks", "flow_days", "openings", "breaches"} <= carriers
    for table in carriers:
        owners = look(
            path,
            f"SELECT DISTINCT o.name, r.run FROM {table} f LEFT JOIN sources o ON o.id = f.source_id LEFT JOIN runs r ON r.id = f.run_id",
        )
        assert owners in ([("venue", "run-7")], []), table
        assert owners or table == "trade_minutes", table


async def test_ids_are_the_same_after_a_restart_and_listings_come_in_any_order(tmp_path: Path) -> None:
    with opened(tmp_path, run="a") as store:
        store.record(LISTED)
        store.record(quotes([FIRST], 1.0, 1.2))
        await store.flush()
    before = dict(look(tmp_path / "live.duckdb", "SELECT name, id FROM instruments"))
    with opened(tmp_path, run="b") as store:
        store.record(listing(series_of("IWM"), series_of("SPY"), first=100))
        store.record(quotes(np.arange(100, 114), 2.0, 2.2, at=NOON + DAY_NS))
        await store.flush()
        assert (await store.quotes(CALL, UtcNanos(0))).bid.tolist() == [1.0, 2.0]
    after = dict(look(tmp_path / "live.duckdb", "SELECT name, id FROM instruments"))
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(after)


async def test_history_said_again_adds_nothing_and_history_corrected_is_corrected(tmp_path: Path) -> None:
    starts = OPEN + np.arange(5) * 60 * SECOND_NS
    for run in ("a", "b"):
        with opened(tmp_path, run=run) as store:
            for _ in range(2):
                store.record(bars("SPY", starts, [500.0, 501, 502, 503, 504]))
                store.record(volatility("SPY", [0.20, 0.21, 0.22]))
            await store.flush()
            assert (await store.bars(SPY, 60)).close.tolist() == [500.0, 501, 502, 503, 504]
            assert (await store.volatility_history(SPY)).atm_iv.tolist() == [0.20, 0.21, 0.22]
    assert look(tmp_path / "live.duckdb", "SELECT count(*), count(DISTINCT run_id) FROM bars") == [(5, 1)]
    with opened(tmp_path, run="c") as store:
        store.record(bars("SPY", starts[-1:], 505.0))
        await store.flush()
        assert (await store.bars(SPY, 60)).close.tolist() == [500.0, 501, 502, 503, 505]


async def test_one_batch_may_say_the_same_bar_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(bars("SPY", [OPEN, OPEN], [500.0, 501.0]))
        await store.flush()
        assert (await store.bars(SPY, 60)).close.tolist() == [501.0]


async def test_bars_answer_the_newest_before_an_instant(tmp_path: Path) -> None:
    starts = OPEN + np.arange(10) * 60 * SECOND_NS
    with opened(tmp_path) as store:
        store.record(bars("SPY", starts, np.arange(10.0)))
        store.record(bars("SPY", [OPEN - DAY_NS], 77.0, seconds=86_400))
        await store.flush()
        assert (await store.bars(SPY, 60, limit=3)).close.tolist() == [7.0, 8.0, 9.0]
        assert (await store.bars(SPY, 60, UtcNanos(int(starts[4])), 2)).close.tolist() == [2.0, 3.0]
        assert (await store.bars(SPY, 60, limit=0)).close.tolist() == []
        assert (await store.bars(SPY, 86_400)).close.tolist() == [77.0]


async def test_prints_come_newest_first_and_bounded(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        spot = LISTED.name.index("SPY")
        for minute in range(0, 600, 60):
            store.record(trades([FIRST, spot], [minute, 1000 + minute], at=NOON + minute * 60 * SECOND_NS))
        await store.flush()
        assert (await store.trades(SPY, 3)).price.tolist() == [540.0, 480.0, 420.0]
        assert (await store.trades(SPY, 2, options_only=False)).price.tolist() == [1540.0, 540.0]
        some = await store.trades(SPY, 100, UtcNanos(NOON), UtcNanos(NOON + 3600 * SECOND_NS))
        assert some.price.tolist() == [0.0]


async def test_the_latest_of_a_name_is_kept_up(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(quotes([FIRST], 1.0, 1.2))
        store.record(summaries([FIRST], volume=10.0, open_interest=900.0))
        await store.flush()
        store.record(quotes([FIRST], 1.5, 1.7, at=NOON + SECOND_NS))
        await store.flush()
        latest = await store.latest(SPY)
        assert latest.name == (CALL,)
        assert (latest.bid[0], latest.volume[0], latest.open_interest[0]) == (1.5, 10.0, 900.0)
        assert latest.at.tolist() == [NOON + SECOND_NS]
    assert look(tmp_path / "live.duckdb", "SELECT count(*) FROM latest") == [(1,)]


async def test_two_handles_of_one_contract_make_one_latest_row(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(listing(series_of("SPY"), first=200))
        again = 200 + listing(series_of("SPY")).name.index(CALL)
        store.record(quotes([FIRST, again], [1.0, 2.0], 3.0))
        await store.flush()
        latest = await store.latest(SPY)
        assert latest.name == (CALL,)


async def test_a_slot_flushed_early_still_holds_one_row_a_contract(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        for step in range(5):
            store.record(quotes([FIRST], 1.0 + step, 9.0, at=NOON + step))
            await store.flush()
        store.record(quotes([FIRST], 8.0, 9.0, at=NOON + SECOND_NS))
        await store.flush()
        assert (await store.quotes(CALL, UtcNanos(0))).bid.tolist() == [5.0, 8.0]


async def test_a_market_gone_quiet_is_written_without_being_asked(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        store.record(quotes([FIRST], 1.0, 9.0))
        await until(lambda: store.flushed_through == 2)
        assert (await store.quotes(CALL, UtcNanos(0))).bid.tolist() == [1.0]


async def test_chains_are_kept_from_time_to_time_and_at_the_close(tmp_path: Path) -> None:
    with opened(tmp_path, snapshot_seconds=900.0) as store:
        store.record(LISTED)
        store.record(FeedCondition(at=UtcNanos(NOON), state=FeedState.LIVE))
        for quarter in range(3):
            store.record(quotes([FIRST], 1.0 + quarter, 9.0, at=NOON + quarter * 900 * SECOND_NS))
        store.record(FeedCondition(at=UtcNanos(NOON + 2000 * SECOND_NS), state=FeedState.CLOSED))
        await store.flush()
        held = await store.snapshots(SPY)
        assert held.at.tolist() == [NOON + 2000 * SECOND_NS, NOON + 900 * SECOND_NS, NOON]
        assert held.contracts.tolist() == [1, 1, 1]
        chain = await store.chain_at(SPY, UtcNanos(NOON + 1000 * SECOND_NS))
        assert chain is not None
        assert (chain.contract, chain.bid.tolist(), chain.at) == ((CALL,), [2.0], NOON + 900 * SECOND_NS)


async def test_a_frozen_market_is_kept_as_one_snapshot_however_often_it_is_opened(tmp_path: Path) -> None:
    for run in ("a", "b"):
        with opened(tmp_path, store="file", source="file:spx.csv", run=run, snapshot_seconds=900.0) as store:
            store.record(LISTED)
            store.record(quotes([FIRST], 1.0, 1.2))
            store.record(FeedCondition(at=UtcNanos(NOON), state=FeedState.FROZEN, reason="a file"))
            await store.flush()
            assert (await store.snapshots(SPY)).at.tolist() == [NOON]


async def test_seeds_of_a_simulated_market_do_not_mix(tmp_path: Path) -> None:
    for number, seed in enumerate(("seed 1", "seed 2", "seed 1")):
        with opened(tmp_path, store="sim", run=f"run-{number}", source="synthetic", variant=seed) as store:
            store.record(LISTED)
            store.record(bars("SPY", [OPEN], 100.0 if seed == "seed 1" else 200.0))
            store.record(volatility("SPY", [0.1 if seed == "seed 1" else 0.2]))
            store.record(trades([FIRST], float(number)))
            store.record(quotes([FIRST], float(number), 9.0))
            await store.flush()
            assert (await store.bars(SPY, 60)).close.tolist() == [100.0 if seed == "seed 1" else 200.0]
            assert (await store.volatility_history(SPY)).atm_iv.tolist() == [0.1 if seed == "seed 1" else 0.2]
            assert (await store.trades(SPY)).price.tolist() == [float(number)]
            assert (await store.quotes(CALL, UtcNanos(0))).bid.tolist() == [float(number)]


async def test_a_simulated_market_started_anew_does_not_know_its_future(tmp_path: Path) -> None:
    starts = OPEN + np.arange(120) * 60 * SECOND_NS
    with opened(tmp_path, store="sim", run="a", source="synthetic", variant="7") as store:
        store.record(bars("SPY", starts, np.arange(120.0), at=int(starts[-1])))
        await store.flush()
    with opened(tmp_path, store="sim", run="b", source="synthetic", variant="7") as store:
        store.record(Pulse(at=UtcNanos(int(starts[10]))))
        await store.flush()
        assert (await store.bars(SPY, 60)).start.tolist() == starts[:11].tolist()


async def test_until_it_has_prints_of_its_own_a_run_shows_those_of_the_run_before(tmp_path: Path) -> None:
    with opened(tmp_path, store="sim", run="a", source="synthetic", variant="7") as store:
        store.record(LISTED)
        store.record(trades([FIRST], 1.0))
        await store.flush()
    with opened(tmp_path, store="sim", run="b", source="synthetic", variant="7") as store:
        await store.ready()
        assert (await store.trades(SPY)).price.tolist() == [1.0]
        store.record(LISTED)
        store.record(trades([FIRST], 2.0))
        await store.flush()
        assert (await store.trades(SPY)).price.tolist() == [2.0]


async def test_a_simulated_store_without_a_variant_keeps_every_run_apart(tmp_path: Path) -> None:
    for run in ("a", "b"):
        with opened(tmp_path, store="sim", run=run, source="synthetic") as store:
            assert (await store.bars(SPY, 60)).close.shape == (0,)
            store.record(bars("SPY", [OPEN], 100.0))
            await store.flush()
            assert (await store.bars(SPY, 60)).close.tolist() == [100.0]


async def test_real_markets_are_one_history_and_the_present_source_wins(tmp_path: Path) -> None:
    starts = OPEN + np.arange(2) * 60 * SECOND_NS
    with opened(tmp_path, run="a", source="cboe") as store:
        store.record(bars("SPY", starts, [1.0, 2.0]))
        await store.flush()
    with opened(tmp_path, run="b", source="tradier") as store:
        store.record(bars("SPY", starts[1:], [3.0]))
        await store.flush()
        assert (await store.bars(SPY, 60)).close.tolist() == [1.0, 3.0]
    with opened(tmp_path, run="c", source="cboe") as store:
        assert (await store.bars(SPY, 60)).close.tolist() == [1.0, 2.0]


async def test_stores_live_in_files_of_their_own(tmp_path: Path) -> None:
    for name in ("live", "sim", "file", "tape"):
        with opened(tmp_path, store=name) as store:
            assert (await store.bars(SPY, 60)).close.shape == (0,)
            store.record(bars("SPY", [OPEN], 1.0))
            await store.flush()
            assert store.status().path == str(tmp_path / f"{name}.duckdb")


async def test_files_and_folders_are_their_owners_alone(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as store:
        store.record(LISTED)
        store.record(quotes([FIRST], 1.0, 1.2))
        await store.flush()
        modes = _modes(tmp_path / "data")
        assert modes["live.duckdb.wal"] == modes["live.duckdb"] == 0o600
        assert modes["data"] == 0o700


async def test_the_status_tells_what_was_written(tmp_path: Path) -> None:
    with opened(tmp_path, budget=5 * 10**9) as store:
        store.record(LISTED)
        store.record(quotes([FIRST, 900], 1.0, 1.2))
        store.record(trades([FIRST], 1.1))
        await store.flush()
        status = store.status()
        assert status.healthy
        assert status.trouble == ""
        assert status.rows_written == 2
        assert status.batches_written >= 1
        assert status.last_write_at == NOON
        assert status.size_bytes > 0
        assert status.budget_bytes == 5 * 10**9
        assert status.queue_rows == status.shed_rows == 0


async def test_a_wall_clock_tells_the_time_of_the_last_write(tmp_path: Path) -> None:
    store = Store.open(
        tmp_path,
        store="live",
        run=RunId("r"),
        source=SourceId("venue"),
        started_at=UtcNanos(1),
        budget_bytes=10**9,
        quote_interval=0.5,
        wall=lambda: UtcNanos(4711),
    )
    store.record(bars("SPY", [OPEN], 1.0))
    await store.flush()
    assert store.status().last_write_at == 4711
    await store.aclose()


async def test_a_closed_store_answers_that_it_is_closed_and_takes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await store.ready()
    store.record(LISTED)
    assert store.accepted == 0
    for question in (store.bars(SPY, 60), store.vacuum()):
        with pytest.raises(StoreUnavailable, match="closed"):
            await question
    store.close()


async def test_whoever_waits_and_closing_wait_for_no_pause_between_batches(tmp_path: Path) -> None:
    with opened(tmp_path, batch_seconds=60.0, idle_seconds=60.0) as store:
        store.record(LISTED)
        await store.flush()
        store.record(quotes([FIRST], 1.0, 1.2))
        store.record(trades([FIRST], 1.1))
    assert look(tmp_path / "live.duckdb", "SELECT (SELECT count(*) FROM quotes), (SELECT count(*) FROM trades)") == [(1, 1)]
    assert not (tmp_path / "live.duckdb.wal").exists()


async def test_a_query_that_takes_too_long_is_ended_and_the_next_one_runs(tmp_path: Path) -> None:
    with opened(tmp_path, read_seconds=0.1) as store:
        await store.ready()
        with pytest.raises(StoreUnavailable, match="took too long"):
            await store._read(
                lambda cursor: cursor.execute("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b").fetchall()
            )
        assert (await store.bars(SPY, 60)).start.shape == (0,)


async def test_readers_see_what_is_flushed_while_the_writer_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(LISTED)
        counts = []
        for second in range(30):
            store.record(quotes(np.arange(14), 1.0, 1.2, at=NOON + second * SECOND_NS))
            store.record(trades([FIRST], 1.1, at=NOON + second * SECOND_NS))
            if second % 5 == 4:
                await store.flush()
                tape, recorded, latest = await asyncio.gather(store.trades(SPY), store.quotes(CALL, UtcNanos(0)), store.latest(SPY))
                counts.append((tape.at.shape[0], recorded.at.shape[0], len(latest.name)))
        assert counts == [(n, n, 7) for n in (5, 10, 15, 20, 25, 30)]


async def test_a_symbol_with_a_quote_in_it_is_only_a_name(tmp_path: Path) -> None:
    with opened(tmp_path / "it's here") as store:
        store.record(bars("X'; DROP TABLE bars; --", [OPEN], 1.0))
        await store.flush()
        assert (await store.bars(Symbol("X'; DROP TABLE bars; --"), 60)).close.tolist() == [1.0]


@pytest.mark.parametrize("changed", [{"store": "real"}, {"budget_bytes": 0}, {"quote_interval": -1.0}, {"quote_interval": NAN}])
def test_nonsense_is_refused_at_once(tmp_path: Path, changed: dict[str, object]) -> None:
    asked: dict[str, object] = {
        "store": "live",
        "run": RunId("r"),
        "source": SourceId("s"),
        "started_at": UtcNanos(1),
        "budget_bytes": 1,
        **changed,
    }
    with pytest.raises(BadInput):
        Store.open(tmp_path, **asked)  # type: ignore[arg-type]


async def test_an_empty_batch_is_no_trouble(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(first=0))
        store.record(quotes(longs([]), 1.0, 1.2))
        store.record(trades(longs([]), 1.0))
        store.record(bars("SPY", longs([]), 1.0))
        await store.flush()
        assert store.status().healthy


async def test_who_only_looks_leaves_no_trace(tmp_path: Path) -> None:
    with opened(tmp_path, run="a") as store:
        store.record(LISTED)
        store.record(trades([FIRST], 1.0))
    with opened(tmp_path, run="onlooker", source="another") as store:
        assert (await store.trades(SPY)).price.tolist() == [1.0]
        assert (await store.info()).runs == 1
    assert look(tmp_path / "live.duckdb", "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM sources)") == [(1, 1)]
