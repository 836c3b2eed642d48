"""What VIX shows: the volatility indices that each name's surface implies, beside the published ones, and one term structure."""

from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.volatility import MaturityFlag
from engine.messages.compass import VolatilityIndex, VolatilityIndexTable
from optix_tui import format as written
from optix_tui.screens.axis import Scale
from optix_tui.screens.columns import direction
from optix_tui.screens.table import Cell, Column
from optix_tui.screens.volindex.maturities import MaturityRow, maturity_rows

MARKS = (7, 30, 90, 180, 365, 730)
LEAST_WITH_SIDE, LEAST_ROWS_WITH_SIDE = 110, 12
LEAST_ROWS_WITH_PICTURE = 18
LEAST_ROWS_WITH_FOOT = 8
LEAST_PICTURE_BELOW = 14
"""Rows of a picture for which a wide screen gives its table the whole width."""
LINE = "line"
"""The column that is drawn, not written."""


class IndexRow(NamedTuple):
    """One name."""

    told: VolatilityIndex

    def at(self, place: int) -> float:
        """The index of a maturity; NaN where there is none."""
        return float(self.told.value[place]) if place < self.told.value.size else nan

    @property
    def month(self) -> int:
        """Which maturity is 30 days."""
        return next((place for place, days in enumerate(self.told.days.tolist()) if days == 30), -1)

    @property
    def print(self) -> float:
        return float(self.told.printed[self.month]) if self.month >= 0 else nan

    @property
    def atm(self) -> float:
        """At the forward, 30 days."""
        return float(self.told.atm_iv[self.month]) if self.month >= 0 else nan

    @property
    def slope(self) -> float:
        """90 days less 30."""
        found = dict(zip(self.told.days.tolist(), self.told.value.tolist(), strict=True))
        return float(found.get(90, nan)) - float(found.get(30, nan))


class Term(Struct, frozen=True, kw_only=True):
    """One name's term structure over the root of time, in points."""

    symbol: Symbol
    places: Floats
    """Shares of the width, of the maturities."""
    value: Floats
    atm: Floats
    expiry_places: Floats
    expiry_iv: Floats
    printed: Floats
    official: tuple[str, ...]
    scale: Scale
    marks: tuple[tuple[float, str], ...]
    shape: str
    """In words: in contango, or inverted."""
    refusal: str
    """Why there is no index though something is known; "" where there is one."""
    maturities: tuple[MaturityRow, ...]
    as_of: UtcNanos


class IndexView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    rows: tuple[IndexRow, ...]
    days: tuple[int, ...]
    columns: tuple[Column[IndexRow], ...]
    term: Term | None
    trouble: str
    side: int
    """Columns of the picture at the side; 0 where it stands below."""
    below: int
    """Rows of the picture below; 0 where there is no room."""


def present(table: VolatilityIndexTable | None, chosen: Symbol, *, width: int, height: int) -> IndexView | None:
    """The screen for a body of so many cells; None until the engine has told the indices."""
    if table is None:
        return None
    rows = tuple(IndexRow(one) for one in table.rows)
    days = tuple(table.rows[0].days.tolist()) if table.rows else ()
    shown = next((row.told for row in rows if row.told.symbol == chosen), None)
    side, below = _picture_room(len(rows), width, height)
    return IndexView(
        rows=rows,
        days=days,
        columns=columns_of(days),
        term=term_of(shown) if shown is not None else None,
        trouble=_trouble(rows, shown),
        side=side,
        below=below,
    )


