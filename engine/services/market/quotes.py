"""Underlyings as rows of a watchlist: price, day, volatility and where it stands against its past."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from math import isnan, nan, sqrt
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, floats
from engine.domain.errors import UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.instruments import Security
from engine.domain.market import Verdict
from engine.kernel.bus import ALL_KEYS, Bus
from engine.kernel.clock import Clock
from engine.messages.events import QuoteChanged
from engine.messages.queries import GetQuotes, Quote, QuoteBoard
from engine.services.market.aggregation import day_start, session_open
from engine.services.market.lookup import spelled
from engine.services.market.names import Names
from engine.services.market.ranks import rank, realized, thinned
from engine.state.age import stale_rows
from engine.state.patience import AT_REST, first_word, until
from engine.state.whole import State

FIRST_FIGURES_SECONDS = 2.0
"""The first question about a name is given so long for its price and its volatility ..."""
PAST_SECONDS = 0.6
"""... and beyond that for its past: a feed that tells history does so at once."""
COMPLETE_SECONDS, COMPLETE_PAST_SECONDS = 8.0, 2.0
"""The same where nobody will look again."""
RECALL_SECONDS = 2.0
"""What the feed does not tell of the past may take so long to be read from the store."""
FEW = 5
"""A question about more names than these is not given time for volatilities, unless nobody will look again."""
SLOW_SECONDS = 5.0
"""The day line and the figures from the past are made anew at most this often."""


RecallAhead = Callable[[Iterable[Symbol]], Awaitable[None]]
"""Reads the past of names from the store, where the feed did not tell it."""


class _Slow(NamedTuple):
    """What changes slowly of a name."""

    made: float
    line: Floats
    high: float
    low: float
    realized: float
    put_call: float
    past: Floats
    """Volatility of the sessions before today's."""


