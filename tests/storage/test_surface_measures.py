"""What a surface is remembered as through time."""

from pathlib import Path

import numpy as np
import pytest

from engine.domain.columns import flags, floats, longs
from engine.domain.ids import Symbol
from engine.domain.instants import MINUTE_NS
from engine.domain.volatility import Maturities, MaturityFlag, SurfaceModel
from engine.storage.surface_measures import measures_of_surface
from tests.kit.market import NAN, NOON
from tests.kit.marks import surface
from tests.kit.storage import opened

DAYS = (14, 30, 61, 91, 183, 365)


def _told(*, last: MaturityFlag = MaturityFlag.INTERPOLATED, **columns: list[float]) -> dict[str, float]:
    level = np.full(len(DAYS), 0.2)
    figures = {name: floats(columns.get(name, level)) for name in Maturities.__struct_fields__ if name not in {"days", "flags"}}
    mark = measures_of_surface(surface(maturities=Maturities(days=longs(DAYS), flags=flags([1] * 5 + [int(last)]), **figures)))
    assert mark is not None
    return dict(zip(mark.measures, mark.values.tolist(), strict=True))


def test_a_surfaces_figures_are_told_at_the_maturities_that_desks_speak_of():
    told = _told(atm_iv=[0.1, 0.2, 0.25, 0.3, 0.3, 0.3], risk_reversal_25=[-0.02, -0.03, -0.06, -0.06, -0.06, -0.06])
    assert told["atm:30"] == pytest.approx(0.2)
    assert told["rr25:30"] == pytest.approx(-0.03)
    between = np.interp(60, [30, 61], [0.2**2 * 30, 0.25**2 * 61])
    assert told["atm:60"] == pytest.approx(np.sqrt(between / 60)), "total variance is linear in time"
    assert told["rr25:60"] == pytest.approx(-0.03 - 0.03 * 30 / 31)
    assert told["term:30:90"] == pytest.approx(told["atm:90"] - told["atm:30"])
    assert told["index:180"] == pytest.approx(0.2)
    assert {"bf25:30", "rr10:30", "bf10:365"} <= set(told)


def test_beyond_the_listed_expiries_and_of_what_is_unknown_nothing_is_told():
    told = _told(last=MaturityFlag.EXTRAPOLATED, atm_iv=[0.2, NAN, NAN, 0.2, 0.2, 0.2])
    assert "atm:7" not in told
    assert "atm:365" not in told
    assert told["atm:60"] == pytest.approx(0.2)
    assert "term:30:90" in told
    assert "term:30:90" not in _told(atm_iv=[NAN, NAN, 0.2, 0.2, 0.2, 0.2])


def test_the_risk_surface_and_one_that_implies_nothing_are_silent():
    assert measures_of_surface(surface(model=SurfaceModel.ESSVI)) is None
    nothing = Maturities(
        days=longs(DAYS),
        flags=flags([MaturityFlag.UNKNOWN] * 6),
        **{name: floats([NAN] * 6) for name in Maturities.__struct_fields__ if name not in {"days", "flags"}},
    )
    assert measures_of_surface(surface(maturities=nothing)) is None


async def test_they_are_recorded_with_the_surface(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for minute in range(3):
            store.record_surface(surface(at=NOON + minute * MINUTE_NS, level=0.2 + minute / 100))
        await store.flush()
        assert (await store.measure_series(Symbol("SPY"), "atm:30")).value == pytest.approx([0.2, 0.21, 0.22], rel=1e-6)
        assert (await store.daily_measures(Symbol("SPY"), "index:90")).value == pytest.approx([0.22])
        assert "bf25:180" in await store.measures_of(Symbol("SPY"))
