"""From a quote batch to the new surface, all simulated names live: how long it takes, what it costs, how it grows with the chain, and how
late the engine's loop comes beside it."""

import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.domain.chain import ChainSlice
from engine.domain.ids import Symbol
from engine.domain.market import FeedEvent, QuoteBatch
from engine.kernel.clock import Clock
from engine.kernel.configuration import Configuration
from engine.kernel.paths import Paths, shipped
from engine.messages.base import topic
from engine.messages.queries import EngineRole
from engine.messages.surface import SurfaceChanged
from engine.quant import tiers
from engine.runtime.compose import Plan, compose
from engine.runtime.feed_name import FeedName
from engine.runtime.local import LocalEngine
from engine.services.analytics.surface_fits import NameNow, fitted, risk_fitted
from engine.services.market.room import MarketRoom
from optix_tui import collector
from optix_tui.opening import TURN_SECONDS
from tests.kit import facts
from tests.speed.figure import Figure
from tests.speed.timing import interleaved

LIVE = tuple(Symbol(name) for name in ("SPY", "SPX", "QQQ", "IWM", "VIX", "AAPL", "NVDA", "TSLA", "BTC", "ETH"))
"""Names of the simulated market."""
SPANS: dict[str, tuple[Symbol, ...]] = {
    "nobody": (),
    "SPY": (Symbol("SPY"),),
    "SPX": (Symbol("SPX"),),
    "ten at once": LIVE,
}
SETTLE_SECONDS, BEGIN_SECONDS, WATCH_SECONDS = 14.0, 2.0, 12.0
LOOK_SECONDS = 0.01
"""Between two looks at how late the loop is."""
SIZES = (1_000, 10_000, 100_000)
"""Contracts."""
EXPIRIES = 20
REACH = 2_500.0
"""From the lowest strike to the highest."""


class Watched(NamedTuple):
    """What a span of watching showed."""

    delays: np.ndarray
    """Seconds from a batch that the engine was handed to the first surface of its name that knows it."""
    surfaces: int
    share: float
    """Of a core, the source included."""
    late: np.ndarray
    """Seconds by which the loop came too late."""


class Arrivals:
    """Notes when quotes of a name were handed to the engine."""

    def __init__(self, handles: frozenset[int]) -> None:
        self._handles = np.array(sorted(handles))
        self.waiting: list[tuple[int, float]] = []

    def record(self, event: FeedEvent) -> None:
        """Newest market time of the name in the batch, and when it came."""
        if isinstance(event, QuoteBatch):
            own = np.isin(event.handle, self._handles)
            if own.any():
                self.waiting.append((int(event.event_at[own].max()), time.perf_counter()))

    def taken(self, as_of: int) -> list[float]:
        """Delays of the batches that a surface of this instant knows."""
        now = time.perf_counter()
        found = [now - came for at, came in self.waiting if at <= as_of]
        self.waiting = [(at, came) for at, came in self.waiting if at > as_of]
        return found


async def _opened(home: Path) -> LocalEngine:
    paths = Paths.of(home)
    configuration = Configuration.load(paths, environment={}, project=shipped("config").parent)
    plan = Plan(
        paths=paths,
        configuration=configuration,
        feed=FeedName(name="synthetic"),
        role=EngineRole.OWNER,
        version="speed",
        clock=Clock(),
    )
    return await compose(plan)


async def _watched() -> dict[str, Watched]:
    """Each span, one after the other, on one engine."""
    found: dict[str, Watched] = {}
    with tempfile.TemporaryDirectory() as home:
        engine = await _opened(Path(home))
        market = next(service for service in engine._services if isinstance(service, MarketRoom))
        await asyncio.sleep(SETTLE_SECONDS)
        gc.freeze()
        for what, names in SPANS.items():
            found[what] = await _span(engine, market, names)
        await engine.close()
    return found


