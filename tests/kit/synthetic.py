"""Builders for the simulated market: one that is opened and played by hand, without a loop and without the wall's clock."""

from collections.abc import Iterable
from datetime import date, time

import numpy as np

from engine.contracts.feed import FeedSettings
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instants import SECOND_NS, new_york_instant
from engine.domain.market import FeedEvent, Listing, QuoteBatch, SummaryBatch
from plugins.synthetic.desk import Desk
from plugins.synthetic.feed import SyntheticFeed
from plugins.synthetic.market import SimulatedMarket, Wanted

SATURDAY = new_york_instant(date(2026, 11, 21), time(7, 0))
"""The wall's clock in these tests: the day before was a third Friday."""
FRIDAY = date(2026, 11, 20)
FRIDAY_TEN = new_york_instant(FRIDAY, time(10, 0))
TENTH = SECOND_NS // 10
NO_ONE = Wanted()


def feed(*symbols: str, now: int = SATURDAY, **options: object) -> SyntheticFeed:
    """A feed of some names (none named: all)."""
    if symbols:
        options["symbols"] = list(symbols)
    return SyntheticFeed(FeedSettings(options=options, now=UtcNanos(now)))


def opened(*symbols: str, now: int = SATURDAY, **options: object) -> tuple[SyntheticFeed, SimulatedMarket, list[FeedEvent]]:
    """A feed whose names are all listed, the market behind it, and what was told on the way."""
    source = feed(*symbols, now=now, **options)
    market = source.market
    told: list[FeedEvent] = []
    for symbol in market.settings.symbols:
        for step in market.opened(symbol):
            told.extend(step.events)
    return source, market, told


def played(market: SimulatedMarket, frames: int, *, step: int = TENTH, wanted: Wanted = NO_ONE) -> list[FeedEvent]:
    """What so many frames tell."""
    return [event for _ in range(frames) for event in market.frame(step, wanted)]


def wanting(*symbols: str, series: Iterable[SeriesId] = ()) -> Wanted:
    """A demand."""
    return Wanted(frozenset(Symbol(symbol) for symbol in symbols), frozenset(series))


def night(market: SimulatedMarket) -> list[FeedEvent]:
    """From a close to the next open."""
    told: list[FeedEvent] = [market.closed()]
    for step in [*market.dawn(), *market.reopened()]:
        told.extend(step.events)
    return told


def desk(market: SimulatedMarket, symbol: str) -> Desk:
    """One name at work."""
    return market.desks[Symbol(symbol)]


def names_of(events: Iterable[FeedEvent]) -> dict[int, str]:
    """Handles to names."""
    return {
        handle: name
        for event in events
        if isinstance(event, Listing)
        for handle, name in zip(event.handle.tolist(), event.name, strict=True)
    }


def quotes_told(events: Iterable[FeedEvent], names: dict[int, str]) -> dict[tuple[str, int], tuple[float, float, float, float]]:
    """Every quote told, by name and instant; a bid that is none is -1, so that equal is equal."""
    found = {}
    for event in events:
        if isinstance(event, QuoteBatch):
            columns = (event.bid, event.ask, event.bid_size, event.ask_size)
            rows = np.nan_to_num(np.stack(columns, axis=1), nan=-1.0).tolist()
            for handle, row in zip(event.handle.tolist(), rows, strict=True):
                found[names[handle], int(event.at)] = tuple(row)
    return found


def summary_of(events: Iterable[FeedEvent], handle: int, figure: str) -> list[float]:
    """What was said of one figure of an instrument, in order, unsaid ones left out."""
    found = []
    for event in events:
        if isinstance(event, SummaryBatch):
            values = getattr(event, figure)[event.handle == handle]
            found.extend(value for value in values.tolist() if value == value)
    return found
