"""OPX as a tile; Enter opens the chain of the chosen expiry."""

from typing import Any

from engine.domain.ids import SeriesId, UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import ExpirationsChanged
from engine.messages.queries import ExpirationTable, GetExpirations
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.expirations.paint import paint_expirations
from optix_tui.screens.expirations.view import ExpirationsView, expiry_words, present
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.settled import successor
from optix_tui.theme import Palette


class Expirations(Listing):
    """The expirations of a name."""

    code = "OPX"
    stale_after = 60.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.table: ExpirationTable | None = None
        self.shows_chart = True

    def topics(self, context: Context) -> tuple[Topic, ...]:
        return (topic(ExpirationsChanged, context.symbol),) if context.symbol else ()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        return (GetExpirations(symbol=context.symbol),) if context.symbol else ()

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (one question, one answer)
        return self._take(answer) if isinstance(answer, ExpirationTable) else False

    def received(self, event: Event) -> bool:
        return self._take(event.table) if isinstance(event, ExpirationsChanged) else False

    def _take(self, table: ExpirationTable) -> bool:
        if table.symbol != self.context.symbol:
            return False
        held = self._held()
        self.table = table
        self._hold(held)
        return True

    def _held(self) -> SeriesId | None:
        """The expiry under the cursor."""
        known = self.table.expiries if self.table is not None else ()
        return known[self.cursor.row].series.id if self.cursor.row < len(known) else None

    def _hold(self, series: SeriesId | None) -> None:
        """The cursor stays on its expiry; where that has settled, on the one that follows."""
        if self.table is None or series is None:
            return
        listed = [one.series.id for one in self.table.expiries]
        follows = successor(series, listed, self.desk.market_time())
        if follows is not None:
            series = follows.series
            self.desk.tell(follows.word)
        if series in listed:
            self.cursor = self.cursor._replace(row=listed.index(series))

    def reset(self) -> None:
        self.table = None
        self.cursor = Cursor()

    def fact_time(self) -> UtcNanos:
        return self.table.as_of if self.table else UtcNanos(0)

    def count(self) -> int:
        return len(self.table.expiries) if self.table else 0

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        return f"spot {self.table.spot:,.2f}  {self.table.source}" if self.table else ""

    def present(self) -> ExpirationsView | None:
        return present(self.table, self.desk.market_time())

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_expirations(canvas, view, palette, self.settle, chart=self.shows_chart)

    def chosen(self) -> None:
        if self.table is not None and self.cursor.row < len(self.table.expiries):
            self.desk.link_expiry(self, self.table.expiries[self.cursor.row].series.id)

    def take_expiry(self, series: SeriesId) -> None:
        listed = [one.series.id for one in self.table.expiries] if self.table is not None else []
        if series in listed:
            self.cursor = self.cursor._replace(row=listed.index(series))
            self.touch()

    def action_chart(self) -> None:
        self.shows_chart = not self.shows_chart
        self.touch()

    def action_drill(self) -> None:
        if self.table is not None and self.cursor.row < len(self.table.expiries):
            series = self.table.expiries[self.cursor.row].series
            self.desk.go(f"{self.context.symbol} OMON {expiry_words(series.expiry)}", self)
