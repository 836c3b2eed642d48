"""What HIVG shows: one coordinate of a name through time, its band, where now stands in it, and the breaches on it."""

from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, from_nanos, new_york
from engine.domain.marks import BreachTable
from engine.messages.measures import MeasureHistory, MeasureTable
from optix_tui import format as written
from optix_tui.screens.axis import Scale
from optix_tui.screens.table import Cell, Column

COORDINATES: tuple[str, ...] = ("atm:30", "rr25:30", "bf25:30", "term:30:90", "index:30", "vrp:30", "rv:30")
"""What the ``o`` key goes through; any other measure can be named."""
NAMES = {
    "atm:30": "IV30",
    "rr25:30": "RR25 1M",
    "bf25:30": "BF25 1M",
    "term:30:90": "90-30",
    "index:30": "VIX30",
    "vrp:30": "IV-RV 1M",
    "rv:30": "RV 1M",
}
LENGTHS = (63, 126, 252, 504, 756)
INTRADAY = 2_000
"""Recorded samples asked for: one a minute."""
LEAST_WITH_SIDE, LEAST_ROWS_WITH_SIDE, SIDE = 96, 12, 44
LARGE = 1e4
OLD = 7 * DAY_NS
BINS = 12
"""Of the histogram."""
LEAST_MARK_GAP = 9
"""Columns between two labels under the line."""


class HistoryPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    measure: str = "atm:30"
    intraday: bool = False
    length: int = 252
    """Sessions in sight, and looked back on by rank and percentile."""
    crosshair: int | None = None
    """Values back from the newest; None hides it."""
    breaches: bool = True


class HistoryFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    daily: MeasureTable | None = None
    intraday: MeasureHistory | None = None
    intraday_trouble: str = ""
    """Why there is none."""
    breaches: BreachTable | None = None


class BreachOnLine(NamedTuple):
    """A breach beside the value it was at."""

    place: int
    """Index of the value."""
    entered: bool
    rises: bool
    text: str


class Standing(NamedTuple):
    """One coordinate in the table at the side."""

    history: MeasureHistory
    name: str
    change: float
    is_shown: bool
    is_before: bool
    """Its newest value is of a session before that of others: starred, and told under the table."""


class Histogram(NamedTuple):
    """How often the values in sight lay where."""

    counts: tuple[int, ...]
    """From the highest bin down."""
    edges: tuple[float, ...]
    """One more than counts, falling."""
    now: int
    """The bin of the newest value; -1 where it is unknown."""


class HistoryView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: HistoryPreferences
    history: MeasureHistory | None
    """Where the chosen coordinate stands, by its daily values."""
    name: str
    at: Longs
    value: Floats
    """In percent where the coordinate is; oldest first."""
    companion: Floats
    """Realised volatility on the same days; empty where it is not the level that is shown."""
    scale: Scale | None
    low: float
    high: float
    mean: float
    deviation: float
    unit: str
    marks: tuple[tuple[int, str], ...]
    breaches: tuple[BreachOnLine, ...]
    histogram: Histogram | None
    standings: tuple[Standing, ...]
    crosshair: int | None
    readout: str
    trouble: str
    side: int
    is_old: bool
    """The newest value is of a session long over: the head says which."""


