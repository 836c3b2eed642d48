"""What is asked of the history alone, of a real store."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.domain.errors import BadInput, StoreUnavailable, UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import HOUR_NS, MINUTE_NS
from engine.domain.instruments import Security
from engine.domain.volatility import SurfaceModel
from engine.kernel.dispatch import Dispatch
from engine.messages.exposure import GetExposureMarks
from engine.messages.surface import GetStoredHours, GetStoredSurfaces
from engine.services.past.room import KeptPast, PastRoom
from tests.kit import facts
from tests.kit.market import NOON
from tests.kit.marks import exposure, surface
from tests.kit.storage import opened


async def resolve(text: str) -> Security:
    if text.upper() != "SPY":
        raise UnknownSymbol(f"there is no security {text}")
    return facts.security("SPY")


def room(history: KeptPast | None) -> PastRoom:
    return PastRoom(Dispatch(), resolve, history)


async def test_hours_and_exposures_are_those_of_the_listed_name_between_the_bounds(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for minute in range(4):
            store.record(exposure(at=NOON + minute * MINUTE_NS, net=1e9 + minute))
        store.record_surface(surface(at=NOON))
        await store.flush()
        past = room(store)
        hours = await past.hours(GetStoredHours(symbol=Symbol("spy")))
        assert (hours.hour.tolist(), hours.exposures.tolist()) == ([NOON // HOUR_NS * HOUR_NS], [4])
        marks = await past.exposures(GetExposureMarks(symbol=Symbol("spy"), since=UtcNanos(NOON + 1), until=UtcNanos(NOON + 3 * MINUTE_NS)))
        assert marks.net.tolist() == [1e9 + 1, 1e9 + 2]
        assert (await past.exposures(GetExposureMarks(symbol=Symbol("SPY"), limit=1))).net.tolist() == [1e9 + 3]
        with pytest.raises(UnknownSymbol, match="NOSUCH"):
            await past.hours(GetStoredHours(symbol=Symbol("NOSUCH")))


async def test_surfaces_are_told_in_a_row_and_nonsense_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for minute in range(3):
            store.record_surface(surface(at=NOON + minute * MINUTE_NS))
        await store.flush()
        past = room(store)
        asked = GetStoredSurfaces(symbol=Symbol("spy"), model=SurfaceModel.SVI, since=NOON, until=UtcNanos(NOON + 2 * MINUTE_NS))
        found = await past.surfaces(asked)
        assert (found.symbol, found.model) == ("SPY", SurfaceModel.SVI)
        assert [one.as_of for one in found.surfaces] == [NOON, NOON + MINUTE_NS]
        for wrong in ({"limit": 0}, {"until": NOON}):
            with pytest.raises(BadInput, match="a time that ends after it begins"):
                await past.surfaces(replace(asked, **wrong))


async def test_without_a_history_both_say_how_to_keep_one() -> None:
    past = room(None)
    with pytest.raises(StoreUnavailable, match=r"set store\.record"):
        await past.hours(GetStoredHours(symbol=Symbol("SPY")))
    with pytest.raises(StoreUnavailable, match=r"set store\.record"):
        await past.exposures(GetExposureMarks(symbol=Symbol("SPY")))
