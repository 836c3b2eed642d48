"""OVDV's heat map and mesh in pixels, where the terminal shows such and the user wants it: the cells stay the standard, and come first.

A picture is made in a thread, once nothing moves that changes its shape, and only when what it shows changed: a few times a second at
most, and the less often the longer it takes. Until it is there, and while anything turns, the cells are seen.
"""

import asyncio
from time import monotonic
from typing import Any, ClassVar, NamedTuple

from textual.geometry import Size
from textual.timer import Timer
from textual.worker import Worker

from optix_tui.canvas import Canvas
from optix_tui.colour import is_monochrome
from optix_tui.function import FADE, Function, later
from optix_tui.graphics.cell_size import CellSize, cell_size
from optix_tui.pictures.patches import Patch
from optix_tui.pictures.pixels import png_of
from optix_tui.screens.surface.mesh import MeshView
from optix_tui.screens.surface.pixel_plan import PixelPlan, pixel_plan

FEWER_COLOURS = frozenset({"standard", "256", "windows"})
"""In which a cell cannot say which picture it shows."""
ALL_PIXELS = 1 << 30
"""A file is not sent several times a second."""


class Hung(NamedTuple):
    """A picture that the terminal holds for this tile."""

    number: int
    plan: PixelPlan
    turn: int
    """The gallery's, when it was hung: another one means that it is lost."""


class InPixels(Function):
    """A screen whose view is a :class:`~optix_tui.screens.surface.view.SurfaceView` of its ``facts``."""

    pause: ClassVar[float] = 0.4
    """Least seconds between two pictures; on a slow line four times as many."""
    rest: ClassVar[float] = 0.2
    """Seconds for which nothing may have turned."""
    share: ClassVar[float] = 0.15
    """Of the time at most is spent on pictures of the same shape as the market moves."""
    facts: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.wants_pixels = False
        self._hung: Hung | None = None
        self._numbers: set[int] = set()
        self._seen: PixelPlan | None = None
        """The last one that was wanted, and since when it is of this shape."""
        self._seen_at = 0.0
        self._next_at = self._next_numbers_at = 0.0
        """Before these there is no other picture at all, and none of the same shape with other numbers."""
        self._again: Timer | None = None
        self._maker: Worker[None] | None = None

    # -- what is seen -------------------------------------------------------------------------------------------------------

    def draw(self, size: Size) -> Canvas:
        canvas = super().draw(size)
        if self.wants_pixels:
            self._lay_over(canvas)
        return canvas

    def _plan(self) -> PixelPlan | None:
        view = None if self.trouble or is_monochrome() or self.desk.gallery.refusal else self.present()
        if view is None:
            return None
        fade = FADE if self.freshness.is_dimmed else 0.0
        return pixel_plan(view, self.facts, self.fact_time(), cell_size(), self.desk.palette, fade)

    def _lay_over(self, canvas: Canvas) -> None:
        """Lays the picture over the cells it is of, and has another one made where it is not of what is seen."""
        plan = self._plan()
        if plan is None:
            self._take_down()
            return
        hung = self._hung if self._hung is not None and self._hung.turn == self.desk.gallery.turn else None
        fits = hung is not None and hung.plan.fits(plan)
        if hung is not None and fits:
            plot = canvas.window(plan.x, plan.y + 1, plan.columns, plan.rows)
            plot.picture(hung.number, plan.shown_in(plot))
        if isinstance(plan.body, MeshView) and plan.body.spins:
            return
        if hung is None or not fits or not plan.is_made_of(hung.plan):
            self._want(plan)

    def patches(self, canvas: Canvas, cell: CellSize) -> tuple[Patch, ...]:
        """The same for a picture file, whatever the terminal can: ``canvas`` is the body as it was painted."""
        view = self.present()
        fade = FADE if self.freshness.is_dimmed else 0.0
        plan = pixel_plan(view, self.facts, self.fact_time(), cell, self.desk.palette, fade, ALL_PIXELS) if view is not None else None
        if plan is None:
            return ()
        plot = canvas.window(plan.x, plan.y, plan.columns, plan.rows)
        return (Patch(plan.x, plan.y, plan.shown_in(plot), plan.pixels()),)

    # -- making it ----------------------------------------------------------------------------------------------------------

    def _want(self, plan: PixelPlan) -> None:
        now = monotonic()
        if self._seen is None or not self._seen.fits(plan):
            self._seen, self._seen_at = plan, now
        if self._maker is not None and not self._maker.is_finished:
            return  # it looks again when it is done
        hung = self._hung
        if hung is not None and hung.plan.fits(plan):
            due = max(self._next_at, self._next_numbers_at)
        else:
            due = max(self._next_at, self._seen_at + self.rest if hung is not None else 0.0)
        if now >= due:
            self._next_at = now + self.pause * (4 if self.desk.is_remote else 1)
            self._maker = self.run_worker(later(self._make, plan), group="picture", exclusive=True)
        elif self._again is None:
            self._again = self.set_timer(due - now, self._look_again)

    def _look_again(self) -> None:
        self._again = None
        self.touch()

    async def _make(self, plan: PixelPlan) -> None:
        begun = monotonic()
        try:
            png = await asyncio.to_thread(lambda: png_of(plan.pixels()))
        except Exception as error:  # noqa: BLE001 (a picture may not take the workstation down)
            self.wants_pixels = False
            self._take_down()
            self.touch()
            self.desk.tell(f"the picture in pixels cannot be drawn: {type(error).__name__}: {error}", level="error")
            return
        self._maker, ended = None, monotonic()
        self._next_numbers_at = ended + (ended - begun) * (1 / self.share - 1)
        self.touch()
        gallery = self.desk.gallery
        if not self.wants_pixels or not self.is_shown or gallery.refusal or self._seen is None or not plan.fits(self._seen):
            return
        before, number = self._hung, gallery.hang(png, plan.columns, plan.rows)
        self._hung = Hung(number, plan, gallery.turn)
        self._numbers.add(number)
        self.flush()
        if before is not None:
            self.call_after_refresh(self._forget, before.number)

    # -- its end ------------------------------------------------------------------------------------------------------------

    def _forget(self, number: int) -> None:
        self._numbers.discard(number)
        self.desk.gallery.take_down(number)

    def _take_down(self) -> None:
        self._hung = None
        for number in sorted(self._numbers):
            self._forget(number)

    def sleep(self) -> None:
        super().sleep()
        self._take_down()

    def on_mount(self) -> None:
        self.app.app_resume_signal.subscribe(self, lambda _app: self.repaint())  # suspended, the terminal was given back without pictures

    def on_unmount(self) -> None:
        self._take_down()

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def action_pixels(self) -> None:
        """The picture instead of the cells, and back."""
        refusal = "" if self.wants_pixels else self._refusal()
        if refusal:
            self.desk.tell(refusal, level="warning")
            return
        self.wants_pixels = not self.wants_pixels
        if not self.wants_pixels:
            self._take_down()
        elif self._plan() is None:
            self.desk.tell("the heat map and the mesh are shown in pixels, where there is room: 1 or 2")
        self._next_at = 0.0
        self.touch()

    def _refusal(self) -> str:
        if is_monochrome():
            return "NO_COLOR is set: a picture in pixels would be nothing but colours"
        if self.desk.gallery.refusal:
            return self.desk.gallery.refusal
        colours = self.app.console.color_system
        if colours in FEWER_COLOURS:
            return f"this terminal says it has {colours} colours, and pictures need all: if it has them, set COLORTERM=truecolor"
        return ""
