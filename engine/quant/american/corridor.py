"""Where a put is exercised between two boundaries: both of them, and when they meet.

The equations stand in :mod:`engine.quant.formulas.american`. Each boundary is solved as if the other were not, which holds until they meet
and no longer: beyond that time what is found means nothing, and far beyond it there is nothing to be found. So the time is looked for from
below, in steps of its root, and the boundaries are solved anew on what is left. They always meet where the volatility is above σ* =
|√(-2r) - √(-2q)| and time enough is left, and never below.
"""

from typing import Final, NamedTuple

import numpy as np

from engine.quant.american import solver
from engine.quant.american.schemes import crossing_table, scheme
from engine.quant.arrays import Bools, Floats
from engine.quant.formulas.american import EARNED, build_limits
from engine.quant.formulas.american_regimes import DRIFT
from engine.quant.numpy_tier import PRIMITIVES

SEARCH: Final = "corridor search"
"""The recipe by which the time is looked for."""
STEEP: Final = " steep"
"""The recipe beside each for strong drifts."""
FIRST_STEP: Final = 0.125
"""Of ln(q/r) in deviations σ√τ: the first horizon, before the boundaries meet but for strong drifts."""
LONGER: Final = 1.5
"""How much longer the root of the next horizon is."""
CLOSE: Final = 0.9
"""A crossing at this part of the horizon's root or more is exact enough, ..."""
NEAR: Final = 1.02
"""... and one that is known within such a factor."""
PAST: Final = 1.05
"""Of the root of a crossing found too early in a horizon: the next horizon."""
ROUNDS: Final = 40
_limit = build_limits(PRIMITIVES)[0]


class Corridors(NamedTuple):
    """A row each."""

    horizons: Floats
    """Years from the end back to where the boundaries meet, or to now."""
    met: Bools
    """They have met by now: exercise pays later, if ever, and not now."""
    uppers: Floats
    """(rows, nodes): ln B from the horizon downwards."""
    lowers: Floats
    """ln(1/Y)."""


def corridors(rows: Floats, name: str) -> Corridors:
    """Of puts struck at 1 with q < r < 0, (years, rates, yields, vols), by a recipe."""
    horizons, met = _horizons(rows)
    return Corridors(horizons, met, *_solved(rows, horizons, name))


def corridor_premiums(rows: Floats, known: Corridors, name: str) -> Floats:
    """Premium and three derivatives of (ln spots, years, rates, yields, vols), then ln B and ln Y now: nothing between them if they met."""
    out = np.empty((4, rows.shape[1]))
    between = np.ascontiguousarray(np.vstack([rows[:2], known.horizons, rows[2:]]))
    solver.ROOM.jobs().premiums_between(between, known.uppers, known.lowers, scheme(name + STEEP).points, out)
    return np.vstack([out, edges(known)])


def edges(known: Corridors) -> Floats:
    """Where they are now, ln B and ln Y; -∞ and ∞ if they have met."""
    result: Floats = np.where(known.met, [[-np.inf], [np.inf]], np.stack([known.uppers[:, 0], -known.lowers[:, 0]]))
    return result


def _solved(rows: Floats, horizons: Floats, name: str) -> tuple[Floats, Floats]:
    """The boundaries at the nodes of the recipe, ln B and ln(1/Y)."""
    _, rates, yields, vols = rows
    jobs, calm, steep = solver.ROOM.jobs(), scheme(name), scheme(name + STEEP)
    upper, lower = np.empty((horizons.size, calm.roots.size)), np.empty((horizons.size, calm.roots.size))
    jobs.boundaries(np.stack([horizons, yields, rates, vols]), steep.roots, steep.sizes, steep.nodes, EARNED, lower)
    inputs = np.stack([horizons, rates, yields, vols])
    drifting = (rates - yields) * np.sqrt(horizons) > DRIFT * vols
    for tables, chosen in ((calm, np.flatnonzero(~drifting)), (steep, np.flatnonzero(drifting))):
        if chosen.size:
            found = np.empty((chosen.size, tables.roots.size))
            part = np.ascontiguousarray(inputs[:, chosen])
            jobs.boundaries(part, tables.roots, tables.sizes, tables.nodes, tables.form, found)
            upper[chosen] = found
    return upper, lower


def _horizons(rows: Floats) -> tuple[Floats, Bools]:
    """The least of the time left and that at which the boundaries meet, and whether they have met."""
    years, rates, yields, vols = rows
    apart, ends = _limit(yields, rates), np.sqrt(years)
    roots = np.minimum(FIRST_STEP * apart / vols, ends)
    open_until, shut_from = np.zeros(years.size), np.full(years.size, np.inf)
    active = np.arange(years.size)
    for _ in range(ROUNDS):
        now = roots[active]
        crossing = _crossings(*_solved(np.ascontiguousarray(rows[:, active]), now * now, SEARCH), apart[active])
        crossed = crossing < 1.0
        low = open_until[active] = np.where(crossed, open_until[active], now)
        high = shut_from[active] = np.where(crossed, now, shut_from[active])
        found = crossed & ((crossing >= CLOSE) | (high <= NEAR * low))
        longer = np.where(np.isfinite(high), np.sqrt(low * high), np.minimum(LONGER * low, ends[active]))
        shorter = PAST * crossing * now
        shorter = np.where((shorter > low) & (shorter < now), shorter, np.where(low > 0.0, np.sqrt(low * now), 0.5 * now))
        roots[active] = np.where(found, np.maximum(crossing * now, low), np.where(crossed, shorter, longer))
        active = active[~(found | (~crossed & (now >= ends[active])))]
        if not active.size:
            break
    met = np.isfinite(shut_from)
    return np.where(met, roots * roots, years), met


def _crossings(upper: Floats, lower: Floats, apart: Floats) -> Floats:
    """At which part of the horizon's root nothing is left between the boundaries; 1 if that is nowhere before."""
    places, weights = crossing_table(SEARCH)
    depths = [np.sqrt(np.maximum((level * level) @ weights, 0.0)) for level in (upper, lower - apart[:, None])]
    width = apart[:, None] - depths[0] - depths[1]
    gone = width <= 0.0
    at = np.where(gone.any(axis=1), np.maximum(gone.argmax(axis=1), 1), places.size)
    row, last = np.arange(at.size), np.minimum(at, places.size - 1)
    before, after = width[row, last - 1], width[row, last]
    share = np.minimum(np.maximum(before / (before - after), 0.0), 1.0)
    found = places[last - 1] + share * (places[last] - places[last - 1])
    result: Floats = np.where(at < places.size, np.minimum(found, 1.0 - 1e-12), 1.0)
    return result
