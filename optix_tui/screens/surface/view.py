"""What OVDV shows of a surface in so much room: one of five pictures, and always what the fits are worth."""

from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.ids import SeriesId, UtcNanos
from engine.domain.volatility import Grade, MaturityFlag, SliceModel
from optix_tui import format as written
from optix_tui.screens.surface.coordinates import UNZOOMED, ZOOMS, Coordinate, axis_of
from optix_tui.screens.surface.grades import LETTERS, SliceRow, fit_blocks, slice_rows, unquoted_money
from optix_tui.screens.surface.heat import HeatView, Span, heat_view
from optix_tui.screens.surface.layers import Layer, no_past
from optix_tui.screens.surface.mesh import Camera, MeshView, mesh_view
from optix_tui.screens.surface.numbers import NumbersView, numbers_view
from optix_tui.screens.surface.reading import Past, Reading
from optix_tui.screens.surface.smile import SmileView, smile_view
from optix_tui.screens.surface.term import TermView, term_view
from optix_tui.screens.table import Block, Cell, Column, Tone

LEAST_WITH_SIDE, LEAST_ROWS_WITH_SIDE = 72, 12
LEAST_TABLE_WITH_SIDE = 90
SIDE_SHARE, LEAST_SIDE, MOST_SIDE = 0.31, 25, 52
NUMBER_WIDTH = 6


class Picture(StrEnum):
    """The five ways to look at a surface."""

    HEAT = "HEAT"
    MESH = "MESH"
    SMILE = "SMILE"
    TERM = "TERM"
    TABLE = "TABLE"


class SurfacePreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    picture: Picture = Picture.HEAT
    coordinate: Coordinate = Coordinate.MONEYNESS
    """Of the heat map and the table; the mesh and the smile have their own."""
    mesh_coordinate: Coordinate = Coordinate.DEVIATIONS
    smile_coordinate: Coordinate = Coordinate.STRIKE
    layer: Layer = Layer.LEVEL
    zoom: int = UNZOOMED
    series: SeriesId | None = None
    """The chosen expiry; None is the one nearest to 30 days."""
    expiry_word: str = ""
    """An expiry that was asked for in words, until the surface is known."""
    column: float = 0.5
    """Where the crosshair stands across a heat map, 0 to 1."""
    strike: float | None = None
    """The strike of the crosshair on a smile."""
    camera: Camera = Camera()
    spins: bool = False
    shows_risk: bool = False
    shows_yesterday: bool = True
    at: UtcNanos | None = None
    """The instant whose stored surface is shown; None is the present."""
    shows_fit: bool = False
    """The chosen expiry's fit in words stands where the list stood."""

    @property
    def coordinate_shown(self) -> Coordinate:
        """That of the picture in sight."""
        coordinate: Coordinate = getattr(self, COORDINATE_FIELDS.get(self.picture, "coordinate"))
        return coordinate

    def with_coordinate(self, coordinate: Coordinate) -> "SurfacePreferences":
        """Another one for the picture in sight."""
        return replace(self, **{COORDINATE_FIELDS.get(self.picture, "coordinate"): coordinate})


COORDINATE_FIELDS = {Picture.MESH: "mesh_coordinate", Picture.SMILE: "smile_coordinate"}


class SurfaceFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    reading: Reading | None = None
    risk: Reading | None = None
    past: Past = Past()


class Tenor(NamedTuple):
    """One constant maturity."""

    name: str
    atm: float
    reversal: float
    butterfly: float
    reversal_10: float
    variance: float
    flag: MaturityFlag


class Rooms(NamedTuple):
    """Where things stand: the row of tabs, the picture, the side, the foot."""

    width: int
    height: int
    side: int
    """Columns of the side; 0 where there is none."""
    foot: int

    @property
    def picture(self) -> tuple[int, int]:
        """Columns and rows of the picture."""
        return self.width - (self.side + 1 if self.side else 0), max(self.height - 1 - self.foot, 0)


