"""The pictures the terminal holds for us: hung, taken down, and all taken down before the terminal is given back."""

import os
from collections.abc import Callable, Mapping

from optix_tui.graphics.capability import AUTO, is_in_tmux, refusal_of
from optix_tui.graphics.placeholders import MOST_CELLS
from optix_tui.graphics.protocol import deletion, through_tmux, transmission

FIRST_NUMBER, NUMBERS = 0x100000, 0x1000
"""Numbers of pictures: above those that a shell's own programs use, a stretch for each process."""


class Gallery:
    """One terminal's pictures. Everything is written by the driver of the screen, so that no sequence falls into another."""

    def __init__(self, setting: str = AUTO, environment: Mapping[str, str] | None = None) -> None:
        self.setting = setting
        self.turn = 0
        """Goes up whenever the terminal forgot all of them."""
        self._environment = os.environ if environment is None else environment
        self._write: Callable[[str], None] | None = None
        self._next = 0
        self._hung: set[int] = set()

    def connect(self, write: Callable[[str], None]) -> None:
        """The screen is there: what is said to the terminal goes here from now on."""
        self._write = write

    @property
    def refusal(self) -> str:
        """Why no picture can be shown, in a sentence; "" where one can."""
        return refusal_of(self.setting, self._environment) or (
            "" if self._write is not None else "this screen is no terminal: it shows no pictures"
        )

    @property
    def hung(self) -> frozenset[int]:
        """The numbers of those that the terminal holds."""
        return frozenset(self._hung)

    def hang(self, png: bytes, columns: int, rows: int) -> int:
        """Sends a picture for so many cells; its number. It is seen where its placeholders are.

        ValueError for a size that cannot be said.
        """
        if not (0 < columns <= MOST_CELLS and 0 < rows <= MOST_CELLS):
            raise ValueError(f"a picture has 1 to {MOST_CELLS} rows and columns, not {rows} and {columns}")
        number = FIRST_NUMBER + os.getpid() % 0xE00 * NUMBERS + self._next
        self._next = (self._next + 1) % NUMBERS
        self._hung.add(number)
        self._say(transmission(number, png, columns, rows))
        return number

    def take_down(self, number: int) -> None:
        """The terminal may forget it."""
        if number in self._hung:
            self._hung.discard(number)
            self._say(deletion(number))

    def close(self) -> None:
        """All of them, before the terminal is somebody else's: at the end, after a crash, while the program is suspended."""
        for number in sorted(self._hung):
            self.take_down(number)
        self._write = None
        self.turn += 1

    def _say(self, sequences: str) -> None:
        if self._write is not None:
            self._write(through_tmux(sequences) if is_in_tmux(self._environment) else sequences)
