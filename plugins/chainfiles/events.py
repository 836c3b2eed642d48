"""A chain file as a feed tells it: names listed once, then the day's state, then quotes, always in the same order."""

from math import nan

import numpy as np

from engine.domain.columns import Floats, Ints, codes, floats, ints, longs
from engine.domain.ids import UtcNanos
from engine.domain.instruments import AssetKind
from engine.domain.market import Listing, QuoteBatch, SummaryBatch
from plugins.chainfiles.model import ChainFile


class Handles:
    """Gives each name its dense number, and remembers it for as long as the feed lives."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._of

    def __len__(self) -> int:
        return len(self._of)

    def of(self, name: str) -> int:
        """The number of a name, a new one for a new name."""
        return self._of.setdefault(name, len(self._of))


def listing(file: ChainFile, handles: Handles, at: UtcNanos) -> Listing | None:
    """The names of a file that were not listed yet, the security first; None where all were."""
    columns = file.contracts
    fresh = [row for row, name in enumerate(columns.name) if name not in handles]
    security = [] if file.symbol in handles else [file.symbol]
    if not fresh and not security:
        return None
    places: dict[int, int] = {}
    for row in fresh:
        places.setdefault(int(columns.series[row]), len(places))
    count = len(security)
    names = (*security, *(columns.name[row] for row in fresh))
    return Listing(
        at=at,
        securities=(file.security,) if security else (),
        series=tuple(file.series[place] for place in places),
        handle=ints([handles.of(name) for name in names]),
        security=ints([0] * count + [-1] * len(fresh)),
        series_index=ints([-1] * count + [places[int(columns.series[row])] for row in fresh]),
        strike=floats([nan] * count + [columns.strike[row] for row in fresh]),
        right=codes([0] * count + [columns.right[row] for row in fresh]),
        name=names,
    )


def quotes(file: ChainFile, handles: Handles, at: UtcNanos, event_at: int) -> QuoteBatch:
    """The security's and all options' quotes.

    A bid of zero beside an ask is a bid of zero; an ask of zero, or nothing on either side, is no quote. An index has a level, not a quote:
    what vendors give as its bid and ask are sums over its members, far apart outside the session.
    """
    columns, own = file.contracts, file.underlying
    ask = np.where(columns.ask > 0, columns.ask, nan)
    bid = np.where((columns.bid > 0) | ~np.isnan(ask), columns.bid, nan)
    quoted = file.security.kind is not AssetKind.INDEX
    return QuoteBatch(
        at=at,
        handle=_handles(file, handles),
        bid=_with_own(own.bid if quoted else nan, bid),
        ask=_with_own(own.ask if quoted else nan, ask),
        bid_size=_with_own(own.bid_size if quoted else nan, columns.bid_size),
        ask_size=_with_own(own.ask_size if quoted else nan, columns.ask_size),
        event_at=longs(np.full(len(columns) + 1, event_at, dtype=np.int64)),
    )


def summaries(file: ChainFile, handles: Handles, at: UtcNanos) -> SummaryBatch:
    """The day's state of the security and all options; the security's last price is the file's spot, however it was found."""
    columns, own = file.contracts, file.underlying
    return SummaryBatch(
        at=at,
        handle=_handles(file, handles),
        last=_with_own(file.spot, np.where(columns.last > 0, columns.last, nan)),
        open=_with_own(own.open, np.where(columns.open > 0, columns.open, nan)),
        high=_with_own(own.high, np.where(columns.high > 0, columns.high, nan)),
        low=_with_own(own.low, np.where(columns.low > 0, columns.low, nan)),
        previous_close=_with_own(own.previous_close, np.where(columns.previous_close > 0, columns.previous_close, nan)),
        volume=_with_own(own.volume, columns.volume),
        open_interest=_with_own(nan, columns.open_interest),
        last_at=longs(np.concatenate(([own.last_at], columns.last_at))),
        vendor_iv=_with_own(nan, columns.vendor_iv),
        vendor_delta=_with_own(nan, columns.vendor_delta),
    )


def _handles(file: ChainFile, handles: Handles) -> Ints:
    return ints([handles.of(name) for name in (file.symbol, *file.contracts.name)])


def _with_own(own: float, column: Floats) -> Floats:
    return floats(np.concatenate(([own], column)))
