"""Samples of a coordinate that were recorded, and beside them those that follow from others."""

import numpy as np
import pytest

from engine.domain.columns import floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS, SECOND_NS
from engine.domain.marks import MeasureSeries
from engine.domain.measures import parse_measure
from engine.services.volatility.samples import recorded_samples

SPX = Symbol("SPX")
START = 1_000 * MINUTE_NS


class Store:
    """Samples by measure, a minute each."""

    def __init__(self, **told: dict[int, float]) -> None:
        self.told = told
        self.asked: list[str] = []

    async def measure_series(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> MeasureSeries:
        self.asked.append(measure)
        known = self.told.get(measure.replace(":", "_"), {})
        places = sorted(known)[-limit:]
        at = longs([START + place * MINUTE_NS for place in places])
        return MeasureSeries(symbol=symbol, measure=measure, at=at, value=floats([known[place] for place in places]))


def levels(first: int, last: int, level: float) -> dict[int, float]:
    return {minute: level + 0.001 * minute for minute in range(first, last)}


async def test_a_slope_that_was_recorded_since_yesterday_has_the_years_that_its_volatilities_have() -> None:
    store = Store(atm_7=levels(0, 10, 0.2), atm_30=levels(0, 10, 0.25), term_7_30={8: 0.9, 9: 0.8})
    found = await recorded_samples(store, SPX, parse_measure("term:7:30"), None, None, 100)
    assert ((found.at - START) // MINUTE_NS).tolist() == list(range(10))
    assert found.value.tolist() == pytest.approx([0.05] * 8 + [0.9, 0.8]), "what was recorded counts where it was"
    newest = await recorded_samples(store, SPX, parse_measure("term:7:30"), None, None, 3)
    assert newest.value.tolist() == pytest.approx([0.05, 0.9, 0.8])


async def test_a_recorded_sample_counts_for_its_minute_though_its_second_is_another() -> None:
    class Shifted(Store):
        async def measure_series(self, symbol, measure, since=None, until=None, limit=2_000):  # type: ignore[no-untyped-def]
            found = await super().measure_series(symbol, measure, since, until, limit)
            late = 20 * SECOND_NS if measure.startswith("term") else 0
            return MeasureSeries(symbol=symbol, measure=measure, at=longs(found.at + late), value=found.value)

    store = Shifted(atm_7=levels(0, 3, 0.2), atm_30=levels(0, 3, 0.25), term_7_30={1: 0.9})
    found = await recorded_samples(store, SPX, parse_measure("term:7:30"), None, None, 100)
    assert found.value.tolist() == pytest.approx([0.05, 0.9, 0.05])
    assert (np.diff(found.at) > 0).all()


async def test_enough_recorded_samples_need_no_others_and_a_volatility_is_what_was_recorded() -> None:
    store = Store(atm_7=levels(0, 10, 0.2), atm_30=levels(0, 10, 0.25), term_7_30=levels(0, 10, 0.9))
    await recorded_samples(store, SPX, parse_measure("term:7:30"), None, None, 10)
    assert store.asked == ["term:7:30"]
    found = await recorded_samples(store, SPX, parse_measure("atm:30"), None, None, 100)
    assert found.value.size == 10


async def test_a_residual_goes_back_as_far_as_its_volatility() -> None:
    store = Store(atm_30=levels(0, 40, 0.2), residual_30={38: 0.5, 39: 0.4})
    found = await recorded_samples(store, SPX, parse_measure("residual:30"), None, None, 100)
    assert found.at.size == 40
    assert found.value[-2:].tolist() == [0.5, 0.4]
    assert np.isfinite(found.value[20:38]).all()
