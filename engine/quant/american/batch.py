"""American contracts of a table: :mod:`engine.quant.batch` brings them here."""

import numpy as np

from engine.quant.american.cash import DividendSchedule, cash_greeks, cash_vols, payments_of
from engine.quant.arrays import Bytes, Floats
from engine.quant.contracts import ContractNumbers, Contracts


def american_numbers(*, contracts: Contracts, vols: Floats) -> Floats:
    """The rows of :class:`~engine.quant.contracts.ContractNumbers`, cash dividends in the spot model."""
    rows = _rows(contracts, vols)
    found = np.stack(cash_greeks(rows, payments_of(_schedule(contracts), rows), "auto"))
    rhos, dividend_rhos = found[5].copy(), found[-1]
    found[5] = np.where(contracts.on_forward, rhos + dividend_rhos, rhos)  # a forward stays where it is: its yield is the rate
    return found[: len(ContractNumbers._fields)]


def american_vols(*, contracts: Contracts, prices: Floats) -> tuple[Floats, Bytes]:
    """Volatilities and their :class:`engine.quant.codes.IvStatus`."""
    rows = _rows(contracts, np.full(prices.size, 0.3))
    return cash_vols(rows, payments_of(_schedule(contracts), rows), prices, "auto")


def _rows(contracts: Contracts, vols: Floats) -> Floats:
    yields = np.where(contracts.on_forward, contracts.rates, contracts.yields)
    return np.stack([contracts.underlyings, contracts.strikes, contracts.years, vols, contracts.rates, yields, contracts.rights])


def _schedule(contracts: Contracts) -> DividendSchedule:
    rows, years, amounts = contracts.dividends
    return DividendSchedule(years, amounts, rows)
