"""From the names that were asked for to those that are listed and have options."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from engine.domain.errors import OptixError, UnknownSymbol
from engine.domain.ids import Symbol
from engine.domain.instruments import Security
from engine.kernel.dispatch import Dispatch
from engine.messages.surface import GetSurface
from engine.services.volatility.coordinates import Coordinates
from engine.state.patience import until
from engine.state.whole import State

FEW = 4
"""So many names that have no surface yet are fitted for a question; more only where nobody will ask again."""
LISTING_SECONDS = 5.0
"""A feed that has just started is waited for so long."""
QUIET_SECONDS = 0.5
"""One that lists nothing new for so long has listed what it has."""
FIT_SECONDS, COMPLETE_FIT_SECONDS = 2.0, 30.0
_log = logging.getLogger(__name__)


class Asked(NamedTuple):
    """The names of a question."""

    securities: tuple[Security, ...]
    unknown: tuple[str, ...]


class Listed:
    """Resolves names and sees to their surfaces."""

    def __init__(
        self, *, state: State, dispatch: Dispatch, coordinates: Coordinates, resolve: Callable[[str], Awaitable[Security]]
    ) -> None:
        self._state = state
        self._dispatch = dispatch
        self._coordinates = coordinates
        self._resolve = resolve

    async def named(self, symbols: tuple[Symbol, ...], *, complete: bool = False) -> Asked:
        """Those asked for, in that order; none named: every name that has options."""
        if not symbols:
            known = self._state.instruments
            await until(lambda: bool(known.symbols), seconds=LISTING_SECONDS)
            if complete:
                await self._settled()
            return Asked(tuple(one for one in known.securities() if any(ladder.strikes.size for ladder in known.chain(one.symbol))), ())
        found: dict[Symbol, Security] = {}
        unknown: list[str] = []
        for text in symbols:
            try:
                security = await self._resolve(text)
            except UnknownSymbol:
                unknown.append(str(text).strip().upper())
                continue
            found[security.symbol] = security
        return Asked(tuple(found.values()), tuple(unknown))

    async def fitted(self, securities: tuple[Security, ...], *, complete: bool) -> None:
        """Sees that the names have a surface, as far as there is time for it; what cannot be fitted stays unknown."""
        missing = [one.symbol for one in securities if self._coordinates.surface(one.symbol) is None]
        if not missing or (len(missing) > FEW and not complete):
            return
        try:
            async with asyncio.timeout(COMPLETE_FIT_SECONDS if complete else FIT_SECONDS):
                for symbol in missing:
                    await self._fit(symbol)
        except TimeoutError:
            _log.info("not every surface was fitted in time for a question about %s names", len(missing))

    async def _settled(self) -> None:
        """Until a feed that lists name after name has stopped to."""
        loop = asyncio.get_running_loop()
        end, size = loop.time() + LISTING_SECONDS, -1
        while size != self._state.instruments.count and loop.time() < end:
            size = self._state.instruments.count
            await asyncio.sleep(QUIET_SECONDS)

    async def _fit(self, symbol: Symbol) -> None:
        try:
            await self._dispatch.ask(GetSurface(symbol=symbol))
        except OptixError as error:
            _log.info("no surface of %s: %s", symbol, error)
