"""OVDV as a tile: five pictures of one surface, its past asked for as far as a picture needs it."""

from typing import Any

from msgspec.structs import replace
from textual.events import MouseScrollDown, MouseScrollUp
from textual.timer import Timer
from textual.worker import Worker

from engine.domain.errors import OptixError
from engine.domain.ids import SeriesId, UtcNanos
from engine.domain.instants import HOUR_NS, SECOND_NS
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.surface import GetSurface, GetSurfaceTimes, SurfaceChanged, SurfaceTimes
from optix_tui.canvas import Canvas
from optix_tui.format import moment
from optix_tui.freshness import Condition
from optix_tui.function import Context, later
from optix_tui.remembered import Remembered
from optix_tui.screens.listing import Listing
from optix_tui.screens.surface.arguments import arguments_of, find_slice, read_arguments
from optix_tui.screens.surface.coordinates import ZOOMS, next_coordinate
from optix_tui.screens.surface.grades import slice_rows
from optix_tui.screens.surface.heat import Span
from optix_tui.screens.surface.in_pixels import InPixels
from optix_tui.screens.surface.layers import Layer, next_layer
from optix_tui.screens.surface.mesh import Camera, MeshView
from optix_tui.screens.surface.paint import paint_surface
from optix_tui.screens.surface.past_reading import read_past
from optix_tui.screens.surface.reading import Past, read
from optix_tui.screens.surface.view import Picture, SurfaceFacts, SurfacePreferences, SurfaceView, chosen_place, present
from optix_tui.screens.table import Cursor
from optix_tui.settled import successor
from optix_tui.theme import Palette

SPIN_HZ, SPIN_STEP = 15.0, 1.6
TURN, TILT, COLUMN_STEP = 6.0, 4.0, 0.02
RISK_EVERY = 10 * SECOND_NS
"""The risk surface is asked for again after so long of market time, while it is shown."""
PAST_EVERY = 600 * SECOND_NS


