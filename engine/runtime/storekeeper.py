"""Which history an engine keeps, and for how long it holds the file: an owner always, a passing command only while it is asked."""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from engine.contracts.feed import FeedTraits
from engine.domain.errors import StoreUnavailable
from engine.domain.ids import ContractId, SourceId, Symbol, UtcNanos
from engine.domain.instruments import Contract
from engine.domain.market import BarBatch, VolatilityHistory
from engine.domain.marks import BreachTable, ExposureMarks, FlowDays, FlowTable, MeasureSeries
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.kernel.service import ServiceContext
from engine.messages.queries import DatabaseInfo, SnapshotTable, StoreStatus
from engine.messages.surface import StoredHours, SurfaceTimes
from engine.storage.answers import StoredChain, StoredFlow
from engine.storage.conclusions import EVERY_NAME
from engine.storage.intake import Recordable
from engine.storage.notice import StoreNotice
from engine.storage.store import Store
from engine.storage.upkeep import VacuumReport

T = TypeVar("T")


class StoreKeeper:
    """Opens the store that belongs to the feed and closes it as the engine ends."""

    def __init__(self, context: ServiceContext, traits: FeedTraits, *, passing: bool, scratch: Path | None = None) -> None:
        self._context = context
        self._scratch = scratch
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """One piece of work at a time holds a store's file."""
        self.store: Store | StoreOnDemand | None = None
        """None where nothing is to be recorded."""
        if passing:
            self.store = StoreOnDemand(self, traits)
        elif context.configuration.flag("store.record"):
            self.store = self.open(traits.store, traits.source, traits.variant)

    def start(self) -> None:
        """The store opened itself."""

    async def close(self) -> None:
        """Writes what waits, lets go of the file, and clears a scratch folder away."""
        if isinstance(self.store, Store):
            await self.store.aclose()
        if self._scratch is not None:
            await self._context.offload.run(_cleared, self._scratch)

    def open(self, store: str, source: SourceId, variant: str = "") -> Store:
        """A store of this engine's data folder."""
        configuration = self._context.configuration
        return Store.open(
            self._context.paths.data,
            store=store,
            run=self._context.run,
            source=source,
            started_at=self._context.started_at,
            budget_bytes=configuration.whole("store.budget_live" if store == "live" else "store.budget_sim"),
            quote_interval=configuration.number("store.quote_interval"),
            variant=variant,
            wall=self._context.clock.wall,
            surface_interval=configuration.number("store.surface_interval"),
        )

    def file(self, store: str) -> Path:
        """Where a store's database stands, or would."""
        return self._context.paths.data / f"{store}.duckdb"

    @asynccontextmanager
    async def opened(self, store: str, source: SourceId, variant: str = "") -> AsyncIterator[Store]:
        """A store for as long as one piece of work takes; work on the same store waits for its turn."""
        async with self._turns[store]:
            opened = self.open(store, source, variant)
            try:
                yield opened
            finally:
                await opened.aclose()
                for notice in opened.take_notices():
                    self._context.bus.publish(notice.posted(self._context.clock.now()))


