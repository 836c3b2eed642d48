"""VCA as a tile: sorted by any column, narrowed by a filter, as a table or as a map; Enter takes a name over."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.breaches import BreachBoard, BreachHappened, GetBreachRules
from engine.messages.compass import Compass, GetCompass
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.compass.columns import COLUMNS, PRESETS
from optix_tui.screens.compass.paint import paint_compass, placed_columns
from optix_tui.screens.compass.rules import rule_words
from optix_tui.screens.compass.view import (
    FILTER_WORDS,
    RISING,
    WINDOW_WORDS,
    WINDOWS,
    CompassFilter,
    CompassPicture,
    CompassPreferences,
    CompassView,
    present,
    sortable,
)
from optix_tui.screens.listing import Listing
from optix_tui.theme import Palette


class CompassPanel(Listing):
    """Volatility across names."""

    code = "VCA"
    stale_after = 120.0
    ask_every = 5.0
    needs_all_names = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = CompassPreferences()
        self.compass: Compass | None = None
        self.board: BreachBoard | None = None
        self._on_row = Symbol("")
        self._misread = ""
        self._take_arguments(self.context)

    # -- arguments ----------------------------------------------------------------------------------------------------------

    def load(self, context: Context) -> None:
        if context.args != self.context.args:
            self._take_arguments(context)
        super().load(context)

    def _take_arguments(self, context: Context) -> None:
        found, strange = CompassPreferences(), list[str]()
        for word in context.args:
            upper = word.upper()
            if upper in CompassPicture.__members__:
                found = replace(found, picture=CompassPicture[upper])
            elif upper in WINDOW_WORDS:
                found = replace(found, window=WINDOW_WORDS[upper])
            elif upper.title() in PRESETS:
                found = replace(found, preset=upper.title())
            elif upper in FILTER_WORDS:
                found = replace(found, filter=FILTER_WORDS[upper])
            elif upper == RISING:
                found = replace(found, descending=False)
            elif upper.lower() in COLUMNS and COLUMNS[upper.lower()].order is not None:
                found = replace(found, sort=upper.lower())
            else:
                strange.append(word)
        self.preferences = found
        known = ", ".join([*CompassPicture.__members__, *WINDOW_WORDS, *(name.upper() for name in PRESETS), *FILTER_WORDS, RISING])
        self._misread = f"VCA knows no {' '.join(strange)}: there are {known}, and columns such as RANK, RATIO, SLOPE" if strange else ""

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        usual, chosen = CompassPreferences(), self.preferences
        window = next((word for word, sessions in WINDOW_WORDS.items() if sessions == chosen.window), "1Y")
        kept = next((word for word, one in FILTER_WORDS.items() if one is chosen.filter), "")
        return tuple(
            word
            for word, differs in (
                (chosen.picture.value, chosen.picture is not usual.picture),
                (window, chosen.window != usual.window),
                (chosen.preset.upper(), chosen.preset != usual.preset),
                (kept, chosen.filter is not usual.filter),
                (chosen.sort.upper(), chosen.sort != usual.sort),
                (RISING, not chosen.descending),
            )
            if differs
        )

    # -- facts --------------------------------------------------------------------------------------------------------------

    def topics(self, context: Context) -> tuple[Topic, ...]:  # noqa: ARG002 (it is about every name)
        return (topic(BreachHappened),)

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002
        return (GetBreachRules(), GetCompass(window=self.preferences.window))

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (each question has its own answer)
        if isinstance(answer, BreachBoard):
            self.board = answer
        elif isinstance(answer, Compass):
            self.compass = answer
        else:
            return False
        return self.compass is not None

    def received(self, event: Event) -> bool:
        if isinstance(event, BreachHappened):
            self.ask_again()
        return False

    @property
    def has_heard(self) -> bool:
        return self.compass is not None

    def is_whole(self) -> bool:
        return self.compass is not None and bool(self.compass.rows) and all(row.as_of > 0 for row in self.compass.rows)

    def fact_time(self) -> UtcNanos:
        return self.compass.as_of if self.compass is not None else UtcNanos(0)

    def count(self) -> int:
        view = self.present()
        return len(view.names) if view is not None else 0

    # -- the picture --------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        return "Volatility Compass"

    def subtitle(self) -> str:
        view = self.present()
        if view is None:
            return ""
        names = f"{len(view.names)} name{'' if len(view.names) == 1 else 's'}"
        return f"{names}  by {COLUMNS[self.preferences.sort].title}  {self.preferences.preset} ▾"

    def present(self) -> CompassView | None:
        return present(self.compass, self.preferences, self.desk.market_time(), self.board)

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        rows = [name.row.symbol for name in view.names]
        if self._on_row in rows:
            self.cursor = self.cursor._replace(row=rows.index(self._on_row))
        paint_compass(canvas, view, palette, self.settle)
        self.chosen()

    def help_notes(self) -> tuple[str, ...]:
        view = self.present()
        rules = "; ".join(rule_words(rule) for rule in self.board.rules) if self.board is not None else ""
        refused = (f"{view.refused} names have no rank now. {view.why}",) if view is not None and view.refused else ()
        return (*refused, *((f"Breach rules: {rules}.",) if rules else ()))

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def chosen(self) -> None:
        view = self.present()
        self._on_row = view.names[self.cursor.row].row.symbol if view and 0 <= self.cursor.row < len(view.names) else Symbol("")

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def action_drill(self) -> None:
        if self._on_row and self.context.group is None:
            self.desk.tell("this tile is pinned: g and a letter link it to others")
        elif self._on_row:
            self.desk.link(self.context.group, self._on_row)

    def action_history(self) -> None:
        if self._on_row:
            self.desk.go(f"{self._on_row} HIVG", self)

    def action_picture(self) -> None:
        order = tuple(CompassPicture)
        self._choose(picture=order[(order.index(self.preferences.picture) + 1) % len(order)])

    def action_columns(self) -> None:
        order = tuple(PRESETS)
        self._choose(preset=order[(order.index(self.preferences.preset) + 1) % len(order)])

    def action_filter(self) -> None:
        order = tuple(CompassFilter)
        self._choose(filter=order[(order.index(self.preferences.filter) + 1) % len(order)])

    def action_sort(self, step: int) -> None:
        view = self.present()
        if view is not None:
            keys = sortable(view)
            place = keys.index(self.preferences.sort) if self.preferences.sort in keys else -step
            self._choose(sort=keys[(place + step) % len(keys)])

    def action_reverse(self) -> None:
        self._choose(descending=not self.preferences.descending)

    def action_window(self) -> None:
        place = WINDOWS.index(self.preferences.window)
        self._choose(window=WINDOWS[(place + 1) % len(WINDOWS)])
        self.ask_again()

    def clicked(self, x: int, y: int, times: int) -> None:
        """A click on a heading sorts by it, and again the other way round."""
        view = self.present()
        if view is None or self.preferences.picture is CompassPicture.SCATTER:
            return
        if y > 0:
            super().clicked(x, y, times)
            return
        for placed in placed_columns(view, self.outer_size.width):
            if placed.x <= x < placed.end and placed.column.order is not None:
                same = placed.column.key == self.preferences.sort
                self._choose(sort=placed.column.key, descending=not self.preferences.descending if same else True)
