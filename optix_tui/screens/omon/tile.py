"""The chain's tile as rows on the screen: what can be seen is kept as strips, and only what changed is painted again."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar

from textual.strip import Strip

from engine.domain.ids import SeriesId
from optix_tui.canvas import Canvas
from optix_tui.function import FADE, Context, Function
from optix_tui.functions.entry import Entry
from optix_tui.screens.omon.board import Board, Flash, Kind, Line
from optix_tui.screens.omon.columns import Layout, fit
from optix_tui.screens.omon.look import Look
from optix_tui.screens.omon.paint import band_row, header_row, spot_row, waiting_row
from optix_tui.screens.omon.strike_rows import strike_rows
from optix_tui.theme import Palette
from optix_tui.title_band import paint_title
from optix_tui.widgets.chain import Rows, thumb, with_scroll_cell

HEAD_ROWS = 2
"""Title band and column titles."""


def heading(line: Line) -> Line:
    """The band of a line's expiry: it stays at the top while its strikes are scrolled."""
    return line if line.kind is Kind.BAND else Line(Kind.BAND, line.series)


def strikes_among(lines: Sequence[Line]) -> dict[SeriesId, tuple[int, int]]:
    """The first and the last strike of each series among lines."""
    found: dict[SeriesId, tuple[int, int]] = {}
    for line in lines:
        if line.kind is Kind.STRIKE:
            first, last = found.get(line.series, (line.strike, line.strike))
            found[line.series] = (min(first, line.strike), max(last, line.strike))
    return found


