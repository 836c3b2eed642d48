"""Volatility surfaces that live: refitted as the quotes of a name somebody looks at move, and of every other name now and then."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from typing import NamedTuple

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import Symbol
from engine.domain.market import FeedState
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.kernel.bus import ALL_KEYS, Bus
from engine.kernel.clock import Clock
from engine.kernel.failures import Failures
from engine.kernel.offload import Offload
from engine.messages.surface import GetSurface, GetSurfaceTimes, SurfaceChanged, SurfaceTimes
from engine.services.analytics.budget import Budget
from engine.services.analytics.chains import Chains
from engine.services.analytics.gather import open_series
from engine.services.analytics.made import Made
from engine.services.analytics.pricing import REST_SECONDS, Pricing
from engine.services.analytics.smile import Smile
from engine.services.analytics.surface_fits import NameFit, NameNow, RiskFit, fitted, risk_fitted
from engine.services.analytics.surface_history import SurfaceHistory
from engine.state.instruments import Ladder
from engine.state.whole import State

LOOK_SECONDS = 0.004
"""Between two looks at whether anything was quoted; only then, or now and then, watched names are looked at one by one."""
DEBOUNCE_SECONDS = 0.006
"""What comes within it is fitted together."""
IDLE_SECONDS = 0.1
"""Between two looks while nobody watches, or while nothing is quoted."""
RISK_SECONDS = 1.0
"""The surface that risk is computed on is fitted and told this often, and whenever it is asked for."""
ANEW_SECONDS = 10.0
"""All slices are priced and fitted this often, from scratch: time passes for those that nobody quotes too."""
FIRST_SECONDS = 10.0
"""After the start, before the slow rotation begins: first come the screens."""
_log = logging.getLogger(__name__)


class Stamp(NamedTuple):
    """While it is the same, nothing that a name's surface stands on has changed."""

    series: tuple[int, ...]
    """Dense numbers of those that are open."""
    quotes: int
    rates: int
    state: FeedState


