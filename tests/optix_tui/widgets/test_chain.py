"""Rows of a long live list: only what is seen and changed is painted."""

from textual.strip import Strip

from optix_tui.theme import load_palette
from optix_tui.widgets.chain import MOST_PER_BEAT, Rows, thumb, with_scroll_cell


class Painter:
    def __init__(self):
        self.painted: list[int] = []

    def __call__(self, lines):
        self.painted = list(lines)
        return [Strip.blank(4) for _ in lines]


def rows(count: int = 1000, height: int = 10) -> Rows[int]:
    made: Rows[int] = Rows()
    made.lines, made.height = list(range(count)), height
    return made


def distance(line: int) -> float:
    return abs(line - 50)


def test_only_what_can_be_seen_is_painted_and_only_once():
    of, painter = rows(), Painter()
    of.scroll_to(100)
    of.paint(painter, distance)
    assert painter.painted == list(range(100, 110))
    painter.painted = []
    of.paint(painter, distance)
    assert painter.painted == []


def test_a_changed_line_is_painted_again_an_unseen_one_is_not():
    of, painter = rows(), Painter()
    of.paint(painter, distance)
    of.change({3, 500})
    assert of.has_work
    of.paint(painter, distance)
    assert painter.painted == [3]
    assert not of.has_work


def test_a_beat_paints_the_most_important_and_leaves_the_rest_to_the_next():
    of, painter = rows(height=400), Painter()
    of.paint(painter, distance)
    assert len(painter.painted) == 400, "what was never painted cannot wait"
    of.change(set(range(400)))
    of.paint(painter, distance)
    assert len(painter.painted) == MOST_PER_BEAT
    assert max(distance(line) for line in painter.painted) <= MOST_PER_BEAT / 2 + 50
    assert 50 in painter.painted
    assert of.has_work


def test_scrolling_stays_within_what_there_is():
    of = rows(20, 10)
    of.scroll_to(-5)
    assert of.top == 0
    of.scroll_to(99)
    assert of.top == 10
    of.show(0)
    assert of.top == 0
    of.show(19)
    assert of.top == 10


def test_a_heading_is_pinned_in_the_place_of_the_first_row():
    of: Rows[int] = Rows(pin=lambda line: -(line // 10) - 1)
    of.lines, of.height = list(range(100)), 4
    of.scroll_to(25)
    assert list(of.visible) == [-3, 26, 27, 28]


def test_what_scrolled_away_is_forgotten_in_time():
    of, painter = rows(100_000, 50), Painter()
    for top in range(0, 50_000, 50):
        of.scroll_to(top)
        of.paint(painter, distance)
    assert len(of._painted) == 50
    of.change({3})
    of.scroll_to(0)
    of.paint(painter, distance)
    assert 3 in painter.painted, "it changed while nobody saw it"


def test_the_thumb_is_where_the_window_is():
    assert thumb(0, 10, 5) == range(0)
    assert thumb(0, 10, 100).start == 0
    assert thumb(90, 10, 100).stop == 10
    assert thumb(0, 0, 10) == range(0)


def test_the_scroll_bar_is_the_rows_last_cell():
    strip = with_scroll_cell(Strip.blank(9), load_palette("amber"), on_thumb=True)
    assert (strip.cell_length, strip.text[-1]) == (10, "▐")
