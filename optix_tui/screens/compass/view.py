"""What VCA shows: names in a table with heat, or as points of rank against implied over realised."""

from enum import StrEnum
from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.ids import UtcNanos
from engine.messages.breaches import BreachBoard
from engine.messages.compass import Compass
from optix_tui.format import seconds_between
from optix_tui.screens.axis import Scale
from optix_tui.screens.compass.columns import COLUMNS, OLD_SECONDS, PRESETS, Name
from optix_tui.screens.compass.rules import broken_words
from optix_tui.screens.table import Column, ordered

WINDOWS = (252, 504, 126)
"""Sessions that the ``w`` key goes through."""
WINDOW_WORDS = {"1Y": 252, "2Y": 504, "6M": 126}
RISING = "RISING"
"""Sorted from the least up."""


class CompassPicture(StrEnum):
    """What is drawn."""

    TABLE = "TABLE"
    SCATTER = "SCATTER"


class CompassFilter(StrEnum):
    """Which names are shown."""

    ALL = "all"
    HIGH = "rank 50 and above"
    LOW = "rank below 20"
    RICH = "implied above realised"
    CHEAP = "implied below realised"
    BROKEN = "breaking a rule"


FILTER_WORDS = {
    "HIGH": CompassFilter.HIGH,
    "LOW": CompassFilter.LOW,
    "DEAR": CompassFilter.RICH,
    "CHEAP": CompassFilter.CHEAP,
    "BREAKING": CompassFilter.BROKEN,
}
"""How each filter but the widest is typed."""


class CompassPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    picture: CompassPicture = CompassPicture.TABLE
    preset: str = "All"
    filter: CompassFilter = CompassFilter.ALL
    sort: str = "rank"
    descending: bool = True
    window: int = 252


class Point(NamedTuple):
    """A name on the map; places are shares from the left and from the top."""

    name: Name
    x: float
    y: float


class Scatter(Struct, frozen=True, kw_only=True):
    """Rank across, implied over realised up."""

    scale: Scale
    points: tuple[Point, ...]
    left_out: tuple[str, ...]
    """Names without a rank or a realised volatility."""
    even: float
    """Where implied equals realised, a share from the top; NaN where that is out of sight."""


class CompassView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: CompassPreferences
    names: tuple[Name, ...]
    columns: tuple[Column[Name], ...]
    scatter: Scatter
    hidden: int
    """Names the filter leaves out."""
    window: int
    least: int
    refused: int
    """Names without a rank."""
    why: str
    """Why the first of them has none."""
    breaking: dict[str, str]
    """What each name that breaks a rule breaks, in words."""


def present(
    compass: Compass | None, preferences: CompassPreferences, now: UtcNanos, board: BreachBoard | None = None
) -> CompassView | None:
    """The names in their order; None until the engine has told them."""
    if compass is None:
        return None
    every = names_of(compass, now)
    shown = tuple(name for name in every if passes(name, preferences.filter))
    sort = COLUMNS.get(preferences.sort)
    names = ordered(shown, sort.order if sort else None, descending=preferences.descending)
    refused = [name.row for name in every if name.row.refusal]
    return CompassView(
        preferences=preferences,
        names=names,
        columns=tuple(COLUMNS[key] for key in PRESETS[preferences.preset]),
        scatter=scatter_of(names),
        hidden=len(every) - len(names),
        window=compass.window,
        least=compass.least,
        refused=len(refused),
        breaking={name.row.symbol: broken_words(board, name.row.symbol, name.row.broken) for name in names if name.row.broken},
        why=f"{refused[0].symbol}: {refused[0].refusal}" if refused else "",
    )


def names_of(compass: Compass, now: UtcNanos) -> tuple[Name, ...]:
    """The rows with their place among one another."""
    levels = np.array([row.iv30 for row in compass.rows])
    known = np.sort(levels[np.isfinite(levels)])
    return tuple(
        Name(
            row,
            float(np.searchsorted(known, row.iv30)) / max(known.size - 1, 1) if isfinite(row.iv30) else nan,
            seconds_between(row.as_of, now) > OLD_SECONDS,
        )
        for row in compass.rows
    )


def passes(name: Name, chosen: CompassFilter) -> bool:
    """Whether a filter lets a name through; what is unknown passes none but the widest."""
    row = name.row
    return {
        CompassFilter.ALL: True,
        CompassFilter.HIGH: row.rank >= 0.5,
        CompassFilter.LOW: row.rank < 0.2,
        CompassFilter.RICH: row.premium > 0.0,
        CompassFilter.CHEAP: row.premium < 0.0,
        CompassFilter.BROKEN: bool(row.broken),
    }[chosen]


def scatter_of(names: tuple[Name, ...]) -> Scatter:
    """The names that have both figures as points; the scale holds 1 and all of them."""
    known = [name for name in names if isfinite(name.row.rank) and isfinite(name.row.ratio) and name.row.ratio > 0.0]
    left_out = tuple(name.row.symbol for name in names if name not in known)
    scale = Scale.around([*(name.row.ratio for name in known), 0.9, 1.15], logarithmic=True, margin=0.08) or Scale(
        0.5, 2.0, logarithmic=True
    )
    return Scatter(
        scale=scale,
        points=tuple(Point(name, name.row.rank, float(scale.share(name.row.ratio))) for name in known),
        left_out=left_out,
        even=float(scale.share(1.0)),
    )


def sortable(view: CompassView) -> tuple[str, ...]:
    """What the ``s`` key goes through."""
    return tuple(column.key for column in view.columns if column.order is not None)
