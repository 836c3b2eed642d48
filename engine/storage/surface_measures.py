"""What a surface is remembered as through time: its constant-maturity figures at the maturities that desks speak of."""

import numpy as np

from engine.domain.columns import Floats, floats
from engine.domain.marks import MeasureMark
from engine.domain.measures import Measure, MeasureKind
from engine.domain.volatility import Maturities, MaturityFlag, SurfaceModel, VolatilitySurface

TENORS = (7, 30, 60, 90, 180, 365)
"""Calendar days."""
TERM = (30, 90)
_VOLATILITIES = {MeasureKind.ATM: "atm_iv", MeasureKind.INDEX: "variance_iv"}
_DIFFERENCES = {
    MeasureKind.RR25: "risk_reversal_25",
    MeasureKind.BF25: "butterfly_25",
    MeasureKind.RR10: "risk_reversal_10",
    MeasureKind.BF10: "butterfly_10",
}


def measures_of_surface(surface: VolatilitySurface) -> MeasureMark | None:
    """Its figures at ``TENORS`` and the slope between ``TERM``; None of a surface that is not the displayed one or implies none.

    Between the surface's own maturities total variance is linear in time, and a risk reversal or butterfly linear in days; beyond the
    listed expiries nothing is said.
    """
    known = surface.maturities.flags < MaturityFlag.EXTRAPOLATED
    if surface.model is not SurfaceModel.SVI or not known.any():
        return None
    values: dict[str, float] = {}
    for kind, column in _VOLATILITIES.items():
        values |= _spelled(kind, _volatilities(surface.maturities, column, known))
    for kind, column in _DIFFERENCES.items():
        values |= _spelled(kind, _between(surface.maturities, getattr(surface.maturities, column), known))
    near, far = (values[Measure(kind=MeasureKind.ATM, days=(days,)).text] for days in TERM)
    values[Measure(kind=MeasureKind.TERM, days=TERM).text] = far - near
    told = {name: value for name, value in values.items() if np.isfinite(value)}
    if not told:
        return None
    return MeasureMark(at=surface.as_of, symbol=surface.symbol, measures=tuple(told), values=floats([*told.values()]))


def _spelled(kind: MeasureKind, values: Floats) -> dict[str, float]:
    return {Measure(kind=kind, days=(days,)).text: float(value) for days, value in zip(TENORS, values, strict=True)}


def _volatilities(maturities: Maturities, column: str, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    tenors = np.array(TENORS, np.float64)
    variance = _between(maturities, getattr(maturities, column) ** 2 * maturities.days, known)
    return np.sqrt(np.where(variance >= 0.0, variance, np.nan) / tenors)


def _between(maturities: Maturities, values: Floats, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    said = known & np.isfinite(values)
    if not said.any():
        return np.full(len(TENORS), np.nan)
    return np.interp(TENORS, maturities.days[said], values[said], left=np.nan, right=np.nan)
