"""A sheet of terminal cells to draw on: text, braille lines, eighth-block bars and half-block pictures, clipped at every edge.

Everything is kept in numpy planes (glyph, fore, back, attributes) and leaves as strips, neighbours of equal style merged.
"""

from collections.abc import Sequence
from functools import lru_cache
from textwrap import wrap
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.strip import Strip

from engine.domain.columns import Floats, Ints
from optix_tui.colour import mix_all, style
from optix_tui.graphics.placeholders import PICTURED, PLACEHOLDER, parts_of, text_of
from optix_tui.row import Row
from optix_tui.strokes import LINE, MARK, RING, Strokes, are_kept

LOWER_EIGHTHS = " ▁▂▃▄▅▆▇█"
LEFT_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BRAILLE = 0x2800
_DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
_SPACE = 32
_FIRST_WIDE = 0x1100
"""No glyph before it takes two cells."""
CONTINUED = 0
"""Marks the right half of a glyph two cells wide."""
BOLD, UNDERLINE = 1, 2
"""Bits of a cell's attributes."""

Span: TypeAlias = tuple[str, int] | tuple[str, int, int | None] | tuple[str, int, int | None, bool]
"""Text, its colour and, where wanted, its ground and whether it is bold."""


@lru_cache(16384)
def _cells_of(text: str) -> NDArray[np.uint32]:
    """Code points by cell: a wide glyph takes two, what takes none is dropped, what controls is shown as a dot."""
    if text.isascii() and text.isprintable():
        return np.frombuffer(text.encode("utf-32-le"), np.uint32)
    cells: list[int] = []
    for character in text:
        if not character.isprintable():
            cells.append(ord("·"))
            continue
        size = get_character_cell_size(character)
        if size:
            cells.append(ord(character))
        if size > 1:
            cells.append(CONTINUED)
    made = np.array(cells, np.uint32)
    made.flags.writeable = False
    return made


class _Used:
    """What a sheet and its windows have on them, so that finishing looks for nothing else."""

    __slots__ = ("dots", "strokes", "wide")

    def __init__(self) -> None:
        self.dots = self.wide = False
        self.strokes: list[Strokes] | None = [] if are_kept() else None


