"""Surfaces and marks on their way into the tables."""

from msgspec import Struct

from engine.domain.ids import Symbol
from engine.domain.marks import BreachMark, ExposureMark, FlowMarks, FlowSums, Mark, MeasureMark, Openings
from engine.domain.volatility import VolatilitySurface


class KeptSurface(Struct, frozen=True, kw_only=True):
    """A surface to be written."""

    surface: VolatilitySurface
    with_points: bool
    """The market's points too."""

    @property
    def rows(self) -> int:
        points = sum(entry.strikes.shape[0] for entry in self.surface.slices) if self.with_points else 0
        return 1 + len(self.surface.slices) + points


def rows_of_mark(mark: Mark) -> int:
    """How many rows a mark brings."""
    if isinstance(mark, MeasureMark):
        return len(mark.measures)
    if isinstance(mark, FlowMarks | Openings):
        return int(mark.handle.shape[0])
    return 1


class PendingMarks:
    """What the next batch will write of them, each kind in the order it was said."""

    def __init__(self) -> None:
        self.surfaces: list[KeptSurface] = []
        self.measures: list[MeasureMark] = []
        self.exposures: list[ExposureMark] = []
        self.flow: list[FlowMarks] = []
        self.sums: list[FlowSums] = []
        self.openings: list[Openings] = []
        self.breaches: list[BreachMark] = []
        self.rows = 0

    @property
    def symbols(self) -> set[Symbol]:
        """All names in it that are not spelled by handles."""
        return {
            *(kept.surface.symbol for kept in self.surfaces),
            *(mark.symbol for mark in self.measures),
            *(mark.symbol for mark in self.exposures),
            *(mark.symbol for mark in self.sums),
            *(mark.symbol for mark in self.breaches),
        }

    def add_surface(self, kept: KeptSurface) -> None:
        """One more surface."""
        self.surfaces.append(kept)
        self.rows += kept.rows

    def add(self, mark: Mark) -> None:
        """One more mark."""
        if isinstance(mark, MeasureMark):
            self.measures.append(mark)
        elif isinstance(mark, ExposureMark):
            self.exposures.append(mark)
        elif isinstance(mark, FlowMarks):
            self.flow.append(mark)
        elif isinstance(mark, FlowSums):
            self.sums.append(mark)
        elif isinstance(mark, Openings):
            self.openings.append(mark)
        else:
            self.breaches.append(mark)
        self.rows += rows_of_mark(mark)

    def drop_oldest(self) -> bool:
        """Lets the oldest of the bulkiest go; false where none is left."""
        if self.surfaces:
            self.rows -= self.surfaces.pop(0).rows
            return True
        for queue in (self.flow, self.measures, self.exposures, self.sums, self.openings, self.breaches):
            if queue:
                self.rows -= rows_of_mark(queue.pop(0))
                return True
        return False
