"""DES as a tile: ``AAPL DES`` for the security, ``SPX DES 3875P NOV17`` for a contract."""

from math import isfinite
from typing import Any

from msgspec.structs import replace

from engine.domain.chain import ChainSlice
from engine.domain.ids import UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import ChainChanged, ExpirationsChanged, QuoteChanged, StatusChanged
from engine.messages.queries import (
    BarTable,
    Chain,
    ContractDetail,
    ExpirationTable,
    GetBars,
    GetChain,
    GetContract,
    GetExpirations,
    GetQuotes,
    GetVolatilityHistory,
    QuoteBoard,
    VolatilityTable,
)
from optix_tui.canvas import Canvas
from optix_tui.contract_words import contract_text
from optix_tui.function import Context
from optix_tui.screens.describe.paint import paint_description
from optix_tui.screens.describe.view import DescriptionFacts, DescriptionView, present
from optix_tui.screens.listing import Scrolling
from optix_tui.theme import Palette

YEAR_OF_DAYS = 252
DAILY = 86_400


class Description(Scrolling):
    """What a security or a contract is."""

    code = "DES"
    stale_after = 60.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.facts = DescriptionFacts()

    def reset(self) -> None:
        self.facts = DescriptionFacts()
        self.top = 0

    @property
    def is_contract(self) -> bool:
        """Something was typed after the code."""
        return bool(self.context.args)

    def topics(self, context: Context) -> tuple[Topic, ...]:
        detail = self.facts.detail
        symbol = detail.security.symbol if detail else context.symbol
        if not symbol or (self.is_contract and detail is None):
            return ()
        wanted = [topic(QuoteChanged, symbol), topic(StatusChanged)]
        if detail is not None:
            wanted.append(topic(ChainChanged, detail.contract.series.id))
        elif not self.is_contract:
            wanted.append(topic(ExpirationsChanged, symbol))
        return tuple(wanted)

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if self.is_contract:
            detail = self.facts.detail
            if detail is None:
                return (GetContract(text=contract_text(context.symbol, context.args)),)
            series = detail.contract.series
            return (GetQuotes(symbols=(series.underlying,)), GetChain(symbol=series.underlying, series=(series.id,)))
        if not context.symbol:
            return ()
        return (
            GetQuotes(symbols=(context.symbol,)),
            GetExpirations(symbol=context.symbol),
            GetVolatilityHistory(symbol=context.symbol, sessions=YEAR_OF_DAYS),
            GetBars(symbol=context.symbol, seconds=DAILY, limit=YEAR_OF_DAYS),
        )

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (the answer says what it is)
        match answer:
            case ContractDetail():
                self.facts = replace(self.facts, detail=answer)
                self.connect()
            case QuoteBoard(quotes=(quote, *_)):
                self.facts = replace(self.facts, quote=quote)
            case ExpirationTable():
                self.facts = replace(self.facts, table=answer)
            case VolatilityTable():
                self.facts = replace(self.facts, volatility=answer)
            case BarTable():
                self.facts = replace(self.facts, bars=answer)
            case Chain(slices=(page, *_)):
                return self._take_page(page)
            case _:
                return False
        return True

    def _take_page(self, page: ChainSlice) -> bool:
        detail = self.facts.detail
        if detail is None or page.summary.series.id != detail.contract.series.id:
            return False
        self.facts = replace(self.facts, page=page)
        return True

    def received(self, event: Event) -> bool:
        match event:
            case QuoteChanged(quote=quote):
                self.facts = replace(self.facts, quote=quote)
            case ExpirationsChanged(table=table):
                self.facts = replace(self.facts, table=table)
            case ChainChanged(slice=page):
                return self._take_page(page)
            case StatusChanged():
                return self.facts.quote is not None  # time to expiry and ages go on
            case _:
                return False
        return True

    def is_whole(self) -> bool:
        """The quote with its figures from the past; of a contract, its numbers."""
        quote = self.facts.quote
        return quote is not None and (self.facts.page is not None if self.is_contract else isfinite(quote.realized_30))

    def fact_time(self) -> UtcNanos:
        if self.facts.page is not None:
            return self.facts.page.summary.as_of
        return self.facts.quote.as_of if self.facts.quote else UtcNanos(0)

    def title(self) -> str:
        if self.facts.detail is not None:
            return f"Description {self.facts.detail.contract.id}"
        if self.is_contract:
            return f"Description {contract_text(self.context.symbol, self.context.args)}"
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def present(self) -> DescriptionView | None:
        if self.is_contract and self.facts.detail is None:
            return None
        return present(replace(self.facts, now=self.desk.market_time()))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_description(canvas, view, palette, self.settle_page)
