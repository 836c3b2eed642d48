"""The feed: works the simulated market's frames off at the wall's pace, ten a second, and never lets the loop wait for it.

A frame is made in a thread, as a venue's quotes are made in another house; the loop is handed what was told.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from engine.contracts.feed import Demand, FeedSettings, FeedSink, FeedTraits
from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import SeriesId, SourceId, Symbol, UtcNanos
from engine.domain.instants import SECOND_NS, iso
from engine.domain.market import BarBatch, FeedCondition, FeedEvent, FeedState, Pulse, VolatilityHistory
from engine.domain.marks import MeasureSeries
from plugins.synthetic.market import SETUP_ROWS, SimulatedMarket, Step, Wanted
from plugins.synthetic.motion import STEP_NS
from plugins.synthetic.past import Bones, Past
from plugins.synthetic.pricing import implied
from plugins.synthetic.settings import read, speed_of
from plugins.synthetic.truth import Truth

FRAME_SECONDS = 0.1
"""Of simulated time at speed 1, from frame to frame."""
PACE_SECONDS = 0.1
"""Of the wall's time, from frame to frame."""
LATE_SECONDS = 0.5
"""Where the machine is this far behind, simulated time slips instead of being hurried after."""
NIGHT_SECONDS = 1.0
"""Of the wall's time, between a close and the next open."""
EVERYTHING = 10**12
SOURCE = SourceId("synthetic")


