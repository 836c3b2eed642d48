"""REPL as a tile: the cursor moved by keys, by clicks or by itself, and a mark to compare with."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import SeriesId, UtcNanos
from engine.domain.instants import MINUTE_NS, SECOND_NS, new_york, new_york_instant, spell_instant
from engine.domain.volatility import SurfaceModel
from optix_tui.canvas import Canvas
from optix_tui.remembered import Remembered
from optix_tui.screens.replay.arguments import arguments_of, next_coordinate, with_coordinate
from optix_tui.screens.replay.cursor import RecordedCursor
from optix_tui.screens.replay.facts import gamma_at
from optix_tui.screens.replay.paint import paint_replay
from optix_tui.screens.replay.paint_timeline import DAYS_LEFT, LEFT, RIGHT, day_pitch, shown_days
from optix_tui.screens.replay.timeline import newest_before, place_of
from optix_tui.screens.replay.view import SPEEDS, ReplayView, Show, present
from optix_tui.screens.surface.arguments import AT, expiry_word
from optix_tui.screens.surface.grades import slice_rows
from optix_tui.screens.surface.view import chosen_place
from optix_tui.theme import Palette

BEATS = 4
"""Steps of a running replay a second, at most."""
LEAP = 30 * MINUTE_NS
COLUMN_STEP = 0.02


class ReplayPanel(RecordedCursor):
    """The recorded past of a name."""

    code = "REPL"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._made: Remembered[ReplayView] = Remembered()

    # -- what is shown ------------------------------------------------------------------------------------------------------

    def is_recorded(self) -> bool:
        return True

    def fact_time(self) -> UtcNanos:
        return self.preferences.at or UtcNanos(0)

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        return f"{len(self.facts.days)} recorded day{'' if len(self.facts.days) == 1 else 's'}" if self.facts.days else ""

    def present(self) -> ReplayView | None:
        width, height = self.outer_size
        now = self.desk.market_time()
        parts = (self.facts, self.preferences)
        second = now // SECOND_NS
        return self._made.of(*parts, width, height, second, make=lambda: present(*parts, width=width, height=max(height - 1, 0), now=now))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_replay(canvas, view, palette)

    def lasting_args(self) -> tuple[str, ...]:
        return arguments_of(self.preferences)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def action_step(self, steps: int) -> None:
        self._halt()
        self._step(steps)

    def action_leap(self, side: int) -> None:
        """Half an hour on, at least one stored instant."""
        self._halt()
        day, at = self.facts.day, self.preferences.at
        if day is None or at is None:
            return
        self._side = side
        here, there = newest_before(day.instants, at), newest_before(day.instants, at + side * LEAP)
        if there is None or there == here:
            self._step(side)
        else:
            self._put(UtcNanos(int(day.instants[there])))

    def action_day(self, step: int) -> None:
        """The day before or after at the same time, or the nearest before it that is stored; the time first wanted is kept on the way."""
        self._halt()
        days, at = self.facts.days, self.preferences.at
        if not days or at is None:
            return
        if self._clock is None or at != self._clock_at:
            self._clock = new_york(at).time()
        here = place_of(days, at)
        place = min(max((here if self._going is None else self._going[0]) + step, 0), len(days) - 1)
        if place != here or self._going is not None:
            self._go_to_day(place, "at", new_york_instant(days[place].day, self._clock))

    def action_edge(self, side: int) -> None:
        self._halt()
        if self.facts.days:
            self._go_to_day(0 if side < 0 else len(self.facts.days) - 1, "first" if side < 0 else "last")

    def action_mark(self) -> None:
        """Marks the instant of the cursor; on the mark itself it is taken away."""
        at = self.preferences.at
        if at is None:
            return
        if at == self.preferences.mark:
            self.preferences = replace(self.preferences, mark=None)
        else:
            self._mark_here(at)
            self.preferences = replace(self.preferences, shows_difference=True)
        self._follow()
        self.touch()

    def action_swap(self) -> None:
        """Cursor and mark change places."""
        at, mark, days = self.preferences.at, self.preferences.mark, self.facts.days
        if at is None or mark is None or not days:
            self.desk.tell("m marks an instant first")
            return
        self._halt()
        self._mark_here(at)
        self._go_to_day(place_of(days, mark), "at", mark)

    def _mark_here(self, at: UtcNanos) -> None:
        gamma = gamma_at(self.facts.day.exposures, at) if self.facts.day is not None else None
        self.facts = replace(self.facts, mark_gamma=gamma)
        self.preferences = replace(self.preferences, mark=at)

    def action_difference(self) -> None:
        if self.preferences.mark is None:
            self.desk.tell("m marks the instant to compare with")
            return
        self.preferences = replace(self.preferences, shows_difference=not self.preferences.shows_difference)
        self.touch()

    def action_picture(self, step: int) -> None:
        order = tuple(Show)
        self.action_show(order[(order.index(self.preferences.show) + step) % len(order)].value)

    def action_show(self, name: str) -> None:
        self.preferences = replace(self.preferences, show=Show(name))
        self._follow()
        self.touch()

    def action_model(self) -> None:
        """The surface as it is displayed, or the one that risk is computed with."""
        model = SurfaceModel.SVI if self.preferences.model is SurfaceModel.ESSVI else SurfaceModel.ESSVI
        self.preferences = replace(self.preferences, model=model)
        self._follow()
        self.touch()

    def action_coordinate(self) -> None:
        look = self.preferences.look
        now = look.smile_coordinate if self.preferences.show is Show.SMILE else look.coordinate
        self.preferences = with_coordinate(self.preferences, next_coordinate(now))
        self.touch()

    def action_expiry(self, step: int) -> None:
        reading = self.facts.reading
        if reading is None or not reading.slices:
            return
        place = min(max(chosen_place(reading, self.preferences.look) + step, 0), len(reading.slices) - 1)
        series = reading.slices[place].series.id
        self._look(series=series, strike=None)
        self.desk.link_expiry(self, series)

    def take_expiry(self, series: SeriesId) -> None:
        if self.facts.reading is not None and self.facts.reading.place_of(series) is not None:
            self._look(series=series, strike=None)

    def action_across(self, step: int) -> None:
        self._look(column=min(max(self.preferences.look.column + step * COLUMN_STEP, 0.0), 1.0))

    def _look(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, look=replace(self.preferences.look, **changes))
        self.touch()

    def action_drill(self) -> None:
        """OVDV at the instant of the cursor, the same picture and expiry."""
        reading, at = self.facts.reading, self.preferences.at
        if reading is None or at is None:
            return
        words = ["" if self.preferences.show is Show.FACTS else self.preferences.show.value]
        if reading.slices:
            words.append(expiry_word(slice_rows(reading.slices)[chosen_place(reading, self.preferences.look)]))
        self.desk.go(" ".join(word for word in (self.context.symbol, "OVDV", *words, AT + spell_instant(at)) if word), self)

    # -- running ------------------------------------------------------------------------------------------------------------

    def action_play(self) -> None:
        if self.preferences.plays:
            self._halt()
            return
        if self.facts.day is None:
            return
        self.preferences = replace(self.preferences, plays=True)
        self._set_rhythm()
        self.touch()

    def action_speed(self, step: int) -> None:
        self.preferences = replace(self.preferences, speed=min(max(self.preferences.speed + step, 0), len(SPEEDS) - 1))
        if self.preferences.plays:
            self._set_rhythm()
        self.touch()

    def _set_rhythm(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(1 / min(SPEEDS[self.preferences.speed], BEATS), self._beat)

    def _beat(self) -> None:
        """Goes on, unless the picture of the step before is still being read."""
        if not self.is_shown:
            self._halt()
            return
        if self._is_behind:
            return
        self._step(max(SPEEDS[self.preferences.speed] // BEATS, 1))
        self.flush()

    def clicked(self, x: int, y: int, times: int) -> None:  # noqa: ARG002 (one click is enough)
        """A day of the strip, or a place on the day's line."""
        view = self.present()
        if view is None or view.day is None:
            return
        self._halt()
        if y == 1:
            pitch, room = day_pitch(view, view.rooms.width)
            shown = shown_days(view, room)
            place = (x - DAYS_LEFT) // pitch
            if 0 <= place < len(shown) and shown[place][1] is not None:
                day = shown[place][1]
                assert day is not None
                self._go_to_day(view.days.index(day), "at", new_york_instant(day.day, new_york(view.at).time()))
        elif 2 <= y < view.rooms.head:
            width = view.rooms.width - LEFT - (RIGHT if view.rooms.line else 1)
            share = min(max((x - LEFT) / max(width - 1, 1), 0.0), 1.0)
            self._land("at", int(view.span[0] + share * (view.span[1] - view.span[0])))
