"""The tape of a name: its newest prints, with the quote in force and the spot at each."""

from engine.domain.columns import codes, floats, longs
from engine.domain.ids import Symbol
from engine.kernel.bus import ALL_KEYS, Bus
from engine.messages.events import TradesChanged
from engine.messages.queries import GetTrades, TradeTable
from engine.services.market.names import Names
from engine.state.trades import CAPACITY
from engine.state.whole import State

PUBLISHED = 200
"""Prints in one event."""


class Tapes:
    """Answers and publishes prints."""

    def __init__(self, *, state: State, names: Names, bus: Bus) -> None:
        self._state = state
        self._names = names
        self._bus = bus
        self._sent: dict[str, int] = {}

    async def tape(self, query: GetTrades) -> TradeTable:
        """The newest prints of a name, newest first."""
        security = await self._names.security(query.symbol)
        self._state.wanted.ask(security.symbol)
        return self._table(security.symbol, min(max(0, query.limit), 2 * CAPACITY), options_only=query.options_only)

    def publish(self) -> None:
        """Tells watchers of names that printed since the last look."""
        watched = self._bus.interest(TradesChanged)
        for key in self._state.instruments.symbols if ALL_KEYS in watched else watched:
            symbol = Symbol(key)
            number = self._state.instruments.number(symbol)
            total = self._state.trades.total(number, options_only=False)
            if total and self._sent.get(key) != total:
                self._sent[key] = total
                self._bus.publish(TradesChanged(trades=self._table(symbol, PUBLISHED, options_only=False)))

    def _table(self, symbol: Symbol, limit: int, *, options_only: bool) -> TradeTable:
        state = self._state
        number = state.instruments.number(symbol)
        prints = state.trades.newest(number, limit, options_only=options_only)
        names = state.instruments.names
        return TradeTable(
            symbol=symbol,
            source=state.health.traits.source,
            at=longs(prints.at),
            name=tuple(names[row] for row in prints.row.tolist()),
            price=floats(prints.price),
            size=floats(prints.size),
            side=codes(prints.side),
            flags=codes(prints.flags),
            bid=floats(prints.bid),
            ask=floats(prints.ask),
            spot=floats(prints.spot),
            total=state.trades.total(number, options_only=options_only),
        )
