"""What REPL shows in so much room: the days and the day's line, the recorded surface at the cursor, and what was known beside it."""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from engine.domain.volatility import SurfaceModel
from optix_tui import format as written
from optix_tui.screens.replay.breached import Broken, broken_at
from optix_tui.screens.replay.facts import FlowSoFar, Gamma, Level, flow_at, gamma_at, levels_of, no_gamma
from optix_tui.screens.replay.timeline import DayFacts, StoredDay, newest_before, place_of, span_of
from optix_tui.screens.surface.coordinates import ZOOMS, Coordinate, axis_of
from optix_tui.screens.surface.heat import Against, HeatView, heat_view
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.numbers import NumbersView, numbers_view
from optix_tui.screens.surface.reading import Past, Reading
from optix_tui.screens.surface.smile import SmileView, smile_view
from optix_tui.screens.surface.term import TermView, term_view
from optix_tui.screens.surface.view import (
    NUMBER_WIDTH,
    Picture,
    Rooms,
    SurfaceFacts,
    SurfacePreferences,
    SurfaceView,
    chosen_place,
    heat_room,
)
from optix_tui.screens.surface.view import present as present_surface

SPEEDS = (1, 2, 5, 10, 20, 60)
"""Stored instants a second."""
LEAST_ROWS_WITH_BREACHES = 22
LEAST_WITH_SIDE, LEAST_ROWS_WITH_SIDE, LEAST_ROWS_WITH_LINE = 100, 24, 26
SIDE_SHARE, LEAST_SIDE, MOST_SIDE = 0.36, 40, 58
TABLE_LEFT = 18
"""Columns before the numbers of a table."""


class Show(StrEnum):
    """The pictures."""

    HEAT = "HEAT"
    SMILE = "SMILE"
    TERM = "TERM"
    FACTS = "FACTS"
    TABLE = "TABLE"


NEEDS_MARKET = frozenset({Show.SMILE, Show.TABLE})
"""Pictures of which the quotes beside the fit are a part."""


PICTURES = {Show.HEAT: Picture.HEAT, Show.SMILE: Picture.SMILE, Show.TERM: Picture.TERM, Show.TABLE: Picture.TABLE}


class ReplayPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    at: UtcNanos | None = None
    """Where the cursor stands; None until the newest stored instant is known."""
    mark: UtcNanos | None = None
    model: SurfaceModel = SurfaceModel.SVI
    """Which of the two surfaces: as displayed, or as risk uses it."""
    show: Show = Show.HEAT
    look: SurfacePreferences = SurfacePreferences(coordinate=Coordinate.DELTA)
    """How the surface is looked at: coordinates, expiry, crosshair."""
    shows_difference: bool = True
    """Against the mark, where there is one."""
    speed: int = 1
    """Place in SPEEDS."""
    plays: bool = False


class ReplayFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    days: tuple[StoredDay, ...] | None = None
    """None: not yet."""
    day: DayFacts | None = None
    """Of the cursor."""
    reading: Reading | None = None
    """The newest stored surface not after the cursor."""
    problem: str = ""
    """Why there is none."""
    mark: Reading | None = None
    mark_gamma: Gamma | None = None


class ReplayRooms(NamedTuple):
    """Rows from above: the instant, the days, the day's line (0: none) and lanes, the picture, and columns of the side."""

    width: int
    height: int
    line: int
    lanes: int
    side: int
    foot: int

    @property
    def head(self) -> int:
        """Rows above the picture: instant, days, line, lanes, hours."""
        return 2 + self.line + self.lanes + (1 if self.lanes else 0)

    @property
    def picture(self) -> tuple[int, int]:
        """Columns and rows."""
        return self.width - (self.side + 1 if self.side else 0), max(self.height - self.head - self.foot, 0)


class ReplayView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: ReplayPreferences
    rooms: ReplayRooms
    at: UtcNanos
    now: UtcNanos
    days: tuple[StoredDay, ...]
    place: int
    day: DayFacts | None
    span: tuple[int, int]
    step: tuple[int, int]
    """Which of the day's instants the cursor stands on, from 1, and how many there are."""
    surface: SurfaceView | None
    surface_at: UtcNanos
    problem: str
    levels: tuple[Level, ...]
    spot: float
    spot_then: float
    gamma: Gamma | None
    gamma_reason: str
    gamma_then: Gamma | None
    flow: FlowSoFar | None
    flow_reason: str
    broken: tuple[Broken, ...]
    """Rules that were broken at the cursor."""
    broken_reason: str
    """Why that is not known; "" where it is."""
    has_mark: bool