def _arrivals(market: MarketRoom, name: Symbol) -> Arrivals:
    instruments = market.ingest._state.instruments
    every, rows = instruments.handles()
    own = every[(instruments.symbol_of[rows] == instruments.number(name)) & (instruments.series_of[rows] >= 0)]
    return Arrivals(frozenset(own.tolist()))


async def _lateness(late: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        late.append(max(0.0, loop.time() - due))


async def _span(engine: LocalEngine, market: MarketRoom, names: tuple[Symbol, ...]) -> Watched:
    arrivals = {name: _arrivals(market, name) for name in names}
    for one in arrivals.values():
        market.ingest.tap(one)
    reading = engine.watch(*(topic(SurfaceChanged, name) for name in names)) if names else None
    await asyncio.sleep(BEGIN_SECONDS)
    for one in arrivals.values():
        one.waiting.clear()
    if reading is not None:
        reading.drain()
    late: list[float] = []
    looking = asyncio.create_task(_lateness(late))
    cpu, begun, delays, surfaces = time.process_time(), time.perf_counter(), [], 0
    while time.perf_counter() - begun < WATCH_SECONDS:
        if reading is None:
            await asyncio.sleep(0.1)
            continue
        for event in await reading.batch():
            surfaces += 1
            delays += arrivals[event.surface.symbol].taken(event.surface.as_of)
    share = (time.process_time() - cpu) / (time.perf_counter() - begun)
    looking.cancel()
    for one in arrivals.values():
        market.ingest.untap(one)
    if reading is not None:
        reading.close()
    return Watched(np.array(delays), surfaces, share, np.array(late))


def _chain(contracts: int) -> tuple[ChainSlice, ...]:
    """Weekly expiries of an index, the same range of strikes the more densely quoted."""
    strikes = contracts // (2 * EXPIRIES)
    days = (facts.TODAY + timedelta(days=8 + 7 * week) for week in range(EXPIRIES))
    return tuple(facts.slice_of("SPXW", day, strikes=strikes, step=REACH / strikes) for day in days)


def measures() -> Iterator[Figure]:
    yield from _live()
    yield from _growth()


def _live() -> Iterator[Figure]:
    """An engine as the workstation runs it: threads give way to one another as often, and garbage is collected when it says so."""
    tiers.warm()
    before = sys.getswitchinterval()
    collector.take_over()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        found = asyncio.run(_watched())
    finally:
        sys.setswitchinterval(before)
        collector.give_back()
    load = f"{os.cpu_count()} cores" + (f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    for what, one in found.items():
        yield Figure(f"{what} watched: loop late, p99", float(np.percentile(one.late, 99)) * 1e3, "ms", 5, note=load)
        yield Figure(f"{what} watched: the engine, its source included", one.share * 100, "% of a core")
        if not one.delays.size:
            continue
        bar = None if what == "ten at once" else 100
        yield Figure(f"{what} watched: quote batch to new surface, median", float(np.median(one.delays)) * 1e3, "ms")
        yield Figure(f"{what} watched: quote batch to new surface, p95", float(np.percentile(one.delays, 95)) * 1e3, "ms", bar, note=load)
        yield Figure(f"{what} watched: new surfaces", one.surfaces / WATCH_SECONDS, "a second")


def _growth() -> Iterator[Figure]:
    works = {}
    for size in SIZES:
        slices = _chain(size)
        name = NameNow(slices[0].symbol, slices[0].source, slices[0].summary.state, slices[0].summary.spot, by_age=True, slices=slices)
        works[str(size)] = lambda name=name: risk_fitted(fitted(name))
    with tiers.using("numba"):
        cost = interleaved(works, unit=1e-3)
    for size in SIZES:
        yield Figure(f"both surfaces of {size:,} contracts: fitted, graded, told", cost[str(size)], "ms")
        yield Figure(f"the same per 1,000 quotes, of {size:,}", cost[str(size)] / size * 1e3, "ms")
    yield Figure("100,000 contracts / 10,000 contracts", cost["100000"] / cost["10000"], "x", 12)
