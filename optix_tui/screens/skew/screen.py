"""SKEW as a tile; Space lays an expiry over the others, Enter opens its smile."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import SeriesId, UtcNanos
from engine.domain.volatility import VolatilitySurface
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.surface import GetSurface, SurfaceChanged
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.remembered import Remembered
from optix_tui.screens.listing import Listing
from optix_tui.screens.skew.paint import paint_skew
from optix_tui.screens.skew.view import MOST_MARKS, SkewPicture, SkewPreferences, SkewView, present, usual_marks
from optix_tui.screens.surface.arguments import COORDINATE_WORDS, expiry_word
from optix_tui.screens.surface.coordinates import SPELLINGS, next_coordinate
from optix_tui.screens.surface.grades import slice_rows
from optix_tui.screens.surface.reading import Reading, read
from optix_tui.screens.table import Cursor
from optix_tui.settled import successor
from optix_tui.theme import Palette


class SkewPanel(Listing):
    """The skew of a name."""

    code = "SKEW"
    stale_after = 60.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = SkewPreferences()
        self._misread = ""
        self._take_arguments(self.context)
        self.reading: Reading | None = None
        self._made: Remembered[SkewView] = Remembered()
        self._has_moved = False

    def topics(self, context: Context) -> tuple[Topic, ...]:
        return (topic(SurfaceChanged, context.symbol),) if context.symbol else ()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        return (GetSurface(symbol=context.symbol),) if context.symbol else ()

    def load(self, context: Context) -> None:
        if context != self.context:
            self._take_arguments(context)
        super().load(context)

    def _take_arguments(self, context: Context) -> None:
        strange = []
        for word in (one.upper() for one in context.args):
            if word in SkewPicture.__members__:
                self.preferences = replace(self.preferences, picture=SkewPicture(word))
            elif word in SPELLINGS:
                self.preferences = replace(self.preferences, coordinate=SPELLINGS[word])
            elif word in {"P-C", "C-P"}:
                self.preferences = replace(self.preferences, puts_first=word == "P-C")
            else:
                strange.append(word)
        known = ", ".join([*SkewPicture.__members__, *COORDINATE_WORDS.values(), "C-P", "P-C"])
        self._misread = f"SKEW knows no {' '.join(strange)}: there are {known}" if strange else ""

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        usual, chosen = SkewPreferences(), self.preferences
        return tuple(
            word
            for word, differs in (
                (chosen.picture.value, chosen.picture is not usual.picture),
                (COORDINATE_WORDS[chosen.coordinate], chosen.coordinate is not usual.coordinate),
                ("P-C", chosen.puts_first),
            )
            if differs
        )

    def reset(self) -> None:
        self.reading = None
        self.cursor = Cursor()
        self._has_moved = False
        self.preferences = replace(self.preferences, marks=None)

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (one question, one answer)
        return self._take(answer) if isinstance(answer, VolatilitySurface) else False

    def received(self, event: Event) -> bool:
        return self._take(event.surface) if isinstance(event, SurfaceChanged) else False

    def _take(self, surface: VolatilitySurface) -> bool:
        if surface.symbol != self.context.symbol:
            return False
        held = self._chosen_series()
        self.reading = read(surface)
        if held is not None and self._has_moved:
            follows = successor(held, [one.series.id for one in self.reading.slices], self.desk.market_time())
            if follows is not None:
                held = follows.series
                self.desk.tell(follows.word)
        place = self.reading.place_of(held) if held is not None and self._has_moved else self.reading.usual_place()
        self.cursor = self.cursor._replace(row=place or 0)
        return True

    def _chosen_series(self) -> SeriesId | None:
        if self.reading is None or self.cursor.row >= len(self.reading.slices):
            return None
        return self.reading.slices[self.cursor.row].series.id

    def chosen(self) -> None:
        self._has_moved = True
        series = self._chosen_series()
        if series is not None:
            self.desk.link_expiry(self, series)

    def take_expiry(self, series: SeriesId) -> None:
        place = self.reading.place_of(series) if self.reading is not None else None
        if place is not None:
            self.cursor, self._has_moved = self.cursor._replace(row=place), True
            self.touch()

    def fact_time(self) -> UtcNanos:
        return self.reading.surface.as_of if self.reading else UtcNanos(0)

    def count(self) -> int:
        return len(self.reading.slices) if self.reading else 0

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        if self.reading is None:
            return ""
        surface = self.reading.surface
        return f"spot {surface.spot:,.2f}  fitted {surface.model.value.upper()}  {surface.source}"

    def present(self) -> SkewView | None:
        width, height = self.outer_size
        parts = (self.reading, self.preferences)
        return self._made.of(*parts, width, height, make=lambda: present(*parts, width=width, height=max(height - 1, 0)))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_skew(canvas, view, palette, self.settle)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def action_picture(self, step: int) -> None:
        order = tuple(SkewPicture)
        self._choose(picture=order[(order.index(self.preferences.picture) + step) % len(order)])

    def action_show(self, name: str) -> None:
        self._choose(picture=SkewPicture(name))

    def action_coordinate(self) -> None:
        self._choose(coordinate=next_coordinate(self.preferences.coordinate))

    def action_sign(self) -> None:
        self._choose(puts_first=not self.preferences.puts_first)

    def action_mark(self) -> None:
        """Lays the expiry under the cursor over the others, or takes it away."""
        series = self._chosen_series()
        if series is None or self.reading is None:
            return
        marks = self.preferences.marks if self.preferences.marks is not None else usual_marks(self.reading)
        if series in marks:
            self._choose(marks=tuple(one for one in marks if one != series))
        elif len(marks) >= MOST_MARKS:
            self.desk.tell(f"{MOST_MARKS} smiles are laid over one another: take one away first")
        else:
            self._choose(marks=(*marks, series))

    def action_drill(self) -> None:
        if self.reading is not None and self.cursor.row < len(self.reading.slices):
            row = slice_rows(self.reading.slices)[self.cursor.row]
            self.desk.go(f"{self.context.symbol} OVDV SMILE {expiry_word(row)}", self)

    def clicked(self, x: int, y: int, times: int) -> None:
        view = self.present()
        if view is not None and (not view.side or x >= self.outer_size.width - view.side):
            super().clicked(x, y, times)
