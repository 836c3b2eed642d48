"""The list below the command line: functions and securities that fit, numbered, above the tiles and opaque."""

from textual.events import Click
from textual.geometry import Size
from textual.message import Message

from optix_tui.canvas import Canvas
from optix_tui.completion import Completion, HitKind
from optix_tui.frame import frame_of
from optix_tui.theme import Palette
from optix_tui.widgets.sheet import Sheet

WIDTH = 74
TITLE_WIDTH = 24


def height_of(completion: Completion) -> int:
    """Rows it needs: a heading for each kind, the hits, the grammar."""
    kinds = len({hit.kind for hit in completion.hits})
    return len(completion.hits) + kinds + (1 if completion.hint else 0)


def paint_drop_down(canvas: Canvas, completion: Completion, choice: int, palette: Palette) -> list[int]:
    """Draws it; returns which hit stands in each row (-1 for none)."""
    rows: list[int] = []
    heading: HitKind | None = None
    for place, hit in enumerate(completion.hits):
        if hit.kind is not heading:
            heading = hit.kind
            canvas.fill(0, len(rows), canvas.width, 1, palette.head)
            canvas.text(1, len(rows), heading.value.upper(), palette.dim)
            rows.append(-1)
        _paint_hit(canvas, len(rows), place, completion, palette, marked=place == choice)
        rows.append(place)
    if completion.hint:
        canvas.fill(0, len(rows), canvas.width, 1, palette.head)
        canvas.text(1, len(rows), completion.hint, palette.dim)
        rows.append(-1)
    return rows


def _paint_hit(canvas: Canvas, row: int, place: int, completion: Completion, palette: Palette, *, marked: bool) -> None:
    hit = completion.hits[place]
    ground = palette.text if marked else palette.panel
    canvas.fill(0, row, canvas.width, 1, ground)

    def ink(colour: int) -> int:
        return palette.ink if marked else colour

    name = palette.bright if hit.kind is HitKind.FUNCTION else palette.security
    x = canvas.put(0, row, (f" {place + 1}) ", ink(palette.dim)), (f"{hit.label:<8}", ink(name), None, True))
    title = hit.title if len(hit.title) <= TITLE_WIDTH else hit.title[: TITLE_WIDTH - 1] + "…"
    canvas.put(x, row, (f"{title:<{TITLE_WIDTH + 1}}", ink(palette.text)), (hit.summary, ink(palette.dim)))


class DropDown(Sheet):
    """The widget of the list; it stands in the overlay layer of the screen."""

    DEFAULT_CSS = f"DropDown {{ layer: overlay; position: absolute; width: {WIDTH}; height: 1; display: none; }}"

    class Chosen(Message):
        """A hit was clicked."""

        def __init__(self, choice: int) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self) -> None:
        super().__init__()
        self.completion = Completion()
        self.choice = 0
        self._rows: list[int] = []

    def offer(self, completion: Completion, choice: int, *, x: int, y: int) -> None:
        """Shows these hits below column ``x``; nothing to show hides it."""
        self.completion, self.choice = completion, choice
        rows = height_of(completion)
        self.styles.display = "block" if rows else "none"
        if rows:
            self.styles.height = rows
            self.styles.offset = (max(0, min(x, self.screen.size.width - WIDTH)), y)
        self.repaint()

    def hide(self) -> None:
        """Takes it away."""
        self.offer(Completion(), 0, x=0, y=0)

    def draw(self, size: Size) -> Canvas:
        palette = frame_of(self).palette
        canvas = Canvas(size.width, size.height, palette.panel, palette.text)
        self._rows = paint_drop_down(canvas, self.completion, self.choice, palette)
        return canvas

    def on_click(self, event: Click) -> None:
        if event.y < len(self._rows) and self._rows[event.y] >= 0:
            self.post_message(self.Chosen(self._rows[event.y]))
