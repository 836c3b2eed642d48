"""The simulated market as one machine: names are listed one after another, then every frame of its own time tells what moved.

A frame is a fixed stretch of simulated time. What is told at an instant is a function of that instant, the seed and the start alone; the
wall clock decides only when a frame is worked off, and what somebody watches decides only how often a market is told again.
"""

from collections import deque
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np

from engine.domain.calendar import next_session, previous_session
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS, SECOND_NS, new_york
from engine.domain.instruments import SessionName
from engine.domain.market import FeedCondition, FeedEvent, FeedState
from plugins.synthetic.chain import Line, listing
from plugins.synthetic.desk import Desk
from plugins.synthetic.history import bar_batch
from plugins.synthetic.motion import STEP_NS
from plugins.synthetic.names import named
from plugins.synthetic.settings import Settings
from plugins.synthetic.telling import (
    Printed,
    Rows,
    tell_day,
    tell_options,
    tell_past,
    tell_range,
    tell_shares,
    tell_underlying,
    tell_volume,
    tell_yesterday,
    trade_batch,
)
from plugins.synthetic.world import World, market_hours

LISTING_ROWS = 2_000
"""Contracts of one listing, so that none keeps the engine's loop busy for long."""
SOON_NS = 3_600 * SECOND_NS
"""A day this young is counted before its first markets are told."""
SETUP_ROWS = 6_000
"""Contracts listed and quoted for the first time a frame."""
WATCHED_ROWS = 6_000
"""Contracts of watched series looked at a frame: beyond so many they take turns, as no line brings a whole index ten times a second."""
WATCHED_PART = 0.75
"""Of the rate that is asked for, what watched series may have."""
TURN_ROWS = 200
"""Contracts of unwatched series looked at a frame."""
NEAR_TURN_ROWS = 150
"""Contracts of unwatched series of watched names looked at a frame, beside those."""
MOST_PRINTS = 20
"""Prints of one kind and name told a frame; at high speed the newest stand for the rest."""
BAR_TURN = 10
"""A name's minutes are told each so many frames."""
FRAMES = 10
"""A second."""
AHEAD_FRAMES = 40
"""How far ahead of need the next half hour is drawn, one name a frame."""


class Wanted(NamedTuple):
    """What is looked at."""

    symbols: frozenset[Symbol] = frozenset()
    series: frozenset[SeriesId] = frozenset()


class Step(NamedTuple):
    """A piece of setting up, small enough to be done without keeping anybody waiting."""

    events: tuple[FeedEvent, ...] = ()
    rows: int = 0


