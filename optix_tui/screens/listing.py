"""Tiles whose body is longer than they are: a list with a cursor, or a page that scrolls."""

from typing import Any

from textual.events import MouseScrollDown, MouseScrollUp

from optix_tui.function import Function
from optix_tui.screens.table import Cursor

WHEEL_ROWS = 3


class Listing(Function):
    """Keeps the cursor; a subclass says how many rows there are and, when it paints, where they stand."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor = Cursor()
        self.first_line = 1
        """The line of the body the first row in sight was painted in."""
        self.lines_shown = 1
        """How many rows there was room for."""

    def count(self) -> int:
        """How many rows there are now."""
        return 0

    def chosen(self) -> None:
        """The cursor stands on another row."""

    def settle(self, first_line: int, lines: int) -> Cursor:
        """Told by the painter where the rows go: the cursor, made to fit."""
        self.first_line, self.lines_shown = first_line, max(lines, 1)
        self.cursor = self.cursor.within(self.count(), self.lines_shown)._replace(has_keys=self.has_focus)
        return self.cursor

    def _move(self, steps: int) -> None:
        self.cursor = self.cursor.moved(steps, self.count(), self.lines_shown)
        self.chosen()
        self.touch()

    def action_move(self, steps: int) -> None:
        self._move(steps)

    def action_page(self, pages: int) -> None:
        self._move(pages * max(self.lines_shown - 1, 1))

    def action_edge(self, side: int) -> None:
        self._move(side * max(self.count(), 1))

    def action_drill(self) -> None:
        """Enter or a double click on the chosen row."""

    def clicked(self, x: int, y: int, times: int) -> None:  # noqa: ARG002 (a row is a row in every column)
        row = self.cursor.top + y - self.first_line
        if y < self.first_line or y >= self.first_line + self.lines_shown or row >= self.count():
            return
        self._move(row - self.cursor.row)
        if times == 2:
            self.action_drill()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._move(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._move(WHEEL_ROWS)


class Scrolling(Function):
    """A page without a cursor; its painter says how long it is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.top = 0
        self.page_rows = 1
        self.lines_shown = 1

    def settle_page(self, rows: int, lines: int) -> int:
        """Told by the painter how many rows there are and how many lines they have: the first row in sight."""
        self.page_rows, self.lines_shown = rows, max(lines, 1)
        self.top = min(max(self.top, 0), max(rows - self.lines_shown, 0))
        return self.top

    def _turn_to(self, top: int) -> None:
        self.top = min(max(top, 0), max(self.page_rows - self.lines_shown, 0))
        self.touch()

    def action_move(self, steps: int) -> None:
        self._turn_to(self.top + steps)

    def action_page(self, pages: int) -> None:
        self._turn_to(self.top + pages * max(self.lines_shown - 1, 1))

    def action_edge(self, side: int) -> None:
        self._turn_to(self.page_rows if side > 0 else 0)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._turn_to(self.top - WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._turn_to(self.top + WHEEL_ROWS)
