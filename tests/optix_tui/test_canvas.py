"""The canvas: what is drawn can be read, nothing leaves its edges, every row has its width."""

import numpy as np
import pytest

from optix_tui.canvas import Canvas

INK, GROUND, OTHER = 0xFFB22E, 0x050505, 0x3DDC84


def canvas(width: int = 12, height: int = 3) -> Canvas:
    return Canvas(width, height, GROUND, INK)


def text_of(sheet: Canvas) -> list[str]:
    return [line.rstrip() for line in sheet.lines_of_text()]


def test_text_is_cut_at_both_edges():
    sheet = canvas(6, 1)
    sheet.text(-2, 0, "abcdefghij", INK)
    assert text_of(sheet) == ["cdefgh"]


@pytest.mark.parametrize(("x", "y"), [(-20, 0), (99, 0), (0, -1), (0, 3)])
def test_text_outside_is_no_error(x, y):
    sheet = canvas()
    sheet.text(x, y, "gone", INK)
    assert text_of(sheet) == ["", "", ""]


def test_right_and_middle_stand_where_they_should():
    sheet = canvas(11, 2)
    assert sheet.right(11, 0, "604.12", INK) == 5
    sheet.middle(0, 11, 1, "abc", INK)
    assert text_of(sheet) == ["     604.12", "    abc"]


def test_spans_follow_one_another():
    sheet = canvas(12, 1)
    end = sheet.put(1, 0, ("IV ", INK), ("13.4", OTHER, None, True))
    assert (end, text_of(sheet)) == (8, [" IV 13.4"])


def test_neighbours_of_equal_style_are_one_segment():
    sheet = canvas(12, 1)
    sheet.put(0, 0, ("abc", INK), ("def", INK), ("ghi", OTHER))
    assert [segment.text for segment in sheet.strips()[0]] == ["abcdef", "ghi   "]


def test_a_blank_joins_what_stands_on_the_same_ground():
    sheet = canvas(12, 1)
    sheet.put(0, 0, ("a", INK), (" ", OTHER), ("b", INK))
    assert len(list(sheet.strips()[0])) == 1


def test_a_wide_glyph_keeps_its_two_cells_and_the_row_its_width():
    sheet = canvas(8, 1)
    sheet.text(0, 0, "東京ab", INK)
    strip = sheet.strips()[0]
    assert strip.text == "東京ab  "
    assert strip.cell_length == 8


@pytest.mark.parametrize("x", [-1, 6, 7])
def test_a_wide_glyph_cut_by_an_edge_or_written_over_becomes_blank(x):
    sheet = canvas(8, 1)
    sheet.text(x, 0, "東", INK)
    sheet.text(7, 0, "z", INK)
    strip = sheet.strips()[0]
    assert strip.cell_length == sum(2 if letter == "東" else 1 for letter in strip.text) == 8


def test_what_controls_a_terminal_is_shown_as_a_dot():
    sheet = canvas(8, 1)
    sheet.text(0, 0, "a\x1b[2Jb", INK)
    assert "\x1b" not in sheet.lines_of_text()[0]
    assert sheet.lines_of_text()[0].startswith("a·[2Jb")


def test_a_line_of_dots_is_braille():
    sheet = canvas(4, 1)
    sheet.polyline([0, 7], [3, 0], INK)
    assert text_of(sheet) == ["⡠⠤⠒⠉"] or all(0x2800 <= ord(letter) <= 0x28FF for letter in text_of(sheet)[0])


def test_a_line_breaks_where_a_point_is_unknown():
    sheet = canvas(6, 1)
    sheet.polyline([0, 3, 5, 8, 11], [0, 0, np.nan, 0, 0], INK)
    row = sheet.lines_of_text()[0]
    assert row[0] != " "
    assert row[2] == row[3] == " "
    assert row[5] != " "


def test_dots_outside_and_unknown_ones_are_left_out():
    sheet = canvas(2, 1)
    sheet.dots([-1, 99, np.nan, 0], [0, 0, 0, 99], INK)
    assert text_of(sheet) == [""]


