from datetime import date

import numpy as np
import pytest

from engine.domain.calendar import years_to
from engine.domain.errors import StoreUnavailable, UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.domain.market import FeedState
from engine.domain.volatility import Grade, MaturityFlag, PointUse, SliceModel, SurfaceModel, SurfaceSlice, VolatilitySurface
from engine.messages.surface import GetSurface, GetSurfaceTimes
from tests.kit.market import DECEMBER, MONDAY, NOON, black_price, listing, quotes, series_of
from tests.kit.priced_market import LATER, SPOT, SPX, STRIKES, forward_of
from tests.kit.surface_room import KeptSurfaces, SurfaceRoom, svi_smile

DECEMBER_SERIES = series_of("SPX", DECEMBER)
NAN = float("nan")
IV = svi_smile(1.0, 1.0)
"""At the money."""


def handles_of(series: int) -> np.ndarray:
    """All contracts of the n-th series of a room."""
    return 1 + 2 * len(STRIKES) * series + np.arange(2 * len(STRIKES))


def contracts(series: int, strike: float) -> list[int]:
    """Call and put of a strike."""
    first = 1 + 2 * len(STRIKES) * series + 2 * STRIKES.index(strike)
    return [first, first + 1]


async def asked(room: SurfaceRoom, model: SurfaceModel = SurfaceModel.SVI) -> VolatilitySurface:
    return await room.surfaces.surface(GetSurface(symbol=SPX, model=model))


def slice_named(surface: VolatilitySurface, series: str) -> SurfaceSlice:
    return next(piece for piece in surface.slices if piece.series.id == series)


async def test_the_surface_is_the_smile_that_the_quotes_were_made_of() -> None:
    room = SurfaceRoom()
    room.quote()
    surface = await asked(room)
    assert [piece.series.expiry for piece in surface.slices] == [MONDAY, DECEMBER, LATER]
    piece = slice_named(surface, DECEMBER_SERIES.id)
    assert (piece.model, piece.grade, piece.reasons) == (SliceModel.SVI, Grade.GOOD, ())
    assert piece.atm_iv == pytest.approx(IV, abs=2e-4)
    truth = np.array([svi_smile(strike, forward_of(DECEMBER_SERIES)) for strike in STRIKES])
    assert np.abs(piece.fit_iv - truth).max() < 5e-4
    assert np.isfinite(piece.fit_iv).all()
    assert piece.butterfly_ok
    assert piece.calendar_ok
    assert piece.inside > 0.95
    assert piece.rmse_vol < 5e-4
    assert piece.quotes + sum(piece.left_out.values()) == 2 * len(STRIKES)
    assert piece.left_out["in the money"] == len(STRIKES)
    out = piece.use == PointUse.USED
    assert piece.residual[out] == pytest.approx((piece.fit_iv - piece.mid_iv)[out] / (piece.ask_iv - piece.bid_iv)[out], abs=1e-6)
    assert (piece.right == np.where(piece.strikes >= piece.forward, 1, -1)).all()
    assert surface.as_of == NOON
    assert surface.spot == pytest.approx(SPOT)


async def test_the_risk_surface_is_of_the_other_model_and_free_of_arbitrage() -> None:
    room = SurfaceRoom()
    room.quote()
    surface = await asked(room, SurfaceModel.ESSVI)
    assert surface.model is SurfaceModel.ESSVI
    assert {piece.model for piece in surface.slices} == {SliceModel.ESSVI}
    assert all(piece.butterfly_ok and piece.calendar_ok for piece in surface.slices)
    assert room.state.surfaces.get(SPX, SurfaceModel.ESSVI) is surface
    assert room.state.surfaces.get(SPX, SurfaceModel.SVI) is not None


async def test_maturities_say_how_they_were_come_by() -> None:
    room = SurfaceRoom()
    room.quote()
    found = (await asked(room)).maturities
    assert found.days.tolist() == [7, 14, 30, 61, 91, 183, 274, 365, 548, 730]
    flags = dict(zip(found.days.tolist(), found.flags.tolist(), strict=True))
    assert flags[14] == MaturityFlag.INTERPOLATED
    assert flags[61] == flags[91] == MaturityFlag.EXTRAPOLATED
    assert flags[183] == flags[730] == MaturityFlag.UNKNOWN, "more than twice as long as the last expiry"
    told = found.flags != MaturityFlag.UNKNOWN
    assert found.atm_iv[told] == pytest.approx(np.full(5, IV), abs=2e-3)
    assert (found.risk_reversal_10 < found.risk_reversal_25)[told].all()
    assert (found.risk_reversal_25 < 0.0)[told].all()
    assert (found.variance_iv > found.atm_iv)[told].all()
    for column in (found.atm_iv, found.risk_reversal_25, found.butterfly_10, found.variance_iv):
        assert np.isnan(column[~told]).all()


