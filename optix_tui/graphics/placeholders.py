"""Cells that show a part of a picture the terminal holds: ordinary text, so that overlays, scrolling and resizing stay right.

A cell is the placeholder U+10EEEE with two combining marks, which say the row and the column of the part; the colour of the text is the
number of the picture. Source: the kitty graphics protocol, "Unicode placeholders".
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

PLACEHOLDER = "\U0010eeee"
PICTURED = 1 << 31
"""From here on a cell's glyph is no code point but a part of a picture."""
_COLUMN_BITS = 12
MOST_CELLS = 297
"""Rows and columns of a picture: there are no more marks."""

_RANGES = """
0305 030D-030E 0310 0312 033D-033F 0346 034A-034C 0350-0352 0357 035B 0363-036F 0483-0487 0592-0595 0597-0599 059C-05A1 05A8-05A9
05AB-05AC 05AF 05C4 0610-0617 0657-065B 065D-065E 06D6-06DC 06DF-06E2 06E4 06E7-06E8 06EB-06EC 0730 0732-0733 0735-0736 073A 073D
073F-0741 0743 0745 0747 0749-074A 07EB-07F1 07F3 0816-0819 081B-0823 0825-0827 0829-082D 0951 0953-0954 0F82-0F83 0F86-0F87 135D-135F
17DD 193A 1A17 1A75-1A7C 1B6B 1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7
20DB-20DC 20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3 AAB7-AAB8 AABE-AABF AAC1 FE20-FE26
10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244
"""
"""The marks above a letter (combining class 230, not decomposed) of Unicode 6.0, as the protocol counts them from 0."""


def _marks() -> tuple[str, ...]:
    ends = [part.partition("-")[::2] for part in _RANGES.split()]
    return tuple(chr(code) for first, last in ends for code in range(int(first, 16), int(last or first, 16) + 1))


MARKS = _marks()


def parts_of(rows: int, columns: int) -> NDArray[np.uint32]:
    """The glyphs of a whole picture."""
    down, across = np.arange(rows, dtype=np.uint32)[:, None], np.arange(columns, dtype=np.uint32)[None, :]
    return np.uint32(PICTURED) | down << np.uint32(_COLUMN_BITS) | across


@cache
def text_of(glyph: int) -> str:
    """What is written into a cell: every one says both its row and its column, since what stands left of it may be covered."""
    part = glyph - PICTURED
    return PLACEHOLDER + MARKS[part >> _COLUMN_BITS] + MARKS[part & (1 << _COLUMN_BITS) - 1]
