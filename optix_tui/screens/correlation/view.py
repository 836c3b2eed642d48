"""What CORR shows: a number a pair with how sure it is, what stands under the cursor, and a pair through time."""

from enum import IntEnum
from math import isfinite
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.ids import Symbol
from engine.domain.instants import from_nanos
from engine.messages.realized import CorrelationTable
from optix_tui import format as written
from optix_tui.screens.axis import Scale

WINDOWS = (21, 42, 63, 126, 252, 504)
MOST_LAG = 20
NAME_ROOM = 7
FRAME_ROWS = 2
"""The head of the matrix, and the readout under it."""
LEAST_GRAPH_ROWS, LEAST_MATRIX_ROWS, LEAST_ROWS_WITH_GRAPH, GRAPH_SHARE = 6, 6, 18, 0.38
SURE, FAIRLY_SURE = 0.01, 0.05
NEAR_ZERO = 0.4


class Form(IntEnum):
    """How many lines a pair's cell has."""

    LINE = 1
    BLOCK = 2
    """The number above; below, where they are fewer than the window, its sessions."""


NARROWEST, WIDEST = 7, 14
"""Columns from one name to the next."""
VOLATILITY_ROOM = 8
"""Columns of each name's own volatility at the right."""


class CorrelationPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    window: int = 63
    lag: int = 0
    row: int = 0
    column: int = 1
    alone: bool = False
    """The chosen pair through time has the screen to itself."""


class PairCell(NamedTuple):
    """One pair."""

    value: float
    mark: str
    common: int
    is_refused: bool
    is_self: bool
    is_short: bool
    """It stands on fewer sessions than were asked for."""

    @property
    def text(self) -> str:
        """``+.93``, or a dash where the number is refused."""
        if not isfinite(self.value):
            return written.UNKNOWN
        if abs(self.value) >= 0.995:
            return "+1.0" if self.value > 0 else "-1.0"
        near = round(self.value, 2)
        return ("+" if near > 0 else " " if near == 0 else "") + written.small(near, 2)


class Rolling(Struct, frozen=True, kw_only=True):
    """The pair through time."""

    name: str
    values: Floats
    scale: Scale
    marks: tuple[tuple[float, str], ...]
    """Shares of the width and words."""
    now: float
    low: float
    high: float
    """Least and greatest of the stretch."""


class CorrelationView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: CorrelationPreferences
    symbols: tuple[Symbol, ...]
    cells: tuple[tuple[PairCell, ...], ...]
    volatility: tuple[float, ...]
    form: Form
    pitch: int
    """Columns from one name to the next."""
    row: int
    column: int
    top: int
    left: int
    lines: int
    """Names down and across in sight."""
    columns: int
    readout: tuple[tuple[str, str], ...]
    """Words and their tones."""
    head: str
    rolling: Rolling | None
    rolling_reason: str
    """Why the pair is not drawn."""
    rolling_rows: int
    problem: str


