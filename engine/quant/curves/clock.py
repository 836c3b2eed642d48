"""The variance clock: how much of a year's variance falls between two instants, when weekends, holidays and events do not count as days do.

Optional, and always said: ACT/365 is the time of every volatility in OPTIX unless this clock is named beside it. A trading day weighs 1, a
weekend day and a holiday what :class:`DayWeights` says, an event so many ordinary days on top of the day it falls on. A common year of 252
trading days and 113 others is one year by any weights, so that a volatility by the clock is comparable with one by ACT/365. Total variance
is what the market quotes; only its division by time changes, σ² T = σ_clock² τ.

Instants are days since 1970-01-01 of the market's own wall clock, with their fraction: 0.0 is that day's midnight. Within a day variance
runs evenly. References: K. R. French and R. Roll, "Stock return variances", Journal of Financial Economics 17 (1986), p. 5 (prices move far
less in hours without trading); A. Dubinsky, M. Johannes, A. Kaeck and N. J. Seeger, "Option Pricing of Earnings Announcement Risks", Review
of Financial Studies 32 (2019), p. 646 (a term structure as ordinary days and an event).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.arrays import Floats, read_only
from engine.quant.meant import require_fractions

TRADING_DAYS: Final = 252.0
OTHER_DAYS: Final = 113.0
EPOCH_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; Monday is 0."""
LONGEST: Final = 40 * 366
"""Days a clock may be asked to run."""


class DayWeights(NamedTuple):
    """What a day that is no trading day weighs, in trading days. 1 and 1 are ACT/365; 0 and 0 are trading time."""

    weekend: float = 0.0
    holiday: float = 0.0


CALENDAR: Final = DayWeights(1.0, 1.0)
TRADING: Final = DayWeights(0.0, 0.0)


class VarianceClock(NamedTuple):
    """Weights, the holidays they apply to, and named events."""

    weights: DayWeights
    holidays: NDArray[np.int64]
    """Days since 1970-01-01, rising; those on weekends are weekend days."""
    event_times: Floats
    """Rising instants."""
    event_days: Floats
    """What each adds, in trading days."""
    event_names: tuple[str, ...]

    def years(self, *, start: float, ends: ArrayLike) -> Floats:
        """Clock years from ``start`` to each end; 0 at the start, NaN before it or where an end is unknown.

        Friday's close to Monday's close in trading time is one day of 252:

        >>> friday_close = 20_413 + 16 / 24
        >>> float(variance_clock(weights=TRADING).years(start=friday_close, ends=friday_close + 3) * 252)
        1.0
        """
        times = np.asarray(ends, dtype=np.float64)
        usable = (times >= start) & (times - start < LONGEST)
        until = np.where(usable, times, start)
        first = int(np.floor(start))
        last = int(np.floor(until.max())) if until.size else first
        weights = self.day_weights(np.arange(first, last + 1))
        gone = np.append(0.0, np.cumsum(weights))
        whole = np.interp(until, np.arange(first, last + 2), gone) - np.interp(start, np.arange(first, last + 2), gone)
        sums = np.append(0.0, np.cumsum(self.event_days))
        events = sums[np.searchsorted(self.event_times, until, side="right")] - sums[np.searchsorted(self.event_times, start, side="right")]
        result: Floats = (whole + events) / self._days_a_year()
        return np.where(usable, result, np.nan)

    def day_weights(self, days: NDArray[np.int64]) -> Floats:
        """The weight of each day, without events."""
        weekend = (days + EPOCH_WEEKDAY) % 7 >= 5
        result: Floats = np.where(weekend, self.weights.weekend, np.where(np.isin(days, self.holidays), self.weights.holiday, 1.0))
        return result

    def event_years(self, *, start: float, ends: ArrayLike) -> Floats:
        """The part of :meth:`years` that is events."""
        plain = self._replace(event_times=np.empty(0), event_days=np.empty(0), event_names=())
        return self.years(start=start, ends=ends) - plain.years(start=start, ends=ends)

    def _days_a_year(self) -> float:
        """Weekend days are 104 or 105 of the 113 that are not traded, holidays the rest."""
        return TRADING_DAYS + (OTHER_DAYS - 9.0) * self.weights.weekend + 9.0 * self.weights.holiday


