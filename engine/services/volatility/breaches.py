"""The Volatility Filter, alive: every followed coordinate of every name is sampled and judged, and what breaks a rule is told and kept."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from math import nan
from typing import NamedTuple, Protocol

from engine.domain.columns import floats
from engine.domain.errors import BadInput, OptixError, StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.instruments import Security
from engine.domain.market import FeedState
from engine.domain.marks import BreachBasis, BreachMark, BreachRule, BreachTable, MeasureMark, MeasureSeries
from engine.domain.measures import Measure, MeasureKind, parse_measure
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.failures import Failures
from engine.kernel.offload import Offload
from engine.messages.base import Receipt
from engine.messages.breaches import (
    BreachBoard,
    BreachHappened,
    BreachStanding,
    BreachTrial,
    DeleteBreachRule,
    GetBreaches,
    GetBreachRules,
    SaveBreachRule,
    TryBreachRule,
)
from engine.quant.volatility.expected import LEAST, WINDOW
from engine.services.volatility.breach_rules import RuleBook, checked_rule
from engine.services.volatility.breach_tables import named, table_of
from engine.services.volatility.coordinates import Coordinates
from engine.services.volatility.detector import Judgement, Trail, is_broken, mark_of, replayed
from engine.services.volatility.samples import is_of_surface, recorded_samples
from engine.state.whole import State

LOOK_SECONDS = 1.0
"""Between two looks at which surfaces are new."""
AT_ONCE = 2
"""Names judged before the loop is let go."""
KEPT = 2_000
"""Breaches held in memory, for where no history is kept and until it has written them."""
MOST_LIMIT = 100_000
REMEMBERED_NS = 4 * DAY_NS
"""A rule that was broken when the engine ended is broken still, within so long: over the longest weekend."""
OPEN_MARKET = frozenset({FeedState.LIVE, FeedState.DELAYED})
ALWAYS = (Measure(kind=MeasureKind.FILTER), Measure(kind=MeasureKind.INDEX, days=(9,)))
"""Recorded of every name beside what its surface says."""
Resolve = Callable[[str], Awaitable[Security]]
_log = logging.getLogger(__name__)


class BreachPast(Protocol):
    """What of a store is used here."""

    def record(self, event: MeasureMark | BreachMark) -> None: ...

    async def measure_series(
        self, symbol: Symbol, measure: str, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 2_000
    ) -> MeasureSeries: ...

    async def breaches(
        self, symbol: Symbol = ..., rule: str = "", since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 1_000
    ) -> BreachTable: ...


class Place(NamedTuple):
    """A coordinate of a name."""

    symbol: Symbol
    measure: Measure


class Breaches:
    """Judges, tells and answers. The one writer of breach marks."""

    def __init__(
        self,
        *,
        state: State,
        bus: Bus,
        clock: Clock,
        offload: Offload,
        coordinates: Coordinates,
        book: RuleBook,
        resolve: Resolve,
        past: BreachPast | None,
    ) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._offload = offload
        self._coordinates = coordinates
        self._book = book
        self._resolve = resolve
        self._past = past
        self._trails: dict[Place, Trail] = {}
        self._newest: dict[Place, Judgement] = {}
        self._broken: dict[tuple[str, Symbol], UtcNanos] = {}
        self._seen: dict[Symbol, UtcNanos] = {}
        self._told: deque[BreachMark] = deque(maxlen=KEPT)
        self._failures = Failures(bus=bus, clock=clock, log=_log)

    def broken(self, symbol: Symbol) -> tuple[str, ...]:
        """The rules that a name breaks just now, in the user's order."""
        return tuple(rule.name for rule in self._book.rules if (rule.name, symbol) in self._broken)

    def newest(self, symbol: Symbol, measure: Measure) -> float:
        """The newest judged value of a coordinate; NaN where it is not followed."""
        judged = self._newest.get(Place(symbol, measure))
        return judged.value if judged is not None else nan

    # -- the beat -----------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Judges names whose surface is new, until cancelled."""
        await self._remember()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 (told of, and tried again: one odd name must not end the watch)
                self._failures.tell("The breach rules cannot be judged", error)

    async def look(self) -> None:
        """One look: every name with a surface newer than at the last."""
        if self._state.health.state not in OPEN_MARKET:
            return
        for place, symbol in enumerate(self._state.instruments.symbols):
            surface = self._coordinates.surface(symbol)
            if surface is not None and surface.slices and surface.as_of != self._seen.get(symbol):
                self._seen[symbol] = surface.as_of
                try:
                    self.judge(symbol, surface.as_of)
                except Exception as error:  # noqa: BLE001 (told of, and tried again: one odd name must not keep the others from being judged)
                    self._failures.tell("The breach rules cannot be judged", error, of=symbol)
            if place % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)

    def judge(self, symbol: Symbol, at: UtcNanos) -> None:
        """Every rule that follows the name, at an instant."""
        rules = [(rule, parse_measure(rule.measure)) for rule in self._book.rules if follows(rule, symbol)]
        judged = {measure: self._judged(Place(symbol, measure), at) for measure in dict.fromkeys([*ALWAYS, *(one for _, one in rules)])}
        for rule, measure in rules:
            key = (rule.name, symbol)
            before = key in self._broken
            now = is_broken(rule, judged[measure], before=before)
            if now is not before:
                if now:
                    self._broken[key] = at
                else:
                    del self._broken[key]
                self._tell(mark_of(rule, symbol, judged[measure], entered=now))
        self._record(symbol, at, judged)

    def _judged(self, place: Place, at: UtcNanos) -> Judgement:
        value = self._value(place, at)
        found = self._newest[place] = self._trail(place).judge(at, value)
        return found

    def _value(self, place: Place, at: UtcNanos) -> float:
        if place.measure.kind is not MeasureKind.RESIDUAL:
            return self._coordinates.value(place.symbol, place.measure)
        whole = Place(place.symbol, Measure(kind=MeasureKind.ATM, days=place.measure.days))
        found = self._trail(whole).judge(at, self._coordinates.value(*whole))
        return found.value - found.estimate

    def _trail(self, place: Place) -> Trail:
        trail = self._trails.get(place)
        if trail is None:
            trail = self._trails[place] = Trail(place.measure)
        return trail

    def _tell(self, mark: BreachMark) -> None:
        self._told.append(mark)
        if self._past is not None:
            self._past.record(mark)
        self._bus.publish(BreachHappened(breach=mark))

    def _record(self, symbol: Symbol, at: UtcNanos, judged: dict[Measure, Judgement]) -> None:
        """What the surface's own measures leave out; the history keeps one a span."""
        told = {one.text: found.value for one, found in judged.items() if found.value == found.value and not is_of_surface(one)}
        if self._past is not None and told:
            self._past.record(MeasureMark(at=at, symbol=symbol, measures=tuple(told), values=floats([*told.values()])))

    async def _remember(self) -> None:
        """What was broken as the engine ended is broken still: it is not told anew.

        A market with a clock of its own begins its time again, and is to tell the same as the last time. A rule that was changed since
        begins unbroken, as it did when it was saved.
        """
        if self._past is None or self._clock.own:
            return
        try:
            found = await self._past.breaches(limit=KEPT)
            rules = {rule.name: rule for rule in self._book.rules}
        except OptixError as error:
            _log.info("no breaches of the past: %s", error)
            return
        now, known = self._clock.now(), set[tuple[str, Symbol]]()
        for mark in named(found):
            key, rule = (mark.rule, mark.symbol), rules.get(mark.rule)
            is_of_rule = rule is not None and follows(rule, mark.symbol) and tells_of(mark, rule)
            if key not in known and mark.entered and is_of_rule and 0 <= now - mark.at <= REMEMBERED_NS:
                self._broken.setdefault(key, mark.at)
            known.add(key)

    # -- questions and commands ---------------------------------------------------------------------------------------------

    async def table(self, query: GetBreaches) -> BreachTable:
        """Breaches of the history and of this life, newest first."""
        if not 1 <= query.limit <= MOST_LIMIT:
            raise BadInput(f"ask for 1 to {MOST_LIMIT:,} breaches, not {query.limit:,}")
        symbol = (await self._resolve(query.symbol)).symbol if query.symbol.strip() else Symbol("")
        told = [mark for mark in self._told if is_wanted(mark, symbol, query)]
        return table_of([*told, *await self._stored(symbol, query)], query.limit)

    async def _stored(self, symbol: Symbol, query: GetBreaches) -> Iterable[BreachMark]:
        if self._past is None:
            return ()
        try:
            return named(await self._past.breaches(symbol, query.rule, query.since, query.until, query.limit))
        except OptixError as error:
            _log.info("no breaches of the past: %s", error)
            return ()

    async def board(self, query: GetBreachRules) -> BreachBoard:
        """All rules, and where the followed names stand."""
        symbols = (
            [(await self._resolve(query.symbol)).symbol]
            if query.symbol.strip()
            else [symbol for symbol in self._state.instruments.symbols if symbol in self._seen]
        )
        return BreachBoard(
            source=self._state.health.traits.source,
            as_of=max((self._seen[symbol] for symbol in symbols if symbol in self._seen), default=UtcNanos(0)),
            rules=self._book.rules,
            standings=tuple(self._standing(rule, symbol) for rule in self._book.rules for symbol in symbols if follows(rule, symbol)),
        )

    def _standing(self, rule: BreachRule, symbol: Symbol) -> BreachStanding:
        judged = self._newest.get(Place(symbol, parse_measure(rule.measure)), Judgement(UtcNanos(0), nan, nan, nan, 0))
        return BreachStanding(
            rule=rule.name,
            symbol=symbol,
            measure=rule.measure,
            at=judged.at,
            value=judged.value,
            estimate=judged.estimate,
            error=judged.error,
            deviation=judged.deviation,
            samples=judged.samples,
            broken_since=self._broken.get((rule.name, symbol), UtcNanos(0)),
            refusal=refusal(rule, judged),
        )

    async def save(self, command: SaveBreachRule) -> Receipt:
        """Keeps a rule; one that is changed begins unbroken."""
        kept = self._book.save(command.rule)
        self._let_go(kept.name)
        return Receipt(text=f"{kept.name}: {kept.measure} is followed" if kept.enabled else f"{kept.name} is kept, and off")

    async def delete(self, command: DeleteBreachRule) -> Receipt:
        """Forgets a rule."""
        name = self._book.delete(command.name)
        self._let_go(name)
        return Receipt(text=f"{name} is forgotten")

    async def tried(self, query: TryBreachRule) -> BreachTrial:
        """The rule, replayed over the recorded samples."""
        if not 1 <= query.limit <= MOST_LIMIT:
            raise BadInput(f"replay 1 to {MOST_LIMIT:,} samples, not {query.limit:,}")
        rule, symbol = checked_rule(query.rule), (await self._resolve(query.symbol)).symbol
        measure = parse_measure(rule.measure)
        if self._past is None:
            return _no_trial(rule, symbol, "this engine keeps no history (store.record is off): there are no samples to replay")
        try:
            found = await recorded_samples(self._past, symbol, measure, query.since, query.until, query.limit)
        except StoreUnavailable as error:
            return _no_trial(rule, symbol, str(error))
        if not found.at.size:
            return _no_trial(rule, symbol, _no_sample(symbol, measure))
        if rule.basis is BreachBasis.DEVIATION and found.at.size <= LEAST:
            return _no_trial(rule, symbol, _too_few(symbol, measure, int(found.at.size)))
        marks = await self._offload.run(lambda: list(replayed(rule, measure, symbol, found.at, found.value)))
        return BreachTrial(
            symbol=symbol,
            rule=rule,
            samples=int(found.at.size),
            first_at=UtcNanos(int(found.at[0])),
            last_at=UtcNanos(int(found.at[-1])),
            breaches=table_of(marks, MOST_LIMIT),
            refusal="",
        )

    def _let_go(self, rule: str) -> None:
        self._broken = {key: since for key, since in self._broken.items() if key[0] != rule}


