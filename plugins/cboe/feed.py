"""The Cboe feed: fetches what is watched, one chain at a time, says how late it is, and keeps the last good one through every trouble."""

import asyncio
import random

from engine.contracts.feed import Demand, FeedSettings, FeedSink, FeedTraits
from engine.domain.calendar import session_at
from engine.domain.errors import BadInput, OptixError, Refused, UpstreamFailed
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS, new_york
from engine.domain.market import FeedCondition, FeedState, Pulse
from engine.domain.roots import make_security
from plugins.cboe.client import Absent, Busy, CboeClient, Denied, Unreachable
from plugins.cboe.patience import Patience
from plugins.cboe.settings import default_symbol, is_symbol, read_settings
from plugins.cboe.symbols import wanted_symbols
from plugins.chainfiles.events import Handles, listing, quotes, summaries
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.read import read_chain

DELAY_MINUTES = 15.0
SLOW = 30.0
"""Outside sessions, and after a refusal, a name is asked for so many times less often."""
UNCHANGED_NS = 10 * MINUTE_NS
"""A file that stays the same for longer inside a session is not being renewed."""


class _Name:
    """What is known of one symbol."""

    def __init__(self) -> None:
        self.due = 0.0
        """Loop time of the next request."""
        self.file: ChainFile | None = None
        self.changed_at = UtcNanos(0)
        self.absent = False
        self.trouble = ""
        self.cut_off = False
        """The trouble is that nobody answers."""


