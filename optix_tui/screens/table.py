"""Tables as values: columns that know how to show and to order a row, which of them fit, and where the eye stands."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Any, Generic, Literal, NamedTuple, TypeVar

Tone = Literal["text", "dim", "mute", "bright", "white", "up", "down", "call", "put", "vol", "security", "alert"]
"""A colour by its meaning: the field of the palette that has it."""

Row = TypeVar("Row")


class Cell(NamedTuple):
    """What stands in one place of a table."""

    text: str
    tone: Tone = "text"
    bold: bool = False
    shade: float = 0.0
    """How strongly the ground is tinted, 0 to 1: the heat of a heat map."""
    shade_tone: Tone = "vol"
    fade: float = 0.0
    """How far the colour goes into the ground, 0 to 1."""
    glow: float = 0.0
    """Signed share of a flash, -1 to 1: above zero a price that rose just now."""


class Column(NamedTuple, Generic[Row]):
    """One column: what it is called, how wide, what it shows, and how soon it goes when there is no room."""

    key: str
    title: str
    width: int
    cell: Callable[[Row], Cell]
    order: Callable[[Row], Any] | None = None
    """What rows are sorted by; None where that makes no sense."""
    priority: int = 0
    """The highest goes first; 0 stays always."""
    left: bool = False
    """Text starts at the left edge; numbers end at the right one."""
    most: int = 0
    """It may grow to this width where there is room."""
    meaning: str = ""
    """The convention behind the number, for the help."""


class Placed(NamedTuple, Generic[Row]):
    """A column that is shown, and where."""

    column: Column[Row]
    x: int
    width: int

    @property
    def end(self) -> int:
        return self.x + self.width


def fit(columns: Iterable[Column[Row]], width: int, *, start: int = 1, gap: int = 1, widest_gap: int = 3) -> tuple[Placed[Row], ...]:
    """The columns that fit into ``width`` and where: the least important ones go, then growing ones grow, then the gaps widen."""
    shown = list(columns)
    room = width - start - 1
    while len(shown) > 1 and _needed(shown, gap) > room:
        last = max(column.priority for column in shown)
        if last == 0:
            break
        shown.remove(next(column for column in reversed(shown) if column.priority == last))
    spare = max(room - _needed(shown, gap), 0)
    widths = [column.width for column in shown]
    for place, column in enumerate(shown):
        more = min(spare, max(column.most - column.width, 0))
        widths[place] += more
        spare -= more
    gaps = max(len(shown) - 1, 1)
    between = gap + min(spare // gaps, widest_gap - gap)
    placed: list[Placed[Row]] = []
    x = start
    for column, wide in zip(shown, widths, strict=True):
        placed.append(Placed(column, x, wide))
        x += wide + between
    return tuple(placed)


def _needed(columns: Sequence[Column[Any]], gap: int) -> int:
    return sum(column.width for column in columns) + gap * (len(columns) - 1)


def ordered(rows: Sequence[Row], key: Callable[[Row], Any] | None, *, descending: bool) -> tuple[Row, ...]:
    """Rows by a value; those whose value is unknown come last either way, and equals keep their order."""
    if key is None:
        return tuple(rows)
    known = [(value, row) for row in rows if _is_known(value := key(row))]
    unknown = [row for row in rows if not _is_known(key(row))]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return (*(row for _, row in known), *unknown)


def _is_known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and not isfinite(value))


class Cursor(NamedTuple):
    """Which row is chosen and which is the first on the screen."""

    row: int = 0
    top: int = 0
    has_keys: bool = True
    """Its tile has the focus: the row is marked strongly."""

    def within(self, count: int, height: int) -> "Cursor":
        """The same, made to fit so many rows in so much height, with the chosen row in sight."""
        row = min(max(self.row, 0), max(count - 1, 0))
        top = min(max(self.top, row - height + 1, 0), row)
        return self._replace(row=row, top=max(min(top, count - height), 0) if height > 0 else row)

    def moved(self, steps: int, count: int, height: int) -> "Cursor":
        """The chosen row so many steps on."""
        return self._replace(row=self.row + steps).within(count, height)


class Fact(NamedTuple):
    """A label and what it says."""

    label: str
    values: tuple[Cell, ...]

    @classmethod
    def of(cls, label: str, text: str, tone: Tone = "text", *, bold: bool = False) -> "Fact":
        return cls(label, (Cell(text, tone, bold),))


class Block(NamedTuple):
    """Facts that belong together, under a title."""

    title: str
    facts: tuple[Fact, ...]

    @property
    def height(self) -> int:
        return len(self.facts) + 1


def in_columns(blocks: Sequence[Block], count: int) -> tuple[tuple[Block, ...], ...]:
    """Blocks in ``count`` columns, each put where the column is shortest so far."""
    columns: list[list[Block]] = [[] for _ in range(max(count, 1))]
    heights = [0] * len(columns)
    for block in blocks:
        place = heights.index(min(heights))
        columns[place].append(block)
        heights[place] += block.height + 1
    return tuple(tuple(column) for column in columns)
