"""An engine that says what a test hands it: answers by type of question, events by hand."""

from collections import deque
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from engine.domain.errors import OptixError
from engine.domain.ids import Symbol
from engine.messages.base import Event, Receipt, Topic
from engine.messages.events import (
    BarsChanged,
    ChainChanged,
    ExpirationsChanged,
    FeedQualityChanged,
    FittedChainChanged,
    QuoteChanged,
    StatusChanged,
    TradesChanged,
)
from engine.messages.queries import (
    Chain,
    FindSecurities,
    GetBars,
    GetChain,
    GetExpirations,
    GetFeedQuality,
    GetQuotes,
    GetSecurity,
    GetSettings,
    GetStatus,
    GetTrades,
    GetVolatilityHistory,
    GetWatchlists,
    ListPlugins,
    SecurityMatches,
)
from engine.services.market.lookup import unknown
from tests.kit import engine_facts, facts


class FakeSubscription:
    """What was said on its topics since the last look."""

    def __init__(self, engine: "FakeEngine", topics: tuple[Topic, ...]) -> None:
        self.topics = topics
        self._engine = engine
        self._waiting: deque[Event] = deque()
        self.closed = False

    def wants(self, event: Event) -> bool:
        return any(one.event == type(event).__name__ and one.key in {None, event.key} for one in self.topics)

    def put(self, event: Event) -> None:
        if self.wants(event):
            self._waiting.append(event)

    def drain(self) -> list[Event]:
        waiting, self._waiting = list(self._waiting), deque()
        return waiting

    def close(self) -> None:
        self.closed = True
        self._engine.subscriptions = [one for one in self._engine.subscriptions if one is not self]


class FakeEngine:
    """Holds facts of the frozen market; a test changes ``answers`` and calls :meth:`say`."""

    def __init__(self, symbols: tuple[str, ...] = facts.SYMBOLS) -> None:
        self.symbols = tuple(symbols)
        self.subscriptions: list[FakeSubscription] = []
        self.asked: list[Any] = []
        self.done: list[Any] = []
        self.retained: dict[tuple[str, str], Event] = {}
        self.is_closed = False
        self.answers: dict[type, Callable[[Any], Any]] = {
            FindSecurities: self._find,
            GetSecurity: lambda query: facts.security(self._known(query.symbol)),
            GetStatus: lambda _query: engine_facts.status(),
            GetQuotes: lambda query: facts.board(*(query.symbols or self.symbols)),
            GetExpirations: lambda query: facts.expirations(self._known(query.symbol)),
            GetChain: self._chain,
            GetBars: lambda query: facts.bars(self._known(query.symbol), query.seconds, min(query.limit, 200)),
            GetTrades: lambda query: facts.trades(self._known(query.symbol)),
            GetVolatilityHistory: lambda query: facts.volatility_history(self._known(query.symbol)),
            GetFeedQuality: lambda _query: engine_facts.quality(),
            GetWatchlists: lambda _query: engine_facts.watchlists(),
            GetSettings: lambda _query: engine_facts.settings(),
            ListPlugins: lambda _query: engine_facts.plugins(),
        }
        self.say(StatusChanged(status=engine_facts.status()))
        self.say(FeedQualityChanged(quality=engine_facts.quality()))
        for symbol in self.symbols:
            self.say(QuoteChanged(quote=facts.quote(symbol)))

    def _known(self, symbol: str) -> Symbol:
        if symbol not in self.symbols:
            raise unknown(symbol, [facts.security(name) for name in self.symbols])
        return Symbol(symbol)

    def _find(self, query: FindSecurities) -> SecurityMatches:
        names = [name for name in self.symbols if query.text.upper() in name]
        return SecurityMatches(securities=tuple(facts.security(name) for name in names[: query.limit]))

    def _chain(self, query: GetChain) -> Chain:
        whole = facts.chain(self._known(query.symbol), count=8)
        if query.series:
            pieces = tuple(piece for piece in whole.slices if piece.summary.series.id in query.series)
        else:
            pieces = whole.slices if query.everything else whole.slices[:1]
        if query.fit_greeks:
            pieces = tuple(facts.with_fit_greeks(piece) for piece in pieces)
        return Chain(symbol=whole.symbol, source=whole.source, spot=whole.spot, as_of=whole.as_of, state=whole.state, slices=pieces)

    async def ask(self, query: Any) -> Any:
        self.asked.append(query)
        answer = self.answers.get(type(query))
        if answer is None:
            raise OptixError(f"this engine has no answer to {type(query).__name__}")
        found = answer(query)
        return await found if isawaitable(found) else found

    async def do(self, command: Any) -> Receipt:
        self.done.append(command)
        return Receipt(text=f"{type(command).__name__} done")

    def watch(self, *topics: Topic, capacity: int = 4_096) -> FakeSubscription:
        subscription = FakeSubscription(self, topics)
        self.subscriptions.append(subscription)
        for event in self.retained.values():
            subscription.put(event)
        return subscription

    def say(self, event: Event) -> None:
        """Publishes an event, and retains it where it is a state."""
        if isinstance(
            event,
            StatusChanged
            | QuoteChanged
            | ChainChanged
            | FittedChainChanged
            | ExpirationsChanged
            | FeedQualityChanged
            | BarsChanged
            | TradesChanged,
        ):
            self.retained[type(event).__name__, event.key] = event
        for subscription in self.subscriptions:
            subscription.put(event)

    async def close(self) -> None:
        self.is_closed = True
