"""Surfaces that live: what makes them anew, what does not, and who is followed how often."""

import asyncio

import pytest

from engine.domain.calendar import years_to
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, SECOND_NS
from engine.domain.instruments import Settlement
from engine.domain.market import FeedCondition, FeedState
from engine.domain.volatility import SurfaceModel
from engine.messages.base import topic
from engine.messages.surface import GetSurface, SurfaceChanged
from engine.services.analytics import surface_fits, surfaces
from engine.services.market.demand import DemandKeeper
from tests.kit.engine import until
from tests.kit.market import DECEMBER, NOON, quotes, series_of
from tests.kit.priced_market import LATER, SPX, book_of
from tests.kit.surface_room import KeptSurfaces, SurfaceRoom, svi_smile
from tests.services.analytics.test_surfaces import DECEMBER_SERIES, asked, contracts, handles_of


async def test_what_was_not_quoted_anew_is_neither_priced_nor_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    room = SurfaceRoom()
    room.quote()
    first = await asked(room)
    assert await asked(room) is first
    dirty: list[list[bool]] = []
    original = surface_fits.fit_display

    def noted(**how):
        dirty.append(list(how["dirty"]))
        return original(**how)

    monkeypatch.setattr(surface_fits, "fit_display", noted)
    room.emit(quotes(contracts(1, 5_800.0), [430.0, 8.0], [431.0, 8.4], at=NOON + SECOND_NS))
    again = await asked(room)
    assert dirty == [[False, True, False]]
    assert again is not first
    assert again.slices[0] is first.slices[0]
    assert again.slices[2] is first.slices[2]
    assert (again.slices[1].parameters != first.slices[1].parameters).any()


async def test_a_slice_that_its_neighbour_rose_above_says_so_though_its_own_quotes_stand() -> None:
    room = SurfaceRoom()
    room.quote()
    first = await asked(room)
    assert all(piece.calendar_ok for piece in first.slices)
    dear = book_of(room.listed, vol=lambda strike, forward: svi_smile(strike, forward) + 0.4)
    room.emit(quotes(handles_of(1), dear.bid[handles_of(1)], dear.ask[handles_of(1)], at=NOON + SECOND_NS))
    again = await asked(room)
    assert [piece.calendar_ok for piece in again.slices] == [True, True, False]
    assert again.slices[2].reasons != first.slices[2].reasons
    assert (again.slices[2].parameters == first.slices[2].parameters).all()


async def test_an_underlying_that_moves_before_its_options_are_quoted_makes_no_new_surface_but_time_does() -> None:
    room = SurfaceRoom()
    room.quote()
    room.bus.subscribe(topic(SurfaceChanged, "SPX"))
    first = await asked(room)
    room.emit(quotes([0], [5_810.0], [5_810.5], at=NOON + SECOND_NS))
    assert room.surfaces.dirty() == []
    assert await asked(room) is first
    room.clock.pass_time(11.0)
    assert room.surfaces.dirty() == [SPX]
    assert (await asked(room)).spot == pytest.approx(5_810.25)


async def test_smiles_kept_since_somebody_looked_last_are_not_taken_for_those_of_now() -> None:
    room = SurfaceRoom()
    room.quote()
    await asked(room)
    hours = 2 * 3_600
    room.clock.pass_time(hours)
    row = room.state.instruments.handles()[1][handles_of(1)]
    bid, ask = room.state.market.bid[row], room.state.market.ask[row]
    room.emit(quotes(handles_of(1), bid, ask, at=NOON + hours * SECOND_NS))
    await room.surfaces.visit(SPX)
    room.clock.pass_time(1.0)
    room.emit(quotes(handles_of(1), bid, ask, at=NOON + (hours + 1) * SECOND_NS))
    surface = await asked(room)
    at = UtcNanos(NOON + (hours + 1) * SECOND_NS)
    for piece in surface.slices:
        assert piece.years == pytest.approx(years_to(piece.series.settles_at, at), abs=2.0 * 3.2e-8), piece.series.id
    assert surface.slices[0].left_out["stale"] > 0
    assert "stale" not in surface.slices[1].left_out


async def test_a_rate_that_another_name_taught_meanwhile_is_not_missed_in_a_market_that_stands_still() -> None:
    spy = Symbol("SPY")
    room = SurfaceRoom(DECEMBER_SERIES, series_of("SPXW", LATER), series_of("SPY", DECEMBER), state=FeedState.FROZEN)
    room.quote()
    await asyncio.gather(room.pricing.look(SPX), room.surfaces.follow(spy))
    early = room.state.surfaces.get(spy, SurfaceModel.SVI)
    query = GetSurface(symbol=spy, model=SurfaceModel.SVI)
    made = await room.surfaces.surface(query)
    assert made is not early
    assert await room.surfaces.surface(query) is made


async def test_of_two_series_that_end_together_one_is_in_the_surface_though_they_are_quoted_apart() -> None:
    room = SurfaceRoom(series_of("SPXW", DECEMBER), series_of("SPX", DECEMBER, Settlement.PM), series_of("SPXW", LATER))
    room.quote()
    assert [piece.series.expiry for piece in (await asked(room)).slices] == [DECEMBER, LATER]
    rows = room.state.instruments.handles()[1][handles_of(0)]
    room.emit(quotes(handles_of(0), room.state.market.bid[rows], room.state.market.ask[rows], at=NOON + 5 * SECOND_NS))
    assert [piece.series.expiry for piece in (await asked(room)).slices] == [DECEMBER, LATER]


