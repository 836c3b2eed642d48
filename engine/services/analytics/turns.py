"""Whose turn it is: expiries somebody looks at each second, those that make a name's 30-day volatility now and then, the rest seldom."""

from bisect import bisect_left
from collections.abc import Collection
from math import isnan

from msgspec import Struct

from engine.domain.ids import Symbol
from engine.domain.instants import DAY_NS
from engine.kernel.clock import Clock
from engine.services.analytics.gather import instant, open_series
from engine.state.instruments import Ladder
from engine.state.whole import State

WATCHED_SECONDS = 1.0
"""All expiries of a name whose chain or expiries somebody watches are priced this often."""
LISTED_SECONDS = 3.0
"""The expiries next to 30 days of every name this often."""
ALL_SECONDS = 15.0
"""All expiries of every name this often."""
FIRST_SECONDS = 0.3
SETTLING_SECONDS = 5.0
CONTRACTS_A_TICK = 6_000
"""At most about this many contracts take their turn in one tick."""
THIRTY_DAYS_NS = 30 * DAY_NS


class Turn(Struct, frozen=True, kw_only=True):
    """A name and those of its series that are priced now."""

    symbol: Symbol
    ladders: tuple[Ladder, ...]
    complete: bool
    """All its open series are among them."""
    standing: tuple[int, int, str] = (-1, -1, "")
    """The market's sequence, that of the rates, and the feed's state as it began."""


class Turns:
    """Keeps the order."""

    def __init__(self, *, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._all: dict[Symbol, float] = {}
        self._some: dict[Symbol, float] = {}
        self._met: dict[Symbol, float] = {}
        self._seen: dict[Symbol, tuple[int, int, str]] = {}

    def age(self, symbol: Symbol) -> float:
        """Seconds since all expiries of a name were priced."""
        return self._clock.monotonic() - self._all.get(symbol, float("-inf"))

    def due(self, watched: Collection[str]) -> list[Turn]:
        """The longest overdue first, as many as fit into one tick; one at least where any is due."""
        waiting: list[tuple[float, Symbol, bool]] = []
        now = self._clock.monotonic()
        for symbol in self._state.instruments.symbols:
            if self._seen.get(symbol) == self._standing():
                continue
            overdue = now - self._all.get(symbol, float("-inf")) - (WATCHED_SECONDS if symbol in watched else ALL_SECONDS)
            if overdue >= 0.0 and self._is_quoted(symbol, now):
                waiting.append((-overdue, symbol, True))
            elif now - self._some.get(symbol, float("-inf")) >= self._patience(symbol):
                waiting.append((0.0, symbol, False))
        turns: list[Turn] = []
        contracts = 0
        for _, symbol, complete in sorted(waiting):
            turn = self.whole(symbol) if complete else self.around_thirty_days(symbol)
            contracts += sum(ladder.rows.size for ladder in turn.ladders)
            if turns and contracts > CONTRACTS_A_TICK:
                break
            if turn.ladders:
                turns.append(turn)
            else:
                self.done(turn)
        return turns

    def _patience(self, symbol: Symbol) -> float:
        """Between two looks at the 30-day expiries: short while somebody waits for a volatility that is not known yet."""
        thirty = self._state.priced.thirty.get(symbol)
        unknown = thirty is None or isnan(thirty.iv)
        return FIRST_SECONDS if unknown and symbol in self._state.wanted.symbols else LISTED_SECONDS

    def _is_quoted(self, symbol: Symbol, now: float) -> bool:
        """All of it was quoted once, or has had time enough for it: before that a look at everything is wasted."""
        if symbol in self._all or now - self._met.setdefault(symbol, now) >= SETTLING_SECONDS:
            return True
        series = [ladder.index for ladder in self._state.instruments.chain(symbol) if ladder.strikes.size]
        return bool((self._state.market.series_quoted_at[series] > 0).all())

    def whole(self, symbol: Symbol) -> Turn:
        """All open series of a name."""
        ladders = open_series(self._state, symbol, self._clock.now())
        return Turn(symbol=symbol, ladders=ladders, complete=True, standing=self._standing())

    def around_thirty_days(self, symbol: Symbol) -> Turn:
        """The open series that settle just before and just after 30 days from now."""
        ladders = [ladder for ladder in open_series(self._state, symbol, self._clock.now()) if not ladder.series.adjusted]
        if not ladders:
            return Turn(symbol=symbol, ladders=(), complete=False)
        due = instant(self._state, ladders[0].symbol, self._clock.now()) + THIRTY_DAYS_NS
        place = bisect_left([ladder.series.settles_at for ladder in ladders], due)
        return Turn(symbol=symbol, ladders=tuple(ladders[max(0, place - 1) : place + 1]), complete=False)

    def again(self, symbol: Symbol) -> None:
        """What a name lists has changed: it is its turn."""
        self._seen.pop(symbol, None)
        self._all.pop(symbol, None)

    def done(self, turn: Turn, taught: int = 0) -> None:
        """A name had its turn, in which the rates changed so often by what was priced itself: by nobody else's it was priced."""
        now = self._clock.monotonic()
        self._some[turn.symbol] = now
        if turn.complete:
            self._all[turn.symbol] = now
            sequence, rates, state = turn.standing
            self._seen[turn.symbol] = sequence, rates + taught, state

    def _standing(self) -> tuple[int, int, str]:
        """While this is the same nothing has changed anywhere, as in a market that stands still."""
        return self._state.market.sequence, self._state.priced.rates, self._state.health.state
