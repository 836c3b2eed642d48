"""When to exercise: the critical spots at given times to the end, and what the right to do so early is worth."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american import solver
from engine.quant.american.corridor import corridors, edges
from engine.quant.american.regimes import CORRIDOR_NAMES, RECIPE_NAMES, Method, as_puts, methods
from engine.quant.american.schemes import scheme
from engine.quant.american.values import american_prices, checked, european_prices
from engine.quant.arrays import Floats


class Boundaries(NamedTuple):
    """Exercise at once where lower <= spot <= upper."""

    lowers: Floats
    uppers: Floats


def boundaries(
    *,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "fine",
) -> Boundaries:
    """The spots from which and to which an option with so many years left is to be exercised; NaN where an input is unknown.

    A put's lower one is 0 and a call's upper one infinity, except where there are two (for a put q < r < 0, for a call r < q < 0). Where
    it is not to be exercised at any spot now, be it that exercise never pays or that two boundaries have met nearer to the end, both
    are 0 for a put and infinity for a call. With no time left they are the limits: K min(1, r/q) for a put, K max(1, r/q) for a call; of
    two, K and K r/q.

    >>> found = boundaries(strikes=100, years=5, vols=0.1, rights=-1, rates=-0.005, yields=-0.02)
    >>> round(float(found.lowers), 2), round(float(found.uppers), 2)
    (28.29, 79.36)
    """
    rows, shape = checked(strikes, strikes, years, vols, rates, yields, rights, setting)
    lower, upper = _ratios(rows, setting)
    strikes_, call = rows[1], rows[6] > 0.0
    with np.errstate(all="ignore"):
        ends = [np.where(call, strikes_ / upper, strikes_ * lower), np.where(call, strikes_ / lower, strikes_ * upper)]
    return Boundaries(ends[0].reshape(shape), ends[1].reshape(shape))


def boundary(
    *,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "fine",
) -> Floats:
    """The spot at which a put, as it falls, or a call, as it rises, is first to be exercised with so many years left: of :func:`boundaries`
    a put's upper one and a call's lower one.

    The perpetual put of r = 5 %, q = 0, volatility 20 % is exercised at K 2r/(2r + σ²) = 71.4; with a year to go, higher:

    >>> round(float(boundary(strikes=100, years=1, vols=0.2, rights=-1, rates=0.05)), 2)
    80.88
    """
    found = boundaries(strikes=strikes, years=years, vols=vols, rights=rights, rates=rates, yields=yields, setting=setting)
    result: Floats = np.where(np.asarray(rights, dtype=np.float64) > 0.0, found.lowers, found.uppers)
    return result


def _ratios(rows: Floats, setting: str) -> Floats:
    """Lower and upper boundary of the puts over their strikes."""
    terms = as_puts(rows)
    how = methods(rows, terms, setting)
    found = np.full((2, how.size), np.nan)
    with np.errstate(all="ignore"):
        inputs = np.stack([terms.years, terms.rates, terms.yields, terms.vols])
        for method, name in RECIPE_NAMES.items():
            chosen = np.flatnonzero(how == method)
            if chosen.size:
                tables = scheme(name)
                known, part = np.empty((chosen.size, tables.roots.size)), np.ascontiguousarray(inputs[:, chosen])
                solver.ROOM.jobs().boundaries(part, tables.roots, tables.sizes, tables.nodes, tables.form, known)
                found[0, chosen], found[1, chosen] = 0.0, np.exp(known[:, 0])
        for method, name in CORRIDOR_NAMES.items():
            chosen = np.flatnonzero(how == method)
            if chosen.size:
                corridor = corridors(np.ascontiguousarray(inputs[:, chosen]), name)
                upper, lower = np.exp(edges(corridor))
                found[:, chosen] = np.where(corridor.met, 0.0, [lower, upper])
        negative = (terms.rates < 0.0) & (terms.yields < terms.rates)
        ratio = terms.rates / terms.yields
        ends = [np.where(negative, ratio, 0.0), np.where(terms.yields > terms.rates, ratio, 1.0)]
        found = np.where((how == Method.CERTAIN) & (terms.years == 0.0), ends, found)
        never = (how == Method.EUROPEAN) | ((terms.rates <= 0.0) & (terms.yields >= terms.rates) & (how != Method.UNKNOWN))
        result: Floats = np.where(never, 0.0, found)
    return result


def premiums(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> Floats:
    """The early-exercise premium: the American price less the European one.

    Andersen, Lake and Offengenden (2016), table 2: the put at 100 struck at 100, one year, r = q = 5 %, volatility 25 %.

    >>> round(float(premiums(spots=100, strikes=100, years=1, vols=0.25, rights=-1, rates=0.05, yields=0.05, setting="fine")), 6)
    0.106953
    """
    rows, shape = checked(spots, strikes, years, vols, rates, yields, rights, setting)
    how = methods(rows, as_puts(rows), setting)
    result: Floats = (american_prices(rows, how) - european_prices(rows)).reshape(shape)
    return result
