"""Implied volatility beside the realised: stored 30-day values by session, and today's term at any number of sessions ahead."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.volatility import MaturityFlag, VolatilitySurface
from engine.messages.queries import VolatilityTable
from engine.services.volatility.sessions import DailySessions

IMPLIED_SESSIONS = 21
"""Sessions in the 30 calendar days that stored implied volatility is of."""


class ImpliedTerm(NamedTuple):
    """At-the-forward volatility now over windows of sessions; NaN where it is not known."""

    values: Floats
    as_of: UtcNanos
    reason: str
    """Why nothing is known; "" where something is."""


def implied_by_session(days: DailySessions, told: VolatilityTable | None) -> Floats:
    """The stored 30-day volatility of each session; NaN where none is."""
    found = np.full(days.day.size, np.nan)
    if told is None or not told.day.size or not days.day.size:
        return found
    starts = told.day - told.day % DAY_NS
    place = np.searchsorted(days.day, starts)
    inside = (place < days.day.size) & np.isfinite(told.atm_iv) & (told.atm_iv > 0.0)
    inside[inside] &= days.day[place[inside]] == starts[inside]
    found[place[inside]] = told.atm_iv[inside]
    return found


def implied_term(surface: VolatilitySurface, windows: Floats, sessions_a_year: float) -> ImpliedTerm:
    """Total variance of the constant maturities, linear between them, at windows · 365 / sessions a year calendar days.

    Nothing beyond the first and the last maturity that the expiries reach is told, but for windows under the first: its level holds there.
    """
    known = (surface.maturities.flags != MaturityFlag.UNKNOWN) & (surface.maturities.flags != MaturityFlag.EXTRAPOLATED)
    known &= np.isfinite(surface.maturities.atm_iv)
    if not known.any():
        return ImpliedTerm(np.full(windows.size, np.nan), surface.as_of, "no constant maturity lies between fitted expiries")
    days = surface.maturities.days[known].astype(np.float64)
    level = surface.maturities.atm_iv[known]
    wanted = windows * 365.0 / sessions_a_year
    variance = np.interp(wanted, days, level**2 * days)
    found = np.where(wanted < days[0], level[0], np.sqrt(variance / wanted))
    return ImpliedTerm(np.where(wanted <= days[-1] + 0.5, found, np.nan), surface.as_of, "")
