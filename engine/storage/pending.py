"""Rows on their way into the tables: gathered between two batches, kept (bounded) while the database cannot be written."""

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.ids import UtcNanos
from engine.domain.market import BarBatch, FeedCondition, VolatilityHistory
from engine.storage.board import Columns
from engine.storage.pending_marks import PendingMarks


class ChainRows(Struct, frozen=True, kw_only=True):
    """One chain snapshot with its rows, by handle."""

    symbol: int
    """Row in the roster."""
    at: UtcNanos
    kind: str
    spot: float
    content: str
    """Hash of what it says; a chain whose hash is stored already is not stored again. "" is always stored."""
    rows: Columns


class Pending:
    """What the next batch will write."""

    def __init__(self) -> None:
        self.quotes: list[Columns] = []
        self.quotes_replace = False
        """Some quotes replace rows of their own slot."""
        self.trades: list[Columns] = []
        self.bars: list[BarBatch] = []
        self.volatility: list[VolatilityHistory] = []
        self.conditions: list[FeedCondition] = []
        self.chains: list[ChainRows] = []
        self.marks = PendingMarks()
        self.latest: Columns = {}
        self.at = UtcNanos(0)
        """Newest market time in it."""
        self.sequence = 0
        """All events up to this one are in it, but for quotes whose slot is not over."""

    @property
    def quote_rows(self) -> int:
        return sum(len(chunk["handle"]) for chunk in self.quotes)

    @property
    def fact_rows(self) -> int:
        return (
            sum(len(chunk["handle"]) for chunk in self.trades)
            + sum(len(batch.start) for batch in self.bars)
            + sum(len(batch.day) for batch in self.volatility)
            + sum(len(chain.rows["handle"]) for chain in self.chains)
            + self.marks.rows
        )

    @property
    def rows(self) -> int:
        return self.quote_rows + self.fact_rows + len(self.conditions) + (len(self.latest["handle"]) if self.latest else 0)

    def trim(self, *, quote_rows: int, fact_rows: int) -> tuple[int, int]:
        """Lets the oldest go until both bounds hold; how many rows of quotes and of facts that cost."""
        quotes_before, facts_before = self.quote_rows, self.fact_rows
        while len(self.quotes) > 1 and self.quote_rows > quote_rows:
            self.quotes.pop(0)
        while self.fact_rows > fact_rows and self.marks.drop_oldest():
            pass
        for queue in (self.chains, self.trades, self.bars, self.volatility):
            while queue and self.fact_rows > fact_rows:
                queue.pop(0)
        return quotes_before - self.quote_rows, facts_before - self.fact_rows


def joined(chunks: list[Columns]) -> dict[str, NDArray[Any]]:
    """Several chunks of one table as one."""
    if len(chunks) == 1:
        return chunks[0]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def bar_columns(batches: list[BarBatch], symbols: list[int]) -> Columns:
    """Bars of several symbols as one table, in the order they were said; ``symbols`` are their rows in the roster."""
    columns: Columns = {
        "symbol": np.repeat(np.array(symbols, np.int32), [batch.start.shape[0] for batch in batches]),
        "seconds": np.repeat(np.array([batch.seconds for batch in batches], np.int32), [batch.start.shape[0] for batch in batches]),
        "ts": np.concatenate([batch.start for batch in batches]),
    }
    for name in ("open", "high", "low", "close", "volume", "vwap"):
        columns[name] = np.concatenate([getattr(batch, name) for batch in batches])
    columns["place"] = np.arange(columns["ts"].shape[0])
    return columns


def volatility_columns(batches: list[VolatilityHistory], symbols: list[int]) -> Columns:
    """Volatility histories of several symbols as one table, in the order they were said."""
    columns: Columns = {
        "symbol": np.repeat(np.array(symbols, np.int32), [batch.day.shape[0] for batch in batches]),
        "ts": np.concatenate([batch.day for batch in batches]),
    }
    for name in ("atm_iv", "risk_reversal_25", "butterfly_25"):
        columns[name] = np.concatenate([getattr(batch, name) for batch in batches])
    columns["place"] = np.arange(columns["ts"].shape[0])
    return columns
