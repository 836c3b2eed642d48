"""One row of cells written left to right: neighbours of equal style become one segment, and the row is never too wide."""

from rich.segment import Segment
from textual.strip import Strip

from optix_tui.colour import style


class Run:
    """Collects text with its colours. All text must be of single-width glyphs; it is made for numbers in tables."""

    __slots__ = ("_back", "_bold", "_fore", "_parts", "_segments", "length")

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._parts: list[str] = []
        self._fore = self._back = -1
        self._bold = False
        self.length = 0

    def put(self, text: str, fore: int, back: int, bold: bool = False) -> None:  # noqa: FBT001, FBT002
        """Appends text."""
        if fore != self._fore or back != self._back or bold != self._bold:
            if self._parts:
                self._segments.append(Segment("".join(self._parts), style(self._fore, self._back, self._bold)))
                self._parts = []
            self._fore, self._back, self._bold = fore, back, bold
        self._parts.append(text)
        self.length += len(text)

    def strip(self, width: int, fore: int, back: int) -> Strip:
        """The row, cut or filled to ``width``."""
        if self.length < width:
            self.put(" " * (width - self.length), fore, back)
        if self._parts:
            self._segments.append(Segment("".join(self._parts), style(self._fore, self._back, self._bold)))
        made = Strip(self._segments, self.length)
        return made if self.length == width else made.crop(0, width)
