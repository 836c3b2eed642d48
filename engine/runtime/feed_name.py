"""What a user types after ``--feed``: the name of a market."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from engine.domain.errors import BadInput
from engine.kernel.paths import shipped

Options = Mapping[str, str | int | float | bool]
OF_A_FILE = frozenset({"file", "tape"})
"""Feeds that stand for one file: an engine on one of them is never the data folder's own."""


def named_file(text: str) -> Path:
    """The file a user names; a bare name that is not here may be that of a shipped one, such as ``morning.tape``."""
    path = Path(text).expanduser()
    ours = shipped("data") / path
    return ours if len(path.parts) == 1 and not path.exists() and ours.is_file() else path.absolute()


class FeedName(Struct, frozen=True, kw_only=True):
    """``name`` or ``name:argument``."""

    name: str
    argument: str = ""

    @staticmethod
    def parse(text: str) -> "FeedName":
        """Reads it; a path is made absolute, so that it means the same in every process."""
        name, _, argument = text.strip().partition(":")
        if not name:
            raise BadInput(f"{text!r} names no feed: say --feed NAME or NAME:ARGUMENT")
        if name in OF_A_FILE and argument:
            argument = str(named_file(argument))
        return FeedName(name=name, argument=argument)

    @property
    def text(self) -> str:
        """As it is typed."""
        return f"{self.name}:{self.argument}" if self.argument else self.name
