"""The jobs on American options in both tiers, and how rows of one method are handed to them."""

from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from engine.quant import tiers
from engine.quant.american import plain
from engine.quant.american.regimes import RECIPE_NAMES, Terms
from engine.quant.american.schemes import scheme
from engine.quant.arrays import Bytes, Floats, Indices

PREMIUM_ROWS: Final = 5
"""Premium, its first, second and third derivative against the put's spot, ln B(T)."""


class Jobs(Protocol):
    """Loops over rows of puts struck at 1, every one of which has one exercise boundary; no number raises."""

    def premiums(
        self,
        rows: Floats,
        roots: Floats,
        sizes: NDArray[np.int64],
        nodes: Floats,
        points: Floats,
        form: int,
        out: Floats,
    ) -> None:
        """:data:`PREMIUM_ROWS` of (ln spots, years, rates, yields, vols), by the tables of a Scheme."""

    def boundaries(self, rows: Floats, roots: Floats, sizes: NDArray[np.int64], nodes: Floats, form: int, out: Floats) -> None:
        """Logarithms of B at the nodes, a row an option, of (years, rates, yields, vols)."""

    def premiums_on(self, rows: Floats, owners: NDArray[np.int64], known: Floats, points: Floats, out: Floats) -> None:
        """As ``premiums`` on boundaries already solved: ``owners`` names the row of ``known`` for each option."""


ROOM: Final = tiers.Room("american", cast(Jobs, plain))


def premiums(terms: Terms, methods: Bytes, owners: Indices | None = None) -> Floats:
    """:data:`PREMIUM_ROWS` of every row that a collocation method answers; NaN in the others.

    Rows of one owner differ in their spot alone, so that one boundary serves them all.
    """
    out = np.full((PREMIUM_ROWS, methods.size), np.nan)
    with np.errstate(all="ignore"):
        rows = np.stack([np.log(terms.spots), terms.years, terms.rates, terms.yields, terms.vols])
    jobs = ROOM.jobs()
    for method, name in RECIPE_NAMES.items():
        chosen = np.flatnonzero(methods == method)
        if chosen.size == 0:
            continue
        tables = scheme(name)
        part, found = np.ascontiguousarray(rows[:, chosen]), np.empty((PREMIUM_ROWS, chosen.size))
        if owners is None:
            jobs.premiums(part, *tables, found)
        else:
            _, firsts, places = np.unique(owners[chosen], return_index=True, return_inverse=True)
            known = np.empty((firsts.size, tables.roots.size))
            terms_of = np.ascontiguousarray(part[1:, firsts])
            jobs.boundaries(terms_of, tables.roots, tables.sizes, tables.nodes, tables.form, known)
            jobs.premiums_on(part, places.astype(np.int64), known, tables.points, found)
        out[:, chosen] = found
    return out
