"""What is said of a table of single contracts of any style, and what comes back; :mod:`engine.quant.batch` does the arithmetic."""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Bytes, Floats, Indices


class Dividends(NamedTuple):
    """Cash amounts, one an entry; one before now or after its contract's end does not count, one on the day of the end does."""

    rows: Indices
    """The contract of each."""
    years: Floats
    """ACT/365 to the ex-date."""
    amounts: Floats


NO_DIVIDENDS = Dividends(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))


class Contracts(NamedTuple):
    """Columns of one length."""

    rights: Floats
    """+1 call, -1 put."""
    american: Bools
    on_forward: Bools
    """The underlying is the forward or future itself; the yield plays no part then."""
    underlyings: Floats
    """Spots, or forwards where ``on_forward``."""
    strikes: Floats
    years: Floats
    rates: Floats
    yields: Floats
    dividends: Dividends = NO_DIVIDENDS


class ContractNumbers(NamedTuple):
    """Columns as long as the contracts; NaN is unknown."""

    prices: Floats
    deltas: Floats
    gammas: Floats
    vegas: Floats
    thetas: Floats
    rhos: Floats
    vannas: Floats
    volgas: Floats
    charms: Floats
    speeds: Floats
    zommas: Floats
    colors: Floats


class ImpliedContracts(NamedTuple):
    """Volatilities, their :class:`engine.quant.codes.IvStatus`, and the numbers at them."""

    vols: Floats
    statuses: Bytes
    numbers: ContractNumbers