class Canvas:
    """``width`` by ``height`` cells; columns run right and rows down from 0. Drawing outside is cut off, never an error."""

    __slots__ = ("attributes", "back", "dot_fore", "dots_on", "fore", "glyph", "ground", "hard", "height", "left", "top", "used", "width")

    def __init__(self, width: int, height: int, ground: int, text: int = 0xFFFFFF) -> None:
        self.width, self.height, self.ground = max(width, 0), max(height, 0), ground
        self.left = self.top = 0
        """Where a window's first cell stands on the whole sheet."""
        shape = (self.height, self.width)
        self.glyph: NDArray[np.uint32] = np.full(shape, _SPACE, np.uint32)
        self.fore: Ints = np.full(shape, text, np.int32)
        self.back: Ints = np.full(shape, ground, np.int32)
        self.attributes: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        self.hard: NDArray[np.bool_] = np.zeros(shape, np.bool_)
        """Cells whose glyph wins over braille dots: text and blocks. Grid lines are soft."""
        self.dots_on: NDArray[np.bool_] = np.zeros((self.height * 4, self.width * 2), np.bool_)
        self.dot_fore: Ints = np.full(shape, -1, np.int32)
        self.used = _Used()

    def window(self, x: int, y: int, width: int, height: int) -> "Canvas":
        """A part of this sheet as a sheet of its own, sharing its cells; what leaves the edges is cut off."""
        left, top = min(max(x, 0), self.width), min(max(y, 0), self.height)
        right, bottom = min(max(x + width, left), self.width), min(max(y + height, top), self.height)
        part = Canvas.__new__(Canvas)
        part.width, part.height, part.ground, part.used = right - left, bottom - top, self.ground, self.used
        part.left, part.top = self.left + left, self.top + top
        area = (slice(top, bottom), slice(left, right))
        part.glyph, part.fore, part.back = self.glyph[area], self.fore[area], self.back[area]
        part.attributes, part.hard, part.dot_fore = self.attributes[area], self.hard[area], self.dot_fore[area]
        part.dots_on = self.dots_on[top * 4 : bottom * 4, left * 2 : right * 2]
        return part

    # -- text ---------------------------------------------------------------------------------------------------------------

    def text(self, x: int, y: int, text: str, fore: int, back: int | None = None, *, bold: bool = False, underline: bool = False) -> int:
        """Writes from column ``x``; returns the column after it."""
        cells = _cells_of(text)
        end = x + len(cells)
        if not 0 <= y < self.height or x >= self.width or end <= 0:
            return end
        if not text.isascii() and CONTINUED in cells:
            self.used.wide = True  # also where the edge cuts its second cell off
        start = max(x, 0)
        cells = cells[start - x : self.width - x]
        area = slice(start, start + len(cells))
        self.glyph[y, area] = cells
        self.fore[y, area] = fore
        self.hard[y, area] = True
        self.attributes[y, area] = (BOLD if bold else 0) | (UNDERLINE if underline else 0)
        if back is not None:
            self.back[y, area] = back
        return end

    def right(self, x: int, y: int, text: str, fore: int, back: int | None = None, *, bold: bool = False) -> int:
        """Writes so that the text ends before column ``x``; returns where it begins."""
        start = x - len(_cells_of(text))
        self.text(start, y, text, fore, back, bold=bold)
        return start

    def middle(self, x: int, width: int, y: int, text: str, fore: int, *, back: int | None = None, bold: bool = False) -> None:
        """Writes in the middle of ``width`` columns from ``x``."""
        self.text(x + (width - len(_cells_of(text))) // 2, y, text, fore, back, bold=bold)

    def put(self, x: int, y: int, *spans: Span) -> int:
        """Writes spans one after another; returns the column after the last."""
        for span in spans:
            text, fore, *rest = span
            back = rest[0] if rest else None
            x = self.text(x, y, text, fore, back, bold=bool(len(rest) > 1 and rest[1]))
        return x

    def put_right(self, x: int, y: int, *spans: Span) -> int:
        """Writes spans so that the last ends before column ``x``; returns where the first begins."""
        start = x - sum(len(_cells_of(span[0])) for span in spans)
        self.put(start, y, *spans)
        return start

    def paragraph(self, x: int, y: int, text: str, fore: int, width: int | None = None) -> int:
        """Writes words wrapped to the width that is left; returns the row after the last."""
        for line in wrap(text, max(width or self.width - x - 1, 1)):
            self.text(x, y, line, fore)
            y += 1
        return y

    def clear(self, text: int) -> None:
        """Takes everything away."""
        self.glyph[:], self.fore[:], self.back[:] = _SPACE, text, self.ground
        self.attributes[:], self.hard[:], self.dots_on[:], self.dot_fore[:] = 0, False, False, -1
        if self.used.strokes:
            self.used.strokes.clear()

    def fill(self, x: int, y: int, width: int, height: int, back: int) -> None:
        """Gives a rectangle a ground."""
        self.back[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = back

    def across(self, y: int, x: int, width: int, glyph: str, fore: int, *, hard: bool = False) -> None:
        """A row of one glyph; soft (the default for grid lines) gives way to dots."""
        if 0 <= y < self.height:
            area = (y, slice(max(x, 0), max(x + width, 0)))
            self.glyph[area], self.fore[area], self.hard[area] = ord(glyph), fore, hard

    def down(self, x: int, y: int, height: int, glyph: str, fore: int, *, hard: bool = False) -> None:
        """A column of one glyph; soft (the default for grid lines) gives way to dots."""
        if 0 <= x < self.width:
            area = (slice(max(y, 0), max(y + height, 0)), x)
            self.glyph[area], self.fore[area], self.hard[area] = ord(glyph), fore, hard

    # -- braille: dots at 2 by 4 a cell -------------------------------------------------------------------------------------

    def dots(self, x: ArrayLike, y: ArrayLike, fore: int | Ints) -> None:
        """Dots at places in dot units (0 to 2 * width, 0 to 4 * height); NaN is left out."""
        across, down = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
        with np.errstate(invalid="ignore"):
            inside = (across >= 0) & (across < self.width * 2) & (down >= 0) & (down < self.height * 4)
        columns, rows = across[inside].astype(np.int32), down[inside].astype(np.int32)
        self.used.dots = True
        self.dots_on[rows, columns] = True
        self.dot_fore[rows >> 2, columns >> 1] = fore if isinstance(fore, int) else np.broadcast_to(fore, across.shape)[inside]

    def lines(self, x0: ArrayLike, y0: ArrayLike, x1: ArrayLike, y1: ArrayLike, fore: int | Ints) -> None:
        """Many straight lines at once, in dot units; one with a NaN end is left out."""
        ends = np.array(np.broadcast_arrays(*(np.atleast_1d(np.asarray(end, float)) for end in (x0, y0, x1, y1))))
        drawn = np.isfinite(ends).all(axis=0)
        if not drawn.any():
            return
        colours = fore if isinstance(fore, int) else np.broadcast_to(fore, drawn.shape)[drawn]
        if self.used.strokes is not None:
            self._keep(ends[:, drawn], np.asarray(colours, np.int32), LINE)
            return
        left, top, right, bottom = ends[:, drawn]
        longest = 8 * (self.width + self.height) + 8
        steps = np.minimum(np.maximum(np.abs(right - left), np.abs(bottom - top)), longest).astype(np.int64) + 1
        line = np.repeat(np.arange(len(steps)), steps)
        step = np.arange(len(line)) - np.repeat(np.cumsum(steps) - steps, steps)
        share = step / steps[line]
        self.dots(
            left[line] + (right - left)[line] * share,
            top[line] + (bottom - top)[line] * share,
            colours if isinstance(colours, int) else colours[line],
        )

    @property
    def is_smooth(self) -> bool:
        """Its lines stay lines: they need not stand where dots can."""
        return self.used.strokes is not None

    def mark(self, x: float, y: float, fore: int) -> None:
        """On a smooth sheet, a round mark with its ground around it, in dot units."""
        place = np.array([[x], [y], [x], [y]])
        self._keep(place, np.asarray(self.ground, np.int32), RING)
        self._keep(place, np.asarray(fore, np.int32), MARK)

    def _keep(self, ends: Floats, colours: Ints, thick: float) -> None:
        if self.used.strokes is not None:
            moved = ends + np.array([self.left * 2, self.top * 4] * 2)[:, None]
            over = 0 if thick == LINE else 1  # a mark at the edge is whole
            box = (self.left - over, self.top - over, self.left + self.width + over, self.top + self.height + over)
            self.used.strokes.append(Strokes(moved, np.broadcast_to(colours, moved[0].shape), box, thick))

    def polyline(self, x: ArrayLike, y: ArrayLike, fore: int | Ints) -> None:
        """A line through points in dot units; it breaks where a point is NaN."""
        across, down = np.asarray(x, float), np.asarray(y, float)
        self.lines(across[:-1], down[:-1], across[1:], down[1:], fore if isinstance(fore, int) else fore[:-1])

    def erase_dots(self, x: int, y: int, width: int = 1, height: int = 1) -> None:
        """Takes the dots out of a rectangle of cells, so that a mark there has its own colour."""
        self.dots_on[max(y, 0) * 4 : max(y + height, 0) * 4, max(x, 0) * 2 : max(x + width, 0) * 2] = False

    # -- blocks: bars at an eighth of a cell --------------------------------------------------------------------------------

    def column(self, x: int, top: float, bottom: float, fore: int, width: int = 1) -> None:
        """An upright bar from ``top`` down to ``bottom`` (rows, fractions welcome)."""
        if not (np.isfinite(top) and np.isfinite(bottom)) or bottom <= top:
            return
        area = slice(max(x, 0), max(x + width, 0))
        for row in range(max(int(np.floor(top)), 0), min(int(np.ceil(bottom)), self.height)):
            above, below = max(top - row, 0.0), min(bottom - row, 1.0)
            if below > 0.999:
                self._block(row, area, LOWER_EIGHTHS[round((1 - above) * 8)], fore)
            elif above < 0.001:
                self._block(row, area, LOWER_EIGHTHS[8 - round(below * 8)], fore, inverted=True)
            else:
                self._block(row, area, "━", fore)

    def bar(self, y: int, left: float, right: float, fore: int) -> None:
        """A lying bar from ``left`` to ``right`` (columns, fractions welcome); at least an eighth is shown."""
        if not 0 <= y < self.height or not (np.isfinite(left) and np.isfinite(right)) or right <= left:
            return
        for column in range(max(int(np.floor(left)), 0), min(int(np.ceil(right)), self.width)):
            before, after = max(left - column, 0.0), min(right - column, 1.0)
            area = slice(column, column + 1)
            if before < 0.001:
                self._block(y, area, LEFT_EIGHTHS[max(round(after * 8), 1)], fore)
            else:
                self._block(y, area, LEFT_EIGHTHS[round(before * 8)], fore, inverted=True)

    def _block(self, row: int, area: slice, glyph: str, fore: int, *, inverted: bool = False) -> None:
        if inverted and glyph == "█":
            return
        if inverted and glyph == " ":
            glyph, inverted = "█", False
        if glyph == " ":
            return
        self.glyph[row, area], self.hard[row, area], self.attributes[row, area] = ord(glyph), True, 0
        if inverted:
            self.fore[row, area] = self.back[row, area]
            self.back[row, area] = fore
        else:
            self.fore[row, area] = fore

    def image(self, x: int, y: int, upper: Ints, lower: Ints) -> None:
        """A picture of half blocks: two planes of colours, the upper and the lower pixel of each cell."""
        rows, columns = upper.shape
        top, left = max(-y, 0), max(-x, 0)
        bottom, right = min(rows, self.height - y), min(columns, self.width - x)
        if bottom <= top or right <= left:
            return
        area = (slice(y + top, y + bottom), slice(x + left, x + right))
        self.glyph[area], self.hard[area], self.attributes[area] = ord("▀"), True, 0
        self.fore[area], self.back[area] = upper[top:bottom, left:right], lower[top:bottom, left:right]

    def picture(self, number: int, shown: NDArray[np.bool_]) -> None:
        """A picture that the terminal holds, over all of this sheet, in the cells that are to show it; without it they are blank."""
        self.glyph[shown], self.fore[shown], self.back[shown] = parts_of(self.height, self.width)[shown], number, self.ground
        self.hard[shown], self.attributes[shown] = True, 0

    # -- out ----------------------------------------------------------------------------------------------------------------

    def fade(self, ground: int, share: float) -> None:
        """Takes all colours ``share`` of the way towards the ground: how what is stale looks."""
        self.fore[:] = mix_all(self.fore, ground, share)
        self.back[:] = mix_all(self.back, ground, share)
        drawn = self.dot_fore >= 0
        self.dot_fore[drawn] = mix_all(self.dot_fore[drawn], ground, share)
        if self.used.strokes:
            self.used.strokes[:] = [one._replace(colours=mix_all(one.colours, ground, share)) for one in self.used.strokes]

    def finish(self) -> "Frame":
        """What is drawn, with the dots laid in and every wide glyph whole."""
        glyph, fore = self.glyph, self.fore
        if self.used.dots:
            by_cell = self.dots_on.reshape(self.height, 4, self.width, 2)
            codes = (by_cell * _DOT_BITS[None, :, None, :]).sum((1, 3), dtype=np.uint32)
            shown = (codes > 0) & ~self.hard
            glyph = np.where(shown, _BRAILLE + codes, glyph)
            fore = np.where(shown & (self.dot_fore >= 0), self.dot_fore, fore)
        if self.used.wide:
            glyph = _with_whole_wide_glyphs(glyph)
        return Frame(glyph, fore, self.back, self.attributes)

    def strips(self) -> list[Strip]:
        """One strip a row, neighbours of equal style merged."""
        return self.finish().strips()

    def lines_of_text(self) -> list[str]:
        """What can be read on it, row by row: for tests and for printing without a terminal."""
        return [_decode(row) for row in self.finish().glyph]


class Frame(NamedTuple):
    """A finished sheet: four planes that can be compared with those of the frame before."""

    glyph: NDArray[np.uint32]
    fore: Ints
    back: Ints
    attributes: NDArray[np.uint8]

    def changed_rows(self, before: "Frame | None") -> list[int]:
        """The rows that look different now; all of them after a change of size."""
        if before is None or before.glyph.shape != self.glyph.shape:
            return list(range(self.glyph.shape[0]))
        different = np.zeros(self.glyph.shape[0], np.bool_)
        for now, then in zip(self, before, strict=True):
            different |= np.asarray(now != then).any(axis=1)
        return [int(row) for row in np.flatnonzero(different)]

    def over(self, below: "Frame") -> "Frame":
        """This one with another of the same width under it."""
        return Frame(
            np.concatenate((self.glyph, below.glyph)),
            np.concatenate((self.fore, below.fore)),
            np.concatenate((self.back, below.back)),
            np.concatenate((self.attributes, below.attributes)),
        )

    def strips(self, rows: Sequence[int] | None = None) -> list[Strip]:
        """One strip for each of these rows (all), neighbours of equal style merged; a blank joins what shares its ground."""
        if not self.glyph.shape[1]:
            return [Strip([], 0) for _ in (range(self.glyph.shape[0]) if rows is None else rows)]
        if rows is None:
            return _strips(*self)
        return _strips(self.glyph[rows], self.fore[rows], self.back[rows], self.attributes[rows])


def _decode(cells: NDArray[np.uint32]) -> str:
    whole = np.where(cells >= PICTURED, ord(PLACEHOLDER), cells)
    return str(whole[cells != CONTINUED].astype("<u4").tobytes(), "utf-32-le")


def _with_whole_wide_glyphs(glyph: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Blanks the halves of wide glyphs that were cut by an edge or written over, so that every row keeps its width."""
    whole = glyph.copy()
    height, width = whole.shape
    letters = (whole > _FIRST_WIDE) & (whole < PICTURED)
    wide = np.isin(whole, [code for code in np.unique(whole[letters]).tolist() if get_character_cell_size(chr(code)) > 1])
    continued = whole == CONTINUED
    followed = np.zeros((height, width), np.bool_)
    followed[:, :-1] = continued[:, 1:]
    led = np.zeros((height, width), np.bool_)
    led[:, 1:] = wide[:, :-1]
    whole[(wide & ~followed) | (continued & ~led)] = _SPACE
    return whole


def _with_parts(segment: Segment, glyphs: NDArray[np.uint32]) -> list[Segment]:
    """Cells of which some show parts of a picture. Each of those is a segment of its own: Rich cuts longer ones between letter and mark."""
    if PLACEHOLDER not in segment.text:
        return [segment]
    cells = zip(segment.text, glyphs.tolist(), strict=True)
    return [Segment(text_of(glyph) if glyph >= PICTURED else letter, segment.style) for letter, glyph in cells]


def _strips(glyph: NDArray[np.uint32], fore: Ints, back: Ints, attributes: NDArray[np.uint8]) -> list[Strip]:
    width = glyph.shape[1]
    blank = (glyph == _SPACE) & (attributes < UNDERLINE)
    grounds = back.astype(np.int64)
    key = (np.where(blank, 0, fore).astype(np.int64) << 26) | (grounds << 2) | np.where(blank, 0, attributes)
    joins = np.zeros(key.shape, np.bool_)
    joins[:, 1:] = ((back[:, 1:] == back[:, :-1]) & blank[:, 1:]) | (glyph[:, 1:] == CONTINUED)
    source = np.where(joins, 0, np.arange(width)[None, :])
    np.maximum.accumulate(source, axis=1, out=source)
    key = np.take_along_axis(key, source, axis=1)
    starts = np.ones(key.shape, np.bool_)
    starts[:, 1:] = key[:, 1:] != key[:, :-1]
    has_wide = bool((glyph == CONTINUED).any())
    pictured = glyph >= PICTURED
    has_picture = bool(pictured.any())
    letters = np.where(pictured, ord(PLACEHOLDER), glyph) if has_picture else glyph
    rows = letters.astype("<u4").tobytes().decode("utf-32-le")
    made: list[Strip] = []
    for y in range(glyph.shape[0]):
        columns = np.flatnonzero(starts[y])
        keys: Sequence[Any] = key[y, columns].tolist()
        begins = columns.tolist()
        ends = [*begins[1:], width]
        row = rows[y * width : (y + 1) * width]
        segments = [
            Segment(row[begin:end], style(code >> 26, code >> 2 & 0xFFFFFF, bool(code & BOLD), bool(code & UNDERLINE)))
            for begin, end, code in zip(begins, ends, keys, strict=True)
        ]
        if has_picture and pictured[y].any():
            segments = [
                part
                for segment, begin, end in zip(segments, begins, ends, strict=True)
                for part in _with_parts(segment, glyph[y, begin:end])
            ]
        if has_wide:
            segments = [Segment(segment.text.replace("\0", ""), segment.style) for segment in segments]
        made.append(Row(segments, width))
    return made
