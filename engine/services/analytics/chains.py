"""Answers for chains and expiries: from what is fresh, else computed now; a feed that just started gets time for its first quotes."""

from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import Security
from engine.kernel.clock import Clock
from engine.messages.queries import Chain, ExpirationTable, GetChain, GetExpirations
from engine.services.analytics.gather import open_series
from engine.services.analytics.pricing import Pricing
from engine.services.analytics.turns import WATCHED_SECONDS
from engine.state.instruments import Ladder
from engine.state.patience import first_word
from engine.state.whole import State

FIRST_QUOTES_SECONDS = 3.0
"""A question waits at most this long for the first quotes of what it asks about."""
ENOUGH = 0.9
"""Share of a series' contracts that must have been quoted for it to be worth showing without waiting."""
Resolve = Callable[[str], Awaitable[Security]]


class Chains:
    """Answers from the numbers."""

    def __init__(self, *, state: State, pricing: Pricing, resolve: Resolve, clock: Clock) -> None:
        self._state = state
        self._pricing = pricing
        self._resolve = resolve
        self._clock = clock

    async def chain(self, query: GetChain) -> Chain:
        """The series asked for (none named: the nearest), with all their numbers."""
        security = await self._resolve(query.symbol)
        ladders = self._chosen(security.symbol, query)
        self._state.wanted.ask(security.symbol, (ladder.series.id for ladder in ladders))
        await self._first_quotes(security.symbol, ladders)
        slices = await self._pricing.slices(security.symbol, ladders, fit_greeks=query.fit_greeks)
        number = self._state.instruments.number(security.symbol)
        return Chain(
            symbol=security.symbol,
            source=self._state.health.traits.source,
            spot=float(self._state.market.spot[number]),
            as_of=UtcNanos(max((found.summary.as_of for found in slices), default=0)),
            state=self._state.health.state,
            slices=slices,
        )

    async def expirations(self, query: GetExpirations) -> ExpirationTable:
        """All open expiries of a name, nearest first."""
        security = await self._resolve(query.symbol)
        self._state.wanted.ask(security.symbol)
        ladders = self._open(security.symbol)
        await self._first_quotes(security.symbol, ladders)
        for _ in range(2):  # one that was under way may have begun before the first quotes
            if self._pricing.looked_at(security.symbol) > 2.0 * WATCHED_SECONDS or any(map(self._behind, ladders)):
                await self._pricing.look(security.symbol)
        return self._pricing.table(security.symbol)

    async def resolved(self, symbol: str) -> Symbol:
        """A name as the feed spells it."""
        return (await self._resolve(symbol)).symbol

    async def quoted(self, symbol: str) -> Symbol:
        """A name, once its open series are quoted or have had time for it."""
        known = await self.resolved(symbol)
        ladders = self._open(known)
        self._state.wanted.ask(known, (ladder.series.id for ladder in ladders))
        await self._first_quotes(known, ladders)
        return known

    def _behind(self, ladder: Ladder) -> bool:
        """Its numbers are missing, older than its first quotes, or of another state of the feed."""
        summary = self._state.priced.summaries.get(ladder.series.id)
        if summary is None or summary.state is not self._state.health.state:
            return True
        return summary.as_of == 0 and int(self._state.market.series_quoted_at[ladder.index]) > 0

    def _chosen(self, symbol: Symbol, query: GetChain) -> Sequence[Ladder]:
        ladders = self._open(symbol)
        if query.series:
            by_id = {ladder.series.id: ladder for ladder in self._state.instruments.chain(symbol)}
            missing = [series for series in query.series if series not in by_id or not by_id[series].strikes.size]
            if settled := [series for series in missing if series in self._state.instruments.settled]:
                raise BadInput(f"{', '.join(settled)} has settled: the next of {symbol} is {ladders[0].series.id}")
            if missing:
                listed = ", ".join(ladder.series.id for ladder in ladders[:6])
                raise BadInput(f"{symbol} has no series {', '.join(missing)}: it has {listed}{' and others' if len(ladders) > 6 else ''}")
            return [by_id[series] for series in query.series]
        if query.everything:
            return ladders
        now = self._clock.now()
        trading = [ladder for ladder in ladders if ladder.series.last_trade_at > now]
        return (trading or ladders)[:1]

    def _open(self, symbol: Symbol) -> tuple[Ladder, ...]:
        ladders = tuple(ladder for ladder in open_series(self._state, symbol, self._clock.now()) if ladder.strikes.size)
        if not ladders:
            raise UnknownSymbol(f"{symbol} has no listed options in this feed")
        return ladders

    async def _first_quotes(self, symbol: Symbol, ladders: Sequence[Ladder]) -> None:
        number = self._state.instruments.number(symbol)
        await first_word(lambda: self._quoted(number, ladders), health=self._state.health, seconds=FIRST_QUOTES_SECONDS)

    def _quoted(self, number: int, ladders: Sequence[Ladder]) -> bool:
        market = self._state.market
        if np.isnan(market.spot[number]) and self._state.instruments.security_row[number] >= 0:
            return False
        return all(np.mean(market.quoted_at[ladder.rows[ladder.rows >= 0]] > 0) >= ENOUGH for ladder in ladders)