def present(table: CorrelationTable | None, preferences: CorrelationPreferences, *, width: int, height: int) -> CorrelationView | None:
    """The screen for a body of so many cells; None until something is known."""
    if table is None:
        return None
    count = len(table.symbols)
    row, column = (min(max(place, 0), max(count - 1, 0)) for place in (preferences.row, preferences.column))
    alone = preferences.alone and count > 1
    graph = max(height - FRAME_ROWS, 0) if alone else _graph_rows(height, count) if count > 1 else 0
    form = Form.BLOCK if count * Form.BLOCK + FRAME_ROWS + 1 <= height - graph else Form.LINE
    room = max(height - graph - FRAME_ROWS - 1, 1) // form
    pitch = min(max((width - NAME_ROOM - VOLATILITY_ROOM) // max(count, 1), NARROWEST), WIDEST)
    across = max((width - NAME_ROOM - 1) // pitch, 1)
    rolling = _rolling(table, width, tall=alone)
    return CorrelationView(
        preferences=preferences,
        symbols=table.symbols,
        cells=tuple(tuple(_cell(table, one, other) for other in range(count)) for one in range(count)),
        volatility=tuple(float(value) for value in table.volatility),
        form=form,
        pitch=pitch,
        row=row,
        column=column,
        top=_first(row, room, count),
        left=_first(column, across, count),
        lines=0 if alone else min(room, count),
        columns=min(across, count),
        readout=_readout(table, row, column) if count else (),
        head=_head(table),
        rolling=rolling,
        rolling_reason="" if rolling is not None else _rolling_reason(table, row, column),
        rolling_rows=graph,
        problem=_problem(table),
    )


def _first(place: int, room: int, count: int) -> int:
    return min(max(place - room // 2, 0), max(count - room, 0))


def _graph_rows(height: int, count: int) -> int:
    """What the whole matrix leaves; where it leaves too little, a share of a screen that is high enough, and none on a low one."""
    frame = FRAME_ROWS + 1
    blocks, lines = height - frame - count * Form.BLOCK, height - frame - count
    if blocks >= 2 * LEAST_GRAPH_ROWS:
        return blocks
    if lines >= LEAST_GRAPH_ROWS:
        return lines
    rows = min(round(height * GRAPH_SHARE), height - frame - LEAST_MATRIX_ROWS) if height >= LEAST_ROWS_WITH_GRAPH else 0
    return rows if rows >= LEAST_GRAPH_ROWS else 0


def _cell(table: CorrelationTable, one: int, other: int) -> PairCell:
    value, p_value = float(table.value[one, other]), float(table.p_value[one, other])
    common = int(table.common[one, other])
    is_self = one == other and table.lag == 0
    mark = "" if is_self or not isfinite(p_value) else "**" if p_value < SURE else "*" if p_value < FAIRLY_SURE else ""
    return PairCell(value, mark, common, common < table.least, is_self, common < table.window and not is_self)


def _readout(table: CorrelationTable, row: int, column: int) -> tuple[tuple[str, str], ...]:
    """Everything about the pair under the cursor."""
    one, other = table.symbols[row], table.symbols[column]
    cell = _cell(table, row, column)
    pair = (
        f"{one} {table.lag} before {other}" if table.lag > 0 else f"{one} {-table.lag} after {other}" if table.lag else f"{one} / {other}"
    )
    head = ((pair, "security"),)
    if cell.is_refused:
        return (*head, (f"  refused: {cell.common} common sessions, {table.least} are needed", "alert"))
    if cell.is_self:
        return (*head, (f"  itself; volatility {written.points(float(table.volatility[row]))}", "text"))
    if not isfinite(cell.value):
        return (*head, ("  one of them does not move", "alert"))
    p = float(table.p_value[row, column])
    sure = {"**": "significant at 1 %", "*": "significant at 5 %", "": "may be chance"}[cell.mark]
    low, high = float(table.low[row, column]), float(table.high[row, column])
    return (
        *head,
        (f"  {written.signed(cell.value, 3)}", "white"),
        (f"  95 % {signed(low)} to {signed(high)}", "text"),
        (f"  n {cell.common}", "text"),
        (f"  p {'<.001' if p < 0.001 else written.small(p, 3)}", "text"),
        (f"  {sure}", "text" if cell.mark else "dim"),
    )


def signed(value: float) -> str:
    """With two digits, or as many more as tell it from one."""
    digits = next((digits for digits in (2, 3) if abs(round(value, digits)) < 1), 4)
    return written.signed(value, digits)


def _head(table: CorrelationTable) -> str:
    lag = f" · row leads by {table.lag}" if table.lag > 0 else f" · column leads by {-table.lag}" if table.lag < 0 else ""
    if not table.symbols:
        return f"{table.window} sessions{lag}"
    unknown = f"no past: {', '.join(table.unknown)} · " if table.unknown else ""
    return f"{unknown}{table.window} sessions to {written.moment(table.as_of)[:9]}{lag}"


def _problem(table: CorrelationTable) -> str:
    if not table.symbols:
        return f"no sessions are known of {', '.join(table.unknown) or 'any name'}: their past comes from the feed or from what is recorded"
    return "one name alone moves with nothing: add others behind CORR, such as CORR SPY QQQ" if len(table.symbols) == 1 else ""


def _rolling(table: CorrelationTable, width: int, *, tall: bool) -> Rolling | None:
    """The pair that was told: the one under the cursor, or the last one before the cursor came to one name with itself."""
    pair = table.pair
    if pair is None:
        return None
    known = pair.rolling[np.isfinite(pair.rolling)]
    if known.size < 2:
        return None
    first = int(np.flatnonzero(np.isfinite(pair.rolling))[0])
    values, days = pair.rolling[first:], pair.day[first:]
    low, high = float(known.min()), float(known.max())
    return Rolling(
        name=f"{pair.one} / {pair.other}",
        values=values,
        scale=_scale(low, high, tall=tall),
        marks=_marks(days, width),
        now=float(known[-1]),
        low=low,
        high=high,
    )


def _rolling_reason(table: CorrelationTable, row: int, column: int) -> str:
    if not table.symbols:
        return ""
    if table.pair is not None:
        return f"{table.pair.one} and {table.pair.other} have too few common sessions for {table.window} of them through time"
    one, other = table.symbols[row], table.symbols[column]
    return "move the cursor to a pair to see it through time" if one == other else f"waiting for {one} / {other} …"


def _scale(low: float, high: float, *, tall: bool) -> Scale:
    """With some air, with zero where it is near or there is room for it, and never beyond one."""
    bottom, top = max(low - 0.05, -1.0), min(high + 0.05, 1.0)
    near = 1.0 if tall else NEAR_ZERO
    return Scale(min(bottom, 0.0) if bottom <= near else bottom, max(top, 0.0) if top >= -near else top)


def _marks(days: Longs, width: int) -> tuple[tuple[float, str], ...]:
    """Months where they begin, as many as have room."""
    month = days.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    found: list[tuple[float, str]] = []
    last = -1.0
    for place in (np.flatnonzero(np.diff(month)) + 1).tolist():
        share = place / max(days.size - 1, 1)
        if (share - last) * width >= 10:
            found.append((share, f"{from_nanos(int(days[place])):%b%y}"))
            last = share
    return tuple(found)
