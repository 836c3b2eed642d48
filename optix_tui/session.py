"""The terminal's side of one engine: connection, status, market clock, listed names and the securities of the link groups."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from engine.domain.columns import Floats, Longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedState
from engine.messages.base import Event, topic
from engine.messages.events import (
    EngineChanged,
    FeedQualityChanged,
    NoticeLevel,
    NoticePosted,
    QuoteChanged,
    StatusChanged,
    UniverseChanged,
)
from engine.messages.exposure import Exposure, ExposureChanged
from engine.messages.queries import EngineStatus, FeedQuality, FindSecurities, GetStatus, Quote
from optix_tui.freshness import FeedView
from optix_tui.theme import LINK_LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.api import Engine, LastLook, Subscription
    from engine.domain.instruments import Security

MOST_NAMES = 20_000
LEVELS = {NoticeLevel.INFO: "information", NoticeLevel.WARNING: "warning", NoticeLevel.ERROR: "error"}
_STANDING = frozenset({FeedState.FROZEN, FeedState.DISCONNECTED})
WATCH_AGAIN_SECONDS = 1.0
"""A reader that was cut off, or whose engine ended, watches again after so long."""
SLACK_OF_DELAY = 1.5
"""A feed that says 15 minutes may be 22 late between two of its polls."""
_LONGEST_GUESS = 3.0
"""Seconds for which the market's clock is carried forward without a word from the engine."""
_SHORTEST_MEASURE = 0.25
"""Seconds between two statuses under which they say nothing about the clock's pace."""


def _pace(before: EngineStatus | None, now: EngineStatus, passed: float) -> float:
    """How fast the market's clock runs against ours, ``passed`` seconds after the status before; never faster than it was asked to."""
    if not now.own_clock:
        return 1.0
    if now.feed_state in _STANDING:
        return 0.0
    if before is None or passed < _SHORTEST_MEASURE or before.feed_state in _STANDING or before.run != now.run:
        return now.speed
    return min(max((now.market_time - before.market_time) / 1e9 / passed, 0.0), now.speed)


