"""VIX as a tile: the cursor chooses the name whose term structure is drawn, Enter takes it over."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Query
from engine.messages.compass import GetVolatilityIndices, VolatilityIndexTable
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.remembered import Remembered
from optix_tui.screens.listing import Listing
from optix_tui.screens.volindex.paint import paint_indices
from optix_tui.screens.volindex.view import IndexView, present
from optix_tui.theme import Palette


class IndexPanel(Listing):
    """Volatility indices and their term structure."""

    code = "VIX"
    stale_after = 180.0
    ask_every = 10.0
    needs_all_names = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.table: VolatilityIndexTable | None = None
        self._chosen = self.context.symbol
        self._asked_for: set[Symbol] = set()
        """Names whose turn was not waited for."""
        self._made: Remembered[IndexView] = Remembered()

    def load(self, context: Context) -> None:
        if context.symbol != self.context.symbol:
            self._chosen = context.symbol
        super().load(context)

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002 (it is about every name)
        return (GetVolatilityIndices(),)

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if not isinstance(answer, VolatilityIndexTable) or not isinstance(query, GetVolatilityIndices):
            return False
        if query.symbols:
            self._take_rows(answer)
            return True
        self.table = answer
        names = [row.symbol for row in answer.rows]
        if self._chosen not in names and names:
            self._chosen = next((row.symbol for row in answer.rows if any(row.official)), names[0])
        self._fit_chosen()
        return True

    def _take_rows(self, answer: VolatilityIndexTable) -> None:
        """Puts names that were asked for by themselves in their places."""
        if self.table is not None:
            newer = {row.symbol: row for row in answer.rows}
            self.table = replace(self.table, rows=tuple(newer.get(row.symbol, row) for row in self.table.rows))

    def _fit_chosen(self) -> None:
        """Names nobody looks at are fitted in turn; this one is looked at."""
        row = next((one for one in self.table.rows if one.symbol == self._chosen), None) if self.table is not None else None
        if row is not None and row.refusal and row.symbol not in self._asked_for:
            self._asked_for.add(row.symbol)
            self.ask(GetVolatilityIndices(symbols=(row.symbol,)))

    @property
    def has_heard(self) -> bool:
        return self.table is not None

    def is_whole(self) -> bool:
        return self.table is not None and bool(self.table.rows) and all(row.as_of > 0 for row in self.table.rows)

    def fact_time(self) -> UtcNanos:
        return self.table.as_of if self.table is not None else UtcNanos(0)

    def count(self) -> int:
        return len(self.table.rows) if self.table is not None else 0

    def title(self) -> str:
        return "Volatility Indices"

    def subtitle(self) -> str:
        if self.table is None:
            return ""
        count = len(self.table.rows)
        waiting = sum(row.as_of <= 0 for row in self.table.rows)
        names = f"{count} name{'' if count == 1 else 's'}{f', {waiting} not fitted yet' if waiting else ''}"
        return f"{names}  vol points  {self.table.source}"

    def present(self) -> IndexView | None:
        width, height = self.outer_size
        parts = (self.table, self._chosen)
        return self._made.of(*parts, width, height, make=lambda: present(*parts, width=width, height=max(height - 1, 0)))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        names = [row.told.symbol for row in view.rows]
        if self._chosen in names:
            self.cursor = self.cursor._replace(row=names.index(self._chosen))
        paint_indices(canvas, view, palette, self.settle)

    def chosen(self) -> None:
        if self.table is not None and 0 <= self.cursor.row < len(self.table.rows):
            self._chosen = Symbol(self.table.rows[self.cursor.row].symbol)
            self._fit_chosen()

    def action_drill(self) -> None:
        if self.context.group is None:
            self.desk.tell("this tile is pinned: g and a letter link it to others")
        elif self._chosen:
            self.desk.link(self.context.group, self._chosen)

    def action_history(self) -> None:
        if self._chosen:
            self.desk.go(f"{self._chosen} HIVG VIX", self)

    def action_surface(self) -> None:
        if self._chosen:
            self.desk.go(f"{self._chosen} OVDV TERM", self)

    def clicked(self, x: int, y: int, times: int) -> None:
        view = self.present()
        if view is not None and (not view.side or x < self.outer_size.width - view.side):
            super().clicked(x, y, times)
