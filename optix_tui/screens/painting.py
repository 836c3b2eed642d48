"""Tables, bands, blocks of facts and small lines on a canvas: the strokes all screens share."""

import re
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.columns import Ints
from optix_tui.canvas import LOWER_EIGHTHS, Canvas
from optix_tui.colour import is_monochrome, mix
from optix_tui.screens.axis import Scale
from optix_tui.screens.table import Block, Cell, Cursor, Fact, Placed, in_columns
from optix_tui.theme import Palette

STRONGEST_SHADE = 0.42
"""How far the hottest cell's ground goes towards its colour: its text must stay readable."""
LABEL_GAP = 2
EIGHTHS = 8
SHADES = "·░▒"
"""Levels of a ground where there are no colours."""


def colour(palette: Palette, tone: str) -> int:
    """The palette's colour of a tone."""
    found: int = getattr(palette, tone)
    return found


def paint_cell(canvas: Canvas, y: int, placed: Placed[Any], cell: Cell, palette: Palette, *, faint: bool = False) -> None:
    """One cell in its place, cut to its width; a number too wide loses digits behind its point, and only then its end as words do."""
    text = fitting(cell.text, placed.width)
    fore = colour(palette, "dim" if faint else cell.tone)
    if cell.fade:
        fore = palette.faded(fore, cell.fade)
    if cell.shade > 0:
        ground = mix(palette.ground, colour(palette, cell.shade_tone), min(cell.shade, 1.0) * STRONGEST_SHADE)
        canvas.fill(placed.x, y, placed.width, 1, ground)
    if cell.glow and not faint:
        share = abs(cell.glow)
        canvas.fill(
            placed.x,
            y,
            placed.width,
            1,
            mix(palette.ground, palette.up_ground if cell.glow > 0 else palette.down_ground, 0.35 + 0.65 * share),
        )
        fore = mix(fore, palette.bright, share)
    if placed.column.left:
        canvas.text(placed.x, y, text, fore, bold=cell.bold and not faint)
    else:
        canvas.text(placed.end - len(text), y, text, fore, bold=cell.bold and not faint)


_DECIMAL = re.compile(r"[-+±]?[\d,]+\.\d+")


def fitting(text: str, width: int) -> str:
    """A text in so many columns: ``+10.4`` in four is ``+10``, which says what it is; ``+10…`` may be anything."""
    if len(text) <= width:
        return text
    if _DECIMAL.fullmatch(text):
        value, sign = float(text.lstrip("+±").replace(",", "")), text[0] if text[0] in "+±" else ""
        for digits in reversed(range(len(text.rpartition(".")[2]))):
            shorter = f"{sign}{value:{',' if ',' in text else ''}.{digits}f}"
            if len(shorter) <= width:
                return shorter
    return text[: max(width - 1, 0)] + "…"


def paint_header(
    canvas: Canvas, y: int, columns: Sequence[Placed[Any]], palette: Palette, *, sort: str = "", descending: bool = True
) -> None:
    """The names of the columns; the one that sorts carries an arrow."""
    for placed in columns:
        sorts = placed.column.key == sort
        title = placed.column.title + (("▾" if descending else "▴") if sorts else "")
        fore = palette.bright if sorts else palette.dim
        if placed.column.left:
            canvas.text(placed.x, y, title[: placed.width], fore)
        else:
            canvas.right(placed.end, y, title[-placed.width :] if len(title) > placed.width + 1 else title, fore)


def paint_rows(
    canvas: Canvas,
    columns: Sequence[Placed[Any]],
    rows: Sequence[Any],
    palette: Palette,
    *,
    cursor: Cursor | None = None,
    is_faint: Callable[[Any], bool] | None = None,
) -> None:
    """The rows in sight and none of the others; the chosen one stands on its own ground, and a thumb says where in the list it is."""
    top = cursor.top if cursor else 0
    for line, row in enumerate(rows[top : top + canvas.height]):
        if cursor is not None and top + line == cursor.row:
            canvas.fill(0, line, canvas.width, 1, palette.chosen(has_keys=cursor.has_keys))
        faint = is_faint is not None and is_faint(row)
        for placed in columns:
            paint_cell(canvas, line, placed, placed.column.cell(row), palette, faint=faint)
    if cursor is not None:
        paint_thumb(canvas, len(rows), top, palette)


