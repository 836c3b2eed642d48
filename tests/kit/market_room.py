"""The market's services without their engine: a state, a clock that stands still, a bus that remembers."""

from engine.contracts.feed import FeedTraits
from engine.domain.ids import SourceId, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedEvent
from engine.kernel.bus import Bus
from engine.services.market.ingest import Ingest
from engine.state.whole import State
from tests.kit.market import NOON

WALL = 1_900_000_000 * SECOND_NS


class StillClock:
    """Time that moves when a test says so."""

    def __init__(self, *, own: bool = False, at: int = NOON) -> None:
        self.own = own
        self._now = at
        self._monotonic = 1_000.0

    def now(self) -> UtcNanos:
        return UtcNanos(self._now)

    def wall(self) -> UtcNanos:
        return UtcNanos(WALL if self.own else self._now)

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, at: UtcNanos) -> None:
        self._now = max(self._now, at)

    def turn_to(self, at: int) -> None:
        self._now = at

    def wait(self, seconds: float) -> None:
        self._monotonic += seconds
        self._now += int(seconds * SECOND_NS)


class MarketRoom:
    """State, ingest, clock and bus, wired as the engine wires them."""

    def __init__(self, *, own_clock: bool = False, at: int = NOON, source: str = "test") -> None:
        self.clock = StillClock(own=own_clock, at=0 if own_clock else at)
        self.bus = Bus()
        self.state = State(self.clock.monotonic)
        self.ingest = Ingest(self.state, self.clock)  # type: ignore[arg-type]
        self.traits = FeedTraits(source=SourceId(source), store="sim", own_clock=own_clock)
        self.ingest.begin(self.traits)

    def emit(self, *events: FeedEvent) -> None:
        """Hands events over as a feed would."""
        for event in events:
            self.ingest.emit(event)
