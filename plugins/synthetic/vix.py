"""VIX from the simulated SPX surface: the index, its futures, and its own motion.

VIX squared is the fair variance of the 30 days ahead, 2 sum Q(K) dK / K^2 (Cboe, "Volatility Index Methodology"). On an SSVI surface its
ratio to at-the-money variance depends on skew and curvature and hardly on anything else, so the ratio is integrated once over a grid of
both and interpolated.
"""

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import DAY_NS
from plugins.synthetic.gauss import normal_cdf
from plugins.synthetic.motion import COARSE, STEPS, Moment, Moments, OwnMotion
from plugins.synthetic.name import Name
from plugins.synthetic.names import BY_SYMBOL, SPX
from plugins.synthetic.skeleton import FAST, SLOW, Skeleton
from plugins.synthetic.surface import phi, shape, shapes, theta_at, thetas_at, total_variance
from plugins.synthetic.timeline import VarianceClock

WINDOW_NS = 30 * DAY_NS
WINDOW = 30.0 / 365.0
_TYPICAL = 0.0022
"""At-the-money total variance of 30 days at which the ratio is integrated."""
_RHO = np.linspace(-0.86, -0.54, 9)
_ETA = np.linspace(0.85, 1.30, 10)


def variance_ratio(theta: Floats, rho: Floats, eta: Floats, gamma: float) -> Floats:
    """Fair variance over at-the-money variance, by the sum over all strikes; one answer a surface."""
    root = np.sqrt(theta)
    k = root[:, None] * np.linspace(-14.0, 9.0, 400)
    curve = phi(theta, eta, gamma)[:, None]
    w = np.sqrt(total_variance(k, theta[:, None], rho[:, None], curve))
    d1 = -k / w + 0.5 * w
    out = np.where(k < 0.0, np.exp(k) * normal_cdf(w - d1) - normal_cdf(-d1), normal_cdf(d1) - np.exp(k) * normal_cdf(d1 - w))
    worth = out * np.exp(-k)  # Q(K) / K^2 dK with K = F e^k
    areas = 0.5 * (worth[:, 1:] + worth[:, :-1]) * np.diff(k, axis=1)
    ratio: Floats = 2.0 * areas.sum(axis=1) / theta
    return ratio


def _ratio_table() -> Floats:
    rho, eta = np.meshgrid(_RHO, _ETA, indexing="ij")
    fits = np.minimum(eta, 1.99 / (1.0 + np.abs(rho)))
    flat = variance_ratio(np.full(rho.size, _TYPICAL), rho.ravel(), fits.ravel(), 0.5)
    return flat.reshape(rho.shape)


class VixLevel:
    """What VIX and its futures are where SPX's surface is known."""

    def __init__(self, clock: VarianceClock) -> None:
        self._clock = clock
        self._terms = BY_SYMBOL[SPX].surface
        self._table = _ratio_table()

    def index(self, moment: Moment) -> float:
        """Spot VIX."""
        ahead = self._clock.year(moment.at + WINDOW_NS) - self._clock.year(moment.at)
        theta = theta_at(self._terms, moment, np.array([ahead]))[0]
        form = shape(self._terms, moment)
        ratio = self._ratio(np.array([form.rho]), np.array([form.eta]))[0]
        return 100.0 * float(np.sqrt(theta / WINDOW * ratio))

    def indices(self, moments: Moments) -> Floats:
        """Spot VIX at many instants."""
        ahead = self._clock.years(moments.at + WINDOW_NS) - self._clock.years(moments.at)
        theta = thetas_at(self._terms, moments, ahead)
        return 100.0 * np.sqrt(theta / WINDOW * self._ratio(*shapes(self._terms, moments)))

    def futures(self, moment: Moment, settles_at: Longs) -> Floats:
        """Futures by settlement: expected variance of the 30 days after it, less the convexity of a square root."""
        now = self._clock.year(moment.at)
        start = self._clock.years(settles_at) - now
        end = self._clock.years(settles_at + WINDOW_NS) - now
        theta = theta_at(self._terms, moment, np.concatenate([start, end]))
        count = start.shape[0]
        form = shape(self._terms, moment)
        ratio = self._ratio(np.array([form.rho]), np.array([form.eta]))[0]
        span = end - start
        fast = self._terms.fast * -np.expm1(-FAST * span) / (FAST * span)
        slow = self._terms.slow * -np.expm1(-SLOW * span) / (SLOW * span)
        spread = fast**2 * -np.expm1(-2.0 * FAST * start) + slow**2 * -np.expm1(-2.0 * SLOW * start)
        level: Floats = 100.0 * np.sqrt(np.maximum(theta[count:] - theta[:count], 1e-9) / WINDOW * ratio) * np.exp(-spread / 8.0)
        return level

    def _ratio(self, rho: Floats, eta: Floats) -> Floats:
        x = np.minimum(np.maximum((rho - _RHO[0]) / (_RHO[1] - _RHO[0]), 0.0), len(_RHO) - 1.000001)
        y = np.minimum(np.maximum((eta - _ETA[0]) / (_ETA[1] - _ETA[0]), 0.0), len(_ETA) - 1.000001)
        i, j = x.astype(np.intp), y.astype(np.intp)
        u, v = x - i, y - j
        t = self._table
        mixed: Floats = (1 - u) * ((1 - v) * t[i, j] + v * t[i, j + 1]) + u * ((1 - v) * t[i + 1, j] + v * t[i + 1, j + 1])
        return mixed


class VixMotion:
    """VIX as a name: its price is what SPX's surface makes it, its own volatility has factors of its own."""

    def __init__(self, level: VixLevel, leader: OwnMotion, own: OwnMotion) -> None:
        self.level = level
        self.leader = leader
        self._own = own

    @property
    def name(self) -> Name:
        """VIX."""
        return self._own.name

    @property
    def skeleton(self) -> Skeleton:
        """The bones of its volatility's volatility."""
        return self._own.skeleton

    def moment(self, at: int) -> Moment:
        return self._own.moment(at)._replace(price=self.level.index(self.leader.moment(at)))

    def prepare(self, at: int) -> bool:
        return self._own.prepare(at)

    def edges(self, first: int, last: int) -> Moments:
        own = self._own.edges(first, last)
        return own._replace(price=self.level.indices(self.leader.edges(first, last)))

    def prices(self, block: int) -> Floats:
        stretch = STEPS // COARSE
        level = self.level.indices(self.leader.along(block, np.arange(COARSE + 1) * stretch))
        return np.concatenate([np.repeat(level[:-1], stretch), level[-1:]])

    def coarse(self, first: int, last: int) -> Floats:
        states = self.leader.coarse_moments(first, last)
        flat = Moments._make(column.ravel() for column in states)
        return self.level.indices(flat).reshape(states.price.shape)
