"""Takes option prints as they come and, some times a second, whole batches of them into the state: placed, flagged, priced, counted.

A print waits until all that may belong with it has come (the span of a sweep), so that what it is taken for never changes afterwards.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Flags, Floats, Longs
from engine.domain.flow import Place
from engine.domain.instants import new_york, utc_instant
from engine.domain.market import PrintFlag
from engine.domain.marks import FlowFlag, Opening
from engine.kernel.clock import Clock
from engine.services.market.flow.clusters import packages_of, sweeps_of
from engine.services.market.flow.days import Days
from engine.services.market.flow.naming import PackageLegs, name_of
from engine.services.market.flow.numbers import numbers_at
from engine.services.market.flow.places import inferred_sides, places_of
from engine.services.market.flow.settings import FlowSettings
from engine.services.market.flow.terms import Terms, days_to, out_of_the_money
from engine.state.flow import FlowPrints, running_sums
from engine.state.trades import Prints
from engine.state.whole import State

MOST_WAITING = 400_000
"""Prints; beyond it the oldest are dropped and counted."""
MOST_A_STEP = 10_000
"""Prints of one step: the loop is held up for some milliseconds at most."""
PATIENCE_SECONDS = 0.5
"""By the wall: a market whose clock stands still shows its last prints all the same."""
MOST_CONTEXT = 2_000
MOST_NAMED = 64
"""Guesses of legs that are named in one step; a flood of them stays "legs"."""


class Seen(NamedTuple):
    """What prints are among their neighbours, a column each."""

    place: NDArray[np.int8]
    side: NDArray[np.int8]
    inferred: NDArray[np.int8]
    flags: Flags
    package: Longs
    structure: NDArray[np.int32]


class Collector:
    """The one writer of the flow's state, but for what the open interest says later."""

    def __init__(self, *, state: State, clock: Clock, settings: FlowSettings) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        self.terms = Terms(state.instruments)
        self.turn_days = Days(state, clock).turn
        self._waiting: deque[Prints] = deque()
        self._rows = 0
        self._heard_at = 0.0
        self._context: Prints | None = None
        self._package = 0
        self._recent: dict[tuple[int, int], tuple[int, int]] = {}
        """Guesses of the last step by their first print: its other legs may come in the next."""
        self.on_prints: Callable[[FlowPrints], None] = lambda _: None

    def hear(self, prints: Prints) -> None:
        """Takes prints of options, in the order they came; cheap."""
        if not self._waiting:
            self._heard_at = self._clock.monotonic()
        self._waiting.append(prints)
        self._rows += prints.row.shape[0]
        while self._rows > MOST_WAITING and len(self._waiting) > 1:
            gone = self._waiting.popleft().row.shape[0]
            self._rows -= gone
            self._state.flow.dropped += gone

    def step(self) -> Iterator[None]:
        """Takes what is ready into the state, in pieces between which others may be let in."""
        self.turn_days()
        due, later = self._ready()
        if due is None:
            return
        yield
        context = self._context
        known = [part for part in (context, due, later) if part is not None]
        around = Prints._make(np.concatenate(columns) for columns in zip(*known, strict=True))
        first = 0 if context is None else context.row.shape[0]
        seen = self._seen(around, first, due.row.shape[0])
        yield
        made = self._made(seen, due)
        self._keep_context(around, first + due.row.shape[0])
        self._state.flow.add(made)
        yield
        self.on_prints(made)

    # -- what is ready ------------------------------------------------------------------------------------------------------

    def _ready(self) -> tuple[Prints | None, Prints | None]:
        """What is old enough that nothing more can belong with it, and what came after it."""
        if not self._waiting:
            return None, None
        taken: list[Prints] = []
        count = 0
        while self._waiting and count < MOST_A_STEP:
            taken.append(self._waiting.popleft())
            count += taken[-1].row.shape[0]
        self._rows -= count
        prints = taken[0] if len(taken) == 1 else Prints._make(np.concatenate(columns) for columns in zip(*taken, strict=True))
        prints = prints.take(np.flatnonzero((prints.flags & PrintFlag.CANCELLED) == 0))
        order = np.argsort(prints.at, kind="stable")
        prints = prints.take(order)
        now = self._clock.monotonic()
        impatient = bool(self._waiting) or now - self._heard_at >= PATIENCE_SECONDS
        cutoff = self._clock.now() - round(max(self._settings.sweep_ms, self._settings.legs_ms) * 1e6)
        ready = prints.at.shape[0] if impatient else int(np.searchsorted(prints.at, cutoff, side="right"))
        later = prints.take(np.arange(ready, prints.at.shape[0]))
        if later.row.size:
            self._waiting.appendleft(later)
            self._rows += later.row.shape[0]
        self._heard_at = now
        if not ready:
            return None, None
        return prints.take(np.arange(ready)), later

    def _keep_context(self, around: Prints, end: int) -> None:
        """The newest prints already taken, with which the next may still belong."""
        span = round(max(self._settings.sweep_ms, self._settings.legs_ms) * 1e6)
        done = np.arange(max(0, end - MOST_CONTEXT), end)
        near = done[around.at[done] >= around.at[end - 1] - span] if done.size else done
        self._context = around.take(near) if near.size else None

    # -- what they are ------------------------------------------------------------------------------------------------------

    def _seen(self, around: Prints, first: int, count: int) -> Seen:
        """What the ``count`` prints from ``first`` on are among their neighbours."""
        place = places_of(price=around.price, bid=around.bid, ask=around.ask)
        inferred = around.side == 0
        side = np.where(inferred, inferred_sides(place), around.side).astype(np.int8)
        flags = self._said(around)
        sweep = sweeps_of(row=around.row, side=side, at=around.at, price=around.price, span=round(self._settings.sweep_ms * 1e6))
        said = (flags & FlowFlag.SAID_BY_VENUE) != 0  # what the venue calls something else is guessed to be no sweep beside it
        flags |= np.where(sweep & ~said, FlowFlag.SWEEP, 0).astype(np.uint8)
        package, structure = self._packages(around, side, flags, first, count)
        flags |= np.where(package > 0, FlowFlag.MULTI_LEG, 0).astype(np.uint8)
        chosen = slice(first, first + count)
        return Seen(place[chosen], side[chosen], inferred[chosen].astype(np.int8), flags[chosen], package[chosen], structure[chosen])

    def _made(self, seen: Seen, due: Prints) -> FlowPrints:
        """The prints with what they are worth and what they add up to."""
        state = self._state
        instruments, flow = state.instruments, state.flow
        flow.day.fit(instruments.size, len(instruments.symbols))
        row, price, size, spot = due.row, due.price, due.size, due.spot
        terms = self.terms.read(self._clock.monotonic())
        series = instruments.series_of[row]
        premium = price * size * terms.multiplier[series] * np.where(terms.inverse[series], spot, 1.0)
        block = (size >= self._settings.block_size) | (premium >= self._settings.block_premium)
        flags = seen.flags | np.where(block, FlowFlag.BLOCK, 0).astype(np.uint8)
        symbol = instruments.symbol_of[row]
        volume = self._count(row, symbol, size, premium, seen.place, seen.side, due.at)
        open_interest = state.market.open_interest[row]
        with np.errstate(invalid="ignore"):
            flags |= np.where(volume > open_interest, FlowFlag.ABOVE_OPEN_INTEREST, 0).astype(np.uint8)
        iv, delta = numbers_at(state, row=row, at=due.at, price=price, bid=due.bid, ask=due.ask, spot=spot)
        today = utc_instant(new_york(self._clock.now()).date())
        return FlowPrints(
            sequence=flow.market.total + 1 + np.arange(row.shape[0]),
            row=row,
            symbol=symbol,
            at=due.at,
            price=price,
            size=size,
            place=seen.place,
            side=seen.side,
            inferred=seen.inferred,
            flags=flags,
            premium=premium,
            bid=due.bid,
            ask=due.ask,
            spot=spot,
            otm=out_of_the_money(strike=instruments.strike[row], spot=spot, right=instruments.right[row]),
            days=days_to(terms.expiry[series], today).astype(np.int32),
            iv=iv,
            delta=delta,
            volume=volume,
            open_interest=open_interest,
            day=flow.day.date[symbol],
            opening=_said_openings(due.flags),
            package=seen.package,
            structure=seen.structure,
        )

    def _said(self, prints: Prints) -> Flags:
        """What the venue itself calls them."""
        found = np.zeros(prints.row.shape[0], dtype=np.uint8)
        for theirs, ours in (
            (PrintFlag.SWEEP, FlowFlag.SWEEP),
            (PrintFlag.BLOCK, FlowFlag.BLOCK),
            (PrintFlag.MULTI_LEG, FlowFlag.MULTI_LEG),
        ):
            found |= np.where((prints.flags & theirs) != 0, ours | FlowFlag.SAID_BY_VENUE, 0).astype(np.uint8)
        return found

    def _packages(self, around: Prints, side: NDArray[np.int8], flags: Flags, first: int, count: int) -> tuple[Longs, NDArray[np.int32]]:
        """A number for the legs of each guess, and of its name; those that lie wholly in what was taken before are left."""
        state = self._state
        package = np.zeros(around.row.shape[0], dtype=np.int64)
        structure = np.zeros(around.row.shape[0], dtype=np.int32)
        symbol = state.instruments.symbol_of[around.row].astype(np.int64)
        found = packages_of(
            symbol=symbol,
            row=around.row,
            at=around.at,
            size=around.size,
            said=(flags & FlowFlag.MULTI_LEG) != 0,
            left_out=(flags & FlowFlag.SWEEP) != 0,
            span=round(self._settings.legs_ms * 1e6),
            least_size=self._settings.legs_size,
        )
        recent: dict[tuple[int, int], tuple[int, int]] = {}
        for places in found:
            key = int(around.at[places].min()), int(around.row[places].min())
            number, word = self._recent.get(key, (0, 0))
            if not number:
                if int(places.max()) < first or int(places.min()) >= first + count:
                    continue
                self._package += 1
                number = self._package
            if not word and len(recent) < MOST_NAMED:
                word = state.flow.structure(self._named(around, places, side))
            recent[key] = number, word
            package[places], structure[places] = number, word or state.flow.structure("legs")
        self._recent = recent
        return package, structure

    def _named(self, around: Prints, places: Longs, side: NDArray[np.int8]) -> str:
        instruments, terms = self._state.instruments, self.terms.read(self._clock.monotonic())
        rows = around.row[places]
        series = instruments.series_of[rows]
        legs = PackageLegs(
            rows,
            instruments.right[rows],
            side[places],
            around.size[places],
            instruments.strike[rows],
            terms.settles_at[series],
            terms.multiplier[series],
        )
        return name_of(legs, self._clock.now())

    # -- what they add up to ------------------------------------------------------------------------------------------------

    def _count(
        self,
        row: Longs,
        symbol: NDArray[np.int32],
        size: Floats,
        premium: Floats,
        place: NDArray[np.int8],
        side: NDArray[np.int8],
        at: Longs,
    ) -> Floats:
        """Adds the prints up; answers the volume of each one's contract so far, the venue's own where that is more.

        What an earlier run of the day heard already, and a feed tells again, is not counted twice; nor is what it tells of a day before.
        """
        day, instruments, market = self._state.flow.day, self._state.instruments, self._state.market
        fresh = (at > day.covered[symbol]) & (at >= day.begins[symbol])
        contracts = np.where(fresh, np.nan_to_num(size), 0.0)
        before = day.volume[row]
        running = running_sums(row, contracts)
        np.add.at(day.volume, row, contracts)
        np.add.at(day.at_ask, row, np.where(place >= Place.ASK, contracts, 0.0))
        is_priced = fresh & np.isfinite(premium)
        worth = np.where(is_priced, premium, 0.0)
        np.add.at(day.premium, row, worth)
        day.before[row] = np.where(np.isnan(day.before[row]), market.open_interest[row], day.before[row])
        put = (instruments.right[row] < 0).astype(np.int64)
        np.add.at(day.sums, (symbol, 3 * put + np.where(side > 0, 1, np.where(side < 0, 2, 0))), worth)
        np.add.at(day.prints, (symbol, put), fresh.astype(np.int64))
        np.add.at(day.priced, (symbol, put), is_priced.astype(np.int64))
        day.version += 1
        for number in np.unique(symbol[fresh]).tolist():
            if not day.since[number]:
                day.since[number] = int(at[fresh & (symbol == number)].min())
        told = np.where(day.told_of[row] == day.date[symbol], day.told[row], np.nan)
        volume = np.fmax(told, before + running)
        np.maximum.at(day.traded, row, volume)
        return np.where(volume > 0.0, volume, np.nan)  # something was traded: where no size is told it is not known how much


def _said_openings(flags: NDArray[np.int8]) -> NDArray[np.int8]:
    """A venue may say itself that a print opens or closes."""
    opens = np.where((flags & PrintFlag.OPENING) != 0, Opening.OPENING, Opening.UNKNOWN)
    return np.where((flags & PrintFlag.CLOSING) != 0, Opening.CLOSING, opens).astype(np.int8)
