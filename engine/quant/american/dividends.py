"""American and European options on a share that pays cash dividends: the share itself falls by the amount on the ex-date (the spot model).

The volatility is that of the share between ex-dates. That is not the escrowed model, in which the volatility belongs to the spot less the
present value of the dividends: the two differ by up to 1 per 100 of spot, so an implied volatility of the one may not be used in the other.
European prices are integrals (:mod:`engine.quant.american.held`), American ones those and the early-exercise premium of the tree of
:mod:`engine.quant.formulas.american_tree`, within 5e-3 per 100 of spot of the limit in the usual setting and 2e-3 in ``fine``; ``fast``
takes both from the tree, within 5e-3. A dividend greater than the share leaves it at 0; one on or after the option's end, or not after
now, does not count.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american.cash import DividendSchedule, cash_forwards, cash_greeks, cash_prices, cash_vols, payments_of
from engine.quant.american.greeks import AmericanGreeks
from engine.quant.american.values import checked
from engine.quant.arrays import Bytes, Floats
from engine.quant.european.implied import ImpliedVols
from engine.quant.european.implied import implied_vols as european_implied_vols


class CashDividendValues(NamedTuple):
    """American price and its parts."""

    prices: Floats
    europeans: Floats
    """The option without early exercise, in the same model."""
    premiums: Floats


class EuropeanEquivalents(NamedTuple):
    """What European option an American price on a share with dividends stands for."""

    vols: Floats
    """Of the share, at which the American price is met."""
    statuses: Bytes
    prices: Floats
    """The European price in the spot model."""
    black_vols: Floats
    """The Black-76 volatility of that price on the forward: what a surface of European volatilities takes."""


def prices(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    dividends: DividendSchedule,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> Floats:
    """American prices; ``yields`` come on top of the cash dividends (a borrow fee, for one).

    >>> quarterly = DividendSchedule([0.1, 0.35], [1.0, 1.0])
    >>> found = prices(spots=100, strikes=90, years=0.5, vols=0.2, rights=1, rates=0.05, dividends=quarterly)
    >>> round(float(found), 1)
    12.0
    """
    rows, shape = checked(spots, strikes, years, vols, rates, yields, rights, setting)
    return cash_prices(rows, payments_of(dividends, rows), setting).reshape(shape)


def values(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    dividends: DividendSchedule,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> CashDividendValues:
    """American and European prices in the same model, and the early-exercise premium between them, never below 0."""
    rows, shape = checked(spots, strikes, years, vols, rates, yields, rights, setting)
    payments = payments_of(dividends, rows)
    american = cash_prices(rows, payments, setting)
    european = cash_prices(rows, payments, setting, early=False)
    return CashDividendValues(*(column.reshape(shape) for column in (american, european, american - european)))


def greeks(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    dividends: DividendSchedule,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> AmericanGreeks:
    """American price and Greeks: those of the European option, which hold six digits, and those of the premium, differences of trees.

    Where the premium is nothing all are good to six digits. Else, of the greatest value of each over a chain: delta 3 to 4 digits, gamma
    and vega 3, theta, rho, dividend rho, vanna, speed, zomma and color 2 to 3, charm and volga 2 (in ``fine`` half a digit more).
    """
    rows, shape = checked(spots, strikes, years, vols, rates, yields, rights, setting)
    found = cash_greeks(rows, payments_of(dividends, rows), setting)
    return AmericanGreeks(*(column.reshape(shape) for column in found))


def implied_vols(
    *,
    prices: ArrayLike,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    dividends: DividendSchedule,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> ImpliedVols:
    """The share's volatilities at which the American option has these prices; statuses as without dividends."""
    paid = np.asarray(prices, dtype=np.float64)
    rows, shape = checked(spots, strikes, years, np.broadcast_to(0.3, paid.shape), rates, yields, rights, setting)
    vols, statuses = cash_vols(rows, payments_of(dividends, rows), np.broadcast_to(paid, shape).ravel(), setting)
    return ImpliedVols(vols.reshape(shape), statuses.reshape(shape))


def de_americanised(
    *,
    prices: ArrayLike,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    rights: ArrayLike,
    dividends: DividendSchedule,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> EuropeanEquivalents:
    """The European price that an American one stands for, and its Black-76 volatility on F = (S - PV(D)) e^((r-q)T)."""
    found = implied_vols(
        prices=prices,
        spots=spots,
        strikes=strikes,
        years=years,
        rights=rights,
        dividends=dividends,
        rates=rates,
        yields=yields,
        setting=setting,
    )
    rows, shape = checked(spots, strikes, years, found.vols, rates, yields, rights, setting)
    payments = payments_of(dividends, rows)
    european = cash_prices(rows, payments, setting, early=False)
    black = european_implied_vols(
        prices=european,
        forwards=cash_forwards(rows, payments),
        strikes=rows[1],
        years=rows[2],
        rights=rows[6],
        discounts=np.exp(-rows[4] * rows[2]),
    )
    return EuropeanEquivalents(found.vols, found.statuses, european.reshape(shape), black.vols.reshape(shape))
