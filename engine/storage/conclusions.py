"""What the store remembers of what was concluded: surfaces, measures, exposures, flow and breaches, read on any loop."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import ContractId, Symbol, UtcNanos
from engine.domain.instants import iso
from engine.domain.instruments import Contract
from engine.domain.marks import BreachTable, ExposureMarks, FlowDays, FlowTable, MeasureSeries
from engine.domain.measures import parse_measure
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.messages.surface import StoredHours, SurfaceTimes
from engine.storage import reading_fits, reading_flow, reading_hours, reading_marks, reading_measures, reading_surfaces
from engine.storage.answers import StoredFlow
from engine.storage.archive import Archive
from engine.storage.reading_series import contract_named
from engine.storage.scope import Scope

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

EVERY_NAME = Symbol("")


class Conclusions(ABC):
    """The readers of a store that are of what the engine itself found out."""

    _archive: Archive

    @abstractmethod
    def _scope(self) -> Scope:
        """Whose rows may be read now."""

    @abstractmethod
    async def _read(self, query: "Callable[[DuckDBPyConnection], T]") -> T:
        """Runs a query on a cursor of its own."""

    async def surface_at(self, symbol: Symbol, model: SurfaceModel, at: UtcNanos) -> VolatilitySurface:
        """The newest stored surface of a model not after ``at``; StoreUnavailable where there is none."""
        found = await self._read(lambda cursor: reading_surfaces.surface_at(cursor, self._archive, self._scope(), symbol, model, at))
        if found is None:
            raise StoreUnavailable(f"No {model} surface of {symbol} is stored up to {iso(at)}: one is kept each minute while it is fitted.")
        return found

    async def surfaces_between(
        self, symbol: Symbol, model: SurfaceModel, since: UtcNanos, until: UtcNanos, limit: int = 32
    ) -> tuple[VolatilitySurface, ...]:
        """The stored surface that held at ``since`` and those after it, without their points; the oldest ``limit``, none where none is."""
        return await self._read(
            lambda cursor: reading_fits.surfaces_between(cursor, self._archive, self._scope(), symbol, model, since, until, limit)
        )

    async def surface_times(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> SurfaceTimes:
        """When surfaces of a name were stored, oldest first: the newest ``limit``, or from ``since`` on all, thinned evenly to so many."""
        return await self._read(
            lambda cursor: reading_surfaces.surface_times(cursor, self._archive, self._scope(), symbol, since, until, limit)
        )

    async def stored_hours(self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None) -> StoredHours:
        """How much is stored of a name, hour by hour; nothing where nothing is."""
        return await self._read(lambda cursor: reading_hours.stored_hours(cursor, self._archive, self._scope(), symbol, since, until))

    async def measure_series(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> MeasureSeries:
        """The newest ``limit`` recorded values of a measure, oldest first; raises `BadInput` for what is no measure."""
        wanted = parse_measure(measure)
        return await self._read(
            lambda cursor: reading_measures.measure_series(cursor, self._archive, self._scope(), symbol, wanted, since, until, limit)
        )

    async def daily_measures(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 252
    ) -> MeasureSeries:
        """The newest ``limit`` sessions of a measure, the last value of each: recorded, told by a feed, or imported; each once."""
        wanted = parse_measure(measure)
        return await self._read(lambda cursor: reading_measures.daily_measures(cursor, self._scope(), symbol, wanted, since, until, limit))

    async def daily_tables(
        self, symbol: Symbol, measures: tuple[str, ...], until: UtcNanos | None = None, limit: int = 252
    ) -> tuple[MeasureSeries, ...]:
        """The same of several measures in one look, in their order."""
        wanted = [parse_measure(text) for text in measures]
        return await self._read(
            lambda cursor: tuple(
                reading_measures.daily_measures(cursor, self._scope(), symbol, measure, None, until, limit) for measure in wanted
            )
        )

    async def contract_named(self, name: ContractId) -> Contract | None:
        """The terms of a contract that was recorded, listed still or not."""
        return await self._read(lambda cursor: contract_named(cursor, name))

    async def measures_of(self, symbol: Symbol) -> tuple[str, ...]:
        """Which measures of a name have a daily history."""
        return await self._read(lambda cursor: reading_measures.measures_of(cursor, self._scope(), symbol))

    async def exposure_marks(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> ExposureMarks:
        """The newest ``limit`` recorded exposures, oldest first."""
        return await self._read(
            lambda cursor: reading_marks.exposure_marks(cursor, self._archive, self._scope(), symbol, since, until, limit)
        )

    async def flow_marks(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 1_000
    ) -> FlowTable:
        """The newest ``limit`` flagged prints, newest first."""
        return await self._read(lambda cursor: reading_marks.flow_marks(cursor, self._archive, self._scope(), symbol, since, until, limit))

    async def flow_so_far(self, symbol: Symbol, since: UtcNanos, until: UtcNanos) -> StoredFlow | None:
        """What earlier runs of this source heard of a name's options from ``since`` until this run began; None where nothing was."""
        return await self._read(lambda cursor: reading_flow.flow_so_far(cursor, self._archive, self._scope(), symbol, since, until))

    async def flow_days(self, symbol: Symbol, sessions: int = 252, until: UtcNanos | None = None) -> FlowDays:
        """The newest ``sessions`` days of a name's options flow, oldest first."""
        return await self._read(lambda cursor: reading_marks.flow_days(cursor, self._scope(), symbol, sessions, until))

    async def breaches(
        self,
        symbol: Symbol = EVERY_NAME,
        rule: str = "",
        since: UtcNanos | None = None,
        until: UtcNanos | None = None,
        limit: int = 1_000,
    ) -> BreachTable:
        """The newest ``limit`` breaches, newest first."""
        return await self._read(lambda cursor: reading_marks.breaches(cursor, self._scope(), symbol, rule, since, until, limit))
