"""American contracts of a table, and European ones with cash dividends: :mod:`engine.quant.batch` brings them here."""

import numpy as np

from engine.quant.american.cash import DividendSchedule, cash_greeks, cash_vols, payments_of
from engine.quant.arrays import Bytes, Floats
from engine.quant.contracts import ContractNumbers, Contracts


def numbers(contracts: Contracts, vols: Floats, *, early: bool) -> Floats:
    """The rows of :class:`~engine.quant.contracts.ContractNumbers`; ``early``: with the right to exercise before the end."""
    rows = _rows(contracts, vols)
    found = np.stack(cash_greeks(rows, payments_of(_schedule(contracts), rows), "auto", early=early))
    rhos, dividend_rhos = found[5].copy(), found[-1]
    found[5] = np.where(contracts.on_forward, rhos + dividend_rhos, rhos)  # a forward stays where it is: its yield is the rate
    return found[: len(ContractNumbers._fields)]


def vols(contracts: Contracts, prices: Floats, *, early: bool) -> tuple[Floats, Bytes]:
    """Volatilities and their :class:`engine.quant.codes.IvStatus`."""
    rows = _rows(contracts, np.full(prices.size, 0.3))
    return cash_vols(rows, payments_of(_schedule(contracts), rows), prices, "auto", early=early)


def _rows(contracts: Contracts, vols: Floats) -> Floats:
    yields = np.where(contracts.on_forward, contracts.rates, contracts.yields)
    return np.stack([contracts.underlyings, contracts.strikes, contracts.years, vols, contracts.rates, yields, contracts.rights])


def _schedule(contracts: Contracts) -> DividendSchedule:
    rows, years, amounts = contracts.dividends
    return DividendSchedule(years, amounts, rows)
