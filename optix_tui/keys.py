"""What a key does: declared once, read by the bindings, the help, the F-key row and the key files."""

import unicodedata

from msgspec import Struct

_RENAMED = {"solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus", "plus_sign": "plus"}
_RENAMED |= {"low_line": "underscore"}
_ALSO = {"pgup": "pageup", "pgdn": "pagedown", "esc": "escape", "del": "delete", "bksp": "backspace"}
_ARROWS = {"↑": "up", "↓": "down", "←": "left", "→": "right"}
_SHOWN = {
    "slash": "/",
    "grave_accent": "`",
    "question_mark": "?",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "comma": ",",
    "full_stop": ".",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "backspace": "Bksp",
}


class Key(Struct, frozen=True):
    """One thing that can be done by key: its id, its default keys, the action it runs, and what the help says."""

    id: str
    """``app.zoom``, ``omon.columns``: what a key file names."""
    keys: tuple[str, ...]
    action: str
    text: str
    group: str = "View"
    """Under which heading the help lists it."""
    priority: bool = False
    """Works even where text is being typed."""
    hint: str = ""
    """A word for the row of keys at the foot of the screen; "" where it has no place there."""


APP_KEYS: tuple[Key, ...] = (
    Key("app.command", ("slash", "grave_accent"), "command_line", "command line: SPY OMON, then Enter", "Navigate"),
    Key("app.palette", ("ctrl+p",), "command_palette", "find a function by name", "Navigate"),
    Key("app.help", ("f1", "question_mark"), "show_help", "help on this tile", "Navigate", hint="Help"),
    Key("app.chain", ("f2",), "run('OMON')", "the option chain", "Navigate", hint="Chain"),
    Key("app.chart", ("f5",), "run('GIP')", "the intraday chart", "Navigate", hint="Chart"),
    Key("app.next", ("f6", "tab"), "next_tile", "next tile", "Navigate", hint="Next"),
    Key("app.previous", ("shift+f6", "shift+tab"), "previous_tile", "previous tile", "Navigate"),
    Key("app.back", ("ctrl+pageup",), "back", "the tile's screen before", "Navigate"),
    Key("app.forward", ("ctrl+pagedown",), "forward", "the tile's screen after", "Navigate"),
    Key("app.go_to", ("g",), "prefix", "workspace 1-9, link R C Y P, 0 pinned", "Navigate", hint="Go"),
    Key("app.zoom", ("z",), "zoom", "the tile alone; again: all tiles", "Screen", hint="Zoom"),
    Key("app.theme", ("t",), "theme", "next theme", "Screen", hint="Theme"),
    Key("app.save", ("ctrl+s",), "save_workspace", "save the workspace", "Screen"),
    Key("app.notices", ("exclamation_mark",), "show_notices", "warnings and notices", "Screen"),
    Key("app.cancel", ("escape",), "cancel", "close, cancel, all tiles again", "Screen"),
    Key("app.quit", ("ctrl+q",), "quit", "leave OPTIX", "Screen", priority=True, hint="Quit"),
)
"""Keys that work in every tile; the function's own keys stand in the registry."""


def key_name(written: str) -> str:
    """The name under which a terminal reports a key that a person wrote: ``/`` is ``slash``, ``Ctrl+P`` is ``ctrl+p``."""
    *modifiers, key = written.rsplit("+", 1) if len(written) > 1 and not written.endswith("+") else (written,)
    if key in _ARROWS:
        key = _ARROWS[key]
    elif len(key) == 1 and not key.isalnum():
        name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
        key = _RENAMED.get(name, name)
    elif len(key) > 1 or modifiers:
        key = _ALSO.get(key.lower(), key.lower())
    return "+".join([*(part.lower() for part in modifiers), key])


def key_label(name: str) -> str:
    """A key as a hint shows it: ``Ctrl+P``, ``F6``, ``[``."""
    *modifiers, key = name.rsplit("+", 1) if len(name) > 1 else (name,)
    shown = _SHOWN.get(key, key.upper() if key.startswith("f") and key[1:].isdigit() else key)
    if modifiers:
        shown = shown.upper() if len(shown) == 1 else shown
        return "+".join([*(part.capitalize() for part in modifiers[0].split("+")), shown])
    return shown
