"""Engines for tests: a small market that stands still, and every way to reach it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np

from engine.contracts.feed import Demand, FeedSettings, FeedSink, FeedTraits
from engine.contracts.plugin import Manifest, Role
from engine.domain.calendar import years_to
from engine.domain.errors import Refused
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS
from engine.domain.market import FeedCondition, FeedEvent, FeedState
from engine.kernel.clock import FrozenClock
from engine.kernel.configuration import Configuration
from engine.kernel.paths import Paths
from engine.kernel.plugins import Plugins
from engine.messages.queries import EngineRole
from engine.runtime.compose import Plan, compose
from engine.runtime.feed_name import FeedName
from engine.runtime.local import LocalEngine
from tests.kit.market import DECEMBER, MONDAY, NOON, bars, black_price, listing, quotes, series_of, summaries, trades, volatility

STRIKES = tuple(float(strike) for strike in range(590, 615, 5))
SPOT = 601.5


def still_market() -> Iterable[FeedEvent]:
    """SPY with two expiries, and a stock without options, at one instant; everything a feed can say is said once."""
    series = (series_of("SPY", MONDAY), series_of("SPY", DECEMBER))
    names = listing(*series, strikes=STRIKES, symbols=("AAPL",))
    yield names
    yield bars("SPY", NOON - MINUTE_NS * np.arange(90, 0, -1), SPOT + np.sin(np.arange(90)))
    yield volatility("SPY", [0.12 + 0.001 * (day % 17) for day in range(150)])
    yield summaries(names.handle, last=SPOT, previous_close=598.0, open=599.0, high=603.0, low=597.5, volume=1000.0, open_interest=250.0)
    prices = [SPOT, 272.0]
    for entry in series:
        years = years_to(entry.settles_at, UtcNanos(NOON))
        for strike in STRIKES:
            for call in (True, False):
                prices.append(black_price(forward=SPOT, strike=strike, iv=0.15, years=years, rate=0.04, call=call))
    middle = np.array(prices)
    bid = middle - 0.02
    bid[-1] = np.nan
    yield quotes(names.handle, bid, middle + 0.02)
    yield trades([2, 3, 0], [middle[2], middle[3], SPOT], size=[5.0, 2.0, 100.0], side=[1, -1, 0], flag=[1, 0, 0])
    yield FeedCondition(at=UtcNanos(NOON), state=FeedState.FROZEN, reason="stands still")


class StillFeed:
    """Tells the still market once."""

    def __init__(self, settings: FeedSettings) -> None:
        self.settings = settings

    @property
    def traits(self) -> FeedTraits:
        return FeedTraits(source=SourceId("still"), store="sim", simulated=True, own_clock=True, has_trades=True, note="for tests")

    async def run(self, sink: FeedSink, demand: Demand) -> None:
        for event in still_market():
            sink.emit(event)
        await asyncio.Event().wait()

    async def set_speed(self, factor: float) -> None:
        raise Refused("it stands still")

    async def ensure_listed(self, symbol: Symbol) -> bool:
        return False


STILL = Manifest(name="still", role=Role.FEED, title="Still market", summary="Stands still.", load=lambda: StillFeed, simulated=True)


def entry(name: str = "still", value: str = "tests.kit.engine:STILL", role: str = "feed") -> EntryPoint:
    """An entry point as an installed distribution has it; of OPTIX itself, as it names no other."""
    return EntryPoint(name=name, value=value, group=f"optix.{role}s")


def with_still_market(group: str) -> list[EntryPoint]:
    """The shipped plugins and the still market."""
    from engine.kernel.plugins import installed_entries

    return [*installed_entries(group), *([entry()] if group == "optix.feeds" else [])]


def still_plugins() -> Plugins:
    """Where the still market may be opened."""
    return Plugins(["still"], entries=with_still_market)


def plan(home: Path, **changes: Any) -> Plan:
    """An engine on the still market, its clock frozen, its own history kept nowhere but in ``home``."""
    paths = Paths.of(home)
    said = {
        "paths": paths,
        "configuration": Configuration.load(paths, environment={}, flags={"engine.numba": False}, project=home),
        "feed": FeedName(name="still"),
        "role": EngineRole.OWNER,
        "version": "0.0.test",
        "passing": True,
        "clock": FrozenClock(UtcNanos(NOON + 5_000_000_000)),
        "plugins": still_plugins(),
    }
    return Plan(**(said | changes))


@asynccontextmanager
async def local_engine(home: Path, **changes: Any) -> AsyncIterator[LocalEngine]:
    """A local engine on the still market."""
    engine = await compose(plan(home, **changes))
    try:
        yield engine
    finally:
        await engine.close()


async def until(so: Callable[[], bool], *, seconds: float = 60.0, what: str = "it") -> None:
    """Waits, within bounds, until something is so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not so():
        if loop.time() > end:
            raise AssertionError(f"{what} did not come about within {seconds:g} s")
        await asyncio.sleep(0.005)