class Quotes:
    """Answers and publishes quotes."""

    def __init__(self, *, state: State, names: Names, bus: Bus, clock: Clock, recall: RecallAhead | None = None) -> None:
        self._state = state
        self._recall = recall
        self._names = names
        self._bus = bus
        self._clock = clock
        self._slow: dict[Symbol, _Slow] = {}
        self._sent: dict[str, tuple[int, int, str, str]] = {}
        self._met: set[Symbol] = set()
        """Names that were asked for before: only the first question is given time."""

    async def board(self, query: GetQuotes) -> QuoteBoard:
        """The quotes asked for, in that order."""
        if not query.symbols:
            return QuoteBoard(quotes=tuple(self.quote(security) for security in self._state.instruments.securities()), unknown=())
        known: list[Security] = []
        unknown: list[str] = []
        for text in query.symbols:
            try:
                known.append(await self._names.security(text))
            except UnknownSymbol:
                unknown.append(spelled(text))
        for security in known:
            self._state.wanted.ask(security.symbol)
        await self._first_figures([security.symbol for security in known], complete=query.complete)
        return QuoteBoard(quotes=tuple(self.quote(security) for security in known), unknown=tuple(unknown))

    def publish(self) -> None:
        """Tells watchers of the names that changed since the last look."""
        watched = self._bus.interest(QuoteChanged)
        for key in self._state.instruments.symbols if ALL_KEYS in watched else watched:
            symbol = Symbol(key)
            security = self._state.instruments.security(symbol)
            if security is None:
                continue
            version = self._version(symbol)
            if self._sent.get(symbol) != version:
                self._sent[symbol] = version
                self._bus.publish(QuoteChanged(quote=self.quote(security)))

    def quote(self, security: Security) -> Quote:
        """One name now."""
        state, symbol = self._state, security.symbol
        market = state.market
        number = state.instruments.number(symbol)
        row = int(state.instruments.security_row[number])
        slow = self._slow_of(security)
        thirty = state.priced.thirty.get(symbol)
        iv = thirty.iv if thirty is not None else nan
        standing = rank(slow.past, iv)
        spot = float(market.spot[number])
        last = _number(market.last, row)
        last = spot if isnan(last) else last
        previous = _number(market.previous_close, row)
        verdict = int(market.verdict[row]) if row >= 0 else int(Verdict.NO_BID | Verdict.NO_ASK)
        if row >= 0 and stale_rows(market, state.health, number, np.array([row]))[0]:
            verdict |= Verdict.STALE
        high, low = _number(market.high, row), _number(market.low, row)
        at = max(int(market.quoted_at[row]), int(market.last_at[row])) if row >= 0 else 0
        return Quote(
            security=security,
            source=state.health.traits.source,
            state=state.health.state,
            as_of=UtcNanos(at or (0 if isnan(last) else int(market.symbol_quoted_at[number]))),
            bid=_number(market.bid, row),
            ask=_number(market.ask, row),
            bid_size=_number(market.bid_size, row),
            ask_size=_number(market.ask_size, row),
            last=last,
            previous_close=previous,
            change=last - previous,
            change_fraction=(last - previous) / previous if previous > 0.0 else nan,
            open=_number(market.open, row),
            high=slow.high if isnan(high) else high,
            low=slow.low if isnan(low) else low,
            volume=_number(market.volume, row),
            verdict=verdict,
            iv30=iv,
            iv_rank=standing.rank,
            iv_percentile=standing.percentile,
            iv_sessions=standing.sessions,
            realized_30=slow.realized,
            risk_reversal_25=thirty.risk_reversal_25 if thirty is not None else nan,
            put_call_volume=slow.put_call,
            expected_move_day=(spot if isnan(last) else last) * iv * sqrt(1.0 / 365.0),
            day_line=slow.line,
        )

    async def _first_figures(self, symbols: list[Symbol], *, complete: bool) -> None:
        """The first question about a name waits for its price, and one about few names, or asked but once, for its volatility too."""
        new = [symbol for symbol in symbols if complete or symbol not in self._met]
        self._met.update(new)
        thorough = complete or len(new) <= FEW
        if not new:
            return

        def known() -> bool:
            return all(self._has_price(symbol) and (not thorough or self._has_volatility(symbol)) for symbol in new)

        await until(known, seconds=COMPLETE_SECONDS if complete else FIRST_FIGURES_SECONDS)
        if thorough:
            await self._first_past(new, COMPLETE_PAST_SECONDS if complete else PAST_SECONDS)
        for symbol in new:
            self._slow.pop(symbol, None)

    async def _first_past(self, symbols: list[Symbol], seconds: float) -> None:
        """What the feed tells of the day's volume and of earlier sessions, else what the store remembers of them."""
        await first_word(
            lambda: all(self._has_past(symbol) and self._has_volume(symbol) for symbol in symbols),
            health=self._state.health,
            seconds=seconds,
        )
        unknown = [symbol for symbol in symbols if not self._has_past(symbol)]
        if unknown and self._recall is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(RECALL_SECONDS):
                    await self._recall(unknown)

    def _has_price(self, symbol: Symbol) -> bool:
        return self._rests() or not isnan(self._state.market.spot[self._state.instruments.number(symbol)])

    def _has_volatility(self, symbol: Symbol) -> bool:
        """It is known, or nothing more can be said of it: all its expiries were quoted and priced, and none lies near 30 days."""
        chain = [ladder for ladder in self._state.instruments.chain(symbol) if ladder.strikes.size]
        quoted = [ladder for ladder in chain if self._state.market.series_quoted_at[ladder.index] > 0]
        if not chain or (self._rests() and not quoted):
            return True
        priced = self._state.priced
        thirty = priced.thirty.get(symbol)
        if thirty is None or not isnan(thirty.iv):
            return thirty is not None
        if thirty.as_of == 0 or not (self._rests() or len(quoted) == len(chain)):
            return False
        return all(ladder.series.id in priced.summaries for ladder in quoted if ladder.series.settles_at > thirty.as_of)

    def _has_past(self, symbol: Symbol) -> bool:
        return self._state.history.volatility(symbol).day.size > 0 and self._state.bars.days(symbol).size > 0

    def _has_volume(self, symbol: Symbol) -> bool:
        return not self._state.instruments.chain(symbol) or not isnan(self._put_call(symbol))

    def _rests(self) -> bool:
        return self._state.health.state in AT_REST

    def _version(self, symbol: Symbol) -> tuple[int, int, str, str]:
        state = self._state
        thirty = state.priced.thirty.get(symbol)
        number = state.instruments.number(symbol)
        return (
            int(state.market.symbol_version[number]),
            int(thirty.as_of) if thirty is not None else 0,
            state.health.state,
            state.health.reason if state.health.stale else "",
        )

    def _slow_of(self, security: Security) -> _Slow:
        now = self._clock.monotonic()
        kept = self._slow.get(security.symbol)
        if kept is None or now - kept.made >= SLOW_SECONDS:
            kept = self._slow[security.symbol] = self._make_slow(security, now)
        return kept

    def _make_slow(self, security: Security, now: float) -> _Slow:
        state, symbol = self._state, security.symbol
        at = self._clock.now()
        minutes = state.bars.minutes(symbol)
        newest = minutes.last_start()
        today = minutes.since(session_open(newest, security.session)) if newest else minutes.columns()
        days = state.bars.days(symbol).columns()
        past_days = days.start // DAY_NS * DAY_NS < day_start(at, security.session)
        history = state.history.volatility(symbol)
        past = history.atm_iv[history.day // DAY_NS * DAY_NS < day_start(at, security.session)]
        return _Slow(
            made=now,
            line=floats(thinned(today.close).copy()),
            high=_most(today.high),
            low=_least(today.low),
            realized=realized(days.close[past_days]),
            put_call=self._put_call(symbol),
            past=past,
        )

    def _put_call(self, symbol: Symbol) -> float:
        """Volume of the puts over that of the calls, of all contracts that have not settled and whose volume is known."""
        market, at = self._state.market, int(self._state.market.symbol_quoted_at[self._state.instruments.number(symbol)])
        ladders = [ladder for ladder in self._state.instruments.chain(symbol) if ladder.strikes.size and ladder.series.settles_at > at]
        calls, puts = (
            sum(float(np.nansum(market.gather("volume", ladder.rows[side]))) for ladder in ladders)  # the calls' row, then the puts'
            for side in (0, 1)
        )
        return puts / calls if calls > 0.0 else nan


def _most(prices: Floats) -> float:
    """The largest known; NaN without one."""
    known = prices[np.isfinite(prices)]
    return float(np.max(known)) if known.size else nan


def _least(prices: Floats) -> float:
    """The smallest known; NaN without one."""
    known = prices[np.isfinite(prices)]
    return float(np.min(known)) if known.size else nan


def _number(column: Floats, row: int) -> float:
    return float(column[row]) if row >= 0 else nan
