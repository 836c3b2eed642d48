"""The flow of a market room: prints come in as a feed tells them and are classified as the engine does it."""

from engine.domain.flow import FlowFilter, parse_filter
from engine.domain.ids import Symbol
from engine.messages.flow import FlowTape
from engine.services.market.flow.active import MostActive
from engine.services.market.flow.collector import Collector
from engine.services.market.flow.interest import InterestMaps
from engine.services.market.flow.openings import OpeningLook
from engine.services.market.flow.previous import PreviousInterest
from engine.services.market.flow.settings import FlowSettings
from engine.services.market.flow.tapes import FlowTapes
from engine.services.market.flow.totals import Totals
from engine.services.market.flow.venue import VenueVolumes
from tests.kit.market import NOON
from tests.kit.market_room import MarketRoom


class FlowRoom(MarketRoom):
    """Ingest, the collector behind it, and what is told."""

    def __init__(self, *, at: int = NOON, settings: FlowSettings | None = None, own_clock: bool = False) -> None:
        super().__init__(at=at, own_clock=own_clock)
        self.collector = Collector(state=self.state, clock=self.clock, settings=settings or FlowSettings())
        self.ingest.on_option_prints = self.collector.hear
        self.ingest.tap(VenueVolumes(self.state, self.clock))
        self.totals = Totals(state=self.state, clock=self.clock, terms=self.collector.terms)
        self.tapes = FlowTapes(state=self.state, clock=self.clock, terms=self.collector.terms, totals=self.totals)
        previous = PreviousInterest(state=self.state, clock=self.clock, history=None)
        terms, totals = self.collector.terms, self.totals
        self.active = MostActive(state=self.state, clock=self.clock, terms=terms, totals=totals, previous=previous)
        self.maps = InterestMaps(state=self.state, clock=self.clock, totals=totals, previous=previous)
        self.recorded: list[object] = []
        self.openings = OpeningLook(state=self.state, clock=self.clock, record=self.recorded.append)

    def settle(self, seconds: float = 1.0) -> None:
        """Time enough that nothing more can belong with what has come; all of it is taken in."""
        self.clock.pass_time(seconds)
        for _ in range(100):
            before = self.state.flow.market.total
            for _ in self.collector.step():
                pass
            if self.state.flow.market.total == before:
                return

    def tape(self, symbol: str, words: str = "", limit: int = 5_000) -> FlowTape:
        """The newest prints of a name that pass a filter."""
        return self.tapes.tape(Symbol(symbol), parse_filter(words) if words else FlowFilter(), limit)
