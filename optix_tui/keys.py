"""What a key does: declared once, read by the bindings, the help, the F-key row and the key files."""

import unicodedata

from msgspec import Struct

_RENAMED = {"solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus", "plus_sign": "plus"}
_RENAMED |= {"low_line": "underscore"}
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


def key_name(written: str) -> str:
    """The name under which a terminal reports a key that a person wrote: ``/`` is ``slash``, ``Ctrl+P`` is ``ctrl+p``."""
    *modifiers, key = written.rsplit("+", 1) if len(written) > 1 and not written.endswith("+") else (written,)
    if len(key) == 1 and not key.isalnum():
        name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
        key = _RENAMED.get(name, name)
    elif len(key) > 1 or modifiers:
        key = key.lower()
    return "+".join([*(part.lower() for part in modifiers), key])


def key_label(name: str) -> str:
    """A key as a hint shows it: ``Ctrl+P``, ``F6``, ``[``."""
    *modifiers, key = name.rsplit("+", 1) if len(name) > 1 else (name,)
    shown = _SHOWN.get(key, key.upper() if key.startswith("f") and key[1:].isdigit() else key)
    if modifiers:
        shown = shown.upper() if len(shown) == 1 else shown
        return "+".join([*(part.capitalize() for part in modifiers[0].split("+")), shown])
    return shown
