"""When to exercise: the critical spot at given times to the end, and what the right to do so early is worth."""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american import solver
from engine.quant.american.regimes import RECIPE_NAMES, Method, as_puts, methods
from engine.quant.american.schemes import scheme
from engine.quant.american.values import american_prices, checked, european_prices
from engine.quant.arrays import Floats


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
    """The spot at or below which a put, at or above which a call, is to be exercised with so many years left.

    0 for a put and infinity for a call that is never exercised early. With no time left it is the limit: K min(1, r/q) for a put,
    K max(1, r/q) for a call. NaN where an input is unknown, and where there are two boundaries (for a put q < r < 0).

    The perpetual put of r = 5 %, q = 0, volatility 20 % is exercised at K 2r/(2r + σ²) = 71.4; with a year to go, higher:

    >>> round(float(boundary(strikes=100, years=1, vols=0.2, rights=-1, rates=0.05)), 2)
    80.88
    """
    rows, shape = checked(strikes, strikes, years, vols, rates, yields, rights, setting)
    terms = as_puts(rows)
    how = methods(rows, terms, setting)
    strikes_, times = rows[1], rows[2]
    call = terms.calls > 0.0
    with np.errstate(all="ignore"):
        ratio = np.full(how.size, np.nan)
        for method, name in RECIPE_NAMES.items():
            chosen = np.flatnonzero(how == method)
            if chosen.size:
                tables = scheme(name)
                found = np.empty((chosen.size, tables.roots.size))
                part = np.stack([terms.years, terms.rates, terms.yields, terms.vols])[:, chosen]
                solver.ROOM.jobs().boundaries(np.ascontiguousarray(part), tables.roots, tables.sizes, tables.nodes, tables.form, found)
                ratio[chosen] = np.exp(found[:, 0])
        never = (terms.rates <= 0.0) & (terms.yields >= terms.rates)
        twice = (terms.rates < 0.0) & (terms.yields < terms.rates)
        ends = np.where(terms.yields > terms.rates, terms.rates / terms.yields, 1.0)
        ratio = np.where((how == Method.CERTAIN) & (times == 0.0), ends, ratio)
        ratio = np.where(never & (how != Method.UNKNOWN), 0.0, np.where(twice, np.nan, ratio))
        result: Floats = np.where(call, strikes_ / ratio, strikes_ * ratio).reshape(shape)
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
