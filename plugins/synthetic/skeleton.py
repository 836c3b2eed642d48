"""The bones of a name's path: log price and volatility factors at the edges of half hours and nights, from a year ago to today's close.

Two mean-reverting factors of log variance (Bergomi, "Smile dynamics II", 2005) drive both what is implied and what is realised; returns
share one market draw, fall together with the market's jumps, jump on their own, and gap at results. Every draw is keyed by the instant of
its block, so that a day is the same whoever asks for it and whenever.
"""

from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Longs
from engine.domain.instants import SECOND_NS, YEAR_NS, from_nanos
from plugins.synthetic.chance import key, normals, uniforms
from plugins.synthetic.corporate import Payment, payments, reports
from plugins.synthetic.name import Name
from plugins.synthetic.names import BY_SYMBOL
from plugins.synthetic.timeline import VarianceClock

FAST = 20.0
"""Mean reversion of the fast factor, a year of variance time."""
SLOW = 1.5
SHAPE = 12.0
"""Mean reversion of skew and curvature."""
PREMIUM = 1.12
"""Implied over realised volatility."""
DRIFT = 0.05
SHARED_VOLATILITY = 0.65
"""Correlation of the volatility shocks that are not the price's own with the market's."""
_MARKET_JUMPS = (5.0, -0.012, 0.012)
"""A year; mean and deviation in log price."""
FLOOR = 0.3
"""Share of the median variance that no calm takes away."""
MOST = 2.4
"""Log variance over its median stays below."""


class Edge(NamedTuple):
    """Where a path stands at an edge."""

    log_price: float
    fast: float
    slow: float
    lean: float
    bend: float


