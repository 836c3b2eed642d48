"""DATA as a tile. Bad data do not fade it: to show them is what it is for."""

from typing import Any

from msgspec.structs import replace

from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import FeedQualityChanged, StatusChanged
from engine.messages.queries import EngineStatus, FeedQuality, GetFeedQuality, GetStatus
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.listing import Listing
from optix_tui.screens.quality.paint import paint_quality
from optix_tui.screens.quality.view import QualityFacts, QualityView, present
from optix_tui.screens.steady import Steady
from optix_tui.theme import Palette


class FeedQualityPanel(Steady, Listing):
    """Whether the data can be believed."""

    code = "DATA"
    needs_all_names = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.facts = QualityFacts()

    def topics(self, context: Context) -> tuple[Topic, ...]:  # noqa: ARG002 (it is about the feed)
        return (topic(FeedQualityChanged), topic(StatusChanged))

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002
        return (GetStatus(), GetFeedQuality())

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (the answer says what it is)
        if isinstance(answer, FeedQuality):
            self.facts = replace(self.facts, quality=answer)
        elif isinstance(answer, EngineStatus):
            self.facts = replace(self.facts, status=answer)
        else:
            return False
        return True

    def received(self, event: Event) -> bool:
        if isinstance(event, FeedQualityChanged):
            self.facts = replace(self.facts, quality=event.quality)
        elif isinstance(event, StatusChanged):
            self.facts = replace(self.facts, status=event.status)
        else:
            return False
        return True

    def count(self) -> int:
        quality = self.facts.quality
        return len(quality.symbols) + 1 if quality and quality.symbols else 0

    def subtitle(self) -> str:
        return str(self.facts.quality.source) if self.facts.quality else ""

    def present(self) -> QualityView | None:
        return present(replace(self.facts, now=self.desk.market_time()))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_quality(canvas, view, palette, self.settle)