async def test_an_expiry_that_is_the_maturity_itself_is_listed() -> None:
    room = SurfaceRoom(series_of("SPXW", date(2026, 12, 4)), series_of("SPXW", date(2026, 12, 11)))
    room.quote()
    found = (await asked(room)).maturities
    assert found.flags.tolist()[1] == MaturityFlag.LISTED


async def test_one_expiry_makes_a_surface_and_what_is_not_far_from_it_is_said_to_be_extrapolated() -> None:
    room = SurfaceRoom(DECEMBER_SERIES)
    room.quote()
    surface = await asked(room)
    assert [piece.grade for piece in surface.slices] == [Grade.GOOD]
    days = years_to(DECEMBER_SERIES.settles_at, NOON) * 365.0
    near = (surface.maturities.days >= days / 4.0) & (surface.maturities.days <= days * 2.0)
    assert 0 < np.count_nonzero(near) < 10
    assert (surface.maturities.flags == np.where(near, MaturityFlag.EXTRAPOLATED, MaturityFlag.UNKNOWN)).all()
    assert (np.isfinite(surface.maturities.atm_iv) == near).all()


async def test_three_quotes_are_never_a_good_fit() -> None:
    room = SurfaceRoom()
    room.quote()
    kept = {handle for strike in (5_900.0, 6_000.0, 6_100.0) for handle in contracts(1, strike)}
    silenced = [handle for handle in handles_of(1).tolist() if handle not in kept]
    room.emit(quotes(silenced, NAN, NAN))
    piece = slice_named(await asked(room), DECEMBER_SERIES.id)
    assert piece.quotes == 3
    assert piece.grade in {Grade.FAIR, Grade.POOR}
    assert "fewer strikes than the smile has numbers" in piece.reasons
    assert piece.left_out["no bid"] == 2 * len(STRIKES) - 6


async def test_a_slice_without_a_quote_has_no_fit_and_says_so_without_harm_to_the_others() -> None:
    room = SurfaceRoom()
    room.quote()
    room.emit(quotes(handles_of(1), NAN, NAN))
    surface = await asked(room)
    piece = slice_named(surface, DECEMBER_SERIES.id)
    assert (piece.model, piece.grade, piece.quotes) == (SliceModel.NONE, Grade.FAILED, 0)
    assert np.isnan(piece.parameters).all()
    assert np.isnan(piece.fit_iv).all()
    assert np.isnan(piece.atm_iv)
    assert np.isnan(piece.residual).all()
    assert [other.grade for other in surface.slices if other is not piece] == [Grade.GOOD, Grade.GOOD]
    assert np.isfinite(surface.maturities.atm_iv[:5]).all()


async def test_where_no_slice_has_a_fit_nothing_is_known_of_any_maturity() -> None:
    room = SurfaceRoom(DECEMBER_SERIES)
    room.quote()
    room.emit(quotes(handles_of(0), NAN, NAN))
    found = (await asked(room)).maturities
    assert set(found.flags.tolist()) == {int(MaturityFlag.UNKNOWN)}
    assert np.isnan(found.atm_iv).all()
    assert np.isnan(found.variance_iv).all()


async def test_a_name_that_was_never_quoted_has_an_empty_surface() -> None:
    room = SurfaceRoom(state=FeedState.FROZEN)
    surface = await asked(room)
    assert surface.slices == ()
    assert surface.as_of == 0
    assert set(surface.maturities.flags.tolist()) == {int(MaturityFlag.UNKNOWN)}


async def test_crossed_quotes_are_left_out_by_name() -> None:
    room = SurfaceRoom()
    room.quote()
    call, put = contracts(1, 5_800.0)
    room.emit(quotes([call, put], 90.0, 80.0))
    piece = slice_named(await asked(room), DECEMBER_SERIES.id)
    at = STRIKES.index(5_800.0)
    assert piece.use[at] == PointUse.CROSSED
    assert piece.left_out["crossed"] == 2
    assert np.isnan(piece.residual[at])
    assert piece.grade is Grade.GOOD


