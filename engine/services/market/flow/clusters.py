"""Prints that belong together: sweeps of one contract, and legs of one trade. Both are guesses from times, sizes and sides."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Bytes, Floats, Longs

MOST_LEGS = 4
MOST_PRINTS_OF_LEGS = 8
CROWD = 12
"""Where one name prints more than this within the span of legs, equal sizes there are chance and nothing is concluded."""
LEAST_SWEEP = 3
"""Prints at one price that make a sweep; two are enough where they go through price levels."""


class Groups(NamedTuple):
    """Places in an order in which each group stands together, and where each begins."""

    order: Longs
    first: Longs
    counts: Longs

    @property
    def group(self) -> Longs:
        """The group of each place of the order."""
        return np.repeat(np.arange(self.first.shape[0]), self.counts)


def groups_of(key: Longs, at: Longs, span: int) -> Groups:
    """Prints of one key, each within ``span`` nanoseconds of the one before it."""
    if not key.size:
        nothing = np.empty(0, dtype=np.int64)
        return Groups(nothing, nothing, nothing)
    order = np.lexsort((at, key))
    ordered_key, ordered_at = key[order], at[order]
    begins = np.r_[True, (ordered_key[1:] != ordered_key[:-1]) | (ordered_at[1:] - ordered_at[:-1] > span)]
    first = np.flatnonzero(begins)
    return Groups(order, first, np.diff(np.r_[first, key.size]))


def sweeps_of(*, row: Longs, side: Bytes, at: Longs, price: Floats, span: int) -> NDArray[np.bool_]:
    """Whether a print is one of several of its contract on one side within the span, over price levels or at least three."""
    found = np.zeros(row.shape[0], dtype=np.bool_)
    sided = np.flatnonzero(side != 0)
    if sided.size < 2:
        return found
    groups = groups_of(row[sided] * 2 + (side[sided] > 0), at[sided], span)
    prices = price[sided][groups.order]
    levels = np.maximum.reduceat(prices, groups.first) > np.minimum.reduceat(prices, groups.first)
    sweeping = (groups.counts >= LEAST_SWEEP) | ((groups.counts >= 2) & levels)
    found[sided[groups.order]] = np.repeat(sweeping, groups.counts)
    return found


def packages_of(
    *,
    symbol: Longs,
    row: Longs,
    at: Longs,
    size: Floats,
    said: NDArray[np.bool_],
    left_out: NDArray[np.bool_],
    span: int,
    least_size: float,
) -> list[Longs]:
    """Places of the prints of each guess: two to four contracts of a name within the span, of one size or said to be legs by the venue.

    ``said`` are prints the venue itself calls legs: their sizes may differ. ``left_out`` are no legs (sweeps).
    """
    found = _packages(np.flatnonzero(said), symbol.astype(np.int64), row, at, span)
    crowd = np.zeros(row.shape[0], dtype=np.bool_)
    by_name = groups_of(symbol.astype(np.int64), at, span)
    crowd[by_name.order] = np.repeat(by_name.counts > CROWD, by_name.counts)
    plain = np.flatnonzero(~said & ~left_out & ~crowd & (size >= least_size))
    if plain.size >= 2:
        _, rank = np.unique(size, return_inverse=True)
        found += _packages(plain, symbol.astype(np.int64) * (int(rank.max()) + 1) + rank.reshape(-1), row, at, span)
    return found


def _packages(chosen: Longs, key: Longs, row: Longs, at: Longs, span: int) -> list[Longs]:
    if chosen.size < 2:
        return []
    groups = groups_of(key[chosen], at[chosen], span)
    ordered = chosen[groups.order]
    by_row = np.lexsort((row[ordered], groups.group))
    rows, group = row[ordered][by_row], groups.group[by_row]
    new = np.r_[True, (rows[1:] != rows[:-1]) | (group[1:] != group[:-1])]
    contracts = np.bincount(group[new], minlength=groups.first.shape[0])
    fits = np.flatnonzero((contracts >= 2) & (contracts <= MOST_LEGS) & (groups.counts <= MOST_PRINTS_OF_LEGS))
    return [ordered[groups.first[one] : groups.first[one] + groups.counts[one]] for one in fits.tolist()]
