"""Lines of a picture: smooth, in their own window, under the words, and as faint as what is stale."""

import numpy as np
import pytest

from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.pictures.patches import Patch, with_patches
from optix_tui.pictures.raster import pixels
from optix_tui.screens.painting import paint_mark
from optix_tui.strokes import strokes_kept

INK, GROUND = 0xFFFFFF, 0x000000


def sheet(columns: int = 6, rows: int = 4) -> Canvas:
    with strokes_kept():
        return Canvas(columns, rows, GROUND)


def ink(canvas: Canvas) -> np.ndarray:
    """The share of white of each pixel."""
    return pixels(canvas.finish(), canvas.used.strokes or (), canvas.hard)[:, :, 0] / 255


def test_a_line_is_no_dots_and_keeps_its_place_and_width():
    canvas = sheet()
    canvas.lines([0], [7.5], [11], [7.5], INK)
    drawn = ink(canvas)
    assert not canvas.dots_on.any()
    assert (canvas.finish().glyph == ord(" ")).all()
    assert drawn[:, 54].sum() == pytest.approx(3.6, abs=0.8)
    assert np.average(np.arange(144), weights=drawn[:, 54]) == pytest.approx(8 * 9, abs=1)
    assert drawn[:, 1].sum() < 0.1, "before its end"


def test_a_slanting_line_has_edges_between_ink_and_ground():
    canvas = sheet()
    canvas.polyline([0, 6, 11], [1, 9, 14], INK)
    drawn = ink(canvas)
    assert ((drawn > 0.05) & (drawn < 0.95)).sum() > 30
    assert drawn.max() > 0.98


def test_a_line_ends_where_its_window_does_and_stands_where_the_window_stands():
    canvas = sheet()
    window = canvas.window(2, 1, 3, 2).window(0, 1, 2, 1)
    window.lines([-40], [1.5], [40], [1.5], INK)
    drawn = ink(canvas)
    rows, columns = np.nonzero(drawn > 0.5)
    assert (columns.min(), columns.max()) == (2 * 18, 4 * 18 - 1)
    assert 2 * 36 <= rows.min() <= rows.max() < 3 * 36


def test_no_line_runs_through_words_and_gaps_stay_gaps():
    canvas = sheet()
    canvas.text(2, 1, "  ", INK)
    canvas.polyline([0, 3, np.nan, 9, 11], [6, 6, np.nan, 6, 6], INK)
    drawn = ink(canvas)
    assert drawn[:, 2 * 18 : 4 * 18].max() == 0
    assert drawn[:, :36].max() > 0.9
    assert drawn[:, 72:].max() > 0.9


def test_what_is_stale_fades_with_its_lines_and_what_is_cleared_is_gone():
    canvas = sheet()
    canvas.lines([0, 0], [4, 8], [11, 11], [4, 8], np.array([0xFF0000, 0x00FF00], np.int32))
    canvas.fade(GROUND, 0.5)
    assert canvas.used.strokes[0].colours.tolist() == [mix(0xFF0000, GROUND, 0.5), mix(0x00FF00, GROUND, 0.5)]
    canvas.clear(INK)
    assert not canvas.used.strokes


def test_a_line_outside_is_nothing():
    canvas = sheet()
    canvas.window(0, 0, 2, 2).lines([50], [50], [60], [60], INK)
    canvas.lines([], [], [], [], INK)
    assert ink(canvas).max() == 0


def test_a_terminal_has_dots_as_ever():
    canvas = Canvas(6, 4, GROUND)
    assert canvas.used.strokes is None
    canvas.lines([0], [7], [11], [7], INK)
    assert canvas.dots_on[7].any()


def test_a_patch_is_seen_in_its_cells_alone():
    canvas = Canvas(4, 3, GROUND)
    shown = np.array([[True, False], [True, True]])
    patch = Patch(0, 0, shown, np.full((72, 36, 3), 200, np.uint8)).moved(1, 1)
    drawn = with_patches(pixels(canvas.finish()), [patch])[:, :, 0]
    seen = {(x, y) for y in range(3) for x in range(4) if (drawn[y * 36 : y * 36 + 36, x * 18 : x * 18 + 18] == 200).all()}
    assert seen == {(1, 1), (1, 2), (2, 2)}
    assert (drawn == 200).sum() == 3 * 18 * 36


def test_a_mark_is_round_stands_where_it_is_and_parts_the_line_below_it():
    canvas = sheet()
    canvas.lines([0], [7], [11], [7], INK)
    paint_mark(canvas, 5.3 / 11, 7.0 / 15, INK)
    drawn = ink(canvas)
    middle = drawn[round(7.5 * 9)]
    assert middle[round(5.8 * 9)] > 0.95
    assert middle[round(5.8 * 9) - 8] < 0.3, "the ground around it"
    assert middle[round(5.8 * 9) - 14] > 0.95
    assert not canvas.dots_on.any()
    tall, wide = (np.flatnonzero(drawn[:, 40:64].max(axis=axis) > 0.5) for axis in (1, 0))
    assert abs(np.ptp(tall) - 12) <= 1
    assert np.ptp(wide) >= 12


def test_in_a_terminal_a_mark_is_four_dots():
    canvas = Canvas(6, 4, GROUND)
    paint_mark(canvas, 0.5, 0.5, INK)
    assert canvas.dots_on.sum() == 4
