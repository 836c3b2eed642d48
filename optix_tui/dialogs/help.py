"""What the help says of a tile: its function, its grammar and its keys, all from the registry and the effective keymap."""

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap

from optix_tui.canvas import Span
from optix_tui.dialogs.overlay import Line
from optix_tui.functions.entry import Entry
from optix_tui.keymap import Keymap
from optix_tui.keys import APP_KEYS, Key
from optix_tui.theme import Palette

WIDTH = 84
TWO_COLUMNS = 130
"""From this width on the keys stand in two columns."""
_KEY_WIDTH = 22
_NO_BREAK = "\u00a0"
_LEFT = 68
"""Cells of the left column."""


def help_heading(entry: Entry | None) -> str:
    """``HELP  Option Monitor (OMON)``."""
    return f"HELP  {entry.title} ({entry.code})" if entry else "HELP  OPTIX"


def help_lines(entry: Entry | None, keymap: Keymap, palette: Palette, notes: Sequence[str] = (), width: int = WIDTH) -> list[Line]:
    """The page, line by line: what the function is, how it is typed, keys in one or two columns, then the tile's own ``notes``."""
    lines: list[Line] = []
    room = width - 4
    if entry is not None:
        lines += [((text, palette.text),) for text in wrap(entry.help, room)]
        lines.append(())
        lines += _grammar(entry, palette, room)
        lines.append(())
    own = _keys(entry.keys, keymap, palette) if entry is not None else []
    frame = _keys(APP_KEYS, keymap, palette)
    lines += _beside(own, frame) if own and width >= TWO_COLUMNS else own + frame
    for note in notes:
        lines += [((text, palette.dim),) for text in wrap(note, room)]
        lines.append(())
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _grammar(entry: Entry, palette: Palette, room: int) -> list[Line]:
    typed = f"[TICKER] {entry.code} {entry.arguments}".strip() if entry.needs_security else f"{entry.code} {entry.arguments}".strip()
    lines: list[Line] = []
    for place, text in enumerate(wrap(typed, room - 6)):
        lines.append((("TYPE  " if not place else "      ", palette.security, None, True), (text, palette.bright, None, True)))
    if entry.examples:
        unbroken = "   ".join(example.replace(" ", _NO_BREAK) for example in entry.examples)
        for place, text in enumerate(wrap(unbroken, room - 19)):
            lines.append(((f"{'' if place else '      for example':<19}{text.replace(_NO_BREAK, ' ')}", palette.dim),))
    if entry.aliases:
        lines.append(((f"      also called  {'  '.join(entry.aliases)}", palette.dim),))
    return lines


def _beside(left: Sequence[Line], right: Sequence[Line]) -> list[Line]:
    """Two columns of lines; the left one is cut or filled to its width."""
    joined: list[Line] = []
    empty: Line = ()
    for first, second in zip_longest(left, right, fillvalue=empty):
        spans: list[Span] = []
        used = 0
        for text, fore, *rest in first:
            spans.append((text[: max(_LEFT - 2 - used, 0)], fore, None, bool(len(rest) > 1 and rest[1])))
            used += len(spans[-1][0])
        joined.append((*spans, (" " * (_LEFT - used), 0), *second))
    return joined


def _keys(keys: Sequence[Key], keymap: Keymap, palette: Palette) -> list[Line]:
    lines: list[Line] = []
    groups = list(dict.fromkeys(key.group for key in keys))
    for group in groups:
        lines.append(((group.upper(), palette.security, None, True),))
        for key in keys:
            if key.group == group:
                label = keymap.label(key)
                lines.append(((f"  {label:<{_KEY_WIDTH}}", palette.bright, None, True), (key.text, palette.text)))
        lines.append(())
    return lines
