"""Lines as they were meant: kept, in place of their dots, while a sheet is painted whose picture draws them smooth."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from engine.domain.columns import Floats, Ints

LINE, MARK, RING = 0.4, 1.35, 2.0
"""How thick a line is, a mark, and the ground around it, in dots."""


class Strokes(NamedTuple):
    """Straight lines that were drawn together; one that ends where it begins is a mark."""

    ends: Floats
    """(4, lines): x and y of either end, in dots of the whole sheet."""
    colours: Ints
    """Packed, a line each."""
    box: tuple[int, int, int, int]
    """Columns and rows of cells that they may be seen in: left, top, and the ends at right and bottom."""
    thick: float = LINE

    def moved(self, columns: int, rows: int) -> "Strokes":
        """On a sheet on which they stand so many cells farther right and down."""
        left, top, right, bottom = self.box
        across, down = columns * 2, rows * 4
        ends = self.ends.copy()
        ends[0::2] += across
        ends[1::2] += down
        return self._replace(ends=ends, box=(left + columns, top + rows, right + columns, bottom + rows))


class _Keeping:
    on: bool = False


@contextmanager
def strokes_kept() -> Iterator[None]:
    """Sheets that are made meanwhile keep their lines as lines."""
    before, _Keeping.on = _Keeping.on, True
    try:
        yield
    finally:
        _Keeping.on = before


def are_kept() -> bool:
    """A sheet that is made now keeps its lines."""
    return _Keeping.on
