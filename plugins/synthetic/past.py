"""The years before the year that is told: drawn when somebody asks, joined to the path that is played, and the same for the same seed."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from threading import Lock

import numpy as np

from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.ids import Symbol
from engine.domain.instants import from_nanos, new_york, utc_instant
from engine.domain.market import BarBatch, VolatilityHistory
from engine.domain.marks import MeasureSeries
from engine.domain.measures import Measure, MeasureKind, parse_measure
from engine.domain.roots import make_security
from plugins.synthetic.history import (
    Columns,
    Span,
    bar_batch,
    closes,
    constant_maturity,
    daily,
    joined,
    sessions_minutes,
    spans,
    variance_ahead_of,
    volatility,
)
from plugins.synthetic.motion import MarketBridge, Moments, Motion, OwnMotion
from plugins.synthetic.name import Name
from plugins.synthetic.names import BY_SYMBOL
from plugins.synthetic.skeleton import Skeleton
from plugins.synthetic.surface import shapes
from plugins.synthetic.timeline import CalendarClock, SessionClock, calendar_blocks, session_blocks
from plugins.synthetic.vix import VixLevel, variance_ratio
from plugins.synthetic.world import assembled

EARLIER_DAYS = 730
"""Calendar days before those that are told unasked: three years and more in all."""
FIRST_DAY = date(2001, 1, 16)
"""None before it: a year of dividends before it must be within the exchange calendar."""
BEYOND_DAYS = 1_560
"""Calendar days the clock knows past the first told day: the year that is told, what is played after it, and the 30 days of VIX."""
MOST_KEPT = 4
"""Paths kept; any other one is drawn again in some ten milliseconds."""
SESSIONS_AT_ONCE = 21
"""Drawn in one go: a month of half hours is some megabytes."""
MOST_TOLD = 64
KINDS = frozenset({MeasureKind.ATM, MeasureKind.RR25, MeasureKind.BF25, MeasureKind.TERM, MeasureKind.INDEX})
"""What is told of a surface that stood at a close."""
NONE = Columns(np.empty(0, np.int64), *(np.empty(0) for _ in range(5)))
DAY_SECONDS = 86_400

Bones = Mapping[Symbol, Skeleton]
"""The paths a name stands on, as far as they are played."""


class Past:
    """What came before, by name. Every answer may be made in any thread."""

    def __init__(self, seed: int, told_from: date) -> None:
        self.seed = seed
        self.told_from = told_from
        """First day of those that are told unasked."""
        self.first = max(told_from - timedelta(days=EARLIER_DAYS), FIRST_DAY)
        self._earlier: dict[Symbol, Skeleton] = {}
        self._told: dict[tuple[Symbol, str, date], tuple[Longs, Floats]] = {}
        """Measures by day, as they are asked for again and again."""
        self._drawing = Lock()

    def bars(self, symbol: Symbol, bones: Bones, *, seconds: int, before: int, limit: int, day: date) -> BarBatch:
        """The newest ``limit`` bars that start before an instant, oldest first: days before the first told one, or minutes of days before
        the one in force.
        """
        if limit < 1 or seconds not in {60, DAY_SECONDS}:
            return bar_batch(before, symbol, seconds, NONE)
        tick = make_security(symbol).tick
        motion = self._motion(BY_SYMBOL[symbol], bones)
        if seconds == DAY_SECONDS:
            days = spans(motion, self.first, min(self.told_from, from_nanos(before).date()) - timedelta(days=1))[-limit:]
            return bar_batch(before, symbol, seconds, daily(motion, self.seed, days, tick) if days else NONE)
        days = spans(motion, self.first, min(new_york(before).date(), day - timedelta(days=1)))
        return bar_batch(before, symbol, seconds, self._minutes(motion, days, before, limit, tick))

    def _minutes(self, motion: Motion, days: list[Span], before: int, limit: int, tick: float) -> Columns:
        days = [day for day in days if motion.skeleton.at[day.first] < before]
        parts: list[Columns] = []
        left = limit
        while days and left > 0:
            bars = sessions_minutes(motion, self.seed, days[-SESSIONS_AT_ONCE:], tick)
            parts.append(bars.chosen(bars.start < before))
            left -= parts[-1].start.size
            del days[-SESSIONS_AT_ONCE:]
        return joined(parts[::-1]).chosen(slice(-limit, None)) if parts else NONE

    def volatility(self, symbol: Symbol, bones: Bones, *, before: int, limit: int) -> VolatilityHistory | None:
        """Daily closes of 30-day volatility of the newest ``limit`` days before an instant, and before the first told one."""
        motion = self._motion(BY_SYMBOL[symbol], bones)
        days = spans(motion, self.first, min(self.told_from, from_nanos(before).date()) - timedelta(days=1))
        return volatility(motion, days[-limit:], before) if days and limit > 0 else None

    def measures(
        self, symbol: Symbol, bones: Bones, names: tuple[str, ...], *, before: int, limit: int, day: date
    ) -> tuple[MeasureSeries, ...]:
        """Daily closes of other measures of the surface, of days before the one in force; those it does not know are left out."""
        wanted = [measure for measure in map(parse_measure, names) if measure.kind in KINDS]
        if not wanted or limit < 1:
            return ()
        found = {measure.text: self._told.get((symbol, measure.text, day)) for measure in wanted}
        missing = [measure for measure in wanted if found[measure.text] is None]
        if missing:
            motion = self._motion(BY_SYMBOL[symbol], bones)
            days = spans(motion, self.first, day - timedelta(days=1))
            states, start = closes(motion, days), longs(np.array([utc_instant(one.day) for one in days], dtype=np.int64))
            for measure in missing:
                found[measure.text] = (start, floats(np.round(_values(motion, states, measure), 6)))
            self._remember({(symbol, name, day): told for name, told in found.items() if told is not None})
        return tuple(_newest(symbol, name, *told, before, limit) for name, told in found.items() if told is not None)

    def _remember(self, told: "dict[tuple[Symbol, str, date], tuple[Longs, Floats]]") -> None:
        with self._drawing:
            self._told.update(told)
            for oldest in list(self._told)[:-MOST_TOLD]:
                del self._told[oldest]

    def _motion(self, name: Name, bones: Bones) -> Motion:
        market = MarketBridge(self.seed)
        with self._drawing:
            return assembled(name, lambda one: OwnMotion(self._long(one, bones[one.symbol]), market), lambda: self._level)

    def _long(self, name: Name, played: Skeleton) -> Skeleton:
        """A path from the first day on, as far as it is played."""
        found = self._earlier.pop(name.symbol, None)
        if found is None:
            clock = self._coins if name.is_coin else self._sessions
            edges = (calendar_blocks if name.is_coin else session_blocks)(self.first, self.told_from - timedelta(days=1))
            edges = np.concatenate([edges[edges < played.at[0]], played.at[:1]])
            found = Skeleton(name, seed=self.seed, clock=clock, edges=edges, anchor_at=int(edges[-1]), arrival=played.first())
        self._earlier[name.symbol] = found
        while len(self._earlier) > MOST_KEPT:
            del self._earlier[next(iter(self._earlier))]
        return found.followed_by(played)

    @cached_property
    def _sessions(self) -> SessionClock:
        return SessionClock(self.first - timedelta(days=5), self.told_from + timedelta(days=BEYOND_DAYS))

    @cached_property
    def _coins(self) -> CalendarClock:
        return CalendarClock(self.first)

    @cached_property
    def _level(self) -> VixLevel:
        return VixLevel(self._sessions)


def _values(motion: Motion, states: Moments, measure: Measure) -> Floats:
    days = measure.days[0]
    if measure.kind is MeasureKind.INDEX:
        terms = motion.name.surface
        theta = variance_ahead_of(motion, states, days)
        rho, eta = shapes(terms, states)
        index: Floats = np.sqrt(theta / (days / 365.0) * variance_ratio(theta, rho, eta, terms.gamma))
        return index
    atm, call, put = constant_maturity(motion, states, days)
    match measure.kind:
        case MeasureKind.RR25:
            return call - put
        case MeasureKind.BF25:
            return 0.5 * (call + put) - atm
        case MeasureKind.TERM:
            return constant_maturity(motion, states, measure.days[1])[0] - atm
    return atm


def _newest(symbol: Symbol, name: str, day: Longs, value: Floats, before: int, limit: int) -> MeasureSeries:
    chosen = np.flatnonzero(day < before)[-limit:]
    return MeasureSeries(symbol=symbol, measure=name, at=longs(day[chosen]), value=floats(value[chosen]))