def _picture_room(names: int, width: int, height: int) -> tuple[int, int]:
    """Columns of a picture at the side, and rows of one below: one of them is 0, or both."""
    foot = 1 if height >= LEAST_ROWS_WITH_FOOT else 0
    left = height - foot - names - 1
    if width >= LEAST_WITH_SIDE and left < LEAST_PICTURE_BELOW:
        return (width // 2, 0) if height >= LEAST_ROWS_WITH_SIDE else (0, 0)
    if height < LEAST_ROWS_WITH_PICTURE or not names:
        return 0, 0
    return 0, max(left, height // 2)


def _trouble(rows: tuple[IndexRow, ...], shown: VolatilityIndex | None) -> str:
    if not rows:
        return "this market lists no name with options"
    if shown is None:
        return "choose a name in the table"
    return f"{shown.symbol}: {shown.refusal}" if shown.refusal else ""


def term_of(index: VolatilityIndex) -> Term | None:
    """The picture of one name; None where nothing of it is known."""
    roots, expiries = np.sqrt(np.asarray(index.days, float)), np.sqrt(np.maximum(index.expiry_days, 0.0))
    value, atm, printed = index.value * 100, index.atm_iv * 100, index.printed * 100
    known = np.isfinite(value) | np.isfinite(atm)
    scale = Scale.around(np.concatenate([value, atm, printed]), margin=0.12)
    if scale is None or not known.any():
        return None
    longest = max(float(roots[known | np.isfinite(printed)].max()), float(expiries.max(initial=0.0)))
    low, high = 0.0, min(longest, float(roots.max())) * 1.04
    return Term(
        symbol=index.symbol,
        places=(roots - low) / (high - low),
        value=value,
        atm=atm,
        expiry_places=(expiries - low) / (high - low),
        expiry_iv=np.asarray(index.expiry_iv, float) * 100,
        printed=printed,
        official=index.official,
        scale=scale,
        marks=tuple((days**0.5 / high, f"{days}d" if days < 365 else f"{days // 365}y") for days in MARKS if days**0.5 <= high),
        shape=_shape(IndexRow(index).slope),
        refusal=index.refusal,
        maturities=maturity_rows(index),
        as_of=index.as_of,
    )


def _shape(slope: float) -> str:
    if not isfinite(slope):
        return ""
    return f"{'upward' if slope >= 0 else 'INVERTED'}: 90 d less 30 d {written.signed(slope * 100, 2)}"


def _maturity(place: int, days: int) -> Column[IndexRow]:
    def cell(row: IndexRow) -> Cell:
        value = row.at(place)
        if isfinite(value):
            return Cell(written.points(value, 2), "white" if days == 30 else "vol", bold=days == 30)
        return Cell("E" if int(row.told.flags[place]) == MaturityFlag.EXTRAPOLATED else written.UNKNOWN, "dim")

    priority = 0 if days == 30 else 10 + place
    return Column(f"d{days}", f"{days}d", 6, cell, lambda row: row.at(place), priority=priority)


def line_title(days: tuple[int, ...]) -> str:
    """What the drawn column spans."""
    return f"{days[0]}d to {days[-1]}d" if days else ""


def columns_of(days: tuple[int, ...]) -> tuple[Column[IndexRow], ...]:
    """The name, its maturities, and the print beside them."""

    def official(row: IndexRow) -> Cell:
        name = row.told.official[row.month] if row.month >= 0 else ""
        return Cell(name, "security" if isfinite(row.print) else "dim")

    def gap(row: IndexRow) -> Cell:
        value = (row.at(row.month) - row.print) * 100 if row.month >= 0 else nan
        return Cell(written.signed(value, 2) if isfinite(value) else "", "text")

    def line(row: IndexRow) -> Cell:
        return Cell("not fitted yet" if row.told.as_of <= 0 else row.told.refusal, "dim")

    def wings(row: IndexRow) -> Cell:
        return Cell(written.signed((row.at(row.month) - row.atm) * 100, 2))

    return (
        Column("symbol", "Name", 6, lambda row: Cell(row.told.symbol, "bright", bold=True), lambda row: row.told.symbol, left=True),
        *(_maturity(place, one) for place, one in enumerate(days)),
        Column("slope", "90-30", 6, lambda row: Cell(written.signed(row.slope * 100, 2), direction(row.slope)), priority=30),
        Column("atm", "ATM30", 6, lambda row: Cell(written.points(row.atm, 2)), priority=33),
        Column("wings", "Wings", 6, wings, priority=34),
        Column("official", "Index", 6, official, priority=31, left=True),
        Column("print", "Print", 6, lambda row: Cell(written.points(row.print, 2) if isfinite(row.print) else "", "white"), priority=20),
        Column("gap", "Gap", 6, gap, priority=32),
        Column(LINE, line_title(days), 14, line, priority=35, left=True, most=46),
    )
