"""One seed and one start are one market, whoever watches, at whatever pace, on whatever machine."""

from datetime import time
from hashlib import sha256

import numpy as np
import pytest

from engine.contracts.feed import FeedSettings
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS, new_york_instant
from engine.domain.market import BarBatch, QuoteBatch, TradeBatch
from plugins.synthetic.feed import SyntheticFeed
from plugins.synthetic.market import Wanted
from tests.kit.synthetic import (
    FRIDAY,
    SATURDAY,
    desk,
    names_of,
    opened,
    played,
    quotes_told,
    wanting,
)


def told_bytes(told) -> str:
    """One digest over all prices and sizes told, in order."""
    digest = sha256()
    for event in told:
        if isinstance(event, QuoteBatch):
            for column in (event.handle, event.bid, event.ask, event.bid_size, event.ask_size):
                digest.update(column.tobytes())
        elif isinstance(event, TradeBatch):
            for column in (event.handle, event.price, event.size, event.side, event.event_at):
                digest.update(column.tobytes())
        elif isinstance(event, BarBatch):
            for column in (event.start, event.open, event.high, event.low, event.close):
                digest.update(column.tobytes())
    return digest.hexdigest()


def test_the_same_seed_and_start_tell_the_same_bytes_and_another_seed_others():
    def run(seed):
        _, market, told = opened("SPY", "VIX", "BTC", seed=seed)
        return told_bytes([*told, *played(market, 60, wanted=wanting("SPY"))])

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_what_is_told_of_an_instant_does_not_depend_on_who_watches_what():
    def run(wanted):
        _, market, told = opened("SPY", "XOM")
        told = [*told, *played(market, 150, wanted=wanted(market))]
        return quotes_told(told, names_of(told))

    idle = run(lambda _: wanting())
    busy = run(lambda market: wanting("SPY", "XOM", series=[line.series.id for line in desk(market, "SPY").chain.lines[:6]]))
    both = idle.keys() & busy.keys()
    assert len(both) > 12_000
    assert all(idle[quote] == busy[quote] for quote in both)
    assert len(busy) > len(idle)


def test_what_is_told_of_an_instant_does_not_depend_on_the_order_of_listing_or_on_other_names():
    alone, others = opened("SPY")[2], opened("SPX", "QQQ", "SPY")[2]
    first, second = (quotes_told(told, names_of(told)) for told in (alone, others))
    assert all(second[quote] == first[quote] for quote in first)


def test_a_day_is_the_same_day_at_any_start_within_it_and_at_any_speed():
    _, early, _ = opened("SPY", "XOM", start="2026-11-20T10:00")
    _, late, _ = opened("SPY", "XOM", start="2026-11-20T13:00")
    played(early, 13, step=900 * SECOND_NS)
    assert early.at > late.at
    at = new_york_instant(FRIDAY, time(14, 0))
    assert desk(early, "XOM").motion.moment(at) == desk(late, "XOM").motion.moment(at)
    played(late, 12, step=300 * SECOND_NS)
    assert desk(late, "SPY").motion.moment(at) == desk(early, "SPY").motion.moment(at)
    volumes = []
    for step in (5 * SECOND_NS, 60 * SECOND_NS):
        _, market, _ = opened("SPY", start="2026-11-20T10:00")
        played(market, 300 * SECOND_NS // step, step=step)
        volumes.append(desk(market, "SPY").options.volume.copy())
    assert np.array_equal(*volumes)


def test_prices_on_the_grid_are_those_of_every_machine():
    """Goldens: rounded to the price grid, so that an ulp between processors moves none of them."""
    _, market, told = opened("SPX", "SPY", "XOM", "BTC", now=SATURDAY, start="2026-11-20")
    played(market, 50)
    found = {}
    for symbol in ("SPX", "SPY", "XOM", "BTC"):
        one = desk(market, symbol)
        moment = one.moment(market.at)
        place = 4
        start, end = one.chain.starts[place], one.chain.starts[place + 1]
        middle = start + int(np.searchsorted(one.chain.strikes[start:end], moment.price))
        quotes = one.chain.quotes(moment, middle, middle + 1)
        sides = [*quotes.bid.ravel().tolist(), *quotes.ask.ravel().tolist()]
        found[symbol] = (*one.market(moment)[:2], float(one.chain.strikes[middle]), *sides)
    days = next(event for event in told if isinstance(event, BarBatch) and event.symbol == "SPY" and event.seconds == 86_400)
    found["SPY days"] = tuple(days.close[[0, 100, 200, -1]].tolist())
    assert found == GOLDEN


GOLDEN = {
    "SPX": (7167.98, 7168.58, 7170.0, 34.9, 33.1, 35.3, 33.4),
    "SPY": (716.52, 716.53, 717.0, 3.4, 3.38, 3.45, 3.43),
    "XOM": (112.99, 113.0, 113.0, 2.88, 2.58, 2.96, 2.65),
    "BTC": (91004.0, 91006.5, 92000.0, 0.0355, 0.0445, 0.037, 0.046),
    "SPY days": (600.36, 650.89, 655.67, 715.1),
}
"""Bid and offer of the name, a strike, its call's and put's bids, their offers; then some daily closes."""


def test_an_ulp_of_price_and_of_volatility_moves_no_price_on_the_grid():
    _, market, _ = opened("SPX", "XOM", "BTC")
    for symbol in ("SPX", "XOM", "BTC"):
        one = desk(market, symbol)
        moment = one.moment(market.at)
        here = one.chain.quotes(moment, 0, one.chain.count)
        beside = moment._replace(price=np.nextafter(moment.price, np.inf), fast=np.nextafter(moment.fast, 0.0))
        there = one.chain.quotes(beside, 0, one.chain.count)
        assert all(np.array_equal(left, right, equal_nan=True) for left, right in zip(here, there, strict=True))
        assert one.market(moment) == desk(market, symbol)._market_of(beside)


def test_a_market_that_is_gone_on_with_is_where_it_would_have_been_the_next_day_too():
    """The path is that of its start; the last digits may differ, as other blocks are drawn together."""
    names = [Symbol(name) for name in ("SPX", "VIX", "BTC", "AAPL")]
    options = {"seed": 7, "start": "2026-11-19T15:55", "symbols": names}

    def begun(**more) -> SyntheticFeed:
        feed = SyntheticFeed(FeedSettings(options={**options, **more}))
        for name in names:
            list(feed.market.opened(name))
        return feed

    first = begun()
    market = first.market
    while not market.over():
        market.frame(600 * SECOND_NS, Wanted())
    market.closed()
    list(market.dawn())
    list(market.reopened())
    market.frame(1_800 * SECOND_NS, Wanted())
    second = begun(reached=market.at)
    assert second.market.at == market.at
    assert second.traits.variant == first.traits.variant
    assert second.traits.continuation == first.traits.continuation
    for name in names:
        series = market.desks[name].chain.lines[3].series.id
        for at in (market.at, market.at + 3_600 * SECOND_NS):
            one, other = (feed.truth(name, series, UtcNanos(at)) for feed in (first, second))
            assert (one.spot, one.forward, one.atm_iv) == pytest.approx((other.spot, other.forward, other.atm_iv), rel=1e-9)
            _, here, there = np.intersect1d(one.strikes, other.strikes, return_indices=True)  # yesterday's far strikes are listed no more
            assert here.size > 0.9 * one.strikes.size
            assert np.allclose(one.call[here], other.call[there], rtol=1e-7, atol=1e-9)
