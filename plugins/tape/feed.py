"""The tape feed: says again what a feed once said, in the same order and at the same market time, then stands still."""

import asyncio

from engine.contracts.feed import Demand, FeedSettings, FeedSink, FeedTraits
from engine.contracts.tape import END_OF_TAPE, TapeHeader, TapeReader
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import new_york
from engine.domain.market import FeedCondition, FeedEvent, FeedState, Listing
from plugins.tape.pace import Pace
from plugins.tape.settings import checked_speed, read_settings, start_instant


class TapeFeed:
    """One tape as a market with a clock of its own. Building it reads the header: what is no tape is refused at once."""

    def __init__(self, settings: FeedSettings) -> None:
        self._path, options = read_settings(settings)
        self._start = start_instant(options)
        self._speed = checked_speed(options.speed)
        self._longest_gap = options.longest_gap
        self._pace: Pace | None = None
        self._listed: set[Symbol] = set()
        with TapeReader(self._path) as tape:
            self._header = tape.header

    @property
    def header(self) -> TapeHeader:
        """What the tape says of itself."""
        return self._header

    @property
    def traits(self) -> FeedTraits:
        recorded = self._header.traits
        return FeedTraits(
            source=SourceId(f"tape:{self._path.name}"),
            store="tape",
            simulated=recorded.simulated,
            own_clock=True,
            delayed_minutes=recorded.delayed_minutes,
            has_trades=recorded.has_trades,
            has_speed=True,
            default_symbol=recorded.default_symbol,
            note=f"recorded from {recorded.source} on {new_york(self._header.created_at):%a %Y-%m-%d %H:%M} New York",
        )

    async def run(self, sink: FeedSink, demand: Demand) -> None:  # noqa: ARG002 (a tape holds what it holds)
        """Plays the tape to its end, marks the end where the tape itself does not, and waits to be cancelled."""
        pace = self._pace = Pace(self._speed, self._longest_gap)
        last: FeedEvent | None = None
        with TapeReader(self._path) as tape:
            for event in tape:
                if event.at >= self._start:
                    await pace.until(event.at)
                if isinstance(event, Listing):
                    self._listed.update(security.symbol for security in event.securities)
                sink.emit(event)
                last = event
            trouble = tape.trouble
        if trouble or not (isinstance(last, FeedCondition) and last.state is FeedState.FROZEN):
            at = self._header.created_at if last is None else last.at
            sink.emit(
                FeedCondition(at=UtcNanos(at), state=FeedState.FROZEN, reason=f"{END_OF_TAPE}: {trouble}" if trouble else END_OF_TAPE)
            )
        await asyncio.Event().wait()

    async def set_speed(self, factor: float) -> None:
        """Plays on at another speed at once; 0 is as fast as possible."""
        self._speed = checked_speed(factor)
        if self._pace is not None:
            self._pace.change(self._speed)

    async def ensure_listed(self, symbol: Symbol) -> bool:
        """A tape lists what was listed when it was recorded, no sooner."""
        return symbol.upper() in self._listed
