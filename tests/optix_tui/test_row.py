"""Rows that are freed at once."""

import gc
import weakref

from rich.segment import Segment

from optix_tui.row import Row


class Watched(Row):
    __slots__ = ("__weakref__",)


def test_a_row_handed_over_whole_is_freed_without_the_collector():
    gc.disable()
    try:
        row = Watched([Segment("abc")], 3)
        assert list(row.divide([3])) == [row]
        gone = weakref.ref(row)
        del row
        assert gone() is None
    finally:
        gc.enable()


def test_a_row_that_is_cut_is_cut_as_any_other():
    parts = Row([Segment("abc"), Segment("de")], 5).divide([2, 5])
    assert [part.text for part in parts] == ["ab", "cde"]
