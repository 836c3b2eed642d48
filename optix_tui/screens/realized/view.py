"""What HVG shows: rolling realised volatility with the implied over it, forecasts to the right, and the models with their scores."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.instants import from_nanos
from engine.messages.realized import (
    ForecastModel,
    ForecastTable,
    RealizedVolatility,
    RollingVolatility,
    VolatilityEstimator,
    VolatilityForecast,
)
from optix_tui import format as written
from optix_tui.screens.axis import Scale
from optix_tui.screens.cone.estimators import LETTERS, NAMES
from optix_tui.screens.realized.models import foot_words, in_order, model_name, score_words
from optix_tui.screens.table import Tone

WINDOWS = (10, 21, 42, 63, 126)
SPANS = (63, 126, 252, 504, 1_008)
HORIZONS = (1, 5, 10, 21, 42, 63)
IMPLIED_WINDOW = 21
"""Sessions in the 30 days of the implied: realised less implied is of so many."""
FUTURE_SHARE = 0.2
LEAST_ROWS_WITH_BOTH, LEAST_GRAPH_ROWS, LEAST_PREMIUM_ROWS = 20, 8, 14
PREMIUM_SHARE = 0.25
TABLE_FRAME = 3
"""Rows of the table beside its lines: its band, its head and the words under it."""
MARK_ROOM = 9
LEAST_WITH_NEIGHBOURS = 100
"""Columns under which one window is drawn alone: more lines would run into each other."""


class Shown(StrEnum):
    """Which parts."""

    BOTH = "BOTH"
    GRAPH = "GRAPH"
    TABLE = "TABLE"


class GraphPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    estimator: VolatilityEstimator = VolatilityEstimator.CLOSE
    window: int = 21
    all_estimators: bool = False
    span: int = 252
    horizon: int = 21
    shown: Shown = Shown.BOTH


class Line(NamedTuple):
    """One line of the graph: what it is called and its values in points, one a session in sight."""

    name: str
    short: str
    """At its end in the graph, so that colour never tells it alone."""
    values: Floats
    is_chosen: bool


class Outlook(NamedTuple):
    """The chosen model's forecasts, in points, by sessions ahead."""

    name: str
    ahead: Longs
    level: Floats
    low: Floats
    high: Floats


class Graph(Struct, frozen=True, kw_only=True):
    """The picture."""

    lines: tuple[Line, ...]
    implied: Floats
    premium: Floats
    """Realised over 21 sessions less the implied of the same day, in points."""
    premium_name: str
    scale: Scale
    premium_top: float
    outlook: Outlook | None
    others: tuple[Floats, ...]
    """What the other models say over the same sessions ahead, in points."""
    marks: tuple[tuple[int, str], ...]
    """Places and words under the graph."""
    sessions: int
    rows: int
    premium_rows: int


class GraphView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: GraphPreferences
    graph: Graph | None
    forecasts: tuple[VolatilityForecast, ...]
    chosen: VolatilityForecast | None
    """The one under the cursor."""
    head: str
    table_title: str
    table_note: str
    foot: tuple[str, Tone]
    """Words under the table and their tone."""
    problem: str
    table_rows: int
    """Rows of the body for the table with its head and foot; 0 where it is not shown."""
    waiting: bool
    """The models are being fitted."""


def windows_asked(preferences: GraphPreferences) -> tuple[int, ...]:
    """The windows of the lines and of realised less implied."""
    place = WINDOWS.index(preferences.window) if preferences.window in WINDOWS else 0
    near = {preferences.window, WINDOWS[max(place - 1, 0)], WINDOWS[min(place + 1, len(WINDOWS) - 1)], IMPLIED_WINDOW}
    return tuple(sorted(near))


def present(
    facts: RealizedVolatility | None, table: ForecastTable | None, preferences: GraphPreferences, cursor: int, *, width: int, height: int
) -> GraphView | None:
    """The screen for a body of so many cells; None until something is known."""
    if facts is None:
        return None
    forecasts = in_order(table.forecasts) if table is not None else ()
    shown = preferences.shown
    wanted = len(ForecastModel) + TABLE_FRAME
    if shown is Shown.BOTH and height < LEAST_ROWS_WITH_BOTH:
        shown = Shown.GRAPH
    table_rows = 0 if shown is Shown.GRAPH else height - 1 if shown is Shown.TABLE else wanted
    graph_rows = height - 1 - table_rows
    chosen = forecasts[min(cursor, len(forecasts) - 1)] if forecasts else None
    graph = _graph(facts, table, chosen, preferences, width, graph_rows) if shown is not Shown.TABLE and facts.day.size else None
    title = f"Forecasts {preferences.horizon} session{'' if preferences.horizon == 1 else 's'} ahead"
    return GraphView(
        preferences=preferences,
        graph=graph,
        forecasts=forecasts,
        chosen=chosen,
        head=_head(facts),
        table_title=title,
        table_note=score_words(table, width - len(title) - 5),
        foot=foot_words(table, chosen, width),
        problem=_problem(facts, graph, shown),
        table_rows=max(table_rows, 0),
        waiting=table is None,
    )


