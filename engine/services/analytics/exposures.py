"""Dealer exposures that live: made anew each second for the names somebody watches, and for every other name as its turn comes."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from engine.domain.errors import BadInput
from engine.domain.ids import SeriesId, Symbol
from engine.domain.market import FeedState
from engine.domain.marks import ExposureMark
from engine.kernel.bus import ALL_KEYS, Bus
from engine.kernel.clock import Clock
from engine.kernel.failures import Failures
from engine.kernel.offload import Offload
from engine.messages.exposure import Exposure, ExposureChanged, ExposureConvention, GetExposure
from engine.services.analytics.chains import Chains
from engine.services.analytics.exposure_figures import exposure_of, nothing, trouble_of
from engine.services.analytics.exposure_positions import NameNow, OpenSeries, Positions, positions_of
from engine.services.analytics.gather import open_series
from engine.services.analytics.pricing import REST_SECONDS, Pricing
from engine.services.analytics.slices import HELD_BY_FORWARD
from engine.services.analytics.smile import Smile
from engine.state.instruments import Ladder
from engine.state.patience import first_word
from engine.state.whole import State

FRESH_SECONDS = 1.0
"""What is open in a name is looked at again after so long at the earliest."""
SEEN_SECONDS = 20.0
"""An exposure that nobody watches follows the surfaces of its name after so long at the earliest."""
LOOK_SECONDS = 0.1
"""Between two looks at whether something is due."""
FIRST_COUNTS_SECONDS = 1.0
"""A question waits at most this long for the first open interest of its name."""
KEPT_NAMES = 4
"""Names whose positions are kept, so that another convention needs no pricing."""
_log = logging.getLogger(__name__)


class ExposureHistory(Protocol):
    """Where marks of this market are kept; it thins out by itself what comes too often."""

    def record(self, event: ExposureMark) -> None:
        """Takes a mark, on the engine's loop: it must not wait."""
        ...


class Stamp(NamedTuple):
    """While it is the same, nothing that a name's exposure stands on has changed."""

    series: tuple[int, ...]
    quotes: int
    rates: int
    state: FeedState


class _Kept(NamedTuple):
    stamp: Stamp
    made: float
    """On the monotonic clock."""
    positions: Positions


