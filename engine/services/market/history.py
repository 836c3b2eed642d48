"""What the store remembers, behind the questions and commands that concern it."""

from pathlib import Path
from typing import Protocol

from engine.domain.columns import floats, longs
from engine.domain.errors import OptixError, Refused
from engine.domain.ids import ContractId, Symbol, UtcNanos
from engine.domain.instruments import Contract, Security
from engine.domain.market import FeedEvent, VolatilityHistory
from engine.messages.base import Receipt
from engine.messages.commands import BackupDatabase, ExportDatabase, VacuumDatabase
from engine.messages.queries import (
    DatabaseInfo,
    GetDatabaseInfo,
    GetSnapshots,
    GetVolatilityHistory,
    SnapshotTable,
    StoreStatus,
    VolatilityTable,
)
from engine.services.market.feed_past import FeedPast
from engine.services.market.gaps import Gaps
from engine.services.market.measures import MeasurePast
from engine.services.market.names import Names
from engine.state.bars import BarColumns, columns_of
from engine.state.history import VolatilityColumns
from engine.state.patience import first_word
from engine.state.whole import State
from engine.storage.notice import StoreNotice
from engine.storage.upkeep import VacuumReport

FIRST_HISTORY_SECONDS = 1.0


class KeptHistory(MeasurePast, Protocol):
    """What of a store is used here; a passing command's engine opens its store only while it is asked."""

    def record(self, event: FeedEvent) -> None: ...

    def status(self) -> StoreStatus: ...

    def take_notices(self) -> tuple[StoreNotice, ...]: ...

    async def volatility_history(self, symbol: Symbol, sessions: int = 252, until: UtcNanos | None = None) -> VolatilityHistory: ...

    async def snapshots(self, symbol: Symbol, limit: int) -> SnapshotTable: ...

    async def contract_named(self, name: ContractId) -> Contract | None: ...

    async def info(self) -> DatabaseInfo: ...

    async def vacuum(self) -> VacuumReport: ...

    async def export(self, path: Path) -> int: ...

    async def backup(self, path: Path) -> int: ...


class StoredBarHistory:
    """Bars of the past from the store; one that cannot be read just now remembers nothing."""

    def __init__(self, store: KeptHistory) -> None:
        self._store = store

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarColumns:
        """The newest stored bars that start before an instant."""
        try:
            found = await self._store.bars(symbol, seconds, before, limit)
        except OptixError:
            return BarColumns.empty()
        return columns_of(found)


class StoreDesk:
    """Answers and carries out what concerns the store."""

    def __init__(
        self, *, store: KeptHistory | None, state: State, names: Names, past: FeedPast | None = None, gaps: Gaps | None = None
    ) -> None:
        self._kept = store
        self._past = past
        self._gaps = gaps
        self._state = state
        self._names = names

    async def info(self, _: GetDatabaseInfo) -> DatabaseInfo:
        """What has been recorded."""
        return await self._store().info()

    async def snapshots(self, query: GetSnapshots) -> SnapshotTable:
        """Which chain snapshots there are."""
        return await self._store().snapshots(Symbol(query.symbol.strip().upper()), query.limit)

    async def volatility(self, query: GetVolatilityHistory) -> VolatilityTable:
        """Daily 30-day volatility: what the feed told, what the store remembers beyond it, and what the feed tells when it is asked."""
        security = await self._names.security(query.symbol)
        symbol, history = security.symbol, self._state.history
        self._state.wanted.ask(symbol)
        await first_word(lambda: history.volatility(symbol).day.size > 0, health=self._state.health, seconds=FIRST_HISTORY_SECONDS)
        columns = await self._volatility(security, max(1, query.sessions))
        return VolatilityTable(symbol=security.symbol, source=self._state.health.traits.source, **columns._asdict())

    async def vacuum(self, _: VacuumDatabase) -> Receipt:
        """Applies the size budget now."""
        report = await self._store().vacuum()
        return Receipt(text="the history was tidied up", detail=_plain(report))

    async def export(self, command: ExportDatabase) -> Receipt:
        """Every table as Parquet."""
        rows = await self._store().export(_place(command.path))
        return Receipt(text=f"{rows:,} rows written to {command.path}", detail={"rows": rows})

    async def backup(self, command: BackupDatabase) -> Receipt:
        """A copy that opens by itself."""
        size = await self._store().backup(_place(command.path))
        return Receipt(text=f"{size:,} bytes written to {command.path}", detail={"bytes": size})

    async def _volatility(self, security: Security, sessions: int) -> VolatilityColumns:
        symbol = security.symbol
        told = self._state.history.volatility(symbol)
        if told.day.shape[0] < sessions and self._kept is not None:
            try:
                found = await self._kept.volatility_history(symbol, sessions)
            except OptixError:
                found = None
            if found is not None:
                stored = VolatilityColumns(found.day, found.atm_iv, found.risk_reversal_25, found.butterfly_25)
                told = stored.merged(told)
        if self._past is not None:
            told = await self._past.volatility_before(symbol, told, sessions)
        if self._gaps is not None:
            told = await self._gaps.levels(security, told, sessions)
        first = max(0, told.day.shape[0] - sessions)
        return VolatilityColumns(
            longs(told.day[first:]), floats(told.atm_iv[first:]), floats(told.risk_reversal_25[first:]), floats(told.butterfly_25[first:])
        )

    def _store(self) -> KeptHistory:
        if self._kept is None:
            raise Refused("this engine keeps no history (store.record is off)")
        return self._kept


def _place(path: str) -> Path:
    return Path(path).expanduser()


def _plain(report: object) -> dict[str, object]:
    import msgspec

    found: dict[str, object] = msgspec.to_builtins(report)
    return found
