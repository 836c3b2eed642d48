"""Premiums of many options that have time, rate and yield in common: their boundary is solved for ranges of volatility, not row by row.

Over its strike the exercise boundary knows time, rate, yield and volatility alone. An octave of volatility, from one power of two to the
next, has it at :data:`PLACES`, and ln(B/X)/σ (X the boundary at the end) is one polynomial in ln σ between them: the ends are among the
places, so that two octaves meet. Octaves are fixed, so that a row's boundary is that of its own terms whichever others come with it; only
whether it is solved for the octave or for the row alone goes by how many have its terms. The two differ by up to 3e-6 per 100 of spot.

:mod:`engine.quant.american.sharing` does the same for the strikes of an expiry, over the range of volatilities that they need.
"""

from typing import Final, NamedTuple

import numpy as np

from engine.quant.american import solver
from engine.quant.american.schemes import Scheme
from engine.quant.arrays import Floats, Indices
from engine.quant.formulas.american import MIXED, build_limits
from engine.quant.numpy_tier import PRIMITIVES

MANY: Final = 32
"""Options of the same terms from which octaves are solved."""
SOLVED: Final = 8
"""Volatilities at which a boundary is solved in an octave."""
PLACES: Final = np.cos(np.arange(SOLVED) * np.pi / (SOLVED - 1))
"""Those, from -1 to 1 in ln σ."""
FITTED: Final = np.linalg.inv(np.vander(PLACES, increasing=True))
"""From what is found there to the coefficients of the polynomial."""
_limit = build_limits(PRIMITIVES)[0]


class _Octaves(NamedTuple):
    """Ranges of volatility of some terms."""

    firsts: Indices
    """A row of each."""
    exponents: Floats
    """Of the power of two that each begins with."""
    owners: Indices
    """The octave of every row."""


def premiums(rows: Floats, tables: Scheme) -> Floats:
    """:data:`engine.quant.american.solver.PREMIUM_ROWS` of puts struck at 1: (ln spots, years, rates, yields, vols), all by one scheme."""
    found = np.empty((solver.PREMIUM_ROWS, rows.shape[1]))
    if rows.shape[1] < MANY or tables.form == MIXED:  # which settles near its own drift alone, and an octave leaves that
        solver.ROOM.jobs().premiums(rows, *tables, found)
        return found
    runs = _runs(rows)
    many = np.bincount(runs)[runs] >= MANY
    if many.all():
        _by_octaves(rows, runs, tables, found)
        return found
    for chosen, shared in ((np.flatnonzero(many), True), (np.flatnonzero(~many), False)):
        part, columns = np.ascontiguousarray(rows[:, chosen]), np.empty((solver.PREMIUM_ROWS, chosen.size))
        if shared and chosen.size:
            _by_octaves(part, runs[chosen], tables, columns)
        elif chosen.size:
            solver.ROOM.jobs().premiums(part, *tables, columns)
        found[:, chosen] = columns
    return found


def _runs(rows: Floats) -> Indices:
    """A number a row, the same for those of the same years, rate and yield."""
    _, years, rates, yields, _ = rows
    order = np.lexsort((yields, rates, years))
    ordered = rows[1:4, order]
    found = np.empty(order.size, dtype=np.intp)
    found[order] = np.concatenate([[0], np.cumsum((ordered[:, 1:] != ordered[:, :-1]).any(axis=0))])
    return found


def _by_octaves(rows: Floats, runs: Indices, tables: Scheme, out: Floats) -> None:
    logs = np.log2(rows[4])
    octaves = _octaves(runs, np.floor(logs))
    places = 2.0 * (logs - octaves.exponents[octaves.owners]) - 1.0
    years, rates, yields = rows[1:4, octaves.firsts]
    vols = np.exp2(octaves.exponents[:, None] + 0.5 * (1.0 + PLACES))
    jobs, nodes = solver.ROOM.jobs(), tables.roots.size
    levels = np.empty((vols.size, nodes))
    terms = np.vstack([np.repeat(np.stack([years, rates, yields]), SOLVED, axis=1), vols.ravel()])
    jobs.boundaries(terms, tables.roots, tables.sizes, tables.nodes, tables.form, levels)
    depths = (levels.reshape(*vols.shape, nodes) - _limit(rates, yields)[:, None, None]) / vols[:, :, None]
    coefficients = np.matmul(FITTED, depths)  # matrix by matrix, so that company changes no bit
    jobs.premiums_along(rows, octaves.owners, places, coefficients, tables.points, out)


def _octaves(runs: Indices, exponents: Floats) -> _Octaves:
    least = exponents.min()
    span = int(exponents.max() - least) + 1
    keys = runs * span + (exponents - least).astype(np.intp)
    _, firsts, owners = np.unique(keys, return_index=True, return_inverse=True)
    return _Octaves(firsts, exponents[firsts], owners)
