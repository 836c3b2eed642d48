"""All that is known now, in one place, so that rooms are handed one thing."""

from collections.abc import Callable

from engine.state.bars import Bars
from engine.state.condition import FeedHealth
from engine.state.demand import Wanted
from engine.state.flow import Flow
from engine.state.history import History
from engine.state.instruments import Instruments
from engine.state.market import Market
from engine.state.priced import Priced
from engine.state.surfaces import Surfaces
from engine.state.trades import Trades


class State:
    """Each part names its writer."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.instruments = Instruments()
        self.market = Market(self.instruments)
        self.trades = Trades()
        self.bars = Bars()
        self.history = History()
        self.health = FeedHealth()
        self.wanted = Wanted(monotonic)
        self.priced = Priced()
        self.surfaces = Surfaces()
        self.flow = Flow()
