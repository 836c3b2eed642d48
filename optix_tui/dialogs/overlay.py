"""An opaque panel above the tiles: it takes the keys while it is open, scrolls, and gives the focus back."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.geometry import Size
from textual.widget import Widget

from optix_tui.canvas import Canvas, Span
from optix_tui.frame import frame_of
from optix_tui.theme import Palette
from optix_tui.widgets.sheet import Sheet

Line = tuple[Span, ...]


class Overlay(Sheet, can_focus=True):
    """A title band and lines of spans. One stands in every workspace; opening it anew replaces what it shows."""

    DEFAULT_CSS = "Overlay { layer: overlay; position: absolute; display: none; width: 84; height: 20; }"
    BINDINGS: ClassVar = [
        Binding("escape,f1,question_mark,q,enter", "close", show=False),
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("pageup", "scroll_by(-12)", show=False),
        Binding("pagedown,space", "scroll_by(12)", show=False),
        Binding("home", "scroll_by(-10000)", show=False),
        Binding("end", "scroll_by(10000)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.heading = ""
        self.top = 0
        self._make: Callable[[Palette], Sequence[Line]] = lambda _palette: ()
        self._back_to: Widget | None = None

    @property
    def is_open(self) -> bool:
        """It is on the screen."""
        return bool(self.display)

    def open(self, heading: str, make: Callable[[Palette], Sequence[Line]], *, width: int = 84) -> None:
        """Shows lines below a heading; they are made anew when the theme changes."""
        self.heading, self._make, self.top = heading, make, 0
        if not self.is_open:
            self._back_to = self.screen.focused
        screen = self.screen.size
        lines = len(make(frame_of(self).palette))
        width = min(width, screen.width - 2)
        height = min(lines + 4, max(screen.height - 4, 5))
        self.styles.width, self.styles.height = width, height
        self.styles.offset = ((screen.width - width) // 2, max((screen.height - height) // 2, 0))
        self.display = True
        self.repaint()
        self.focus()

    def action_close(self) -> None:
        self.display = False
        if self._back_to is not None and self._back_to.is_attached:
            self._back_to.focus()

    def action_scroll_by(self, rows: int) -> None:
        room = max(self.size.height - 3, 1)
        lines = len(self._make(frame_of(self).palette))
        self.top = max(0, min(self.top + rows, lines - room))
        self.repaint()

    def on_blur(self) -> None:
        self.display = False

    def draw(self, size: Size) -> Canvas:
        palette = frame_of(self).palette
        canvas = Canvas(size.width, size.height, palette.panel, palette.text)
        canvas.fill(0, 0, size.width, 1, palette.text)
        canvas.text(1, 0, self.heading, palette.ink, bold=True)
        lines = self._make(palette)
        room = max(size.height - 3, 1)
        more = len(lines) - self.top - room
        canvas.right(size.width - 1, 0, "Esc closes" + (f"  ↓ {more} more" if more > 0 else ""), palette.ink)
        for row, line in enumerate(lines[self.top : self.top + room]):
            canvas.put(2, row + 2, *line)
        return canvas
