"""Column types: what crosses a seam in bulk crosses as read-only numpy arrays inside one frozen struct."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
"""Numbers; NaN is "unknown", never zero."""
Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
"""Instants in nanoseconds UTC (0 is "never"), or counts."""
Bytes: TypeAlias = NDArray[np.int8]
"""Small codes: rights, statuses, sides."""
Flags: TypeAlias = NDArray[np.uint8]
"""Bit sets: the verdicts on a quote."""


def _frozen(values: ArrayLike, kind: type[np.generic]) -> NDArray[Any]:
    array = np.ascontiguousarray(values, dtype=kind)
    if array.flags.writeable:
        if array is values:
            array = array.copy()
        array.flags.writeable = False
    return array


def floats(values: ArrayLike) -> Floats:
    """A read-only float64 column (a writeable input is copied)."""
    return _frozen(values, np.float64)


def ints(values: ArrayLike) -> Ints:
    """A read-only int32 column (a writeable input is copied)."""
    return _frozen(values, np.int32)


def longs(values: ArrayLike) -> Longs:
    """A read-only int64 column (a writeable input is copied)."""
    return _frozen(values, np.int64)


def codes(values: ArrayLike) -> Bytes:
    """A read-only int8 column (a writeable input is copied)."""
    return _frozen(values, np.int8)


def flags(values: ArrayLike) -> Flags:
    """A read-only uint8 column (a writeable input is copied)."""
    return _frozen(values, np.uint8)