class SimulatedMarket:
    """All names, on one clock."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.at: int = settings.start if settings.reached is None else settings.reached
        self.day: date = new_york(self.at).date()
        self.hours = market_hours(self.day)
        self.frames = 0
        self.desks: dict[Symbol, Desk] = {}
        """All names that were opened."""
        self._playing: list[Desk] = []
        """Those that are introduced to the day in force; frames tell of these."""
        self._world: World | None = None
        self._handles = 0
        self._turn: deque[tuple[Desk, int]] = deque()
        self._near: deque[tuple[Desk, int]] = deque()
        self._near_of: frozenset[Symbol] = frozenset()
        self._watched: deque[tuple[Desk, int]] = deque()
        self._watched_of: frozenset[SeriesId] = frozenset()
        self._ahead = 0.0
        """Rows told beyond the rate that is asked for: a series is told whole."""

    @property
    def world(self) -> World:
        """The world, made when first asked for."""
        if self._world is None:
            first = new_york(self.settings.start).date()
            self._world = World(self.settings.seed, first)
            if self.day > first:
                self._world.extend(self.day)
        return self._world

    @property
    def closing(self) -> int:
        """When the day in force ends: the close of index options."""
        return self.hours[2]

    def ready(self, symbol: Symbol) -> bool:
        """Whether a name is listed and quoted."""
        return symbol in self.desks

    def opened(self, symbol: Symbol) -> Iterator[Step]:
        """Lists a name and tells all there is to tell of it, in small steps; the series first in time come first."""
        world = self.world
        yield Step()
        desk = Desk(named(symbol), world, self._handles)
        self._handles += 1
        yield from self._begun(desk)
        for lines in portions(desk.fresh):
            yield Step((listing(self.at, desk.security(self.at), desk.handle, lines),), sum(len(line.strikes) for line in lines))
        yield from self._introduced(desk)
        self.desks[symbol] = desk
        self._play(desk)
        for told in tell_past(desk, self.day, lambda: self.at):
            yield Step((told,) if told is not None else (), 60)

    def frame(self, step: int, wanted: Wanted) -> list[FeedEvent]:
        """Moves time on and tells what moved; at the close of the day it stands."""
        self.at = self._next(step)
        self.frames += 1
        rows = Rows(self.at)
        printed: list[Printed] = []
        events: list[FeedEvent] = []
        for desk in self._playing:
            if desk.is_open(self.at):
                moment = desk.moment(self.at)
                printed.extend(one for one in (tell_shares(desk, moment, MOST_PRINTS),) if one)
                tell_underlying(rows, desk, moment)
        self._tell_watched(rows, wanted)
        self._tell_turns(rows, wanted)
        for place, desk in enumerate(self._playing):
            if desk.is_open(self.at):
                printed.extend(one for one in (tell_options(rows, desk, desk.moment(self.at), MOST_PRINTS),) if one)
            events.extend(self._minutes(desk, place))
        self._look_ahead(step)
        told = (*rows.quote_batches(), trade_batch(self.at, printed), rows.summary_batch())
        return [*(one for one in told if one is not None), *events]

    def over(self) -> bool:
        """Whether the day in force has come to its end."""
        return self.at >= self.closing - STEP_NS

    def closed(self) -> FeedEvent:
        """The word that the session is over."""
        self.at = self.closing
        nights = "the session is over; the simulated clock goes on at the next open, for coins too"
        return FeedCondition(at=UtcNanos(self.at), state=FeedState.CLOSED, reason=nights)

    def dawn(self) -> Iterator[Step]:
        """Ends the day with its last minutes and moves on to the next open."""
        for desk in self.desks.values():
            while (bars := desk.minutes_until(self.closing)) is not None:
                yield Step((bar_batch(self.at, desk.name.symbol, 60, bars),), 10)
        self.day = next_session(SessionName.NYSE, self.day)
        self.hours = market_hours(self.day)
        self.world.extend(self.day)
        self.at = self.hours[0]
        self._turn.clear()
        self._near.clear()
        self._watched.clear()
        self._playing.clear()
        yield Step((FeedCondition(at=UtcNanos(self.at), state=FeedState.LIVE, reason=f"{self.day:%A}'s session is open"),), 1)

    def reopened(self) -> Iterator[Step]:
        """Each name on the new day: its new series, all markets anew, and the bar of the day that ended."""
        yesterday = previous_session(SessionName.NYSE, self.day)
        for desk in list(self.desks.values()):
            yield from self._begun(desk)
            for lines in portions(desk.fresh) or [[]]:
                yield Step((listing(self.at, desk.security(self.at), desk.handle, lines),), sum(len(line.strikes) for line in lines))
            yield from self._introduced(desk)
            self._play(desk)
            for told in tell_yesterday(desk, yesterday, lambda: self.at):
                yield Step((told,), 50)

    def _play(self, desk: Desk) -> None:
        """From now on frames tell of it."""
        self._playing.append(desk)
        self._turn.extend((desk, place) for place in desk.chain.trading(self.at))
        self._near_of, self._watched_of = frozenset(), frozenset()

    def _begun(self, desk: Desk) -> Iterator[Step]:
        for _ in desk.begin(self.day, self.at, self._handles):
            yield Step()
        self._handles += sum(2 * len(line.strikes) for line in desk.fresh)

    def _introduced(self, desk: Desk) -> Iterator[Step]:
        """The first markets and figures of a name, its own before those of its options; each at the instant it is told.

        What was traded today is counted before that where it is soon done, and after it where the day is long.
        """
        soon = self.at - desk.day_start <= SOON_NS
        if soon:
            yield from self._counted(desk)
        starts = desk.chain.starts
        rows = Rows(self.at)
        tell_underlying(rows, desk, desk.moment(self.at), anew=True)
        places = desk.chain.trading(self.at)
        for place in places:
            tell_range(rows, desk, desk.moment(self.at), starts[place], starts[place + 1], whole=True)
            if soon:
                tell_day(rows, desk, starts[place], starts[place + 1])
            if place == places[0] or rows.count >= LISTING_ROWS:
                yield self._step(rows)
                rows = Rows(self.at)
        yield self._step(rows)
        if not soon:
            yield from self._counted(desk)
            yield from self._told_day(desk, places)

    @staticmethod
    def _step(rows: Rows) -> Step:
        told = (rows.quote_batch(), rows.summary_batch())
        return Step(tuple(one for one in told if one is not None), rows.count)

    def _counted(self, desk: Desk) -> Iterator[Step]:
        while not desk.count(self.at):
            yield Step()

    def _told_day(self, desk: Desk, places: list[int]) -> Iterator[Step]:
        rows = Rows(self.at)
        tell_underlying(rows, desk, desk.moment(self.at), anew=True)
        for place in places:
            tell_day(rows, desk, desk.chain.starts[place], desk.chain.starts[place + 1])
            if rows.told >= LISTING_ROWS:
                yield self._step(rows)
                rows = Rows(self.at)
        yield self._step(rows)

    def _next(self, step: int) -> int:
        """The frame's end: not beyond the last instant of shares' trading, nor of the day's."""
        wanted = self.at + step
        for close in (self.hours[1] - STEP_NS, self.hours[2] - STEP_NS):
            if self.at < close < wanted:
                return close
        return self.at if self.over() else wanted

    def _tell_watched(self, rows: Rows, wanted: Wanted) -> None:
        if wanted.series != self._watched_of:
            self._watched_of = wanted.series
            self._watched = deque(turn for turn in self._turn if turn[0].chain.lines[turn[1]].series.id in wanted.series)
        rate = self.settings.updates_per_second
        budget = WATCHED_ROWS if rate is None else round(WATCHED_PART * (rate / FRAMES - self._ahead - rows.count))
        self._turned(rows, self._watched, budget, whole=False)

    def _tell_turns(self, rows: Rows, wanted: Wanted) -> None:
        rate = self.settings.updates_per_second
        if rate is not None:
            self._turned(rows, self._turn, round(rate / FRAMES - self._ahead - rows.count), whole=True)
            self._ahead = max(0.0, self._ahead + rows.count - rate / FRAMES)
            return
        if wanted.symbols != self._near_of:
            self._near_of = wanted.symbols
            self._near = deque(turn for turn in self._turn if turn[0].name.symbol in wanted.symbols)
        self._turned(rows, self._near, NEAR_TURN_ROWS, whole=False)
        self._turned(rows, self._turn, TURN_ROWS, whole=False)

    def _turned(self, rows: Rows, turns: deque[tuple[Desk, int]], budget: int, *, whole: bool) -> None:
        """Looks at the series whose turn it is, neighbours in one go, until the budget of contracts is spent."""
        left = len(turns)
        while budget > 0 and left > 0:
            desk, first = turns[0]
            last = first
            seen = 0
            while turns and left > 0 and turns[0] == (desk, last) and (seen == 0 or seen < budget):
                seen += 2 * (desk.chain.starts[last + 1] - desk.chain.starts[last])
                turn = turns.popleft()
                left -= 1
                if desk.chain.last_trade_at[last] > self.at:
                    turns.append(turn)
                last += 1
            if not desk.is_open(self.at):
                continue
            start, end = desk.chain.starts[first], desk.chain.starts[last]
            alive = int(np.searchsorted(desk.chain.last_trade_at[first:last] > self.at, True))
            start = desk.chain.starts[first + alive]
            if start < end:
                tell_range(rows, desk, desk.moment(self.at), start, end, whole=whole)
                tell_volume(rows, desk, start, end)
            budget -= seen

    def _minutes(self, desk: Desk, place: int) -> Iterator[FeedEvent]:
        if self.frames % BAR_TURN != place % BAR_TURN or self.at - desk.bars_until < MINUTE_NS:
            return
        bars = desk.minutes_until(self.at)
        if bars is not None:
            yield bar_batch(self.at, desk.name.symbol, 60, bars)

    def _look_ahead(self, step: int) -> None:
        """Draws the next half hour of one name, so that none has to be drawn for all names at once."""
        if not self._playing or step > 30 * SECOND_NS:
            return
        desk = self._playing[self.frames % len(self._playing)]
        ahead = self.at + AHEAD_FRAMES * step
        if desk.is_open(ahead) and ahead < desk.day_end:
            desk.motion.prepare(ahead)
            desk.options.prepare(ahead)
            desk.shares.prepare(ahead)


def runs(places: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbours: quoted in one go, they cost little more than one of them."""
    rising = np.sort(np.array(places, dtype=np.int64))
    breaks = np.flatnonzero(np.diff(rising) > 1)
    firsts, lasts = rising[np.concatenate([[0], breaks + 1])], rising[np.concatenate([breaks, [-1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def portions(lines: list[Line]) -> list[list[Line]]:
    """Series in listings of a bearable size."""
    found: list[list[Line]] = []
    size = LISTING_ROWS
    for line in lines:
        if size >= LISTING_ROWS:
            found.append([])
            size = 0
        found[-1].append(line)
        size += 2 * len(line.strikes)
    return found
