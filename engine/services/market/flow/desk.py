"""Everything that concerns flow, behind its questions and its event."""

import asyncio
from collections.abc import Callable, Iterator

from engine.domain.errors import BadInput, Refused
from engine.domain.flow import FlowFilter, parse_filter
from engine.domain.ids import Symbol
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.tasks import Tasks
from engine.messages.flow import (
    FLOW_ROWS,
    ActiveBy,
    ActiveContracts,
    FlowChanged,
    FlowTape,
    GetFlow,
    GetMostActive,
    GetOpenInterestMap,
    InterestMap,
)
from engine.services.market.flow.active import MostActive
from engine.services.market.flow.collector import Collector
from engine.services.market.flow.earlier import EarlierRuns
from engine.services.market.flow.history import FlowHistory
from engine.services.market.flow.interest import InterestMaps
from engine.services.market.flow.openings import OpeningLook
from engine.services.market.flow.previous import PreviousInterest
from engine.services.market.flow.recording import FlowRecording
from engine.services.market.flow.settings import FlowSettings
from engine.services.market.flow.stored import tape_of
from engine.services.market.flow.tapes import FlowTapes
from engine.services.market.flow.totals import Totals
from engine.services.market.flow.venue import VenueVolumes
from engine.services.market.names import Names
from engine.state.patience import first_word
from engine.state.trades import Prints
from engine.state.whole import State

MOST_ROWS = 5_000
FIRST_PRINTS_SECONDS = 2.0
STILL_SECONDS, MOST_STILL_SECONDS = 0.3, 4.0
"""A feed that tells no figure of one more contract of a name for so long has told what it has; waited for no longer than the second."""
"""A question waits at most so long for the first print of a feed that has just started."""
SOON_SECONDS, EARLIER_SECONDS = 0.3, 3.0
"""An answer waits so long for what earlier runs heard of the day: where it will be told a moment later, and where it will not."""
RECALL_SECONDS = 5.0
"""Between two looks for names whose day before is not read yet."""
STORED_FOR_ONE = 20
"""So many recorded prints are read for each that is wanted, where a filter may leave most of them out ..."""
MOST_STORED = 20_000
"""... and so many where it left out too many of them."""
Whole = Callable[[], tuple[Symbol, ...]]


