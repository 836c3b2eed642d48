"""Fair values of a chain: Black's formula on each forward with the surface's own volatility, whole ranges of strikes at once.

An American option is worth its European value and the premium of early exercise (:mod:`plugins.synthetic.exercise`), and never less than
exercise pays. A coin's option is quoted in the coin: Black's value over the forward.
"""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import YEAR_NS
from plugins.synthetic.carry import discounts, forwards
from plugins.synthetic.exercise import Exercise, Stand
from plugins.synthetic.gauss import normal_cdf
from plugins.synthetic.motion import Moment
from plugins.synthetic.name import Name
from plugins.synthetic.surface import Shape, event_variance, phi, shape, theta_at, total_variance
from plugins.synthetic.timeline import VarianceClock
from plugins.synthetic.vix import VixLevel


class Terms(NamedTuple):
    """What the prices of every series of a name follow from, at one instant; one number a series."""

    moment: Moment
    years: Floats
    forward: Floats
    discount: Floats
    theta: Floats
    """At-the-money total variance."""
    curve: Floats
    """SSVI's phi."""
    form: Shape


class Values(NamedTuple):
    """Fair values in two rows, calls and puts, in the currency the option is quoted in."""

    price: Floats
    delta: Floats
    """Of the undiscounted forward: N(d1), and N(d1) - 1."""
    out: Floats
    """Value of whichever of the two is out of the money."""


def terms_of(
    name: Name,
    moment: Moment,
    settles_at: Longs,
    settles_year: Floats,
    clock: VarianceClock,
    vix: VixLevel | None,
    vix_moment: Moment | None,
) -> Terms:
    """The terms of series that settle at given instants (``settles_year`` is the same on the variance clock)."""
    years = (settles_at - moment.at) / YEAR_NS
    ahead = np.maximum(settles_year - clock.year(moment.at), 0.0)
    discount = discounts(name, years)
    if vix is not None and vix_moment is not None:
        forward = vix.futures(vix_moment, settles_at)
    else:
        forward = forwards(name, moment.price, moment.at, settles_at, discount)
    form = shape(name.surface, moment)
    theta = theta_at(name.surface, moment, ahead) + event_variance(name, moment.at, settles_at)
    return Terms(moment, years, forward, discount, theta, phi(theta, form.eta, form.gamma), form)


def values_of(name: Name, terms: Terms, strikes: Floats, series: Longs, exercise: Exercise | None) -> Values:
    """Fair values of calls and puts of many strikes, each of its own series; of American ones with the worth of early exercise."""
    forward, discount = terms.forward[series], terms.discount[series]
    k = np.log(strikes / forward)
    w = np.sqrt(total_variance(k, terms.theta[series], terms.form.rho, terms.curve[series]))
    d1 = -k / w + 0.5 * w
    both = normal_cdf(np.array((d1, d1 - w)))
    if name.is_coin:
        call = both[0] - strikes / forward * both[1]
        put = call - 1.0 + strikes / forward
    else:
        call = discount * (forward * both[0] - strikes * both[1])
        put = call - discount * (forward - strikes)
    price = np.maximum(np.array((call, put)), 0.0)
    out = np.where(k < 0.0, price[1], price[0])
    if exercise is not None:
        spot = terms.moment.price
        at_once = spot - strikes
        worth = spot * exercise.shares(series, k / np.sqrt(terms.theta[series]), terms.years[series])
        price = np.maximum(price + worth, np.array((at_once, -at_once)))
    return Values(price, np.array((both[0], both[0] - 1.0)), out)


def stand_of(terms: Terms, series: Longs) -> Stand:
    """Series as the worth of early exercise in them follows from."""
    years = terms.years[series]
    later = np.maximum(years, 1e-12)
    theta = terms.theta[series]
    deviations = np.sqrt(theta)
    rates = -np.log(terms.discount[series]) / later
    yields = rates - np.log(terms.forward[series] / terms.moment.price) / later

    def variance(k: Floats, chosen: Longs) -> Floats:
        return total_variance(k, theta[chosen, None, None], terms.form.rho, terms.curve[series][chosen, None, None])

    return Stand(np.full(years.shape, terms.moment.price), years, rates, yields, deviations, variance)


def implied(terms: Terms, place: int, strikes: Floats) -> Floats:
    """The surface's own volatility at strikes of one series, a fraction a year."""
    k = np.log(strikes / terms.forward[place])
    w = total_variance(k, terms.theta[place : place + 1], terms.form.rho, terms.curve[place : place + 1])
    return np.sqrt(w / max(float(terms.years[place]), 1e-12))