class SurfacePanel(InPixels, Listing):
    """The volatility surface of a name."""

    code = "OVDV"
    stale_after = 60.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences, self._misread = SurfacePreferences(), ""
        self._read_words: tuple[str, ...] | None = None
        self.facts = SurfaceFacts()
        self._mesh_span: Span | None = None
        self._made: Remembered[SurfaceView] = Remembered()
        self._timer: Timer | None = None
        self._past_worker: Worker[None] | None = None
        self._risk_at = self._past_at = UtcNanos(0)

    # -- facts --------------------------------------------------------------------------------------------------------------

    def topics(self, context: Context) -> tuple[Topic, ...]:
        is_live = self.preferences.at is None
        return (topic(SurfaceChanged, context.symbol),) if context.symbol and is_live else ()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        return (GetSurface(symbol=context.symbol, at=self.preferences.at),) if context.symbol else ()

    def load(self, context: Context) -> None:
        if context != self.context or self._read_words != context.args:
            self.preferences, self._misread = read_arguments(context.args, self.preferences, self.desk.market_time())
            self._read_words = context.args
        super().load(context)

    def misread(self) -> str:
        return self._misread

    def reset(self) -> None:
        self.facts = SurfaceFacts()
        self.cursor = Cursor()
        self._mesh_span = None
        self._risk_at = self._past_at = UtcNanos(0)
        self.preferences = replace(self.preferences, series=None, strike=None, shows_fit=False)

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if isinstance(query, GetSurface) and isinstance(answer, VolatilitySurface) and query.at == self.preferences.at:
            if query.model is SurfaceModel.ESSVI:
                self.facts = replace(self.facts, risk=read(answer))
                return True
            return self._take(answer)
        return False

    def received(self, event: Event) -> bool:
        return self._take(event.surface) if isinstance(event, SurfaceChanged) and self.preferences.at is None else False

    def _take(self, surface: VolatilitySurface) -> bool:
        if surface.symbol != self.context.symbol:
            return False
        self.facts = replace(self.facts, reading=read(surface))
        self._find_wanted_expiry()
        self._follow_the_settled()
        self._ask_what_is_missing(surface.as_of)
        return True

    def _find_wanted_expiry(self) -> None:
        """An expiry named on the command line is looked up in the first surface that comes."""
        word, reading = self.preferences.expiry_word, self.facts.reading
        if not word or reading is None:
            return
        row = find_slice(word, slice_rows(reading.slices))
        if row is None and reading.slices:
            self.desk.tell(f"{self.context.symbol} has no fitted expiry {word}", level="warning")
        self.preferences = replace(self.preferences, expiry_word="", series=row.one.series.id if row else None)

    def _follow_the_settled(self) -> None:
        """An expiry that has settled gives way to the next one; a surface of the past has its own."""
        chosen, reading = self.preferences.series, self.facts.reading
        if chosen is None or reading is None or self.preferences.at is not None:
            return
        follows = successor(chosen, [one.series.id for one in reading.slices], self.desk.market_time())
        if follows is not None:
            self.desk.tell(follows.word)
            self._choose(series=follows.series, strike=None)

    # -- the past -----------------------------------------------------------------------------------------------------------

    def _ask_what_is_missing(self, now: UtcNanos) -> None:
        if self.preferences.shows_risk and now - self._risk_at > RISK_EVERY:
            self._risk_at = now
            self.ask(GetSurface(symbol=self.context.symbol, model=SurfaceModel.ESSVI, at=self.preferences.at))
        is_read = self._past_worker is not None and not self._past_worker.is_finished
        if self._needs_past and abs(now - self._past_at) > PAST_EVERY and not is_read and self.desk.engine is not None:
            self._past_at = now
            self._past_worker = self.run_worker(later(self._read_past, self.context, now), group="question", exclusive=False)

    @property
    def _needs_past(self) -> bool:
        wanted = self.preferences
        return (wanted.picture is Picture.SMILE and wanted.shows_yesterday) or wanted.layer in {Layer.CHANGE, Layer.UNUSUAL}

    async def _read_past(self, context: Context, now: UtcNanos) -> None:
        engine = self.desk.engine
        if engine is None:
            return

        def keep(past: Past) -> None:
            if context == self.context:
                self.facts = replace(self.facts, past=past)
                self.touch()

        unusual = self.preferences.layer is Layer.UNUSUAL
        await read_past(engine, context.symbol, now, before=self.facts.past, with_days=unusual, keep=keep)

    # -- what is shown ------------------------------------------------------------------------------------------------------

    def is_recorded(self) -> bool:
        return self.preferences.at is not None

    def fact_time(self) -> UtcNanos:
        return self.facts.reading.surface.as_of if self.facts.reading else UtcNanos(0)

    def count(self) -> int:
        return len(self.facts.reading.slices) if self.facts.reading else 0

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        reading = self.facts.reading
        if reading is None:
            return ""
        surface = reading.surface
        is_told = self.freshness.condition is Condition.RECORDED
        stored = f"recorded {moment(surface.as_of)} NY  " if surface.recorded and not is_told else ""
        return f"{stored}spot {surface.spot:,.2f}  {'SVI' if surface.model is SurfaceModel.SVI else 'eSSVI'}  {surface.source}"

    def present(self) -> SurfaceView | None:
        width, height = self.outer_size
        made_of = (self.facts, self.preferences, width, height)
        return self._made.of(*made_of, make=lambda: self._turned(*made_of) or self._presented(width, height))

    def _presented(self, width: int, height: int) -> SurfaceView | None:
        now = self.fact_time()
        view = present(self.facts, self.preferences, width=width, height=max(height - 1, 0), now=now, span=self._mesh_span)
        if view is not None and isinstance(view.body, MeshView):
            self._mesh_span = view.body.span
        return view

    def _turned(self, facts: SurfaceFacts, wanted: SurfacePreferences, *size: int) -> SurfaceView | None:
        """The mesh in sight from where the camera is now, where nothing else changed: its net need not be made anew."""
        before, view = self._made.made_of, self._made.view
        if before is None or view is None or not isinstance(view.body, MeshView):
            return None
        same = replace(view.preferences, camera=wanted.camera, spins=wanted.spins) == wanted
        if not same or before[0] is not facts or before[2:] != size:
            return None
        return replace(view, preferences=wanted, body=replace(view.body, camera=wanted.camera, spins=wanted.spins))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_surface(canvas, view, palette, self.settle)

    def lasting_args(self) -> tuple[str, ...]:
        reading = self.facts.reading
        if reading is None or not reading.slices:
            return self.context.args
        return arguments_of(self.preferences, slice_rows(reading.slices)[chosen_place(reading, self.preferences)])

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        if self.facts.reading is not None:
            self._ask_what_is_missing(self.facts.reading.surface.as_of)
        self.touch()

    def action_picture(self, step: int) -> None:
        order = tuple(Picture)
        self.action_show(order[(order.index(self.preferences.picture) + step) % len(order)].value)

    def action_show(self, name: str) -> None:
        self._stop()
        self._choose(picture=Picture(name), shows_fit=False)

    def action_coordinate(self) -> None:
        self.preferences = self.preferences.with_coordinate(next_coordinate(self.preferences.coordinate_shown))
        self._mesh_span = None
        self.touch()

    def action_layer(self) -> None:
        if self.preferences.picture not in {Picture.HEAT, Picture.TABLE}:
            self.desk.tell("layers are shown on the heat map and in the table: 1 or 5")
            return
        layer = next_layer(self.preferences.layer)
        if layer is Layer.UNUSUAL and not self.facts.past.days:
            self._past_at = UtcNanos(0)
        self._choose(layer=layer)

    def action_zoom_axis(self, step: int) -> None:
        self._choose(zoom=min(max(self.preferences.zoom - step, 0), len(ZOOMS) - 1))

    def action_expiry(self, step: int) -> None:
        reading = self.facts.reading
        if reading is None or not reading.slices:
            return
        place = min(max(chosen_place(reading, self.preferences) + step, 0), len(reading.slices) - 1)
        self._choose_expiry(place)

    def _choose_expiry(self, place: int) -> None:
        """The expiry of a place is shown here and in the other tiles of the link group."""
        if self.facts.reading is not None:
            series = self.facts.reading.slices[place].series.id
            self._choose(series=series, strike=None)
            self.desk.link_expiry(self, series)

    def take_expiry(self, series: SeriesId) -> None:
        if self.facts.reading is not None and self.facts.reading.place_of(series) is not None:
            self._choose(series=series, strike=None)

    def action_up(self, step: int) -> None:
        """Up and down: the camera of the mesh, else the expiry."""
        if self.preferences.picture is Picture.MESH:
            self._choose(camera=self.preferences.camera.turned(0, -step * TILT))
        else:
            self.action_expiry(step)

    def action_across(self, step: int) -> None:
        """Left and right: the camera, the crosshair, or the expiry where time runs across."""
        match self.preferences.picture:
            case Picture.MESH:
                self._choose(camera=self.preferences.camera.turned(step * TURN, 0))
            case Picture.SMILE:
                self._step_strike(step)
            case Picture.TERM:
                self.action_expiry(step)
            case _:
                self._choose(column=min(max(self.preferences.column + step * COLUMN_STEP, 0.0), 1.0))

    def _step_strike(self, step: int) -> None:
        reading = self.facts.reading
        if reading is None or not reading.slices:
            return
        one = reading.slices[chosen_place(reading, self.preferences)]
        if not one.strikes.size:
            return
        near = self.preferences.strike if self.preferences.strike is not None else one.forward
        place = int(abs(one.strikes - near).argmin())
        if self.preferences.strike is not None:
            place = min(max(place + step, 0), one.strikes.size - 1)
        self._choose(strike=float(one.strikes[place]))

    def action_center(self) -> None:
        """The usual view again: crosshair to the money, camera and zoom as at first."""
        usual = SurfacePreferences()
        self._stop()
        self._choose(column=0.5, strike=None, camera=Camera(), zoom=usual.zoom)

    def action_drill(self) -> None:
        self._choose(shows_fit=not self.preferences.shows_fit)

    def action_risk(self) -> None:
        self._risk_at = UtcNanos(0)
        self._choose(shows_risk=not self.preferences.shows_risk)

    def action_yesterday(self) -> None:
        self._choose(shows_yesterday=not self.preferences.shows_yesterday)

    # -- instants -----------------------------------------------------------------------------------------------------------

    def action_instant(self, step: int) -> None:
        """To the stored surface before the one shown or after it; after the last one stands the present."""
        engine, reading = self.desk.engine, self.facts.reading
        if engine is None or reading is None or (step > 0 and self.preferences.at is None):
            return
        self.run_worker(later(self._step_instant, self.context, reading.surface.as_of, step), group="question", exclusive=False)

    async def _step_instant(self, context: Context, shown: UtcNanos, step: int) -> None:
        engine = self.desk.engine
        if engine is None:
            return
        before = (GetSurfaceTimes(symbol=context.symbol, until=shown, limit=1),)
        after = tuple(
            GetSurfaceTimes(symbol=context.symbol, since=UtcNanos(shown + 1), until=until) for until in (UtcNanos(shown + HOUR_NS), None)
        )
        try:
            for question in before if step < 0 else after:
                times: SurfaceTimes = await engine.ask(question)
                if times.at.size:
                    break
        except OptixError as error:
            self.desk.tell(str(error), level="warning")
            return
        if context != self.context:
            return
        if times.at.size:
            self._go_to(UtcNanos(int(times.at[0 if step > 0 else -1])))
        elif step > 0:
            self._go_to(None)
        else:
            self.desk.tell(f"no surface of {context.symbol} is stored before this one", level="warning")

    def _go_to(self, at: UtcNanos | None) -> None:
        """Shows what was stored at an instant; None is the present."""
        reading = self.facts.reading
        if reading is not None and (at is None or not reading.surface.recorded):
            self.facts = SurfaceFacts()
        self.facts = replace(self.facts, risk=None, past=Past(times=self.facts.past.times))
        self._risk_at = self._past_at = UtcNanos(0)
        self.preferences = replace(self.preferences, at=at)
        self.connect()

    # -- spinning -----------------------------------------------------------------------------------------------------------

    def action_spin(self) -> None:
        if self.preferences.picture is not Picture.MESH:
            return
        if self._timer is not None:
            self._stop()
        elif self.desk.is_remote:
            self.desk.tell("the surface spins on a local terminal only: arrows turn it here")
        else:
            self._timer = self.set_interval(1 / SPIN_HZ, self._spin)
            self._choose(spins=True)

    def _spin(self) -> None:
        if not self.has_focus or not self.is_shown:
            self._stop()
            return
        self._choose(camera=self.preferences.camera.turned(SPIN_STEP, 0))
        self.flush()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.preferences.spins:
            self._choose(spins=False)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_up(-1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_up(1)

    def clicked(self, x: int, y: int, times: int) -> None:
        """The list at the side chooses an expiry, a tab a picture, the heat map a place."""
        view = self.present()
        if view is None:
            return
        if y == 0:
            self._click_tab(x)
            return
        width = view.rooms.picture[0]
        if view.rooms.side and x > width:
            row = self.cursor.top + y - self.first_line
            if self.first_line <= y < self.first_line + self.lines_shown and row < self.count() and self.facts.reading:
                self._choose_expiry(row)
                if times == 2:
                    self.action_drill()

    def _click_tab(self, x: int) -> None:
        at = 0
        for place, picture in enumerate(Picture, 1):
            at += len(f" {place} {picture.value} ")
            if x < at:
                self.action_show(picture.value)
                return
