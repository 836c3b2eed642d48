"""HVT as a tile; Enter follows the chosen window through time."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from engine.messages.base import Query
from engine.messages.realized import GetRealized, RealizedVolatility
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.remembered import Remembered
from optix_tui.screens.cone.estimators import WORD_OF, WORDS, after
from optix_tui.screens.cone.paint import paint_cone
from optix_tui.screens.cone.view import ConePreferences, ConeView, present
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.theme import Palette

CORRECTED = "CORRECTED"


class VolatilityConePanel(Listing):
    """The cone of a name."""

    code = "HVT"
    ask_every = 15.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = ConePreferences()
        self._misread = ""
        self._take_arguments(self.context)
        self.facts: RealizedVolatility | None = None
        self._made: Remembered[ConeView] = Remembered()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not context.symbol:
            return ()
        return (GetRealized(symbol=context.symbol, rolling=(), corrected=self.preferences.corrected),)

    def load(self, context: Context) -> None:
        if context != self.context:
            self._take_arguments(context)
        super().load(context)

    def _take_arguments(self, context: Context) -> None:
        strange = []
        for word in (one.upper() for one in context.args):
            if word in WORDS:
                self.preferences = replace(self.preferences, estimator=WORDS[word])
            elif word == CORRECTED:
                self.preferences = replace(self.preferences, corrected=True)
            else:
                strange.append(word)
        self._misread = f"HVT knows no {' '.join(strange)}: there are {', '.join([*WORDS, CORRECTED])}" if strange else ""

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        usual, chosen = ConePreferences(), self.preferences
        words = (WORD_OF[chosen.estimator],) if chosen.estimator is not usual.estimator else ()
        return (*words, CORRECTED) if chosen.corrected else words

    def reset(self) -> None:
        self.facts = None
        self.cursor = Cursor()

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if not isinstance(answer, RealizedVolatility) or answer.symbol != self.context.symbol:
            return False
        if isinstance(query, GetRealized) and query.corrected != self.preferences.corrected:
            return False
        self.facts = answer
        return True

    def fact_time(self) -> UtcNanos:
        """Of the implied term: sessions that are over have no age."""
        return self.facts.implied_as_of if self.facts else UtcNanos(0)

    def count(self) -> int:
        return next((cone.windows.size for cone in self.facts.cones), 0) if self.facts else 0

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        return f"vol points a year of {self.facts.sessions_a_year:.0f} sessions  {self.facts.source}" if self.facts else ""

    def present(self) -> ConeView | None:
        width, height = self.outer_size
        parts = (self.facts, self.preferences, self.cursor.row)
        return self._made.of(*parts, width, height, make=lambda: present(*parts, width=width, height=max(height - 1, 0)))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_cone(canvas, view, palette, self.settle)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def action_estimator(self, step: int) -> None:
        self._choose(estimator=after(self.preferences.estimator, step))

    def action_chart(self) -> None:
        self._choose(chart=not self.preferences.chart)

    def action_corrected(self) -> None:
        self._choose(corrected=not self.preferences.corrected)
        self.ask_again()

    def action_drill(self) -> None:
        view = self.present()
        if view is not None and self.cursor.row < len(view.rows):
            window = view.rows[self.cursor.row].window
            self.desk.go(f"{self.context.symbol} HVG {WORD_OF[self.preferences.estimator]} {window}", self)
