"""SET as a tile: a value is edited in its row, checked by the engine, and kept in the user's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from textual.events import Key

from engine.domain.errors import OptixError
from engine.messages.base import Query
from engine.messages.commands import SetSetting
from engine.messages.queries import GetSettings, SettingTable
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.listing import Listing
from optix_tui.screens.settings.paint import paint_settings
from optix_tui.screens.settings.view import SettingsFacts, SettingsView, Theme, present, sorted_rows, value_text
from optix_tui.screens.steady import Steady
from optix_tui.screens.typing_line import TypedLine
from optix_tui.theme import Palette, theme_names

if TYPE_CHECKING:
    from engine.api import Engine

OF_THE_TERMINAL = "terminal."


class Settings(Steady, Listing):
    """Settings and themes."""

    code = "SET"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.facts = SettingsFacts()

    def load(self, context: Context) -> None:
        """``SET key value`` changes a setting at once, ``SET key`` stands on it; neither is part of what the tile is."""
        words = context.args
        super().load(replace(context, args=()))
        if words:
            self._stand_on(words[0].lower())
        if len(words) > 1:
            self.change(words[0].lower(), " ".join(words[1:]))

    def _stand_on(self, key: str) -> None:
        rows = sorted_rows(self.facts.table) if self.facts.table else ()
        found = next((place for place, row in enumerate(rows) if row.key.startswith(key)), None)
        if found is not None:
            self.cursor = self.cursor._replace(row=found)
            self.touch()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002 (it is about all settings)
        return (GetSettings(),)

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (one question, one answer)
        if not isinstance(answer, SettingTable):
            return False
        self.facts = replace(self.facts, table=answer)
        return True

    def count(self) -> int:
        return len(self.facts.table.settings) if self.facts.table else 0

    def subtitle(self) -> str:
        view = self.present()
        return f"{view.changed} of {len(view.rows)} set" if view else ""

    def present(self) -> SettingsView | None:
        current = self.desk.palette.name
        themes = tuple(Theme(name, name == current) for name in theme_names())
        return present(replace(self.facts, themes=themes))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_settings(canvas, view, palette, self.settle)

    # -- editing ------------------------------------------------------------------------------------------------------------

    def _keep(self, **changes: Any) -> None:
        self.facts = replace(self.facts, **changes)
        self.touch()

    def chosen(self) -> None:
        self._keep(typed=None, problem="")

    def action_drill(self) -> None:
        if self.facts.table is not None and self.count():
            row = sorted_rows(self.facts.table)[self.cursor.row]
            self._keep(typed=value_text(row.value), problem="")

    def change(self, key: str, value: str) -> None:
        """Has the engine check and keep a value."""
        self.run_worker(self._change(key, value), group="commands")

    async def _change(self, key: str, value: str) -> None:
        engine = self.desk.engine
        if engine is None:
            self._keep(problem="there is no engine yet")
            return
        try:
            receipt = await engine.do(SetSetting(key=key, value=value))
        except OptixError as error:
            self._keep(problem=str(error))
            return
        self._keep(typed=None, problem="")
        self.desk.tell(receipt.text or f"{key} is kept")
        if key.startswith(OF_THE_TERMINAL):
            await self._apply(engine, key)
        self.ask_again()

    async def _apply(self, engine: Engine, key: str) -> None:
        """The terminal's own settings are in force at once, as the engine read them."""
        try:
            table = await engine.ask(GetSettings())
        except OptixError as error:
            self._keep(problem=str(error))
            return
        for row in table.settings:
            if row.key == key:
                self.desk.apply_setting(key, row.value)

    def on_key(self, event: Key) -> None:
        """While a value is edited, keys type."""
        typed = self.facts.typed
        if typed is None or self.facts.table is None:
            return
        if event.key == "escape":
            self._keep(typed=None, problem="")
        elif event.key == "enter":
            self.change(sorted_rows(self.facts.table)[self.cursor.row].key, typed.strip())
        else:
            line = TypedLine(typed).after(event.key, event.character)
            if line is None:
                return
            self._keep(typed=line.text, problem="")
        event.stop()
        event.prevent_default()
