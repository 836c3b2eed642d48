"""Builders for feeds: events of every kind, a sink that keeps what it is given, a demand that can change, a runner that stops in time."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date
from typing import Self, TypeVar

import numpy as np

from engine.contracts.feed import Feed
from engine.domain.columns import codes, floats, ints, longs
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instruments import Right
from engine.domain.market import (
    BarBatch,
    FeedCondition,
    FeedEvent,
    FeedState,
    Listing,
    Pulse,
    QuoteBatch,
    SummaryBatch,
    TradeBatch,
    VolatilityHistory,
)
from engine.domain.osi import format_osi
from engine.domain.roots import make_security, make_series

E = TypeVar("E", bound=FeedEvent)

NAN = float("nan")
MONDAY_TEN = UtcNanos(1_782_741_600_000_000_000)
"""2026-06-29 10:00 New York."""
SECOND = 1_000_000_000


def one_of_each(at: int = MONDAY_TEN) -> tuple[FeedEvent, ...]:
    """A small market that uses every kind of event: SPY, one expiry, one strike."""
    instant = UtcNanos(at)
    series = make_series(root="SPY", expiry=date(2026, 7, 17))
    names = ("SPY", *(format_osi("SPY", series.expiry, right, 600.0) for right in (Right.CALL, Right.PUT)))
    return (
        FeedCondition(at=instant, state=FeedState.LIVE, reason="open"),
        Listing(
            at=instant,
            securities=(make_security("SPY"),),
            series=(series,),
            handle=ints([0, 1, 2]),
            security=ints([0, -1, -1]),
            series_index=ints([-1, 0, 0]),
            strike=floats([NAN, 600.0, 600.0]),
            right=codes([0, 1, -1]),
            name=names,
        ),
        SummaryBatch(
            at=instant,
            handle=ints([0, 1, 2]),
            last=floats([600.1, 8.2, 7.9]),
            open=floats([599.0, NAN, NAN]),
            high=floats([601.0, NAN, NAN]),
            low=floats([598.5, NAN, NAN]),
            previous_close=floats([598.0, 7.0, 9.0]),
            volume=floats([1e6, 300.0, 0.0]),
            open_interest=floats([NAN, 1200.0, 800.0]),
            last_at=longs([at - SECOND, at - 60 * SECOND, 0]),
            vendor_iv=floats([NAN, 0.14, 0.15]),
            vendor_delta=floats([NAN, 0.52, -0.48]),
        ),
        quotes([1, 2], [8.1, NAN], [8.3, 7.95], at=at),
        TradeBatch(
            at=UtcNanos(at + SECOND),
            handle=ints([1]),
            price=floats([8.2]),
            size=floats([5.0]),
            side=codes([1]),
            flags=codes([1]),
            event_at=longs([at + SECOND]),
        ),
        BarBatch(
            at=UtcNanos(at + SECOND),
            symbol=Symbol("SPY"),
            seconds=60,
            start=longs([at - 60 * SECOND]),
            open=floats([600.0]),
            high=floats([600.5]),
            low=floats([599.9]),
            close=floats([600.1]),
            volume=floats([12_000.0]),
            vwap=floats([600.2]),
        ),
        VolatilityHistory(
            at=UtcNanos(at + SECOND),
            symbol=Symbol("SPY"),
            day=longs([at - 86_400 * SECOND]),
            atm_iv=floats([0.141]),
            risk_reversal_25=floats([-0.04]),
            butterfly_25=floats([0.01]),
        ),
        Pulse(at=UtcNanos(at + 2 * SECOND)),
    )


def quotes(handles: Iterable[int], bids: Iterable[float], asks: Iterable[float], at: int = MONDAY_TEN) -> QuoteBatch:
    """A batch of quotes, ten up."""
    handle = ints(list(handles))
    return QuoteBatch(
        at=UtcNanos(at),
        handle=handle,
        bid=floats(list(bids)),
        ask=floats(list(asks)),
        bid_size=floats(np.full(len(handle), 10.0)),
        ask_size=floats(np.full(len(handle), 10.0)),
        event_at=longs(np.full(len(handle), at)),
    )


class Kept:
    """A sink that keeps everything in order, and lets a test wait for what it is looking for."""

    def __init__(self) -> None:
        self.events: list[FeedEvent] = []
        self._more = asyncio.Event()

    def emit(self, event: FeedEvent) -> None:
        self.events.append(event)
        self._more.set()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, true: Callable[["Kept"], object], within: float = 10.0) -> None:
        """Returns once ``true(self)``, which may be about anything; fails with what was seen instead."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while not true(self):
            if loop.time() < end:
                self._more.clear()
                await _woken_or_soon(self._more)
                continue
            seen = [type(event).__name__ for event in self.events[-20:]]
            raise AssertionError(f"not seen within {within} s; the last events were {seen}, {self.of(FeedCondition)[-3:]}")


async def _woken_or_soon(event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(0.01):
            await event.wait()
    except TimeoutError:
        return


class Wanted:
    """A demand that a test changes."""

    def __init__(self, *symbols: str) -> None:
        self._symbols = frozenset(Symbol(symbol) for symbol in symbols)
        self._series: frozenset[SeriesId] = frozenset()
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def symbols(self) -> frozenset[Symbol]:
        return self._symbols

    @property
    def series(self) -> frozenset[SeriesId]:
        return self._series

    async def changed(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def want(self, *symbols: str, series: Iterable[SeriesId] = ()) -> None:
        self._symbols = frozenset(Symbol(symbol) for symbol in symbols)
        self._series = frozenset(series)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


class Running:
    """A feed at work inside ``async with``: cancelled at the end, and looked at for what it leaves behind."""

    def __init__(self, feed: Feed, *wanted: str) -> None:
        self.feed = feed
        self.sink = Kept()
        self.demand = Wanted(*wanted)
        self.task: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._before = asyncio.all_tasks()
        self.task = asyncio.create_task(self.feed.run(self.sink, self.demand))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Cancels the feed and waits until it is gone; a failure of its own comes through."""
        self.task.cancel()
        done, _ = await asyncio.wait({self.task}, timeout=5.0)
        assert done, "the feed did not end within 5 s of being cancelled"
        if not self.task.cancelled() and (error := self.task.exception()) is not None:
            raise error

    def left_behind(self) -> set["asyncio.Task[object]"]:
        """Tasks that were not there before the feed ran."""
        return {task for task in asyncio.all_tasks() - self._before if not task.done()}
