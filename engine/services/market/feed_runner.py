"""Keeps the feed running: started, heard, restarted after a crash, and not believed when it falls silent."""

import asyncio
import logging
from collections.abc import Callable

from engine.contracts.feed import Feed
from engine.domain.errors import BadInput, NotConfigured, OptixError, Refused, UpstreamFailed
from engine.domain.ids import Symbol
from engine.domain.instants import new_york
from engine.domain.market import FeedState
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.tasks import Tasks
from engine.messages.base import Receipt
from engine.messages.commands import SetSpeed
from engine.messages.events import NoticeLevel, NoticePosted
from engine.services.market.ingest import Ingest
from engine.state.whole import State

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
HEALTHY_SECONDS = 60.0
"""A feed that ran this long has earned a short pause again."""
WATCH_SECONDS = 0.25
USELESS = (BadInput, NotConfigured, Refused, UpstreamFailed)
"""After these going on is useless: the feed says so itself."""
_log = logging.getLogger(__name__)


class Fetch:
    """A name the feed was asked for."""

    def __init__(self) -> None:
        self.over = False
        self.found = False
        self.trouble: OptixError | None = None

    async def run(self, feed: Feed, symbol: Symbol) -> None:
        """Asks, and keeps what came of it."""
        try:
            self.found = await feed.ensure_listed(symbol)
        except OptixError as error:
            self.trouble = error
        finally:
            self.over = True


class FeedRunner:
    """The one feed of this engine and its watchdog."""

    def __init__(self, *, build: Callable[[], Feed], ingest: Ingest, state: State, bus: Bus, clock: Clock, tasks: Tasks) -> None:
        self._build = build
        self._ingest = ingest
        self._state = state
        self._bus = bus
        self._clock = clock
        self._tasks = tasks
        self._silent_since = 0.0
        self.feed: Feed | None = None
        self.failure: OptixError | None = None
        """Why there is no feed and will be none."""
        ingest.on_told = self._hear

    def start(self) -> None:
        """Runs the feed and watches it until the engine closes."""
        self._tasks.spawn(self._keep_running(), name="feed")
        self._tasks.spawn(self._keep_watch(), name="feed watchdog")

    def fetch(self, symbol: Symbol) -> Fetch:
        """Asks the feed for a name it has not listed."""
        fetch = Fetch()
        if self.feed is None:
            fetch.over = True
        else:
            self._tasks.spawn(fetch.run(self.feed, symbol), name=f"fetch {symbol}")
        return fetch

    async def set_speed(self, command: SetSpeed) -> Receipt:
        """Runs the feed's own clock faster or slower."""
        if not 1.0 <= command.factor <= 1_000.0:
            raise BadInput(f"a speed is a factor from 1 to 1000, not {command.factor:g}")
        if self.feed is None or not self.feed.traits.has_speed:
            source = self._state.health.traits.source or "this feed"
            raise Refused(f"{source} runs by the wall clock: only a market with a clock of its own can be run faster")
        await self.feed.set_speed(command.factor)
        self._state.health.speed = command.factor
        return Receipt(text=f"the market runs {command.factor:g} times real time")

    def watch_silence(self) -> None:
        """One look of the watchdog: a live feed without a word for longer than it promised is not live."""
        health = self._state.health
        if health.told is not FeedState.LIVE or health.silent:
            return
        silence = self._clock.monotonic() - health.last_heard
        if silence <= health.expected_gap:
            return
        health.silent = True
        self._silent_since = health.last_heard
        self._turn(FeedState.DEGRADED, f"no data for {silence:.0f} s, at most {health.expected_gap:g} s were promised")
        self._notice(NoticeLevel.WARNING, "The data are stale", f"{health.traits.source}: {health.reason}")

    def _hear(self) -> None:
        health = self._state.health
        if health.silent:
            health.silent = False
            length = self._clock.monotonic() - self._silent_since
            health.gaps.append(f"{new_york(self._clock.now()):%H:%M:%S} New York: silent for {length:.0f} s")
            self._notice(NoticeLevel.INFO, "The data are live again", f"after {length:.0f} s of silence")
        self._turn(health.told, health.told_reason)

    async def _keep_watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self.watch_silence()

    async def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            started = self._clock.monotonic()
            try:
                await self._run_once()
            except USELESS as error:
                self._give_up(error)
                return
            except Exception as error:  # noqa: BLE001 (a plugin may fail in any way: it is told of, and started again)
                if self._clock.monotonic() - started >= HEALTHY_SECONDS:
                    pause = FIRST_PAUSE
                self._crashed(error, pause)
                await asyncio.sleep(pause)
                pause = min(2.0 * pause, LONGEST_PAUSE)
            else:
                self._ended()
                return

    async def _run_once(self) -> None:
        feed = self._build()
        self._ingest.begin(feed.traits)
        self._state.health.last_heard = self._clock.monotonic()
        self.feed = feed
        await feed.run(self._ingest, self._state.wanted)

    def _ended(self) -> None:
        health = self._state.health
        if health.told not in {FeedState.FROZEN, FeedState.CLOSED}:
            health.told, health.told_reason = FeedState.FROZEN, "the feed has no more to say"
            self._hear()

    def _give_up(self, error: OptixError) -> None:
        self.failure = error
        self._disconnect(str(error))
        self._notice(NoticeLevel.ERROR, "There is no feed", str(error))

    def _crashed(self, error: Exception, pause: float) -> None:
        health = self._state.health
        _log.error("the feed %s crashed", health.traits.source, exc_info=error)
        health.restarts += 1
        what = f"{type(error).__name__}: {error}"
        health.gaps.append(f"{new_york(self._clock.now()):%H:%M:%S} New York: the feed crashed ({what})")
        self._disconnect(f"the feed crashed ({what}); it is started again in {pause:g} s")
        self._notice(NoticeLevel.WARNING, "The feed crashed", health.reason)

    def _disconnect(self, reason: str) -> None:
        health = self._state.health
        health.told, health.told_reason = FeedState.DISCONNECTED, reason
        health.silent = False
        self._turn(FeedState.DISCONNECTED, reason)

    def _turn(self, state: FeedState, reason: str) -> None:
        self._state.health.turn(state, reason, self._clock.now())

    def _notice(self, level: NoticeLevel, title: str, text: str) -> None:
        self._bus.publish(NoticePosted(at=self._clock.now(), level=level, title=title, text=text))
