"""Realised variance from intraday bars: one figure a session, and what HARQ and a jump test need beside it.

Conventions. Prices are the last of each bar, with the minute since the session's open at which the bar ends; returns are taken every
``every`` minutes (five by default: L. Y. Liu, A. J. Patton and K. Sheppard, "Does anything beat 5-minute RV?", Journal of Econometrics 187
(2015), p. 293), by the last price at or before each grid point, so a missing bar lengthens a return and loses none of the move. A grid of
step 5 over one-minute bars can start at five places: subsampling averages them (L. Zhang, P. A. Mykland and Y. Aït-Sahalia, "A Tale of Two
Time Scales", JASA 100 (2005), p. 1394, the average estimator), each scaled up to the whole session.
All variances are of one session (not annualised): σ a year = √(252 x variance). The session alone is measured; what overnight adds is
chosen by :func:`with_overnight`.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats

HALF_PI = 1.5707963267948966
FIVE_MINUTES = 5.0
MOST_MISSING = 0.25
"""Of a session's bars; with more of them missing its variance is unknown."""
OVERNIGHT = ("exclude", "add", "scale")
Overnight = Literal["exclude", "add", "scale"]


class RealizedVariances(NamedTuple):
    """A row a session, in the order in which the sessions come."""

    sessions: Floats
    """The session numbers as given."""
    variances: Floats
    """RV = Σ r²; averaged over the grids when subsampled."""
    quarticities: Floats
    """RQ = n/3 Σ r⁴ on the first grid: RV is uncertain by √(2 RQ / n)."""
    bipowers: Floats
    """BV = π/2 n/(n-1) Σ |r_i| |r_{i-1}|: RV without its jumps."""
    overnights: Floats
    """ln² of the first price over the last of the session before; NaN for the first session and after a gap in session numbers' order."""
    returns: Floats
    """Returns on the first grid."""
    coverages: Floats
    """Share of the session's bars that are there."""


def realized_variances(
    *,
    sessions: ArrayLike,
    minutes: ArrayLike,
    closes: ArrayLike,
    opens: ArrayLike | None = None,
    every: float = FIVE_MINUTES,
    subsampled: bool = True,
    session_minutes: ArrayLike = 390.0,
) -> RealizedVariances:
    """Of bars in time order: session numbers, minutes from the open to each bar's end, closes; NaN where too many bars are missing.

    ``opens`` (the bars' opening prices) lets the first return of a session start at its first print; without them it starts at the first
    close. ``session_minutes`` are the length of a session, a number or one a bar (a half day has its own, 210), so that a half day is not
    taken for a day with holes. Barndorff-Nielsen and Shephard, "Power and Bipower Variation", Journal of Financial Econometrics 2 (2004),
    p. 1.
    """
    session, minute, close, first, length = _bars(sessions, minutes, closes, opens, session_minutes)
    if not every > 0.0:
        message = f"returns every {every} minutes are none: give a positive number"
        raise ValueError(message)
    starts = np.flatnonzero(np.concatenate(([True], np.diff(session) != 0.0))) if session.size else np.empty(0, dtype=np.intp)
    ends = np.concatenate((starts[1:], [session.size])) if session.size else starts
    rows = np.full((7, starts.size), np.nan)
    last = np.nan
    for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        rows[0, i] = session[start]
        here = slice(start, end)
        rows[1:, i] = _one_session(minute[here], close[here], first[here], float(length[start]), every, last, subsampled=subsampled)
        known = close[here][np.isfinite(close[here])]
        last = float(known[-1]) if known.size else np.nan
    return RealizedVariances(*rows)


