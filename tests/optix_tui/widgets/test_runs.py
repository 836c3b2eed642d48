"""Rows written left to right."""

from optix_tui.widgets.runs import Run


def test_neighbours_of_one_style_are_one_segment():
    run = Run()
    run.put("ab", 1, 2)
    run.put("cd", 1, 2)
    run.put("ef", 1, 3)
    strip = run.strip(8, 1, 3)
    assert [segment.text for segment in strip] == ["abcd", "ef  "]


def test_a_row_is_cut_or_filled_to_its_width():
    for text in ("", "abc", "abcdefghij"):
        run = Run()
        run.put(text, 1, 2)
        strip = run.strip(5, 1, 2)
        assert strip.cell_length == len(strip.text) == 5


def test_bold_is_a_style_of_its_own():
    run = Run()
    run.put("a", 1, 2, bold=True)
    run.put("b", 1, 2)
    assert [bool(segment.style.bold) for segment in run.strip(2, 1, 2)] == [True, False]


def test_rows_that_are_neighbours_are_sent_together():
    from optix_tui.widgets.sheet import bands

    assert [(band.y, band.height, band.width) for band in bands([0, 1, 2, 5, 7, 8], 80)] == [(0, 3, 80), (5, 1, 80), (7, 2, 80)]
    assert bands([], 80) == []
