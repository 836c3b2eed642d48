"""From what was asked for to a listed name: the feed is asked before a name is called unknown."""

from collections.abc import Callable

from engine.domain.errors import UpstreamFailed
from engine.domain.ids import Symbol
from engine.domain.instruments import Security
from engine.kernel.clock import Clock
from engine.messages.queries import FindSecurities, GetSecurity, SecurityMatches
from engine.services.market.feed_runner import FeedRunner
from engine.services.market.lookup import find, spelled, unknown
from engine.state.patience import until
from engine.state.whole import State

LISTING_SECONDS = 10.0
"""A feed that has just started, or fetches a name, is waited for this long."""


class Names:
    """Resolves symbols and answers searches."""

    def __init__(self, *, state: State, runner: FeedRunner, clock: Clock) -> None:
        self._state = state
        self._runner = runner
        self._clock = clock

    async def security(self, text: str) -> Security:
        """The listed security of that symbol; raises `UnknownSymbol` with the nearest names, or what ails the feed."""
        symbol = spelled(text)
        if symbol:
            await self._listed(symbol)
        found = self._state.instruments.security(symbol)
        if found is None:
            self._explain_an_empty_feed()
            raise unknown(symbol, self._state.instruments.securities())
        return found

    async def whole_security(self, text: str) -> Security:
        """The security once all of its series are listed: a chain asked for in the first second must not lack its far expiries."""
        found = await self.security(text)
        await self.whole(found.symbol)
        return found

    async def whole(self, symbol: Symbol) -> None:
        """Returns once the feed has nothing more to list of a name: what is missing meanwhile may still come."""
        fetch = self._runner.fetch(symbol)
        await self._until(lambda: fetch.over)

    async def answer(self, query: GetSecurity) -> Security:
        """The security asked for."""
        return await self.security(query.symbol)

    async def search(self, query: FindSecurities) -> SecurityMatches:
        """Names that fit what was typed."""
        await self._until(lambda: bool(self._state.instruments.symbols))
        return SecurityMatches(securities=find(self._state.instruments.securities(), query.text, query.limit))

    def _explain_an_empty_feed(self) -> None:
        """Where nothing at all is listed, the name is not what is wrong."""
        health = self._state.health
        if self._state.instruments.symbols:
            return
        if self._runner.failure is not None:
            raise self._runner.failure
        raise UpstreamFailed(f"{health.traits.source or 'the feed'} has listed nothing yet: {health.reason or 'it is still connecting'}")

    async def _until(self, so: Callable[[], bool]) -> None:
        """Gives a feed that has just started the time it needs, and no more."""
        await until(lambda: so() or self._runner.failure is not None, seconds=LISTING_SECONDS)

    async def _listed(self, symbol: Symbol) -> None:
        """Returns once the name is listed, or the feed says that it has none; what it lists meanwhile counts before it answers."""

        def here() -> bool:
            return self._state.instruments.security(symbol) is not None

        if here():
            return
        await self._until(lambda: here() or self._runner.feed is not None)
        fetch = self._runner.fetch(symbol)
        await self._until(lambda: here() or fetch.over)
        if fetch.trouble is not None and not here():
            raise fetch.trouble
        await self._until(lambda: here() or (not fetch.found and bool(self._state.instruments.symbols)))