def present(facts: HistoryFacts, preferences: HistoryPreferences, *, width: int, height: int, now: int = 0) -> HistoryView | None:
    """The screen for a body of so many cells at an instant (0: unknown); None until the daily values were told."""
    if facts.daily is None:
        return None
    found = {one.measure: one for one in facts.daily.histories}
    history = found.get(preferences.measure)
    at, value = _series(facts, preferences, history)
    factor = 100.0 if history is None or history.in_percent else 1.0
    value = value * factor
    companion = _companion(found, preferences, at) * 100.0
    known = value[np.isfinite(value)]
    crosshair = None if preferences.crosshair is None or not value.size else max(value.size - 1 - preferences.crosshair, 0)
    return HistoryView(
        preferences=preferences,
        history=history,
        name=NAMES.get(preferences.measure, preferences.measure),
        at=at,
        value=value,
        companion=companion,
        scale=Scale.around(np.concatenate([known, companion]), margin=0.08),
        low=float(known.min()) if known.size else nan,
        high=float(known.max()) if known.size else nan,
        mean=float(known.mean()) if known.size else nan,
        deviation=float(known.std(ddof=1)) if known.size > 1 else nan,
        unit="vol points" if factor == 100.0 else history.unit if history is not None else "",
        marks=_time_marks(at, intraday=preferences.intraday),
        breaches=_breaches(facts, preferences, at, value),
        histogram=_histogram(value),
        standings=_standings(facts.daily, preferences),
        crosshair=crosshair,
        readout=_readout(at, value, crosshair, intraday=preferences.intraday),
        trouble=_trouble(facts, preferences, history, known),
        is_old=history is not None and bool(history.now_at) and now - history.now_at > OLD,
        side=SIDE if width >= LEAST_WITH_SIDE and height >= LEAST_ROWS_WITH_SIDE else 0,
    )


def _series(facts: HistoryFacts, preferences: HistoryPreferences, history: MeasureHistory | None) -> tuple[Longs, Floats]:
    shown = facts.intraday if preferences.intraday else history
    if shown is None or shown.measure != preferences.measure:
        return np.empty(0, np.int64), np.empty(0)
    keep = slice(None) if preferences.intraday else slice(-preferences.length, None)
    return shown.at[keep], shown.value[keep]


def _companion(found: dict[str, MeasureHistory], preferences: HistoryPreferences, at: Longs) -> Floats:
    """Realised volatility beside the implied one."""
    realised = found.get("rv:30")
    if preferences.intraday or realised is None or preferences.measure not in {"atm:30", "index:30"} or not at.size:
        return np.empty(0)
    known = dict(zip(realised.at.tolist(), realised.value.tolist(), strict=True))
    return np.array([known.get(day, nan) for day in at.tolist()])


def _breaches(facts: HistoryFacts, preferences: HistoryPreferences, at: Longs, value: Floats) -> tuple[BreachOnLine, ...]:
    table = facts.breaches
    if table is None or not preferences.breaches or not at.size:
        return ()
    found: list[BreachOnLine] = []
    span = DAY_NS if not preferences.intraday else 0
    for place, measure in enumerate(table.measures):
        instant = int(table.at[place])
        if measure != preferences.measure or instant < at[0] or instant > at[-1] + 2 * DAY_NS:
            continue
        index = int(np.searchsorted(at, instant - span, side="right" if preferences.intraday else "left"))
        index = min(max(index - (1 if preferences.intraday else 0), 0), at.size - 1)
        if not isfinite(value[index]):
            continue
        estimate = float(table.estimate[place])
        reference = estimate if isfinite(estimate) else float(table.threshold[place])
        rises = float(table.value[place]) >= reference
        found.append(BreachOnLine(index, bool(table.entered[place]), rises, table.rules[place]))
    return tuple(found)


def _histogram(value: Floats) -> Histogram | None:
    known = value[np.isfinite(value)]
    if known.size < BINS or known.max() <= known.min():
        return None
    counts, edges = np.histogram(known, BINS)
    newest = min(int(np.searchsorted(edges, value[-1], side="right")) - 1, BINS - 1) if isfinite(value[-1]) else -1
    falling = tuple(float(edge) for edge in edges[::-1])
    return Histogram(tuple(int(count) for count in counts[::-1]), falling, BINS - 1 - newest if newest >= 0 else -1)


def _standings(table: MeasureTable, preferences: HistoryPreferences) -> tuple[Standing, ...]:
    rows = []
    newest = max((one.now_at for one in table.histories), default=0)
    for one in table.histories:
        change = float(one.value[-1] - one.value[-2]) if one.value.size > 1 else nan
        is_before = 0 < one.now_at < newest
        rows.append(Standing(one, NAMES.get(one.measure, one.measure), change, one.measure == preferences.measure, is_before))
    return tuple(rows)


