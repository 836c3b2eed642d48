"""SYS as a tile."""

from typing import Any

from msgspec.structs import replace

from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import StatusChanged
from engine.messages.queries import (
    DatabaseInfo,
    EngineStatus,
    GetDatabaseInfo,
    GetStatus,
    ListPlugins,
    PluginList,
)
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.listing import Scrolling
from optix_tui.screens.steady import Steady
from optix_tui.screens.system.paint import paint_system
from optix_tui.screens.system.view import HISTORY, PaintFigures, SystemFacts, SystemView, beat_of, present
from optix_tui.theme import Palette


class SystemHealth(Steady, Scrolling):
    """How the engine and this terminal do."""

    code = "SYS"
    ask_every = 30.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.facts = SystemFacts()

    def topics(self, context: Context) -> tuple[Topic, ...]:  # noqa: ARG002 (it is about the engine)
        return (topic(StatusChanged),)

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002
        return (GetStatus(), ListPlugins(), GetDatabaseInfo())

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (the answer says what it is)
        if isinstance(answer, EngineStatus):
            return self._take(answer)
        if isinstance(answer, PluginList):
            self.facts = replace(self.facts, plugins=answer)
        elif isinstance(answer, DatabaseInfo):
            self.facts = replace(self.facts, database=answer)
        else:
            return False
        return True

    def received(self, event: Event) -> bool:
        return self._take(event.status) if isinstance(event, StatusChanged) else False

    def _take(self, status: EngineStatus) -> bool:
        known = self.facts.status
        if known is None or status.wall_time > known.wall_time or status.run != known.run:
            history = (*self.facts.history, beat_of(status, known))[-HISTORY:]
            self.facts = replace(self.facts, status=status, before=known, history=history)
            return True
        return False

    def subtitle(self) -> str:
        status = self.facts.status
        return f"{status.role} {status.pid}" if status else ""

    def _figures(self) -> PaintFigures | None:
        pump = getattr(self.app, "pump", None)
        if pump is None:
            return None
        size = self.app.size
        return PaintFigures(pump.hertz, pump.longest_ms, len(pump.tiles), size.width, size.height, self.desk.palette.name)

    def present(self) -> SystemView | None:
        return present(replace(self.facts, figures=self._figures()))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_system(canvas, view, palette, self.settle_page)