class Surfaces:
    """The one writer of the surfaces."""

    def __init__(
        self, *, state: State, bus: Bus, clock: Clock, offload: Offload, pricing: Pricing, chains: Chains, history: SurfaceHistory | None
    ) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._offload = offload
        self._pricing = pricing
        self._chains = chains
        self._history = history
        self._fits: dict[Symbol, NameFit] = {}
        self._made_of: dict[Symbol, Stamp] = {}
        self._anew: dict[Symbol, Made] = {}
        """When a name's surface was last made from scratch."""
        self._risk_at: dict[Symbol, float] = {}
        self._risks: dict[Symbol, RiskFit] = {}
        self._tried_at: dict[Symbol, float] = {}
        self._rests_until: dict[Symbol, float] = {}
        """Watched names whose fit failed: the others go on."""
        self._turns: defaultdict[Symbol, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._failures = Failures(bus=bus, clock=clock, log=_log)

    async def surface(self, query: GetSurface) -> VolatilitySurface:
        """The surface as it is now, or the stored one that held at an instant."""
        if query.at is not None:
            symbol = await self._chains.resolved(query.symbol)
            return await self._kept().surface_at(symbol, query.model, query.at)
        symbol = await self._chains.quoted(query.symbol)
        await self.follow(symbol)
        if query.model is SurfaceModel.SVI:
            return self._fits[symbol].display
        return await self._risk(self._fits[symbol])

    async def times(self, query: GetSurfaceTimes) -> SurfaceTimes:
        """When surfaces of a name were stored."""
        symbol = await self._chains.resolved(query.symbol)
        return await self._kept().surface_times(symbol, query.since, query.until, query.limit)

    async def follow(self, symbol: Symbol) -> None:
        """Brings a name's surfaces up to its quotes; one that stands on the newest stays as it is."""
        async with self._turns[symbol]:
            stamp, taught = self._stamp(symbol), self._pricing.taught(symbol)
            self._tried_at[symbol] = self._clock.monotonic()
            anew = self._is_old(symbol)
            if anew or self._made_of.get(symbol) != stamp:
                smiles = await self._pricing.smiles(symbol, self._open(symbol), anew=anew)
                await self._fit(symbol, smiles, self._with_taught(symbol, stamp, taught), anew=anew)

    async def run_watched(self, share: float) -> None:
        """Follows the quotes of the names somebody watches until cancelled, for no more of the time than ``share`` of it."""
        loop = asyncio.get_running_loop()
        budget = Budget(share, loop.time())
        at_rest, looked_at = -1, float("-inf")
        while True:
            sequence, now = self._state.market.sequence, loop.time()
            waiting = [] if sequence == at_rest and now - looked_at < IDLE_SECONDS else self.dirty()
            if not waiting:
                at_rest, looked_at = sequence, now if sequence != at_rest or now - looked_at >= IDLE_SECONDS else looked_at
                await asyncio.sleep(LOOK_SECONDS if self._watched() else IDLE_SECONDS)
                continue
            at_rest = -1
            await asyncio.sleep(DEBOUNCE_SECONDS)
            began = loop.time()
            rest = await self._tried(self.follow(waiting[0]), waiting[0])
            self._rests_until[waiting[0]] = self._clock.monotonic() + rest
            ended = loop.time()
            await asyncio.sleep(budget.rest(ended - began, ended))

    async def run_unwatched(self, seconds: float) -> None:
        """Fits every other name about so often, one after the other, until cancelled."""
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            symbol = self.overdue(seconds)
            rest = await self._tried(self.visit(symbol), symbol) if symbol is not None else 0.0
            await asyncio.sleep(max(rest, seconds / max(1, len(self._state.instruments.symbols))))

    async def visit(self, symbol: Symbol) -> None:
        """Fits a name that nobody watches, where anything of it has changed."""
        async with self._turns[symbol]:
            stamp, taught = self._stamp(symbol), self._pricing.taught(symbol)
            self._tried_at[symbol] = self._clock.monotonic()
            if self._made_of.get(symbol) != stamp:
                smiles = await self._pricing.look_at_smiles(symbol)
                await self._fit(symbol, smiles, self._with_taught(symbol, stamp, taught), anew=True)

    def dirty(self) -> list[Symbol]:
        """Watched names whose quotes have changed since their fit, the longest untouched first; those whose fit failed rest."""
        now = self._clock.monotonic()
        awake = [symbol for symbol in self._watched() if self._rests_until.get(symbol, now) <= now]
        watched = [symbol for symbol in awake if self._is_old(symbol) or self._made_of.get(symbol) != self._stamp(symbol)]
        return sorted(watched, key=lambda symbol: self._tried_at.get(symbol, 0.0))

    def overdue(self, seconds: float) -> Symbol | None:
        """The name that has waited longest for a fit, where one has waited long enough."""
        now, watched = self._clock.monotonic(), self._watched()
        names = [
            symbol
            for symbol in self._state.instruments.symbols
            if symbol not in watched and now - self._tried_at.get(symbol, float("-inf")) >= 0.9 * seconds and self._has_options(symbol)
        ]
        return min(names, key=lambda symbol: self._tried_at.get(symbol, float("-inf")), default=None)

    def _is_old(self, symbol: Symbol) -> bool:
        """It has stood for long, while anything in the market moved."""
        made = self._anew.get(symbol)
        return made is None or made.is_old(ANEW_SECONDS, now=self._clock.monotonic(), sequence=self._state.market.sequence)

    async def _fit(self, symbol: Symbol, slices: Sequence[Smile], stamp: Stamp, *, anew: bool) -> None:
        now, state, sequence = self._clock.monotonic(), self._state, self._state.market.sequence
        name = NameNow(
            symbol=symbol,
            source=state.health.traits.source,
            state=state.health.state,
            spot=float(state.market.spot[state.instruments.number(symbol)]),
            by_age=not state.health.stale,
            slices=tuple(slices),
        )
        fit = await self._offload.run(fitted, name, None if anew else self._fits.get(symbol))
        if anew:
            self._anew[symbol] = Made(now, sequence)
        self._fits[symbol], self._made_of[symbol] = fit, stamp
        self._keep(fit.display)
        self._bus.publish(SurfaceChanged(surface=fit.display))
        if now - self._risk_at.get(symbol, float("-inf")) >= RISK_SECONDS:
            await self._risk(fit)

    async def _risk(self, fit: NameFit) -> VolatilitySurface:
        """The surface that risk is computed on, of this fit."""
        symbol = fit.name.symbol
        before = self._risks.get(symbol)
        if before is not None and before.of is fit:
            return before.surface
        self._risk_at[symbol] = self._clock.monotonic()
        risk = await self._offload.run(risk_fitted, fit, before)
        if self._fits.get(symbol) is fit:
            self._risks[symbol] = risk
            self._keep(risk.surface)
        return risk.surface

    def _keep(self, surface: VolatilitySurface) -> None:
        self._state.surfaces.put(surface)
        if self._history is not None and surface.slices:
            self._history.record_surface(surface)

    def _stamp(self, symbol: Symbol) -> Stamp:
        market = self._state.market
        series = [ladder.index for ladder in self._open(symbol)]
        quotes = int(market.series_version[series].max(initial=0))
        return Stamp(tuple(series), quotes, self._state.priced.rates, self._state.health.state)

    def _with_taught(self, symbol: Symbol, stamp: Stamp, before: int) -> Stamp:
        """Smiles are priced with what they taught themselves, but not with what another name taught meanwhile."""
        return stamp._replace(rates=stamp.rates + self._pricing.taught(symbol) - before)

    def _open(self, symbol: Symbol) -> list[Ladder]:
        """The open series of a name that can be part of its surface."""
        every = open_series(self._state, symbol, self._clock.now())
        return [ladder for ladder in every if ladder.strikes.size and not ladder.series.adjusted]

    def _watched(self) -> list[Symbol]:
        known = self._state.instruments
        return [Symbol(key) for key in self._bus.interest(SurfaceChanged) if key != ALL_KEYS and known.has_series(Symbol(key))]

    def _has_options(self, symbol: Symbol) -> bool:
        return any(ladder.strikes.size for ladder in self._state.instruments.chain(symbol))

    def _kept(self) -> SurfaceHistory:
        if self._history is None:
            raise StoreUnavailable("no surface of the past is kept here: set store.record to keep them")
        return self._history

    async def _tried(self, work: Awaitable[None], symbol: Symbol) -> float:
        """Seconds to rest afterwards."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 (told of, and tried again: one odd name must not end all surfaces)
            self._failures.tell("Fitting a surface failed", error, of=symbol)
            return REST_SECONDS
        return 0.0
