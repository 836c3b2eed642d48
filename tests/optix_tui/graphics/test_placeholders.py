"""Cells that show parts of pictures: their marks, and what becomes of them when rows are cut."""

import unicodedata

import numpy as np
from rich.cells import cell_len

from optix_tui.canvas import Canvas
from optix_tui.graphics.placeholders import MARKS, MOST_CELLS, PLACEHOLDER, parts_of, text_of
from tests.kit.kitty import part

NUMBER = 0x12AB34


def test_the_marks_are_those_of_the_protocol():
    assert len(MARKS) == len(set(MARKS)) == MOST_CELLS == 297
    assert [ord(MARKS[place]) for place in (0, 1, 2, 16, 29, 35)] == [0x305, 0x30D, 0x30E, 0x35B, 0x36F, 0x592]
    assert [ord(MARKS[place]) for place in (276, 283, 285, 296)] == [0xFE20, 0x10A0F, 0x1D185, 0x1D244]
    assert {unicodedata.combining(mark) for mark in MARKS} == {230}


def test_a_cell_is_as_wide_as_any_other():
    assert {cell_len(text_of(glyph)) for glyph in parts_of(297, 3).ravel().tolist()} == {1}


def test_each_cell_says_its_row_and_its_column():
    parts = parts_of(40, 200)
    assert parts.shape == (40, 200)
    assert part(text_of(int(parts[39, 187]))) == (39, 187)


def sheet() -> Canvas:
    canvas = Canvas(30, 6, 0x101010)
    window = canvas.window(4, 1, 20, 4)
    shown = np.ones((4, 20), np.bool_)
    shown[1, 5] = False
    window.text(5, 1, "x", 0xFF0000)
    window.picture(NUMBER, shown)
    canvas.text(12, 2, "日本", 0xFF, 0)
    return canvas


def cells(segments):
    return [(segment.text, segment.style.color.triplet.hex) for segment in segments]


def test_a_picture_stands_in_its_cells_and_text_stands_beside_and_over_it():
    rows = sheet().strips()
    assert {row.cell_length for row in rows} == {30}
    assert PLACEHOLDER not in rows[0].text + rows[5].text
    shown = cells(rows[2])
    seen = [(part(text), colour) for text, colour in shown if text.startswith(PLACEHOLDER)]
    expected = [column for column in range(20) if column != 5 and column not in range(8, 12)]
    assert seen == [((1, column), f"#{NUMBER:06x}") for column in expected]
    assert "x" in [text for text, _ in shown]
    assert "日本" in "".join(text for text, _ in shown)


def test_a_row_that_is_cut_anywhere_keeps_each_part_whole():
    row = sheet().strips()[3]
    whole = [part(segment.text) for segment in row if segment.text.startswith(PLACEHOLDER)]
    for cut in range(1, 30):
        first, second = row.divide([cut, 30])
        assert (first.cell_length, second.cell_length) == (cut, 30 - cut)
        assert [part(one.text) for half in (first, second) for one in half if one.text.startswith(PLACEHOLDER)] == whole


def test_another_picture_changes_only_the_rows_it_stands_in():
    one, other = sheet(), sheet()
    other.window(4, 1, 20, 4).picture(NUMBER + 1, np.ones((4, 20), np.bool_))
    assert other.finish().changed_rows(one.finish()) == [1, 2, 3, 4]


def test_read_as_text_a_picture_is_placeholders():
    assert sheet().lines_of_text()[1].strip() == PLACEHOLDER * 20
