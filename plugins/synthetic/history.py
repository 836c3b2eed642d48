"""What came before the start: daily bars and constant-maturity volatility of a year, minutes of the last sessions and of today."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.calendar import session, sessions
from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS, from_nanos, utc_instant
from engine.domain.instruments import SessionName
from engine.domain.market import BarBatch, VolatilityHistory
from plugins.synthetic.chance import key, uniforms
from plugins.synthetic.corporate import reports
from plugins.synthetic.motion import Moments, Motion
from plugins.synthetic.name import Name
from plugins.synthetic.surface import phi, shapes, thetas_at, total_variance
from plugins.synthetic.tape import MINUTES, day_factors, minute_volumes
from plugins.synthetic.timeline import HALF_HOUR_NS
from plugins.synthetic.vix import VixMotion

MATURITY_DAYS = 30
QUARTER_DELTA = 0.6744897501960817
"""N(this) = 3/4."""
MINUTE_SESSIONS = 5
"""Past sessions that have minute bars."""
INDEX_SWING = 0.6
"""Of the deviation of VIX's own factor: how far VIX swings inside a half hour."""


class Columns(NamedTuple):
    """Bars, oldest first."""

    start: Longs
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def chosen(self, which: NDArray[np.bool_] | slice) -> "Columns":
        """Some of them."""
        return Columns(self.start[which], *(column[which] for column in self[1:]))


class Span:
    """A run of half hours that make up one day of a name."""

    def __init__(self, day: date, first: int, last: int) -> None:
        self.day = day
        self.first = first
        """Place of the edge at its start."""
        self.last = last
        """Place of the edge at its end."""


def spans(motion: Motion, first: date, last: date) -> list[Span]:
    """The days of a name, in edges of its bones: sessions, or UTC days of a coin."""
    edges = motion.skeleton.at
    found = []
    if motion.name.is_coin:
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        bounds = [(day, utc_instant(day), utc_instant(day + timedelta(days=1))) for day in days]
    else:
        hours = [session(SessionName.NYSE, day) for day in sessions(SessionName.NYSE, first, last)]
        bounds = [(one.day, one.open_at, one.close_at) for one in hours if one]
    places = np.searchsorted(edges, np.array([[start, end] for _, start, end in bounds]).reshape(-1, 2))
    for (day, start, end), (left, right) in zip(bounds, places.tolist(), strict=True):
        if right < len(edges) and edges[left] == start and edges[right] == end:
            found.append(Span(day, left, right))
    return found


def rounded(price: Floats, tick: float) -> Floats:
    """On the price grid of the underlying."""
    steps = round(1.0 / tick)
    found: Floats = np.rint(price * steps) / steps
    return found


