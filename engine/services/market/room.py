"""The market's services, wired together: what the composition of the engine builds, starts and closes."""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from engine.contracts.feed import Feed
from engine.domain.ids import Symbol
from engine.domain.market import BarBatch, VolatilityHistory
from engine.kernel.paths import shipped
from engine.kernel.service import ServiceContext
from engine.messages.commands import (
    BackupDatabase,
    DeleteWatchlist,
    ExportDatabase,
    ImportChain,
    SaveWatchlist,
    SetSpeed,
    StartRecording,
    StopRecording,
    VacuumDatabase,
)
from engine.messages.events import UniverseChanged
from engine.messages.flow import GetFlow, GetMostActive, GetOpenInterestMap
from engine.messages.measures import GetMeasures, ImportSeries
from engine.messages.queries import (
    EngineRole,
    FindSecurities,
    GetBars,
    GetContract,
    GetDatabaseInfo,
    GetFeedQuality,
    GetQuotes,
    GetSecurity,
    GetSnapshots,
    GetStatus,
    GetTrades,
    GetVolatilityHistory,
    GetWatchlists,
)
from engine.quant.tiers import current
from engine.services.market.bar_tables import BarTables
from engine.services.market.contracts import Contracts
from engine.services.market.demand import DemandKeeper
from engine.services.market.feed_past import FeedPast, OlderBars
from engine.services.market.feed_runner import FeedRunner
from engine.services.market.flow.desk import FlowDesk
from engine.services.market.flow.history import FlowHistory
from engine.services.market.flow.settings import FlowSettings
from engine.services.market.gaps import Gaps
from engine.services.market.history import KeptHistory, StoredBarHistory, StoreDesk
from engine.services.market.importing import Imports, StoreDoor
from engine.services.market.ingest import Ingest
from engine.services.market.last_look import EVERY_SECONDS as LOOK_SECONDS
from engine.services.market.last_look import LastLooks
from engine.services.market.measures import Measures
from engine.services.market.names import Names
from engine.services.market.process import LoopLag
from engine.services.market.quality import Quality
from engine.services.market.quotes import Quotes
from engine.services.market.recall import Recall
from engine.services.market.recording import Recording
from engine.services.market.rhythm import Rhythm
from engine.services.market.series_importing import SeriesImports
from engine.services.market.session_ends import SessionEnds
from engine.services.market.settlements import Settlements
from engine.services.market.status import NO_STORE, Identity, StatusBoard
from engine.services.market.tapes import Tapes
from engine.services.market.watchlists import Watchlists, shipped_lists
from engine.state.whole import State
from engine.storage.documents import Documents

QUOTE_SECONDS = 0.2
BAR_SECONDS = 0.5
TRADE_SECONDS = 0.25
FLOW_SECONDS = 0.25
SECOND = 1.0
QUALITY_SECONDS = 2.0
"""A look at every contract there is."""


class MarketDoors(Struct, frozen=True, kw_only=True):
    """What the market's room is given from outside."""

    build_feed: Callable[[], Feed]
    """Makes the feed; called again after a crash."""
    build_file_feed: Callable[[str], Feed]
    """Makes the feed of a chain file, for imports."""
    store: KeptHistory | None
    """Where this market is recorded; None where nothing is."""
    file_store: StoreDoor
    """Opens the store of imported files."""
    series_store: StoreDoor
    """Opens the store of imported daily series."""
    role: EngineRole
    speed: float = 1.0
    flow_store: FlowHistory | None = None
    """Where flow is kept, and read from."""
    remembers: bool = False
    """What is concluded is recorded; a passing command's engine records nothing."""


