"""Rows that are sent to a terminal, back as cells."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from optix_tui.canvas import BOLD, CONTINUED, UNDERLINE, Canvas
from optix_tui.pictures.cells import frame_of

TEXT, GROUND = 0xFFB22E, 0x050505


def test_what_a_canvas_sends_comes_back_as_it_was():
    canvas = Canvas(12, 3, GROUND, TEXT)
    canvas.text(1, 0, "東京 IV", 0x00FF00, 0x112233, bold=True)
    canvas.text(2, 1, "σ", 0xFF0000, underline=True)
    canvas.polyline([0, 20], [8, 11], 0x0000FF)
    frame = canvas.finish()
    back = frame_of(frame.strips(), 12, text=TEXT, ground=GROUND)
    assert (back.glyph == frame.glyph).all()
    assert (back.back == frame.back).all()
    inked = (frame.glyph != ord(" ")) & (frame.glyph != CONTINUED)
    assert (back.fore == frame.fore)[inked].all()
    assert (back.attributes == frame.attributes)[inked].all()


def test_rows_are_cut_and_filled_to_the_width():
    frame = frame_of([Strip([Segment("abcdef")]), Strip([Segment("a")]), Strip([])], 3, text=TEXT, ground=GROUND)
    assert ["".join(map(chr, row)) for row in frame.glyph.tolist()] == ["abc", "a  ", "   "]
    assert (frame.fore == TEXT).all()
    assert (frame.back == GROUND).all()


def test_a_style_without_colours_keeps_the_usual_ones_and_reverse_swaps_them():
    row = Strip([Segment("a", Style(bold=True)), Segment("b", Style(reverse=True, underline=True)), Segment("c", Style(color="red"))])
    frame = frame_of([row], 3, text=TEXT, ground=GROUND)
    assert frame.fore[0, :2].tolist() == [TEXT, GROUND]
    assert frame.back[0].tolist() == [GROUND, TEXT, GROUND]
    assert frame.attributes[0].tolist() == [BOLD, UNDERLINE, 0]
    assert frame.fore[0, 2] not in {TEXT, GROUND}


def test_what_takes_no_cell_is_dropped():
    frame = frame_of([Strip([Segment("e\u0301\u200bx"), Segment("", None, [(1,)])])], 2, text=TEXT, ground=GROUND)
    assert "".join(map(chr, frame.glyph[0].tolist())) == "ex"