class Session:
    """What the frame knows. Read by every tile, written by the beat alone."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell
        self.engine: Engine | None = None
        self.status: EngineStatus | None = None
        self.quality: FeedQuality | None = None
        self.listed: dict[str, Security] = {}
        self.links: list[Symbol] = [Symbol("")] * len(LINK_LETTERS)
        self.was_connected = False
        self.trouble = ""
        """Why there is no engine, in words."""
        self.needs_names = False
        """The listing changed: it is to be asked for again."""
        self.engine_is_new = False
        """Tiles have to watch anew."""
        self.quote: Quote | None = None
        """Of the security the bar shows."""
        self.exposures: dict[Symbol, Exposure] = {}
        """As the engine tells them by itself; watched without a name, so that none is computed for the bar's sake."""
        self.quote_age: float | None = None
        """Seconds by which it was old when the terminal started; None once the engine has spoken of it."""
        self._quoted = Symbol("")
        self._quotes: Subscription | None = None
        self._subscription: Subscription | None = None
        self._status_at = self._watched_at = 0.0
        self._pace = 1.0
        """Market seconds in one of ours, as the last two statuses had it: a busy machine may fall behind the speed that was asked for."""
        self._shown_until = UtcNanos(0)
        """A clock that was carried too far stands here until the market has caught up."""
        self._silent_from: float | None = None
        """When the connection or the feed was lost, on the monotonic clock: a market's own clock may stand meanwhile."""

    # -- connection ---------------------------------------------------------------------------------------------------------

    def attach(self, engine: Engine) -> None:
        """An engine is there: watch what the frame itself shows."""
        self.engine, self.was_connected, self.trouble = engine, True, ""
        self._silent_from = None
        self.needs_names = self.engine_is_new = True
        self._watch(engine)

    def _watch(self, engine: Engine) -> None:
        if self._subscription is not None:
            self._subscription.close()
        self._watched_at = monotonic()
        kinds = (StatusChanged, FeedQualityChanged, NoticePosted, EngineChanged, UniverseChanged, ExposureChanged)
        self._subscription = engine.watch(*(topic(kind) for kind in kinds))
        self._watch_quote()

    def recall(self, look: LastLook, age: float) -> None:
        """The security bar's first paint: the quote of an earlier session."""
        self._quoted, self.quote, self.quote_age = look.symbol, look.quote, age
        self.listed.setdefault(look.symbol, look.quote.security)

    def look_at(self, symbol: Symbol) -> None:
        """The security bar follows another name."""
        if symbol != self._quoted:
            self._quoted, self.quote, self.quote_age = symbol, None, None
            self._watch_quote()

    def _watch_quote(self) -> None:
        if self._quotes is not None:
            self._quotes.close()
            self._quotes = None
        if self.engine is not None and self._quoted:
            self._quotes = self.engine.watch(topic(QuoteChanged, self._quoted))

    def detach(self, why: str) -> None:
        """The engine is gone."""
        self._silent_from = monotonic()
        self.engine, self.trouble = None, why
        for subscription in (self._subscription, self._quotes):
            if subscription is not None:
                subscription.close()
        self._subscription = self._quotes = None

    async def learn_names(self) -> None:
        """Asks how the engine is, if it has not said so yet, and which securities this market lists."""
        if self.engine is not None:
            self.needs_names = False
            if self.status is None:
                self._take_status(await self.engine.ask(GetStatus()))
            found = await self.engine.ask(FindSecurities(text="", limit=MOST_NAMES))
            self.listed = {security.symbol: security for security in found.securities}

    # -- the beat -----------------------------------------------------------------------------------------------------------

    def drain(self) -> bool:
        """Takes what the engine said; True when the bars look different now."""
        if self._subscription is None:
            return False
        events = self._subscription.drain()
        for event in events:
            self._take(event)
        if self._subscription.closed and self.engine is not None and monotonic() - self._watched_at > WATCH_AGAIN_SECONDS:
            self._watch(self.engine)
        for event in self._quotes.drain() if self._quotes is not None else ():
            if isinstance(event, QuoteChanged) and event.quote.security.symbol == self._quoted:
                self.quote, self.quote_age = event.quote, None
        return bool(events)

    def _take(self, event: Event) -> None:
        match event:
            case StatusChanged(status=status):
                self._take_status(status)
            case FeedQualityChanged(quality=quality):
                self.quality = quality
            case NoticePosted(title=title, text=text, level=level):
                self._tell(f"{title}: {text}" if text else title, LEVELS[level])
            case EngineChanged(text=text):
                self._tell(text, "warning")
                self.needs_names = self.engine_is_new = True
                self.exposures.clear()
            case ExposureChanged(exposure=exposure):
                self.exposures[exposure.symbol] = exposure
            case UniverseChanged():
                self.needs_names = True
            case _:
                pass

    def _take_status(self, status: EngineStatus) -> None:
        lost = status.feed_state is FeedState.DISCONNECTED
        if lost and self._silent_from is None:
            self._silent_from = monotonic()
        elif not lost:
            self._silent_from = None
        if not any(self.links):
            self.links = [status.default_symbol] * len(self.links)
        ahead = self.market_time()
        passed = monotonic() - self._status_at
        self._pace = _pace(self.status, status, passed)
        self.status, self._status_at = status, monotonic()
        within = int(_LONGEST_GUESS * max(1.0, status.speed) * SECOND_NS)
        self._shown_until = ahead if ahead - status.market_time <= within else UtcNanos(0)

    # -- what tiles read ----------------------------------------------------------------------------------------------------

    def market_time(self) -> UtcNanos:
        """The market's clock, carried forward between two statuses and never past the next one by much."""
        if self.status is None:
            return UtcNanos(0)
        gone = min(monotonic() - self._status_at, _LONGEST_GUESS)
        carried = UtcNanos(self.status.market_time + int(gone * self._pace * 1e9))
        return max(carried, self._shown_until)

    def feed_view(self) -> FeedView:
        """Connection, feed and clock, for the freshness of a tile."""
        status, now = self.status, self.market_time()
        silent_since = UtcNanos(0)
        if self._silent_from is not None:
            silent_since = UtcNanos(now - int(monotonic() - self._silent_from) * SECOND_NS)
        return FeedView(
            connected=self.engine is not None,
            was_connected=self.was_connected,
            state=status.feed_state if status else None,
            reason=self.trouble or (status.feed_reason if status else ""),
            market_time=now,
            wall_time=status.wall_time if status else UtcNanos(0),
            silent_since=silent_since,
            delay=status.delayed_minutes * 60 * SLACK_OF_DELAY if status else 0.0,
            speed=status.speed if status and status.own_clock else 1.0,
        )

    @property
    def default_symbol(self) -> Symbol:
        """The name a fresh terminal shows."""
        return self.status.default_symbol if self.status else Symbol("")

    def median_lag_ms(self) -> float:
        """Half of what arrived was applied within so many milliseconds; NaN while nothing arrived."""
        return float("nan") if self.quality is None else median_of_histogram(self.quality.lag_edges_ms, self.quality.lag_counts)


def median_of_histogram(edges: Floats, counts: Longs) -> float:
    """The median, taken as even within its bin; NaN of an empty histogram."""
    total = int(counts.sum()) if len(counts) else 0
    if not total:
        return float("nan")
    below = 0
    for bin_, count in enumerate(counts.tolist()):
        if below + count >= total / 2 and count:
            share = (total / 2 - below) / count
            low, high = float(edges[bin_]), float(edges[bin_ + 1])
            return low if high == float("inf") else low + (high - low) * share
        below += count
    return float(edges[-1])
