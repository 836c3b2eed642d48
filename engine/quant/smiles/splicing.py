"""Flat columns cut into slices, some of which are exchanged for new ones of other sizes."""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Indices
from engine.quant.chain.segments import Segments, of_sizes

Number = TypeVar("Number", np.float64, np.int8, np.bool_)


class Splice(NamedTuple):
    """Where every position of the joined columns comes from."""

    segments: Segments
    """How the joined columns are cut."""
    order: Indices
    """Positions among the old ones and, after them, the new ones."""

    def flat(self, old: NDArray[Number], new: NDArray[Number]) -> NDArray[Number]:
        """A column of the old slices with those of the new ones in their places."""
        result: NDArray[Number] = np.concatenate((old, new))[self.order]
        return result


def splice(old: Segments, new: Segments, slices: Indices) -> Splice:
    """The new pieces in place of these slices of the old ones."""
    sizes, begins = old.sizes.copy(), old.starts.copy()
    sizes[slices], begins[slices] = new.sizes, old.owner.size + new.starts
    cut = of_sizes(sizes)
    return Splice(cut, np.arange(cut.owner.size) + (begins - cut.starts)[cut.owner])


def exchanged(old: NDArray[Number], new: NDArray[Number], slices: Indices) -> NDArray[Number]:
    """A column of one number (or row) a slice, with the new ones in place of these."""
    joined = old.copy()
    joined[slices] = new
    return joined


def positions_of(segments: Segments, slices: Indices) -> tuple[Indices, Segments]:
    """Where the positions of these slices, in rising order, are, and how they are cut when taken alone."""
    chosen = np.zeros(segments.pieces, dtype=bool)
    chosen[slices] = True
    return np.flatnonzero(chosen[segments.owner]), of_sizes(segments.sizes[slices])
