"""What is remembered of fitted surfaces."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import asdict, replace

from engine.domain.columns import floats
from engine.domain.errors import StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS, SECOND_NS
from engine.domain.market import FeedCondition, FeedState
from engine.domain.volatility import Grade, SliceModel, SurfaceModel, SurfaceSlice
from tests.kit.market import NAN, NOON, listing, quotes, series_of
from tests.kit.marks import fitted_slice, surface
from tests.kit.storage import look, opened

SPY = Symbol("SPY")
SVI, ESSVI = SurfaceModel.SVI, SurfaceModel.ESSVI


def _same(found: SurfaceSlice, told: SurfaceSlice, *, but: frozenset[str] | set[str] = frozenset()) -> None:
    for name, value in asdict(told).items():
        if name in but:
            continue
        if isinstance(value, np.ndarray):
            np.testing.assert_allclose(getattr(found, name), value, rtol=1e-6, atol=1e-6, err_msg=name)
        else:
            assert getattr(found, name) == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), name


async def test_a_surface_comes_back_as_it_was_fitted(tmp_path: Path) -> None:
    told = surface()
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        store.record_surface(told)
        await store.flush()
        found = await store.surface_at(SPY, SVI, UtcNanos(NOON))
    assert (found.symbol, found.source, found.state, found.as_of, found.spot, found.model) == (
        SPY,
        "venue",
        FeedState.LIVE,
        NOON,
        100.0,
        SVI,
    )
    assert found.recorded
    for one, other in zip(found.slices, told.slices, strict=True):
        _same(one, other)
        assert one.parameters.tolist() == other.parameters.tolist(), "to the last bit"
    for name in told.maturities.__struct_fields__:
        np.testing.assert_allclose(getattr(found.maturities, name), getattr(told.maturities, name), rtol=1e-6, err_msg=name)


async def test_between_two_instants_the_earlier_surface_holds_and_before_the_first_there_is_none(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for minute in range(3):
            store.record_surface(surface(at=NOON + minute * MINUTE_NS, level=0.2 + minute / 64))
        await store.flush()
        for after, minute in ((0, 0), (MINUTE_NS - 1, 0), (MINUTE_NS, 1), (DAY_NS, 2)):
            found = await store.surface_at(SPY, SVI, UtcNanos(NOON + after))
            assert found.as_of == NOON + minute * MINUTE_NS
            assert found.slices[0].atm_iv == pytest.approx(0.2 + minute / 64)
        with pytest.raises(StoreUnavailable, match="No svi surface of SPY is stored up to"):
            await store.surface_at(SPY, SVI, UtcNanos(NOON - 1))
        with pytest.raises(StoreUnavailable, match="No essvi surface"):
            await store.surface_at(SPY, ESSVI, UtcNanos(NOON))
        with pytest.raises(StoreUnavailable, match="QQQ"):
            await store.surface_at(Symbol("QQQ"), SVI, UtcNanos(NOON))


async def test_one_surface_a_minute_is_kept_of_each_model_and_the_last_before_a_pause(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for second in range(0, 130, 5):
            for model in (SVI, ESSVI):
                store.record_surface(surface(at=NOON + second * SECOND_NS, model=model))
        store.record_surface(surface(at=NOON + DAY_NS))
        await store.flush()
        times = await store.surface_times(SPY)
        assert [(at - NOON) // SECOND_NS for at in times.at.tolist()] == [0, 60, 120, 125, 86_400]
        assert times.source == "venue"
        assert times.spot.tolist() == [100.0] * 5
        assert times.atm_iv_30 == pytest.approx([0.2] * 5)


@pytest.mark.parametrize("state", [FeedState.CLOSED, FeedState.FROZEN])
async def test_as_the_market_rests_the_last_surface_is_kept(tmp_path: Path, state: FeedState) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        for second in (0, 10, 20):
            store.record_surface(surface(at=NOON + second * SECOND_NS))
        store.record(FeedCondition(at=UtcNanos(NOON + 30 * SECOND_NS), state=state))
        await store.flush()
        assert (await store.surface_times(SPY)).at.tolist() == [NOON, NOON + 20 * SECOND_NS]


async def test_as_the_recording_ends_the_last_surface_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for second in (0, 10, 20):
            store.record_surface(surface(at=NOON + second * SECOND_NS))
    assert look(tmp_path / "live.duckdb", "SELECT ts FROM surfaces ORDER BY ts") == [(NOON,), (NOON + 20 * SECOND_NS,)]


async def test_market_points_are_kept_at_a_slower_rhythm_and_the_fit_is_drawn_at_their_strikes_in_between(tmp_path: Path) -> None:
    first, later = surface(), surface(at=NOON + MINUTE_NS, level=0.25)
    with opened(tmp_path) as store:
        store.record_surface(first)
        store.record_surface(surface(model=ESSVI))
        store.record_surface(later)
        await store.flush()
        found = await store.surface_at(SPY, SVI, later.as_of)
        for one, other in zip(found.slices, later.slices, strict=True):
            _same(one, other, but={"bid_iv", "mid_iv", "ask_iv", "residual"})
            for name in ("bid_iv", "mid_iv", "ask_iv", "residual"):
                assert np.isnan(getattr(one, name)).all()
        risk = await store.surface_at(SPY, ESSVI, UtcNanos(NOON))
        _same(risk.slices[0], surface(model=ESSVI).slices[0])
    assert look(tmp_path / "live.duckdb", "SELECT count(*), count(DISTINCT ts) FROM surface_points") == [(6, 1)]


async def test_a_spline_is_kept_by_its_points_each_time_and_a_slice_without_a_fit_is_kept_as_such(tmp_path: Path) -> None:
    nothing = floats([NAN] * 5)
    with opened(tmp_path) as store:
        for minute in range(2):
            at = NOON + minute * MINUTE_NS
            spline = fitted_slice(series_of("SPY"), at=at, model=SliceModel.SPLINE, parameters=nothing, level=0.2 + minute / 16)
            unfit = fitted_slice(
                series_of("SPXW"),
                at=at,
                model=SliceModel.NONE,
                parameters=nothing,
                grade=Grade.FAILED,
                reasons=(),
                left_out={},
                atm_iv=NAN,
                fit_iv=floats([NAN] * 3),
                residual=floats([NAN] * 3),
            )
            store.record_surface(surface(at=at, slices=(spline, unfit)))
        await store.flush()
        found = await store.surface_at(SPY, SVI, UtcNanos(NOON + MINUTE_NS))
        _same(found.slices[0], spline)
        assert (found.slices[1].model, found.slices[1].grade, found.slices[1].reasons, found.slices[1].left_out) == (
            SliceModel.NONE,
            Grade.FAILED,
            (),
            {},
        )
        assert np.isnan(found.slices[1].atm_iv)
        assert np.isnan(found.slices[1].fit_iv).all()
        assert found.slices[1].strikes.tolist() == [90.0, 100.0, 110.0]


async def test_a_surface_that_says_nothing_is_not_kept_and_unknown_figures_stay_unknown(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record_surface(surface(slices=()))
        await store.flush()
        assert (await store.surface_times(SPY)).at.tolist() == []
        bare = surface(at=NOON + 1, spot=NAN, strikes=0)
        store.record_surface(
            replace(
                bare,
                maturities=replace(
                    bare.maturities,
                    days=bare.maturities.days[:0],
                    flags=bare.maturities.flags[:0],
                    **{name: floats([]) for name in bare.maturities.__struct_fields__ if name not in {"days", "flags"}},
                ),
            )
        )
        await store.flush()
        found = await store.surface_at(SPY, SVI, UtcNanos(NOON + 1))
        assert np.isnan(found.spot)
        assert found.maturities.days.tolist() == []
        assert found.slices[0].strikes.tolist() == []
        assert np.isnan((await store.surface_times(SPY)).atm_iv_30).all()


async def test_more_instants_than_asked_for_are_the_newest_or_between_bounds_thinned_evenly(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for minute in range(21):
            store.record_surface(surface(at=NOON + minute * MINUTE_NS, strikes=0))
        await store.flush()

        async def minutes(**bounds: int) -> list[int]:
            found = await store.surface_times(SPY, limit=5, **{name: UtcNanos(NOON + at * MINUTE_NS) for name, at in bounds.items()})
            return [(at - NOON) // MINUTE_NS for at in found.at.tolist()]

        assert await minutes() == [16, 17, 18, 19, 20]
        assert await minutes(until=10) == [5, 6, 7, 8, 9]
        assert await minutes(since=0) == [0, 5, 10, 15, 20]
        assert await minutes(since=18) == [18, 19, 20]
        assert (await store.surface_times(Symbol("QQQ"))).at.tolist() == []


async def test_surfaces_of_closed_days_are_read_from_the_archive_as_they_were(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        for day in range(3):
            for minute in range(2):
                at = NOON + day * DAY_NS + minute * MINUTE_NS
                store.record(quotes([1], 1.0, 2.0, at=at))
                store.record_surface(surface(at=at, level=0.2 + day / 16))
        await store.flush()
        instants = (await store.surface_times(SPY)).at.tolist()
        before = [await store.surface_at(SPY, SVI, UtcNanos(at)) for at in instants]
        report = await store.vacuum()
        assert any(step.startswith("surface_slices") for step in report.steps)
        assert (await store.surface_times(SPY)).at.tolist() == instants
        after = [await store.surface_at(SPY, SVI, UtcNanos(at)) for at in instants]
        for one, other in zip(after, before, strict=True):
            assert one.as_of == other.as_of
            for a, b in zip(one.slices, other.slices, strict=True):
                _same(a, b)
    assert look(tmp_path / "live.duckdb", "SELECT count(*) FROM surfaces") == [(2,)]


async def test_simulated_runs_do_not_mix_their_surfaces_and_do_not_know_their_future(tmp_path: Path) -> None:
    for number, (run, seed) in enumerate((("a", "1"), ("b", "2"), ("c", "1"))):
        with opened(tmp_path, store="sim", source="synthetic", variant=seed, run=run) as store:
            await store.ready()
            if run == "c":
                assert (await store.surface_at(SPY, SVI, UtcNanos(NOON))).slices[0].atm_iv == 0.125, "of the run of this seed before"
            store.record(quotes([0], 1.0, 2.0))
            store.record_surface(surface(level=(number + 1) / 8))
            await store.flush()
            assert (await store.surface_at(SPY, SVI, UtcNanos(NOON + 2 * DAY_NS))).slices[0].atm_iv == (number + 1) / 8
            assert (await store.surface_times(SPY)).at.tolist() == [NOON]
            store.record_surface(surface(at=NOON + DAY_NS, level=0.9))


async def test_a_series_keeps_its_terms_and_one_known_by_name_alone_has_what_the_name_says(tmp_path: Path) -> None:
    coin = series_of("BTC")
    told = surface("BTC", slices=(fitted_slice(coin),))
    with opened(tmp_path) as store:
        store.record_surface(told)
        await store.flush()
        assert (await store.surface_at(Symbol("BTC"), SVI, UtcNanos(NOON))).slices[0].series == coin
        store._writer.submit(lambda connection: connection.execute("DELETE FROM series").fetchall()).result(10)
        named = (await store.surface_at(Symbol("BTC"), SVI, UtcNanos(NOON))).slices[0].series
        assert (named.id, named.root, named.expiry, named.settlement) == (coin.id, coin.root, coin.expiry, coin.settlement)
        assert abs(named.settles_at - coin.settles_at) < SECOND_NS


async def test_surfaces_in_a_row_begin_with_the_one_that_stands_and_have_no_points(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(listing(series_of("SPY")))
        for minute in range(6):
            for model in (SVI, ESSVI):
                store.record_surface(surface(at=NOON + minute * MINUTE_NS, level=0.2 + minute / 64, model=model))
        await store.flush()
        found = await store.surfaces_between(SPY, SVI, UtcNanos(NOON + MINUTE_NS + 1), UtcNanos(NOON + 4 * MINUTE_NS))
        assert [one.as_of for one in found] == [NOON + minute * MINUTE_NS for minute in (1, 2, 3)]
        assert {one.model for one in found} == {SVI}
        alone = await store.surface_at(SPY, SVI, UtcNanos(NOON + 2 * MINUTE_NS))
        for one, other in zip(found[1].slices, alone.slices, strict=True):
            assert one.strikes.size == 0
            assert other.strikes.size == 3
            _same(one, other, but={"strikes", "right", "use", "bid_iv", "mid_iv", "ask_iv", "fit_iv", "residual"})
        assert found[1].maturities.atm_iv.tolist()[:-1] == alone.maturities.atm_iv.tolist()[:-1]
        few = await store.surfaces_between(SPY, ESSVI, UtcNanos(NOON), UtcNanos(NOON + DAY_NS), 2)
        assert [one.as_of for one in few] == [NOON, NOON + MINUTE_NS]
        assert await store.surfaces_between(SPY, SVI, UtcNanos(NOON - DAY_NS), UtcNanos(NOON)) == ()
        assert await store.surfaces_between(Symbol("QQQ"), SVI, UtcNanos(NOON), UtcNanos(NOON + 1)) == ()


async def test_surfaces_in_a_row_run_from_the_archive_into_today(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for day in (-2, -1, 0):
            for minute in range(3):
                store.record_surface(surface(at=NOON + day * DAY_NS + minute * MINUTE_NS, level=0.2 + minute / 64))
        await store.flush()
        await store.vacuum()
        found = await store.surfaces_between(SPY, SVI, UtcNanos(NOON - 2 * DAY_NS + MINUTE_NS), UtcNanos(NOON + 2 * MINUTE_NS))
        instants = [NOON + day * DAY_NS + minute * MINUTE_NS for day in (-2, -1, 0) for minute in range(3)]
        assert [one.as_of for one in found] == instants[1:-1]
        assert all(len(one.slices) == 2 and one.slices[0].atm_iv > 0 for one in found)


async def test_a_spline_in_a_row_has_the_points_it_is_drawn_from(tmp_path: Path) -> None:
    nothing = floats(np.full(5, NAN))
    spline = replace(fitted_slice(), model=SliceModel.SPLINE, parameters=nothing)
    with opened(tmp_path) as store:
        for minute in range(3):
            store.record_surface(surface(at=NOON + minute * MINUTE_NS, slices=(spline,)))
        await store.flush()
        found = await store.surfaces_between(SPY, SVI, UtcNanos(NOON), UtcNanos(NOON + DAY_NS))
    assert len(found) == 3
    for one in found:
        np.testing.assert_allclose(one.slices[0].fit_iv, spline.fit_iv, rtol=1e-6)