def rooms(width: int, height: int, show: Show = Show.HEAT) -> ReplayRooms:
    """The parts of a body of so many cells; figures that fill the picture are told nowhere else."""
    has_side = width >= LEAST_WITH_SIDE and height >= LEAST_ROWS_WITH_SIDE and show is not Show.FACTS
    side = min(max(round(width * SIDE_SHARE), LEAST_SIDE), MOST_SIDE) if has_side else 0
    line = 4 if height >= LEAST_ROWS_WITH_LINE else 0
    lanes = 4 if height >= LEAST_ROWS_WITH_BREACHES else 3 if height >= 14 else 0
    foot = 2 if height >= 16 and not side and show is not Show.FACTS else 0
    return ReplayRooms(width, height, line, lanes, side, foot)


def present(facts: ReplayFacts, preferences: ReplayPreferences, *, width: int, height: int, now: UtcNanos) -> ReplayView | None:
    """The screen for a body of so many cells; None until something stored is known."""
    if not facts.days or preferences.at is None:
        return None
    at, found = preferences.at, rooms(width, height, preferences.show)
    day = facts.day
    instants = day.instants if day is not None else None
    place = newest_before(instants, at) if instants is not None else None
    surface = _surface(facts, preferences, found)
    reading, mark = facts.reading, facts.mark
    return ReplayView(
        preferences=preferences,
        rooms=found,
        at=at,
        now=now,
        days=facts.days,
        place=place_of(facts.days, at),
        day=day,
        span=(0, 1) if day is None else span_of(day),
        step=(0 if place is None else place + 1, 0 if instants is None else int(instants.size)),
        surface=surface,
        surface_at=reading.surface.as_of if reading is not None else UtcNanos(0),
        problem=facts.problem or (surface.problem if surface is not None else "the surface is being read …"),
        levels=levels_of(reading, mark),
        spot=reading.surface.spot if reading is not None else float("nan"),
        spot_then=mark.surface.spot if mark is not None else float("nan"),
        gamma=gamma_at(day.exposures, at) if day is not None else None,
        gamma_reason=no_gamma(day, at) if day is not None else "the day is being read …",
        gamma_then=facts.mark_gamma,
        flow=flow_at(day.flow, at) if day is not None else None,
        flow_reason=day.no_flow or "no flagged print of this day is stored up to then" if day is not None else "the day is being read …",
        broken=broken_at(day.breaches, at) if day is not None else (),
        broken_reason=day.no_breaches if day is not None else "the day is being read …",
        has_mark=preferences.mark is not None,
    )


def _surface(facts: ReplayFacts, preferences: ReplayPreferences, found: ReplayRooms) -> SurfaceView | None:
    """The picture of the recorded surface, or of its difference to the mark."""
    reading = facts.reading
    if reading is None or preferences.show is Show.FACTS:
        return None
    width, height = found.picture
    look = replace(preferences.look, picture=PICTURES[preferences.show])
    body_room = Rooms(width, height + 1, 0, 0)
    view = present_surface(SurfaceFacts(reading=reading), look, width=width, height=height + 1, now=reading.surface.as_of, room=body_room)
    then = facts.mark if preferences.shows_difference and preferences.mark is not None else None
    if view is None or then is None or not view.rows:
        return view
    body = _difference(reading, then, look, width, height, chosen_place(reading, look))
    return replace(view, body=body, problem="" if body is not None else view.problem)


def _difference(
    reading: Reading, then: Reading, look: SurfacePreferences, width: int, height: int, place: int
) -> HeatView | SmileView | TermView | NumbersView | None:
    name = f"mark {written.moment(then.surface.as_of)}"
    axis = axis_of(look.coordinate, reading, look.zoom)
    against = Against(then, f"vol points less the mark, same expiry and {look.coordinate.value}", "Δ")
    match look.picture:
        case Picture.TABLE:
            count = max((width - TABLE_LEFT) // NUMBER_WIDTH, 3)
            return numbers_view(
                reading=reading, axis=axis, layer=Layer.CHANGE, past=Past(), now=reading.surface.as_of, count=count, against=against
            )
        case Picture.HEAT:
            columns, lines = heat_room(width, height)
            return heat_view(
                reading=reading,
                axis=axis,
                layer=Layer.CHANGE,
                past=Past(),
                now=reading.surface.as_of,
                pixels=2 * lines,
                columns=columns,
                against=against,
            )
        case Picture.SMILE:
            return smile_view(
                reading=reading,
                place=place,
                coordinate=look.smile_coordinate,
                zoom=ZOOMS[look.zoom],
                cursor=look.strike,
                risk=None,
                past=Past(day_ago=then),
                shows_yesterday=True,
                yesterday_reason="",
                then_name=name,
                holds_strike=look.smile_coordinate is Coordinate.STRIKE,
            )
    return term_view(reading=reading, place=place, then=then)
