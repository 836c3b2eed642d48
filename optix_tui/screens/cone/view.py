"""What HVT shows: bands of past volatility by window, where it is now by every estimator, and what is implied over the same stretches."""

from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats
from engine.messages.realized import RealizedVolatility, VolatilityCone, VolatilityEstimator
from optix_tui import format as written
from optix_tui.screens.axis import Scale
from optix_tui.screens.cone.estimators import LETTERS, NAMES, WITHOUT_NIGHTS
from optix_tui.screens.table import Cell, Column, Tone

LEAST_CHART_ROWS, LEAST_ROWS, LEAST_ROWS_WITH_READOUT = 8, 14, 11
TABLE_FRAME = 2
"""Rows of a table beside its lines: its head, and the note at the foot."""
LEAST_INDEPENDENT = 10
"""Windows end to end below which the outer quantiles say little."""
PLACES = {0.0: "low", 0.05: "q5", 0.25: "q25", 0.5: "median", 0.75: "q75", 0.95: "q95", 1.0: "high"}
LEAST_WITH_SIDE, SIDE = 110, 44
MOST_ABOVE = 1.25
"""So many times the highest of all else the greatest of the past may lie to be in sight."""


class ConePreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    estimator: VolatilityEstimator = VolatilityEstimator.CLOSE
    corrected: bool = False
    chart: bool = True


class ConeRow(NamedTuple):
    """One window; volatilities as fractions a year, NaN where refused or unknown."""

    window: int
    windows: int
    independent: int
    quantiles: tuple[float, ...]
    """Least, 5, 25, 50, 75, 95 %, greatest."""
    now: float
    rank: float
    implied: float
    refusal: str

    @property
    def premium(self) -> float:
        """Implied less realised now."""
        return self.implied - self.now

    @property
    def implied_place(self) -> float:
        """Share of the cone below the implied volatility, linear between its quantiles; NaN where there is no cone."""
        if not isfinite(self.implied) or not all(isfinite(value) for value in self.quantiles):
            return nan
        return float(np.interp(self.implied, self.quantiles, (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)))

    @property
    def is_weak(self) -> bool:
        """Its outer quantiles stand on few windows that do not overlap."""
        return not self.refusal and self.independent < LEAST_INDEPENDENT


class EstimatorRow(NamedTuple):
    """One estimator now, a value a window."""

    estimator: VolatilityEstimator
    values: tuple[float, ...]


class ConeView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: ConePreferences
    rows: tuple[ConeRow, ...]
    estimators: tuple[EstimatorRow, ...]
    scale: Scale | None
    head: str
    notes: tuple[str, ...]
    """What must be known to read it, the most important first."""
    problem: str
    """Why there is no cone at all."""
    chosen: int
    """The row under the cursor."""
    readout: tuple[tuple[str, Tone], ...]
    """The chosen window in words; empty where there is no room for them."""
    chart_rows: int
    side: int
    """Columns of the estimators' table beside the cone; 0 where there is no room."""


def present(facts: RealizedVolatility | None, preferences: ConePreferences, cursor: int = 0, *, width: int, height: int) -> ConeView | None:
    """The screen for a body of so many cells; None until something is known."""
    if facts is None:
        return None
    cone = next((one for one in facts.cones if one.estimator is preferences.estimator), None)
    rows = cone_rows(facts, cone) if cone is not None else ()
    estimators = tuple(EstimatorRow(one.estimator, tuple(float(value) for value in one.latest)) for one in facts.cones)
    scale = _scale(rows, estimators)
    chosen = min(max(cursor, 0), max(len(rows) - 1, 0))
    readout = _readout(rows[chosen]) if rows and height >= LEAST_ROWS_WITH_READOUT else ()
    below = len(rows) + TABLE_FRAME + bool(readout)
    chart_rows = height - below - 1 if preferences.chart and height >= LEAST_ROWS and scale is not None else 0
    if chart_rows < LEAST_CHART_ROWS and chart_rows:
        chart_rows = 0
    return ConeView(
        preferences=preferences,
        rows=rows,
        estimators=estimators,
        scale=scale,
        head=_head(facts),
        notes=_notes(facts, rows, preferences),
        problem=_problem(facts, rows),
        chosen=chosen,
        readout=readout,
        chart_rows=max(chart_rows, 0),
        side=SIDE if chart_rows and width >= LEAST_WITH_SIDE else 0,
    )


def _scale(rows: tuple[ConeRow, ...], estimators: tuple[EstimatorRow, ...]) -> Scale | None:
    """Up to the greatest where it lies near the rest; where it would flatten them, the band goes out of sight and the table says it."""
    shown = [value for row in rows for value in (*row.quantiles[:-1], row.now, row.implied)]
    shown += [value for one in estimators for value in one.values]
    known = [value * 100 for value in shown if isfinite(value)]
    highs = [row.quantiles[-1] * 100 for row in rows if isfinite(row.quantiles[-1])]
    if not known:
        return None
    top = min(max([*highs, max(known)]), MOST_ABOVE * max(known))
    return Scale.around([*known, top], margin=0.06)