class Exposures:
    """The one teller of exposures."""

    def __init__(
        self, *, state: State, bus: Bus, clock: Clock, offload: Offload, pricing: Pricing, chains: Chains, history: ExposureHistory | None
    ) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._offload = offload
        self._pricing = pricing
        self._chains = chains
        self._history = history
        self._kept: OrderedDict[Symbol, _Kept] = OrderedDict()
        self._tried_at: dict[Symbol, float] = {}
        self._rests_until: dict[Symbol, float] = {}
        """Watched names that failed: the others go on."""
        self._seen: dict[Symbol, tuple[Smile, ...]] = {}
        self._failures = Failures(bus=bus, clock=clock, log=_log)
        pricing.on_look(self.seen)

    async def exposure(self, query: GetExposure) -> Exposure:
        """The exposure of a name in the convention asked for, now; nothing to show is an answer with its reason."""
        known = await self._chains.resolved(query.symbol)
        if known in HELD_BY_FORWARD:
            name = self._name(known, ())
            return nothing(name, query.convention, trouble_of(name))
        symbol = await self._chains.quoted(known)
        missing = sorted(set(query.series) - {ladder.series.id for ladder in self._counted(symbol)})
        if missing:
            raise BadInput(f"{symbol} has no open series {', '.join(missing)} that counts: `optix expirations {symbol}` lists them")
        await first_word(lambda: self._has_counts(symbol), health=self._state.health, seconds=FIRST_COUNTS_SECONDS)
        positions = await self._positions(symbol)
        wanted = frozenset(SeriesId(one) for one in query.series)
        return await self._offload.run(exposure_of, positions, query.convention, wanted)

    async def refresh(self, symbol: Symbol) -> None:
        """Tells a watched name's exposure in the default convention."""
        self._tried_at[symbol] = self._clock.monotonic()
        if symbol in HELD_BY_FORWARD:
            name = self._name(symbol, ())
            self._bus.publish(ExposureChanged(exposure=nothing(name, ExposureConvention(), trouble_of(name))))
            return
        positions = await self._positions(symbol)
        self._tell(await self._offload.run(exposure_of, positions, ExposureConvention()))

    def seen(self, symbol: Symbol, smiles: tuple[Smile, ...]) -> None:
        """All smiles of a name were made for somebody else: where nobody watches its exposure, that follows them now and then."""
        recently = self._clock.monotonic() - self._tried_at.get(symbol, float("-inf")) < SEEN_SECONDS
        if symbol not in HELD_BY_FORWARD and not recently and symbol not in self._watched():
            self._seen[symbol] = smiles

    async def run_watched(self, share: float) -> None:
        """Follows the names somebody watches until cancelled, for no more of the time than ``share`` of it."""
        loop = asyncio.get_running_loop()
        while True:
            due = self.due()
            if not due:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            began = loop.time()
            rest = await self._tried(due[0])
            self._rests_until[due[0]] = self._clock.monotonic() + rest
            took = loop.time() - began
            await asyncio.sleep(took / share - took)

    async def run_unwatched(self) -> None:
        """Tells the exposure of every other name after its turn, until cancelled."""
        while True:
            if not self._seen:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            symbol = next(iter(self._seen))
            try:
                await self.visit(symbol, self._seen.pop(symbol))
            except Exception as error:  # noqa: BLE001 (told of: one odd name must not end all exposures)
                self._failures.tell("An exposure failed", error, of=symbol)

    async def visit(self, symbol: Symbol, smiles: Sequence[Smile]) -> None:
        """Tells a name's exposure by smiles that are there."""
        self._tried_at[symbol] = self._clock.monotonic()
        name = self._name(symbol, self._with_counts(symbol, smiles))
        positions = await self._offload.run(positions_of, name)  # in two pieces, so that a surface somebody looks at need not wait for both
        self._tell(await self._offload.run(exposure_of, positions, ExposureConvention()))

    def due(self) -> list[Symbol]:
        """Watched names that have changed and were left alone for long enough, the longest first; those that failed rest."""
        now = self._clock.monotonic()
        waiting = [
            symbol
            for symbol in self._watched()
            if now - self._tried_at.get(symbol, float("-inf")) >= FRESH_SECONDS
            and self._rests_until.get(symbol, now) <= now
            and ((symbol in HELD_BY_FORWARD and symbol not in self._tried_at) or self._is_dirty(symbol))
        ]
        return sorted(waiting, key=lambda symbol: self._tried_at.get(symbol, 0.0))

    def _is_dirty(self, symbol: Symbol) -> bool:
        if symbol in HELD_BY_FORWARD or not self._counted(symbol):
            return False
        kept = self._kept.get(symbol)
        return symbol not in self._tried_at or kept is None or kept.stamp != self._stamp(symbol)

    async def _positions(self, symbol: Symbol) -> Positions:
        """What is open in a name, at most so old."""
        stamp, kept = self._stamp(symbol), self._kept.get(symbol)
        if kept is not None and (kept.stamp == stamp or self._clock.monotonic() - kept.made < FRESH_SECONDS) and kept.stamp[0] == stamp[0]:
            self._kept.move_to_end(symbol)
            return kept.positions
        smiles = await self._pricing.smiles(symbol, self._counted(symbol))
        positions = await self._offload.run(positions_of, self._name(symbol, self._with_counts(symbol, smiles)))
        self._kept[symbol] = _Kept(stamp, self._clock.monotonic(), positions)
        self._kept.move_to_end(symbol)
        while len(self._kept) > max(KEPT_NAMES, len(self._watched())):
            self._kept.popitem(last=False)
        return positions

    def _name(self, symbol: Symbol, series: tuple[OpenSeries, ...]) -> NameNow:
        number = self._state.instruments.number(symbol)
        every = open_series(self._state, symbol, self._clock.now())
        return NameNow(
            symbol=symbol,
            source=self._state.health.traits.source,
            state=self._state.health.state,
            spot=float(self._state.market.spot[number]),
            dividend_yield=self._state.instruments.securities()[number].dividend_yield,
            series=series,
            adjusted=tuple(ladder.series.id for ladder in every if ladder.series.adjusted),
        )

    def _with_counts(self, symbol: Symbol, smiles: Sequence[Smile]) -> tuple[OpenSeries, ...]:
        """The counted series as they are known now; one that was listed anew since has to wait for its next smile."""
        ladders = {ladder.series.id: ladder for ladder in self._counted(symbol)}
        market = self._state.market
        found = []
        for smile in smiles:
            ladder = ladders.get(smile.summary.series.id)
            if ladder is not None and np.array_equal(ladder.strikes, smile.strikes):
                found.append(OpenSeries(smile, market.gather("open_interest", ladder.rows), market.gather("volume", ladder.rows)))
        return tuple(sorted(found, key=lambda one: one.smile.summary.series.settles_at))

    def _counted(self, symbol: Symbol) -> list[Ladder]:
        every = open_series(self._state, symbol, self._clock.now())
        return [ladder for ladder in every if ladder.strikes.size and not ladder.series.adjusted]

    def _has_counts(self, symbol: Symbol) -> bool:
        interest = self._state.market.open_interest
        return all(np.isfinite(interest[ladder.rows[ladder.rows >= 0]]).any() for ladder in self._counted(symbol))

    def _stamp(self, symbol: Symbol) -> Stamp:
        market = self._state.market
        series = [ladder.index for ladder in self._counted(symbol)]
        quotes = int(market.series_version[series].max(initial=0))
        own = int(market.symbol_version[self._state.instruments.number(symbol)])
        return Stamp(tuple(series), max(quotes, own), self._state.priced.rates, self._state.health.state)

    def _watched(self) -> list[Symbol]:
        known = self._state.instruments
        return [Symbol(key) for key in self._bus.interest(ExposureChanged) if key != ALL_KEYS and known.has_series(Symbol(key))]

    def _tell(self, exposure: Exposure) -> None:
        if self._history is not None and not exposure.trouble:
            self._history.record(mark_of(exposure))
        self._bus.publish(ExposureChanged(exposure=exposure))

    async def _tried(self, symbol: Symbol) -> float:
        """Seconds to rest afterwards."""
        try:
            await self.refresh(symbol)
        except Exception as error:  # noqa: BLE001 (told of, and tried again)
            self._failures.tell("An exposure failed", error, of=symbol)
            return REST_SECONDS
        return 0.0


def mark_of(exposure: Exposure) -> ExposureMark:
    """What is remembered of an exposure."""
    return ExposureMark(
        at=exposure.as_of,
        symbol=exposure.symbol,
        spot=exposure.spot,
        net=exposure.net,
        low=exposure.low,
        high=exposure.high,
        flip=exposure.flip,
        positive_wall=exposure.positive_wall,
        negative_wall=exposure.negative_wall,
        contracts=exposure.contracts,
        left_out=exposure.left_out,
    )