def daily(motion: Motion, seed: int, days: list[Span], tick: float) -> Columns:
    """Daily bars; highs and lows are drawn from the law of a bridge's extremes over each half hour."""
    name = motion.name
    first, last = days[0].first, days[-1].last
    levels = np.log(motion.edges(first, last + 1).price)
    swing = motion.skeleton.deviation[first:last] * (INDEX_SWING if isinstance(motion, VixMotion) else 1.0)
    counters = 2 * (motion.skeleton.at[first:last] // HALF_HOUR_NS)
    of = key(seed, "extremes", name.symbol)
    start, end = levels[:-1], levels[1:]
    span = end - start
    reach_up = np.sqrt(span**2 - 2.0 * swing**2 * np.log(uniforms(of, counters)))
    reach_down = np.sqrt(span**2 - 2.0 * swing**2 * np.log(uniforms(of, counters + 1)))
    high, low = 0.5 * (start + end + reach_up), 0.5 * (start + end - reach_down)
    left = np.array([day.first - first for day in days])
    right = np.array([day.last - first for day in days])
    # reduceat runs each day on to the next day's open; nothing happens in the night between but the edge itself.
    traded = np.diff(motion.skeleton.at[first : last + 1]) == HALF_HOUR_NS
    high, low = np.where(traded, high, start), np.where(traded, low, start)
    volume = name.dealing.shares * day_factors(name, seed, motion.skeleton.at[[day.first for day in days]])
    return Columns(
        np.array([utc_instant(day.day) for day in days], dtype=np.int64),
        rounded(np.exp(levels[left]), tick),
        rounded(np.exp(np.maximum.reduceat(high, left)), tick),
        rounded(np.exp(np.minimum.reduceat(low, left)), tick),
        rounded(np.exp(levels[right]), tick),
        np.where(name.dealing.shares > 0.0, np.round(volume), np.nan),
    )


def minutes(motion: Motion, seed: int, block: int, *, open_at: int, tick: float) -> Columns:
    """Minute bars of one half hour of the path that is played."""
    return _bars(motion, seed, motion.prices(block)[None, :], motion.skeleton.at[block : block + 1], open_at, tick)


def session_minutes(motion: Motion, seed: int, day: Span, tick: float) -> Columns:
    """Minute bars of a past session."""
    starts = motion.skeleton.at[day.first : day.last]
    return _bars(motion, seed, motion.coarse(day.first, day.last), starts, int(starts[0]), tick)


def sessions_minutes(motion: Motion, seed: int, days: list[Span], tick: float) -> Columns:
    """The same of past sessions in a row, in one go."""
    bones = motion.skeleton
    rows = np.concatenate([np.arange(day.first, day.last) for day in days])
    opens = np.concatenate([np.full(day.last - day.first, bones.at[day.first]) for day in days])
    paths = motion.coarse(days[0].first, days[-1].last)
    return _bars(motion, seed, paths[rows - days[0].first], bones.at[rows], opens, tick)


def _bars(motion: Motion, seed: int, paths: Floats, starts: Longs, open_at: Longs | int, tick: float) -> Columns:
    """Minute bars of half hours, from their paths."""
    name = motion.name
    path = rounded(paths, tick)
    grid = path[:, :-1].reshape(len(starts), MINUTES, -1)
    close = np.concatenate([grid[:, 1:, 0], path[:, -1:]], axis=1)
    volume = minute_volumes(name, seed=seed, starts=starts, open_at=open_at)
    return Columns(
        (starts[:, None] + MINUTE_NS * np.arange(MINUTES)).ravel(),
        grid[:, :, 0].ravel(),
        np.maximum(grid.max(axis=2), close).ravel(),
        np.minimum(grid.min(axis=2), close).ravel(),
        close.ravel(),
        (np.round(volume, 3 if name.is_coin else 0) if name.dealing.shares > 0.0 else np.full(volume.shape, np.nan)).ravel(),
    )


def joined(parts: list[Columns]) -> Columns:
    """Bars one after another."""
    numbers = [np.concatenate(column) for column in list(zip(*parts, strict=True))[1:]]
    return Columns(np.concatenate([part.start for part in parts]), *numbers)


def day_of(bars: Columns, day: date) -> Columns:
    """One daily bar out of a session's minutes."""
    _, opened, high, low, close, volume = bars
    return Columns(
        np.array([utc_instant(day)], dtype=np.int64),
        opened[:1],
        np.array([high.max()]),
        np.array([low.min()]),
        close[-1:],
        np.array([volume.sum()]),
    )


def bar_batch(at: int, symbol: Symbol, seconds: int, bars: Columns) -> BarBatch:
    """Bars as a feed tells them; the average price of a bar is taken as that of its four prices where it traded."""
    start, opened, high, low, close, volume = bars
    return BarBatch(
        at=UtcNanos(at),
        symbol=symbol,
        seconds=seconds,
        start=longs(start),
        open=floats(opened),
        high=floats(high),
        low=floats(low),
        close=floats(close),
        volume=floats(volume),
        vwap=floats(np.where(volume > 0.0, 0.25 * (opened + high + low + close), np.nan)),
    )


def volatility(motion: Motion, days: list[Span], at: int) -> VolatilityHistory:
    """Daily closes of 30-day volatility, from the surface that stood at each close; dated results within the 30 days count."""
    name = motion.name
    states = closes(motion, days)
    atm, wing_call, wing_put = constant_maturity(motion, states)
    return VolatilityHistory(
        at=UtcNanos(at),
        symbol=name.symbol,
        day=longs(np.array([utc_instant(day.day) for day in days], dtype=np.int64)),
        atm_iv=floats(np.round(atm, 6)),
        risk_reversal_25=floats(np.round(wing_call - wing_put, 6)),
        butterfly_25=floats(np.round(0.5 * (wing_call + wing_put) - atm, 6)),
    )


def variance_ahead_of(motion: Motion, states: Moments, days: int) -> Floats:
    """At-the-money total variance of so many days ahead, dated results among it, at many instants."""
    clock = motion.skeleton.clock
    ahead = days * DAY_NS
    theta = thetas_at(motion.name.surface, states, clock.years(states.at + ahead) - clock.years(states.at))
    return theta + _events(motion.name, states.at, ahead)


def constant_maturity(motion: Motion, states: Moments, days: int = MATURITY_DAYS) -> tuple[Floats, Floats, Floats]:
    """Volatility over so many days at the forward, and at the call and the put of 25 delta, at many instants."""
    terms = motion.name.surface
    theta = variance_ahead_of(motion, states, days)
    rho, eta = shapes(terms, states)
    curve = phi(theta, eta, terms.gamma)
    call, put = np.sqrt(theta), np.sqrt(theta)
    for _ in range(12):
        call = np.sqrt(total_variance(QUARTER_DELTA * call + 0.5 * call**2, theta, rho, curve))
        put = np.sqrt(total_variance(-QUARTER_DELTA * put + 0.5 * put**2, theta, rho, curve))
    year = np.sqrt(days / 365.0)
    return np.sqrt(theta) / year, call / year, put / year


def closes(motion: Motion, days: list[Span]) -> Moments:
    """Its states at the closes of days in a row."""
    first = days[0].last
    states = motion.edges(first, days[-1].last + 1)
    chosen = np.array([day.last - first for day in days])
    return Moments._make(column[chosen] for column in states)


def _events(name: Name, at: Longs, ahead: int) -> Floats:
    total = np.zeros(at.shape)
    if name.earnings is None:
        return total
    for report in reports(name, from_nanos(int(at.min())).year, from_nanos(int(at.max()) + ahead).year):
        total += np.where((at < report.at) & (report.at <= at + ahead), report.move**2, 0.0)
    return total