def variance_clock(
    *,
    weights: DayWeights = TRADING,
    holidays: ArrayLike = (),
    event_times: ArrayLike = (),
    event_days: ArrayLike = (),
    event_names: tuple[str, ...] = (),
) -> VarianceClock:
    """A clock; a ValueError for weights or events that cannot be meant. Events without a name are called "event"."""
    if not (0.0 <= weights.weekend <= 2.0 and 0.0 <= weights.holiday <= 2.0):
        message = f"a day weighs between 0 and 2 trading days, not {weights.weekend:g} and {weights.holiday:g}"
        raise ValueError(message)
    times, days = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (event_times, event_days))
    names = event_names or ("event",) * times.size
    if not times.shape == days.shape == (len(names),):
        message = f"every event needs an instant, a weight and a name: {times.size}, {days.size} and {len(names)} were given"
        raise ValueError(message)
    if not (np.isfinite(times).all() and np.isfinite(days).all() and (days >= 0.0).all()):
        message = "an event's instant and weight must be known, and no weight below zero"
        raise ValueError(message)
    order = np.argsort(times, kind="stable")
    closed = np.unique(np.atleast_1d(np.asarray(holidays, dtype=np.int64)))
    return VarianceClock(weights, read_only(closed), read_only(times[order]), read_only(days[order]), tuple(names[i] for i in order))


def on_clock(*, vols: ArrayLike, years: ArrayLike, clock_years: ArrayLike) -> Floats:
    """Volatilities by ACT/365 told by the clock: σ √(T/τ)."""
    with np.errstate(all="ignore"):
        result: Floats = np.asarray(vols) * np.sqrt(np.asarray(years, dtype=np.float64) / np.asarray(clock_years))
    return result


def forward_variances(*, vols: ArrayLike, years: ArrayLike) -> Floats:
    """Variance a year between each expiry and the one before, (σ²T - σ'²T')/(T - T'), the first from now; below zero is calendar arbitrage.

    >>> forward_variances(vols=[0.2, 0.2, 0.25], years=[0.1, 0.2, 0.4]).round(4).tolist()
    [0.04, 0.04, 0.085]
    """
    require_fractions(vols=vols, years=years)
    times = np.asarray(years, dtype=np.float64)
    with np.errstate(all="ignore"):
        totals = np.asarray(vols, dtype=np.float64) ** 2 * times
        result: Floats = np.diff(totals, prepend=0.0) / np.diff(times, prepend=0.0)
    return result


class EventVariance(NamedTuple):
    """What an event adds between two expiries around it."""

    variance: float
    """Of the move itself, not a year's; NaN where the expiries do not say."""
    move: float
    """One standard deviation of it, a fraction; NaN where the variance is below zero."""
    ordinary_vol: float
    """A year, of the days that are none."""


def event_variance(*, before: tuple[float, float], after: tuple[float, float], ordinary_vol: float) -> EventVariance:
    """The event between two expiries, each (volatility, years by one clock without the event), beside an ordinary volatility in between.

    σ_after² τ_after - σ_before² τ_before = ordinary² (τ_after - τ_before) + event². With no expiry before it, give (0.0, 0.0).

    An earnings day of 6 %: a week at 20 %, then 30 days in which 20 % goes on and the event happens:

    >>> after = ((0.2**2 * 30 / 252 + 0.06**2) / (30 / 252)) ** 0.5
    >>> round(event_variance(before=(0.2, 5 / 252), after=(after, 30 / 252), ordinary_vol=0.2).move, 6)
    0.06
    """
    (vol, start), (next_vol, end) = before, after
    require_fractions(vols=[vol, next_vol, ordinary_vol], years=[start, end, end])
    if not end > start >= 0.0:
        return EventVariance(float("nan"), float("nan"), ordinary_vol)
    variance = next_vol * next_vol * end - vol * vol * start - ordinary_vol * ordinary_vol * (end - start)
    return EventVariance(variance, variance**0.5 if variance >= 0.0 else float("nan"), ordinary_vol)


def without_events(*, vols: ArrayLike, years: ArrayLike, event_variances: ArrayLike) -> Floats:
    """Volatilities of the ordinary days alone: √((σ²T - the events' variances up to T)/T); NaN where the events are more than all."""
    require_fractions(vols=vols, years=years)
    times = np.asarray(years, dtype=np.float64)
    with np.errstate(all="ignore"):
        left = np.asarray(vols, dtype=np.float64) ** 2 * times - np.asarray(event_variances, dtype=np.float64)
        result: Floats = np.sqrt(left / times)
    return result
