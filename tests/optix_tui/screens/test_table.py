from itertools import pairwise
from math import nan

from hypothesis import given
from hypothesis import strategies as st

from optix_tui.screens.table import Block, Cell, Column, Cursor, Fact, fit, in_columns, ordered


def column(key: str, width: int, priority: int = 0, most: int = 0) -> Column[str]:
    return Column(key, key, width, Cell, None, priority, most=most)


WIDE = (column("symbol", 7), column("last", 10), column("bid", 10, 40), column("ask", 10, 39), column("note", 8, 90))


def test_the_least_important_columns_go_first():
    assert [placed.column.key for placed in fit(WIDE, 43)] == ["symbol", "last", "bid", "ask"]
    assert [placed.column.key for placed in fit(WIDE, 33)] == ["symbol", "last", "ask"]
    assert [placed.column.key for placed in fit(WIDE, 12)] == ["symbol", "last"]


def test_a_growing_column_takes_what_is_left_before_the_gaps_do():
    placed = fit((column("symbol", 7), column("spark", 10, most=20)), 60)
    assert [one.width for one in placed] == [7, 20]
    assert placed[1].x - placed[0].end == 3


@given(width=st.integers(1, 260))
def test_columns_never_overlap_and_what_fits_stays_inside(width):
    placed = fit(WIDE, width)
    assert all(right.x > left.end for left, right in pairwise(placed))
    if width >= 20:
        assert placed[-1].end <= width


def test_unknown_values_come_last_either_way():
    rows = [("a", 2.0), ("b", nan), ("c", 5.0), ("d", None)]
    assert [name for name, _ in ordered(rows, lambda row: row[1], descending=True)] == ["c", "a", "b", "d"]
    assert [name for name, _ in ordered(rows, lambda row: row[1], descending=False)] == ["a", "c", "b", "d"]
    assert ordered(rows, None, descending=True) == tuple(rows)


@given(row=st.integers(-5, 80), top=st.integers(-5, 80), count=st.integers(0, 60), height=st.integers(0, 40))
def test_the_cursor_is_always_on_a_row_in_sight(row, top, count, height):
    found = Cursor(row, top).within(count, height)
    assert 0 <= found.row <= max(count - 1, 0)
    if height and count:
        assert found.top <= found.row < found.top + height
        assert 0 <= found.top <= max(count - height, 0)


def test_blocks_go_where_the_column_is_shortest():
    def block(name: str, rows: int) -> Block:
        return Block(name, tuple(Fact.of("x", "y") for _ in range(rows)))

    columns = in_columns((block("a", 8), block("b", 2), block("c", 3), block("d", 1)), 2)
    assert [[one.title for one in column] for column in columns] == [["a"], ["b", "c", "d"]]
