"""What the settings show: every one with its value, default, unit, bounds and origin; one of them may be in the middle of an edit."""

from typing import Any, NamedTuple

from msgspec import Struct

from engine.messages.queries import SettingTable, SettingValue
from optix_tui import format as written
from optix_tui.screens.table import Cell, Column

EMPTY = "(empty)"


class Theme(NamedTuple):
    """A theme that can be had."""

    name: str
    is_current: bool


class SettingsFacts(Struct, frozen=True, kw_only=True):
    """What is known, and what is being typed."""

    table: SettingTable | None = None
    themes: tuple[Theme, ...] = ()
    typed: str | None = None
    problem: str = ""
    """Why the last value was refused."""
    chosen: int = 0


class SettingsView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    path: str
    rows: tuple[SettingValue, ...]
    themes: tuple[Theme, ...]
    typed: str | None
    problem: str
    changed: int
    """How many differ from their default."""


def present(facts: SettingsFacts) -> SettingsView | None:
    """The settings by key; None until they are known."""
    if facts.table is None:
        return None
    rows = sorted_rows(facts.table)
    return SettingsView(
        path=facts.table.path,
        rows=rows,
        themes=facts.themes,
        typed=facts.typed,
        problem=facts.problem,
        changed=sum(1 for row in rows if is_changed(row)),
    )


def sorted_rows(table: SettingTable) -> tuple[SettingValue, ...]:
    """Settings by their section and name."""
    return tuple(sorted(table.settings, key=lambda row: row.key))


def is_changed(row: SettingValue) -> bool:
    """Somebody set it, and not to what it is anyway."""
    return not row.origin.startswith("default")


def value_text(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ", ".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def parts(row: SettingValue) -> tuple[str, str]:
    """What a setting is for, and its bounds in words (they stand after the last semicolon)."""
    what, mark, bounds = row.what.rpartition("; ")
    return (what, bounds) if mark else (row.what, "")


def without_unit(row: SettingValue) -> str:
    """The bounds without their unit at the end, which has a column of its own."""
    return parts(row)[1].removesuffix(f" ({row.unit})")


def origin_word(row: SettingValue) -> str:
    """``environment`` of ``environment OPTIX_…``."""
    return row.origin.split(" ", 1)[0]


def _key(row: SettingValue) -> Cell:
    return Cell(row.key, "bright" if is_changed(row) else "text")


def shown_text(row: SettingValue, value: Any) -> str:
    """A value as it is read: bytes by their power of ten, the rest as it is typed."""
    return written.size_of(value) if row.unit == "bytes" and isinstance(value, int) else value_text(value)


def _value(row: SettingValue) -> Cell:
    text = shown_text(row, row.value)
    return Cell(text or EMPTY, "white" if text else "dim", bold=is_changed(row))


def _default(row: SettingValue) -> Cell:
    return Cell(shown_text(row, row.default) or EMPTY, "dim")


def _origin(row: SettingValue) -> Cell:
    return Cell(origin_word(row), "security" if is_changed(row) else "dim")


COLUMNS: tuple[Column[SettingValue], ...] = (
    Column("key", "Setting", 26, _key, left=True, most=34),
    Column("value", "Value", 12, _value, left=True),
    Column("default", "Default", 11, _default, left=True, priority=10),
    Column("unit", "Unit", 15, lambda row: Cell(row.unit, "dim"), left=True, priority=18),
    Column("origin", "Set by", 11, _origin, left=True, priority=5),
    Column("bounds", "Bounds", 22, lambda row: Cell(without_unit(row), "vol"), left=True, priority=20, most=60),
)