async def test_stale_quotes_are_left_out_by_name_while_their_neighbours_speak() -> None:
    room = SurfaceRoom()
    room.quote()
    later = NOON + 400 * SECOND_NS
    old = contracts(1, 5_800.0)
    fresh = [handle for handle in handles_of(1).tolist() if handle not in old]
    market = room.state.market
    rows = room.state.instruments.handles()[1]
    room.emit(quotes(fresh, market.bid[rows[fresh]], market.ask[rows[fresh]], at=later))
    piece = slice_named(await asked(room), DECEMBER_SERIES.id)
    at = STRIKES.index(5_800.0)
    assert piece.use[at] == PointUse.STALE
    assert piece.left_out["stale"] == 2
    assert piece.quotes == len(STRIKES) - 1 - piece.left_out.get("no bid", 0)


async def test_a_silent_feed_keeps_its_surface_and_says_that_it_is_old() -> None:
    room = SurfaceRoom()
    room.quote()
    assert (await asked(room)).state is FeedState.LIVE
    room.clock.pass_time(6.0)
    room.watchdog()
    surface = await asked(room)
    assert surface.state is FeedState.DEGRADED
    assert slice_named(surface, DECEMBER_SERIES.id).grade is Grade.GOOD


async def test_a_frozen_market_has_the_surface_of_its_own_instant() -> None:
    room = SurfaceRoom(state=FeedState.FROZEN)
    room.quote()
    room.clock.pass_time(86_400.0)
    surface = await asked(room)
    assert surface.state is FeedState.FROZEN
    assert surface.as_of == NOON
    assert slice_named(surface, DECEMBER_SERIES.id).grade is Grade.GOOD


async def test_coin_settled_chains_have_their_surface_in_the_terms_of_the_coin() -> None:
    series = series_of("BTC", date(2026, 12, 25))
    assert series.inverse
    room = SurfaceRoom(series_of("SPXW", MONDAY))
    strikes = tuple(float(strike) for strike in range(70_000, 99_000, 2_000))
    room.emit(listing(series, strikes=strikes, first=1_000))
    room.emit(coin_quotes(series, strikes))
    surface = await room.surfaces.surface(GetSurface(symbol=Symbol("BTC")))
    (piece,) = surface.slices
    assert piece.series.inverse
    assert piece.grade is Grade.GOOD
    assert piece.atm_iv == pytest.approx(0.5, abs=2e-3)
    assert piece.forward == pytest.approx(90_000.0, rel=1e-4)


def coin_quotes(series, strikes):
    """Round prices of a flat smile of 50 % on a forward of 90,000, in coins; forward and spot are one."""
    years = years_to(series.settles_at, UtcNanos(NOON))
    prices = [90_000.0]
    for strike in strikes:
        for call in (True, False):
            prices.append(black_price(forward=90_000.0, strike=strike, iv=0.5, years=years, rate=0.0, call=call) / 90_000.0)
    half = np.array([1.0] + [1e-4] * (len(prices) - 1))
    return quotes(1_000 + np.arange(len(prices)), np.array(prices) - half, np.array(prices) + half)


async def test_quotes_without_sense_are_never_a_good_fit() -> None:
    room = SurfaceRoom(DECEMBER_SERIES)
    rng = np.random.default_rng(3)
    for _ in range(12):
        prices = rng.uniform(0.5, 900.0, 2 * len(STRIKES))
        room.emit(quotes([0], SPOT - 0.05, SPOT + 0.05), quotes(handles_of(0), prices - 0.05, prices + 0.05))
        for model in SurfaceModel:
            for piece in (await asked(room, model)).slices:
                assert piece.grade is not Grade.GOOD
                assert piece.reasons


async def test_a_name_without_options_and_one_that_is_unknown_are_refused() -> None:
    room = SurfaceRoom()
    room.emit(listing(symbols=("AAPL",), first=2_000))
    for name in ("AAPL", "NOSUCH"):
        with pytest.raises(UnknownSymbol):
            await room.surfaces.surface(GetSurface(symbol=Symbol(name)))


async def test_the_past_is_refused_where_none_is_kept_and_served_where_it_is() -> None:
    room = SurfaceRoom()
    room.quote()
    for query in (GetSurface(symbol=SPX, at=UtcNanos(NOON)), GetSurfaceTimes(symbol=SPX)):
        ask = room.surfaces.surface if isinstance(query, GetSurface) else room.surfaces.times
        with pytest.raises(StoreUnavailable, match=r"store\.record"):
            await ask(query)  # type: ignore[arg-type]
    kept = KeptSurfaces()
    room = SurfaceRoom(history=kept)
    room.quote()
    await asked(room, SurfaceModel.ESSVI)
    assert [surface.model for surface in kept.surfaces] == [SurfaceModel.SVI, SurfaceModel.ESSVI]
    past = await room.surfaces.surface(GetSurface(symbol=SPX, at=UtcNanos(NOON + DAY_NS)))
    assert past is kept.surfaces[0]
