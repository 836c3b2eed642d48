"""What a feed is: one coroutine that emits columns until it is cancelled."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from engine.domain.ids import SeriesId, SourceId, Symbol, UtcNanos
from engine.domain.market import BarBatch, FeedEvent, VolatilityHistory
from engine.domain.marks import MeasureSeries


class FeedTraits(Struct, frozen=True, kw_only=True):
    """What can be expected of a feed; screens and rules read it."""

    source: SourceId
    """Stands beside every number: ``synthetic``, ``cboe``, ``file:spx_2022-06-10.csv``, ``tape:monday.tape``."""
    store: str
    """Which store its history belongs to: ``live`` for real markets as they happen; ``sim``, ``file`` and ``tape`` never mix with it."""
    variant: str = ""
    """Tells apart markets of this source that share no history: a simulated one's seed and start, in words. Runs of the same variant
    continue one history; a ``sim`` market that names none has a history of its own in every run."""
    simulated: bool = False
    """Says SIM on the screen."""
    own_clock: bool = False
    """Time is what its batches say, not what the wall clock says."""
    delayed_minutes: float = 0.0
    has_trades: bool = False
    has_speed: bool = False
    """Its clock can be run faster: :meth:`Feed.set_speed`."""
    default_symbol: Symbol = Symbol("SPY")
    note: str = ""
    """One line a user should read, such as the instant a file was frozen at."""
    continuation: Mapping[str, str | int | float | bool] = {}
    """Options that make this very market anew, of a feed that takes ``reached`` beside them (ns UTC, with ``speed``) and goes on from
    there; empty where a market cannot be gone on with."""
    saved_at: UtcNanos = UtcNanos(0)
    """When a file was saved, where its market stands at another instant, such as the close before; 0 otherwise."""


class Demand(Protocol):
    """What somebody looks at just now. A feed serves all it can; where it must choose, the watched comes first."""

    @property
    def symbols(self) -> frozenset[Symbol]: ...

    @property
    def series(self) -> frozenset[SeriesId]: ...

    async def changed(self) -> None:
        """Returns after the next change of either set."""
        ...


class FeedSink(Protocol):
    """Where a feed's batches go."""

    def emit(self, event: FeedEvent) -> None:
        """Hands a batch over; cheap, never blocks, to be called on the engine's loop."""
        ...


class Feed(Protocol):
    """A source of market data."""

    @property
    def traits(self) -> FeedTraits: ...

    async def run(self, sink: FeedSink, demand: Demand) -> None:
        """Lists, then emits, until cancelled; reconnects by itself; a return means that no more will ever come.

        Raises `UpstreamFailed` or `BadInput` where going on is useless (a cut file, a refused key).
        """
        ...

    async def set_speed(self, factor: float) -> None:
        """Runs the feed's own clock ``factor`` times real time (1 to 1000). Raises `Refused` where ``traits.has_speed`` is false."""
        ...

    async def ensure_listed(self, symbol: Symbol) -> bool:
        """Asks for a name that is not listed yet; true once its listing was emitted, false where the venue has none."""
        ...


@runtime_checkable
class PastFeed(Protocol):
    """A feed that can also be asked for what came before that which it tells unasked."""

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos, limit: int) -> BarBatch:
        """The newest ``limit`` bars of 60 or 86_400 seconds that start before an instant, oldest first; none where it has none.

        Raises `UnknownSymbol`, `UpstreamFailed`.
        """
        ...

    async def volatility_before(self, symbol: Symbol, before: UtcNanos, limit: int) -> VolatilityHistory | None:
        """Daily 30-day volatility of the newest ``limit`` sessions that start before an instant. Raises the same."""
        ...

    async def measures_before(self, symbol: Symbol, measures: tuple[str, ...], before: UtcNanos, limit: int) -> tuple[MeasureSeries, ...]:
        """Other measures of volatility (`engine.domain.measures`), daily: each the newest ``limit`` sessions that are over and start
        before an instant. Those it cannot tell are left out. Raises the same.
        """
        ...


class FeedSettings(Struct, frozen=True, kw_only=True):
    """What a feed is built from."""

    argument: str = ""
    """What followed the colon of ``--feed name:argument``."""
    options: Mapping[str, Any] = {}
    """The plugin's own section of the configuration, ``[feeds.<name>]``, and of ``--seed --start --speed``."""
    cache: Path | None = None
    """A folder the feed may keep downloads in."""
    now: UtcNanos = UtcNanos(0)
    """The wall clock at the start: a feed reads no clock of its own but asyncio's."""
    secrets: Mapping[str, str] = {}


FeedFactory = Callable[[FeedSettings], Feed]
