"""The services that keep surfaces, on markets whose true smiles are known: one of our own making, and the simulated one."""

import math
from typing import Any

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import OptionSeries, Security
from engine.domain.market import FeedState
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.kernel.offload import Offload
from engine.messages.surface import SurfaceTimes
from engine.services.analytics.chains import Chains
from engine.services.analytics.pricing import Pricing
from engine.services.analytics.surface_history import SurfaceHistory
from engine.services.analytics.surfaces import Surfaces
from plugins.synthetic.feed import SyntheticFeed
from plugins.synthetic.market import SimulatedMarket
from tests.kit.market_room import MarketRoom
from tests.kit.priced_market import PricedRoom, book_of
from tests.kit.synthetic import opened, played, wanting


def svi_smile(strike: float, forward: float) -> float:
    """A true volatility that SVI has the shape of."""
    off = math.log(strike / forward) - 0.02
    return math.sqrt(0.02 + 0.12 * (-0.6 * off + math.hypot(off, 0.2)))


class KeptSurfaces:
    """A history that remembers what it was given."""

    def __init__(self) -> None:
        self.surfaces: list[VolatilitySurface] = []

    def record_surface(self, surface: VolatilitySurface) -> None:
        self.surfaces.append(surface)

    async def surface_at(self, symbol: Symbol, model: SurfaceModel, at: UtcNanos) -> VolatilitySurface:
        return next(one for one in reversed(self.surfaces) if one.symbol == symbol and one.model is model and one.as_of <= at)

    async def surface_times(self, symbol: Symbol, since: UtcNanos | None, until: UtcNanos | None, limit: int) -> SurfaceTimes:
        raise AssertionError("nobody asks for it here")


class SurfaceRoom(PricedRoom):
    """SPX quoted from one smile, its surfaces fitted when asked."""

    def __init__(self, *series: OptionSeries, state: FeedState = FeedState.LIVE, history: SurfaceHistory | None = None) -> None:
        super().__init__(*series, state=state)
        self.surfaces = Surfaces(
            state=self.state,
            bus=self.bus,
            clock=self.clock,
            offload=Offload(1),
            pricing=self.pricing,
            chains=self.chains,
            history=history,
        )

    def quote(self, **how: Any) -> None:
        """Quotes everything from the smile."""
        self.emit(book_of(self.listed, **{"vol": svi_smile, **how}))


class SimulatedRoom(MarketRoom):
    """A name of the simulated market, played by hand, all of its series demanded."""

    def __init__(self, symbol: str, **options: object) -> None:
        super().__init__(own_clock=True)
        self.symbol = Symbol(symbol)
        self.feed: SyntheticFeed
        self.market: SimulatedMarket
        self.feed, self.market, told = opened(symbol, **options)
        self.emit(*told)
        self.pricing = Pricing(state=self.state, bus=self.bus, clock=self.clock, offload=Offload(1))
        self.chains = Chains(state=self.state, pricing=self.pricing, resolve=self.security, clock=self.clock)
        self.surfaces = Surfaces(
            state=self.state, bus=self.bus, clock=self.clock, offload=Offload(1), pricing=self.pricing, chains=self.chains, history=None
        )

    async def security(self, symbol: str) -> Security:
        """Resolves what is listed."""
        return await self.names().security(symbol)

    def play(self, frames: int, step: int) -> None:
        """So many frames of so many nanoseconds."""
        series = (ladder.series.id for ladder in self.state.instruments.chain(self.symbol))
        self.emit(*played(self.market, frames, step=step, wanted=wanting(self.symbol, series=series)))
