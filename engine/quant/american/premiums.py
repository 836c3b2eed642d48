"""The early-exercise premiums of puts struck at 1, whichever number of boundaries they have."""

from typing import Final

import numpy as np

from engine.quant.american import solver
from engine.quant.american.corridor import Corridors, corridor_premiums, corridors
from engine.quant.american.ranges import premiums
from engine.quant.american.regimes import CORRIDOR_NAMES, RECIPE_NAMES, Terms
from engine.quant.american.schemes import scheme
from engine.quant.american.solver import PREMIUM_ROWS
from engine.quant.arrays import Bytes, Floats, Indices

ALL_ROWS: Final = PREMIUM_ROWS + 1
"""Those, and ln Y(T), -∞ where there is one boundary: from there to ln B(T) it is exercised."""


def unit_premiums(terms: Terms, methods: Bytes, owners: Indices | None = None) -> Floats:
    """:data:`ALL_ROWS` of every row that has a boundary or two; NaN in the others.

    Rows of one owner differ in their spot alone, so that one boundary serves them all.
    """
    out = np.full((ALL_ROWS, methods.size), np.nan)
    with np.errstate(all="ignore"):
        rows = np.stack([np.log(terms.spots), terms.years, terms.rates, terms.yields, terms.vols])
        for method, name in RECIPE_NAMES.items():
            chosen = np.flatnonzero(methods == method)
            if chosen.size:
                out[:PREMIUM_ROWS, chosen] = _single(
                    np.ascontiguousarray(rows[:, chosen]), name, None if owners is None else owners[chosen]
                )
                out[PREMIUM_ROWS, chosen] = -np.inf
        for method, name in CORRIDOR_NAMES.items():
            chosen = np.flatnonzero(methods == method)
            if chosen.size:
                out[:, chosen] = _double(rows[:, chosen], name, np.arange(chosen.size) if owners is None else owners[chosen])
    return out


def _single(rows: Floats, name: str, owners: Indices | None) -> Floats:
    tables = scheme(name)
    if owners is None:
        return premiums(rows, tables)
    jobs, found = solver.ROOM.jobs(), np.empty((PREMIUM_ROWS, rows.shape[1]))
    _, firsts, places = np.unique(owners, return_index=True, return_inverse=True)
    known = np.empty((firsts.size, tables.roots.size))
    jobs.boundaries(np.ascontiguousarray(rows[1:, firsts]), tables.roots, tables.sizes, tables.nodes, tables.form, known)
    jobs.premiums_on(rows, places.astype(np.int64), known, tables.points, found)
    return found


def _double(rows: Floats, name: str, owners: Indices) -> Floats:
    _, firsts, places = np.unique(owners, return_index=True, return_inverse=True)
    known = corridors(np.ascontiguousarray(rows[1:, firsts]), name)
    return corridor_premiums(rows, Corridors._make(np.ascontiguousarray(column[places]) for column in known), name)
