"""Keeps secrets and terminal escapes out of everything that is written down or shown."""

import re
import threading

SHORTEST = 6
"""A shorter value is no secret worth hiding: it would blot out half the log."""
MASK = "[secret]"
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC and its kind: titles, clipboard, links
    r"|\x1b[ -/]*[0-~]?"  # any other escape
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # controls that are not white space
)
_lock = threading.Lock()
_secrets: set[str] = set()
_pattern: re.Pattern[str] | None = None


def hide(secret: str) -> None:
    """Lets this value never appear again."""
    global _pattern
    if len(secret) < SHORTEST:
        return
    with _lock:
        _secrets.add(secret)
        _pattern = re.compile("|".join(re.escape(one) for one in sorted(_secrets, key=len, reverse=True)))


def cleaned(text: str) -> str:
    """The text without secrets and without anything a terminal would obey; line breaks are spelled out."""
    pattern = _pattern
    plain = pattern.sub(MASK, text) if pattern is not None else text
    plain = _ESCAPES.sub("", plain).replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")
    return pattern.sub(MASK, plain) if pattern is not None else plain