def with_overnight(found: RealizedVariances, *, overnight: Overnight) -> Floats:
    """Variances of whole days: the session's alone ("exclude"), plus the squared overnight return ("add"), or scaled up ("scale").

    Scaling multiplies by Σ (RV + overnight²) / Σ RV over the sessions given, so that it keeps the mean and not the noise of one night
    (P. R. Hansen and A. Lunde, "A Realized Variance for the Whole Day Based on Intermittent High-Frequency Data", Journal of Financial
    Econometrics 3 (2005), p. 525). The factor looks at all sessions: for a forecast give it the past alone.
    """
    if overnight not in OVERNIGHT:
        message = f"overnight is {overnight!r}: choose exclude, add or scale"
        raise ValueError(message)
    if overnight == "exclude":
        return found.variances
    whole: Floats = found.variances + found.overnights
    if overnight == "add":
        return whole
    both = np.isfinite(whole)
    session_sum = float(found.variances[both].sum())
    factor = float(whole[both].sum()) / session_sum if session_sum > 0.0 else np.nan
    scaled: Floats = found.variances * factor
    return scaled


def _bars(sessions: ArrayLike, minutes: ArrayLike, closes: ArrayLike, opens: ArrayLike | None, lengths: ArrayLike) -> tuple[Floats, ...]:
    session, minute, close = (np.asarray(values, dtype=np.float64) for values in (sessions, minutes, closes))
    first = close if opens is None else np.asarray(opens, dtype=np.float64)
    length = np.broadcast_to(np.asarray(lengths, dtype=np.float64), close.shape)
    if not session.shape == minute.shape == close.shape == first.shape or close.ndim != 1:
        message = "sessions, minutes and prices must be series of one length, a row a bar"
        raise ValueError(message)
    if close.size > 1 and not ((np.diff(session) > 0.0) | ((np.diff(session) == 0.0) & (np.diff(minute) > 0.0))).all():
        message = "bars must be in time order, each minute of a session once: sort them by session and minute"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        return session, minute, np.where(close > 0.0, close, np.nan), np.where(first > 0.0, first, np.nan), length


def _one_session(
    minute: Floats, close: Floats, first: Floats, length: float, every: float, last: float, *, subsampled: bool
) -> tuple[float, float, float, float, float, float]:
    """Variance, quarticity, bipower variation, squared overnight return, number of returns, coverage."""
    known = np.isfinite(close)
    step = float(np.min(np.diff(minute))) if minute.size > 1 else every
    coverage = min(float(known.sum()) * step / length, 1.0)
    times, logs = minute[known], np.log(close[known])
    opening = float(first[known][0]) if known.any() and np.isfinite(first[known][0]) else np.nan
    overnight = float(np.log(opening / last) ** 2) if last > 0.0 and opening > 0.0 else np.nan
    if coverage < 1.0 - MOST_MISSING or times.size < 3:
        return np.nan, np.nan, np.nan, overnight, 0.0, coverage
    if np.isfinite(opening) and opening != float(close[known][0]):
        times, logs = np.concatenate(([times[0] - step], times)), np.concatenate(([np.log(opening)], logs))
    grids = max(round(every / step), 1) if subsampled else 1
    variances = [float(np.sum(_grid_returns(times, logs, every, i * step) ** 2) * _scale(times, every, i * step)) for i in range(grids)]
    returns = _grid_returns(times, logs, every, 0.0)
    n = returns.size
    absolute = np.abs(returns)
    bipower = HALF_PI * n / (n - 1.0) * float(np.sum(absolute[1:] * absolute[:-1])) if n > 1 else np.nan
    return float(np.mean(variances)), n / 3.0 * float(np.sum(returns**4)), bipower, overnight, float(n), coverage


def _grid_returns(times: Floats, logs: Floats, every: float, offset: float) -> Floats:
    """Log returns between the points first + offset + every x k, the last point being the session's last price."""
    points = np.arange(times[0] + offset, times[-1] + 1e-9, every)
    if times[-1] - points[-1] > 1e-9 and offset == 0.0:
        points = np.concatenate((points, times[-1:]))
    returns: Floats = np.diff(logs[np.searchsorted(times, points + 1e-9, side="right") - 1])
    return returns


def _scale(times: Floats, every: float, offset: float) -> float:
    """The whole session over the part that a shifted grid covers."""
    if offset == 0.0:
        return 1.0
    covered = np.floor((times[-1] - times[0] - offset) / every + 1e-9) * every
    return float((times[-1] - times[0]) / covered) if covered > 0.0 else np.nan
