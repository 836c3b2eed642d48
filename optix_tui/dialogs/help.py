"""What the help says of a tile: its function, its grammar and its keys, all from the registry and the effective keymap."""

from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap

from optix_tui.dialogs.overlay import Line
from optix_tui.keymap import Keymap
from optix_tui.keys import APP_KEYS, Key
from optix_tui.registry import Entry
from optix_tui.theme import Palette

WIDTH = 84
_KEY_WIDTH = 22


def help_heading(entry: Entry | None) -> str:
    """``HELP  Option Monitor (OMON)``."""
    return f"HELP  {entry.title} ({entry.code})" if entry else "HELP  OPTIX"


def help_lines(entry: Entry | None, keymap: Keymap, palette: Palette, extra: Sequence[str] = ()) -> list[Line]:
    """The page, line by line. ``extra`` are paragraphs the tile adds about what it shows just now."""
    lines: list[Line] = []
    if entry is not None:
        for paragraph in (entry.help, *extra):
            lines += [((text, palette.text),) for text in wrap(paragraph, WIDTH - 6)]
            lines.append(())
        grammar = f"[TICKER] {entry.code} {entry.arguments}".strip() if entry.needs_security else f"{entry.code} {entry.arguments}".strip()
        lines.append((("TYPE  ", palette.security, None, True), (grammar, palette.bright, None, True)))
        if entry.examples:
            lines.append((("      ", palette.dim), ("for example  " + "   ".join(entry.examples), palette.dim)))
        if entry.aliases:
            lines.append((("      ", palette.dim), (f"also called  {'  '.join(entry.aliases)}", palette.dim)))
        lines.append(())
        lines += _keys(entry.keys, keymap, palette)
    lines += _keys(APP_KEYS, keymap, palette)
    return lines[:-1] if lines and not lines[-1] else lines


def _keys(keys: Sequence[Key], keymap: Keymap, palette: Palette) -> list[Line]:
    lines: list[Line] = []
    ordered = sorted(keys, key=lambda key: [other.group for other in keys].index(key.group))
    for group, members in groupby(ordered, key=lambda key: key.group):
        lines.append(((group.upper(), palette.security, None, True),))
        for key in members:
            label = keymap.label(key)
            lines.append(((f"  {label:<{_KEY_WIDTH}}", palette.bright, None, True), (key.text, palette.text)))
        lines.append(())
    return lines
