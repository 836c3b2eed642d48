"""What SKEW shows: a row of figures an expiry, smiles laid over one another, and the wings over time."""

from enum import StrEnum
from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.api import smile_at_delta, smile_slopes, smile_vols
from engine.domain.columns import Floats
from engine.domain.ids import SeriesId
from engine.domain.volatility import MaturityFlag
from optix_tui import format as written
from optix_tui.screens.axis import Scale
from optix_tui.screens.surface.coordinates import Axis, Coordinate, axis_marks, axis_of, money_value, moneyness
from optix_tui.screens.surface.grades import LETTERS, TONES, SliceRow, days_text, is_weak, slice_rows
from optix_tui.screens.surface.reading import Reading
from optix_tui.screens.surface.view import Tenor, tenors
from optix_tui.screens.table import Cell, Column, Row, Tone

SAMPLES = 161
USUAL_MARKS = (7, 30, 91, 182, 365)
"""Days to which the expiries are nearest that are laid over one another at first."""
MOST_MARKS = 5
LEAST_WITH_SIDE, LEAST_ROWS_WITH_SIDE = 72, 12
BEYOND = 0.5
"""How far a figure beyond the quotes goes into the ground."""
LEAST_SIDE, MOST_SIDE, SIDE_SHARE = 30, 72, 0.44


class SkewPicture(StrEnum):
    """What stands beside the table."""

    SMILES = "SMILES"
    TERM = "TERM"
    TABLE = "TABLE"


class SkewPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    picture: SkewPicture = SkewPicture.SMILES
    coordinate: Coordinate = Coordinate.DELTA
    puts_first: bool = False
    """The sign of many equity vendors: put less call."""
    marks: tuple[SeriesId, ...] | None = None
    """Expiries laid over one another; None is the usual ones."""


class SkewRow(NamedTuple):
    """One expiry's skew; volatilities as fractions a year, signed as the formula in force has it."""

    fit: SliceRow
    put: float
    call: float
    reversal: float
    butterfly: float
    slope: float
    """Change of volatility for 1 % of strike at the forward."""
    mark: int
    """Which line of the overlay it is; -1 where it is none."""
    put_10: float
    call_10: float
    reversal_10: float
    butterfly_10: float
    beyond: tuple[bool, bool, bool, bool]
    """The 25-delta put and call and the 10-delta ones lie beyond the quotes: the model's wings."""

    @property
    def ratio(self) -> float:
        """25-delta put over 25-delta call."""
        return self.put / self.call if self.call > 0 else nan

    @property
    def normed(self) -> float:
        """Reversal over the volatility at the money."""
        atm = self.fit.one.atm_iv
        return self.reversal / atm if atm > 0 else nan


class Overlay(Struct, frozen=True, kw_only=True):
    """Smiles of several expiries over one axis."""

    axis: Axis
    scale: Scale
    curves: tuple[Floats, ...]
    """Volatility in points; NaN beyond what is known."""
    faint: tuple[Floats, ...]
    """1 beyond the quotes."""
    names: tuple[str, ...]
    weak: tuple[bool, ...]
    marks: tuple[tuple[float, str], ...]
    money: float


class WingTerm(Struct, frozen=True, kw_only=True):
    """RR25 and BF25 over the root of time, in points."""

    places: Floats
    reversal: Floats
    butterfly: Floats
    weak: Floats
    constant_places: Floats
    constant_reversal: Floats
    constant_butterfly: Floats
    low: float
    high: float
    scales: tuple[Scale, Scale]


class SkewView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: SkewPreferences
    rows: tuple[SkewRow, ...]
    overlay: Overlay | None
    term: WingTerm | None
    tenors: tuple[Tenor, ...]
    formula: str
    problem: str
    side: int
    """Columns of the table at the side; 0 where there is none."""


def present(reading: Reading | None, preferences: SkewPreferences, *, width: int, height: int) -> SkewView | None:
    """The screen for a body of so many cells; None until a surface is known."""
    if reading is None:
        return None
    rows = skew_rows(reading, preferences)
    beside = width >= LEAST_WITH_SIDE and height >= LEAST_ROWS_WITH_SIDE and preferences.picture is not SkewPicture.TABLE
    known = bool((reading.fitted > 0).any())
    sign = -1 if preferences.puts_first else 1
    return SkewView(
        preferences=preferences,
        rows=rows,
        overlay=_overlay(reading, rows, preferences.coordinate) if known else None,
        term=_term(reading, rows, sign) if known else None,
        tenors=tuple(one._replace(reversal=sign * one.reversal, reversal_10=sign * one.reversal_10) for one in tenors(reading)),
        formula=formula(puts_first=preferences.puts_first),
        problem="" if known else "no expiry is fitted: there is no skew to show" if rows else "no option of this name has a quote",
        side=min(max(round(width * SIDE_SHARE), LEAST_SIDE), MOST_SIDE) if beside else 0,
    )


