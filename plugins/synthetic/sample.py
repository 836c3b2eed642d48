"""Writes the small tape that ships, ``python -m plugins.synthetic.sample FILE``: the same code gives the same bytes.

Three minutes of the simulated market, cut down to what is worth its bytes: two chains around the money, and two more underlyings.
"""

import sys
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from engine.contracts.feed import FeedSettings
from engine.contracts.tape import TapeHeader, TapeWriter
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instants import SECOND_NS, new_york_instant
from engine.domain.market import BarBatch, FeedCondition, FeedEvent, FeedState, Listing, QuoteBatch, SummaryBatch, TradeBatch
from plugins.synthetic.chain import Line, listing
from plugins.synthetic.desk import Desk
from plugins.synthetic.feed import SyntheticFeed
from plugins.synthetic.market import SimulatedMarket, Wanted

SEED = 7
START = UtcNanos(new_york_instant(date(2026, 11, 20), time(10)))
FRAME_NS = 3 * SECOND_NS
FRAMES = 60


class Part(Struct, frozen=True, kw_only=True):
    """What is kept of a name besides its underlying."""

    expiries: tuple[date, ...] = ()
    strikes: int = 0
    """Either side of the money."""


PARTS = {
    Symbol("SPY"): Part(expiries=(date(2026, 11, 20), date(2026, 11, 23), date(2026, 12, 18)), strikes=12),
    Symbol("NVDA"): Part(expiries=(date(2026, 11, 27), date(2026, 12, 18)), strikes=8),
    Symbol("SPX"): Part(),
    Symbol("VIX"): Part(),
}


def write(path: Path) -> int:
    """Writes the tape, over one that is there; returns its bytes."""
    options = {"seed": SEED, "start": "2026-11-20T10:00", "symbols": list(PARTS)}
    feed = SyntheticFeed(FeedSettings(options=options, now=START))
    header = TapeHeader(traits=feed.traits, created_at=START, parameters={"seed": SEED, "start": "2026-11-20T10:00"})
    with TapeWriter(path, header, overwrite=True) as tape:
        for event in told(feed.market):
            tape.write(event)
    return tape.size


def told(market: SimulatedMarket) -> Iterator[FeedEvent]:
    """The parts' events from the opening on."""
    yield FeedCondition(at=START, state=FeedState.LIVE, reason=f"simulated, seed {SEED}")
    opening = [event for symbol in PARTS for step in market.opened(symbol) for event in step.events]
    kept = _Kept()
    for symbol, part in PARTS.items():
        yield kept.listing(market.desks[symbol], part)
    yield from (cut for event in opening if (cut := kept.cut(event)) is not None)
    wanted = Wanted(frozenset(PARTS), frozenset(kept.series))
    for _ in range(FRAMES):
        yield from (cut for event in market.frame(FRAME_NS, wanted) if (cut := kept.cut(event)) is not None)


class _Kept:
    """The instruments of the tape, numbered without gaps."""

    def __init__(self) -> None:
        self.series: list[SeriesId] = []
        self._numbers: dict[int, int] = {}

    def _number(self, handles: list[int]) -> int:
        """Numbers instruments on from the last one; returns the first one's."""
        first = len(self._numbers)
        self._numbers.update(zip(handles, range(first, first + len(handles)), strict=True))
        return first

    def listing(self, desk: Desk, part: Part) -> Listing:
        """The listing of a name and its part."""
        own = self._number([desk.handle])
        spot = desk.moment(START).price
        lines = [self._around(line, spot, part.strikes) for line in desk.chain.lines if line.series.expiry in part.expiries]
        self.series.extend(line.series.id for line in lines)
        return listing(START, desk.security(START), own, lines)

    def _around(self, line: Line, spot: float, strikes: int) -> Line:
        places = np.sort(np.argsort(np.abs(line.strikes - spot), kind="stable")[: 2 * strikes + 1])
        handles = np.concatenate([line.first_handle + places, line.first_handle + len(line.strikes) + places])
        return line._replace(strikes=line.strikes[places], keys=line.keys[:, places], first_handle=self._number(handles.tolist()))

    def cut(self, event: FeedEvent) -> FeedEvent | None:
        """The event without what is not kept; None where nothing is left."""
        if isinstance(event, Listing):
            return None
        if isinstance(event, BarBatch):
            return None if event.seconds < 86_400 and event.start[0] < START - 3600 * SECOND_NS else event
        if not isinstance(event, QuoteBatch | SummaryBatch | TradeBatch):
            return event
        rows = [row for row, handle in enumerate(event.handle.tolist()) if handle in self._numbers]
        if not rows:
            return None
        columns = {name: column[rows] for name in event.__struct_fields__ if isinstance(column := getattr(event, name), np.ndarray)}
        columns["handle"] = np.array([self._numbers[handle] for handle in columns["handle"].tolist()], dtype=np.int32)
        return msgspec.structs.replace(event, **columns)


if __name__ == "__main__":
    sys.stdout.write(f"{sys.argv[1]}: {write(Path(sys.argv[1])):,} bytes\n")