class CboeFeed:
    """Delayed chains of whatever is watched."""

    def __init__(self, settings: FeedSettings) -> None:
        self._options = read_settings(settings)
        self._started_at = settings.now
        self._loop_start = 0.0
        self._client = CboeClient(self._options)
        self._patience = Patience(self._options.scale, random.Random())  # noqa: S311 (jitter, no secret)
        self._one_at_a_time = asyncio.Lock()
        self._handles = Handles()
        self._names: dict[Symbol, _Name] = {}
        self._sink: FeedSink | None = None
        self._watched: set[Symbol] = set()
        self._told = FeedState.CLOSED, ""

    @property
    def traits(self) -> FeedTraits:
        return FeedTraits(
            source=SourceId("cboe"),
            store="live",
            delayed_minutes=DELAY_MINUTES,
            default_symbol=default_symbol(self._options),
            note=f"Cboe's public quotes, {DELAY_MINUTES:g} minutes late, renewed every {self._options.refresh_seconds:g} s at most",
        )

    async def run(self, sink: FeedSink, demand: Demand) -> None:
        """Asks for what is watched, each name when it is due, until cancelled."""
        loop = asyncio.get_running_loop()
        self._loop_start = loop.time()
        async with self._client:
            self._sink = sink
            try:
                self._tell(FeedState.CONNECTING, "the first chain is on its way")
                while True:
                    self._watch(demand)
                    symbol, due = self._next()
                    if due <= loop.time():
                        await self._refresh(symbol)
                    else:
                        await _changed_or(demand, due - loop.time())
            finally:
                self._sink = None

    async def set_speed(self, factor: float) -> None:
        """The world cannot be hurried."""
        raise Refused(f"Cboe's quotes come when they come: they cannot be run {factor:g} times faster")

    async def ensure_listed(self, symbol: Symbol) -> bool:
        """Fetches a name that was never fetched. Raises UpstreamFailed where the venue cannot be asked just now."""
        symbol = Symbol(symbol.upper())
        if not is_symbol(symbol) or self._sink is None:
            return False
        name = self._name(symbol)
        if name.file is None and not name.absent:
            wait = self._patience.not_before - asyncio.get_running_loop().time()
            if wait > 5.0:
                raise UpstreamFailed(f"Cboe is not answering; it is asked again in {wait:.0f} s")
            await self._refresh(symbol)
        if name.file is None and not name.absent:
            raise UpstreamFailed(name.trouble or f"Cboe gave no chain of {symbol}")
        return name.file is not None

    def _name(self, symbol: Symbol) -> _Name:
        return self._names.setdefault(symbol, _Name())

    def _watch(self, demand: Demand) -> None:
        """Takes over what is looked at; the first name counts until it was fetched once."""
        first = default_symbol(self._options)
        self._watched = set(wanted_symbols(demand.symbols, demand.series))
        if self._name(first).file is None:
            self._watched.add(first)
        for symbol in self._watched:
            self._name(symbol)

    def _next(self) -> tuple[Symbol, float]:
        """Which name is due first, and when; nothing watched is never due."""
        if not self._watched:
            return Symbol(""), float("inf")
        symbol = min(sorted(self._watched), key=lambda entry: self._names[entry].due)
        return symbol, max(self._names[symbol].due, self._patience.not_before)

    def _now(self) -> UtcNanos:
        """The wall clock, from the one at the start and the loop's."""
        return UtcNanos(self._started_at + round((asyncio.get_running_loop().time() - self._loop_start) * 1e9))

    async def _refresh(self, symbol: Symbol) -> None:
        """One request and what comes of it; requests never overlap and keep a distance."""
        name = self._name(symbol)
        loop = asyncio.get_running_loop()
        async with self._one_at_a_time:
            if (pause := self._patience.not_before - loop.time()) > 0:
                await asyncio.sleep(pause)
            try:
                data = await self._client.fetch(symbol)
                file = None if data is None else await asyncio.to_thread(_chain, symbol, data)
            except OptixError as trouble:
                self._fail(symbol, name, trouble)
            else:
                self._succeed(symbol, name, file)
            self._patience.not_before = max(self._patience.not_before, loop.time() + self._options.scale)

    def _succeed(self, symbol: Symbol, name: _Name, file: ChainFile | None) -> None:
        loop_now, now = asyncio.get_running_loop().time(), self._now()
        self._patience.succeeded(loop_now)
        name.trouble, name.cut_off, name.absent = "", False, False
        session = make_security(symbol).session
        open_now = session_at(session, now) is not None or session_at(session, now - int(DELAY_MINUTES * MINUTE_NS)) is not None
        name.due = loop_now + self._options.refresh_seconds * (1.0 if open_now else SLOW)
        if file is not None and (name.file is None or file.saved_at > name.file.saved_at):
            name.file, name.changed_at = file, now
            self._emit(file, now)
        elif self._sink is not None:
            self._sink.emit(Pulse(at=now))
            if open_now and now - name.changed_at > UNCHANGED_NS * self._options.scale:
                name.trouble = f"{symbol}: Cboe's file has been the same for {(now - name.changed_at) // MINUTE_NS} minutes"
        self._judge(closed=not open_now)

    def _fail(self, symbol: Symbol, name: _Name, trouble: OptixError) -> None:
        now = asyncio.get_running_loop().time()
        self._client.forget(symbol)
        name.cut_off = isinstance(trouble, Unreachable)
        name.absent = isinstance(trouble, Absent) or self._means_absent(name, trouble)
        name.trouble = "" if name.absent else f"{symbol}: {trouble}"
        if isinstance(trouble, Busy | Unreachable):
            name.due = now + self._patience.failed(now, getattr(trouble, "retry_after", 0.0))
        else:
            slow = SLOW if isinstance(trouble, Denied | Absent) else 1.0
            name.due = now + self._options.refresh_seconds * slow
        self._judge(closed=False)

    def _means_absent(self, name: _Name, trouble: OptixError) -> bool:
        """The address says "forbidden" for a name it does not have: that it means, once it has answered for another."""
        never = name.file is None
        return never and isinstance(trouble, Denied) and trouble.status == 403 and any(other.file for other in self._names.values())

    def _emit(self, file: ChainFile, now: UtcNanos) -> None:
        if self._sink is None:
            return
        names = listing(file, self._handles, now)
        if names is not None:
            self._sink.emit(names)
        self._sink.emit(summaries(file, self._handles, now))
        self._sink.emit(quotes(file, self._handles, now, event_at=min(file.market_at, now)))

    def _judge(self, *, closed: bool) -> None:
        """Says how the feed is, whenever that changed."""
        ill = [self._names[symbol] for symbol in sorted(self._watched) if self._names[symbol].trouble]
        if ill:
            kept = max((name.file.market_at for name in self._names.values() if name.file is not None), default=None)
            since = "" if kept is None else f"; the newest quotes kept are of {new_york(kept):%H:%M:%S} New York"
            state = FeedState.DISCONNECTED if any(name.cut_off for name in ill) else FeedState.DEGRADED
            self._tell(state, ill[0].trouble + since)
        elif not any(name.file for name in self._names.values()):
            absent = ", ".join(sorted(symbol for symbol, name in self._names.items() if name.absent))
            self._tell(FeedState.DEGRADED, f"Cboe has no options on {absent}")
        elif closed:
            self._tell(FeedState.CLOSED, "the session is over; asked again every quarter of an hour")
        else:
            self._tell(FeedState.DELAYED, f"{DELAY_MINUTES:g} minutes late, as Cboe publishes it")

    def _tell(self, state: FeedState, reason: str) -> None:
        if self._sink is not None and (state, reason) != self._told:
            self._told = state, reason
            gap = 2.0 * self._options.refresh_seconds + self._options.timeout_seconds
            self._sink.emit(FeedCondition(at=self._now(), state=state, reason=reason, expected_gap=gap))


def _chain(symbol: Symbol, data: bytes) -> ChainFile:
    """The chain in an answer. Raises Denied for what is none: HTML, an error's text, a new schema, another name's chain."""
    try:
        file = read_chain(f"Cboe's answer for {symbol}", data)
    except BadInput as trouble:
        raise Denied(str(trouble)) from trouble
    except UpstreamFailed as trouble:
        raise Denied(str(trouble)) from trouble
    if file.symbol != symbol:
        raise Denied(f"Cboe's answer for {symbol} is a chain of {file.symbol}")
    return file


async def _changed_or(demand: Demand, seconds: float) -> None:
    """Returns after a change of what is watched, or after that time."""
    try:
        async with asyncio.timeout(min(seconds, 3600.0)):
            await demand.changed()
    except TimeoutError:
        return
