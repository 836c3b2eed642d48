"""American and European options by the tree, with cash dividends or without."""

from typing import Final, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from engine.quant import tiers
from engine.quant.american import plain_trees
from engine.quant.arrays import Floats, Indices, for_loops

STEPS: Final = 201
"""Where there are dividends; odd. Error about 4e-3 per 100 of spot."""
FINE_STEPS: Final = 801
LEAST_LEAD: Final = 4
GREATEST_LEAD: Final = 64
"""Steps before now: 4 give prices around the spot, more where an early dividend takes the share beyond those."""


class Jobs(Protocol):
    """The loop over trees."""

    def trees(
        self,
        rows: Floats,
        leads: NDArray[np.int64],
        begins: NDArray[np.int64],
        places: Floats,
        amounts: Floats,
        steps: int,
        early: int,
        out: Floats,
    ) -> None:
        """Price, delta and gamma of (spots, strikes, years, vols, rates, yields, signs), dividends at their own places, in steps."""


ROOM: Final = tiers.Room("dividends", cast(Jobs, plain_trees))


class Payments(NamedTuple):
    """Cash dividends, in the order of the rows they belong to and then of time."""

    rows: Indices
    years: Floats
    amounts: Floats


NO_PAYMENTS: Final = Payments(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))


def tree_values(rows: Floats, payments: Payments = NO_PAYMENTS, *, steps: int = STEPS, early: bool = True) -> Floats:
    """Price, delta and gamma of (spots, strikes, years, vols, rates, yields, signs); years and volatility must be positive."""
    size = rows.shape[1]
    out = np.empty((3, size))
    if size:
        leads = _leads(rows, payments, steps)
        begins = np.searchsorted(payments.rows, np.arange(size + 1)).astype(np.int64)
        with np.errstate(all="ignore"):
            places = leads[payments.rows] + payments.years / rows[2, payments.rows] * steps
        ROOM.jobs().trees(for_loops(rows), leads, begins, places, for_loops(payments.amounts), steps, int(early), out)
    return out


def _leads(rows: Floats, payments: Payments, steps: int) -> NDArray[np.int64]:
    """Steps before now, even: as many as keep the share, fallen by the dividends so far, among the nodes."""
    leads = np.full(rows.shape[1], LEAST_LEAD, dtype=np.int64)
    if payments.rows.size == 0:
        return leads
    owners = payments.rows
    sums = np.cumsum(payments.amounts)
    firsts = np.searchsorted(owners, owners)
    so_far = sums - sums[firsts] + payments.amounts[firsts]
    with np.errstate(all="ignore"):
        spots, years, vols = rows[0, owners], rows[2, owners], rows[3, owners]
        past = payments.years / years * steps
        fallen = -np.log(np.maximum(1.0 - so_far / spots, 1e-6)) / (vols * np.sqrt(years / steps))
        wanted = np.nan_to_num(fallen + 4.0 * np.sqrt(past) - past, nan=0.0, posinf=GREATEST_LEAD, neginf=0.0)
    even = 2 * np.ceil(0.5 * np.clip(wanted, LEAST_LEAD, GREATEST_LEAD)).astype(np.int64)
    np.maximum.at(leads, owners, even)
    return leads