class StoreOnDemand:
    """What a passing command sees of the history: nothing is recorded, and the file is held only while it is read."""

    def __init__(self, keeper: StoreKeeper, traits: FeedTraits) -> None:
        self._keeper = keeper
        self._traits = traits

    def record(self, event: Recordable) -> None:
        """A passing command leaves no trace in the history."""

    def take_notices(self) -> tuple[StoreNotice, ...]:
        """None ever: what happens while the file is held is told as it is let go."""
        return ()

    def status(self) -> StoreStatus:
        """As of a store that is not open."""
        return StoreStatus(
            path="",
            healthy=True,
            trouble="",
            rows_written=0,
            batches_written=0,
            last_write_at=UtcNanos(0),
            size_bytes=0,
            budget_bytes=0,
            queue_rows=0,
            shed_rows=0,
        )

    async def bars(self, symbol: Symbol, seconds: int, until: UtcNanos | None = None, limit: int = 390) -> BarBatch:
        """Recorded bars."""
        self._exists()
        return await self._asked(lambda store: store.bars(symbol, seconds, until, limit))

    async def volatility_history(self, symbol: Symbol, sessions: int = 252, until: UtcNanos | None = None) -> VolatilityHistory:
        """Recorded volatility."""
        self._exists()
        return await self._asked(lambda store: store.volatility_history(symbol, sessions, until))

    async def snapshots(self, symbol: Symbol, limit: int = 100) -> SnapshotTable:
        """Recorded chains."""
        return await self._asked(lambda store: store.snapshots(symbol, limit))

    def record_surface(self, surface: VolatilitySurface) -> None:
        """A passing command leaves no trace in the history."""

    async def surface_at(self, symbol: Symbol, model: SurfaceModel, at: UtcNanos) -> VolatilitySurface:
        """A recorded surface."""
        self._exists()
        return await self._asked(lambda store: store.surface_at(symbol, model, at))

    async def surfaces_between(
        self, symbol: Symbol, model: SurfaceModel, since: UtcNanos, until: UtcNanos, limit: int = 32
    ) -> tuple[VolatilitySurface, ...]:
        """Recorded surfaces in a row."""
        self._exists()
        return await self._asked(lambda store: store.surfaces_between(symbol, model, since, until, limit))

    async def surface_times(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> SurfaceTimes:
        """When surfaces were recorded."""
        self._exists()
        return await self._asked(lambda store: store.surface_times(symbol, since, until, limit))

    async def stored_hours(self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None) -> StoredHours:
        """How much was recorded."""
        self._exists()
        return await self._asked(lambda store: store.stored_hours(symbol, since, until))

    async def measure_series(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> MeasureSeries:
        """Recorded values of a measure."""
        self._exists()
        return await self._asked(lambda store: store.measure_series(symbol, measure, since, until, limit))

    async def daily_measures(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 252
    ) -> MeasureSeries:
        """Sessions of a measure."""
        self._exists()
        return await self._asked(lambda store: store.daily_measures(symbol, measure, since, until, limit))

    async def daily_tables(
        self, symbol: Symbol, measures: tuple[str, ...], until: UtcNanos | None = None, limit: int = 252
    ) -> tuple[MeasureSeries, ...]:
        """Sessions of several measures."""
        self._exists()
        return await self._asked(lambda store: store.daily_tables(symbol, measures, until, limit))

    async def contract_named(self, name: ContractId) -> Contract | None:
        """The terms of a recorded contract."""
        self._exists()
        return await self._asked(lambda store: store.contract_named(name))

    async def measures_of(self, symbol: Symbol) -> tuple[str, ...]:
        """Which measures have a past."""
        self._exists()
        return await self._asked(lambda store: store.measures_of(symbol))

    async def exposure_marks(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> ExposureMarks:
        """Recorded exposures."""
        self._exists()
        return await self._asked(lambda store: store.exposure_marks(symbol, since, until, limit))

    async def flow_marks(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 1_000
    ) -> FlowTable:
        """Recorded flow."""
        self._exists()
        return await self._asked(lambda store: store.flow_marks(symbol, since, until, limit))

    async def chain_at(self, symbol: Symbol, at: UtcNanos) -> StoredChain | None:
        """A recorded chain."""
        self._exists()
        return await self._asked(lambda store: store.chain_at(symbol, at))

    async def flow_so_far(self, symbol: Symbol, since: UtcNanos, until: UtcNanos) -> StoredFlow | None:
        """What was heard of the day before this engine began."""
        self._exists()
        return await self._asked(lambda store: store.flow_so_far(symbol, since, until))

    async def flow_days(self, symbol: Symbol, sessions: int = 252, until: UtcNanos | None = None) -> FlowDays:
        """Sums of the days."""
        self._exists()
        return await self._asked(lambda store: store.flow_days(symbol, sessions, until))

    async def breaches(
        self,
        symbol: Symbol = EVERY_NAME,
        rule: str = "",
        since: UtcNanos | None = None,
        until: UtcNanos | None = None,
        limit: int = 1_000,
    ) -> BreachTable:
        """Recorded breaches."""
        self._exists()
        return await self._asked(lambda store: store.breaches(symbol, rule, since, until, limit))

    async def info(self) -> DatabaseInfo:
        """What has been recorded."""
        return await self._asked(lambda store: store.info())

    async def vacuum(self) -> VacuumReport:
        """Applies the size budget."""
        return await self._asked(lambda store: store.vacuum())

    async def export(self, path: Path) -> int:
        """Every table as Parquet."""
        return await self._asked(lambda store: store.export(path))

    async def backup(self, path: Path) -> int:
        """A copy that opens by itself."""
        return await self._asked(lambda store: store.backup(path))

    def _exists(self) -> None:
        """A question about prices makes no database where there is none."""
        if not self._keeper.file(self._traits.store).exists():
            raise StoreUnavailable("nothing has been recorded yet")

    async def _asked(self, use: Callable[[Store], Awaitable[T]]) -> T:
        async with self._keeper.opened(self._traits.store, self._traits.source, self._traits.variant) as store:
            return await use(store)


def _cleared(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
