"""Turns what is watched on the bus into what the feed should serve first."""

from engine.domain.ids import SeriesId, Symbol
from engine.kernel.bus import ALL_KEYS, Bus
from engine.messages.events import BarsChanged, ChainChanged, ExpirationsChanged, FittedChainChanged, QuoteChanged, TradesChanged
from engine.messages.exposure import ExposureChanged
from engine.messages.flow import FlowChanged
from engine.messages.surface import SurfaceChanged
from engine.state.whole import State


class DemandKeeper:
    """Follows the bus's interest."""

    def __init__(self, *, bus: Bus, state: State) -> None:
        self._bus = bus
        self._state = state

    def follow(self) -> None:
        """Takes the interest as it is now; called on each change and now and then, as questions grow old."""
        chains = self._bus.interest(ChainChanged) | self._bus.interest(FittedChainChanged)
        series = {SeriesId(key) for key in chains if key != ALL_KEYS and key not in self._state.instruments.settled}
        for key in self._bus.interest(SurfaceChanged) | self._bus.interest(ExposureChanged):
            series.update(ladder.series.id for ladder in self._state.instruments.chain(Symbol(key)))
        symbols = {
            Symbol(key.split("/")[0])
            for kind in (QuoteChanged, ExpirationsChanged, TradesChanged, BarsChanged, SurfaceChanged, ExposureChanged)
            for key in self._bus.interest(kind)
        }
        symbols.update(Symbol(key.partition(" ")[0]) for key in self._bus.interest(FlowChanged))
        if ALL_KEYS in self._bus.interest(QuoteChanged):
            symbols.update(self._state.instruments.symbols)
        ladders = (self._state.instruments.ladder(entry) for entry in series)
        symbols |= {ladder.series.underlying for ladder in ladders if ladder is not None}
        self._state.wanted.watch(symbols - {Symbol("")}, series)
