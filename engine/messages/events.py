"""Everything the engine can tell, each a state (LATEST) or a fact (EVERY)."""

from enum import StrEnum
from typing import ClassVar

from engine.domain.chain import ChainSlice
from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Event, Keep
from engine.messages.queries import BarTable, EngineStatus, ExpirationTable, FeedQuality, Quote, TradeTable


class ChainChanged(Event, frozen=True):
    """A series' numbers, new; keyed by the series' id. Watching it is what makes the engine compute it at full rate."""

    slice: ChainSlice

    @property
    def key(self) -> str:
        return self.slice.summary.series.id


class FittedChainChanged(Event, frozen=True):
    """The same with the Greeks at the fitted smile (``fit_delta`` ...); they are computed for those who watch this, or ask for them."""

    slice: ChainSlice

    @property
    def key(self) -> str:
        return self.slice.summary.series.id


class ExpirationsChanged(Event, frozen=True):
    """The table of a name's expiries, new."""

    table: ExpirationTable

    @property
    def key(self) -> str:
        return self.table.symbol


class QuoteChanged(Event, frozen=True):
    """An underlying moved."""

    quote: Quote

    @property
    def key(self) -> str:
        return self.quote.security.symbol


class BarsChanged(Event, frozen=True):
    """The newest bars of a name; keyed ``SPY/120``. Holds the last two bars: a growing one, and the one before it."""

    bars: BarTable

    @property
    def key(self) -> str:
        return f"{self.bars.symbol}/{self.bars.seconds}"


class TradesChanged(Event, frozen=True):
    """The newest prints of a name and its options (up to 200; those between two looks are in the store)."""

    trades: TradeTable

    @property
    def key(self) -> str:
        return self.trades.symbol


class FeedQualityChanged(Event, frozen=True):
    """Once a second: state, ages and verdicts."""

    quality: FeedQuality


class StatusChanged(Event, frozen=True):
    """Once a second: the engine's own figures, its market's clock among them."""

    status: EngineStatus


class UniverseChanged(Event, frozen=True):
    """Names were listed or their listing changed."""

    symbols: tuple[Symbol, ...]


class NoticeLevel(StrEnum):
    """How loud."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class NoticePosted(Event, frozen=True):
    """Something a person should read."""

    keep: ClassVar[Keep] = Keep.EVERY

    at: UtcNanos
    level: NoticeLevel
    title: str
    text: str = ""


class WatcherCutOff(Event, frozen=True):
    """The last word to a reader that fell too far behind: watch again."""

    keep: ClassVar[Keep] = Keep.EVERY

    missed: int


class EngineChanged(Event, frozen=True):
    """This client's engine is another one now: the owner ended and this process hosts, or it attached anew."""

    keep: ClassVar[Keep] = Keep.EVERY

    at: UtcNanos
    text: str
