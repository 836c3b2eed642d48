"""What the registry holds of a function, and the keys that many have."""

from msgspec import Struct

from optix_tui.keys import Key


class Entry(Struct, frozen=True, kw_only=True):
    """A function: what it is called, what it says of itself, and where its panel is to be loaded from."""

    code: str
    """The mnemonic that is typed."""
    aliases: tuple[str, ...] = ()
    title: str
    summary: str
    """A few words for the drop-down."""
    help: str
    arguments: str = ""
    """Grammar of what may follow the code; "" where nothing may."""
    examples: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    path: str
    """``module:Class``, imported on first use."""
    keeps_case: bool = False
    """Its arguments are taken as they were typed: a setting's value may be a path."""
    needs_security: bool = True
    """It shows one security: typing another reloads it."""
    takes_contract: bool = False
    """It may stand behind a contract: ``SPX 6700P DEC18 DES``."""
    words: tuple[str, ...] = ()
    """Words that are arguments of it even where a security has that name."""

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code, *self.aliases)


def list_keys(of: str) -> tuple[Key, ...]:
    """The keys of anything with a cursor in a list."""
    return (
        Key(f"{of}.up", ("up", "k"), "move(-1)", "cursor up", "Move"),
        Key(f"{of}.down", ("down", "j"), "move(1)", "cursor down", "Move"),
        Key(f"{of}.page_up", ("pageup",), "page(-1)", "a page up", "Move"),
        Key(f"{of}.page_down", ("pagedown",), "page(1)", "a page down", "Move"),
        Key(f"{of}.first", ("home",), "edge(-1)", "first row", "Move"),
        Key(f"{of}.last", ("end",), "edge(1)", "last row", "Move"),
    )
