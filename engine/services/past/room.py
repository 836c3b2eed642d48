"""The room of the past: how much is stored of a name, its surfaces in a row, and the marks of its exposure."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from engine.domain.errors import BadInput, StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import Security
from engine.domain.marks import ExposureMarks
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.kernel.dispatch import Dispatch
from engine.messages.exposure import GetExposureMarks
from engine.messages.surface import GetStoredHours, GetStoredSurfaces, StoredHours, StoredSurfaces

Resolve = Callable[[str], Awaitable[Security]]


class KeptPast(Protocol):
    """What of a store is used here."""

    async def stored_hours(self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None) -> StoredHours: ...

    async def surfaces_between(
        self, symbol: Symbol, model: SurfaceModel, since: UtcNanos, until: UtcNanos, limit: int = 32
    ) -> tuple[VolatilitySurface, ...]: ...

    async def exposure_marks(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> ExposureMarks: ...


class PastRoom:
    """Answers when it is asked; it has no work of its own."""

    def __init__(self, dispatch: Dispatch, resolve: Resolve, history: KeptPast | None) -> None:
        self._resolve = resolve
        self._history = history
        dispatch.answers(GetStoredHours, self.hours)
        dispatch.answers(GetStoredSurfaces, self.surfaces)
        dispatch.answers(GetExposureMarks, self.exposures)

    def start(self) -> None:
        """Nothing goes on by itself."""

    async def close(self) -> None:
        """Nothing of it outlives the engine."""

    async def hours(self, query: GetStoredHours) -> StoredHours:
        """How much is stored of a listed name."""
        security = await self._resolve(query.symbol)
        return await self._kept().stored_hours(security.symbol, query.since, query.until)

    async def surfaces(self, query: GetStoredSurfaces) -> StoredSurfaces:
        """Its stored surfaces of a stretch of time."""
        if query.limit < 1 or query.until <= query.since:
            raise BadInput("ask for 1 or more surfaces, of a time that ends after it begins")
        security = await self._resolve(query.symbol)
        found = await self._kept().surfaces_between(security.symbol, query.model, query.since, query.until, query.limit)
        return StoredSurfaces(symbol=security.symbol, model=query.model, surfaces=found)

    async def exposures(self, query: GetExposureMarks) -> ExposureMarks:
        """Its recorded exposures."""
        security = await self._resolve(query.symbol)
        return await self._kept().exposure_marks(security.symbol, query.since, query.until, query.limit)

    def _kept(self) -> KeptPast:
        if self._history is None:
            raise StoreUnavailable("nothing of the past is kept here: set store.record to keep it")
        return self._history
