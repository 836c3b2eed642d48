"""A table of single contracts of any style, each row by the model that suits it, in model units.

European rows are priced by Black-Scholes-Merton against the spot, or by Black-76 against the forward where that is given; American rows are
the matter of :mod:`engine.quant.american`. Cash dividends mean the same in both styles: on its ex-date the share itself falls by the amount
(the spot model), and the volatility is that of the share between ex-dates. So an American row is never worth less than the European one of
the same inputs, the two meet where exercise never pays, and one price has one volatility in either style but for the right to exercise.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple, TypeVar

import numpy as np

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.codes import IvStatus
from engine.quant.contracts import ContractNumbers, Contracts, Dividends, ImpliedContracts
from engine.quant.european.black import GREEKS, HIGHER_GREEKS
from engine.quant.european.implied import implied_vols
from engine.quant.tiers import core

LAST_MORNING: Final = 1e-6
"""Part of the time left at which a dividend on the last day falls."""
PART: Final = 4_096
"""Rows whose intermediate columns stay near the processor; parts of a greater table go side by side, as kernels need no interpreter."""
PAYING_PART: Final = 512
"""The same of European rows with cash dividends, each of which takes a dozen times as long."""
TREE_PART: Final = 64
"""And of American ones, which take a hundred times."""
Answer = TypeVar("Answer")


class _Kind(NamedTuple):
    """Rows that are answered alike."""

    rows: Indices
    early: bool
    """With the right to exercise before the end."""
    part: int
    """How many at a time."""


def contract_numbers(*, contracts: Contracts, vols: Floats) -> ContractNumbers:
    """Prices and Greeks at these volatilities."""
    table = np.full((len(ContractNumbers._fields), vols.size), np.nan)
    plain, others = _kinds(contracts)
    if plain.size:
        table[:, plain] = _european(chosen(contracts, plain), vols[plain])
    for kind in others:
        from engine.quant.american.batch import numbers

        for rows, found in _in_parts(partial(numbers, early=kind.early), kind, contracts, vols):
            table[:, rows] = found
    return ContractNumbers(*table)


def implied_contracts(*, contracts: Contracts, prices: Floats) -> ImpliedContracts:
    """The volatilities of these prices, and the numbers at them."""
    found, statuses = np.full(prices.size, np.nan), np.full(prices.size, IvStatus.BAD_INPUT, dtype=np.int8)
    plain, others = _kinds(contracts)
    if plain.size:
        found[plain], statuses[plain] = _european_vols(chosen(contracts, plain), prices[plain])
    for kind in others:
        from engine.quant.american.batch import vols

        for rows, answer in _in_parts(partial(vols, early=kind.early), kind, contracts, prices):
            found[rows], statuses[rows] = answer
    return ImpliedContracts(found, statuses, contract_numbers(contracts=contracts, vols=found))


def _kinds(contracts: Contracts) -> tuple[Indices, list[_Kind]]:
    """The European rows without a dividend that counts, and the others."""
    rows, times, amounts = contracts.dividends
    paying = np.zeros(contracts.strikes.size, dtype=np.bool_)
    paying[rows[(times > 0.0) & (times <= contracts.years[rows]) & (amounts > 0.0)]] = True
    american = contracts.american
    kinds = [
        _Kind(np.flatnonzero(american & ~paying), early=True, part=PART),
        _Kind(np.flatnonzero(~american & paying), early=False, part=PAYING_PART),
        _Kind(np.flatnonzero(american & paying), early=True, part=TREE_PART),
    ]
    return np.flatnonzero(~american & ~paying), [kind for kind in kinds if kind.rows.size]


def _in_parts(
    job: Callable[[Contracts, Floats], Answer], kind: _Kind, contracts: Contracts, column: Floats
) -> list[tuple[Indices, Answer]]:
    """The job's answers for the rows of a kind, a part of them at a time: those of the same terms together, which share their boundaries.

    Parts go by the table alone, and not by how many of them can be worked on at once.
    """
    terms = (contracts.rights, contracts.yields, contracts.rates, contracts.years)
    order = kind.rows[np.lexsort([each[kind.rows] for each in terms])]
    parts = np.array_split(order, -(-order.size // kind.part))

    def answer(rows: Indices) -> tuple[Indices, Answer]:
        return rows, job(_before_the_end(chosen(contracts, rows)), column[rows])

    if len(parts) == 1:
        return [answer(order)]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, len(parts))) as pool:
        return list(pool.map(answer, parts))


def chosen(contracts: Contracts, rows: Indices) -> Contracts:
    """These contracts alone, in this order."""
    if rows.size == contracts.strikes.size and (rows[1:] > rows[:-1]).all():
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


def _european(contracts: Contracts, vols: Floats) -> Floats:
    """The rows of :class:`ContractNumbers`, without dividends."""
    S, r, size = contracts.underlyings, contracts.rates, vols.size
    with np.errstate(all="ignore"):
        q = np.where(contracts.on_forward, r, contracts.yields)
        F = S * np.exp((r - q) * contracts.years)
        first, more = np.empty((GREEKS, size)), np.empty((HIGHER_GREEKS, size))
        core().greeks(np.vstack((S, F, contracts.strikes, contracts.years, vols, r, q, contracts.rights)), first)
        core().higher_greeks(np.vstack((S, contracts.strikes, contracts.years, vols, r, q, contracts.rights)), more)
        price, delta, gamma, vega, theta, rho, vanna, volga, charm, _ = first
        speed, zomma, color, *_ = more
        rho = np.where(contracts.on_forward, -contracts.years * price, rho)
        return np.vstack((price, delta, gamma, vega, theta, rho, vanna, volga, charm, speed, zomma, color))


def _european_vols(contracts: Contracts, prices: Floats) -> tuple[Floats, Bytes]:
    S, r, T = contracts.underlyings, contracts.rates, contracts.years
    with np.errstate(all="ignore"):
        forwards = np.where(contracts.on_forward, S, S * np.exp((r - contracts.yields) * T))
        discounts = np.exp(-r * T)
    found = implied_vols(prices=prices, forwards=forwards, strikes=contracts.strikes, years=T, rights=contracts.rights, discounts=discounts)
    return found.vols, found.statuses
