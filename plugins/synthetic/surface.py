"""The volatility surface: SSVI over a curve of forward variance, free of arbitrage at every instant by its construction.

Total variance of log-moneyness k = ln(K/F) is w = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) with
phi = eta theta^-gamma (1 + theta)^(gamma - 1) (Gatheral, Jacquier: "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14,
2014, section 4). With gamma <= 1/2 and eta (1 + |rho|) <= 2 there is no butterfly for any theta (their corollary 4.1), and with theta
growing in time no calendar spread (theorem 4.1): theta is a sum of positive forward variances and of the variance of dated events.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import from_nanos
from plugins.synthetic.corporate import reports
from plugins.synthetic.motion import Moment, Moments
from plugins.synthetic.name import Name
from plugins.synthetic.name import Surface as Terms
from plugins.synthetic.skeleton import FAST, SLOW, excited

_NODES: Floats = np.concatenate([np.zeros(1), np.geomspace(2e-4, 4.5, 27)])
"""Variance time ahead, in years, at which the forward variance is computed; straight lines of theta between."""
_WIDTHS = np.diff(_NODES)
_FAST_FADE = np.exp(-FAST * _NODES)
_SLOW_FADE = np.exp(-SLOW * _NODES)
LEAST_THETA = 1e-12
LEAN = 0.045
"""Deviation of rho about its mean."""
BEND = 0.06
"""Relative deviation of eta about its mean."""


class Shape(NamedTuple):
    """What the surface of a name has in common over all expiries at an instant."""

    rho: float
    eta: float
    gamma: float


def shape(terms: Terms, moment: Moment) -> Shape:
    """Skew and curvature of an instant, kept within the conditions above."""
    lean = min(max(moment.lean, -2.5), 2.5)
    rho = min(max(terms.rho + LEAN * lean, -0.9), 0.9)
    eta = terms.eta * (1.0 + BEND * min(max(moment.bend, -2.5), 2.5))
    return Shape(rho, min(eta, 1.99 / (1.0 + abs(rho))), terms.gamma)


def shapes(terms: Terms, moments: Moments) -> tuple[Floats, Floats]:
    """Rho and eta at many instants."""
    rho = np.clip(terms.rho + LEAN * np.clip(moments.lean, -2.5, 2.5), -0.9, 0.9)
    eta = terms.eta * (1.0 + BEND * np.clip(moments.bend, -2.5, 2.5))
    return rho, np.minimum(eta, 1.99 / (1.0 + np.abs(rho)))


def forward_variance(terms: Terms, fast: Floats | float, slow: Floats | float) -> Floats:
    """Forward variance at the nodes, one row an instant."""
    base = terms.far**2 + (terms.near**2 - terms.far**2) * np.exp(-terms.pull * _NODES)
    first, second = np.atleast_1d(np.asarray(fast)), np.atleast_1d(np.asarray(slow))
    found: Floats = base * excited(first[:, None] * _FAST_FADE + second[:, None] * _SLOW_FADE)
    return found


def variance_ahead(terms: Terms, fast: Floats | float, slow: Floats | float) -> Floats:
    """Total variance from now to each node, one row an instant."""
    ahead = forward_variance(terms, fast, slow)
    areas = 0.5 * (ahead[:, 1:] + ahead[:, :-1]) * _WIDTHS
    return np.concatenate([np.zeros((ahead.shape[0], 1)), np.cumsum(areas, axis=1)], axis=1)


def theta_at(terms: Terms, moment: Moment, ahead: Floats) -> Floats:
    """At-the-money total variance of an instant over given years of variance time, dated events left out."""
    theta: Floats = np.maximum(np.interp(ahead, _NODES, variance_ahead(terms, moment.fast, moment.slow)[0]), LEAST_THETA)
    return theta


def thetas_at(terms: Terms, moments: Moments, ahead: Floats) -> Floats:
    """The same at many instants, each over its own span."""
    table = variance_ahead(terms, moments.fast, moments.slow)
    place = np.clip(np.searchsorted(_NODES, ahead, side="right") - 1, 0, len(_NODES) - 2)
    share = (ahead - _NODES[place]) / _WIDTHS[place]
    rows = np.arange(table.shape[0])
    return np.maximum(table[rows, place] * (1.0 - share) + table[rows, place + 1] * share, LEAST_THETA)


def event_variance(name: Name, at: int, until: Longs) -> Floats:
    """Variance of the results that fall between an instant and each of many others."""
    if name.earnings is None or not until.size:
        return np.zeros(until.shape)
    dates = _reports(name, from_nanos(at).year, from_nanos(int(until.max())).year)
    passed = int(np.searchsorted(dates, at, side="right"))
    return name.earnings.move**2 * np.maximum(np.searchsorted(dates, until, side="right") - passed, 0)


@lru_cache(maxsize=256)
def _reports(name: Name, first: int, last: int) -> Longs:
    return np.array([report.at for report in reports(name, first, last)], dtype=np.int64)


def phi(theta: Floats, eta: Floats | float, gamma: float) -> Floats:
    """Curvature of SSVI by at-the-money total variance."""
    if gamma == 0.5:
        return eta / np.sqrt(theta * (1.0 + theta))
    return eta * theta**-gamma * (1.0 + theta) ** (gamma - 1.0)


def total_variance(k: Floats, theta: Floats, rho: Floats | float, curve: Floats) -> Floats:
    """SSVI's w at log-moneyness k."""
    tilted = curve * k + rho
    return 0.5 * theta * (1.0 + rho * curve * k + np.sqrt(tilted * tilted + (1.0 - np.square(rho))))
