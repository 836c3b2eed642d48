"""A strip that does not keep itself alive."""

from collections.abc import Iterable, Sequence

from textual.strip import Strip


class Row(Strip):
    """A row of a widget, sent whole.

    Textual's strip remembers how it was divided, and the undivided whole is itself: a circle that only the collector of garbage can
    break, thousands of them every second on a live chain. This one hands itself over without remembering it.
    """

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        places = list(cuts)
        if len(places) == 1 and places[0] == self.cell_length:
            return [self]
        return super().divide(places)
