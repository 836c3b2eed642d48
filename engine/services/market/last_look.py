"""Keeps what is on the screen of a name in one small file, so that the next start has something to paint at once."""

import logging
from pathlib import Path

from engine.domain.ids import Symbol, UtcNanos
from engine.kernel.clock import Clock
from engine.kernel.offload import Offload
from engine.messages.queries import ExpirationTable, LastLook
from engine.messages.wire import encode
from engine.services.market.quotes import Quotes
from engine.state.whole import State
from engine.storage.lastlook import write_last_look

EVERY_SECONDS = 5.0
_log = logging.getLogger(__name__)


class LastLooks:
    """Writes the names whose chain somebody watches."""

    def __init__(self, *, folder: Path, state: State, quotes: Quotes, clock: Clock, offload: Offload) -> None:
        self._folder = folder
        self._state = state
        self._quotes = quotes
        self._clock = clock
        self._offload = offload
        self._written = 0

    async def write(self) -> None:
        """One file a watched name, where its numbers changed since; a disk that refuses costs the next first paint and no more."""
        sequence = self._state.priced.sequence
        store = self._state.health.traits.store
        if not store or sequence == self._written:
            return
        self._written = sequence
        for look in self.looks():
            try:
                await self._offload.run(write_last_look, self._folder, store, str(look.symbol), encode(look))
            except OSError as error:
                _log.warning("the last look of %s was not kept: %s", look.symbol, error)

    def looks(self) -> list[LastLook]:
        """What is on the screens now."""
        slices = self._state.priced.slices
        series = sorted(self._state.wanted.series & slices.keys())
        symbols = dict.fromkeys(slices[one].symbol for one in series)
        return [look for symbol in symbols if (look := self._look(symbol)) is not None]

    def _look(self, symbol: Symbol) -> LastLook | None:
        state = self._state
        security = state.instruments.security(symbol)
        if security is None:
            return None
        known = state.priced.summaries
        quote = self._quotes.quote(security)
        table = ExpirationTable(
            symbol=symbol,
            source=quote.source,
            spot=quote.last,
            as_of=quote.as_of,
            expiries=tuple(known[ladder.series.id] for ladder in state.instruments.chain(symbol) if ladder.series.id in known),
        )
        wanted = [ladder.series.id for ladder in state.instruments.chain(symbol) if ladder.series.id in state.wanted.series]
        return LastLook(
            symbol=symbol,
            source=quote.source,
            written_at=self._clock.wall(),
            market_time=UtcNanos(self._clock.now()),
            quote=quote,
            expirations=table,
            slices=tuple(state.priced.slices[series] for series in wanted if series in state.priced.slices),
        )
