"""MOSO as a tile: the most active options, ranked four ways."""

from typing import Any

from msgspec.structs import replace

from engine.domain.flow import FlowRight
from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Query
from engine.messages.flow import ActiveBy, ActiveContracts, GetMostActive
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.active.paint import paint_active
from optix_tui.screens.active.view import RIGHTS, WORDS, ActivePreferences, ActiveView, present
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.theme import Palette

ALL = "ALL"


def read_arguments(words: tuple[str, ...]) -> tuple[ActivePreferences, str]:
    """The preferences, and what is wrong with the words."""
    found, strange = ActivePreferences(), []
    for word in (word.upper() for word in words):
        if word == ALL:
            found = replace(found, whole_market=True)
        elif word in WORDS:
            found = replace(found, by=WORDS[word])
        elif word in RIGHTS:
            found = replace(found, right=RIGHTS[word])
        else:
            strange.append(word)
    known = ", ".join((ALL, *WORDS, *RIGHTS))
    return found, f"MOSO knows no {' '.join(strange)}: there are {known}" if strange else ""


class MostActivePanel(Listing):
    """The contracts most traded, of a name or of all."""

    code = "MOSO"
    ask_every = 2.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences, self._misread = read_arguments(self.context.args)
        self.active: ActiveContracts | None = None
        self._on = ""
        """The contract under the cursor: it keeps its row's place as ranks change."""

    def load(self, context: Context) -> None:
        if context.args != self.context.args:
            self.preferences, self._misread = read_arguments(context.args)
        super().load(context)

    def reset(self) -> None:
        self.active, self.cursor, self._on = None, Cursor(), ""

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        chosen = self.preferences
        by = next(word for word, one in WORDS.items() if one is chosen.by)
        right = next(word for word, one in RIGHTS.items() if one is chosen.right)
        return (*((ALL,) if chosen.whole_market else ()), by, right)

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        chosen = self.preferences
        if not chosen.whole_market and not context.symbol:
            return ()
        return (GetMostActive(symbol=Symbol("") if chosen.whole_market else context.symbol, by=chosen.by, right=chosen.right),)

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (one question, one answer)
        chosen = self.preferences
        wanted = Symbol("") if chosen.whole_market else self.context.symbol
        if not isinstance(answer, ActiveContracts) or (answer.symbol, answer.by, answer.right) != (wanted, chosen.by, chosen.right):
            return False
        self.active = answer
        if self._on in answer.name:
            self.cursor = self.cursor._replace(row=answer.name.index(self._on))
        return True

    def fact_time(self) -> UtcNanos:
        """Ranks have no age of their own: the feed's state says whether they move."""
        return UtcNanos(0)

    def count(self) -> int:
        return len(self.active.name) if self.active else 0

    def chosen(self) -> None:
        if self.active is not None and self.cursor.row < len(self.active.name):
            self._on = self.active.name[self.cursor.row] if self.cursor.row else ""

    def title(self) -> str:
        name = "All names" if self.preferences.whole_market else self.context.symbol
        return f"{name} {self.entry.title}" if name else self.entry.title

    def subtitle(self) -> str:
        return f"by {self.preferences.by.value}  {self.active.source}" if self.active else ""

    def present(self) -> ActiveView | None:
        return present(self.active, self.preferences)

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_active(canvas, view, palette, self.settle)

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.reset()
        self.connect()

    def action_rank(self, step: int) -> None:
        order = tuple(ActiveBy)
        self._choose(by=order[(order.index(self.preferences.by) + step) % len(order)])

    def action_right(self) -> None:
        order = tuple(FlowRight)
        self._choose(right=order[(order.index(self.preferences.right) + 1) % len(order)])

    def action_everything(self) -> None:
        self._choose(whole_market=not self.preferences.whole_market)

    def action_drill(self) -> None:
        view = self.present()
        if view is not None and self.cursor.row < len(view.rows):
            row = view.rows[self.cursor.row]
            self.desk.go(f"{row.symbol} OMON {written.day(row.expiry).replace('-', '').upper()}", self)
