import numpy as np
import pytest

from engine.domain.columns import floats
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