def formula(*, puts_first: bool) -> str:
    """The skew in force and how to read its sign."""
    if puts_first:
        return "P−C25 = IV(25Δ put) − IV(25Δ call): + puts are dearer"
    return "RR25 = IV(25Δ call) − IV(25Δ put): − puts are dearer"


def usual_marks(reading: Reading) -> tuple[SeriesId, ...]:
    """The fitted expiries nearest to a week, one, three, six and twelve months."""
    found: dict[SeriesId, None] = {}
    for days in USUAL_MARKS:
        gaps = np.where(reading.fitted > 0, np.abs(np.sqrt(reading.years * 365) - days**0.5), np.inf)
        if gaps.size and np.isfinite(gaps.min()):
            found[reading.slices[int(np.argmin(gaps))].series.id] = None
    return tuple(found)


def skew_rows(reading: Reading, preferences: SkewPreferences) -> tuple[SkewRow, ...]:
    """A row an expiry, nearest first."""
    wings = smile_at_delta(reading.sampled, np.array([0.25, 0.25, 0.1, 0.1]), np.array([-1.0, 1.0, -1.0, 1.0]))
    with np.errstate(invalid="ignore"):
        beyond = (wings.log_moneyness < reading.lows[:, None]) | (wings.log_moneyness > reading.highs[:, None])
    slopes = smile_slopes(reading.sampled) if reading.years.size else np.empty(0)
    marks = preferences.marks if preferences.marks is not None else usual_marks(reading)
    sign = -1 if preferences.puts_first else 1
    order = _in_order(reading, marks)
    rows = []
    for place, row in enumerate(slice_rows(reading.slices)):
        put, call, put_10, call_10 = (float(value) for value in wings.vols[place])
        mark = order.index(row.one.series.id) if row.one.series.id in order else -1
        reversal = sign * row.one.risk_reversal_25
        rows.append(
            SkewRow(
                row,
                put,
                call,
                reversal,
                row.one.butterfly_25,
                float(slopes[place]) / 100,
                mark,
                put_10,
                call_10,
                sign * (call_10 - put_10),
                (call_10 + put_10) / 2 - row.one.atm_iv,
                (bool(beyond[place, 0]), bool(beyond[place, 1]), bool(beyond[place, 2]), bool(beyond[place, 3])),
            )
        )
    return tuple(rows)


def _in_order(reading: Reading, marks: tuple[SeriesId, ...]) -> tuple[SeriesId, ...]:
    return tuple(one.series.id for one in reading.slices if one.series.id in marks)


def _overlay(reading: Reading, rows: tuple[SkewRow, ...], coordinate: Coordinate) -> Overlay | None:
    axis = axis_of(coordinate, reading)
    k = moneyness(axis, axis.values(SAMPLES), reading)
    chosen = [place for place, row in enumerate(rows) if row.mark >= 0 and reading.fitted[place]]
    if not chosen:
        return None
    at = np.array(chosen)
    curves = smile_vols(reading.sampled.rows(at), k[at]) * 100
    with np.errstate(invalid="ignore"):
        faint = ((k[at] < reading.lows[at][:, None]) | (k[at] > reading.highs[at][:, None])).astype(float)
    scale = Scale.around(np.where(faint > 0, np.nan, curves), margin=0.06) or Scale.around(curves) or Scale(0.0, 100.0)
    return Overlay(
        axis=axis,
        scale=scale,
        curves=tuple(curves),
        faint=tuple(faint),
        names=tuple(f"{rows[place].fit.name[:6]} {days_text(rows[place].fit.days)}" for place in chosen),
        weak=tuple(is_weak(rows[place].fit.one) for place in chosen),
        marks=tuple((axis.share(value), text) for value, text in axis_marks(axis, 6)),
        money=axis.share(money_value(axis, reading)),
    )


