"""What a tape says of its underlyings, row by row as it was recorded: the same tape always gives the same rows."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from engine.contracts.tape import TapeReader
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.market import Listing, QuoteBatch, SummaryBatch


class TapeQuote(Struct, frozen=True, kw_only=True):
    """An underlying's quote at an instant of the tape; NaN is "not said yet"."""

    symbol: Symbol
    as_of: UtcNanos
    bid: float
    ask: float
    last: float
    volume: float


def tape_quotes(path: Path) -> Iterator[TapeQuote]:
    """Every quote of every underlying on the tape, in its order. Raises BadInput or UpstreamFailed for what is no tape."""
    symbols: dict[int, Symbol] = {}
    told: dict[int, tuple[float, float]] = {}
    with TapeReader(path) as tape:
        for event in tape:
            if isinstance(event, Listing):
                rows = zip(event.handle.tolist(), event.security.tolist(), strict=True)
                symbols |= {handle: event.securities[place].symbol for handle, place in rows if place >= 0}
            elif isinstance(event, SummaryBatch):
                for handle, last, volume in zip(event.handle.tolist(), event.last.tolist(), event.volume.tolist(), strict=True):
                    if handle in symbols:
                        before = told.get(handle, (float("nan"), float("nan")))
                        told[handle] = (last if last == last else before[0], volume if volume == volume else before[1])  # noqa: PLR0124
            elif isinstance(event, QuoteBatch):
                for handle, bid, ask in zip(event.handle.tolist(), event.bid.tolist(), event.ask.tolist(), strict=True):
                    if handle in symbols:
                        last, volume = told.get(handle, (float("nan"), float("nan")))
                        yield TapeQuote(symbol=symbols[handle], as_of=event.at, bid=bid, ask=ask, last=last, volume=volume)