class MarketRoom:
    """Feed, ingest and everything that answers from the market's state."""

    def __init__(self, context: ServiceContext, state: State, doors: MarketDoors) -> None:
        bus, clock = context.bus, context.clock
        self._context = context
        self._state = state
        self._store = doors.store
        state.health.speed = doors.speed
        self.ingest = Ingest(state, clock)
        self.runner = FeedRunner(build=doors.build_feed, ingest=self.ingest, state=state, bus=bus, clock=clock, tasks=context.tasks)
        self.names = Names(state=state, runner=self.runner, clock=clock)
        self._past = FeedPast(lambda: self.runner.feed)
        history = OlderBars(StoredBarHistory(doors.store) if doors.store is not None else None, self._past)
        self._gaps = Gaps(feed=self._past, clock=clock)
        self._recall = Recall(state=state, store=doors.store, clock=clock, gaps=self._gaps) if doors.store is not None else None
        recall = self._recall.ahead if self._recall is not None else None
        self._quotes = Quotes(state=state, names=self.names, bus=bus, clock=clock, recall=recall)
        self._bars = BarTables(state=state, names=self.names, history=history, bus=bus, clock=clock, gaps=self._gaps)
        self._tapes = Tapes(state=state, names=self.names, bus=bus)
        self._flow = FlowDesk(
            state=state,
            names=self.names,
            bus=bus,
            clock=clock,
            tasks=context.tasks,
            settings=FlowSettings.read(context.configuration),
            history=doors.flow_store,
            remembers=doors.remembers,
        )
        self._quality = Quality(state=state, bus=bus, clock=clock)
        self._recording = Recording(
            state=state,
            ingest=self.ingest,
            bus=bus,
            clock=clock,
            offload=context.offload,
            tasks=context.tasks,
            version=context.version,
        )
        self._lag = LoopLag()
        self._status = StatusBoard(
            state=state,
            bus=bus,
            clock=clock,
            identity=Identity(version=context.version, run=context.run, role=doors.role, started_at=context.started_at),
            store=doors.store.status if doors.store is not None else lambda: NO_STORE,
            tier=current,
            recording_to=lambda: self._recording.path,
            lag=self._lag,
        )
        self._documents = Documents(context.paths.config)
        self._watchlists = Watchlists(
            documents=self._documents, shipped=lambda: shipped_lists(shipped("config") / "watchlists.toml"), names=self.names
        )
        self._looks = LastLooks(folder=context.paths.data, state=state, quotes=self._quotes, clock=clock, offload=context.offload)
        self._ends = SessionEnds(state=state, clock=clock, remember=self._remember)
        self._settlements = Settlements(state=state, ingest=self.ingest, clock=clock, on_retired=self._tell_retired)
        self._demand = DemandKeeper(bus=bus, state=state)
        self._rhythm = Rhythm(bus=bus, clock=clock, tasks=context.tasks)
        self._follow_events()
        self._answer(doors)

    def start(self) -> None:
        """Begins to listen, and to tell."""
        self.runner.start()
        self._context.tasks.spawn(self._lag.measure(), name="loop lag")
        self._context.tasks.spawn(self._keep_looks(), name="last look")
        if self._recall is not None:
            self._context.tasks.spawn(self._recall.run(), name="recall")
        self._context.tasks.spawn(self._flow.recall(), name="flow of the day before")
        every = self._rhythm.every
        every(QUOTE_SECONDS, "quotes", self._quotes.publish)
        every(BAR_SECONDS, "bars", self._bars.publish)
        every(TRADE_SECONDS, "tapes", self._tapes.publish)
        every(FLOW_SECONDS, "flow", self._flow.step)
        every(SECOND, "flow of the day", self._flow.second)
        every(QUALITY_SECONDS, "quality", self._quality.publish)
        every(SECOND, "status", self._status.publish)
        every(SECOND, "session ends", self._ends.look)
        every(SECOND, "settlements", self._settlements.look)
        every(SECOND, "demand", self._demand.follow)
        every(SECOND, "store notices", self._tell_notices)

    async def close(self) -> None:
        """Ends a tape that is being written and keeps what is on the screens."""
        await self._recording.close()
        await self._looks.write()

    def _follow_events(self) -> None:
        self._context.bus.on_interest(self._demand.follow)
        self.ingest.on_listed = self._tell_listing
        self.ingest.on_option_prints = self._flow.hear
        self.ingest.tap(self._flow.venue)
        if self._store is not None:
            self.ingest.tap(self._store)
            self.ingest.on_minute = self._store.record

    def _answer(self, doors: MarketDoors) -> None:
        answers, performs = self._context.dispatch.answers, self._context.dispatch.performs
        answers(GetStatus, self._status.report)
        answers(GetQuotes, self._quotes.board)
        answers(FindSecurities, self.names.search)
        answers(GetSecurity, self.names.answer)
        answers(GetContract, Contracts(state=self._state, names=self.names, clock=self._context.clock, kept=doors.store).detail)
        answers(GetBars, self._bars.bars)
        answers(GetTrades, self._tapes.tape)
        answers(GetFlow, self._flow.flow)
        answers(GetMostActive, self._flow.active)
        answers(GetOpenInterestMap, self._flow.interest)
        answers(GetFeedQuality, self._quality.report)
        answers(GetWatchlists, self._watchlists.lists)
        performs(SaveWatchlist, self._watchlists.save)
        performs(DeleteWatchlist, self._watchlists.delete)
        performs(SetSpeed, self.runner.set_speed)
        performs(StartRecording, self._recording.start)
        performs(StopRecording, self._recording.stop)
        imports = Imports(build=doors.build_file_feed, open_store=doors.file_store, tasks=self._context.tasks)
        performs(ImportChain, imports.import_chain)
        desk = StoreDesk(store=doors.store, state=self._state, names=self.names, past=self._past, gaps=self._gaps)
        answers(GetDatabaseInfo, desk.info)
        answers(GetSnapshots, desk.snapshots)
        answers(GetVolatilityHistory, desk.volatility)
        measures = Measures(state=self._state, names=self.names, store=doors.store, past=self._past, gaps=self._gaps)
        answers(GetMeasures, measures.table)
        performs(ImportSeries, SeriesImports(open_store=doors.series_store, offload=self._context.offload).import_series)
        performs(VacuumDatabase, desk.vacuum)
        performs(ExportDatabase, desk.export)
        performs(BackupDatabase, desk.backup)

    def _remember(self, told: BarBatch | VolatilityHistory) -> None:
        if self._store is not None:
            self._store.record(told)

    def _tell_listing(self, symbols: tuple[Symbol, ...]) -> None:
        self._context.bus.publish(UniverseChanged(symbols=symbols))
        if self._recall is not None:
            self._recall.listed(symbols)

    def _tell_retired(self, symbols: tuple[Symbol, ...]) -> None:
        self._context.bus.publish(UniverseChanged(symbols=symbols))
        self._demand.follow()

    def _tell_notices(self) -> None:
        kept = self._store.take_notices() if self._store is not None else ()
        for notice in (*kept, *self._documents.take_notices()):
            self._context.bus.publish(notice.posted(self._context.clock.now()))

    async def _keep_looks(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._looks.write()