def _term(reading: Reading, rows: tuple[SkewRow, ...], sign: int) -> WingTerm | None:
    known = (reading.fitted > 0) & (reading.years > 0)
    roots = np.sqrt(np.maximum(reading.years, 0))
    low, high = float(roots[known].min()), float(roots[known].max())
    if high - low < 1e-9:
        low, high = low * 0.9, high * 1.1 + 1e-6
    reversal = np.array([row.reversal * 100 for row in rows])
    butterfly = np.array([row.butterfly * 100 for row in rows])
    constant = reading.surface.maturities
    unknown = constant.flags == MaturityFlag.UNKNOWN
    return WingTerm(
        places=np.where(known, (roots - low) / (high - low), np.nan),
        reversal=reversal,
        butterfly=butterfly,
        weak=np.array([float(is_weak(row.fit.one)) for row in rows]),
        constant_places=(np.sqrt(np.asarray(constant.days) / 365) - low) / (high - low),
        constant_reversal=np.where(unknown, np.nan, constant.risk_reversal_25 * 100 * sign),
        constant_butterfly=np.where(unknown, np.nan, constant.butterfly_25 * 100),
        low=low,
        high=high,
        scales=(
            Scale.around(np.append(reversal[known], 0.0), margin=0.1) or Scale(-1.0, 1.0),
            Scale.around(np.append(butterfly[known], 0.0), margin=0.1) or Scale(-1.0, 1.0),
        ),
    )


def _signed(value: float, digits: int = 1) -> str:
    return written.signed(value * 100, digits)


def _mark(row: SkewRow) -> Cell:
    return Cell(str(row.mark + 1) if row.mark >= 0 else " ", "bright", bold=True)


def _ratio(row: SkewRow) -> Cell:
    return Cell(f"{row.ratio:.2f}" if isfinite(row.ratio) else written.UNKNOWN, fade=_fade(row, 0, 1))


def _fade(row: SkewRow, *wings: int) -> float:
    """How faint a figure is that stands on one of these wings: as faint as on the pictures where it lies beyond the quotes."""
    return BEYOND if any(row.beyond[wing] for wing in wings) else 0.0


def _wing(value: float, tone: Tone, fade: float) -> Cell:
    return Cell(written.points(value), tone, fade=fade)


def _normed(row: SkewRow) -> Cell:
    return Cell(_signed(row.normed, 0) + ("%" if isfinite(row.normed) else ""), "dim", fade=_fade(row, 0, 1))


TURNED = {"RR25": "P−C25", "RR10": "P−C10"}
"""What the reversals are called while puts come first: a risk reversal is call less put."""


def in_force(columns: tuple[Column[Row], ...], preferences: SkewPreferences) -> tuple[Column[Row], ...]:
    """The columns, named by the sign in force."""
    if not preferences.puts_first:
        return columns
    return tuple(column._replace(title=TURNED.get(column.title, column.title)) for column in columns)


COLUMNS: tuple[Column[SkewRow], ...] = (
    Column("mark", "", 1, _mark, left=True),
    Column("date", "Expiry", 10, lambda row: Cell(row.fit.name, "security", bold=not row.fit.one.series.weekly), left=True),
    Column("days", "Days", 4, lambda row: Cell(days_text(row.fit.days)), priority=6),
    Column("letter", "", 1, lambda row: Cell(LETTERS[row.fit.one.grade], TONES[row.fit.one.grade], bold=True), left=True),
    Column("atm", "ATM", 5, lambda row: Cell(written.points(row.fit.one.atm_iv), "vol"), priority=5),
    Column("put_10", "10P", 5, lambda row: _wing(row.put_10, "put", _fade(row, 2)), priority=22),
    Column("put", "25P", 5, lambda row: _wing(row.put, "put", _fade(row, 0)), priority=8),
    Column("call", "25C", 5, lambda row: _wing(row.call, "call", _fade(row, 1)), priority=9),
    Column("call_10", "10C", 5, lambda row: _wing(row.call_10, "call", _fade(row, 3)), priority=22),
    Column("reversal", "RR25", 5, lambda row: Cell(_signed(row.reversal), "white", fade=_fade(row, 0, 1))),
    Column("butterfly", "BF25", 4, lambda row: Cell(_signed(row.butterfly), fade=_fade(row, 0, 1)), priority=1),
    Column("reversal_10", "RR10", 5, lambda row: Cell(_signed(row.reversal_10), fade=_fade(row, 2, 3)), priority=20),
    Column("butterfly_10", "BF10", 4, lambda row: Cell(_signed(row.butterfly_10), fade=_fade(row, 2, 3)), priority=21),
    Column("slope", "Slope", 6, lambda row: Cell(_signed(row.slope, 2)), priority=3),
    Column("ratio", "P/C", 4, _ratio, priority=4),
    Column("normed", "Norm", 5, _normed, priority=7),
)
