"""American contracts of a book: one exercise boundary serves all spots of a contract at one volatility, since it depends on no spot."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from engine.quant.american.regimes import as_puts, methods
from engine.quant.american.values import Values
from engine.quant.american.values import values as american_values
from engine.quant.arrays import Floats, Indices

AT_ONCE: Final = 100_000
"""Contracts times states of one pass."""
VOL_BUMP: Final = 4e-3
"""A part of the volatility."""
RATE_BUMP: Final = 1e-4
SPOT, YEARS, VOL, RATE = 0, 2, 3, 4


def values(contracts: Floats, units: Floats, elapsed: float, spots: Floats, vols_of: Floats, volatility_of: Indices) -> Floats:
    """What contracts of (strikes, years, rates, yields, signs) are worth in each state, summed.

    ``vols_of`` has the volatility of each contract (a row) in each different state of volatility (a column), ``volatility_of`` the
    column of each state.
    """
    total = np.zeros(spots.size)
    for part, rows, owners in _passes(contracts, elapsed, spots, vols_of, volatility_of):
        total += np.sum(units[part, None] * _valued(rows, owners).prices.reshape(-1, spots.size), axis=0)
    return total


def totals(contracts: Floats, units: Floats, elapsed: float, spots: Floats, vols_of: Floats, volatility_of: Indices) -> Floats:
    """The nine rows of :class:`engine.quant.risk.book.Totals`; theta and charm by the pricing equation, the others by small moves."""
    out = np.zeros((9, spots.size))
    for part, rows, owners in _passes(contracts, elapsed, spots, vols_of, volatility_of):
        out += np.sum(units[part, None] * _greeks(rows, owners).reshape(9, -1, spots.size), axis=1)
    return out


def _passes(
    contracts: Floats, elapsed: float, spots: Floats, vols_of: Floats, volatility_of: Indices
) -> Iterator[tuple[slice, Floats, Indices]]:
    """Some contracts at a time in all states: the rows of :func:`engine.quant.american.values.values`, and whose boundary serves each."""
    height = max(1, AT_ONCE // max(spots.size, 1))
    for begin in range(0, contracts.shape[1], height):
        part = slice(begin, begin + height)
        strikes, years, rates, yields, signs = contracts[:, part, None]
        count = strikes.shape[0]
        left = np.maximum(years - elapsed, 0.0)
        rows = np.empty((7, count, spots.size))
        rows[SPOT], rows[1], rows[YEARS] = spots, strikes, left
        rows[VOL] = vols_of[part][:, volatility_of]
        rows[RATE], rows[5], rows[6] = rates, yields, signs
        owners = np.arange(count)[:, None] * vols_of.shape[1] + volatility_of
        yield part, rows.reshape(7, -1), owners.reshape(-1)


def _valued(rows: Floats, owners: Indices) -> Values:
    return american_values(rows, methods(rows, as_puts(rows), "auto"), owners)


def _greeks(rows: Floats, owners: Indices) -> Floats:
    """The nine numbers of every row; those of a contract at its end, or one to be exercised, are its spot's alone."""
    base = _valued(rows, owners)
    spots, _, _, vols, rates, yields, _ = rows
    vol_step = VOL_BUMP * vols
    up, down = (_valued(_moved(rows, VOL, sign * vol_step), owners) for sign in (1.0, -1.0))
    dear, cheap = (_valued(_moved(rows, RATE, sign * RATE_BUMP), owners) for sign in (1.0, -1.0))
    carry, variance = rates - yields, vols * vols
    V, delta, gamma, speed = base.prices, base.deltas, base.gammas, base.speeds
    with np.errstate(all="ignore"):
        found = np.stack(
            [
                V,
                delta,
                gamma,
                (up.prices - down.prices) / (2.0 * vol_step),
                rates * V - carry * spots * delta - 0.5 * variance * spots * spots * gamma,
                (dear.prices - cheap.prices) / (2.0 * RATE_BUMP),
                (up.deltas - down.deltas) / (2.0 * vol_step),
                (up.prices - 2.0 * V + down.prices) / (vol_step * vol_step),
                yields * delta - (carry + variance) * spots * gamma - 0.5 * variance * spots * spots * speed,
            ]
        )
    ended = (rows[YEARS] == 0.0) | base.exercised
    found[3:] = np.where(ended & np.isfinite(V), 0.0, found[3:])
    inside = rows[6] * (spots - rows[1]) > 0.0
    over = rows[YEARS] == 0.0
    found[1] = np.where(over & np.isfinite(V), np.where(inside, rows[6], 0.0), found[1])
    found[2] = np.where(over & np.isfinite(V), 0.0, found[2])
    return found


def _moved(rows: Floats, row: int, step: Floats | float) -> Floats:
    moved = rows.copy()
    moved[row] += step
    return moved
