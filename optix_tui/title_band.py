"""Row 0 of a tile: its link group, its code and title, what it is set to, and how fresh it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optix_tui.freshness import Condition
from optix_tui.theme import LINK_LETTERS

if TYPE_CHECKING:
    from optix_tui.canvas import Canvas
    from optix_tui.function import Function
    from optix_tui.theme import Palette


def paint_title(canvas: Canvas, tile: Function, palette: Palette, *, focused: bool) -> None:
    """Row 0: link group as colour and letter, code, title, subtitle and, where it is not live, its condition."""
    ground = palette.text if focused else palette.head
    label, quiet = (palette.ink, palette.ink) if focused else (palette.bright, palette.dim)
    canvas.fill(0, 0, canvas.width, 1, ground)
    group = tile.context.group
    if group is None:
        mark, letter, colour = "□", " ", quiet
    else:
        mark, letter, colour = "■", LINK_LETTERS[group], palette.ink if focused else palette.links[group]
    x = canvas.put(
        0, 0, (f" {mark}", colour), (f"{letter} ", quiet), (f"{tile.entry.code} ", palette.ink if focused else palette.text, None, True)
    )
    x = canvas.text(x, 0, tile.title(), label)
    right = canvas.width - 1
    condition = tile.freshness.label
    if condition and canvas.width >= len(condition) + 12:
        past = tile.freshness.is_dimmed or tile.freshness.condition is Condition.RECORDED
        tag = palette.alert if past else palette.vol
        right = canvas.right(canvas.width, 0, f" {condition} ", palette.ink, tag, bold=True) - 1
    subtitle = tile.subtitle()
    room = right - x - 1
    if subtitle and room > 4:
        canvas.right(right, 0, shortened(subtitle, room), quiet)


def shortened(parts: str, room: int) -> str:
    """Words that stand two blanks apart, as many of the first of them as there is room for; at least the beginning of the first."""
    while len(parts) > room and "  " in parts:
        parts = parts.rpartition("  ")[0].rstrip()
    return parts if len(parts) <= room else parts[: room - 1] + "…"
