"""A table of single contracts of any style, each row by the model that suits it, in model units.

European rows are priced by Black-Scholes-Merton against the spot, or by Black-76 against the forward where that is given. Cash dividends
of a European row come off the spot at their present value (the escrowed model: the volatility is that of S - PV(D), and every Greek is
against S). American rows are the matter of :mod:`engine.quant.american`: with cash dividends the share itself falls by the amount. These
are two models: at one volatility a European row and an American one differ by that too.
"""

from typing import Final, NamedTuple

import numpy as np

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.codes import IvStatus
from engine.quant.contracts import ContractNumbers, Contracts, Dividends, ImpliedContracts
from engine.quant.european.black import GREEKS, HIGHER_GREEKS
from engine.quant.european.implied import implied_vols
from engine.quant.tiers import core

LAST_MORNING: Final = 1e-6
"""Part of the time left at which a dividend on the last day falls."""


class _Escrow(NamedTuple):
    """What the cash dividends of each contract take off its spot."""

    worth: Floats
    """PV(D)."""
    weighted: Floats
    """Σ t PV(D), the derivative of the spot that is left by the rate."""


def contract_numbers(*, contracts: Contracts, vols: Floats) -> ContractNumbers:
    """Prices and Greeks at these volatilities."""
    table = np.full((len(ContractNumbers._fields), vols.size), np.nan)
    european = np.flatnonzero(~contracts.american)
    if european.size:
        table[:, european] = _european(chosen(contracts, european), vols[european])
    american = np.flatnonzero(contracts.american)
    if american.size:
        from engine.quant.american.batch import american_numbers

        table[:, american] = american_numbers(contracts=_before_the_end(chosen(contracts, american)), vols=vols[american])
    return ContractNumbers(*table)


def implied_contracts(*, contracts: Contracts, prices: Floats) -> ImpliedContracts:
    """The volatilities of these prices, and the numbers at them."""
    vols, statuses = np.full(prices.size, np.nan), np.full(prices.size, IvStatus.BAD_INPUT, dtype=np.int8)
    european = np.flatnonzero(~contracts.american)
    if european.size:
        found = _european_vols(chosen(contracts, european), prices[european])
        vols[european], statuses[european] = found
    american = np.flatnonzero(contracts.american)
    if american.size:
        from engine.quant.american.batch import american_vols

        found = american_vols(contracts=_before_the_end(chosen(contracts, american)), prices=prices[american])
        vols[american], statuses[american] = found
    return ImpliedContracts(vols, statuses, contract_numbers(contracts=contracts, vols=vols))


def chosen(contracts: Contracts, rows: Indices) -> Contracts:
    """These contracts alone; all of them as they are."""
    if rows.size == contracts.strikes.size:
        return contracts
    place = np.full(contracts.strikes.size, -1, dtype=np.intp)
    place[rows] = np.arange(rows.size)
    owners = place[contracts.dividends.rows]
    kept = owners >= 0
    dividends = Dividends(owners[kept], contracts.dividends.years[kept], contracts.dividends.amounts[kept])
    return Contracts(
        rights=contracts.rights[rows],
        american=contracts.american[rows],
        on_forward=contracts.on_forward[rows],
        underlyings=contracts.underlyings[rows],
        strikes=contracts.strikes[rows],
        years=contracts.years[rows],
        rates=contracts.rates[rows],
        yields=contracts.yields[rows],
        dividends=dividends,
    )


def _before_the_end(contracts: Contracts) -> Contracts:
    """A dividend on the day of the end falls in its morning, just before it."""
    rows, times, amounts = contracts.dividends
    ends = contracts.years[rows]
    moved = np.where(times == ends, ends * (1.0 - LAST_MORNING), times)
    return contracts._replace(dividends=Dividends(rows, moved, amounts))


def _escrow(contracts: Contracts) -> _Escrow:
    rows, times, amounts = contracts.dividends
    counted = (times > 0.0) & (times <= contracts.years[rows])
    rows, times = rows[counted], times[counted]
    worth = amounts[counted] * np.exp(-contracts.rates[rows] * times)
    size = contracts.strikes.size
    return _Escrow(*(np.bincount(rows, weights, size).astype(np.float64) for weights in (worth, worth * times)))


def _european(contracts: Contracts, vols: Floats) -> Floats:
    """The rows of :class:`ContractNumbers`."""
    r, size = contracts.rates, vols.size
    with np.errstate(all="ignore"):
        escrow = _escrow(contracts)
        S = contracts.underlyings - escrow.worth
        q = np.where(contracts.on_forward, r, contracts.yields)
        F = S * np.exp((r - q) * contracts.years)
        first, more = np.empty((GREEKS, size)), np.empty((HIGHER_GREEKS, size))
        core().greeks(np.vstack((S, F, contracts.strikes, contracts.years, vols, r, q, contracts.rights)), first)
        core().higher_greeks(np.vstack((S, contracts.strikes, contracts.years, vols, r, q, contracts.rights)), more)
        price, delta, gamma, vega, theta, rho, vanna, volga, charm, _ = first
        speed, zomma, color, *_ = more
        rho = np.where(contracts.on_forward, -contracts.years * price, rho + delta * escrow.weighted)
        growth = r * escrow.worth  # the dividends' present value grows, and the spot that is left falls by it
        theta, charm, color = theta - delta * growth, charm - gamma * growth, color - speed * growth
        return np.vstack((price, delta, gamma, vega, theta, rho, vanna, volga, charm, speed, zomma, color))


def _european_vols(contracts: Contracts, prices: Floats) -> tuple[Floats, Bytes]:
    r, T = contracts.rates, contracts.years
    with np.errstate(all="ignore"):
        S = contracts.underlyings - _escrow(contracts).worth
        forwards = np.where(contracts.on_forward, S, S * np.exp((r - contracts.yields) * T))
        discounts = np.exp(-r * T)
    found = implied_vols(prices=prices, forwards=forwards, strikes=contracts.strikes, years=T, rights=contracts.rights, discounts=discounts)
    return found.vols, found.statuses
