"""A view is made once of what it is made of."""

from collections.abc import Callable
from typing import Generic, TypeVar

View = TypeVar("View")
_PLAIN = (int, float, str)


class Remembered(Generic[View]):
    """What was made last, and of what.

    Facts and preferences are frozen and may be large: the same object is the same content, and two are never compared. Numbers and
    words are compared by value.
    """

    def __init__(self) -> None:
        self.made_of: tuple[object, ...] | None = None
        self.view: View | None = None

    def of(self, *parts: object, make: Callable[[], View | None]) -> View | None:
        """The view of these parts: the last one where none of them is another, else what ``make`` makes."""
        if self.made_of is None or not all(map(_is_same, self.made_of, parts)):
            self.view, self.made_of = make(), parts
        return self.view


def _is_same(before: object, now: object) -> bool:
    return before is now or (isinstance(now, _PLAIN) and before == now)
