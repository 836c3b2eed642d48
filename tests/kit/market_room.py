"""The market's services without their engine: a state, a clock that stands still, a bus that remembers."""

import asyncio

from engine.contracts.feed import Demand, Feed, FeedSink, FeedTraits
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.market import FeedEvent
from engine.kernel.bus import Bus
from engine.kernel.clock import FrozenClock
from engine.kernel.tasks import Tasks
from engine.messages.base import topic
from engine.messages.events import NoticePosted
from engine.services.market.feed_runner import FeedRunner
from engine.services.market.ingest import Ingest
from engine.services.market.names import Names
from engine.state.whole import State
from tests.kit.market import NOON


def turn_to(clock: FrozenClock, at: int) -> None:
    """Moves a frozen clock to an instant, exactly."""
    clock._wall = UtcNanos(at)


class ScriptedFeed:
    """Says what it was given, then waits, ends or fails as it was told."""

    def __init__(
        self, *events: FeedEvent, then: BaseException | None = None, waits: bool = True, fetches: dict[str, FeedEvent] | None = None
    ) -> None:
        self.events = events
        self.then = then
        self.waits = waits
        self.fetches = fetches or {}
        self.asked: list[str] = []
        self.speed = 1.0
        self.sink: FeedSink | None = None

    @property
    def traits(self) -> FeedTraits:
        return FeedTraits(source=SourceId("scripted"), store="sim", has_speed=True)

    async def run(self, sink: FeedSink, demand: Demand) -> None:
        self.sink = sink
        for event in self.events:
            sink.emit(event)
        if self.then is not None:
            raise self.then
        if self.waits:
            await asyncio.Event().wait()

    async def set_speed(self, factor: float) -> None:
        self.speed = factor

    async def ensure_listed(self, symbol: Symbol) -> bool:
        self.asked.append(symbol)
        if symbol not in self.fetches or self.sink is None:
            return False
        self.sink.emit(self.fetches[symbol])
        return True


class MarketRoom:
    """State, ingest, clock and bus, wired as the engine wires them."""

    def __init__(self, *, own_clock: bool = False, at: int = NOON, source: str = "test") -> None:
        self.clock = FrozenClock(UtcNanos(at))
        self.bus = Bus()
        self.notices = self.bus.subscribe(topic(NoticePosted))
        self.state = State(self.clock.monotonic)
        self.ingest = Ingest(self.state, self.clock)
        self.traits = FeedTraits(source=SourceId(source), store="sim", own_clock=own_clock)
        self.ingest.begin(self.traits)
        self._watchdog = self.runner(ScriptedFeed())

    def runner(self, *feeds: Feed, tasks: Tasks | None = None) -> FeedRunner:
        """A runner that builds these feeds one after the other, and the last of them ever after."""
        waiting = list(feeds)

        def build() -> Feed:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

        return FeedRunner(build=build, ingest=self.ingest, state=self.state, bus=self.bus, clock=self.clock, tasks=tasks or Tasks())

    def watchdog(self) -> None:
        """One look at the silence of the feed."""
        self._watchdog.watch_silence()

    def names(self) -> Names:
        """Names of a feed that can fetch no more than it has listed."""
        runner = self.runner(ScriptedFeed())
        runner.feed = ScriptedFeed()
        return Names(state=self.state, runner=runner, clock=self.clock)

    def emit(self, *events: FeedEvent) -> None:
        """Hands events over as a feed would."""
        for event in events:
            self.ingest.emit(event)
