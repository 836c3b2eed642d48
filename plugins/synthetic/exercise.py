"""The worth of early exercise in American series: tables over moneyness, made once a day for each series when it is first asked for.

Over spot and time to expiry the premium is nearly a function of standardised moneyness alone, so that the open's tables serve the day: the
premium at an instant is spot * years * table(ln(K/F)/sqrt(theta)). It is that of a continuous yield, the one that carries spot to forward,
at the surface's own volatility of each strike.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.quant.american.sharing import Expiries, boundaries, premiums

SCAN: Floats = np.linspace(-8.0, 8.0, 33)
"""Deviations from the forward among which the boundary of exercise is looked for."""
REACH = 10.0
"""Deviations from the boundary that a table reaches; beyond, its end stands."""
NODES = 32
"""Cells of a table: the nodes lie the denser the nearer to the boundary, where the premium bends most."""
STEPS: Floats = np.square(np.linspace(0.0, 1.0, NODES + 1)) * REACH
SIDES: Floats = np.array([1.0, -1.0])
"""Calls are held above their boundary, puts below theirs, in strikes."""
LEAST_YEARS = 1e-6
"""Nearer to the end than half a minute there is nothing to win."""


class Stand(NamedTuple):
    """Series at the instant their tables are made for, a number each."""

    spots: Floats
    years: Floats
    rates: Floats
    yields: Floats
    deviations: Floats
    """Square root of the at-the-money total variance."""
    variance: Callable[[Floats, Longs], Floats]
    """Total variance at log-moneyness, given for the strikes of chosen ones of these series."""


class Exercise:
    """The tables of a chain's series."""

    def __init__(self, count: int) -> None:
        self._cells = np.zeros((count, 2, NODES, 4))
        """Calls and puts, a part of the spot a year, from the boundary of exercise outwards: of each cell the cubic's coefficients."""
        self._ends = np.zeros((2, count))
        """Where the boundary lies, in deviations from the forward."""
        self._made = np.zeros(count, dtype=bool)

    def missing(self, series: Longs) -> Longs:
        """Those of some series that have no table yet."""
        asked = np.zeros(self._made.size, dtype=bool)
        asked[series] = True
        return np.flatnonzero(asked & ~self._made)

    def make(self, series: Longs, stand: Stand) -> None:
        """Makes the tables of some series."""
        self._made[series] = True
        alive = np.flatnonzero(stand.years > LEAST_YEARS)
        if not alive.size:
            return
        spots, years, rates, yields, deviations = (column[alive] for column in stand[:5])
        forwards = spots * np.exp((rates - yields) * years)
        owners = np.arange(2 * alive.size)

        def strikes_and_vols(places: Floats) -> tuple[Floats, Floats]:
            """Of (series, rights, nodes) in deviations."""
            k = places * deviations[:, None, None]
            return forwards[:, None, None] * np.exp(k), np.sqrt(stand.variance(k, alive) / years[:, None, None])

        strikes, vols = strikes_and_vols(np.broadcast_to(SCAN, (alive.size, 2, SCAN.size)))
        flat = vols.reshape(2 * alive.size, -1)
        spot, year, rate, dividend = (np.repeat(column, 2) for column in (spots, years, rates, yields))
        signs = np.tile(SIDES, alive.size)
        known = boundaries(Expiries(spot, year, rate, dividend, signs, flat.min(axis=1), flat.max(axis=1)))
        scanned = premiums(known, np.repeat(owners, SCAN.size), strikes.ravel(), vols.ravel())
        ends = _crossings(scanned.distances.reshape(alive.size, 2, SCAN.size))
        strikes, vols = strikes_and_vols(ends[:, :, None] + SIDES[:, None] * STEPS)
        found = premiums(known, np.repeat(owners, STEPS.size), strikes.ravel(), vols.ravel()).values
        self._cells[series[alive]] = _cubics(found.reshape(alive.size, 2, STEPS.size) / (spots * years)[:, None, None])
        self._ends[:, series[alive]] = ends.T

    def shares(self, series: Longs, deviations: Floats, years: Floats) -> Floats:
        """Premiums as parts of the spot, calls and puts in two rows, so many deviations from the forward and years from the end."""
        away = SIDES[:, None] * (deviations - self._ends[:, series])
        place = np.sqrt(np.minimum(np.maximum(away, 0.0), REACH) / REACH) * NODES
        left = np.minimum(place.astype(np.int64), NODES - 1)
        x = place - left
        level, slope, bend, twist = np.moveaxis(self._cells[series, np.arange(2)[:, None], left], -1, 0)
        found: Floats = np.maximum(level + 0.5 * x * (slope + x * (bend + x * twist)), 0.0) * np.maximum(years, 0.0)
        return found


def _cubics(table: Floats) -> Floats:
    """Catmull-Rom's coefficients between the nodes, of (series, rights, nodes); beyond the first node its neighbour stands again."""
    cells = np.arange(NODES)
    p0, p1, p2, p3 = (table[:, :, np.minimum(np.abs(cells + step), NODES)] for step in (-1, 0, 1, 2))
    return np.stack((p1, p2 - p0, 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3, 3.0 * (p1 - p2) + p3 - p0), axis=-1)


def _crossings(distances: Floats) -> Floats:
    """Where the distance from the boundary, (series, rights, nodes of the scan), goes through zero; an end of the scan where nowhere."""
    rising = np.concatenate([distances[:, :1], distances[:, 1:, ::-1]], axis=1)  # from deep in the money outwards
    held = rising > 0.0
    first = np.argmax(held, axis=2)
    at = np.clip(first, 1, SCAN.size - 1)[:, :, None]
    before, after = (np.take_along_axis(rising, at - step, axis=2)[:, :, 0] for step in (1, 0))
    apart = np.where(np.isfinite(before) & np.isfinite(after), after, 1.0) - np.where(np.isfinite(before), before, 0.0)
    share = np.where(np.isfinite(before) & np.isfinite(after) & (apart > 0.0), -before / np.where(apart > 0.0, apart, 1.0), 0.0)
    place = np.where(first > 0, np.clip(first, 1, None) - 1.0 + np.clip(share, 0.0, 1.0), 0.0)
    found: Floats = SIDES * (SCAN[0] + place * (SCAN[1] - SCAN[0]))
    return found
