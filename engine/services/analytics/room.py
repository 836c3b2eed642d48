"""The numbers' services, wired together."""

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

from engine.kernel import unstoppable
from engine.kernel.offload import Offload
from engine.kernel.service import ServiceContext
from engine.messages.events import NoticeLevel, NoticePosted
from engine.messages.exposure import GetExposure
from engine.messages.queries import GetChain, GetExpirations
from engine.messages.surface import GetSurface, GetSurfaceTimes
from engine.messages.valuation import GetValuation, GetValuationMatrix
from engine.quant import tiers
from engine.services.analytics.chains import Chains, Resolve
from engine.services.analytics.exposures import ExposureHistory, Exposures
from engine.services.analytics.pricing import Pricing
from engine.services.analytics.surface_history import SurfaceHistory
from engine.services.analytics.surfaces import Surfaces
from engine.services.analytics.valuation import Calculator
from engine.state.whole import State

WARM_AFTER_SECONDS = 1.0
"""The first paint comes first; one-shot commands are over before."""
_log = logging.getLogger(__name__)


class AnalyticsHistory(SurfaceHistory, ExposureHistory, Protocol):
    """What is kept of all that is concluded here."""


class AnalyticsRoom:
    """Pricing and everything that answers from its numbers."""

    def __init__(self, context: ServiceContext, state: State, resolve: Resolve, history: AnalyticsHistory | None = None) -> None:
        self._context = context
        self.pricing = Pricing(state=state, bus=context.bus, clock=context.clock, offload=context.offload)
        chains = Chains(state=state, pricing=self.pricing, resolve=resolve, clock=context.clock)
        context.dispatch.answers(GetChain, chains.chain)
        context.dispatch.answers(GetExpirations, chains.expirations)
        self.surfaces = Surfaces(
            state=state,
            bus=context.bus,
            clock=context.clock,
            offload=context.offload,
            pricing=self.pricing,
            chains=chains,
            history=history,
        )
        context.dispatch.answers(GetSurface, self.surfaces.surface)
        context.dispatch.answers(GetSurfaceTimes, self.surfaces.times)
        self.exposures = Exposures(
            state=state,
            bus=context.bus,
            clock=context.clock,
            offload=context.offload,
            pricing=self.pricing,
            chains=chains,
            history=history,
        )
        context.dispatch.answers(GetExposure, self.exposures.exposure)
        self._sums = Offload(threads=1)
        """The calculator's own: a search that takes a second never holds up the pricing of the chain."""
        calculator = Calculator(self._sums)
        context.dispatch.answers(GetValuation, calculator.value)
        context.dispatch.answers(GetValuationMatrix, calculator.matrix)

    def start(self) -> None:
        """Begins to price, and to warm the compiled kernels behind it."""
        number = self._context.configuration.number
        self._context.tasks.spawn(self.pricing.run(number("engine.reprice_hz"), number("engine.reprice_share")), name="pricing")
        self._context.tasks.spawn(self.surfaces.run_watched(number("analytics.surface_share")), name="watched surfaces")
        self._context.tasks.spawn(self.surfaces.run_unwatched(number("analytics.surface_seconds")), name="other surfaces")
        self._context.tasks.spawn(self.exposures.run_watched(number("analytics.exposure_share")), name="watched exposures")
        self._context.tasks.spawn(self.exposures.run_unwatched(), name="other exposures")
        if self._context.configuration.flag("engine.numba"):
            self._context.tasks.spawn(self._warm(), name="warm kernels")

    async def close(self) -> None:
        """Nothing of it outlives the engine."""
        self._sums.close()

    async def _warm(self) -> None:
        """Compiles in a thread of its own, which never keeps the program from ending."""
        await asyncio.sleep(WARM_AFTER_SECONDS)
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        trouble: list[BaseException] = []

        def warm() -> None:
            try:
                tiers.warm(rooms=(*tiers.CHAIN_ROOMS, "surfaces"))
            except Exception as error:  # noqa: BLE001 (told of: the numpy tier goes on)
                trouble.append(error)
            with suppress(RuntimeError):  # the engine was closed meanwhile: nobody waits any more
                loop.call_soon_threadsafe(done.set)

        unstoppable.start(warm, name="optix-warm")
        await done.wait()
        if trouble:
            _log.warning("the compiled kernels cannot be used", exc_info=trouble[0])
            text = f"the numpy tier goes on: {trouble[0]}"
            notice = NoticePosted(
                at=self._context.clock.now(), level=NoticeLevel.WARNING, title="The compiled kernels cannot be used", text=text
            )
            self._context.bus.publish(notice)
