"""The rows of a long live list: painted only where they can be seen and have changed, the most wanted first."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from rich.segment import Segment
from textual.strip import Strip

from optix_tui.colour import style
from optix_tui.row import Row
from optix_tui.theme import Palette

Key = TypeVar("Key", bound=Hashable)
MOST_PER_BEAT = 96
"""Rows painted in one beat; a very tall screen takes the rest at the next one."""


class Rows(Generic[Key]):
    """A window onto lines of which each has a painted row. A changed line keeps its old row until its turn comes."""

    def __init__(self, pin: Callable[[Key], Key] = lambda line: line) -> None:
        self._pin = pin
        self.lines: Sequence[Key] = ()
        self.top = 0
        self.height = 0
        self._painted: dict[Key, Strip] = {}
        self._changed: set[Key] = set()

    # -- place --------------------------------------------------------------------------------------------------------------

    @property
    def most_top(self) -> int:
        """The last line that may stand first."""
        return max(0, len(self.lines) - self.height)

    def scroll_to(self, top: int) -> None:
        """The line that stands first, within what there is."""
        self.top = max(0, min(top, self.most_top))

    def show(self, place: int, margin: int = 1) -> None:
        """Scrolls just so far that a line can be seen."""
        if place - margin < self.top:
            self.scroll_to(place - margin)
        elif place + margin >= self.top + self.height:
            self.scroll_to(place + margin - self.height + 1)

    @property
    def visible(self) -> Sequence[Key]:
        """The lines that can be seen; in the place of the first stands what is pinned for it, such as its heading."""
        seen = self.lines[self.top : self.top + self.height]
        return [self._pin(seen[0]), *seen[1:]] if seen else seen

    # -- change -------------------------------------------------------------------------------------------------------------

    def change(self, lines: set[Key]) -> None:
        """These look different now; what is not on the screen is painted afresh when it comes there."""
        self._changed |= lines & self._painted.keys()

    def change_all(self) -> None:
        """Everything looks different: size, columns, colours."""
        self._painted.clear()
        self._changed.clear()

    @property
    def has_work(self) -> bool:
        """Something that can be seen is not painted as it is."""
        return any(line not in self._painted or line in self._changed for line in self.visible)

    def paint(self, paint: Callable[[Sequence[Key]], Sequence[Strip]], importance: Callable[[Key], float]) -> None:
        """Paints what can be seen and is not up to date: what was never painted, then the most important, up to a beat's worth."""
        visible = self.visible
        due = [line for line in visible if line in self._changed or line not in self._painted]
        if len(due) > MOST_PER_BEAT:
            due.sort(key=lambda line: (line in self._painted, importance(line)))
            fresh = sum(1 for line in due if line not in self._painted)
            due = due[: max(MOST_PER_BEAT, fresh)]
        if due:
            for line, strip in zip(due, paint(due), strict=True):
                self._painted[line] = strip
            self._changed.difference_update(due)
        self._painted = {line: self._painted[line] for line in visible}
        self._changed.intersection_update(self._painted)

    def painted(self, line: Key) -> Strip:
        """The row of a line that was painted."""
        return self._painted[line]


def thumb(top: int, height: int, total: int) -> range:
    """The rows of the scroll bar's thumb; empty where everything can be seen."""
    if total <= height or height <= 0:
        return range(0)
    size = max(2, height * height // total) if height > 2 else 1
    room = max(total - height, 1)
    first = round(top * (height - size) / room)
    return range(first, first + size)


def with_scroll_cell(strip: Strip, palette: Palette, *, on_thumb: bool) -> Strip:
    """A row with the scroll bar's cell behind it."""
    cell = Segment("▐", style(palette.dim if on_thumb else palette.grid, palette.ground))
    return Row([*strip, cell], strip.cell_length + 1)