class Skeleton:
    """State at the edges of blocks. Extended day by day, never redrawn."""

    def __init__(self, name: Name, *, seed: int, clock: VarianceClock, edges: Longs, anchor_at: int, arrival: Edge | None = None) -> None:
        """The path stands at the name's price at an instant, or arrives at its last edge where another one begins."""
        self.name = name
        self.seed = seed
        self.clock = clock
        self.at = edges[:1]
        self.log_price: Floats = np.zeros(1)
        self.fast: Floats = np.zeros(1)
        self.slow: Floats = np.zeros(1)
        self.lean: Floats = np.zeros(1)
        """Of skew, standardised."""
        self.bend: Floats = np.zeros(1)
        """Of curvature, standardised."""
        self.deviation: Floats = np.zeros(0)
        """By block: deviation of the diffusive log return."""
        self.jump: Floats = np.zeros(0)
        """By block: log price jump inside it."""
        self._stream = key(seed, "path", name.symbol)
        self._market = key(seed, "market")
        start = normals(key(seed, "start" if arrival is None else "earlier start", name.symbol), np.arange(4))
        self.fast[0] = name.surface.fast * start[0]
        self.slow[0] = name.surface.slow * start[1]
        self.lean[0], self.bend[0] = start[2], start[3]
        self._draw(edges[1:], arrival)
        self._anchor(anchor_at, self._price() if arrival is None else arrival.log_price)

    def extend(self, edges: Longs) -> None:
        """Draws the blocks that end at these edges and joins them on."""
        self._draw(edges, None)

    def first(self) -> Edge:
        """Where it begins."""
        return Edge(*(float(column[0]) for column in (self.log_price, self.fast, self.slow, self.lean, self.bend)))

    def followed_by(self, later: "Skeleton") -> "Skeleton":
        """This path and another one that begins where this one arrives, as one."""
        both = copy(self)
        for column in ("at", "log_price", "fast", "slow", "lean", "bend"):
            setattr(both, column, np.concatenate([getattr(self, column)[:-1], getattr(later, column)]))
        both.deviation = np.concatenate([self.deviation, later.deviation])
        both.jump = np.concatenate([self.jump, later.jump])
        return both

    def _draw(self, edges: Longs, arrival: Edge | None) -> None:
        at = np.concatenate([self.at[-1:], edges])
        years = self.clock.years(at)
        passed = np.diff(years)
        counters = 8 * (at[:-1] // (1_800 * SECOND_NS))
        surface = self.name.surface
        market, common = normals(self._market, counters), normals(self._market, counters + 1)
        own = [normals(self._stream, counters + place) for place in range(4)]
        price = self.name.market * market + np.sqrt(1.0 - self.name.market**2) * own[0]
        shock = SHARED_VOLATILITY * common + np.sqrt(1.0 - SHARED_VOLATILITY**2) * own[1]
        shock = surface.spot_volatility * price + np.sqrt(1.0 - surface.spot_volatility**2) * shock
        fast = _reverting(self.fast[-1], FAST, surface.fast, years, shock)
        slow = _reverting(self.slow[-1], SLOW, surface.slow, years, shock)
        lean = _reverting(self.lean[-1], SHAPE, 1.0, years, own[2])
        bend = _reverting(self.bend[-1], SHAPE, 1.0, years, own[3])
        if arrival is not None:
            fast, slow = _arriving(fast, FAST, years, arrival.fast), _arriving(slow, SLOW, years, arrival.slow)
            lean, bend = _arriving(lean, SHAPE, years, arrival.lean), _arriving(bend, SHAPE, years, arrival.bend)
        variance = surface.near**2 * excited((fast + slow)[:-1]) / PREMIUM**2
        deviation = np.sqrt(variance * passed)
        jump = self._jumps(at, passed, counters)
        calendar = np.diff(at) / YEAR_NS
        move = deviation * price - 0.5 * deviation**2 + DRIFT * calendar + jump
        level = self.log_price[-1] + np.concatenate([np.zeros(1), np.cumsum(move)])
        if len(self.log_price) > 1:
            level = self._without_dividends(at, level)
        self.log_price = np.concatenate([self.log_price[:-1], level])
        self.fast = np.concatenate([self.fast[:-1], fast])
        self.slow = np.concatenate([self.slow[:-1], slow])
        self.lean = np.concatenate([self.lean[:-1], lean])
        self.bend = np.concatenate([self.bend[:-1], bend])
        self.deviation = np.concatenate([self.deviation, deviation])
        self.jump = np.concatenate([self.jump, jump])
        self.at = np.concatenate([self.at, edges])

    def block(self, at: int) -> int:
        """The block that holds an instant; the last edge belongs to the block it ends."""
        return min(int(np.searchsorted(self.at, at, side="right")) - 1, len(self.at) - 2)

    def edge(self, at: int) -> int:
        """The last edge at or before an instant."""
        return max(0, int(np.searchsorted(self.at, at, side="right")) - 1)

    def payments(self) -> tuple[Payment, ...]:
        """Dividends of the years it spans."""
        return payments(self.name, from_nanos(int(self.at[0])).year, from_nanos(int(self.at[-1])).year + 1)

    def _jumps(self, at: Longs, passed: Floats, counters: Longs) -> Floats:
        rate, mean, deviation = _MARKET_JUMPS
        jumped = uniforms(self._market, counters + 2) < rate * passed
        jump = np.where(jumped, self.name.market_jump * (mean + deviation * normals(self._market, counters + 3)), 0.0)
        if self.name.symbol == "VIX":
            jump = np.zeros_like(jump)
        own = self.name.jumps
        if own.rate > 0.0:
            jumped = uniforms(self._stream, counters + 4) < own.rate * passed
            jump = jump + np.where(jumped, own.mean + own.deviation * normals(self._stream, counters + 5), 0.0)
        first, last = from_nanos(int(at[0])).year, from_nanos(int(at[-1])).year
        for report in reports(self.name, first, last):
            if at[0] <= report.at < at[-1]:
                block = int(np.searchsorted(at, report.at, side="right")) - 1
                jump[block] += report.move * normals(self._stream, counters[block : block + 1] + 6)[0]
        return jump

    def _price(self) -> float:
        """Log of about where the last close before the start stands."""
        return float(np.log(self.name.price) + 0.04 * normals(key(self.seed, "price", self.name.symbol), 0)[0])

    def _anchor(self, anchor_at: int, wanted: float) -> None:
        """Moves the path so that it stands at a log price at an instant, then takes past dividends out, the newest first."""
        place = self.edge(anchor_at)
        self.log_price = self.log_price + (wanted - self.log_price[place])
        for payment in reversed(self.payments()):
            first = int(np.searchsorted(self.at, payment.at))
            if 0 < first < len(self.at) and payment.at <= anchor_at:
                after = np.exp(self.log_price[first])
                self.log_price[:first] += np.log1p(payment.amount / after)
        self.log_price[place:] = self._without_dividends(self.at[place:], self.log_price[place:])

    def _without_dividends(self, at: Longs, level: Floats) -> Floats:
        """A path that goes on from its first point, less what is paid on the way."""
        level = level.copy()
        for payment in self.payments():
            first = int(np.searchsorted(at, payment.at))
            if 0 < first < len(at):
                level[first:] += np.log1p(-payment.amount / np.exp(level[first - 1]))
        return level


def excited(log_variance: Floats) -> Floats:
    """Variance over its median, from the sum of the factors: lognormal above a floor."""
    level: Floats = FLOOR + (1.0 - FLOOR) * np.exp(np.minimum(log_variance, MOST))
    return level


def _reverting(start: float, speed: float, deviation: float, years: Floats, shock: Floats) -> Floats:
    """An Ornstein-Uhlenbeck path on uneven steps, exact in law, without a loop: scaled shocks are summed, then scaled back."""
    passed = years - years[0]
    steps = np.diff(passed)
    decay = np.exp(-speed * passed)
    kicks = deviation * np.sqrt(-np.expm1(-2.0 * speed * steps)) * shock
    summed = np.concatenate([np.zeros(1), np.cumsum(kicks / decay[1:])])
    path: Floats = decay * (start + summed)
    return path


def _arriving(path: Floats, speed: float, years: Floats, target: float) -> Floats:
    """A stationary Ornstein-Uhlenbeck path led to where it must end: what it misses by, times its correlation with the end.

    Matheron's rule, which conditions a Gaussian path exactly (Chilès and Delfiner, "Geostatistics", 2nd edition, p. 495).
    """
    led: Floats = path + (target - path[-1]) * np.exp(-speed * (years[-1] - years))
    led[-1] = target
    return led


class Follower:
    """A fund that is another name's path in its own price: SPY is a tenth of SPX and the dividends it has taken in since it last paid."""

    def __init__(self, name: Name, leader: Skeleton) -> None:
        self.name = name
        self.leader = leader
        leading = BY_SYMBOL[leader.name.symbol]
        self._amount = name.dividends.amount / (leading.price * name.ratio) if name.dividends else 0.0

    def ratio(self, at: Longs) -> Floats:
        """Its price over its leader's at given instants: dividends accrue, and drop out at the open of the ex-day."""
        if not self._amount:
            return np.full(at.shape, self.name.ratio)
        first, last = from_nanos(int(at.min())).year, from_nanos(int(at.max())).year
        dates = np.array([paid.at for paid in payments(self.name, first - 1, last + 1)], dtype=np.int64)
        place = np.clip(np.searchsorted(dates, at, side="right"), 1, len(dates) - 1)
        share: NDArray[np.float64] = (at - dates[place - 1]) / (dates[place] - dates[place - 1])
        return self.name.ratio * (1.0 + self._amount * share)
