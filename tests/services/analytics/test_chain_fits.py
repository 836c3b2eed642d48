import asyncio

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.messages.base import topic
from engine.messages.events import ChainChanged, FittedChainChanged
from engine.messages.queries import GetChain
from tests.kit.market import DECEMBER, quotes, series_of
from tests.kit.priced_market import SPX, STRIKES, forward_of
from tests.kit.surface_room import SurfaceRoom, svi_smile

DECEMBER_SERIES = series_of("SPX", DECEMBER)


async def test_every_strike_of_a_chain_has_its_fitted_volatility_and_the_quotes_their_residuals() -> None:
    room = SurfaceRoom()
    room.quote()
    (found,) = (await room.chains.chain(GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,)))).slices
    truth = np.array([svi_smile(strike, forward_of(DECEMBER_SERIES)) for strike in STRIKES])
    assert np.abs(found.fit_iv - truth).max() < 5e-4
    assert found.residual.shape == (2, len(STRIKES))
    out = np.stack([found.strikes >= found.summary.forward, found.strikes < found.summary.forward])
    assert np.isfinite(found.residual[out]).mean() > 0.8
    assert np.isnan(found.residual[~out]).all()
    measured = np.isfinite(found.residual)
    misses = (np.stack([found.fit_iv] * 2) - found.iv)[measured] / (found.iv_ask - found.iv_bid)[measured]
    assert found.residual[measured] == pytest.approx(misses, rel=1e-6)
    assert found.fit_iv.dtype == floats([0.0]).dtype
    assert not found.residual.flags.writeable


async def test_a_chain_without_quotes_has_no_fit() -> None:
    room = SurfaceRoom()
    room.quote()
    first = 1 + 2 * len(STRIKES)
    room.emit(quotes(first + np.arange(2 * len(STRIKES)), float("nan"), float("nan")))
    (found,) = (await room.chains.chain(GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,)))).slices
    assert found.fit_iv.shape == (len(STRIKES),)
    assert np.isnan(found.fit_iv).all()
    assert np.isnan(found.residual).all()


async def test_the_fit_of_a_slice_is_the_same_whether_it_is_asked_for_alone_or_with_its_name() -> None:
    room, other = SurfaceRoom(), SurfaceRoom()
    for one in (room, other):
        one.quote()
    (alone,) = (await room.chains.chain(GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,)))).slices
    every = (await other.chains.chain(GetChain(symbol=SPX, everything=True))).slices
    together = next(piece for piece in every if piece.summary.series.id == DECEMBER_SERIES.id)
    assert together.fit_iv.tobytes() == alone.fit_iv.tobytes()
    assert together.residual.tobytes() == alone.residual.tobytes()


FIT_GREEKS = ("delta", "gamma", "theta", "vega")


async def test_a_question_may_ask_for_the_greeks_at_the_fitted_smile() -> None:
    room = SurfaceRoom()
    room.quote()
    query = GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,))
    (bare,) = (await room.chains.chain(query)).slices
    assert [getattr(bare, f"fit_{name}").size for name in FIT_GREEKS] == [0, 0, 0, 0]
    (found,) = (await room.chains.chain(replace(query, fit_greeks=True))).slices
    for name in FIT_GREEKS:
        own, fitted = getattr(found, name), getattr(found, f"fit_{name}")
        assert fitted.shape == own.shape
        assert fitted == pytest.approx(own, abs=0.02 * np.nanmax(np.abs(own))), name
        assert fitted.tobytes() != own.tobytes()
    (again,) = (await room.chains.chain(query)).slices
    assert again is found


async def test_a_chain_without_quotes_has_no_greeks_at_a_fit_either() -> None:
    room = SurfaceRoom()
    room.quote()
    first = 1 + 2 * len(STRIKES)
    room.emit(quotes(first + np.arange(2 * len(STRIKES)), float("nan"), float("nan")))
    (found,) = (await room.chains.chain(GetChain(symbol=SPX, series=(DECEMBER_SERIES.id,), fit_greeks=True))).slices
    assert found.fit_vega.shape == (2, len(STRIKES))
    assert np.isnan(found.fit_vega).all()


async def test_whoever_watches_a_fitted_chain_gets_its_greeks_and_nobody_else_pays_for_them() -> None:
    room = SurfaceRoom()
    plain = room.bus.subscribe(topic(ChainChanged, DECEMBER_SERIES.id))
    room.quote()
    await room.pricing.tick()
    (first,) = plain.drain()
    assert isinstance(first, ChainChanged)
    assert first.slice.fit_delta.size == 0
    fitted = room.bus.subscribe(topic(FittedChainChanged, DECEMBER_SERIES.id))
    await room.pricing.tick()
    (told,) = fitted.drain()
    assert isinstance(told, FittedChainChanged)
    assert np.isfinite(told.slice.fit_delta).mean() > 0.9
    assert np.abs(told.slice.fit_delta - first.slice.delta).max() < 0.02
    plain.drain()
    await room.pricing.tick()
    assert (plain.drain(), fitted.drain()) == ([], [])
    fitted.close()
    room.emit(quotes([0], 6_010.0, 6_010.2))
    await room.pricing.tick()
    (bare,) = plain.drain()
    assert isinstance(bare, ChainChanged)
    assert bare.slice.fit_delta.size == 0
    late = room.bus.subscribe(topic(FittedChainChanged, DECEMBER_SERIES.id))
    assert late.drain() == []


async def test_an_answer_with_fitted_greeks_keeps_them_though_a_tick_without_them_comes_in_between() -> None:
    room = SurfaceRoom()
    room.quote()
    room.bus.subscribe(topic(ChainChanged, DECEMBER_SERIES.id))
    ladder = room.state.instruments.ladder(DECEMBER_SERIES.id)
    assert ladder is not None
    question = asyncio.create_task(room.pricing.slices(SPX, (ladder,), fit_greeks=True))
    await asyncio.gather(question, room.pricing.tick(), room.pricing.tick())
    (found,) = question.result()
    assert found.fit_delta.shape == found.delta.shape
