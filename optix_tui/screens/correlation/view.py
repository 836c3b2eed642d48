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
LEAST_GRAPH_ROWS, LEAST_ROWS_WITH_GRAPH, GRAPH_SHARE = 6, 18, 0.42
SURE, FAIRLY_SURE = 0.01, 0.05
NEAR_ZERO = 0.4


class Form(IntEnum):
    """How a pair's cell is written: its lines."""

    LINE = 1
    """``+.93** 63`` in one."""
    BLOCK = 2
    """The number above, its sessions below."""


WIDTHS = {Form.LINE: 11, Form.BLOCK: 7}
WIDEST = 14
VOLATILITY_ROOM = 8
"""Columns of each name's own volatility at the right."""


class CorrelationPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    window: int = 63
    lag: int = 0
    row: int = 0
    column: int = 1
    pair: tuple[Symbol, Symbol] | None = None


class PairCell(NamedTuple):
    """One pair."""

    value: float
    mark: str
    common: int
    is_refused: bool
    is_self: bool

    @property
    def text(self) -> str:
        """``+.93``, or a dash where the number is refused."""
        if not isfinite(self.value):
            return written.UNKNOWN
        if abs(self.value) >= 0.995:
            return "+1.0" if self.value > 0 else "-1.0"
        return ("+" if self.value > 0 else "") + written.small(self.value, 2)


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
    rolling_rows: int
    problem: str


def present(table: CorrelationTable | None, preferences: CorrelationPreferences, *, width: int, height: int) -> CorrelationView | None:
    """The screen for a body of so many cells; None until something is known."""
    if table is None:
        return None
    count = len(table.symbols)
    row, column = (min(max(place, 0), max(count - 1, 0)) for place in (preferences.row, preferences.column))
    rolling = _rolling(table, width)
    graph = _graph_rows(height, count) if rolling is not None else 0
    form = _form(count, width, height - graph)
    room = max(height - graph - FRAME_ROWS - 1, 1) // form
    pitch = min(max((width - NAME_ROOM - VOLATILITY_ROOM) // max(count, 1), WIDTHS[form]), WIDEST)
    across = max((width - NAME_ROOM - 1) // pitch, 1)
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
        lines=min(room, count),
        columns=min(across, count),
        readout=_readout(table, row, column) if count else (),
        head=_head(table),
        rolling=rolling,
        rolling_rows=graph,
        problem=_problem(table),
    )


def _first(place: int, room: int, count: int) -> int:
    return min(max(place - room // 2, 0), max(count - room, 0))


def _graph_rows(height: int, count: int) -> int:
    """What the matrix leaves, at least a third of the screen where there is enough of it; none on a low one."""
    spare = height - FRAME_ROWS - 1 - count * Form.BLOCK
    rows = max(spare, round(height * GRAPH_SHARE) if height >= LEAST_ROWS_WITH_GRAPH else height - FRAME_ROWS - 1 - count)
    return rows if rows >= LEAST_GRAPH_ROWS else 0


def _form(count: int, width: int, height: int) -> Form:
    fits_down = count * Form.BLOCK + FRAME_ROWS + 1 <= height
    fits_line = count * WIDTHS[Form.LINE] + NAME_ROOM + 1 <= width
    return Form.BLOCK if fits_down or not fits_line else Form.LINE


def _cell(table: CorrelationTable, one: int, other: int) -> PairCell:
    value, p_value = float(table.value[one, other]), float(table.p_value[one, other])
    common = int(table.common[one, other])
    is_self = one == other and table.lag == 0
    mark = "" if is_self or not isfinite(p_value) else "**" if p_value < SURE else "*" if p_value < FAIRLY_SURE else ""
    return PairCell(value, mark, common, common < table.least, is_self)


def _readout(table: CorrelationTable, row: int, column: int) -> tuple[tuple[str, str], ...]:
    """Everything about the pair under the cursor."""
    one, other = table.symbols[row], table.symbols[column]
    cell = _cell(table, row, column)
    lead = f" {one} leads by {table.lag}" if table.lag > 0 else f" {other} leads by {-table.lag}" if table.lag else ""
    head = ((f"{one} / {other}", "security"), (lead, "dim"))
    if cell.is_refused:
        return (*head, (f"  refused: {cell.common} common sessions, {table.least} are needed", "alert"))
    if cell.is_self:
        return (*head, (f"  itself; volatility {written.points(float(table.volatility[row]))}", "text"))
    if not isfinite(cell.value):
        return (*head, ("  one of them does not move", "alert"))
    p = float(table.p_value[row, column])
    sure = {"**": "significant at 1 %", "*": "significant at 5 %", "": "not to be told from chance"}[cell.mark]
    low, high = float(table.low[row, column]), float(table.high[row, column])
    return (
        *head,
        (f"  {written.signed(cell.value, 3)}", "white"),
        (f"  95 % {written.signed(low)} to {written.signed(high)}", "text"),
        (f"  n {cell.common}", "text"),
        (f"  p {'<.001' if p < 0.001 else written.small(p, 3)}", "text"),
        (f"  {sure}", "text" if cell.mark else "dim"),
    )


def _head(table: CorrelationTable) -> str:
    lag = f" · row leads by {table.lag}" if table.lag > 0 else f" · column leads by {-table.lag}" if table.lag < 0 else ""
    unknown = f" · not known: {', '.join(table.unknown)}" if table.unknown else ""
    return f"{table.window} common sessions to {written.moment(table.as_of)[:9]}{lag}{unknown}"


def _problem(table: CorrelationTable) -> str:
    if not table.symbols:
        return f"no sessions are known of {', '.join(table.unknown) or 'any name'}: their past comes from the feed or from what is recorded"
    return "one name alone moves with nothing: add others behind CORR, such as CORR SPY QQQ" if len(table.symbols) == 1 else ""


def _rolling(table: CorrelationTable, width: int) -> Rolling | None:
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
        scale=_scale(low, high),
        marks=_marks(days, width),
        now=float(known[-1]),
        low=low,
        high=high,
    )


def _scale(low: float, high: float) -> Scale:
    """With some air, with zero where it is near, and never beyond one."""
    bottom, top = max(low - 0.05, -1.0), min(high + 0.05, 1.0)
    return Scale(min(bottom, 0.0) if bottom < NEAR_ZERO else bottom, max(top, 0.0) if top > -NEAR_ZERO else top)


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
