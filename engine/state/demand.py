"""What somebody looks at just now: what is watched on the bus, and what was asked a moment ago."""

import asyncio
from collections.abc import Callable, Iterable

from engine.domain.ids import SeriesId, Symbol

ASKED_SECONDS = 30.0
"""A question keeps its names in demand this long, so that asking again finds them fresh."""


class Wanted:
    """The engine's demand on its feed (see ``engine.contracts.feed.Demand``). Written by the demand service and by questions."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._watched_symbols: frozenset[Symbol] = frozenset()
        self._watched_series: frozenset[SeriesId] = frozenset()
        self._asked_symbols: dict[Symbol, float] = {}
        self._asked_series: dict[SeriesId, float] = {}
        self._told: tuple[frozenset[Symbol], frozenset[SeriesId]] = (frozenset(), frozenset())
        self._change = asyncio.Event()

    @property
    def symbols(self) -> frozenset[Symbol]:
        """Names watched or asked for."""
        return self._told[0]

    @property
    def series(self) -> frozenset[SeriesId]:
        """Series watched or asked for."""
        return self._told[1]

    @property
    def watched_series(self) -> frozenset[SeriesId]:
        """Series that somebody watches: these are repriced at full rate."""
        return self._watched_series

    async def changed(self) -> None:
        """Returns after the next change of either set."""
        await self._change.wait()

    def watch(self, symbols: Iterable[Symbol], series: Iterable[SeriesId]) -> None:
        """Takes what is watched now."""
        self._watched_symbols, self._watched_series = frozenset(symbols), frozenset(series)
        self.settle()

    def ask(self, symbol: Symbol, series: Iterable[SeriesId] = ()) -> None:
        """Somebody asked about a name, and perhaps about some of its series."""
        until = self._monotonic() + ASKED_SECONDS
        self._asked_symbols[symbol] = until
        self._asked_series.update(dict.fromkeys(series, until))
        self.settle()

    def settle(self) -> None:
        """Forgets questions of long ago and wakes whoever waits for a change, where there is one."""
        now = self._monotonic()
        self._asked_symbols = {symbol: until for symbol, until in self._asked_symbols.items() if until > now}
        self._asked_series = {series: until for series, until in self._asked_series.items() if until > now}
        wanted = (self._watched_symbols | self._asked_symbols.keys(), self._watched_series | self._asked_series.keys())
        if wanted != self._told:
            self._told = wanted
            self._change.set()
            self._change = asyncio.Event()