def _graph(
    facts: RealizedVolatility,
    table: ForecastTable | None,
    chosen: VolatilityForecast | None,
    preferences: GraphPreferences,
    width: int,
    rows: int,
) -> Graph | None:
    if rows < LEAST_GRAPH_ROWS:
        return None
    sight = slice(max(facts.day.size - preferences.span, 0), None)
    lines = _lines(facts, preferences, sight, alone=width < LEAST_WITH_NEIGHBOURS)
    implied = facts.implied_30[sight] * 100
    outlook = _outlook(table, chosen) if table is not None and chosen is not None else None
    others = tuple(one.term * 100 for one in table.forecasts if one is not chosen) if table is not None else ()
    extent = [line.values for line in lines] + [implied]
    if outlook is not None:
        extent += [outlook.level, outlook.low, outlook.high]
    scale = Scale.around(np.concatenate(extent), margin=0.06)
    if scale is None:
        return None
    premium, premium_name = _premium(facts, preferences, sight)
    known = np.abs(premium[np.isfinite(premium)])
    premium_rows = max(round(rows * PREMIUM_SHARE), 3) if rows >= LEAST_PREMIUM_ROWS and known.size else 0
    return Graph(
        lines=lines,
        implied=implied,
        premium=premium,
        premium_name=premium_name,
        scale=scale,
        premium_top=float(known.max()) if known.size else 1.0,
        outlook=outlook,
        others=others,
        marks=_marks(facts.day[sight], width),
        sessions=int(facts.day[sight].size),
        rows=rows - premium_rows,
        premium_rows=premium_rows,
    )


def _lines(facts: RealizedVolatility, preferences: GraphPreferences, sight: slice, *, alone: bool) -> tuple[Line, ...]:
    """The chosen line last, so that it lies over the others; ``alone`` leaves the neighbouring windows out."""

    def wanted(one: RollingVolatility) -> bool:
        same = one.window == preferences.window
        if alone and not preferences.all_estimators:
            return same and one.estimator is preferences.estimator
        return same if preferences.all_estimators else one.estimator is preferences.estimator and one.window in windows_asked(preferences)

    def chosen(one: RollingVolatility) -> bool:
        return one.estimator is preferences.estimator and one.window == preferences.window

    found = sorted((one for one in facts.rolling if wanted(one)), key=chosen)
    return tuple(
        Line(
            NAMES[one.estimator] if preferences.all_estimators else f"{one.window}",
            LETTERS[one.estimator] if preferences.all_estimators else f"{one.window}",
            one.values[sight] * 100,
            chosen(one),
        )
        for one in found
    )


def _premium(facts: RealizedVolatility, preferences: GraphPreferences, sight: slice) -> tuple[Floats, str]:
    for one in facts.rolling:
        if one.estimator is preferences.estimator and one.window == IMPLIED_WINDOW:
            return (one.values[sight] - facts.implied_30[sight]) * 100, f"Realised {IMPLIED_WINDOW} less implied 30d, same day"
    return np.full(facts.day[sight].size, np.nan), ""


def _outlook(table: ForecastTable, chosen: VolatilityForecast) -> Outlook | None:
    if not np.isfinite(chosen.term).any():
        return None
    return Outlook(model_name(chosen.model), table.horizons, chosen.term * 100, chosen.term_low * 100, chosen.term_high * 100)


def _marks(day: Longs, width: int) -> tuple[tuple[int, str], ...]:
    """Months where they begin, as many as have room."""
    if not day.size:
        return ()
    month = day.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    starts = np.flatnonzero(np.diff(month)) + 1
    found: list[tuple[int, str]] = []
    columns = max((1 - FUTURE_SHARE) * width / day.size, 1e-9)
    last = -float("inf")
    for place in starts.tolist():
        if (place - last) * columns >= MARK_ROOM:
            found.append((place, f"{from_nanos(int(day[place])):%b%y}"))
            last = place
    return tuple(found)


def _head(facts: RealizedVolatility) -> str:
    missing = f", {facts.missing} missing" if facts.missing else ""
    filled = f", {facts.filled} asked of the feed" if facts.filled else ""
    return f"{facts.known} sessions{filled}{missing} to {written.moment(facts.as_of)[:15]}" if facts.known else ""


def _problem(facts: RealizedVolatility, graph: Graph | None, shown: Shown) -> str:
    if not facts.known:
        return f"no finished session of {facts.symbol} is known yet: its past comes from the feed or from what is recorded"
    if graph is None and shown is not Shown.TABLE:
        return f"{facts.known} session{' is' if facts.known == 1 else 's are'} known: too few for a window, or too little room for a graph"
    return ""