def cone_rows(facts: RealizedVolatility, cone: VolatilityCone) -> tuple[ConeRow, ...]:
    """A row a window, shortest first."""
    return tuple(
        ConeRow(
            window=int(cone.windows[place]),
            windows=int(cone.counts[place]),
            independent=int(cone.independent[place]),
            quantiles=tuple(float(value) for value in cone.quantiles[place]),
            now=float(cone.latest[place]),
            rank=float(cone.ranks[place]),
            implied=float(facts.implied[place]) if place < facts.implied.size else nan,
            refusal=cone.refusals[place],
        )
        for place in range(cone.windows.size)
    )


def band(rows: tuple[ConeRow, ...], quantile: int) -> Floats:
    """One quantile of every window, in points."""
    return np.array([row.quantiles[quantile] for row in rows]) * 100


def _head(facts: RealizedVolatility) -> str:
    missing = f", {facts.missing} missing" if facts.missing else ""
    filled = f", {facts.filled} asked of the feed" if facts.filled else ""
    if not facts.known:
        return "no finished session is known"
    return f"{facts.known} sessions{filled}{missing} to {written.moment(facts.as_of)[:15]}"


def _problem(facts: RealizedVolatility, rows: tuple[ConeRow, ...]) -> str:
    if not facts.known:
        return f"no finished session of {facts.symbol} is known yet: its past comes from the feed or from what is recorded"
    refused = [row.refusal for row in rows if row.refusal]
    return f"there is no cone: {refused[0]}" if rows and len(refused) == len(rows) else ""


def _readout(row: ConeRow) -> tuple[tuple[str, Tone], ...]:
    """What the table says of one window, as a sentence."""
    found: list[tuple[str, Tone]] = [(f"{row.window} sessions", "security"), (f"  now {_points(row.now)}", "bright")]
    if row.refusal:
        return (*found, (f"  refused: {row.refusal}", "alert"))
    if isfinite(row.rank):
        found.append((f" above {written.points(row.rank, 0)} % of {row.windows} windows", "text"))
    if isfinite(row.implied):
        found.append((f"  implied {_points(row.implied)}", "vol"))
    if isfinite(row.implied_place):
        found.append((f" at {written.points(row.implied_place, 0)} % ({written.signed(row.premium * 100, 1)})", "text"))
    return tuple(found)


def _notes(facts: RealizedVolatility, rows: tuple[ConeRow, ...], preferences: ConePreferences) -> tuple[str, ...]:
    found = []
    if facts.implied_reason:
        found.append(f"no implied volatility: {facts.implied_reason}")
    if any(row.is_weak for row in rows):
        found.append(f"~ fewer than {LEAST_INDEPENDENT} windows end to end: 5 and 95 % say little")
    if preferences.estimator in WITHOUT_NIGHTS:
        found.append("the session alone: nights are not in it, as they are in the implied")
    if preferences.corrected:
        found.append("spread corrected for overlap")
    return tuple(found)


def _points(value: float) -> str:
    return written.points(value)


def _quantile(place: int, *, outer: bool = False) -> "Column[ConeRow]":
    titles = ("Min", "5%", "25%", "50%", "75%", "95%", "Max")
    priorities = (5, 7, 4, 1, 4, 7, 5)

    def cell(row: ConeRow) -> Cell:
        return Cell(_points(row.quantiles[place]), "dim" if outer and row.is_weak else "white" if place == 3 else "text")

    return Column(titles[place], titles[place], 5, cell, priority=priorities[place])


def _rank(row: ConeRow) -> Cell:
    return Cell(written.points(row.rank, 0), "alert" if row.rank >= 0.9 or row.rank <= 0.1 else "text")


def _why(row: ConeRow) -> Cell:
    return Cell(f"refused: {row.refusal}" if row.refusal else "", "alert")


COLUMNS: tuple[Column[ConeRow], ...] = (
    Column("window", "Window", 6, lambda row: Cell(f"{row.window}", "security", bold=True)),
    Column("count", "n", 5, lambda row: Cell(f"{row.windows}" + ("~" if row.is_weak else ""), "alert" if row.refusal else "text")),
    Column("independent", "Apart", 5, lambda row: Cell(f"{row.independent}", "dim"), priority=8),
    _quantile(0, outer=True),
    _quantile(1, outer=True),
    _quantile(2),
    _quantile(3),
    _quantile(4),
    _quantile(5, outer=True),
    _quantile(6, outer=True),
    Column("now", "Now", 5, lambda row: Cell(_points(row.now), "bright", bold=True)),
    Column("rank", "Pct", 4, _rank, priority=2),
    Column("implied", "Impl", 5, lambda row: Cell(_points(row.implied), "vol"), priority=0),
    Column("premium", "I-R", 5, lambda row: Cell(written.signed(row.premium * 100, 1), "up" if row.premium > 0 else "down"), priority=3),
    Column("place", "I pct", 5, lambda row: Cell(written.points(row.implied_place, 0), "vol"), priority=6),
    Column("why", "", 0, _why, priority=9, left=True, most=60),
)


def estimator_name(row: EstimatorRow) -> tuple[str, str]:
    """The letter of the plot and the name."""
    return LETTERS[row.estimator], NAMES[row.estimator]