class SyntheticFeed:
    """The simulated market as a feed."""

    def __init__(self, settings: FeedSettings) -> None:
        self._chosen = read(settings)
        self.market = SimulatedMarket(self._chosen)
        self._speed = self._chosen.speed
        symbols = self._chosen.symbols
        self._default = Symbol("SPY") if "SPY" in symbols else symbols[0]
        self._pending: deque[Symbol] = deque(symbols)
        self._listed = asyncio.Event()
        self._waiting: set[Symbol] = set()
        self._at_work = threading.Lock()
        """Held while a frame is made: what is kept of an instant is of one instant."""

    @property
    def traits(self) -> FeedTraits:
        return FeedTraits(
            source=SOURCE,
            store="sim",
            variant=f"seed {self._chosen.seed}, start {iso(self._chosen.start)}",
            simulated=True,
            own_clock=True,
            has_trades=True,
            has_speed=True,
            default_symbol=self._default,
            continuation={"seed": self._chosen.seed, "start": iso(self._chosen.start)},
            note=f"simulated market, seed {self._chosen.seed}: every price, volatility and date is invented",
        )

    async def run(self, sink: FeedSink, demand: Demand) -> None:
        loop = asyncio.get_running_loop()
        market = self.market
        opening = FeedCondition(at=UtcNanos(market.at), state=FeedState.LIVE, reason=f"simulated, seed {self._chosen.seed}")
        sink.emit(opening)
        work = self._openings(demand)
        await self._first(work, sink)
        due = loop.time()
        while True:
            due = max(due + PACE_SECONDS, loop.time() - LATE_SECONDS)
            await asyncio.sleep(max(0.0, due - loop.time()))
            if market.over():
                await self._work(work, sink, EVERYTHING)
                sink.emit(market.closed())
                await asyncio.sleep(NIGHT_SECONDS)
                await self._work(market.dawn(), sink, EVERYTHING)
                work = market.reopened()
                due = loop.time()
            wanted = Wanted(demand.symbols, demand.series)
            events = await asyncio.to_thread(self._frame, wanted)
            for event in events:
                sink.emit(event)
                await asyncio.sleep(0)
            if not events:
                sink.emit(Pulse(at=UtcNanos(market.at)))
            await self._work(work, sink, SETUP_ROWS)

    async def set_speed(self, factor: float) -> None:
        self._speed = speed_of(factor)

    async def ensure_listed(self, symbol: Symbol) -> bool:
        if symbol not in self._chosen.symbols:
            return False
        self._waiting.add(symbol)
        while not self.market.ready(symbol):
            await self._listed.wait()
        return True

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos, limit: int) -> BarBatch:
        """Bars of the years before those that are told, drawn now."""
        bones, day = self._bones(symbol), self.market.day
        return await asyncio.to_thread(self._past.bars, symbol, bones, seconds=seconds, before=before, limit=limit, day=day)

    async def volatility_before(self, symbol: Symbol, before: UtcNanos, limit: int) -> VolatilityHistory | None:
        """Closes of 30-day volatility of those years."""
        return await asyncio.to_thread(self._past.volatility, symbol, self._bones(symbol), before=before, limit=limit)

    async def measures_before(self, symbol: Symbol, measures: tuple[str, ...], before: UtcNanos, limit: int) -> tuple[MeasureSeries, ...]:
        """Closes of other measures of those years, and of the one that is told."""
        bones, day = self._bones(symbol), self.market.day
        return await asyncio.to_thread(self._past.measures, symbol, bones, measures, before=before, limit=limit, day=day)

    def _bones(self, symbol: Symbol) -> Bones:
        if symbol not in self._chosen.symbols:
            raise UnknownSymbol(f"the simulated market has no {symbol}")
        return self.market.world.bones(symbol)

    @cached_property
    def _past(self) -> Past:
        return Past(self._chosen.seed, self.market.world.first)

    def truth(self, symbol: Symbol, series: SeriesId, at: UtcNanos) -> Truth:
        """The true state of a listed series at an instant of the day in force. Raises UnknownSymbol, BadInput."""
        with self._at_work:
            return self._truth(symbol, series, at)

    def _truth(self, symbol: Symbol, series: SeriesId, at: UtcNanos) -> Truth:
        desk = self.market.desks.get(symbol)
        if desk is None:
            raise UnknownSymbol(f"the simulated market has not listed {symbol}")
        place = desk.chain.places.get(series)
        if place is None:
            raise BadInput(f"{symbol} has no series {series}: its first is {desk.chain.lines[0].series.id}")
        moment = desk.motion.moment(at)
        terms = desk.chain.terms(moment)
        strikes = desk.chain.lines[place].strikes
        chosen = slice(desk.chain.starts[place], desk.chain.starts[place + 1])
        fair = desk.chain.fair(moment)
        years, forward = float(terms.years[place]), float(terms.forward[place])
        rate = float(-np.log(terms.discount[place]) / years) if years > 0.0 else 0.0
        return Truth(
            symbol=symbol,
            series=series,
            at=at,
            spot=moment.price,
            years=years,
            forward=forward,
            rate=rate,
            dividend_yield=rate - float(np.log(forward / moment.price)) / years if years > 0.0 else 0.0,
            theta=float(terms.theta[place]),
            rho=terms.form.rho,
            eta=terms.form.eta,
            gamma=terms.form.gamma,
            phi=float(terms.curve[place]),
            atm_iv=float(np.sqrt(terms.theta[place] / years)) if years > 0.0 else float("nan"),
            strikes=strikes,
            iv=implied(terms, place, strikes),
            call=fair[0, chosen],
            put=fair[1, chosen],
        )

    def _frame(self, wanted: Wanted) -> list[FeedEvent]:
        with self._at_work:
            return self.market.frame(self._step(), wanted)

    def _step(self) -> int:
        """Simulated time of a frame: whole steps of the path, so that the same speed always meets the same instants."""
        return max(STEP_NS, round(self._speed * FRAME_SECONDS * SECOND_NS / STEP_NS) * STEP_NS)

    def _openings(self, demand: Demand) -> Iterator[Step]:
        """Opens the names that are not open yet, those in demand first."""
        while self._pending:
            asked = [symbol for symbol in self._pending if symbol in demand.symbols or symbol in self._waiting]
            symbol = asked[0] if asked else self._default if self._default in self._pending else self._pending[0]
            self._pending.remove(symbol)
            announced = False
            for step in self.market.opened(symbol):
                if not announced and self.market.ready(symbol):
                    announced = True
                    self._listed.set()
                    self._listed = asyncio.Event()
                yield step

    async def _first(self, work: Iterator[Step], sink: FeedSink) -> None:
        """The first name, without a pause for frames."""
        for step in work:
            for event in step.events:
                sink.emit(event)
            await asyncio.sleep(0)
            if self.market.desks:
                return

    @staticmethod
    async def _work(work: Iterator[Step], sink: FeedSink, rows: int) -> None:
        """A frame's share of setting up: as much every time, so that it does not depend on the machine."""
        while rows > 0:
            step = next(work, None)
            if step is None:
                return
            for event in step.events:
                sink.emit(event)
            rows -= step.rows + 20
            await asyncio.sleep(0)