def follows(rule: BreachRule, symbol: Symbol) -> bool:
    """Whether the rule is on and about that name."""
    return rule.enabled and (not rule.symbols or symbol in rule.symbols)


def tells_of(mark: BreachMark, rule: BreachRule) -> bool:
    """Whether a mark of a broken rule is of the rule as it stands now."""
    compared = mark.deviation == mark.deviation
    return (mark.measure, mark.threshold, compared) == (rule.measure, rule.threshold, rule.basis is BreachBasis.DEVIATION)


def is_wanted(mark: BreachMark, symbol: Symbol, query: GetBreaches) -> bool:
    """Whether a mark in memory is an answer."""
    return (
        (not symbol or mark.symbol == symbol)
        and (not query.rule or mark.rule == query.rule)
        and (query.since is None or mark.at >= query.since)
        and (query.until is None or mark.at < query.until)
    )


def refusal(rule: BreachRule, judged: Judgement) -> str:
    """Why a rule cannot be judged just now; "" where it is."""
    if not judged.at:
        return "no surface of it was fitted yet"
    if judged.value != judged.value:
        return f"{rule.measure} is not known"
    if rule.basis is BreachBasis.DEVIATION and judged.samples < LEAST:
        return f"{judged.samples} samples of {WINDOW} are there, one a minute, and an estimate needs {LEAST}"
    return ""


def _no_sample(symbol: Symbol, measure: Measure) -> str:
    when = "while an engine runs" if is_of_surface(measure) or measure in ALWAYS else "while an engine runs and a rule follows it"
    return f"no sample of {measure.text} is recorded of {symbol} in that time: one is kept a minute {when}"


def _too_few(symbol: Symbol, measure: Measure, samples: int) -> str:
    found = f"{samples} sample{'' if samples == 1 else 's'} of {measure.text} recorded of {symbol} in that time"
    return f"{found}: a standard error needs {LEAST} before the first judged"


def _no_trial(rule: BreachRule, symbol: Symbol, why: str) -> BreachTrial:
    return BreachTrial(
        symbol=symbol, rule=rule, samples=0, first_at=UtcNanos(0), last_at=UtcNanos(0), breaches=table_of((), 0), refusal=why
    )
