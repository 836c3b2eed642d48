"""Surfaces of the past as the engine answers them: fitted, recorded in a real store, read after a restart."""

from pathlib import Path

import numpy as np
import pytest

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS
from engine.domain.volatility import SurfaceModel
from engine.messages.surface import GetSurface, GetSurfaceTimes
from tests.kit.market import NOON
from tests.kit.storage import opened
from tests.kit.surface_room import SurfaceRoom

SPX = Symbol("SPX")


async def test_what_was_fitted_is_read_after_a_restart_as_it_was_told_and_nothing_before_it(tmp_path: Path) -> None:
    with opened(tmp_path, run="run-1") as store:
        room = SurfaceRoom(history=store)
        room.quote()
        told = await room.surfaces.surface(GetSurface(symbol=SPX))
        risk = await room.surfaces.surface(GetSurface(symbol=SPX, model=SurfaceModel.ESSVI))
        await store.flush()
    with opened(tmp_path, run="run-2") as store:
        later = SurfaceRoom(history=store)
        for model, one in ((SurfaceModel.SVI, told), (SurfaceModel.ESSVI, risk)):
            found = await later.surfaces.surface(GetSurface(symbol=SPX, model=model, at=UtcNanos(one.as_of + 5 * MINUTE_NS)))
            assert found.recorded
            assert (found.as_of, found.model, len(found.slices)) == (one.as_of, model, len(one.slices))
            for own, other in zip(found.slices, one.slices, strict=True):
                assert own.parameters.tolist() == other.parameters.tolist()
                np.testing.assert_allclose(own.fit_iv, other.fit_iv, rtol=1e-6)
        times = await later.surfaces.times(GetSurfaceTimes(symbol=SPX))
        assert times.at.tolist() == [told.as_of]
        assert times.atm_iv_30[0] == pytest.approx(float(told.maturities.atm_iv[told.maturities.days.tolist().index(30)]), rel=1e-6)
        with pytest.raises(StoreUnavailable, match="No svi surface of SPX is stored up to"):
            await later.surfaces.surface(GetSurface(symbol=SPX, at=UtcNanos(told.as_of - 1)))
        assert told.as_of <= NOON
