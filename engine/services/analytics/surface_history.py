"""What surfaces ask of the history: it takes every one that was fitted, and gives back those of the past."""

from typing import Protocol

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.messages.surface import SurfaceTimes


class SurfaceHistory(Protocol):
    """Where surfaces of this market are kept; a passing command's records nothing and opens its file when it is asked."""

    def record_surface(self, surface: VolatilitySurface) -> None:
        """Takes a surface just fitted, of either model, on the engine's loop: it must not wait.

        It thins out by itself what comes too often to be kept: a watched name is fitted many times a second.
        """
        ...

    async def surface_at(self, symbol: Symbol, model: SurfaceModel, at: UtcNanos) -> VolatilitySurface:
        """The newest stored surface not after ``at``, with ``recorded`` set and the state of the feed as it was.

        StoreUnavailable where none is stored, or the history cannot be read just now: the words say which, and what to do.
        """
        ...

    async def surface_times(self, symbol: Symbol, since: UtcNanos | None, until: UtcNanos | None, limit: int) -> SurfaceTimes:
        """The instants that can be gone back to, oldest first; none where nothing is stored."""
        ...
