"""One line of text typed inside a tile, key by key: a search, a name to add, a new value."""

from typing import NamedTuple

LONGEST = 200


class TypedLine(NamedTuple):
    """What has been typed so far."""

    text: str = ""

    def after(self, key: str, character: str | None) -> "TypedLine | None":
        """The line after a key; None where the key is not one that types."""
        if key == "backspace":
            return TypedLine(self.text[:-1])
        if key == "ctrl+u":
            return TypedLine("")
        if key == "ctrl+w":
            return TypedLine(self.text.rstrip().rpartition(" ")[0])
        if character is not None and len(character) == 1 and character.isprintable() and len(self.text) < LONGEST:
            return TypedLine(self.text + character)
        return None