def test_text_wins_over_dots_and_dots_over_grid_lines():
    sheet = canvas(3, 1)
    sheet.across(0, 0, 3, "┈", INK)
    sheet.text(0, 0, "T", INK)
    sheet.polyline([0, 3], [0, 0], OTHER)
    row = sheet.lines_of_text()[0]
    assert row[0] == "T"
    assert 0x2800 <= ord(row[1]) <= 0x28FF
    assert row[2] == "┈"


def test_an_upright_bar_ends_in_eighths():
    sheet = canvas(1, 3)
    sheet.column(0, 0.5, 3.0, INK)
    assert text_of(sheet) == ["▄", "█", "█"]


def test_a_hanging_bar_is_an_inverted_eighth():
    sheet = canvas(1, 2)
    sheet.column(0, 0.0, 1.25, INK)
    assert text_of(sheet)[0] == "█"
    assert sheet.back[1, 0] == INK


def test_a_lying_bar_shows_at_least_an_eighth():
    sheet = canvas(4, 1)
    sheet.bar(0, 0.0, 0.01, INK)
    assert text_of(sheet) == ["▏"]


def test_bars_of_unknown_length_and_outside_are_nothing():
    sheet = canvas(4, 2)
    sheet.bar(0, 0.0, float("nan"), INK)
    sheet.column(0, float("nan"), 2, INK)
    sheet.bar(9, 0, 3, INK)
    sheet.column(99, 0, 2, INK)
    assert text_of(sheet) == ["", ""]


def test_a_picture_is_half_blocks_and_is_cut_at_the_edges():
    sheet = canvas(3, 2)
    upper = np.full((3, 5), 0x111111, np.int32)
    lower = np.full((3, 5), 0x222222, np.int32)
    sheet.image(-1, -1, upper, lower)
    assert text_of(sheet) == ["▀▀▀", "▀▀▀"]
    sheet.image(50, 50, upper, lower)
    assert (sheet.fore[0, 0], sheet.back[0, 0]) == (0x111111, 0x222222)


def test_a_window_draws_on_its_part_and_no_further():
    sheet = canvas(8, 3)
    part = sheet.window(2, 1, 3, 1)
    part.text(0, 0, "abcdefgh", INK)
    part.polyline([0, 99], [0, 0], INK)
    assert text_of(sheet) == ["", "  abc", ""]


def test_a_window_outside_is_empty_and_harmless():
    part = canvas().window(50, 50, 10, 10)
    part.text(0, 0, "x", INK)
    part.dots([0], [0], INK)
    assert (part.width, part.height, part.strips()) == (0, 0, [])


def test_fading_takes_colours_towards_the_ground():
    sheet = canvas(3, 1)
    sheet.text(0, 0, "abc", 0xFFFFFF)
    sheet.fade(0x000000, 0.5)
    assert sheet.fore[0, 0] == 0x808080


def test_only_the_rows_that_look_different_are_named():
    before, after = canvas(), canvas()
    for sheet in (before, after):
        sheet.text(0, 0, "same", INK)
    after.text(0, 2, "new", INK)
    assert after.finish().changed_rows(before.finish()) == [2]
    assert after.finish().changed_rows(None) == [0, 1, 2]
    assert [strip.text.rstrip() for strip in after.finish().strips([2])] == ["new"]


def test_a_sheet_without_room_is_harmless():
    for width, height in ((0, 0), (0, 4), (4, 0)):
        sheet = Canvas(width, height, GROUND, INK)
        sheet.text(0, 0, "x", INK)
        sheet.polyline([0, 5], [0, 5], INK)
        sheet.fill(0, 0, 9, 9, OTHER)
        assert len(sheet.strips()) == height


def test_words_are_wrapped_to_the_room_there_is():
    sheet = canvas(12, 3)
    assert sheet.paragraph(1, 0, "the engine has gone", INK) == 2
    assert text_of(sheet)[:2] == [" the engine", " has gone"]
