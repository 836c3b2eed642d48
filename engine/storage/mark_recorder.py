"""Which of the surfaces and marks that come are kept: the many that are told as quotes move thin out, what is told once is kept."""

from engine.domain.ids import Symbol
from engine.domain.marks import ExposureMark, FlowSums, Mark, MeasureMark
from engine.domain.volatility import VolatilitySurface
from engine.storage.pending_marks import KeptSurface, PendingMarks
from engine.storage.settings import StoreSettings
from engine.storage.spacing import Spacing
from engine.storage.surface_measures import measures_of_surface


class MarkRecorder:
    """Used by the writer's thread alone."""

    def __init__(self, settings: StoreSettings) -> None:
        interval = round(settings.surface_seconds * 1e9)
        self._surfaces: Spacing[VolatilitySurface] = Spacing(interval)
        self._marks: Spacing[Mark] = Spacing(interval)
        self._points_ns = round(settings.surface_points_seconds * 1e9)
        self._points_at: dict[Symbol, int] = {}

    def take_surface(self, surface: VolatilitySurface, pending: PendingMarks) -> None:
        """One without slices says nothing."""
        if not surface.slices:
            return
        for kept in self._surfaces.offer((surface.symbol, surface.model), surface.as_of, surface):
            self._keep(kept, pending)

    def take(self, mark: Mark, pending: PendingMarks) -> None:
        """A mark of state thins out, one of something that happened is kept."""
        if isinstance(mark, MeasureMark):
            said = self._marks.offer((mark.symbol, mark.measures), mark.at, mark)
        elif isinstance(mark, ExposureMark):
            said = self._marks.offer((mark.symbol, ExposureMark), mark.at, mark)
        elif isinstance(mark, FlowSums):
            said = self._marks.offer((mark.symbol, mark.day), mark.at, mark)
        else:
            said = [mark]
        for kept in said:
            pending.add(kept)

    def release(self, pending: PendingMarks) -> None:
        """Whatever is held back."""
        for surface in self._surfaces.release():
            self._keep(surface, pending)
        for mark in self._marks.release():
            pending.add(mark)

    def _keep(self, surface: VolatilitySurface, pending: PendingMarks) -> None:
        pending.add_surface(self._with_points(surface))
        told = measures_of_surface(surface)
        if told is not None:
            pending.add(told)

    def _with_points(self, surface: VolatilitySurface) -> KeptSurface:
        """With the market's points from time to time; of two models fitted to the same quotes one brings them."""
        last = self._points_at.get(surface.symbol)
        due = last is None or not 0 <= surface.as_of - last < self._points_ns
        if due:
            self._points_at[surface.symbol] = surface.as_of
        return KeptSurface(surface=surface, with_points=due)
