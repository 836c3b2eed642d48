"""A widget that is one canvas: painted when told, compared with what it showed, and refreshed row by row."""

from collections.abc import Sequence
from typing import Any

from rich.text import Text
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from optix_tui.canvas import Canvas, Frame


class Sheet(Widget):
    """Its rows leave past Textual's style cache and line filters, which would make every segment anew."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._frame: Frame | None = None
        self._lines: list[Strip] = []
        self._needs_paint = True
        self._subject: Any = None

    def draw(self, size: Size) -> Canvas:
        """All of it, on a fresh canvas; a plain sheet is empty."""
        return Canvas(size.width, size.height, 0)

    def subject(self) -> Any:
        """What it shows, where two of them can be compared: nothing is painted while it is the same. None is always painted."""
        return None

    def touch(self) -> None:
        """Paint at the next turn."""
        self._needs_paint = True

    @property
    def needs_paint(self) -> bool:
        """Something changed since the last painting."""
        return self._needs_paint

    @property
    def is_shown(self) -> bool:
        """It has cells on the screen."""
        width, height = self.outer_size
        return bool(width and height)

    def flush(self) -> bool:
        """Paints where something changed, and refreshes the rows that look different; True when it painted."""
        if not self._needs_paint or not self.is_shown:
            return False
        subject = self.subject()
        if subject is not None and subject == self._subject and self._frame is not None:
            self._needs_paint = False
            return False
        self._subject = subject
        changed = self._paint_frame()
        self.refresh_rows(changed)
        return True

    def refresh_rows(self, rows: Sequence[int]) -> None:
        """Sends these rows (in order) to the terminal; neighbours go together."""
        if rows:
            self.refresh(*bands(rows, self.outer_size.width))

    def shown_rows(self) -> list[Strip]:
        """Its rows as they were painted last: for printing."""
        return list(self._lines)

    def repaint(self) -> None:
        """Paints everything anew at the next frame: size, focus or theme changed."""
        self._frame = None
        self._lines = []
        self.refresh()

    def _paint_frame(self) -> list[int]:
        self._needs_paint = False
        frame = self.draw(self.outer_size).finish()
        changed = frame.changed_rows(self._frame)
        if len(changed) == frame.glyph.shape[0] or len(self._lines) != frame.glyph.shape[0]:
            self._lines = frame.strips()
        else:
            for row, strip in zip(changed, frame.strips(changed), strict=True):
                self._lines[row] = strip
        self._frame = frame
        return changed

    def render(self) -> Text:
        """Never shown: a sheet gives its rows itself."""
        return Text("")

    def render_lines(self, crop: Region) -> list[Strip]:
        width, height = self.outer_size
        if len(self._lines) != height or (self._lines and self._lines[0].cell_length != width):
            self._frame = None
            self._paint_frame()
        rows = self._lines[crop.y : crop.bottom]
        return rows if crop.x == 0 and crop.right >= width else [row.crop(crop.x, crop.right) for row in rows]

    def on_resize(self) -> None:
        self.repaint()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()


def bands(rows: Sequence[int], width: int) -> list[Region]:
    """Rows in order as regions as high as their neighbours go on: few regions are cheaper to send than many."""
    found: list[Region] = []
    for row in rows:
        if found and found[-1].bottom == row:
            found[-1] = Region(0, found[-1].y, width, found[-1].height + 1)
        else:
            found.append(Region(0, row, width, 1))
    return found