class FlowDesk:
    """Answers and publishes flow."""

    def __init__(
        self,
        *,
        state: State,
        names: Names,
        bus: Bus,
        clock: Clock,
        tasks: Tasks,
        settings: FlowSettings,
        history: FlowHistory | None,
        remembers: bool,
    ) -> None:
        self._state = state
        self._names = names
        self._bus = bus
        self._clock = clock
        self._history = history
        self._remembers = remembers and history is not None
        self._collector = Collector(state=state, clock=clock, settings=settings)
        terms = self._collector.terms
        totals = Totals(state=state, clock=clock, terms=terms)
        self.hear: Callable[[Prints], None] = self._collector.hear
        """Takes prints of options as they come."""
        self.venue = VenueVolumes(state, clock)
        """Hears what the feed says, behind the market's state."""
        self.tapes = FlowTapes(state=state, clock=clock, terms=terms, totals=totals)
        self._previous = PreviousInterest(state=state, clock=clock, history=history)
        self._active = MostActive(state=state, clock=clock, terms=terms, totals=totals, previous=self._previous)
        self._maps = InterestMaps(state=state, clock=clock, totals=totals, previous=self._previous)
        record = history.record if history is not None else lambda _: None
        self._earlier = EarlierRuns(state=state, clock=clock, tasks=tasks, history=history)
        self._recording = FlowRecording(
            state=state,
            clock=clock,
            settings=settings,
            terms=terms,
            totals=totals,
            record=record,
            is_whole=self._earlier.is_settled,
        )
        self._openings = OpeningLook(state=state, clock=clock, record=record)
        if self._remembers:
            self._collector.on_prints = self._recording.take
        self._sent: dict[str, tuple[int, int]] = {}
        self._met: set[Symbol] = set()
        """Names whose first figures were waited for."""

    # -- what runs ----------------------------------------------------------------------------------------------------------

    def step(self) -> Iterator[None]:
        """Takes in what was printed, then tells watchers."""
        yield from self._collector.step()
        yield
        self.publish()

    def second(self) -> Iterator[None]:
        """Compares yesterday with the open interest, and hands the day's sums to the history, name by name."""
        self._openings.look()
        self._earlier.note_unread()
        if self._remembers:
            yield
            yield from self._recording.tell_sums()

    async def recall(self) -> None:
        """Reads of every name what earlier runs heard of the day, and the day before, that its flow is told apart by the open interest."""
        while self._remembers and self._history is not None:
            await asyncio.sleep(RECALL_SECONDS)
            for number in range(len(self._state.instruments.symbols)):
                if number < self._state.flow.day.date.shape[0]:
                    await self._earlier.recall(number)
                    await self._openings.recall(self._history, number)

    def publish(self) -> None:
        """Tells watchers of names that printed since the last look; what nobody watches any more is forgotten."""
        watched = self._bus.interest(FlowChanged)
        for key in watched:
            read = read_key(key)
            if read is None:
                continue
            symbol, filtered = read
            if symbol and self._state.instruments.number(symbol) < 0:
                continue
            now = (self.tapes.ring(symbol).total, self._state.flow.market.confirmed)
            if now != self._sent.get(key) and now[0]:
                self._sent[key] = now
                self._bus.publish(FlowChanged(flow=self.tapes.tape(symbol, filtered, FLOW_ROWS)))
        for key in self._sent.keys() - watched:
            del self._sent[key]
            self._bus.forget(FlowChanged, key)

    # -- what is answered ---------------------------------------------------------------------------------------------------

    async def flow(self, query: GetFlow) -> FlowTape:
        """The newest prints that pass, or those of the history."""
        limit = min(max(query.limit, 0), MOST_ROWS)
        symbol = await self._symbol(query.symbol)
        if query.recorded:
            return await self._recorded(symbol, query, limit)
        await self._first_prints(symbol)
        await self._whole_day(symbol)
        return self.tapes.tape(symbol, query.filtered, limit)

    async def active(self, query: GetMostActive) -> ActiveContracts:
        """The contracts most traded."""
        symbol = await self._symbol(query.symbol)
        await self._first_volumes(symbol)
        await self._whole_day(symbol)
        if symbol or query.by is ActiveBy.OI_CHANGE:
            await self._previous.ensure((symbol,) if symbol else tuple(self._state.instruments.symbols))
        return self._active.ranked(symbol, query)

    async def interest(self, query: GetOpenInterestMap) -> InterestMap:
        """Volume and open interest by strike and expiry."""
        if not query.symbol.strip():
            raise BadInput("name the underlying whose open interest is to be shown, as in SPY")
        security = await self._names.whole_security(query.symbol)
        self._state.wanted.ask(security.symbol)
        await self._first_volumes(security.symbol)
        await self._whole_day(security.symbol)
        await self._previous.ensure((security.symbol,))
        return self._maps.map_of(security.symbol)

    async def _symbol(self, text: Symbol) -> Symbol:
        """The listed name; "" for all."""
        if not text.strip():
            return Symbol("")
        security = await self._names.security(text)
        self._state.wanted.ask(security.symbol)
        return security.symbol

    async def _whole_day(self, symbol: Symbol) -> None:
        """What earlier runs heard of the day. An engine that stays reads it by itself, name by name; a passing one has no later."""
        self._collector.turn_days()
        if symbol:
            await self._earlier.ensure((symbol,), SOON_SECONDS if self._remembers else EARLIER_SECONDS)
        elif not self._remembers:
            await self._earlier.ensure(tuple(self._state.instruments.symbols), EARLIER_SECONDS)
        self._earlier.note_unread()

    async def _first_prints(self, symbol: Symbol) -> None:
        if self._state.health.traits.has_trades:
            await first_word(lambda: self.tapes.ring(symbol).total > 0, health=self._state.health, seconds=FIRST_PRINTS_SECONDS)

    async def _first_volumes(self, symbol: Symbol) -> None:
        """A feed that has just started tells the day's figures after its listing, batch by batch: the first question waits for them."""
        if symbol not in self._met:
            self._met.add(symbol)
            await first_word(lambda: self._known(symbol) > 0, health=self._state.health, seconds=FIRST_PRINTS_SECONDS)
            await self._stillness(symbol)
        self._collector.turn_days()

    async def _stillness(self, symbol: Symbol) -> None:
        loop = asyncio.get_running_loop()
        end, before, known = loop.time() + MOST_STILL_SECONDS, 0, self._known(symbol)
        while known > before and loop.time() < end:
            await asyncio.sleep(STILL_SECONDS)
            before, known = known, self._known(symbol)

    def _known(self, symbol: Symbol) -> int:
        """Contracts of a name, or of all, whose open interest is known."""
        market, instruments = self._state.market, self._state.instruments
        told = market.open_interest[: instruments.size] >= 0.0
        if symbol:
            told = told & (instruments.symbol_of[: instruments.size] == instruments.number(symbol))
        return int(told.sum())

    async def _recorded(self, symbol: Symbol, query: GetFlow, limit: int) -> FlowTape:
        if not symbol:
            raise BadInput("recorded flow is read name by name: say which, as in SPY")
        if self._history is None:
            raise Refused("this engine keeps no history (store.record is off)")
        security = await self._names.security(symbol)
        health = self._state.health
        wanted = limit if query.filtered == FlowFilter() else min(limit * STORED_FOR_ONE, MOST_STORED)
        while True:
            table = await self._history.flow_marks(symbol, query.since, query.until, wanted)
            tape = tape_of(table, security, query.filtered, limit, source=health.traits.source, state=health.state)
            if len(tape.name) >= limit or len(table.name) < wanted or wanted >= MOST_STORED:
                return tape
            wanted = MOST_STORED


def read_key(key: str) -> tuple[Symbol, FlowFilter] | None:
    """The name and the filter that a watcher's key spells; None for what is no filter: such a key is never told of."""
    symbol, _, words = key.partition(" ")
    try:
        return Symbol(symbol), parse_filter(words)
    except BadInput:
        return None
