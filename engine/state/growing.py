"""Arrays that grow by doubling, so that listing one more contract does not copy the market."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


def grown(column: NDArray[Scalar], size: int, fill: Any) -> NDArray[Scalar]:
    """The column itself where it already holds ``size`` rows, else a copy twice as long, new rows set to ``fill``."""
    if column.shape[0] >= size:
        return column
    longer = np.full(max(size, 2 * column.shape[0], 64), fill, dtype=column.dtype)
    longer[: column.shape[0]] = column
    return longer
