"""The last row: the keys that work just now, from the effective keymap, and the newest notice."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from textual.geometry import Size

from optix_tui.canvas import Canvas, Span
from optix_tui.notices import Notice
from optix_tui.theme import Palette
from optix_tui.widgets.sheet import Sheet

NOTICE_SHARE = 0.45
"""The notice may take so much of the row."""


class KeyBarView(Struct, frozen=True, kw_only=True):
    """What the key bar shows."""

    hints: tuple[tuple[str, str], ...]
    notice: Notice | None
    prefix: tuple[tuple[str, str], ...] = ()
    """While ``g`` waits for its second key: what may follow."""


def paint_key_bar(canvas: Canvas, view: KeyBarView, palette: Palette) -> None:
    """Draws it: keys from the left, the notice at the right where there is room for both."""
    canvas.fill(0, 0, canvas.width, 1, palette.head)
    hints = view.prefix or view.hints
    needed = sum(len(key) + len(word) + 5 for key, word in hints)
    room = canvas.width - (0 if view.prefix else _paint_notice(canvas, view.notice, palette, needed))
    # The blanks around a key and behind its word; beside a notice all of them, or the last one is painted over the notice's first letter.
    blanks = 4 if room == canvas.width else 5
    x = 0
    for key, word in hints:
        if x + len(key) + len(word) + blanks > room:
            break
        strong = bool(view.prefix)
        spans: Sequence[Span] = (
            (f" {key} ", palette.ink, palette.text if strong else palette.dim, True),
            (f" {word}  ", palette.bright if strong else palette.text),
        )
        x = canvas.put(x, 0, *spans)


def _paint_notice(canvas: Canvas, notice: Notice | None, palette: Palette, needed: int) -> int:
    """The notice at the right; returns the columns it took."""
    if notice is None:
        return 0
    room = max(int(canvas.width * NOTICE_SHARE), canvas.width - needed - 2)
    colour = palette.dim if notice.level == "information" else palette.alert
    tail = f" ×{notice.times}" if notice.times > 1 else ""
    room -= len(tail) + len(notice.clock) + 4
    if room < 16:
        return 0
    words = notice.text if len(notice.text) <= room else notice.text[: room - 1] + "…"
    mark = "" if notice.level == "information" else "▲ "
    start = canvas.put_right(canvas.width, 0, (mark, palette.alert, None, True), (words + tail, colour), (f" {notice.clock} ", palette.dim))
    return canvas.width - start


class KeyBar(Sheet):
    """The widget of the last row."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; }"

    def subject(self) -> Any:
        from optix_tui.frame import frame_of

        frame = frame_of(self)
        return (frame.key_bar_view(), frame.palette.name)

    def draw(self, size: Size) -> Canvas:
        from optix_tui.frame import frame_of

        frame = frame_of(self)
        canvas = Canvas(size.width, size.height, frame.palette.head, frame.palette.text)
        paint_key_bar(canvas, frame.key_bar_view(), frame.palette)
        return canvas
