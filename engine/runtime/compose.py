"""Puts an engine together: the one file that names every service."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.contracts.feed import Feed, FeedTraits
from engine.domain.ids import SourceId
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.configuration import Configuration
from engine.kernel.dispatch import Dispatch
from engine.kernel.ids import new_run_id
from engine.kernel.offload import Offload
from engine.kernel.paths import Paths
from engine.kernel.plugins import Plugins
from engine.kernel.service import Service, ServiceContext
from engine.kernel.tasks import Tasks
from engine.messages.queries import EngineRole
from engine.runtime.feed_name import FeedName, Options
from engine.runtime.feeds import FeedMaker
from engine.runtime.household import Household
from engine.runtime.local import LocalEngine
from engine.runtime.storekeeper import StoreKeeper
from engine.services.analytics.room import AnalyticsRoom
from engine.services.market.room import MarketDoors, MarketRoom
from engine.services.past.room import PastRoom
from engine.services.volatility.compass_room import CompassRoom
from engine.services.volatility.room import VolatilityRoom
from engine.state.whole import State
from engine.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an engine is to be."""

    paths: Paths
    configuration: Configuration
    feed: FeedName
    options: Options = field(default_factory=dict)
    role: EngineRole
    version: str
    passing: bool = False
    """One command's engine: it records nothing, and opens the history when it is asked about it."""
    scratch: Path | None = None
    """A folder for this life alone, cleared away at its end."""
    headless: bool = False
    clock: Clock = field(default_factory=Clock)
    plugins: Plugins | None = None


async def compose(plan: Plan) -> LocalEngine:
    """An engine that runs, on this loop; raises `OptixError` where its feed cannot be made."""
    plan.paths.make()
    plugins = plan.plugins or Plugins(plan.configuration.names("plugins.allow"))
    profile = os.environ.get("OPTIX_PROFILE", "")
    maker = FeedMaker(plugins, plan.configuration, cache=plan.paths.cache, wall=plan.clock.wall, profile=profile)
    first = maker.make(plan.feed, plan.options)
    traits = first.traits
    plan.clock.restart(own=traits.own_clock)
    context = _context(plan)
    keeper = StoreKeeper(context, traits, passing=plan.passing, scratch=plan.scratch)
    state = State(plan.clock.monotonic)
    state.health.traits = traits
    doors = MarketDoors(
        build_feed=_first_then(first, lambda: maker.make(plan.feed, plan.options)),
        build_file_feed=lambda path: maker.make(FeedName.parse(f"file:{path}"), {}),
        store=keeper.store,
        file_store=_file_store(keeper, traits),
        series_store=_series_store(keeper, traits),
        role=plan.role,
        flow_store=keeper.store,
        remembers=not plan.passing,
        speed=float(maker.options(plan.feed, plan.options).get("speed", 1.0)) if traits.has_speed else 1.0,
    )
    market = MarketRoom(context, state, doors)
    analytics = AnalyticsRoom(context, state, market.names.whole_security, keeper.store)
    compass = CompassRoom(context, state, market.names.security, keeper.store)
    past = PastRoom(context.dispatch, market.names.security, keeper.store)
    services: tuple[Service, ...] = (Household(context, plugins), keeper, market, analytics, VolatilityRoom(context), compass, past)
    return await LocalEngine(context, services, headless=plan.headless).start()


def _context(plan: Plan) -> ServiceContext:
    started_at = plan.clock.wall()
    return ServiceContext(
        bus=Bus(),
        dispatch=Dispatch(),
        clock=plan.clock,
        offload=Offload(),
        tasks=Tasks(),
        configuration=plan.configuration,
        paths=plan.paths,
        run=new_run_id(started_at),
        started_at=started_at,
        version=plan.version,
    )


def _first_then(first: Feed, again: Callable[[], Feed]) -> Callable[[], Feed]:
    """The feed that was made to see whether it can be, and new ones after it."""
    made = [first]
    return lambda: made.pop() if made else again()


def _file_store(keeper: StoreKeeper, traits: FeedTraits) -> Callable[[SourceId], AbstractAsyncContextManager[Store]]:
    """The store of imported files: the one that is open, or one opened for as long as an import takes."""

    @asynccontextmanager
    async def enter(source: SourceId) -> AsyncIterator[Store]:
        if traits.store == "file" and isinstance(keeper.store, Store):
            yield keeper.store
            return
        async with keeper.opened("file", source) as store:
            yield store

    return enter


def _series_store(keeper: StoreKeeper, traits: FeedTraits) -> Callable[[SourceId], AbstractAsyncContextManager[Store]]:
    """The store of this market, or that of real markets where this one is simulated: the past of real indices is none of its own."""
    name = "live" if traits.store == "sim" else traits.store

    @asynccontextmanager
    async def enter(source: SourceId) -> AsyncIterator[Store]:
        if traits.store == name and isinstance(keeper.store, Store):
            yield keeper.store
            return
        async with keeper.opened(name, source) as store:
            yield store

    return enter
