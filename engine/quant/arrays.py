"""Array types of the numeric room, which knows no other."""

from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
"""Numbers; NaN is "unknown", never zero."""
Bytes: TypeAlias = NDArray[np.int8]
"""Small codes."""
Flags: TypeAlias = NDArray[np.uint8]
"""Bit sets."""
Bools: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]
Number = TypeVar("Number", bound=np.generic)


def columns(*values: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
    """The values broadcast against one another as the rows of one float64 matrix, and the shape to give results back in."""
    arrays = [np.asarray(value, dtype=np.float64) for value in values]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    matrix = np.empty((len(arrays), *shape))
    for i, array in enumerate(arrays):
        matrix[i, ...] = array
    return matrix.reshape(len(arrays), -1), shape


def for_loops(column: NDArray[Number]) -> NDArray[Number]:
    """The array as compiled loops take one: in one piece and open to writing; a copy where it is not, as of what is read-only."""
    ready = column.flags.c_contiguous and column.flags.writeable
    return column if ready else np.array(column, order="C")


def or_zero(values: Floats) -> Floats:
    """Unknown numbers taken as zero, where a sum or a hint asks for that."""
    result: Floats = np.where(np.isnan(values), 0.0, values)
    return result


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, closed to writing: what leaves this room may be kept and shared."""
    array.flags.writeable = False
    return array
