"""What the function finder shows: the functions that fit what was typed, and the chosen one in full."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from optix_tui.functions.entry import Entry
from optix_tui.keys import Key, key_label
from optix_tui.screens.table import Cell, Column


class KeyLine(NamedTuple):
    """A key of a function and what it does."""

    keys: str
    text: str
    group: str


class HelpView(Struct, frozen=True, kw_only=True):
    """The finder to paint."""

    search: str
    rows: tuple[Entry, ...]
    every: int
    chosen: Entry | None
    keys: tuple[KeyLine, ...]
    frame_keys: tuple[KeyLine, ...]
    """Keys that work everywhere."""


def score(entry: Entry, word: str) -> int:
    """How well a function fits a word: 0 not at all; its code first, then its title, then what is said of it."""
    upper, lower = word.upper(), word.lower()
    if upper in entry.codes:
        return 100
    if any(code.startswith(upper) for code in entry.codes):
        return 80
    title = entry.title.lower()
    if any(part.startswith(lower) for part in title.split()):
        return 60
    if lower in title or any(upper in code for code in entry.codes):
        return 50
    if lower in entry.summary.lower():
        return 40
    if lower in entry.help.lower():
        return 20
    return 15 if any(lower in key.text.lower() for key in entry.keys) else 0


def found(entries: Sequence[Entry], search: str) -> tuple[Entry, ...]:
    """The functions that fit every word typed, the best first; all of them where nothing is."""
    words = search.split()
    if not words:
        return tuple(entries)
    scored = [(min(score(entry, word) for word in words), place, entry) for place, entry in enumerate(entries)]
    return tuple(entry for fit, _, entry in sorted(scored, key=lambda one: (-one[0], one[1])) if fit > 0)


def declared_keys(key: Key) -> str:
    """A key as it is shipped."""
    return " ".join(key_label(name) for name in key.keys)


def key_lines(keys: Sequence[Key], label: Callable[[Key], str] = declared_keys) -> tuple[KeyLine, ...]:
    """Keys by heading, in the order of their declaration, spelled as they are in force."""
    groups = dict.fromkeys(key.group for key in keys)
    return tuple(KeyLine(label(key), key.text, group) for group in groups for key in keys if key.group == group)


def present(
    entries: Sequence[Entry],
    search: str,
    chosen: int,
    frame_keys: Sequence[Key] = (),
    label: Callable[[Key], str] = declared_keys,
) -> HelpView:
    """The finder."""
    rows = found(entries, search)
    one = rows[min(chosen, len(rows) - 1)] if rows else None
    return HelpView(
        search=search,
        rows=rows,
        every=len(entries),
        chosen=one,
        keys=key_lines(one.keys, label) if one else (),
        frame_keys=key_lines(frame_keys, label),
    )


def _example(row: Entry) -> Cell:
    return Cell("   ".join(row.examples), "dim")


COLUMNS: tuple[Column[Entry], ...] = (
    Column("code", "Code", 5, lambda row: Cell(row.code, "bright", bold=True), left=True),
    Column("aliases", "Also", 8, lambda row: Cell(" ".join(row.aliases), "dim"), left=True, priority=20),
    Column("title", "Function", 19, lambda row: Cell(row.title, "text"), left=True),
    Column("summary", "Shows", 32, lambda row: Cell(row.summary, "dim"), left=True, priority=5, most=38),
    Column("arguments", "After the code", 20, lambda row: Cell(row.arguments, "vol"), left=True, priority=10, most=44),
    Column("examples", "Such as", 20, _example, left=True, priority=15, most=40),
)