def paint_thumb(canvas: Canvas, count: int, top: int, palette: Palette) -> None:
    """A scroll bar in the last column, where there is something to scroll."""
    height, x = canvas.height, canvas.width - 1
    if count <= height or height < 2:
        return
    long = max(round(height * height / count), 1)
    at = round(top / (count - height) * (height - long))
    canvas.down(x, 0, height, "│", palette.grid)
    canvas.down(x, at, long, "┃", palette.dim, hard=True)


def paint_band(canvas: Canvas, y: int, title: str, palette: Palette, *, note: str = "", x: int = 0, width: int | None = None) -> None:
    """The band over a part of a screen."""
    wide = canvas.width - x if width is None else width
    canvas.fill(x, y, wide, 1, palette.head)
    end = canvas.text(x + 1, y, title[: max(wide - 2, 0)], palette.security, bold=True)
    room = x + wide - 1 - end - 2
    if note and room > 3:
        canvas.right(x + wide - 1, y, note if len(note) <= room else note[: room - 1] + "…", palette.dim)


def paint_readout(canvas: Canvas, y: int, words: Sequence[tuple[str, str]], palette: Palette) -> None:
    """What the cursor stands on, in words of their tones on a band; the first that has no room ends it, with a mark."""
    canvas.fill(0, y, canvas.width, 1, palette.head)
    x = 1
    for text, tone in words:
        room = canvas.width - 1 - x
        if len(text) > room:
            canvas.text(x, y, (text[: room - 1] + "…")[: max(room, 0)], colour(palette, tone))
            return
        x = canvas.text(x, y, text, colour(palette, tone), bold=tone in {"white", "bright", "security"})


def paint_blocks(canvas: Canvas, blocks: Sequence[Block], palette: Palette, *, top: int = 0) -> int:
    """Blocks below each other from their row ``top`` on, labels dim and values aligned; returns the row after the last one."""
    row = -top
    for block in blocks:
        paint_band(canvas, row, block.title, palette)
        row += 1
        labels = max((len(fact.label) for fact in block.facts), default=0) + LABEL_GAP
        for fact in block.facts:
            canvas.text(1, row, fact.label[: max(canvas.width - 2, 0)], palette.dim)
            values = canvas.window(1 + labels, row, canvas.width - 2 - labels, 1)
            end = values.put(0, 0, *((cell.text, colour(palette, cell.tone), None, cell.bold) for cell in fact.values))
            if end > values.width > 0:
                values.text(values.width - 1, 0, "…", palette.dim)
            row += 1
        row += 1
    return row - 1


def wrapped(block: Block, width: int) -> Block:
    """The block with what is too long for its width carried on in rows without a label."""
    room = max(width - 2 - LABEL_GAP - max((len(fact.label) for fact in block.facts), default=0), 8)
    facts: list[Fact] = []
    for fact in block.facts:
        *before, last = fact.values or (Cell(""),)
        taken = sum(len(cell.text) for cell in before)
        if taken + len(last.text) <= room:
            facts.append(fact)
            continue
        indent = last.text[: len(last.text) - len(last.text.lstrip())]
        first, *rest = wrap(last.text.lstrip(), room, initial_indent="·" * (taken + len(indent))) or [""]
        facts.append(Fact(fact.label, (*before, last._replace(text=indent + first[taken + len(indent) :]))))
        facts += [Fact("", (last._replace(text=line),)) for line in rest]
    return Block(block.title, tuple(facts))


