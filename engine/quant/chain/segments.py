"""Many series side by side in flat arrays: where each begins, and the few things asked of every one of them at once."""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Floats, Indices


class Segments(NamedTuple):
    """Flat positions 0 .. n-1 cut into consecutive pieces, some perhaps empty."""

    starts: Indices
    """First position of each piece."""
    sizes: Indices
    owner: Indices
    """The piece of each position."""

    @property
    def pieces(self) -> int:
        """Number of pieces."""
        return self.sizes.size

    def chosen(self, mask: Bools) -> tuple[Indices, "Segments"]:
        """The positions where the mask holds, and how they are cut."""
        positions = mask.nonzero()[0]
        return positions, of_owners(self.owner[positions], self.pieces)

    def first(self, mask: Bools) -> Indices:
        """The first position of each piece where the mask holds; -1 where it nowhere does."""
        return self._one(mask.nonzero()[0][::-1])

    def last(self, mask: Bools) -> Indices:
        """The last position of each piece where the mask holds; -1 where it nowhere does."""
        return self._one(mask.nonzero()[0])

    def _one(self, positions: Indices) -> Indices:
        found = np.full(self.pieces, -1, dtype=np.intp)
        found[self.owner[positions]] = positions  # of several, the one written last stays
        return found

    def lowest(self, values: Floats) -> Indices:
        """The first position of each piece's smallest number; -1 for a piece of NaN or nothing."""
        return self.first(values == self.smallest(values)[self.owner])

    def smallest(self, values: Floats) -> Floats:
        """Each piece's smallest number; NaN for a piece of NaN or nothing."""
        filled = self.sizes > 0
        if filled.all() and filled.size:
            least: Floats = np.fmin.reduceat(values, self.starts)
            return least
        smallest = np.full(self.pieces, np.nan)
        if filled.any():
            smallest[filled] = np.fmin.reduceat(values, self.starts[filled])
        return smallest

    def sums(self, values: Floats) -> Floats:
        """Sum of each piece's known numbers; NaN where none is known."""
        known = ~np.isnan(values)
        totals = np.bincount(self.owner, weights=np.where(known, values, 0.0), minlength=self.pieces)
        result: Floats = np.where(np.bincount(self.owner, weights=known, minlength=self.pieces) > 0, totals, np.nan)
        return result


def of_sizes(sizes: Indices) -> Segments:
    """Pieces of these sizes, one after the other."""
    sizes = np.asarray(sizes, dtype=np.intp)
    return Segments(np.cumsum(sizes) - sizes, sizes, np.repeat(np.arange(sizes.size), sizes))


def of_owners(owner: Indices, count: int) -> Segments:
    """Pieces of positions whose owners are given in rising order."""
    sizes = np.bincount(owner, minlength=count).astype(np.intp)
    return Segments(np.cumsum(sizes) - sizes, sizes, owner)


def picked(values: Floats, positions: Indices) -> Floats:
    """The values at these positions; NaN where the position is -1."""
    if not values.size:
        return np.full(positions.shape, np.nan)
    result: Floats = np.where(positions >= 0, values[positions], np.nan)
    return result
