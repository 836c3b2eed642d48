"""Keeps the numbers of the chain fresh: what is watched at full rate, every other expiry in turn, each tick in one call off the loop."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from engine.domain.chain import ChainSlice, SeriesSummary
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instruments import Style
from engine.domain.market import FeedState
from engine.kernel.bus import ALL_KEYS, Bus
from engine.kernel.clock import Clock
from engine.kernel.failures import Failures
from engine.kernel.offload import Offload
from engine.messages.events import ChainChanged, ExpirationsChanged, FittedChainChanged
from engine.messages.queries import ExpirationTable
from engine.services.analytics.gather import gather, open_series, version
from engine.services.analytics.made import Made
from engine.services.analytics.rates import Estimate, GivenRate, Rates, teaches
from engine.services.analytics.slices import Priced, PricedSeries, priced
from engine.services.analytics.smile import Smile
from engine.services.analytics.term import thirty_days
from engine.services.analytics.turns import Turn, Turns
from engine.state.instruments import Ladder
from engine.state.whole import State

AMERICAN_PIECE = 4
"""Series: a twentieth of a second while the kernels are cold."""
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.005, 3.0
REST_SECONDS = 5.0
"""After a failure."""
OLD_SECONDS = 15.0
"""Numbers this old are made again though nobody quoted anew, where anything in the market moved: time passes, and quotes grow old."""
_log = logging.getLogger(__name__)


class Basis(NamedTuple):
    """What the smile of a series stands on: its quotes, the state of the feed, and the rate."""

    quotes: int
    state: FeedState
    rate: GivenRate


class Standing(NamedTuple):
    """What a slice was made under, beside its quotes, and when."""

    state: FeedState
    rate: GivenRate
    made: Made


class KeptSmile(NamedTuple):
    """A smile, what it stands on, and when its quotes were taken."""

    basis: Basis
    smile: Smile
    made: Made


def _pieces(ladders: Sequence[Ladder], whole: frozenset[SeriesId]) -> Iterable[Sequence[Ladder]]:
    """What is asked for and what may teach a rate at once; the other American series, which are much work, in pieces that let others in."""
    rest = [ladder for ladder in ladders if ladder.series.style is Style.AMERICAN and ladder.series.id not in whole]
    left = {ladder.index for ladder in rest}
    head = [ladder for ladder in ladders if ladder.index not in left]
    pieces = [rest[first : first + AMERICAN_PIECE] for first in range(0, len(rest), AMERICAN_PIECE)]
    return [head, *pieces] if head else pieces


def pause(took: float, *, hertz: float, share: float) -> float:
    """Seconds between two ticks, after one that took so long: by the share, and never so long that a chain looks dead."""
    return max(SHORTEST_PAUSE_SECONDS, 1.0 / hertz - took, min(took / share - took, LONGEST_PAUSE_SECONDS))


class Pricing:
    """The one writer of the numbers."""

    def __init__(self, *, state: State, bus: Bus, clock: Clock, offload: Offload) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._offload = offload
        self._rates = Rates()
        self._taught: dict[Symbol, int] = {}
        self._turns = Turns(state=state, clock=clock)
        self._standing: dict[SeriesId, Standing] = {}
        self._smiles: dict[SeriesId, KeptSmile] = {}
        """Of the series whose surface somebody looks at."""
        self._failures = Failures(bus=bus, clock=clock, log=_log)
        self._under_way: dict[Symbol, asyncio.Event] = {}
        """Names all of whose expiries are being priced."""
        self._followers: list[Callable[[Symbol, tuple[Smile, ...]], None]] = []
        state.instruments.on_retired(self._retired)

    async def run(self, hertz: float, share: float = 1.0) -> None:
        """Ticks until cancelled, at most so often, and no more of the time than ``share`` of it: what takes long comes less often."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self.tick()
            except Exception as error:  # noqa: BLE001 (told of, and tried again: one odd series must not end all numbers)
                self._failures.tell("Pricing failed", error)
                await asyncio.sleep(REST_SECONDS)
            took = loop.time() - began
            await asyncio.sleep(pause(took, hertz=hertz, share=share))

    async def tick(self) -> None:
        """One look: dirty watched series, and the names whose turn it is, in one go."""
        watched = self._dirty_watched()
        turns = [turn for turn in self._turns.due(self._looked_into()) if turn.symbol not in self._under_way]
        chosen = {ladder.index: ladder for ladder in (*watched, *(ladder for turn in turns for ladder in turn.ladders))}
        looked_into = frozenset(turn.symbol for turn in turns if turn.complete)
        taught = self.taught(*looked_into)
        if chosen:
            with self._at_work(turns):
                await self.price(tuple(chosen.values()), frozenset(ladder.series.id for ladder in watched), looked_into)
        for turn in turns:
            self._finish(turn, self.taught(*looked_into) - taught)

    async def price(
        self,
        ladders: Sequence[Ladder],
        whole: frozenset[SeriesId],
        looked_into: frozenset[Symbol] = frozenset(),
        *,
        fit_greeks: frozenset[str] = frozenset(),
    ) -> dict[SeriesId, ChainSlice]:
        """Numbers of these series now, put into the state and told; answers the slices, which are those of ``whole``.

        Of the names looked into all that may say a rate are among them. Greeks at the fitted smile are those of ``fit_greeks`` and of
        whatever is watched with them.
        """
        names = frozenset(str(series) for series in whole)
        fit_greeks = names & (fit_greeks | self._bus.interest(FittedChainChanged))
        made: dict[SeriesId, ChainSlice] = {}
        for part in _pieces(ladders, whole):
            for one in (await self._numbers(part, whole=names, looked_into=looked_into, fit_greeks=fit_greeks)).series:
                self._apply(one)
                made.update({one.summary.series.id: one.slice} if one.slice is not None else {})
            looked_into = frozenset()
        return made

    async def _numbers(
        self,
        ladders: Sequence[Ladder],
        *,
        whole: frozenset[str] = frozenset(),
        looked_into: frozenset[Symbol] = frozenset(),
        smiles: frozenset[str] = frozenset(),
        fit_greeks: frozenset[str] = frozenset(),
    ) -> Priced:
        """What one call off the loop finds of these series; what it teaches of rates is learned."""
        taken = gather(self._state, ladders, self._clock.now(), shown=bool(whole))
        found = await self._offload.run(priced, taken, whole, self._rates, looked_into, smiles, fit_greeks)
        for symbol, estimates in found.estimates.items():
            self._learn(symbol, estimates)
        return found

    async def slices(self, symbol: Symbol, ladders: Sequence[Ladder], *, fit_greeks: bool = False) -> tuple[ChainSlice, ...]:
        """These series of a name as they are now: what is fresh as it is, the rest priced as a tick prices it."""
        old = [ladder for ladder in ladders if not self.fresh(ladder, fit_greeks=fit_greeks)]
        known = {ladder.series.id: self._state.priced.slices[ladder.series.id] for ladder in ladders if ladder not in old}
        whole = frozenset(ladder.series.id for ladder in old)
        wanted = frozenset(str(series) for series in whole) if fit_greeks else frozenset[str]()
        made: dict[SeriesId, ChainSlice] = {}
        if old and not self._rates.knows(symbol):
            every = open_series(self._state, symbol, self._clock.now())
            teachers = (ladder for ladder in every if ladder not in old and teaches(ladder.series))
            made = await self.price((*old, *teachers), whole, frozenset({symbol}), fit_greeks=wanted)
        elif old:
            made = await self.price(old, whole, fit_greeks=wanted)
        return tuple(made.get(ladder.series.id) or known[ladder.series.id] for ladder in ladders)

    async def smiles(self, symbol: Symbol, ladders: Sequence[Ladder], *, anew: bool = False) -> tuple[Smile, ...]:
        """What a fit needs of all series of a name: what is fresh as it is, the rest priced now without what only a row shows.

        ``anew`` prices all of them: time passes, and quotes grow old, where nothing is quoted too.
        """
        made = self._now()
        old = [ladder for ladder in ladders if anew or not self._stands(ladder)]
        if old:
            looked_into = frozenset[Symbol]() if self._rates.knows(symbol) else frozenset({symbol})
            found = await self._numbers(old, looked_into=looked_into, smiles=frozenset(str(ladder.series.id) for ladder in old))
            for one in found.series:
                self._apply(one)
                kept = self._smiles.get(one.summary.series.id)
                if one.smile is not None and (kept is None or kept.made.sequence <= made.sequence):
                    basis = Basis(one.quotes, one.summary.state, one.rate)
                    self._smiles[one.summary.series.id] = KeptSmile(basis, one.smile, made)
        known = tuple(kept.smile for ladder in ladders if (kept := self._smiles.get(ladder.series.id)) is not None)
        self._hand_on(symbol, known)
        return known

    async def look_at_smiles(self, symbol: Symbol) -> tuple[Smile, ...]:
        """The same of all open expiries of a name; American ones, which are much work, in pieces that let others in. It is its turn."""
        while (done := self._under_way.get(symbol)) is not None:
            await done.wait()
        turn, taught = self._turns.whole(symbol), self.taught(symbol)
        found: list[Smile] = []
        with self._at_work([turn]):
            looked_into = frozenset({symbol})
            for part in _pieces(turn.ladders, frozenset()):
                numbers = await self._numbers(part, looked_into=looked_into, smiles=frozenset(str(ladder.series.id) for ladder in part))
                looked_into = frozenset()
                for one in numbers.series:
                    self._apply(one)
                    found += [one.smile] if one.smile is not None else []
        self._finish(turn, self.taught(symbol) - taught)
        self._hand_on(symbol, tuple(found))
        return tuple(found)

    def on_look(self, follow: Callable[[Symbol, tuple[Smile, ...]], None]) -> None:
        """Hands the smiles of a name on to ``follow``, who must not wait, whenever all of them were made."""
        self._followers.append(follow)

    def _hand_on(self, symbol: Symbol, smiles: tuple[Smile, ...]) -> None:
        for follow in self._followers:
            follow(symbol, smiles)

    def _stands(self, ladder: Ladder) -> bool:
        """Its smile is there, of what is quoted now, and not too old."""
        kept = self._smiles.get(ladder.series.id)
        if kept is None or kept.basis != self._basis(ladder) or kept.smile.strikes is not ladder.strikes:
            return False
        return not self._is_old(kept.made)

    def _now(self) -> Made:
        return Made(self._clock.monotonic(), self._state.market.sequence)

    def _is_old(self, made: Made) -> bool:
        return made.is_old(OLD_SECONDS, now=self._clock.monotonic(), sequence=self._state.market.sequence)

    def _basis(self, ladder: Ladder) -> Basis:
        """A smile stands on its own quotes: an underlying that moves before them says nothing of it yet."""
        quoted = int(self._state.market.series_version[ladder.index])
        return Basis(quoted, self._state.health.state, self._rates.of(ladder.series))

    def fresh(self, ladder: Ladder, *, fit_greeks: bool = False) -> bool:
        """A slice of it is there, with the Greeks at its fitted smile where they are wanted; what it stands on is the same, and not old."""
        series = ladder.series.id
        known = self._state.priced.slices.get(series)
        there = known is not None and known.strikes is ladder.strikes and (known.fit_delta.size > 0 or not fit_greeks)
        current = self._state.priced.versions.get(series) == version(self._state, ladder)
        standing = self._standing.get(series)
        if not there or not current or standing is None or self._is_old(standing.made):
            return False
        return (standing.state, standing.rate) == (self._state.health.state, self._rates.of(ladder.series))

    def looked_at(self, symbol: Symbol) -> float:
        """Seconds since all expiries of a name were priced."""
        return self._turns.age(symbol)

    async def look(self, symbol: Symbol) -> None:
        """Prices all expiries of a name now; where that is under way, waits for it to be done."""
        done = self._under_way.get(symbol)
        if done is not None:
            await done.wait()
            return
        turn, taught = self._turns.whole(symbol), self.taught(symbol)
        with self._at_work([turn]):
            if turn.ladders:
                await self.price(turn.ladders, frozenset(), frozenset({symbol}))
        self._finish(turn, self.taught(symbol) - taught)

    @contextmanager
    def _at_work(self, turns: Sequence[Turn]) -> Iterator[None]:
        """While all expiries of these names are priced, nobody else begins to."""
        done = asyncio.Event()
        mine = [turn.symbol for turn in turns if turn.complete]
        self._under_way.update(dict.fromkeys(mine, done))
        try:
            yield
        finally:
            for symbol in mine:
                del self._under_way[symbol]
            done.set()

    def table(self, symbol: Symbol) -> ExpirationTable:
        """All open expiries of a name as they were priced last."""
        state = self._state
        number = state.instruments.number(symbol)
        return ExpirationTable(
            symbol=symbol,
            source=state.health.traits.source,
            spot=float(state.market.spot[number]),
            as_of=UtcNanos(int(state.market.symbol_quoted_at[number])),
            expiries=tuple(self._summaries(symbol)),
        )

    def _dirty_watched(self) -> list[Ladder]:
        fitted = self._bus.interest(FittedChainChanged)
        return [
            ladder for ladder in self._watched() if ladder.strikes.size and not self.fresh(ladder, fit_greeks=ladder.series.id in fitted)
        ]

    def _watched(self) -> list[Ladder]:
        """The series whose chain somebody watches."""
        keys = (self._bus.interest(ChainChanged) | self._bus.interest(FittedChainChanged)) - {ALL_KEYS}
        ladders = (self._state.instruments.ladder(SeriesId(key)) for key in keys)
        return [ladder for ladder in ladders if ladder is not None]

    def _looked_into(self) -> set[str]:
        """Names whose expiries or chain somebody watches."""
        return {ladder.series.underlying for ladder in self._watched()} | self._bus.interest(ExpirationsChanged)

    def _apply(self, one: PricedSeries) -> None:
        state, series = self._state.priced, one.summary.series.id
        if self._state.instruments.ladder(series) is None:  # it settled while it was priced
            return
        state.sequence += 1
        state.summaries[series] = one.summary
        state.below_intrinsic[series] = one.below_intrinsic
        if one.slice is not None:
            state.slices[series] = one.slice
            state.versions[series] = one.version
            self._standing[series] = Standing(one.summary.state, one.rate, self._now())
            self._bus.publish(ChainChanged(slice=one.slice))
            if one.slice.fit_delta.size:
                self._bus.publish(FittedChainChanged(slice=one.slice))
            else:
                self._bus.forget(FittedChainChanged, series)

    def taught(self, *symbols: Symbol) -> int:
        """How often the rates in force were changed by what these names' own expiries said."""
        return sum(self._taught.get(symbol, 0) for symbol in symbols)

    def _finish(self, turn: Turn, taught: int) -> None:
        """A name's turn is over: its 30-day figures follow, and watchers of the table are told."""
        symbol = turn.symbol
        self._turns.done(turn, taught)
        self._forget_settled(symbol)
        self._state.priced.thirty[symbol] = thirty_days(list(self._summaries(symbol)))
        if turn.complete:
            self._tell_table(symbol)

    def _tell_table(self, symbol: Symbol) -> None:
        watched = self._bus.interest(ExpirationsChanged)
        if (symbol in watched or ALL_KEYS in watched) and (table := self.table(symbol)).expiries:
            self._bus.publish(ExpirationsChanged(table=table))

    def _summaries(self, symbol: Symbol) -> Iterable[SeriesSummary]:
        known = self._state.priced.summaries
        for ladder in open_series(self._state, symbol, self._clock.now()):
            if ladder.series.id in known:
                yield known[ladder.series.id]

    def _forget_settled(self, symbol: Symbol) -> None:
        still_open = {ladder.series.id for ladder in open_series(self._state, symbol, self._clock.now())}
        self._forget(ladder for ladder in self._state.instruments.chain(symbol) if ladder.series.id not in still_open)

    def _retired(self, ladders: tuple[Ladder, ...]) -> None:
        """Series have left the listing: nothing of them is kept, and who watches their name is told without waiting for a quote."""
        self._forget(ladders)
        for symbol in {ladder.series.underlying for ladder in ladders}:
            self._turns.again(symbol)
            self._tell_table(symbol)

    def _forget(self, ladders: Iterable[Ladder]) -> None:
        for ladder in ladders:
            self._state.priced.forget(ladder.series.id)
            self._standing.pop(ladder.series.id, None)
            self._smiles.pop(ladder.series.id, None)
            self._bus.forget(ChainChanged, ladder.series.id)
            self._bus.forget(FittedChainChanged, ladder.series.id)

    def _learn(self, symbol: Symbol, estimates: tuple[Estimate, ...]) -> None:
        before, self._rates = self._rates, self._rates.learned(symbol, estimates)
        if self._rates.in_force != before.in_force:
            self._state.priced.rates += 1
            self._taught[symbol] = self.taught(symbol) + 1
