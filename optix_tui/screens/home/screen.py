"""HOME as a tile."""

from math import isfinite
from time import monotonic
from typing import Any

from msgspec.structs import replace

from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import ExpirationsChanged, QuoteChanged, StatusChanged, UniverseChanged
from engine.messages.queries import (
    EngineStatus,
    ExpirationTable,
    GetExpirations,
    GetQuotes,
    GetStatus,
    GetVolatilityHistory,
    QuoteBoard,
    VolatilityTable,
)
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.closes import Closes
from optix_tui.screens.home.paint import paint_home
from optix_tui.screens.home.view import VOLATILITY_INDEX, HomeFacts, HomeView, present
from optix_tui.screens.listing import Listing
from optix_tui.theme import Palette

REPAINT_SECONDS = 0.5
"""All names move it: it is painted no more often than it can be read."""


class MarketOverview(Listing):
    """The market at a glance."""

    code = "HOME"
    needs_all_names = True
    stale_after = 60.0
    ask_every = 30.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.facts = HomeFacts()
        self.closes = Closes()
        self._painted_at = 0.0
        self._board: tuple[Any, ...] = ()

    def topics(self, context: Context) -> tuple[Topic, ...]:  # noqa: ARG002 (it is about the whole market)
        return (
            topic(QuoteChanged),
            topic(StatusChanged),
            topic(UniverseChanged),
            topic(ExpirationsChanged, VOLATILITY_INDEX),
        )

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002
        return (GetStatus(), GetQuotes(), GetExpirations(symbol=VOLATILITY_INDEX))

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if isinstance(answer, QuoteBoard):
            self.facts = replace(self.facts, quotes={quote.security.symbol: quote for quote in answer.quotes})
            self._ask_closes()
        elif isinstance(answer, ExpirationTable):
            self.facts = replace(self.facts, term=answer)
        elif isinstance(answer, EngineStatus):
            self.facts = replace(self.facts, status=answer)
        elif isinstance(answer, VolatilityTable) and isinstance(query, GetVolatilityHistory):
            self.closes = self.closes.with_table(answer, self.desk.market_time())
            self.facts = replace(self.facts, closes=self.closes.known)
        else:
            return False
        return True

    def _ask_closes(self) -> None:
        """Yesterday's volatility of each name that is not known yet; the names are asked for again from time to time."""
        for symbol in self.closes.missing(self.facts.quotes, self.desk.market_time()):
            self.ask(GetVolatilityHistory(symbol=symbol, sessions=2))

    def received(self, event: Event) -> bool:
        if isinstance(event, QuoteChanged):
            known = event.quote.security.symbol in self.facts.quotes
            self.facts = replace(self.facts, quotes={**self.facts.quotes, event.quote.security.symbol: event.quote})
            return not known or monotonic() - self._painted_at >= REPAINT_SECONDS
        if isinstance(event, ExpirationsChanged):
            self.facts = replace(self.facts, term=event.table)
        elif isinstance(event, StatusChanged):
            self.facts = replace(self.facts, status=event.status)
        elif isinstance(event, UniverseChanged):
            self.ask(GetQuotes())
            return False
        else:
            return False
        return True

    def is_whole(self) -> bool:
        """Each name that is listed has a price, and one whose options have traded its volatility."""
        quotes = self.facts.quotes.values()
        unpriced = (quote for quote in quotes if isfinite(quote.put_call_volume) and not isfinite(quote.iv30))
        return bool(quotes) and all(isfinite(quote.last) for quote in quotes) and next(unpriced, None) is None

    def fact_time(self) -> UtcNanos:
        return max((quote.as_of for quote in self.facts.quotes.values()), default=UtcNanos(0))

    # -- the picture --------------------------------------------------------------------------------------------------------

    def subtitle(self) -> str:
        return f"{len(self.facts.quotes)} names" if self.facts.quotes else ""

    def count(self) -> int:
        return len(self._board)

    def present(self) -> HomeView | None:
        return present(replace(self.facts, now=self.desk.market_time()))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        self._painted_at = monotonic()
        self._board = view.lines
        if self._is_title(self.cursor.row):
            self.cursor = self.cursor._replace(row=self.cursor.row + 1)
        paint_home(canvas, view, palette, self.settle)

    def _is_title(self, row: int) -> bool:
        return 0 <= row < len(self._board) and isinstance(self._board[row], str)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _move(self, steps: int) -> None:
        super()._move(steps)
        if self._is_title(self.cursor.row):
            super()._move(1 if steps > 0 or self.cursor.row == 0 else -1)

    def action_drill(self) -> None:
        row = self._board[self.cursor.row] if self.cursor.row < len(self._board) else ""
        if isinstance(row, str):
            return
        if self.context.group is None:
            self.desk.tell("this tile is pinned: g and a letter link it to others")
        else:
            self.desk.link(self.context.group, Symbol(row.symbol))