def paint_page(canvas: Canvas, blocks: Sequence[Block], palette: Palette, settle: Callable[[int, int], int], *, column: int = 46) -> int:
    """Blocks in as many columns as fit, scrolled together; returns the row after the longest column."""
    count = max(canvas.width // column, 1)
    columns = in_columns([wrapped(block, canvas.width // count - (1 if count > 1 else 0)) for block in blocks], count)
    rows = max((max(sum(block.height + 1 for block in one) - 1, 0) for one in columns), default=0)
    top = settle(rows, canvas.height)
    wide = canvas.width // count
    end = 0
    for place, one in enumerate(columns):
        last = place == count - 1
        part = canvas.window(place * wide, 0, canvas.width - place * wide if last else wide - 1, canvas.height)
        end = max(end, paint_blocks(part, one, palette, top=top))
    paint_thumb(canvas, rows, top, palette)
    return end


def paint_line(canvas: Canvas, values: ArrayLike, scale: Scale, fore: int, *, places: ArrayLike | None = None) -> None:
    """A braille line over a whole (part of a) canvas; ``places`` are shares of the width, 0 to 1, evenly spread where not given."""
    heights = np.asarray(values, float)
    if heights.size == 0 or canvas.width < 1 or canvas.height < 1:
        return
    across = np.linspace(0, 1, heights.size) if places is None else np.asarray(places, float)
    canvas.polyline(across * (canvas.width * 2 - 1), scale.share(heights) * (canvas.height * 4 - 1), fore)


def paint_levels(canvas: Canvas, levels: Ints, grounds: Sequence[int]) -> None:
    """Grounds by level, eight rows of ``levels`` (0 to ``len(grounds)``, 0 is left alone) a cell: their edges lie at an eighth of one.

    Dots drawn over them stay. Without colours a level is a glyph.
    """
    cells = levels.reshape(canvas.height, EIGHTHS, canvas.width)
    most = cells.max(axis=1)
    if is_monochrome():
        for level in range(1, len(grounds) + 1):
            canvas.glyph[most == level] = ord(SHADES[min(level, len(SHADES)) - 1])
        return
    colours = np.array([canvas.ground, *grounds], dtype=np.int32)
    above, below = cells[:, 0], cells[:, -1]
    filled = (cells == below[:, None]).sum(axis=1)
    parted = (above != below) & (filled < EIGHTHS)
    covered = most > 0
    canvas.back[covered] = colours[np.where(parted, above, most)[covered]]
    canvas.glyph[parted] = np.array([ord(glyph) for glyph in LOWER_EIGHTHS], dtype=np.uint32)[filled[parted]]
    canvas.fore[parted] = colours[below[parted]]


def paint_mark(canvas: Canvas, place: float, height: float, fore: int) -> None:
    """A point of two by two dots inside one cell, of one colour; places are shares of the canvas from its left and top."""
    if not (np.isfinite(place) and np.isfinite(height)) or not (0 <= place <= 1 and 0 <= height <= 1):
        return
    if canvas.is_smooth:
        canvas.mark(place * (canvas.width * 2 - 1), height * (canvas.height * 4 - 1), fore)
        return
    column = int(place * (canvas.width * 2 - 1)) // 2
    row = min(int(height * (canvas.height * 4 - 1)), canvas.height * 4 - 1)
    cell, inside = divmod(row, 4)
    inside = min(max(inside, 0), 2)
    canvas.erase_dots(column, cell)
    base = cell * 4 + inside
    canvas.dots([column * 2, column * 2 + 1] * 2, [base, base, base + 1, base + 1], fore)


def paint_hint(canvas: Canvas, y: int, parts: Sequence[tuple[str, str]], palette: Palette) -> None:
    """Keys and what they do, in one row, as many as fit."""
    x = 1
    for key, text in parts:
        if x + len(key) + len(text) + 1 > canvas.width - 1:
            return
        x = canvas.put(x, y, (key, palette.text), (f" {text}", palette.dim)) + 2