class ChainTile(Function):
    """A board and its rows; what moves the cursor and brings facts is added by the screen."""

    is_fast: ClassVar[bool] = True

    def __init__(self, entry: Entry, context: Context, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(entry, context, id=id)
        self.board = Board()
        self.rows: Rows[Line] = Rows(pin=heading)
        self.cursor: Line | None = None
        self.side = 0
        self._follows_spot = True
        self._layout: Layout | None = None
        self._most_interest = 0.0
        self._shown: list[tuple[Strip, bool]] = []
        self._head: list[Strip] = []
        self._head_subject: Any = None

    def _centre(self) -> None:
        """Brings the spot of the first open expiry to the middle."""
        first = self.board.opened[0] if self.board.opened else None
        if first is not None:
            self.rows.scroll_to(self.board.place_of_spot(first) - self.rows.height // 2)

    def present(self) -> Any:
        return self.board if self.board.lines else None

    def look_at_freshness(self) -> None:
        before = self.freshness
        super().look_at_freshness()
        if before.is_dimmed != self.freshness.is_dimmed:
            self.rows.change_all()
            self.touch()

    def repaint(self) -> None:
        self._rows_are_new()
        super().repaint()

    def _rows_are_new(self) -> None:
        self.rows.change_all()
        self._layout = None
        self._shown = []
        self.touch()

    def flush(self) -> bool:
        if not self.is_shown:
            return False
        self.rows.change(self.board.fade_flashes())
        if not self.needs_paint and not self.rows.has_work:
            return False
        if not self.board.lines:
            return super().flush()
        changed = self._paint_rows_or_words()
        self.refresh_rows(changed)
        return True

    def _paint_frame(self) -> list[int]:
        if not self.board.lines or self.outer_size.width < 24 or self.outer_size.height < 5:
            return super()._paint_frame()
        return self._paint_rows_or_words()

    def _paint_rows_or_words(self) -> list[int]:
        """The rows; or, where one of them cannot be painted, why not."""
        try:
            return self._paint_rows()
        except Exception as error:  # noqa: BLE001 (a painter may not take the workstation down)
            self._failed("cannot be painted", error)
            self._frame, self._shown = None, []
            return super()._paint_frame()

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:  # noqa: ARG002
        """Only where the rows cannot be painted."""
        canvas.paragraph(1, 1, f"{self.entry.code} {self.trouble}", palette.down)

    def _paint_rows(self) -> list[int]:
        """Brings the rows of the tile up to date; returns those that look different."""
        self._needs_paint = False
        width, height = self.outer_size
        palette = self.desk.palette
        self._frame = None
        if self.rows.height != height - HEAD_ROWS:
            self.rows.height = height - HEAD_ROWS
            if self._follows_spot:
                self._centre()
            self.rows.scroll_to(self.rows.top)
        if self._layout is None or self._layout.width != width - 1:
            self._layout = fit(self.board.preset, width - 1)
            self.rows.change_all()
        self.rows.paint(self._paint_lines, self._distance)
        self.board.seen = strikes_among(self.rows.visible)
        bar = thumb(self.rows.top, self.rows.height, len(self.rows.lines))
        visible = self.rows.visible
        rows: list[tuple[Strip, bool]] = [(strip, False) for strip in self._head_rows(width)]
        rows += [(self.rows.painted(line), place in bar) for place, line in enumerate(visible)]
        if len(rows) < height:
            empty = Canvas(width, 1, palette.ground, palette.text).strips()[0]
            rows += [(empty, False)] * (height - len(rows))
        before = self._shown if len(self._shown) == height and len(self._lines) == height else None
        lines = self._lines if before is not None else [Strip.blank(width)] * height
        changed = []
        for y, (strip, on_thumb) in enumerate(rows):
            if before is not None and before[y][0] is strip and before[y][1] == on_thumb:
                continue
            is_row = HEAD_ROWS <= y < HEAD_ROWS + len(visible)
            lines[y] = with_scroll_cell(strip, palette, on_thumb=on_thumb) if is_row else strip
            changed.append(y)
        self._shown, self._lines = rows, lines
        return changed

    def _head_rows(self, width: int) -> list[Strip]:
        """The title band and the column titles; made anew when something in them changed."""
        palette = self.desk.palette
        context = self.context
        subject = (width, palette, self.has_focus, self.title(), self.subtitle(), self.freshness.label, context.group, self._layout)
        if subject != self._head_subject:
            self._head_subject = subject
            canvas = Canvas(width, 1, palette.ground, palette.text)
            paint_title(canvas, self, palette, focused=self.has_focus)
            self._head = [*canvas.strips(), with_scroll_cell(header_row(self._look(None)), palette, on_thumb=False)]
        return self._head

    def _look(self, series: SeriesId | None) -> Look:
        cursor = self.cursor
        here = cursor is not None and cursor.series == series and cursor.kind is Kind.STRIKE
        return Look(
            layout=self._layout or fit(self.board.preset, self.outer_size.width - 1),
            palette=self.desk.palette,
            most_interest=self._most_interest,
            fade=FADE if self.freshness.is_dimmed else 0.0,
            cursor=cursor.strike if here and cursor is not None else -1,
            side=self.side,
            has_focus=self.has_focus,
        )

    def _paint_lines(self, lines: Sequence[Line]) -> Sequence[Strip]:
        painted: dict[Line, Strip] = {}
        for series, group in groupby(lines, key=lambda line: line.series):
            painted.update(self._paint_series(series, list(group)))
        return [painted[line] for line in lines]

    def _paint_series(self, series: SeriesId, lines: list[Line]) -> Iterator[tuple[Line, Strip]]:
        look = self._look(series)
        piece = self.board.pieces.get(series)
        strikes = [line for line in lines if line.kind is Kind.STRIKE]
        if piece is not None and strikes:
            flash = self.board.flashes.get(series) or Flash(len(piece.strikes))
            yield from zip(strikes, strike_rows(piece, flash, [line.strike for line in strikes], look), strict=True)
        for line in lines:
            if line.kind is Kind.BAND:
                summary = self.board.summaries[series]
                yield line, band_row(summary, look, opened=series in self.board.opened, marked=line == self.cursor)
            elif line.kind is Kind.SPOT and piece is not None:
                yield line, spot_row(piece.summary.spot, 0.01, look)
            elif line.kind is Kind.WAITING:
                yield line, waiting_row(look)

    def _distance(self, line: Line) -> float:
        """How far a line is from the money: live rows are painted from there outwards."""
        if line.kind is not Kind.STRIKE:
            return -1.0
        piece = self.board.pieces.get(line.series)
        return abs(float(piece.strikes[line.strike]) - piece.summary.spot) if piece is not None else 0.0
