"""Volatility over time: at the money and at the 25-delta wings, by expiry and at constant maturities; where an event lifts it."""

from math import isfinite, nan, sqrt
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.api import smile_at_delta
from engine.domain.columns import Floats
from engine.domain.instruments import Settlement
from engine.domain.volatility import MaturityFlag
from optix_tui.screens.axis import Scale
from optix_tui.screens.surface.grades import SliceRow, slice_rows
from optix_tui.screens.surface.reading import Reading

BUMP = 1.15
"""Forward volatility so many times that of its neighbours is marked as a bump."""
LEAST_STEP = 0.4 / 365
"""Time under which two expiries, as morning and afternoon of one day, are too close to tell what lies between them."""
SATURDAY = 5


class Bump(NamedTuple):
    """Two expiries between which volatility is much higher than around them."""

    left: float
    """How far across."""
    right: float
    text: str


class TermView(Struct, frozen=True, kw_only=True):
    """Lines over the root of time; places are shares of the width."""

    rows: tuple[SliceRow, ...]
    places: Floats
    atm: Floats
    put: Floats
    """Of the 25-delta put, in points; so the call."""
    call: Floats
    forward_vol: Floats
    """Of the time since the expiry before, at the money, in points; NaN where variance falls."""
    weak: Floats
    """1 where the fit is poor or failed."""
    constant_places: Floats
    constant_atm: Floats
    constant_flags: Floats
    scale: Scale
    forward_scale: Scale
    low: float
    """Root of the years at the left edge, and at the right one."""
    high: float
    bumps: tuple[Bump, ...]
    chosen: int
    then_places: Floats
    """Of the expiries of another instant, and their volatility at the money; empty where none is laid over."""
    then_atm: Floats
    falls: int
    """Expiries whose total variance at the money is less than that of the one before: calendar arbitrage at the money."""


def term_view(*, reading: Reading, place: int, then: Reading | None = None) -> TermView | None:
    """None where nothing is fitted. ``then`` is a surface of another instant to lay over it, by time to expiry."""
    known = (reading.fitted > 0) & (reading.years > 0)
    if not known.any():
        return None
    roots = np.sqrt(np.maximum(reading.years, 0))
    low, high = float(roots[known].min()), float(roots[known].max())
    if high - low < 1e-9:
        low, high = low * 0.9, high * 1.1 + 1e-6
    wings = smile_at_delta(reading.sampled, np.array([0.25, 0.25]), np.array([-1.0, 1.0])).vols * 100
    atm = reading.atm * 100
    forward = _forward_vols(reading, known, reading.years)
    constant = reading.surface.maturities
    weak = np.array([1.0 if one.grade.value in {"poor", "failed"} else 0.0 for one in reading.slices])
    trusted = weak == 0 if (weak[known] == 0).any() else known
    then_known = np.zeros(0, bool) if then is None else (then.fitted > 0) & (then.years > 0)
    then_atm = np.empty(0) if then is None else then.atm[then_known] * 100
    then_places = np.empty(0) if then is None else (np.sqrt(then.years[then_known]) - low) / (high - low)
    scale = Scale.around(np.concatenate([atm[trusted], wings[trusted].ravel(), then_atm]), margin=0.08) or Scale(0.0, 100.0)
    places = (roots - low) / (high - low)
    constant_roots = np.sqrt(np.asarray(constant.days) / 365)
    return TermView(
        rows=slice_rows(reading.slices),
        places=np.where(known, places, np.nan),
        atm=atm,
        put=wings[:, 0],
        call=wings[:, 1],
        forward_vol=forward,
        weak=weak,
        constant_places=(constant_roots - low) / (high - low),
        constant_atm=np.where(constant.flags == MaturityFlag.UNKNOWN, np.nan, constant.atm_iv * 100),
        constant_flags=np.asarray(constant.flags, float),
        scale=scale,
        forward_scale=Scale.around(np.append(forward[np.isfinite(forward)], 0.0), margin=0.08) or Scale(0.0, 100.0),
        low=low,
        high=high,
        bumps=_bumps(reading, known, forward, places),
        chosen=place,
        then_places=then_places,
        then_atm=then_atm,
        falls=int((np.diff((reading.atm**2 * reading.years)[known]) < 0).sum()),
    )


def _sessions(reading: Reading) -> Floats:
    """Weekdays to each expiry over 252. A market with expiries on weekends trades all days: years as they are."""
    dates = [one.series.expiry for one in reading.slices]
    if any(day.weekday() >= SATURDAY for day in dates):
        return reading.years
    first = min(dates)
    opened = np.array([int(np.busday_count(first, day)) for day in dates], float)
    closes = np.array([0.0 if one.series.settlement is Settlement.AM else 1.0 for one in reading.slices])
    found: Floats = (opened + closes) / 252
    return found


def _forward_vols(reading: Reading, known: NDArray[np.bool_], clock: Floats) -> Floats:
    """Root of the variance that is added between an expiry and the one before, a year of that clock: variance is additive in time."""
    found = np.full(reading.years.size, np.nan)
    before: int | None = None
    for place in np.flatnonzero(known).tolist():
        if before is None:
            before = place
            continue
        if reading.years[place] - reading.years[before] < LEAST_STEP:
            continue
        gain = float(reading.atm[place] ** 2 * reading.years[place] - reading.atm[before] ** 2 * reading.years[before])
        time = float(clock[place] - clock[before])
        found[place] = sqrt(gain / time) * 100 if gain >= 0 and time > 0 else nan
        before = place
    return found


def _bumps(reading: Reading, known: NDArray[np.bool_], forward: Floats, places: Floats) -> tuple[Bump, ...]:
    """Stretches whose forward volatility stands out from the middle of the four around it, by days and by sessions.

    By days alone every Monday would stand out, by sessions alone every weekend.
    """
    by_sessions = _forward_vols(reading, known, _sessions(reading))
    held = [place for place in np.flatnonzero(known).tolist() if isfinite(forward[place])]
    rows = slice_rows(reading.slices)
    found = []
    for at, place in enumerate(held):
        around = [other for other in held[max(at - 2, 0) : at + 3] if other != place]
        usual = float(np.median(forward[around])) if around else nan
        stands_out = all(column[place] > BUMP * float(np.median(column[around])) for column in (forward, by_sessions)) if around else False
        if len(around) >= 2 and stands_out:
            earlier = [other for other in np.flatnonzero(known).tolist() if reading.years[other] < reading.years[place] - LEAST_STEP]
            before = earlier[-1] if earlier else 0
            text = f"{rows[before].name[:6]} → {rows[place].name[:6]} {forward[place]:.1f} against {usual:.1f} around"
            found.append(Bump(float(places[before]), float(places[place]), text))
    return tuple(found)
