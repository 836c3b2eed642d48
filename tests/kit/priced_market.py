"""A market whose true numbers are known: quotes made from one volatility smile, and the services that find it again."""

from collections.abc import Callable
from datetime import date

import numpy as np

from engine.domain.calendar import years_to
from engine.domain.ids import Symbol
from engine.domain.instruments import OptionSeries, Security
from engine.domain.market import FeedCondition, FeedState, Listing, QuoteBatch
from engine.kernel.offload import Offload
from engine.services.analytics.chains import Chains
from engine.services.analytics.pricing import Pricing
from tests.kit.market import DECEMBER, MONDAY, NOON, black_price, listing, quotes, series_of
from tests.kit.market_room import MarketRoom

STRIKES = tuple(float(strike) for strike in range(5_000, 7_001, 50))
SPOT, RATE, IV = 6_000.0, 0.04, 0.2
LATER = date(2027, 1, 15)


def smile(strike: float, forward: float) -> float:
    """The true volatility: a skew that a 25-delta risk reversal can see."""
    return IV - 0.1 * float(np.log(strike / forward))


def forward_of(series: OptionSeries, at: int = NOON) -> float:
    """The true forward: spot carried at the rate."""
    return SPOT * float(np.exp(RATE * years_to(series.settles_at, at)))


def book_of(
    listed: Listing, *, at: int = NOON, spread: float = 0.1, spot: float = SPOT, vol: Callable[[float, float], float] = smile
) -> QuoteBatch:
    """Quotes of all that is listed, round the true prices."""
    bid = np.empty(len(listed.name))
    ask = np.empty(len(listed.name))
    for row, (place, strike, right) in enumerate(
        zip(listed.series_index.tolist(), listed.strike.tolist(), listed.right.tolist(), strict=True)
    ):
        if place < 0:
            price, half = spot, 0.05
        else:
            series = listed.series[place]
            years = years_to(series.settles_at, at)
            forward = spot * float(np.exp(RATE * years))
            iv = vol(strike, forward)
            price, half = black_price(forward=forward, strike=strike, iv=iv, years=years, rate=RATE, call=right > 0), 0.5 * spread
        bid[row], ask[row] = max(0.0, price - half), price + half
    return quotes(listed.handle, bid, ask, at=at)


class PricedRoom(MarketRoom):
    """SPX with three expiries, quoted from the smile, priced when asked."""

    def __init__(self, *series: OptionSeries, state: FeedState = FeedState.LIVE) -> None:
        super().__init__()
        self.series = series or (series_of("SPXW", MONDAY), series_of("SPX", DECEMBER), series_of("SPXW", LATER))
        self.listed = listing(*self.series, strikes=STRIKES)
        self.emit(self.listed, FeedCondition(at=NOON, state=state))
        self.pricing = Pricing(state=self.state, bus=self.bus, clock=self.clock, offload=Offload(1))
        self.chains = Chains(state=self.state, pricing=self.pricing, resolve=self.security, clock=self.clock)

    async def security(self, symbol: str) -> Security:
        """Resolves what is listed."""
        return await self.names().security(symbol)

    def quote(self, **how: float) -> None:
        """Quotes everything from the smile."""
        self.emit(book_of(self.listed, **how))  # type: ignore[arg-type]


SPX = Symbol("SPX")
