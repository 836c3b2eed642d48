"""The last row: keys and the newest notice."""

import pytest

from optix_tui.canvas import Canvas
from optix_tui.notices import Notice
from optix_tui.theme import load_palette
from optix_tui.widgets.key_bar import KeyBarView, paint_key_bar

PALETTE = load_palette("amber")
HINTS = (("F1", "Help"), ("F2", "Chain"), ("[ ]", "Expiry"), ("Ctrl+Q", "Quit"))
NOTICE = Notice(text="the feed is late", level="warning", clock="14:32:07", times=3)


def row(view: KeyBarView, width: int = 120) -> str:
    canvas = Canvas(width, 1, PALETTE.head, PALETTE.text)
    paint_key_bar(canvas, view, PALETTE)
    assert canvas.strips()[0].cell_length == width
    return canvas.lines_of_text()[0]


def test_keys_stand_left_and_the_newest_notice_right():
    text = row(KeyBarView(hints=HINTS, notice=NOTICE))
    assert text.startswith(" F1  Help   F2  Chain ")
    assert text.rstrip().endswith("▲ the feed is late ×3 14:32:07")


def test_a_long_notice_is_cut_and_never_covers_a_key():
    text = row(KeyBarView(hints=HINTS, notice=Notice(text="x" * 300, clock="14:32:07")), 100)
    assert "…" in text
    assert " F1  Help" in text


@pytest.mark.parametrize("width", range(60, 140))
def test_no_key_eats_the_first_letter_of_a_notice(width):
    text = row(KeyBarView(hints=HINTS, notice=Notice(text="workspace MAIN saved", clock="14:32:07")), width)
    assert "  workspace MAIN" in text or (width < 70 and "14:32:07" not in text)


def test_while_a_second_key_is_awaited_it_says_what_may_follow():
    text = row(KeyBarView(hints=HINTS, notice=NOTICE, prefix=(("1", "MAIN"), ("R", "link R"))))
    assert text.startswith(" 1  MAIN   R  link R ")
    assert "feed" not in text


@pytest.mark.parametrize("width", [1, 10, 30, 60, 300])
def test_no_width_breaks_it(width):
    row(KeyBarView(hints=HINTS, notice=NOTICE), width)
