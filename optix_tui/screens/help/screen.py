"""HELP as a tile: what is typed searches at once."""

from typing import Any

from textual.events import Key

from optix_tui.canvas import Canvas
from optix_tui.freshness import Condition, Freshness
from optix_tui.function import Context
from optix_tui.keys import APP_KEYS
from optix_tui.registry import FUNCTIONS
from optix_tui.screens.help.paint import paint_help
from optix_tui.screens.help.view import HelpView, declared_keys, found, present
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.screens.typing_line import TypedLine
from optix_tui.theme import Palette

LEFT_TO_THE_FRAME = frozenset({"/", "`", "?", "!"})
"""These open the command line, the help and the notices while nothing is typed yet."""


class FunctionIndex(Listing):
    """Every function, found by what is typed."""

    code = "HELP"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.search = " ".join(self.context.args)

    def load(self, context: Context) -> None:
        if context.args != self.context.args:
            self._find(" ".join(context.args))
        super().load(context)

    def _find(self, search: str) -> None:
        self.search = search
        self.cursor = Cursor()
        self.touch()

    def look_at_freshness(self) -> None:
        """What it shows is always so, with or without an engine."""
        self.freshness = Freshness(condition=Condition.LIVE)

    def count(self) -> int:
        return len(found(FUNCTIONS, self.search))

    def present(self) -> HelpView:
        keymap = getattr(self.app, "keymap_in_force", None)
        label = keymap.label if keymap is not None else declared_keys
        return present(FUNCTIONS, self.search, self.cursor.row, APP_KEYS, label)

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_help(canvas, view, palette, self.settle)

    def action_drill(self) -> None:
        rows = found(FUNCTIONS, self.search)
        if rows:
            self.desk.go(rows[min(self.cursor.row, len(rows) - 1)].code, self)

    def on_key(self, event: Key) -> None:
        """Letters search; Esc clears the search before it means anything else."""
        if event.key == "escape" and self.search:
            self._find("")
        elif not self.search and (event.character in LEFT_TO_THE_FRAME or event.key in {"backspace", "ctrl+u", "ctrl+w", "space"}):
            return
        else:
            line = TypedLine(self.search).after(event.key, event.character)
            if line is None:
                return
            self._find(line.text)
        event.stop()
        event.prevent_default()
