"""Cells as pixels: each class of glyph has its ink where it belongs, and neighbours join."""

import numpy as np
import pytest
from PIL import Image

from optix_tui.canvas import Canvas
from optix_tui.pictures.raster import pixels
from optix_tui.pictures.shapes import CELL_HEIGHT, CELL_WIDTH, shape

INK, GROUND = 0xFFB22E, 0x050505
MIDDLE_X, MIDDLE_Y = CELL_WIDTH // 2, CELL_HEIGHT // 2


def drawn(text: str, *, width: int | None = None, bold: bool = False, underline: bool = False) -> np.ndarray:
    """The share of ink of each pixel, 0 to 1, of a text on one row."""
    canvas = Canvas(width or len(text), 1, 0x000000)
    canvas.text(0, 0, text, 0xFFFFFF, bold=bold, underline=underline)
    return pixels(canvas.finish())[:, :, 0] / 255


def reaches(ink: np.ndarray) -> str:
    """The sides of the cell that ink touches in their middle."""
    sides = {"L": ink[:, 0], "R": ink[:, -1], "U": ink[0], "D": ink[-1]}
    return "".join(way for way, line in sides.items() if line[len(line) // 2 - 1 : len(line) // 2 + 1].min() > 0.9)


def test_a_picture_has_18_by_36_pixels_a_cell_in_the_colours_of_the_cells():
    canvas = Canvas(3, 2, GROUND)
    canvas.text(1, 1, "█", INK)
    picture = Image.fromarray(pixels(canvas.finish()))
    assert picture.size == (54, 72)
    assert picture.mode == "RGB"
    assert picture.getpixel((20, 40)) == (0xFF, 0xB2, 0x2E)
    assert picture.getpixel((5, 40)) == (5, 5, 5)


@pytest.mark.parametrize(("glyph", "eighths"), list(zip("▁▂▃▄▅▆▇█", range(1, 9), strict=True)))
def test_lower_blocks_fill_from_below(glyph, eighths):
    ink = drawn(glyph)
    assert ink.mean() == pytest.approx(eighths / 8, abs=0.01)
    assert (np.diff(ink[:, 5]) >= 0).all()
    assert ink[-1].min() == 1


@pytest.mark.parametrize(("glyph", "eighths"), list(zip("▏▎▍▌▋▊▉", range(1, 8), strict=True)))
def test_left_blocks_fill_from_the_left(glyph, eighths):
    ink = drawn(glyph)
    assert ink.mean() == pytest.approx(eighths / 8, abs=0.01)
    assert (np.diff(ink[5]) <= 0).all()
    assert ink[:, 0].min() == 1


def test_two_halves_and_a_block_and_its_neighbours_leave_no_seam():
    assert (drawn("▀") + drawn("▄") == 1).all()
    assert (drawn("▌") + drawn("▐") == 1).all()
    assert drawn("██").min() == 1


@pytest.mark.parametrize(
    ("glyph", "parts"),
    [("▖", "c"), ("▗", "d"), ("▘", "a"), ("▝", "b"), ("▚", "ad"), ("▞", "bc"), ("▙", "acd"), ("▛", "abc"), ("▜", "abd"), ("▟", "bcd")],
)
def test_quadrants_fill_whole_quarters(glyph, parts):
    ink = drawn(glyph)
    corners = {"a": ink[0, 0], "b": ink[0, -1], "c": ink[-1, 0], "d": ink[-1, -1]}
    assert {name for name, value in corners.items() if value == 1} == set(parts)
    assert ink.mean() == pytest.approx(len(parts) / 4)


@pytest.mark.parametrize(("glyph", "share"), [("░", 0.25), ("▒", 0.5), ("▓", 0.75)])
def test_shades_have_their_share_of_ink_and_one_pattern_across_cells(glyph, share):
    ink = drawn(glyph * 2)
    assert ink.mean() == pytest.approx(share)
    assert (ink[:, CELL_WIDTH:] == ink[:, :CELL_WIDTH]).all()
    assert (ink[:, CELL_WIDTH - 6 : CELL_WIDTH] == ink[:, CELL_WIDTH : CELL_WIDTH + 6]).all()


def test_every_braille_bit_is_a_dot_in_its_place():
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    for bit, (column, row) in enumerate(places):
        ink = drawn(chr(0x2800 + (1 << bit)))
        quarter = ink[row * 9 : row * 9 + 9, column * 9 : column * 9 + 9]
        assert quarter[4, 4] == 1
        assert ink.sum() == pytest.approx(quarter.sum())
    assert drawn(chr(0x2800)).max() == 0


def test_dots_stand_at_even_distances_across_cells():
    ink = drawn("⣿⣿")
    rows, columns = ink.sum(1), ink.sum(0)
    assert np.allclose(rows.reshape(4, 9), rows[:9])
    assert np.allclose(columns.reshape(4, 9), columns[:9])


@pytest.mark.parametrize(
    ("glyph", "sides"),
    [
        (glyph, sides)
        for sides, glyphs in {
            "LR": "─━╼",
            "UD": "│┃╽╿",
            "RD": "┌╭",
            "LD": "┐╮",
            "RU": "└╰",
            "LU": "┘╯",
            "RUD": "├┝",
            "LUD": "┤",
            "LRD": "┬",
            "LRU": "┴",
            "LRUD": "┼╋╀",
            "L": "╴",
            "R": "╶",
            "U": "╵",
            "D": "╷",
        }.items()
        for glyph in glyphs
    ],
)
def test_lines_reach_exactly_the_sides_they_join(glyph, sides):
    assert reaches(drawn(glyph)) == sides


def test_heavy_arms_are_heavier_than_light_ones():
    mixed = drawn("╼")
    assert mixed[:, -1].sum() > mixed[:, 0].sum() > 1.9
    assert drawn("┃").sum() > 2 * drawn("│").sum()


def test_double_lines_are_two_and_their_corners_are_closed():
    edge = drawn("═")[:, 0] > 0.5
    assert np.count_nonzero(np.diff(np.flatnonzero(edge)) > 1) == 1
    corner = drawn("╔")
    assert corner[:, 0].max() == 0
    assert corner[MIDDLE_Y, MIDDLE_X] == 0
    assert np.count_nonzero(np.diff(np.flatnonzero(corner[:, -1] > 0.5)) > 1) == 1
    assert (drawn("╬")[MIDDLE_Y] == 1).sum() == 0


def test_dashes_are_as_many_as_the_name_says_and_their_rhythm_goes_on():
    for glyph, count, axis in (("╌", 2, 1), ("┄", 3, 1), ("┈", 4, 1), ("╎", 2, 0), ("┊", 4, 0)):
        ink = drawn(glyph)
        line = ink[MIDDLE_Y] if axis else ink[:, MIDDLE_X]
        assert np.count_nonzero(np.diff((line > 0.5).astype(int)) == 1) == count
        assert line[0] == line[-1] == 0


def test_diagonals_run_from_corner_to_corner():
    rising, falling, cross = drawn("╱"), drawn("╲"), drawn("╳")
    assert min(rising[0, -1], rising[-1, 0]) > 0.3
    assert min(falling[0, 0], falling[-1, -1]) > 0.3
    assert np.allclose(cross, np.maximum(rising, falling), atol=0.01)
    assert rising[0, 0] == 0


@pytest.mark.parametrize("code", range(0x2500, 0x2600))
def test_every_line_and_block_is_drawn(code):
    if code < 0x25A0:
        ink = shape(chr(code))
        assert ink is not None
        assert 0 < ink.max() <= 1
        assert ink.min() >= 0
    else:
        assert shape(chr(code)) is None


def test_letters_stand_on_their_line_within_their_cell():
    ink = drawn("Mg")
    rows = np.flatnonzero(ink[:, :CELL_WIDTH].max(1) > 0.5)
    assert rows[0] >= 3
    assert rows[-1] == 27
    assert np.flatnonzero(ink[:, CELL_WIDTH:].max(1) > 0.5)[-1] > 27
    assert ink[:, 0].max() < 0.5


def test_bold_has_more_ink_and_underlined_a_line():
    assert drawn("O", bold=True).sum() > 1.2 * drawn("O").sum()
    line = drawn(" ", underline=True)
    assert line[-4].min() == 1
    assert line[:20].max() == 0


@pytest.mark.parametrize("glyph", "ΔσΓΘ—…◆●○▲▼◀▶■□↑↓→←±×≥√½")
def test_the_signs_of_the_screens_are_in_the_font(glyph):
    ink = drawn(glyph)
    frame = drawn("\ue000")
    assert ink.max() > 0.5
    assert not np.array_equal(ink, frame)


def test_what_the_font_does_not_have_is_an_empty_frame():
    ink = drawn("\U00013000", width=1)
    assert ink[MIDDLE_Y, MIDDLE_X] == 0
    assert ink[MIDDLE_Y, 4] == 1
    assert ink[:, 0].max() == 0


def test_a_wide_glyph_takes_two_cells_as_one():
    canvas = Canvas(4, 1, 0)
    canvas.text(0, 0, "東A", 0xFFFFFF)
    ink = pixels(canvas.finish())[:, :, 0] / 255
    assert ink[MIDDLE_Y, 4] == 1
    assert ink[MIDDLE_Y, 2 * CELL_WIDTH - 5] == 1
    assert ink[7, 5 : 2 * CELL_WIDTH - 5].min() == 1, "the frame runs through both cells"
    assert np.array_equal(ink[:, 2 * CELL_WIDTH : 3 * CELL_WIDTH], drawn("A"))


def test_the_second_cell_of_a_wide_glyph_at_an_edge_is_blank():
    canvas = Canvas(1, 1, 0)
    canvas.text(0, 0, "東", 0xFFFFFF)
    assert pixels(canvas.finish()).max() == 0


def test_what_cannot_be_printed_is_no_error():
    canvas = Canvas(2, 1, 0)
    canvas.glyph[0, 0], canvas.glyph[0, 1] = 7, 0x301
    assert pixels(canvas.finish()).shape == (CELL_HEIGHT, 2 * CELL_WIDTH, 3)


def test_edges_are_mixed_of_the_two_colours():
    canvas = Canvas(1, 1, 0x0000FF)
    canvas.text(0, 0, "▁", 0xFF0000)
    found = pixels(canvas.finish())
    assert found[-1, 0].tolist() == [255, 0, 0]
    assert found[0, 0].tolist() == [0, 0, 255]
    assert found[31, 0].tolist() == [128, 0, 127]


def test_an_image_of_half_blocks_is_exact():
    canvas = Canvas(2, 1, 0)
    canvas.image(0, 0, np.array([[0xFF0000, 0x00FF00]], np.int32), np.array([[0x0000FF, 0xFFFFFF]], np.int32))
    picture = Image.fromarray(pixels(canvas.finish()))
    assert isinstance(picture, Image.Image)
    assert [picture.getpixel(place) for place in ((0, 17), (35, 0), (17, 18), (18, 35))] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
    ]
