"""Constant-maturity figures of a name from its expiries, interpolated in total variance."""

from collections.abc import Iterable
from math import isfinite, nan, sqrt

from engine.domain.chain import SeriesSummary
from engine.domain.ids import UtcNanos
from engine.state.priced import ThirtyDays

THIRTY_DAYS = 30.0 / 365.0
NEAREST, FURTHEST = 20.0 / 365.0, 45.0 / 365.0
"""Where 30 days lie outside the listed expiries, one this near to them is taken flat; beyond it there is no answer."""


def thirty_days(summaries: Iterable[SeriesSummary]) -> ThirtyDays:
    """30-day at-the-money volatility (total variance linear in time), risk reversal and butterfly (linear in time)."""
    usable = sorted(
        (entry for entry in summaries if entry.years > 0.0 and isfinite(entry.atm_iv) and not entry.series.adjusted),
        key=lambda entry: entry.years,
    )
    as_of = UtcNanos(max((entry.as_of for entry in usable), default=0))
    before = [entry for entry in usable if entry.years <= THIRTY_DAYS]
    after = [entry for entry in usable if entry.years >= THIRTY_DAYS]
    if not before or not after:
        lone = before[-1] if before else after[0] if after else None
        if lone is None or not NEAREST <= lone.years <= FURTHEST:
            return ThirtyDays(as_of=as_of, iv=nan, risk_reversal_25=nan, butterfly_25=nan)
        return ThirtyDays(as_of=as_of, iv=lone.atm_iv, risk_reversal_25=lone.risk_reversal_25, butterfly_25=lone.butterfly_25)
    near, far = before[-1], after[0]
    weight = 0.0 if far.years == near.years else (THIRTY_DAYS - near.years) / (far.years - near.years)
    variance = (1.0 - weight) * near.atm_iv**2 * near.years + weight * far.atm_iv**2 * far.years
    return ThirtyDays(
        as_of=as_of,
        iv=sqrt(variance / THIRTY_DAYS),
        risk_reversal_25=_between(near.risk_reversal_25, far.risk_reversal_25, weight),
        butterfly_25=_between(near.butterfly_25, far.butterfly_25, weight),
    )


def _between(near: float, far: float, weight: float) -> float:
    if not isfinite(near) or not isfinite(far):
        return near if isfinite(near) and weight <= 0.5 else far if weight > 0.5 else nan
    return (1.0 - weight) * near + weight * far
