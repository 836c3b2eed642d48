"""What a terminal with pictures understands of a stream: which it holds, for how many cells, and which cells show what part of them."""

import re
from base64 import b64decode
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from optix_tui.graphics.placeholders import MARKS, PLACEHOLDER
from tests.kit.pseudoterminal import Screen

_COMMAND = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")
_TOO_LONG = 4096


class Held(NamedTuple):
    """A picture in the terminal's memory."""

    png: bytes
    columns: int
    rows: int

    @property
    def size(self) -> tuple[int, int]:
        """Pixels; it is decoded whole."""
        with Image.open(BytesIO(self.png)) as image:
            image.load()
            return image.size


class Pictures:
    """The graphics commands of a stream, obeyed; what the protocol forbids is an error."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {}
        self.sent: list[int] = []
        self.deleted: list[int] = []
        self._letters = ""
        self._first: dict[str, str] | None = None

    def feed(self, text: str) -> None:
        """Whole sequences; anything else is passed over."""
        for keys, payload in _COMMAND.findall(text):
            self._obey(dict(pair.split("=") for pair in keys.split(",")), payload)

    def _obey(self, keys: dict[str, str], payload: str) -> None:
        assert keys.get("q") == "2", f"the terminal would answer, and the answer be taken for keys: {keys}"
        if self._first is None and keys.get("a") == "d":
            assert keys["d"] == "I", "the picture's memory is not freed"
            self.deleted.append(int(keys["i"]))
            del self.held[int(keys["i"])]
            return
        if self._first is None:
            assert (keys["a"], keys["U"], keys["f"]) == ("T", "1", "100"), keys
            self._first, self._letters = keys, ""
        else:
            assert set(keys) <= {"m", "q"}, f"a later chunk says more than it may: {keys}"
        assert len(payload) <= _TOO_LONG
        assert keys["m"] == "0" or len(payload) % 4 == 0
        self._letters += payload
        if keys["m"] == "0":
            number = int(self._first["i"])
            self.held[number] = Held(b64decode(self._letters, validate=True), int(self._first["c"]), int(self._first["r"]))
            self.sent.append(number)
            self._first = None


def part(text: str) -> tuple[int, int] | None:
    """Row and column of the part of a picture that a cell's text shows; None for other text, and while a mark has not come yet."""
    if not text.startswith(PLACEHOLDER) or len(text) < 3:
        return None
    row, column = text[1:]
    return MARKS.index(row), MARKS.index(column)


class KittyScreen(Screen):
    """The cells of a terminal with pictures: which picture each shows, by the colour of its text."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.pictures = Pictures()
        self.numbers = [[0] * columns for _ in range(rows)]
        self._colour = 0

    def _write(self, character: str) -> None:
        if character not in MARKS and self.x < self.columns and self.y < self.rows:
            self.numbers[self.y][self.x] = self._colour if character == PLACEHOLDER else 0
        super()._write(character)

    def _control(self, found: re.Match[str]) -> None:
        if found.group().startswith("\x1b_G"):
            self.pictures.feed(found.group())
        if found.group(3) == "m":
            self._colour = _foreground(found.group(1), self._colour)
        super()._control(found)

    def parts(self, number: int) -> dict[tuple[int, int], tuple[int, int]]:
        """Where on the screen (column, row) which part (column, row) of a picture is seen."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for y, row in enumerate(self.cells):
            for x, text in enumerate(row):
                place = part(text)
                if place is not None and self.numbers[y][x] == number:
                    found[x, y] = place[1], place[0]
        return found


def _foreground(numbers: str, before: int) -> int:
    codes = [int(code or 0) for code in numbers.split(";")]
    if codes[:2] == [38, 2]:
        red, green, blue = codes[2:5]
        return red << 16 | green << 8 | blue
    return 0 if codes == [0] else before
