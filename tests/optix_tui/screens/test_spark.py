from math import nan

from optix_tui.screens.spark import resample, sparkline


def test_a_rising_day_rises_in_braille_two_samples_a_cell():
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 4) == "⣀⣤⣶⣿"


def test_a_flat_day_is_a_flat_line_and_an_unknown_one_is_blank():
    assert set(sparkline([5, 5, 5], 3)) == {"⣤"}
    assert sparkline([], 5) == "     "
    assert sparkline([nan, nan], 3) == "   "
    assert sparkline([1, 2], 0) == ""


def test_unknown_points_are_bridged():
    assert sparkline([1, nan, 8], 4) == sparkline([1, 8], 4)
    assert resample([1.0, 3.0], 3).tolist() == [1, 2, 3]
