"""The tile of a function that is not there: an old layout's, or one whose panel cannot be loaded."""

from optix_tui.canvas import Canvas
from optix_tui.function import Context, Function
from optix_tui.functions.entry import Entry
from optix_tui.theme import Palette


class Placeholder(Function):
    """Keeps its place in the workspace and says what is missing."""

    def __init__(self, code: str, context: Context, why: str) -> None:
        entry = Entry(code=code, title="", summary="", help=why, path="", needs_security=False)
        super().__init__(entry, context)
        self.why = why

    def present(self) -> str:
        return self.why

    def paint(self, canvas: Canvas, view: str, palette: Palette) -> None:
        row = canvas.paragraph(2, 1, view, palette.alert)
        canvas.text(2, row + 1, "Type another function, or HELP for all of them.", palette.dim)
