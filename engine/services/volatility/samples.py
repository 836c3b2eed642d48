"""The recorded samples of a coordinate: as it was recorded, or worked out of those that were, by the same steps as live."""

from typing import Protocol

import numpy as np

from engine.domain.columns import floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.marks import MeasureSeries
from engine.domain.measures import Measure, MeasureKind
from engine.services.volatility.detector import Trail
from engine.storage.surface_measures import TENORS, TERM

OF_TENORS = frozenset(
    {MeasureKind.ATM, MeasureKind.INDEX, MeasureKind.RR25, MeasureKind.BF25, MeasureKind.RR10, MeasureKind.BF10},
)


class Samples(Protocol):
    """What of a history is read here."""

    async def measure_series(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> MeasureSeries: ...


def is_of_surface(measure: Measure) -> bool:
    """Whether it is recorded with every surface, followed or not."""
    if measure.kind is MeasureKind.TERM:
        return measure.days == TERM
    return measure.kind in OF_TENORS and measure.days[0] in TENORS


async def recorded_samples(
    past: Samples, symbol: Symbol, measure: Measure, since: UtcNanos | None, until: UtcNanos | None, limit: int
) -> MeasureSeries:
    """The newest ``limit`` samples, oldest first. Where none was recorded, a slope is of its two volatilities, a residual of its one."""

    async def of(kind: MeasureKind, days: int) -> MeasureSeries:
        return await past.measure_series(symbol, Measure(kind=kind, days=(days,)).text, since, until, limit)

    found = await past.measure_series(symbol, measure.text, since, until, limit)
    if found.at.size:
        return found
    if measure.kind is MeasureKind.TERM:
        near, far = [await of(MeasureKind.ATM, days) for days in measure.days]
        at, first, second = np.intersect1d(near.at, far.at, assume_unique=True, return_indices=True)
        return MeasureSeries(symbol=symbol, measure=measure.text, at=longs(at), value=floats(far.value[second] - near.value[first]))
    if measure.kind is MeasureKind.RESIDUAL:
        whole = await of(MeasureKind.ATM, measure.days[0])
        trail = Trail(Measure(kind=MeasureKind.ATM, days=measure.days))
        judged = [trail.judge(UtcNanos(at), value) for at, value in zip(whole.at.tolist(), whole.value.tolist(), strict=True)]
        values = floats([one.value - one.estimate for one in judged])
        return MeasureSeries(symbol=symbol, measure=measure.text, at=whole.at, value=values)
    return found
