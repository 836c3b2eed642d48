"""The list below the command line."""

from engine.domain.roots import make_security
from optix_tui.canvas import Canvas
from optix_tui.completion import complete
from optix_tui.theme import load_palette
from optix_tui.widgets.drop_down import WIDTH, height_of, paint_drop_down

PALETTE = load_palette("amber")
LISTED = {symbol: make_security(symbol) for symbol in ("SPY", "SPX", "W")}


def painted(text: str, choice: int = 0) -> tuple[list[str], list[int]]:
    completion = complete(text, LISTED)
    canvas = Canvas(WIDTH, height_of(completion), PALETTE.panel, PALETTE.text)
    rows = paint_drop_down(canvas, completion, choice, PALETTE)
    return [line.rstrip() for line in canvas.lines_of_text()], rows


def test_hits_are_numbered_below_the_heading_of_their_kind():
    lines, rows = painted("W")
    assert lines[0] == " FUNCTIONS"
    assert lines[1].startswith(" 1) W")
    assert " SECURITIES" in lines
    assert rows[0] == -1
    assert [place for place in rows if place >= 0] == list(range(len(rows) - rows.count(-1)))


def test_the_grammar_of_the_function_stands_at_the_foot():
    lines, _ = painted("OMON S")
    assert lines[-1].startswith(" OMON [expiry]")


def test_the_marked_hit_is_solid():
    completion = complete("O", LISTED)
    canvas = Canvas(WIDTH, height_of(completion), PALETTE.panel, PALETTE.text)
    paint_drop_down(canvas, completion, 1, PALETTE)
    assert (canvas.back[2] == PALETTE.text).all()
    assert (canvas.back[1] == PALETTE.panel).all()


def test_nothing_to_offer_needs_no_row():
    assert height_of(complete("", LISTED)) == 0