def sessions_before(standings: tuple[Standing, ...]) -> str:
    """Of which sessions the starred values are; "" where all are of the newest."""
    days = sorted({row.history.now_at for row in standings if row.is_before}, reverse=True)
    words = [written.day(from_nanos(day).date()) for day in days]
    return f"* of {' and '.join(words[:2])}, not of the newest session" if words else ""


def _readout(at: Longs, value: Floats, crosshair: int | None, *, intraday: bool) -> str:
    if crosshair is None:
        return ""
    instant = UtcNanos(int(at[crosshair]))
    when = written.moment(instant) if intraday else written.day(from_nanos(instant).date())
    return f"{when}  {figure(float(value[crosshair]))}"


def first_known(table: MeasureTable) -> str:
    """The first coordinate that has a past; "" where none has."""
    return next((one.measure for one in table.histories if one.value.size > 1), "")


def figure(value: float, digits: int = 2) -> str:
    """A value in seven characters at most: exposures are large."""
    if not isfinite(value):
        return written.UNKNOWN
    return f"{value:.{digits}f}" if abs(value) < LARGE else written.compact(value, 7)


def _trouble(facts: HistoryFacts, preferences: HistoryPreferences, history: MeasureHistory | None, known: Floats) -> str:
    if known.size > 1:
        return ""
    if preferences.intraday:
        return (
            facts.intraday_trouble
            or f"fewer than two samples of {preferences.measure} are recorded yet: one is kept a minute, v shows days"
        )
    name = history.words if history is not None else preferences.measure
    kept = "they are recorded while an engine runs, or imported (optix import series)"
    return f"fewer than two sessions of the {name} are known: {kept}; v shows what is recorded within sessions"


def _time_marks(at: Longs, *, intraday: bool) -> tuple[tuple[int, str], ...]:
    """Where a month begins, or a quarter of an hour and a day within sessions, in words."""
    marks: list[tuple[int, str]] = []
    before = ""
    for place, instant in enumerate(at.tolist()):
        moment = new_york(instant) if intraday else from_nanos(instant)
        key = f"{moment:%d-%H}{moment.minute // 15}" if intraday else f"{moment:%Y-%m}"
        if before and key != before:
            new_day = intraday and key[:2] != before[:2]
            marks.append((place, f"{moment:%d-%b}" if new_day else f"{moment:%H:%M}" if intraday else f"{moment:%b-%y}"))
        before = key
    return tuple(marks)


def _value(row: Standing, value: float, *, signed: bool = False) -> str:
    shown, digits = (value * 100, 2) if row.history.in_percent else (value, 3)
    if abs(shown) >= LARGE:
        return ("+" if signed and shown > 0 else "") + written.compact(shown, 6 - signed)
    return written.signed(shown, digits) if signed else figure(shown, digits)


def _share(share: float) -> Cell:
    if not isfinite(share):
        return Cell(written.UNKNOWN, "dim")
    return Cell(f"{share * 100:.0f}", "white" if share >= 0.5 else "text", shade=share, shade_tone="alert")


COLUMNS: tuple[Column[Standing], ...] = (
    Column("mark", "", 1, lambda row: Cell("▸" if row.is_shown else " ", "bright"), left=True),
    Column("name", "Measure", 9, lambda row: Cell(row.name, "bright" if row.is_shown else "text", bold=row.is_shown), left=True),
    Column(
        "now", "Now", 7, lambda row: Cell(_value(row, row.history.now) + ("*" if row.is_before else ""), "dim" if row.is_before else "vol")
    ),
    Column(
        "change",
        "1d",
        6,
        lambda row: Cell(_value(row, row.change, signed=True), "up" if row.change > 0 else "down" if row.change < 0 else "text"),
        priority=2,
    ),
    Column("rank", "Rank", 4, lambda row: _share(row.history.rank)),
    Column("percentile", "Pct", 4, lambda row: _share(row.history.percentile), priority=1),
    Column("sessions", "n", 4, lambda row: Cell(str(row.history.sessions), "dim"), priority=3),
)
