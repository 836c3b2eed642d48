"""One row of cells written left to right: neighbours of equal style become one segment, and the row is never too wide."""

from rich.segment import Segment
from textual.strip import Strip

from optix_tui.colour import style
from optix_tui.row import Row

Piece = tuple[str, int, int, bool]
"""Text, its colour, its ground, and whether it is bold."""


class Run:
    """Collects pieces of text. All must be of single-width glyphs; it is made for numbers in tables.

    Appending to ``pieces`` is the same as :meth:`put`, without the cost of a call for each of a thousand cells.
    """

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    @property
    def length(self) -> int:
        """Cells written so far."""
        return sum(len(piece[0]) for piece in self.pieces)

    def put(self, text: str, fore: int, back: int, bold: bool = False) -> None:  # noqa: FBT001, FBT002
        """Appends text."""
        self.pieces.append((text, fore, back, bold))

    def strip(self, width: int, fore: int, back: int) -> Strip:
        """The row, cut or filled to ``width``."""
        length = self.length
        if length < width:
            self.pieces.append((" " * (width - length), fore, back, False))
            length = width
        segments: list[Segment] = []
        parts: list[str] = []
        last_fore, last_back, last_bold = fore, back, False
        for text, its_fore, its_back, its_bold in self.pieces:
            if its_fore != last_fore or its_back != last_back or its_bold != last_bold:
                if parts:
                    segments.append(Segment("".join(parts), style(last_fore, last_back, last_bold)))
                    parts = []
                last_fore, last_back, last_bold = its_fore, its_back, its_bold
            parts.append(text)
        if parts:
            segments.append(Segment("".join(parts), style(last_fore, last_back, last_bold)))
        row = Row(segments, length)
        return row if length == width else row.crop(0, width)