class SurfaceView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    preferences: SurfacePreferences
    rooms: Rooms
    body: HeatView | MeshView | SmileView | TermView | NumbersView | None
    problem: str
    """Why there is no picture."""
    rows: tuple[SliceRow, ...]
    chosen: int
    tenors: tuple[Tenor, ...]
    blocks: tuple[Block, ...]
    """The fit of the chosen expiry in words; empty unless wanted."""
    warning: str
    """What nobody should overlook about the chosen fit; "" where it is good."""
    past_note: str


def rooms(width: int, height: int, picture: Picture = Picture.HEAT) -> Rooms:
    """The parts of a body of so many cells; the table lists every expiry and its fit itself, and has all of a narrow one."""
    if width >= (LEAST_TABLE_WITH_SIDE if picture is Picture.TABLE else LEAST_WITH_SIDE) and height >= LEAST_ROWS_WITH_SIDE:
        return Rooms(width, height, min(max(round(width * SIDE_SHARE), LEAST_SIDE), MOST_SIDE), 0)
    return Rooms(width, height, 0, 1 if height >= 8 else 0)


def present(
    facts: SurfaceFacts,
    preferences: SurfacePreferences,
    *,
    width: int,
    height: int,
    now: UtcNanos,
    span: Span | None = None,
    room: Rooms | None = None,
) -> SurfaceView | None:
    """The screen for a body of so many cells; None until a surface is known. ``span`` is the scale the mesh had before.

    Another screen that wants a picture of it says in what ``room``.
    """
    reading = facts.reading
    if reading is None:
        return None
    found = room or rooms(width, height, preferences.picture)
    rows = slice_rows(reading.slices)
    chosen = chosen_place(reading, preferences)
    body = _body(facts, preferences, found, chosen, now, span) if rows else None
    return SurfaceView(
        preferences=preferences,
        rooms=found,
        body=body,
        problem=_problem(reading, body),
        rows=rows,
        chosen=chosen,
        tenors=tenors(reading),
        blocks=fit_blocks(rows[chosen]) if rows and preferences.shows_fit else (),
        warning=warning_of(rows[chosen]) if rows else "",
        past_note=no_past(facts.past, now),
    )


def chosen_place(reading: Reading, preferences: SurfacePreferences) -> int:
    """Which slice the cursor stands on."""
    place = reading.place_of(preferences.series) if preferences.series is not None else None
    return reading.usual_place() if place is None else place


