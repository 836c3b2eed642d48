"""The recorded samples of a coordinate: as it was recorded, or worked out of those that were, by the same steps as live."""

from typing import Protocol

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.marks import MeasureSeries
from engine.domain.measures import Measure, MeasureKind
from engine.services.volatility.detector import SPACING_NS, Trail
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
    """The newest ``limit`` samples, oldest first.

    Where none was recorded, as before a rule followed it, a slope is of its two volatilities, a residual of its one.
    """

    async def of(kind: MeasureKind, days: int) -> MeasureSeries:
        return await past.measure_series(symbol, Measure(kind=kind, days=(days,)).text, since, until, limit)

    found = await past.measure_series(symbol, measure.text, since, until, limit)
    if found.at.size >= limit or measure.kind not in {MeasureKind.TERM, MeasureKind.RESIDUAL}:
        return found
    if measure.kind is MeasureKind.TERM:
        near, far = [await of(MeasureKind.ATM, days) for days in measure.days]
        at, first, second = np.intersect1d(near.at, far.at, assume_unique=True, return_indices=True)
        return _with_derived(found, at, far.value[second] - near.value[first], limit)
    whole = await of(MeasureKind.ATM, measure.days[0])
    trail = Trail(Measure(kind=MeasureKind.ATM, days=measure.days))
    judged = [trail.judge(UtcNanos(at), value) for at, value in zip(whole.at.tolist(), whole.value.tolist(), strict=True)]
    return _with_derived(found, whole.at, np.array([one.value - one.estimate for one in judged], dtype=np.float64), limit)


def _with_derived(recorded: MeasureSeries, at: Longs, value: Floats, limit: int) -> MeasureSeries:
    """The newest of both; in a minute that has a recorded sample, that one alone."""
    minutes = set((recorded.at // SPACING_NS).tolist())
    free = np.array([one not in minutes for one in (at // SPACING_NS).tolist()], dtype=np.bool_)
    both = np.concatenate([at[free], recorded.at]), np.concatenate([value[free], recorded.value])
    order = np.argsort(both[0], kind="stable")[-limit:]
    return replace(recorded, at=longs(both[0][order]), value=floats(both[1][order]))