async def test_a_settled_expiry_leaves_the_surface() -> None:
    room = SurfaceRoom()
    room.quote()
    assert len((await asked(room)).slices) == 3
    market, rows = room.state.market, room.state.instruments.handles()[1][handles_of(1)]
    room.emit(quotes(handles_of(1), market.bid[rows], market.ask[rows], at=NOON + 5 * DAY_NS))
    assert [piece.series.expiry for piece in (await asked(room)).slices] == [DECEMBER, LATER]


async def test_watching_a_surface_makes_it_follow_its_quotes() -> None:
    room = SurfaceRoom()
    room.quote()
    assert room.surfaces.dirty() == []
    mailbox = room.bus.subscribe(topic(SurfaceChanged, "SPX"))
    assert room.surfaces.dirty() == [SPX]
    await room.surfaces.follow(SPX)
    (event,) = mailbox.drain()
    assert isinstance(event, SurfaceChanged)
    assert event.surface.model is SurfaceModel.SVI
    assert room.surfaces.dirty() == []
    room.quote(at=NOON + SECOND_NS)
    assert room.surfaces.dirty() == [SPX]


async def test_watching_all_surfaces_watches_no_name() -> None:
    room = SurfaceRoom()
    room.quote()
    room.bus.subscribe(topic(SurfaceChanged))
    assert room.surfaces.dirty() == []


async def test_the_feed_is_told_to_serve_every_series_of_a_watched_surface() -> None:
    room = SurfaceRoom()
    keeper = DemandKeeper(bus=room.bus, state=room.state)
    room.bus.subscribe(topic(SurfaceChanged, "SPX"))
    keeper.follow()
    assert room.state.wanted.symbols == {"SPX"}
    assert room.state.wanted.series == {series.id for series in room.series}


async def test_the_risk_surface_is_told_at_most_once_a_second() -> None:
    kept = KeptSurfaces()
    room = SurfaceRoom(history=kept)
    for tenth in range(12):
        room.quote(at=NOON + tenth * SECOND_NS // 10)
        await room.surfaces.follow(SPX)
        room.clock.pass_time(0.1)
    models = [surface.model for surface in kept.surfaces]
    assert models.count(SurfaceModel.SVI) == 12
    assert models.count(SurfaceModel.ESSVI) == 2


async def test_a_name_nobody_watches_is_fitted_now_and_then_and_only_if_it_changed() -> None:
    kept = KeptSurfaces()
    room = SurfaceRoom(history=kept)
    room.emit(FeedCondition(at=UtcNanos(NOON), state=FeedState.LIVE))
    room.quote()
    assert room.surfaces.overdue(60.0) == SPX
    await room.surfaces.visit(SPX)
    assert {surface.model for surface in kept.surfaces} == set(SurfaceModel)
    assert room.surfaces.overdue(60.0) is None
    room.clock.pass_time(60.0)
    assert room.surfaces.overdue(60.0) == SPX
    await room.surfaces.visit(SPX)
    assert len(kept.surfaces) == 2
    assert room.surfaces.overdue(60.0) is None


async def test_a_watched_name_is_not_in_the_slow_rotation() -> None:
    room = SurfaceRoom()
    room.quote()
    room.bus.subscribe(topic(SurfaceChanged, "SPX"))
    assert room.surfaces.overdue(60.0) is None


async def test_a_fit_that_fails_is_told_once_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    room = SurfaceRoom()
    room.quote()
    room.bus.subscribe(topic(SurfaceChanged, "SPX"))
    tries = 0

    def broken(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise ValueError("odd")

    monkeypatch.setattr(surfaces, "fitted", broken)
    monkeypatch.setattr(surfaces, "REST_SECONDS", 0.0)
    running = asyncio.ensure_future(room.surfaces.run_watched(1.0))
    await until(lambda: tries >= 2)
    running.cancel()
    (notice,) = room.notices.drain()
    assert "SPX: ValueError: odd" in notice.text


async def test_a_name_whose_fit_fails_rests_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Symbol("XSP")
    room = SurfaceRoom(DECEMBER_SERIES, series_of("XSP", DECEMBER))
    room.quote()
    for symbol in (SPX, other):
        room.bus.subscribe(topic(SurfaceChanged, symbol))
    original = surfaces.fitted
    tried: list[Symbol] = []

    def odd(name: surface_fits.NameNow, before: surface_fits.NameFit | None) -> surface_fits.NameFit:
        tried.append(name.symbol)
        if name.symbol == SPX:
            raise ValueError("odd")
        return original(name, before)

    monkeypatch.setattr(surfaces, "fitted", odd)
    monkeypatch.setattr(surfaces, "REST_SECONDS", 3_600.0)
    running = asyncio.ensure_future(room.surfaces.run_watched(1.0))
    await until(lambda: SPX in tried and room.state.surfaces.get(other, SurfaceModel.SVI) is not None)
    await until(lambda: not room.surfaces.dirty())
    assert tried.count(SPX) == 1
    room.clock.pass_time(3_600.0)
    await until(lambda: tried.count(SPX) == 2)
    running.cancel()