def _body(
    facts: SurfaceFacts, preferences: SurfacePreferences, found: Rooms, chosen: int, now: UtcNanos, span: Span | None
) -> HeatView | MeshView | SmileView | TermView | NumbersView | None:
    reading = facts.reading
    assert reading is not None  # present() looked
    width, height = found.picture
    axis = axis_of(preferences.coordinate_shown, reading, preferences.zoom)
    match preferences.picture:
        case Picture.HEAT:
            columns, rows = heat_room(width, height)
            return heat_view(
                reading=reading, axis=axis, layer=preferences.layer, past=facts.past, now=now, pixels=2 * rows, columns=columns
            )
        case Picture.MESH:
            return mesh_view(reading=reading, axis=axis, camera=preferences.camera, before=span, spins=preferences.spins, width=width)
        case Picture.SMILE:
            return smile_view(
                reading=reading,
                place=chosen,
                coordinate=preferences.smile_coordinate,
                zoom=ZOOMS[preferences.zoom],
                cursor=preferences.strike,
                risk=facts.risk if preferences.shows_risk else None,
                past=facts.past,
                shows_yesterday=preferences.shows_yesterday,
                yesterday_reason=no_past(facts.past, now),
            )
        case Picture.TERM:
            return term_view(reading=reading, place=chosen)
    return numbers_view(
        reading=reading, axis=axis, layer=preferences.layer, past=facts.past, now=now, count=max((width - 18) // NUMBER_WIDTH, 3)
    )


def heat_room(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of a heat map's own pixels."""
    return max(width - HEAT_LEFT - HEAT_RIGHT, 2), max(height - 2, 1)


HEAT_LEFT, HEAT_RIGHT = 9, 9


def _problem(reading: Reading, body: object) -> str:
    if not reading.slices:
        return "no option of this name has a quote: there is nothing to fit"
    if body is None:
        return "no expiry is fitted: Enter says why" if not (reading.fitted > 0).any() else "two fitted expiries make a mesh: there is one"
    if isinstance(body, HeatView):
        return body.reason or ("" if body.span is not None else "nothing is known of this")
    return body.reason if isinstance(body, NumbersView) else ""


def warning_of(row: SliceRow) -> str:
    """For a fit that is not to be trusted, or not altogether."""
    one = row.one
    blind = unquoted_money(one)
    if one.grade is Grade.GOOD:
        return blind
    why = "; ".join([*one.reasons, *([blind] if blind else [])])
    word = {Grade.FAIR: "fair fit", Grade.POOR: "POOR FIT", Grade.FAILED: "NO FIT"}[one.grade]
    spline = "spline, " if one.model is SliceModel.SPLINE and "spline" not in why else ""
    return f"{LETTERS[one.grade]} {word}: {spline}{why}" if why else f"{LETTERS[one.grade]} {word}"


def tenors(reading: Reading) -> tuple[Tenor, ...]:
    """The constant maturities, shortest first."""
    of = reading.surface.maturities
    return tuple(
        Tenor(
            tenor_name(int(of.days[place])),
            float(of.atm_iv[place]),
            float(of.risk_reversal_25[place]),
            float(of.butterfly_25[place]),
            float(of.risk_reversal_10[place]),
            float(of.variance_iv[place]),
            MaturityFlag(int(of.flags[place])),
        )
        for place in range(of.days.size)
    )


def tenor_name(days: int) -> str:
    """``1W``, ``3M``, ``2Y``."""
    if days < 28:
        return f"{days // 7}W" if days % 7 == 0 else f"{days}D"
    if days < 360:
        return f"{round(days / 30.42)}M"
    return f"{round(days / 365)}Y" if abs(days / 365 - round(days / 365)) < 0.1 else f"{round(days / 30.42)}M"


TENOR_FLAGS = {MaturityFlag.LISTED: " ", MaturityFlag.INTERPOLATED: "I", MaturityFlag.EXTRAPOLATED: "E", MaturityFlag.UNKNOWN: " "}


def _signed(value: float) -> str:
    return written.signed(value * 100, 1)


def _toned(row: Tenor, tone: Tone) -> Tone:
    """Beyond the expiries every figure is the model's, and dim."""
    return "dim" if row.flag is MaturityFlag.EXTRAPOLATED else tone


def _atm(row: Tenor) -> Cell:
    return Cell(written.points(row.atm), _toned(row, "vol"))


def _variance(row: Tenor) -> Cell:
    return Cell(written.points(row.variance) if isfinite(row.variance) else written.UNKNOWN, "dim")


TENOR_COLUMNS: tuple[Column[Tenor], ...] = (
    Column("name", "", 3, lambda row: Cell(row.name, "security"), left=True),
    Column("atm", "ATM", 5, _atm),
    Column("flag", "", 1, lambda row: Cell(TENOR_FLAGS[row.flag], "alert" if row.flag is MaturityFlag.EXTRAPOLATED else "dim"), left=True),
    Column("reversal", "RR25", 5, lambda row: Cell(_signed(row.reversal), _toned(row, "text"))),
    Column("butterfly", "BF25", 4, lambda row: Cell(_signed(row.butterfly), _toned(row, "text"))),
    Column("reversal_10", "RR10", 5, lambda row: Cell(_signed(row.reversal_10), "dim"), priority=5),
    Column("variance", "VarIV", 5, _variance, priority=4),
)
